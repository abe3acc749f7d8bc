"""What is done about where a layer stands: placed by numbers, laid on a footprint, exported."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QFileDialog

from twin.aligning import Motion, placement_after
from twin.commands.placing import words_of
from twin.errors import TwinError, UsageError
from twin.exporting import EXPORTERS, export_placed
from twin.geometry import F64, Rows
from twin.georeference import Placed
from twin.jobs import Lane, Outcome
from twin.measuring.bodies import triangles_of
from twin.outlines import Fit, fit_best, rings_of
from twin.records import Placement
from twin.scene import Layer, LayerId
from twin.shown import with_parts
from twin.siting import middle_of, nearest_units
from twin.standing import heights_of, standing
from ui.city_view import CityView
from ui.desk import Desk

Rings = tuple[F64, ...]
AROUND = 120
"""Nearest objects whose outlines stand in the plan."""
TRIED = 6
"""Nearest objects whose footprints are tried when none is selected."""


class PlacingHandlers:
    """The functions behind the actions of a placement; each takes the layer's id."""

    def __init__(self, desk: Desk, view: CityView, show_page: Callable[[], None]) -> None:
        self.desk, self.view, self.show_page = desk, view, show_page

    def table(self) -> dict[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "layers.placement": self.page,
            "layers.place_as": self._place_as,
            "layers.fit_footprint": self.fit,
            "layers.export_placed": self.export,
            "layers.rings": self.rings,
        }

    def page(self, layer: LayerId = "") -> None:
        """Show where a layer stands."""
        if layer:
            self.desk.layer = layer
        self.show_page()

    def _place_as(self, layer: LayerId, placement: Placement) -> None:
        self.place(layer, placement)

    def place(self, layer: LayerId, placement: Placement) -> bool:
        """Let a layer stand at a placement; return whether it does."""
        return self.desk.run("layers.place", layer=layer, **words_of(placement))

    def rings(self, layer: LayerId, tell: Callable[[Rings, Rings], None]) -> None:
        """Tell the borders of a model and of what stands around it, once a worker has drawn them."""
        session, frame = self.desk.session, self.view.frame()
        found = session.twin.layer(layer)
        if layer not in frame.layers or not np.isfinite(found.bounds).all():
            return
        others = [
            x for x in session.twin.layers.values() if x.id != layer and x.id in frame.layers
        ]
        near = nearest_units(found.bounds, others, AROUND, alike=1e3)
        seen = [(frame.layers[layer], np.arange(len(found.features), dtype=np.int32))]
        for key, row in near:
            table = session.twin.layer(key).features
            seen.append((frame.layers[key], with_parts(table, np.array([row], np.int32))))

        def done(outcome: Outcome) -> None:
            if outcome.error is None:
                model, *rest = outcome.value
                tell(model, tuple(ring for some in rest for ring in some))

        work = partial(rings_of, seen)
        session.jobs.submit(work, done, Lane.THREAD, title=found.title, quiet=True)

    # -- on a footprint -----------------------------------------------------------------------

    def fit(self, layer: LayerId) -> None:
        """Lay a model onto the footprint of the selected object, else onto the best of the nearest."""
        try:
            model, targets = self._bodies(self.desk.session.twin.layer(layer))
        except UsageError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        work = partial(fit_best, model, tuple(body for _, body in targets))
        done = partial(self._fitted, layer, [title for title, _ in targets])
        self.desk.session.jobs.submit(
            work, done, Lane.THREAD, title=self.desk.say("placement.fit")
        )

    def _bodies(self, layer: Layer) -> tuple[F64, list[tuple[str, F64]]]:
        """Return the triangles of a model and of what it may stand on. Raises UsageError."""
        frame, session = self.view.frame(), self.desk.session
        part = frame.layers.get(layer.id)
        rows = session.selected.get(layer.id, np.arange(len(layer.features), dtype=np.int32))
        rows = rows if len(rows) else np.arange(len(layer.features), dtype=np.int32)
        model = triangles_of(part, rows) if part is not None else np.zeros((0, 3, 3))
        if not len(model):
            raise UsageError(reason=self.desk.say("placement.unseen"))
        found = []
        for key, row in self._targets(layer):
            other = session.twin.layer(key)
            parts = with_parts(other.features, np.array([row], np.int32))
            shown = frame.layers.get(key)
            body = triangles_of(shown, parts) if shown is not None else np.zeros((0, 3, 3))
            if len(body):
                found.append((self.desk.title(session.twin.object(key, row)), body))
        if not found:
            raise UsageError(reason=self.desk.say("placement.no_footprint"))
        return model, found

    def _targets(self, layer: Layer) -> list[tuple[LayerId, int]]:
        """Return the selected objects of other layers, else the nearest ones of a like size."""
        session = self.desk.session
        selected: Mapping[LayerId, Rows] = session.selected
        found = [
            (key, int(row)) for key, rows in selected.items() if key != layer.id for row in rows
        ]
        if found:
            return found[:TRIED]
        others = [x for x in session.twin.layers.values() if x.id != layer.id and x.visible]
        return nearest_units(layer.bounds, others, TRIED)

    def _fitted(self, layer: LayerId, titles: list[str], outcome: Outcome) -> None:
        if outcome.error is not None:
            self.desk.tell(self.desk.error_text(outcome.error), "error")
            return
        number, found = outcome.value
        self.settle(layer, found.motion, self._fit_title(titles[number], found))

    def _fit_title(self, title: str, found: Fit) -> str:
        share, rms = f"{found.iou:.0%}", f"{found.rms:.2f} m"
        return self.desk.say("placement.fitted", title=title, iou=share, rms=rms)

    def settle(self, layer: LayerId, motion: Motion, title: str) -> bool:
        """Let a layer stand where a motion brings it from where it stands now; return whether it does."""
        session = self.desk.session
        source = session.screen.streams[layer].source
        try:
            if session.project is None or not isinstance(source, Placed):
                raise UsageError(reason=self.desk.say("placement.no_project"))
            move = source.georeference.move
            middle = middle_of(session.twin.layer(layer).about)
            place = placement_after(move, middle, motion, session.project.crs, title)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return False
        done = self.place(layer, place)
        if done:
            self.desk.tell(title, "undo")
        return done

    # -- a copy -------------------------------------------------------------------------------

    def export(self, layer: LayerId) -> None:
        """Ask where and write a copy of the file that stands there by itself."""
        desk = self.desk
        found = desk.session.twin.layer(layer)
        placement, exporter = standing(found), EXPORTERS.get(found.about.format)
        if placement is None or not placement.crs or exporter is None:
            desk.tell(desk.say("placement.no_export"), "error")
            return
        path = Path(found.source.path)
        proposal = str(path.with_name(f"{path.stem}-placed.{exporter.suffix}"))
        kinds = f"{exporter.suffix.upper()} (*.{exporter.suffix})"
        title = desk.say("placement.export")
        target, _ = QFileDialog.getSaveFileName(self.view.widget(), title, proposal, kinds)
        if target:
            self.write(found, placement, target)

    def write(self, layer: Layer, placement: Placement, target: str) -> None:
        """Write the copy in a worker and tell when it is there."""
        placed = (placement, heights_of(layer, self.desk.session.project))
        path = layer.source.path
        work = partial(export_placed, layer.about.format, path, target, placed)
        done = partial(self._written, target)
        self.desk.session.jobs.submit(work, done, Lane.PROCESS, title=Path(target).name)

    def _written(self, target: str, outcome: Outcome) -> None:
        if outcome.error is not None:
            self.desk.tell(self.desk.error_text(outcome.error), "error")
            return
        self.desk.tell(self.desk.say("saved_to", path=target), "info")
