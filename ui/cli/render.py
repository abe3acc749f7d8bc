"""The verbs ``render`` and ``pick``: one picture off screen, and what is seen at one of its pixels.

Both draw the very same view, so a pixel of the file that ``render`` wrote can be handed to ``pick``.
"""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from PIL import Image

from twin.capping import areas
from twin.errors import NotReadable, UsageError
from twin.explaining import credits_of
from twin.geometry import F64, U8, triangle_count
from twin.messages import catalogue
from twin.picking import Hit
from twin.scene import Twin
from twin.session import Session
from twin.streaming import Frame, lifted
from twin.tiles import View
from ui.cli.credit_line import undrawable, with_credits
from ui.cli.loading import opened
from ui.cli.looking import OWN, By, Size, Sse
from ui.cli.objects import document
from ui.cli.opening import RULES, SOURCE, TIME, AsJson, Opening, Paths, opening_options
from ui.cli.printing import Dpi, Legend, Page, Poster, write_page
from ui.cli.sections import Named, Planes, cut
from ui.cli.sunlit import Shone, shone
from ui.viewport.camera import STANDARD, Pose, fit_points, pose_of, standard
from ui.viewport.canvas import Canvas, finished
from ui.viewport.extent import outermost_points
from ui.viewport.look import Look, look_of

LARGEST_SIDE = 16_384


@dataclass(frozen=True, slots=True)
class Choice:
    """What the options say about opening and looking."""

    view: str = "iso"
    size: str = "1280x720"
    color_by: str = "freshness"
    sse: float = 16.0
    opening: Opening = field(default_factory=Opening)
    section: str = ""
    planes: Sequence[str] = ()
    sun: str = ""
    page: Page = field(default_factory=Page)


Out = Annotated[
    Path, typer.Option("--out", help="The picture to write: PNG, JPEG or PDF by its ending.")
]
Where = Annotated[
    str, typer.Option("--view", help="iso, top, north, south, east, west or a CAMERA.json.")
]
Pixel = Annotated[str, typer.Option(help="X,Y from the top left.")]


@opening_options(*TIME, *RULES, *SOURCE, "drape")
def render(  # noqa: PLR0913  the options of a verb
    paths: Paths,
    out: Out,
    opening: Opening,
    size: Size = "1280x720",
    view: Where = "iso",
    color_by: By = "freshness",
    sse: Sse = 16.0,
    section: Named = "",
    section_plane: Planes = None,
    sun: Shone = "",
    legend: Legend = False,
    poster: Poster = "",
    dpi: Dpi = 96.0,
    as_json: AsJson = False,
) -> None:
    """Draw a picture off screen; it waits until the selected tiles are in."""
    page, planes = Page(legend, poster, dpi), section_plane or ()
    choice = Choice(view, size, color_by, sse, opening, section, planes, sun, page)
    told = write_picture(paths, out, choice)
    print(json.dumps(told) if as_json else f"{told['out']}  {told['size'][0]} x {told['size'][1]}")


@opening_options(*TIME, *RULES, *SOURCE)
def pick(  # noqa: PLR0913  the options of a verb
    paths: Paths,
    pixel: Pixel,
    opening: Opening,
    size: Size = "1280x720",
    view: Where = "iso",
    color_by: By = "freshness",
    sse: Sse = 16.0,
    section: Named = "",
    section_plane: Planes = None,
    as_json: AsJson = False,
) -> None:
    """Tell the object seen at a pixel of the picture that ``render`` makes."""
    choice = Choice(view, size, color_by, sse, opening, section, section_plane or ())
    told = seen_at(paths, pixel, choice)
    thing = told["object"]
    print(json.dumps(told) if as_json else "-" if thing is None else thing["id"])


def write_picture(paths: Sequence[str], out: Path, choice: Choice) -> dict[str, Any]:
    """Open, wait, draw, write; return what ``--json`` prints. Raises TwinError."""
    started = time.perf_counter()
    session = _opened(paths, choice)
    try:
        open_done = time.perf_counter()
        camera, frame = settled(session, choice)
        stream_done = time.perf_counter()
        credited = credits_of(session.twin.layers, frame)
        look = look_of(session.settings, sun=shone(session, choice.sun))
        seen = partial(settled, session, choice)
        if choice.page.wanted(out, camera.size):
            camera, frame = write_page(session, choice.page, camera.size, look, seen, out)
        else:
            _write_piece(session, (camera, frame), look, out)
    finally:
        session.close()
    tiles = [tile for part in frame.layers.values() for tile in part.tiles.values()]
    triangles = sum(triangle_count(tile.drawables) for tile in tiles)
    return {
        "out": str(out),
        "size": list(_size(choice.size)),
        "tiles_selected": frame.wanted,
        "tiles_resident": frame.drawn,
        "triangles": triangles,
        "tiles_failed": frame.failed,
        "complete": frame.complete,
        "cut": _cut_figures(frame),
        "credits": list(credited),
        "sse_used": round(frame.sse_used, 2),
        "resident_bytes": frame.resident_bytes,
        "seconds": {
            "open": round(open_done - started, 3),
            "stream": round(stream_done - open_done, 3),
            "draw": round(time.perf_counter() - stream_done, 3),
        },
    }


