"""File > Tiles for offline: asks which, and fetches them in the background with progress and Cancel."""

from functools import partial

import numpy as np

from twin.errors import Cancelled
from twin.geometry import F64
from twin.jobs import Feedback, Outcome
from twin.scene import Layer
from twin.tile_packs import Packed, packed
from ui.city_view import CityView
from ui.desk import Desk
from ui.panels.pack_dialog import Box, PackDialog, Wanted
from ui.viewport.camera import ground_point

EDGE = (0.0, 0.5, 1.0)
MARGIN = 1e-5
"""Degrees round an area, about a metre."""


def ask_pack(desk: Desk, view: CityView, layer: str = "") -> None:
    """Ask for a pack of tiles and begin to fetch it."""
    chosen = desk.session.twin.layers.get(layer)
    dialog = PackDialog(desk, view.widget(), address_of(desk, chosen), areas_of(desk, view, layer))
    if not dialog.exec():
        return
    wanted = dialog.wanted()
    if wanted is not None:
        begin(desk, wanted)


def begin(desk: Desk, wanted: Wanted) -> None:
    """Fetch a pack in the background; the status bar shows how far it is and cancels it."""
    title = desk.say("pack.working", count=desk.words.count(wanted.area.count))
    desk.session.jobs.submit(partial(_packed, wanted), partial(_made, desk, wanted), title=title)


def address_of(desk: Desk, layer: Layer | None) -> str:
    """Return the imagery of a layer, else the first that is open."""
    layers = [layer] if layer is not None else list(desk.session.twin.layers.values())
    for one in layers:
        if one.source.drape:
            return one.source.drape
        if "{x}" in one.source.path:
            return one.source.path
    return ""


def areas_of(desk: Desk, view: CityView, layer: str) -> dict[str, Box]:
    """Return what may be packed: what is seen and the layers, the one asked for first."""
    found: dict[str, Box] = {}
    layers = desk.session.twin.layers
    chosen = [layers[layer]] if layer in layers else []
    others = [one for one in layers.values() if one.id != layer]
    for one in chosen:
        _add(desk, found, one.title, _corners(one.bounds))
    _add(desk, found, desk.say("pack.view"), seen_ground(view))
    for one in others:
        _add(desk, found, one.title, _corners(one.bounds))
    return found


def seen_ground(view: CityView) -> F64:
    """Return places f64(9, 3) on the ground that is seen, far ones drawn near."""
    canvas = view.canvas
    camera = canvas.view
    level = canvas.navigator.ground or 0.0
    reach = max(canvas.navigator.pose.focus * 3, 50.0)
    wide, high = camera.size
    return np.array(
        [ground_point(camera, u * wide, v * high, level, reach) for u in EDGE for v in EDGE]
    )


def _corners(box: F64) -> F64:
    x, y = np.meshgrid(box[[0, 3]], box[[1, 4]])
    return np.stack([x.ravel(), y.ravel(), np.full(4, (box[2] + box[5]) / 2)], axis=1)


def _add(desk: Desk, found: dict[str, Box], title: str, points: F64) -> None:
    """Add an area by its points in the project frame, where they lie on Earth."""
    if not np.isfinite(points).all():
        return
    degrees = desk.session.lonlat(points)
    if degrees is None or not np.isfinite(degrees).all():
        return
    low, high = degrees[:, :2].min(axis=0) - MARGIN, degrees[:, :2].max(axis=0) + MARGIN
    found[title] = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _packed(wanted: Wanted, feedback: Feedback) -> Packed:
    return packed(wanted.imagery, wanted.area, wanted.folder, feedback, wanted.datum)


def _made(desk: Desk, wanted: Wanted, outcome: Outcome) -> None:
    words = desk.words
    if isinstance(outcome.error, Cancelled):
        desk.tell(desk.say("pack.stopped", path=str(wanted.folder)), "info")
        return
    if outcome.error is not None:
        desk.tell(desk.error_text(outcome.error), "error")
        return
    done: Packed = outcome.value
    told = words.catalogue.text(
        "pack.done", path=str(wanted.folder), fetched=words.count(done.fetched), mb=words.metres(done.octets / 1e6, 1),
        kept=words.count(done.kept), missing=words.count(done.missing),
    )  # fmt: skip
    desk.tell(told, "info")
