"""The tool Place: a model is dragged over the ground and turned, or brought onto points by pairs.

Dragging moves it level, Shift turns it about its middle, Ctrl draws the point in hand to corners of
what stands around. Nothing opens anew while it moves: its actors are moved, and one edit is made when
it is let go.
"""

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QWidget

from twin.aligning import STILL, Match, Motion, about, match_pairs
from twin.comparing import named
from twin.errors import TwinError
from twin.geometry import F64
from twin.picking import ray_of
from twin.scene import Aspect, LayerId
from twin.snapping import RADIUS, Snapper
from twin.streaming import Frame
from ui.city_view import CityView
from ui.desk import Desk, Panel
from ui.panels.parts import ElidedBox, label, segments
from ui.placing_handlers import PlacingHandlers
from ui.theme import font
from ui.viewport.overlays import projected
from ui.viewport.tools import Held

WAYS = ("drag", "pairs")
MOST_PAIRS = 3
LIFTED = 1e-3
"""Metres or radians below which nothing moved."""


@dataclass(frozen=True, slots=True)
class Grip:
    """What was taken hold of: a point f64(3) of the model, its middle, and whether it is being turned."""

    point: F64
    middle: F64


class PlaceOptions(Panel):
    """Which layer, by dragging or by pairs, and the buttons of the pairs."""

    watches = frozenset({Aspect.LAYERS})

    def __init__(self, tool: "PlaceTool", desk: Desk) -> None:
        super().__init__(desk)
        self.tool = tool
        self.setObjectName("options")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.layers = ElidedBox(desk, desk.say("place.layer"), 140)
        self.layers.activated.connect(lambda _: tool.clear())
        row.addWidget(self.layers)
        ways = QHBoxLayout()
        ways.setSpacing(0)
        words = [(way, desk.say(f"place.{way}")) for way in WAYS]
        for button in segments(words, WAYS[0], tool.choose_way):
            ways.addWidget(button)
        row.addLayout(ways)
        self.scaled = QCheckBox(desk.say("place.scaled"))
        self.scaled.setToolTip(desk.say("place.scaled_tip"))
        self.scaled.toggled.connect(lambda _: tool.repaint())
        self.apply = QPushButton(desk.say("place.apply"))
        self.apply.setProperty("primary", True)
        self.apply.clicked.connect(tool.apply)
        row.addWidget(self.scaled)
        row.addWidget(self.apply)
        self.told = label(desk.say("place.drag_tip"), "t2", 11)
        row.addWidget(self.told)
        self.refresh(self.watches)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Offer the layers there are; a layer that came anew stands where it stands."""
        layers = self.desk.session.twin.layers
        if [self.layers.itemData(i) for i in range(self.layers.count())] != list(layers):
            kept = self.layers.currentData()
            self.layers.clear()
            for key, layer in layers.items():
                self.layers.addItem(named(layer, layers.values()), key)
            self.choose(kept or self.desk.layer)
        self.tool.forget()

    def choose(self, key: LayerId) -> None:
        """Choose a layer; one that is not there leaves the choice as it is."""
        place = self.layers.findData(key)
        if place >= 0:
            self.layers.setCurrentIndex(place)


class PlaceTool:
    """Moves one layer of the view while it is in hand."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.hands = PlacingHandlers(desk, view, lambda: None)
        self.snapper = Snapper()
        self.way = WAYS[0]
        self.grip: Grip | None = None
        self.motion = STILL
        self.pairs: list[tuple[F64, F64]] = []
        self.begun: F64 | None = None
        self.over: F64 | None = None
        self.panel: PlaceOptions | None = None

    # -- what the tool bar asks -------------------------------------------------------------------

    def options(self) -> QWidget:
        """Return what stands in the tool bar."""
        if self.panel is None:
            self.panel = PlaceOptions(self, self.desk)
        return self.panel

    def start(self) -> None:
        """Take the layer whose page is shown."""
        if self.panel is not None:
            self.panel.choose(self.desk.layer)
            self.choose_way(self.way)
        self.clear()

    def stop(self) -> None:
        """Let go; what was not applied is forgotten."""
        self.clear()
        self.view.canvas.setCursor(Qt.CursorShape.ArrowCursor)

    def choose_way(self, way: str) -> None:
        """Drag, or pick pairs of points."""
        self.way = way
        self.clear()
        if self.panel is not None:
            for part in (self.panel.scaled, self.panel.apply):
                part.setVisible(way == "pairs")
            self.panel.told.setText(self.desk.say(f"place.{way}_tip"))

    @property
    def layer(self) -> LayerId:
        """Return the layer that is placed ('' = none)."""
        found = self.panel.layers.currentData() if self.panel is not None else ""
        return found if found in self.desk.session.twin.layers else ""

    def clear(self) -> None:
        """Forget points and motion; the layer is seen where it stands."""
        self.pairs, self.begun, self.grip, self.motion = [], None, None, STILL
        self.view.canvas.preview(frozenset(), None)
        self.repaint()

    def forget(self) -> None:
        """End the preview: what was let go has arrived, or the layers are others."""
        if self.grip is None:
            self.motion = STILL
            self.view.canvas.preview(frozenset(), None)

    def repaint(self) -> None:
        """Paint the overlay again, and say what the pairs give."""
        if self.panel is not None:
            self.panel.apply.setEnabled(self.match() is not None)
        self.view.canvas.update()

    # -- looking ----------------------------------------------------------------------------------

    def _frame(self, *, mine: bool) -> Frame:
        """Return what is shown of the layer alone, or of all others."""
        frame = self.view.frame()
        kept = {key: part for key, part in frame.layers.items() if (key == self.layer) == mine}
        return replace(frame, layers=kept)

    def _snap(self, at: QPointF, *, mine: bool, radius: float = RADIUS) -> F64 | None:
        """Return the corner, edge or face under the cursor, of the layer or of all others."""
        canvas = self.view.canvas
        x, y = at.x() * canvas.ratio, at.y() * canvas.ratio
        found = self.snapper.snap(
            self._frame(mine=mine), canvas.view, (x, y), radius * canvas.ratio
        )
        return None if found is None else found.world

    def _level(self, at: QPointF, height: float) -> F64 | None:
        """Return where the cursor meets a level, None at and above the horizon."""
        canvas = self.view.canvas
        ray = ray_of(canvas.view, at.x() * canvas.ratio, at.y() * canvas.ratio)
        if abs(ray.direction[2]) < 1e-3:
            return None
        reach = (height - ray.eye[2]) / ray.direction[2]
        return None if reach <= 0 else np.asarray(ray.eye + reach * ray.direction, np.float64)

    # -- dragging ---------------------------------------------------------------------------------

    def press(self, at: QPointF, held: Held) -> bool:
        """Take hold of the model where it is under the cursor."""
        if self.way != "drag" or not self.layer:
            return False
        point = self._snap(at, mine=True)
        hit = self.view.canvas.hit_at(at.x(), at.y())
        if point is None or hit is None or hit.layer != self.layer:
            return False
        box = self.desk.session.twin.layer(self.layer).bounds
        self.grip = Grip(point, (box[:3] + box[3:]) / 2)
        return True

    def drag(self, at: QPointF, held: Held) -> None:
        """Move it level, turn it with Shift, draw it to corners with Ctrl."""
        if self.grip is None:
            return
        self.over = self._snap(at, mine=False) if "ctrl" in held else None
        there = self.over if self.over is not None else self._level(at, float(self.grip.point[2]))
        if there is None:
            return
        self.motion = moved(self.grip, there, turning="shift" in held)
        self.view.canvas.preview(frozenset({self.layer}), self.motion.matrix)

    def drop(self, at: QPointF, held: Held) -> None:
        """Let the layer stand there: one edit."""
        grip, motion = self.grip, self.motion
        self.grip = self.over = None
        if grip is None or _still(motion, grip.middle):
            self.forget()
            return
        self._settle(motion, self.desk.say("place.by_hand"))

    def _settle(self, motion: Motion, title: str) -> None:
        if not self.hands.settle(self.layer, motion, title):
            self.clear()

    # -- pairs ------------------------------------------------------------------------------------

    def click(self, at: QPointF, held: Held) -> bool:
        """Take a point of the model, then the place where it belongs."""
        if self.way != "pairs" or not self.layer:
            return False
        if self.begun is None:
            self.begun = self._snap(at, mine=True)
            if self.begun is None:
                self.desk.tell(self.desk.say("place.on_model"), "info")
        elif len(self.pairs) < MOST_PAIRS:
            there = self._snap(at, mine=False)
            if there is None:
                there = self._level(at, float(self.begun[2]))
            if there is not None:
                self.pairs.append((self.begun, there))
                self.begun = None
        self.repaint()
        return True

    def match(self) -> Match | None:
        """Return what the pairs give; None while there is none, or they tell no turn."""
        if not self.pairs:
            return None
        source, target = (np.array(points) for points in zip(*self.pairs, strict=True))
        scaled = self.panel is not None and self.panel.scaled.isChecked()
        try:
            return match_pairs(source, target, scaled=scaled)
        except TwinError:
            return None

    def apply(self) -> None:
        """Let the layer stand where the pairs bring it."""
        found = self.match()
        if found is None:
            return
        count, rms = self.desk.words.count(len(self.pairs)), f"{found.rms:.2f} m"
        motion = found.motion
        self.pairs, self.begun = [], None
        self.view.canvas.preview(frozenset({self.layer}), motion.matrix)
        self._settle(motion, self.desk.say("place.by_pairs", count=count, rms=rms))
        self.repaint()

    # -- the rest of what the view asks -----------------------------------------------------------

    def move(self, at: QPointF, held: Held) -> None:
        """Show what would be taken."""
        mine = self.way == "drag" or self.begun is None
        self.over = self._snap(at, mine=mine) if self.layer else None
        over = self.over is not None
        grab = Qt.CursorShape.OpenHandCursor if self.way == "drag" else Qt.CursorShape.CrossCursor
        self.view.canvas.setCursor(grab if over else Qt.CursorShape.ArrowCursor)

    def double_click(self, at: QPointF) -> bool:
        """Keep double clicks from flying away while points are picked."""
        return self.way == "pairs"

    def key(self, key: Qt.Key, held: Held) -> bool:
        """Return applies the pairs, Backspace takes the last point back, Escape all of them."""
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.pairs:
            self.apply()
            return True
        if key == Qt.Key.Key_Backspace and (self.pairs or self.begun is not None):
            if self.begun is not None:
                self.begun = None
            else:
                self.begun = self.pairs.pop()[0]
            self.repaint()
            return True
        if key == Qt.Key.Key_Escape and (self.grip or self.pairs or self.begun is not None):
            self.clear()
            return True
        return False

    def paint(self, painter: QPainter) -> None:
        """Paint what would be taken, the pairs with what is left of each, and the motion in figures."""
        theme = self.desk.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.over is not None:
            self._ring(painter, self.over, QColor(theme.accent))
        found = self.match()
        for number, (source, target) in enumerate(self.pairs):
            left = "" if found is None else f"{found.residuals[number]:.2f} m"
            self._pair(painter, source, target, left)
        if self.begun is not None:
            self._ring(painter, self.begun, QColor(theme.t1))
        if self.grip is not None:
            here = self.motion(self.grip.point[None, :])[0]
            self._pair(painter, self.grip.point, here, self._figures())

    def _figures(self) -> str:
        assert self.grip is not None
        if self.motion.turn:
            return f"{np.degrees(self.motion.turn):+.1f}°"
        east, north, _ = self.motion(self.grip.point[None, :])[0] - self.grip.point
        return self.desk.say("place.by", east=f"{east:+.2f}", north=f"{north:+.2f}")

    def _at(self, point: F64) -> QPointF | None:
        canvas = self.view.canvas
        x, y, depth = projected(canvas.view, point[None, :])[0]
        return QPointF(x / canvas.ratio, y / canvas.ratio) if depth > 0 else None

    def _ring(self, painter: QPainter, point: F64, ink: QColor) -> None:
        at = self._at(point)
        if at is not None:
            painter.setPen(QPen(ink, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, 5, 5)

    def _pair(self, painter: QPainter, source: F64, target: F64, words: str) -> None:
        theme, one, other = self.desk.theme, self._at(source), self._at(target)
        if one is None or other is None:
            return
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawLine(one, other)
        self._ring(painter, source, QColor(theme.t1))
        self._ring(painter, target, QColor(theme.accent))
        if not words:
            return
        painter.setFont(font(12))
        wide = QFontMetrics(painter.font()).horizontalAdvance(words)
        plate = QRectF(other.x() + 12, other.y() - 24, wide + 12, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(QColor(theme.t1))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)


def moved(grip: Grip, there: F64, *, turning: bool) -> Motion:
    """Return the level motion that brings the point in hand to a place, or turns it towards it."""
    if not turning:
        shift = (there - grip.point) * [1.0, 1.0, 0.0]
        return Motion(0.0, 1.0, np.asarray(shift, np.float64))
    before, after = (grip.point - grip.middle)[:2], (there - grip.middle)[:2]
    if min(np.hypot(*before), np.hypot(*after)) < 0.1:
        return STILL
    turn = np.arctan2(after[1], after[0]) - np.arctan2(before[1], before[0])
    return about(grip.middle, float(turn), np.zeros(3))


def _still(motion: Motion, middle: F64) -> bool:
    off = motion(middle[None, :])[0] - middle
    return abs(motion.turn) < LIFTED and float(np.linalg.norm(off)) < LIFTED