def _write_piece(session: Session, seen: tuple[View, Frame], look: Look, out: Path) -> None:
    camera, frame = seen
    canvas = Canvas(look)
    try:
        picture = finished(canvas, frame, camera)
        credited = credits_of(session.twin.layers, frame)
        _save(_credited(session, picture, credited), out)
    finally:
        canvas.close()


def _cut_figures(frame: Frame) -> dict[str, Any]:
    area, objects, open_ = areas(frame.caps)
    planes = len(frame.planes)
    return {"planes": planes, "objects": objects, "open": open_, "area_m2": round(area, 3)}


def draw_session(session: Session, out: Path, choice: Choice | None = None) -> None:
    """Write the picture of a session that has everything open already. Raises TwinError."""
    _write_piece(session, settled(session, choice or Choice()), look_of(session.settings), out)


def seen_at(paths: Sequence[str], pixel: str, choice: Choice) -> dict[str, Any]:
    """Open, wait, pick; return what ``--json`` prints. Raises TwinError."""
    session = _opened(paths, choice)
    try:
        x, y = _pixel(pixel, _size(choice.size))
        camera, _ = settled(session, choice)
        hit = session.pick(camera, x + 0.5, y + 0.5)
        if hit is None or hit.row < 0:
            return {"object": None}
        return _told(session, hit)
    finally:
        session.close()


def _opened(paths: Sequence[str], choice: Choice) -> Session:
    """Return a session with everything open that can be opened, coloured as wished."""
    session = opened(paths, choice.opening, index=False)
    session.run("view.color_by", column=OWN.get(choice.color_by, choice.color_by))
    cut(session, choice.section, choice.planes)
    return session


def settled(
    session: Session, choice: Choice, size: tuple[int, int] | None = None
) -> tuple[View, Frame]:
    """Return the camera and its complete frame, of another ``size`` than the choice's when one is given.

    A standard view is fitted twice: round the boxes of the layers, then exactly round what is there.
    """
    size = size or _size(choice.size)
    if choice.view not in STANDARD:
        camera = _camera_file(Path(choice.view)).view(size)
        return camera, session.settle(camera, choice.sse)
    pose = standard(choice.view, _whole(session.twin), size)
    frame = session.settle(pose.view(size), choice.sse)
    camera = fit_points(pose, outermost_points(frame), size).view(size)
    return camera, session.settle(camera, choice.sse)


def _whole(twin: Twin) -> F64:
    """Return the box f64(6) of everything opened: objects known, else the trees."""
    boxes = [
        lifted(layer.tree.boxes()[0], layer.display.height_offset)
        if layer.provisional and len(layer.tree)
        else layer.bounds
        for layer in twin.layers.values()
    ]
    stack = np.stack([box for box in boxes if np.isfinite(box).all()] or [np.zeros(6)])
    return np.concatenate([stack[:, :3].min(axis=0), stack[:, 3:].max(axis=0)])


def _camera_file(path: Path) -> Pose:
    if path.suffix.lower() != ".json":
        known = ", ".join(STANDARD)
        raise UsageError(reason=f"--view {str(path)!r} is none of {known}, nor a .json file")
    try:
        said = json.loads(path.read_text("utf-8"))
        eye, target = (np.array(said[name], np.float64) for name in ("eye", "target"))
        fov = float(said.get("fov", 45.0))
    except OSError as error:
        raise NotReadable(location=str(path), reason=error.strerror or "not readable") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            reason=f"{path}: a camera needs eye [x, y, z] and target [x, y, z]"
        ) from error
    sound = eye.shape == target.shape == (3,) and np.isfinite([*eye, *target, fov]).all()
    if not sound or not 1 <= fov <= 170:
        raise UsageError(reason=f"{path}: eye and target are three finite numbers, fov 1 to 170")
    return pose_of(eye, target, fov)


def _size(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) == 2 and all(part.isdecimal() for part in parts):
        width, height = int(parts[0]), int(parts[1])
        if 1 <= width <= LARGEST_SIDE and 1 <= height <= LARGEST_SIDE:
            return width, height
    raise UsageError(reason=f"--size {text!r}: write WIDTHxHEIGHT, 1 to {LARGEST_SIDE} pixels")


def _pixel(text: str, size: tuple[int, int]) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(reason=f"--pixel {text!r}: write X,Y") from error
    if not (0 <= x < size[0] and 0 <= y < size[1]):
        raise UsageError(reason=f"--pixel {text}: the picture is {size[0]} x {size[1]}")
    return x, y


def _credited(session: Session, picture: U8, credited: Sequence[str]) -> U8:
    """Return the picture with its credit line; say on stderr which characters no font could draw."""
    missing = undrawable(credited)
    if missing:
        words = catalogue(session.settings.language)
        print(words.text("report.credits_undrawn", characters=missing), file=sys.stderr)
    return with_credits(picture, credited)


def _save(picture: Any, out: Path) -> None:
    try:
        Image.fromarray(np.ascontiguousarray(picture[..., :3])).save(out, "PNG", compress_level=3)
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise NotReadable(location=str(out), reason=reason) from error


def _told(session: Session, hit: Hit) -> dict[str, Any]:
    thing = session.twin.object(hit.layer, hit.row)
    return {
        "object": document(thing, []),
        "world": [round(float(v), 3) for v in hit.world],
        "crs": session.twin.crs,
    }
