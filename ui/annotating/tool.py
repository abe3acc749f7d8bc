"""The tool Annotate: labels, arrows, measured lines and pictures are put where one clicks, and dragged."""

from uuid import uuid4

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from twin.commands.annotations import LEAST, MOST, marks_in_order
from twin.geometry import F64
from twin.presenting.records import KINDS, Annotation
from twin.scene import Aspect
from ui.annotating.overlay import Marks
from ui.city_view import CityView
from ui.desk import Desk, Panel
from ui.panels.parts import segments
from ui.viewport.measure_marks import Sheet, paint_hint, paint_lines
from ui.viewport.tools import Held

REACH = 9.0
"""Logical pixels from an anchor at which it is taken hold of."""
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class AnnotateOptions(Panel):
    """The kind of the next mark and its words."""

    watches = frozenset({Aspect.VIEWS})

    def __init__(self, desk: Desk, tool: "AnnotateTool") -> None:
        super().__init__(desk)
        self.marks = tool.marks
        self.setObjectName("options")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        kinds = QHBoxLayout()
        kinds.setSpacing(0)
        words = [(kind, desk.say(f"annotate.{kind}")) for kind in KINDS]
        for button in segments(words, KINDS[0], tool.choose):
            kinds.addWidget(button)
        row.addLayout(kinds)
        self.text = QLineEdit()
        self.text.setPlaceholderText(desk.say("annotate.words"))
        self.text.setAccessibleName(desk.say("annotate.words"))
        self.text.setFixedWidth(170)
        row.addWidget(self.text)

    def pass_time(self, now: float) -> None:
        """Look what the city hides of the marks."""
        self.marks.step()


class AnnotateTool:
    """A click puts a mark on the surface under the cursor; an anchor can be dragged to another place."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view, self.canvas = desk, view, view.canvas
        self.kind = KINDS[0]
        self.points: list[F64] = []
        self.tip: F64 | None = None
        self.held: tuple[str, int] | None = None
        self.marks = Marks(desk, view)
        self.quiet = True
        self.panel = AnnotateOptions(desk, self)
        view.marks = self.marks.paint_over
        self.canvas.paintings = [
            x for x in self.canvas.paintings if not isinstance(getattr(x, "__self__", None), Marks)
        ]
        self.canvas.paintings.append(self.marks.paint)

    def options(self) -> QWidget:
        """Return what stands in the tool bar."""
        return self.panel

    def choose(self, kind: str) -> None:
        """Make marks of another kind."""
        self.kind = kind
        self._begin()

    def start(self) -> None:
        """Begin with nothing clicked."""
        self._begin()
        self.canvas.setCursor(Qt.CursorShape.CrossCursor)

    def stop(self) -> None:
        """Leave nothing half made."""
        self._begin()
        self.held = None
        self.canvas.setCursor(Qt.CursorShape.ArrowCursor)

    def _begin(self) -> None:
        self.points, self.tip = [], None
        self.canvas.update()

    def _world(self, at: QPointF) -> F64 | None:
        hit = self.canvas.hit_at(at.x(), at.y())
        return None if hit is None else hit.world

    # -- dragging -----------------------------------------------------------------------------

    def _anchor(self, at: QPointF) -> tuple[str, int] | None:
        """Return the mark and the number of its point under the cursor."""
        sheet = Sheet(QPainter(), self.canvas.view, self.desk.theme, self.canvas.ratio)
        best, found = REACH, None
        for mark in self.marks.shown():
            for number, point in enumerate(mark.points):
                seen = sheet.at(np.array(point))
                far = REACH if seen is None else (seen - at).manhattanLength()
                if far < best:
                    best, found = far, (mark.id, number)
        return found

    def press(self, at: QPointF, held: Held) -> bool:
        """Take hold of an anchor."""
        self.held = None if self.points else self._anchor(at)
        return self.held is not None

    def drag(self, at: QPointF, held: Held) -> None:
        """Show where the anchor would go."""
        self.tip = self._world(at)

    def drop(self, at: QPointF, held: Held) -> None:
        """Put the anchor there, as one step."""
        point, taken = self._world(at), self.held
        self.held, self.tip = None, None
        if point is None or taken is None:
            return
        mark: Annotation = self.desk.session.twin.records["annotations"][taken[0]]
        places = [np.array(x) for x in mark.points]
        if np.linalg.norm(places[taken[1]] - point) > 1e-3:
            places[taken[1]] = point
            self.desk.run("annotations.set", id=mark.id, field="points", value=points_text(places))

    # -- clicking -----------------------------------------------------------------------------

    def move(self, at: QPointF, held: Held) -> None:
        """Follow the cursor over the city."""
        self.tip = self._world(at)
        over = not self.points and self._anchor(at) is not None
        shape = Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.CrossCursor
        self.canvas.setCursor(shape)

    def click(self, at: QPointF, held: Held) -> bool:
        """Put a point on the surface."""
        point = self._world(at)
        if point is None:
            self.desk.tell(self.desk.say("annotate.nothing_here"), "info")
            return True
        self.points.append(point)
        if len(self.points) >= MOST[self.kind]:
            self._finish()
        return True

    def double_click(self, at: QPointF) -> bool:
        """End a line."""
        if self.kind == "line" and len(self.points) >= LEAST["line"]:
            self._finish()
        return True

    def claims(self, key: Qt.Key, held: Held) -> bool:
        """Return whether a key is for this tool as things stand."""
        return bool(self.points) and key in (*ENTER, Qt.Key.Key_Backspace, Qt.Key.Key_Escape)

    def key(self, key: Qt.Key, held: Held) -> bool:
        """End, take back a point, or begin again."""
        if not self.claims(key, held):
            return False
        if key in ENTER and len(self.points) >= LEAST[self.kind]:
            self._finish()
        elif key == Qt.Key.Key_Backspace:
            self.points.pop()
        elif key == Qt.Key.Key_Escape:
            self._begin()
        self.canvas.update()
        return True

    def _finish(self) -> None:
        """Keep the mark in the project, as one step that can be undone."""
        places, say = points_text(self.points), self.desk.say
        self._begin()
        picture = ""
        if self.kind == "picture":
            title = say("annotate.choose_picture")
            picture = QFileDialog.getOpenFileName(
                self.canvas.window(), title, "", "PNG, JPEG (*.png *.jpg *.jpeg)"
            )[0]
            if not picture:
                return
        text = self.panel.text.text().strip()
        if not text and self.kind in ("label", "arrow"):
            number = len(marks_in_order(self.desk.session.twin)) + 1
            text = say("annotate.title_of", number=number)
        made = {"kind": self.kind, "points": places, "text": text, "picture": picture}
        if self.desk.run("annotations.add", id=uuid4().hex[:12], **made):
            self.desk.tell(say("annotate.added", what=say(f"annotate.{self.kind}")), "undo")
            self.panel.text.clear()

    # -- painting -----------------------------------------------------------------------------

    def paint(self, painter: QPainter) -> None:
        """Paint what is being made, and what to do."""
        sheet = Sheet(painter, self.canvas.view, self.desk.theme, self.canvas.ratio)
        points = [*self.points, *([] if self.tip is None else [self.tip])]
        if points and (self.points or self.held):
            paint_lines(sheet, np.stack(points))
        taken: list[QRectF] = [*self.canvas.plates, self.canvas.compass()]
        paint_hint(sheet, self.desk.say(f"annotate.hint.{self.kind}"), taken)


def points_text(points: list[F64]) -> str:
    """Return points as a command takes them: "x,y,z;x,y,z" with millimetres."""
    return ";".join(",".join(f"{float(x):.3f}" for x in point) for point in points)
