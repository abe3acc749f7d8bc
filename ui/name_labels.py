"""Names of objects over the picture, on plates: the large and near ones first, none over another."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from twin.features import absent
from twin.geometry import F64
from twin.scene import Layer
from ui.city_view import CityView
from ui.desk import Desk
from ui.setting_changes import set_setting
from ui.theme import font
from ui.viewport.overlays import paint_plate, projected
from ui.viewport.seen import Seen

MOST = 150
"""Names that are shown at once."""
TRIED = 900
"""Names that are tried, the most telling first."""
SMALLEST = 9.0
"""Logical pixels that an object must seem to be large to have its name shown."""
WIDEST = 170.0
TALL, LIFT, GAP = 20.0, 7.0, 4.0
OWN_SHARE, OWN_LEAST = 0.6, 2.0
"""How much nearer than the top of an object something must be to hide its name: share of its size, metres."""
STAYS = 1.6
"""How many times its weight a name has that is shown already: names do not flicker while the camera moves."""


def spread_plates(
    at: F64, wide: F64, area: QRectF, taken: Sequence[QRectF], most: int = MOST
) -> list[tuple[int, QRectF]]:
    """Return which plates are shown, and where: those first in the list first, none over another or over ``taken``.

    ``at`` f64(n, 2) are the points named, ``wide`` f64(n) the widths of plates.
    """
    boxes: F64 = np.array([[x.left(), x.top(), x.right(), x.bottom()] for x in taken]).reshape(
        -1, 4
    )
    boxes = np.concatenate([boxes, np.zeros((most, 4))])
    count, found = len(taken), list[tuple[int, QRectF]]()
    for i in range(len(at)):
        left, top = at[i, 0] - wide[i] / 2, at[i, 1] - LIFT - TALL
        plate = QRectF(left, top, wide[i], TALL)
        if not area.contains(plate):
            continue
        held = boxes[:count]
        apart = (
            (held[:, 2] + GAP < left)
            | (held[:, 0] - GAP > left + wide[i])
            | (held[:, 3] + GAP < top)
            | (held[:, 1] - GAP > top + TALL)
        )
        if apart.all():
            boxes[count] = left, top, left + wide[i], top + TALL
            count += 1
            found.append((i, plate))
            if len(found) == most:
                break
    return found


class NameLabels:
    """Paints the names while the setting ``labels`` is on."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.shown: frozenset[str] = frozenset()
        """The names in the last picture."""
        self._known: tuple[object, ...] = ()
        self._names: NDArray[Any] = np.zeros(0, object)
        self._tops: F64 = np.zeros((0, 3))
        self._sizes: F64 = np.zeros(0)
        self._hidden: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._judged: Seen | None = None
        view.canvas.paintings.append(self.paint)

    def toggle(self) -> None:
        """Show or hide the names."""
        set_setting(self.desk, "labels", not self.desk.session.settings.labels)
        self._known = ()
        if self.desk.session.settings.labels:
            self._read()
            if not len(self._names):
                self.desk.tell(self.desk.say("labels.none"), "info")
        self.view.canvas.update()

    def _read(self) -> None:
        """Gather the names of what is shown, again where something changed."""
        session = self.desk.session
        layers = [x for x in session.twin.layers.values() if x.visible]
        column = session.settings.label_column or "name"
        known = (
            column, session.filter, session.as_of, session.known_at,
            *((x.id, id(x.features), id(x.hidden), x.display.height_offset) for x in layers),
        )  # fmt: skip
        if known == self._known:
            return
        self._known = known
        parts = [self._of(layer, column) for layer in layers]
        self._names = np.concatenate([np.zeros(0, object), *(part[0] for part in parts)])
        boxes = np.concatenate([np.zeros((0, 6)), *(part[1] for part in parts)])
        self._tops = np.column_stack([(boxes[:, :2] + boxes[:, 3:5]) / 2, boxes[:, 5]])
        self._sizes = np.linalg.norm(boxes[:, 3:] - boxes[:, :3], axis=1)
        self._hidden, self._judged = np.zeros(len(boxes), np.bool_), None

    def _of(self, layer: Layer, column: str) -> tuple[NDArray[Any], F64]:
        values = layer.features.get(column)
        if values is None or values.dtype.kind != "T":
            return np.zeros(0, object), np.zeros((0, 6))
        rows = np.flatnonzero(~absent(values) & self.desk.session.passing(layer.id))
        boxes = layer.boxes(rows.astype(np.int32))
        sound = np.isfinite(boxes).all(axis=1)
        names = np.array([str(values[row]).strip() for row in rows[sound]], object)
        told = np.array([bool(name) for name in names], np.bool_)
        return names[told], boxes[sound][told]

    def _judge(self) -> None:
        """Find which names stand behind something nearer, once for each picture at rest.

        While the view moves what was found stays, so that no name flickers.
        """
        seen = self.view.canvas.seen
        if seen is None or seen is self._judged:
            return
        self._judged = seen
        places = projected(seen.view, self._tops)
        # an object does not hide its own name
        own = np.maximum(OWN_SHARE * self._sizes, OWN_LEAST)
        self._hidden = (places[:, 2] > 0) & (seen.depths(places[:, :2]) + own < places[:, 2])

    def paint(self, painter: QPainter) -> None:
        """Paint the names over the picture."""
        canvas = self.view.canvas
        wanted = self.desk.session.settings.labels
        if canvas.keep_depth != wanted:
            canvas.keep_depth = wanted
            canvas.mark_dirty()
        if not wanted:
            return
        self._read()
        if not len(self._names):
            return
        self._judge()
        view, area = canvas.view, QRectF(canvas.rect())
        places = projected(view, self._tops) / np.array([canvas.ratio, canvas.ratio, 1.0])
        focal = area.height() / 2 / np.tan(np.radians(view.fov_y) / 2)
        seems = self._sizes * focal / np.maximum(places[:, 2], 1e-3)
        held = (places[:, 2] > 0) & (seems >= SMALLEST) & ~self._hidden
        held &= (places[:, 0] > 0) & (places[:, 0] < area.width())
        held &= (places[:, 1] > 0) & (places[:, 1] < area.height())
        there = np.flatnonzero(held)
        weight = seems[there] * np.array(
            [STAYS if self._names[i] in self.shown else 1.0 for i in there]
        )
        there = there[np.argsort(-weight, kind="stable")[:TRIED]]
        self._paint_chosen(painter, area, there, places)

    def _paint_chosen(
        self, painter: QPainter, area: QRectF, there: NDArray[np.intp], places: F64
    ) -> None:
        painter.setFont(font(11))
        measure = QFontMetricsF(painter.font())
        elide = Qt.TextElideMode.ElideRight
        texts = [measure.elidedText(str(self._names[i]), elide, WIDEST) for i in there]
        wide = np.array([measure.horizontalAdvance(text) + 14.0 for text in texts])
        canvas, theme = self.view.canvas, self.desk.theme
        taken = [*canvas.plates, canvas.compass()]
        chosen = spread_plates(places[there, :2], wide, area, taken)
        self.shown = frozenset(str(self._names[there[i]]) for i, _ in chosen)
        for i, plate in reversed(chosen):
            foot = QPointF(float(places[there[i], 0]), float(places[there[i], 1]))
            painter.setPen(QPen(QColor(theme.line2), 1.2))
            painter.drawLine(QPointF(foot.x(), plate.bottom()), foot)
            paint_plate(painter, plate, theme)
            painter.setPen(QColor(theme.t1))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, texts[i])


def label_table(desk: Desk, _shell: object, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of names by action name."""
    return {"view.labels": NameLabels(desk, view).toggle}
