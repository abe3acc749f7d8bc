"""The tool Block: corners on the ground with snapping, then the height by the mouse or typed; one undoable step."""

from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLineEdit, QWidget

from twin.analyses.massing import HIGHEST, Block, checked_ring
from twin.errors import UsageError
from twin.geometry import F64
from twin.jobs import Feedback, Outcome
from twin.scene import Aspect
from twin.snapping import RADIUS, Owed, Snap, Snapper, runs_of
from ui.city_view import CityView
from ui.desk import Desk, Panel
from ui.panels.parts import label
from ui.results.block_handles import BlockHandles
from ui.viewport.camera import ground_point
from ui.viewport.measure_marks import (
    Sheet,
    paint_area,
    paint_hint,
    paint_knot,
    paint_line,
    paint_snap,
    paint_words,
)
from ui.viewport.tools import Held

NEAR = 12.0
"""Logical pixels within which the first corner is met again."""
REACH = 1e6
USUAL = 9.0
"""Metres that a block is high before the mouse moved."""
LEAST = 0.5
RELEASE = (Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
DIGITS = {
    **{Qt.Key(Qt.Key.Key_0.value + n): str(n) for n in range(10)},
    Qt.Key.Key_Period: ".", Qt.Key.Key_X: "x",
}  # fmt: skip


class BlockOptions(Panel):
    """The name of the next block; of a block that is held its name, height and base."""

    watches = frozenset({Aspect.SCENARIOS})

    def __init__(self, desk: Desk, handles: BlockHandles) -> None:
        super().__init__(desk)
        self.handles = handles
        self.setObjectName("options")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(label(desk.say("block.name"), "t2"))
        self.name = QLineEdit()
        self.name.setPlaceholderText(desk.say("block.name_hint"))
        self.name.setAccessibleName(desk.say("block.name"))
        self.name.setFixedWidth(140)
        row.addWidget(self.name)
        self.name.editingFinished.connect(self._named)
        self.tall, self.foot = self._number("height", LEAST), self._number("base", -HIGHEST)
        self.parts: list[QWidget] = [self.tall, self.foot]
        for what, box in (("height", self.tall), ("base", self.foot)):
            words = label(desk.say(f"block.{what}"), "t2")
            row.addWidget(words)
            row.addWidget(box)
            self.parts.append(words)
        self.refresh(self.watches)

    def _number(self, what: str, least: float) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(least, HIGHEST)
        box.setDecimals(1)
        box.setSuffix(" m")
        box.setFixedWidth(84)
        box.lineEdit().setTextMargins(6, 0, 0, 0)
        box.setKeyboardTracking(False)
        box.setAccessibleName(self.desk.say(f"block.{what}"))
        box.valueChanged.connect(lambda value: self.handles.change(what, f"{value:g}"))
        return box

    def _named(self) -> None:
        block = self.handles.block()
        if block is not None and self.name.text() != block.title:
            self.handles.change("title", self.name.text())

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Show the numbers of the block that is held."""
        block = self.handles.block()
        for part in self.parts:
            part.setVisible(block is not None)
        if block is None:
            return
        for box, value in ((self.tall, block.height), (self.foot, block.base)):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
        if not self.name.hasFocus():
            self.name.setText(block.title)


class BlockTool:
    """Draws a massing block into the scenario that is seen; without one a scenario is begun."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view, self.canvas = desk, view, view.canvas
        self.quiet = True
        self.points: list[F64] = []
        self.height = USUAL
        self.typed = ""
        self.raising = False
        self.begun = QPointF()
        self.at: QPointF | None = None
        self.under: Snap | None = None
        self.tip: F64 | None = None
        self.snapper = Snapper()
        self.handles = BlockHandles(desk, view)
        self.panel: BlockOptions | None = None

    def options(self) -> QWidget:
        """Return what stands in the tool bar."""
        if self.panel is None:
            self.panel = BlockOptions(self.desk, self.handles)
        return self.panel

    def start(self) -> None:
        """Begin."""
        self._begin()
        self.canvas.setCursor(Qt.CursorShape.CrossCursor)
        self.canvas.setFocus()

    def stop(self) -> None:
        """End: what was not finished is gone."""
        self._begin()
        self.canvas.setCursor(Qt.CursorShape.ArrowCursor)

    def hold(self, key: str) -> None:
        """Hold a block that stands, by the id of its edit; '' holds none."""
        was = self.handles.key
        self.handles.hold(key)
        if self.panel is not None:
            if was and not key:
                self.panel.name.clear()
            self.panel.refresh(frozenset())

    def _begin(self) -> None:
        self.hold("")
        self.points, self.raising, self.typed = [], False, ""
        self.height = USUAL
        self.canvas.update()

    # -- mouse --------------------------------------------------------------------------------

    def press(self, at: QPointF, held: Held) -> bool:
        """Take a handle of the block that is held; leave other drags to the camera."""
        return not self.points and self.handles.take(at)

    def drag(self, at: QPointF, held: Held) -> None:
        """Drag a handle."""
        self.handles.drag(at)

    def drop(self, at: QPointF, held: Held) -> None:
        """Keep what was dragged."""
        self.handles.drop()

    def move(self, at: QPointF, held: Held) -> None:
        """Look what is meant under the cursor, or raise the block."""
        self.at = at
        if self.raising:
            self._raise(at)
            return
        ratio = self.canvas.ratio
        spot = (at.x() * ratio, at.y() * ratio)
        radius = RADIUS * ratio if self.desk.session.settings.snapping else 0.0
        view = self.canvas.view
        self.under = self.snapper.snap(self.view.frame(), view, spot, radius)
        if self.under is not None:
            self.tip = self.under.world
        else:
            ground = float(self.canvas.navigator.ground or 0.0)
            self.tip = ground_point(view, *spot, self._base(ground), REACH)
        owed = self.snapper.owed()
        if owed:
            work, done = partial(_run, owed), partial(self._learned, owed)
            self.desk.session.jobs.submit(work, done, title="snapping", quiet=True)

    def _learned(self, owed: tuple[Owed, ...], outcome: Outcome) -> None:
        if outcome.error is None:
            self.snapper.learn(owed, outcome.value)

    def _base(self, ground: float) -> float:
        """Return the height on which the block stands: that of its lowest corner."""
        return min((float(point[2]) for point in self.points), default=ground)

    def _raise(self, at: QPointF) -> None:
        """Let the height follow the mouse: a pixel is as many metres as one at the block's corner."""
        view = self.canvas.view
        depth = max(float((self.points[-1] - view.eye) @ view.forward), 1.0)
        metres = 2 * depth * np.tan(np.radians(view.fov_y) / 2) / max(view.size[1], 1)
        way = (self.begun.y() - at.y()) * self.canvas.ratio * metres
        self.height = max(LEAST, round(USUAL + way, 1))

    def click(self, at: QPointF, held: Held) -> bool:
        """Set a corner; on the first one the ring is closed; then a click sets the height.

        A click on a block that stands holds it, beside it lets it go; with Shift a corner is set there.
        """
        if not self.points and "shift" not in held:
            key = self.handles.pick(at)
            if key or self.handles.key:
                self.hold(key)
                return True
        self.move(at, held)
        if self.raising:
            self._finish()
        elif len(self.points) > 2 and self._near_first(at):
            self._close(at)
        elif self.tip is not None:
            self.points.append(np.asarray(self.tip, np.float64))
        self.canvas.update()
        return True

    def _near_first(self, at: QPointF) -> bool:
        seen = self._sheet(None).at(self.points[0])
        return seen is not None and (seen - at).manhattanLength() <= NEAR

    def double_click(self, at: QPointF) -> bool:
        """Close the ring; the first click set its last corner."""
        if not self.raising:
            self._close(at)
        return True

    def _close(self, at: QPointF) -> None:
        """Go on to the height; a ring that crosses itself is told and stays to be mended."""
        flat = [(float(point[0]), float(point[1])) for point in self.points]
        if len(flat) > 1 and np.hypot(flat[-1][0] - flat[-2][0], flat[-1][1] - flat[-2][1]) < 0.01:
            flat.pop()
            self.points.pop()
        try:
            checked_ring(flat)
        except UsageError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        self.raising, self.begun, self.typed = True, at, ""

    # -- keys ---------------------------------------------------------------------------------

    def claims(self, key: Qt.Key, held: Held) -> bool:
        """Return whether a key is for this tool and no shortcut of the window."""
        if "ctrl" in held or "alt" in held:
            return False
        if not self.points:
            return self.handles.block() is not None and key in RELEASE
        return key in (*ENTER, Qt.Key.Key_Backspace, Qt.Key.Key_Escape) or (
            self.raising and key in DIGITS
        )

    def key(self, key: Qt.Key, held: Held) -> bool:
        """Close, type a height ("54" or "18x3"), take back, give up."""
        if not self.claims(key, held):
            return False
        if not self.points:
            self.hold("") if key == Qt.Key.Key_Escape else self.handles.remove()
            self.hold(self.handles.key)
            return True
        if key == Qt.Key.Key_Escape:
            self._begin()
        elif key in ENTER:
            self._finish() if self.raising else self._close(self.at or QPointF())
        elif key == Qt.Key.Key_Backspace:
            self._back()
        else:
            self.typed += DIGITS[key]
        self.canvas.update()
        return True

    def _back(self) -> None:
        if self.typed:
            self.typed = self.typed[:-1]
        elif self.raising:
            self.raising = False
        else:
            self.points.pop()

    # -- what comes of it ---------------------------------------------------------------------

    def _finish(self) -> None:
        """Build the block: one step that can be undone."""
        session = self.desk.session
        if not session.twin.scenario:
            count = len(session.twin.records["scenarios"])
            usual = self.desk.say("scenarios.usual", letter=chr(ord("A") + count % 26))
            if not self.desk.run("scenarios.add", title=usual):
                return
        ring = ";".join(f"{x:.3f},{y:.3f}" for x, y, _ in self.points)
        height = self.typed or f"{self.height:g}"
        name = "" if self.panel is None else self.panel.name.text()
        base = f"{self._base(0.0):.3f}"
        if self.desk.run("scenarios.block", ring=ring, height=height, base=base, title=name):
            self.desk.tell(self.desk.say("block.built", height=height), "undo")
            self._begin()

    # -- painting -----------------------------------------------------------------------------

    def _sheet(self, painter: QPainter | None) -> Sheet:
        return Sheet(painter or QPainter(), self.canvas.view, self.desk.theme, self.canvas.ratio)

    def paint(self, painter: QPainter) -> None:
        """Paint the ring, the block to come with its height, and what to do."""
        sheet = self._sheet(painter)
        taken = [*self.canvas.plates, self.canvas.compass()]
        if self.raising:
            self._paint_block(sheet)
            paint_hint(sheet, self.desk.say("block.hint_height"), taken)
            return
        ring = [*self.points, *([self.tip] if self.points and self.tip is not None else [])]
        for k in range(len(ring) - 1):
            paint_line(sheet, ring[k], ring[k + 1], dashed=k == len(ring) - 2)
        for point in self.points:
            paint_knot(sheet, point)
        if self.under is not None and self.tip is not None:
            paint_snap(sheet, self.tip, self.under.kind)
        if len(ring) > 1:
            self._paint_length(sheet, ring[-2], ring[-1])
        self.handles.paint(sheet, taken)
        held = self.handles.block() is not None
        key = "block.hint_ring" if self.points else "block.hint_held" if held else "block.hint"
        paint_hint(sheet, self.desk.say(key), taken)

    def _paint_length(self, sheet: Sheet, start: F64, end: F64) -> None:
        at = sheet.at(end)
        if at is not None:
            length = float(np.linalg.norm(end[:2] - start[:2]))
            paint_words(sheet, at, [f"{self.desk.words.metres(length, 2)} m"])

    def _paint_block(self, sheet: Sheet) -> None:
        low = np.array(self.points)
        low[:, 2] = self._base(0.0)
        high = low + np.array([0.0, 0.0, self.height])
        paint_area(sheet, high)
        for k in range(len(low)):
            after = (k + 1) % len(low)
            paint_line(sheet, low[k], low[after], strong=False)
            paint_line(sheet, high[k], high[after])
            paint_line(sheet, low[k], high[k], strong=False)
        at = sheet.at(high[-1])
        if at is None:
            return
        ring = tuple((float(x), float(y)) for x, y, _ in self.points)
        area = Block("", "", ring, 0.0, 1.0).area
        metres = self.desk.words.metres
        words = [
            self.typed or f"{metres(self.height, 1)} m",
            self.desk.say(
                "block.measures", area=metres(area, 0), volume=metres(area * self.height, 0)
            ),
        ]
        paint_words(sheet, at, words)


def _run(owed: tuple[Owed, ...], feedback: Feedback) -> object:
    return runs_of(owed)
