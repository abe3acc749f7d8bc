"""This week: how fresh the city is, and what needs doing, each line a click away from what it is about."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from twin.maintenance.agenda import MATTERS, Agenda, Matter, agenda
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.glyphs import freshness_parts, paint_shares, paint_status
from ui.panels.parts import label
from ui.theme import font, glyph_pixmap

GLYPHS = {
    "late": "late", "due_week": "due", "to_verify": "check", "to_close": "check", "unaccepted": "order",
    "nobody": "custodian", "conflict": "custodian",
}  # fmt: skip
"""Matter -> icon; the others are statuses and have their glyphs."""
GRAVE = frozenset({"late", "nobody", "conflict"})
TALL = 52


class Line(QFrame):
    """One matter: a glyph, the number, what it is, what to do about it."""

    def __init__(self, desk: Desk, matter: Matter, act: Callable[[Matter], None]) -> None:
        super().__init__()
        self.desk, self.matter, self.act = desk, matter, act
        self.over = False
        self.number = desk.words.count(matter.count)
        self.title = desk.say(f"week.{matter.code}")
        self.words = desk.say(f"week.{matter.code}_do")
        self.setFixedHeight(TALL)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"{self.number} {self.title}. {self.words}")
        self.setToolTip(self.words)

    def sizeHint(self) -> QSize:
        """Return a size that fits a narrow dock."""
        return QSize(240, TALL)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, box = self.desk.theme, QRectF(self.rect())
        if self.over:
            painter.fillRect(box, QColor(theme.hover))
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        grave = self.matter.code in GRAVE
        ink = theme.status_text["stale"] if grave else theme.t1
        middle = box.center().y()
        name = GLYPHS.get(self.matter.code)
        if name is None:
            paint_status(painter, QPointF(16, middle - 6), self.matter.code, theme)
        else:
            pixmap = glyph_pixmap(name, ink if grave else theme.t2, 16)
            painter.drawPixmap(QPointF(14, middle - 8), pixmap)
        painter.setFont(font(17, bold=True))
        painter.setPen(QColor(ink))
        side = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(38, 0, 56, TALL), side | Qt.AlignmentFlag.AlignRight, self.number)
        self._words(painter, QRectF(106, 8, box.width() - 134, 18))
        arrow = glyph_pixmap("chevron_right", theme.t3, 16)
        painter.drawPixmap(QPointF(box.right() - 24, middle - 8), arrow)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.drawRect(box.adjusted(1, 1, -1, -1))
        painter.end()

    def _words(self, painter: QPainter, room: QRectF) -> None:
        """Paint what it is, and below it what to do."""
        theme, side = self.desk.theme, Qt.AlignmentFlag.AlignVCenter
        for text, face, color in (
            (self.title, font(bold=True), theme.t1),
            (self.words, font(11), theme.t3),
        ):
            painter.setFont(face)
            painter.setPen(QColor(color))
            shown = painter.fontMetrics().elidedText(
                text, Qt.TextElideMode.ElideRight, int(room.width())
            )
            painter.drawText(room, side | Qt.AlignmentFlag.AlignLeft, shown)
            room.translate(0, 18)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be clicked."""
        self.over = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Stand as before."""
        self.over = False
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show what it is about."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.act(self.matter)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do it with Return and Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.act(self.matter)
        else:
            super().keyPressEvent(event)


class Shares(QWidget):
    """The freshness of all maintained units as one bar."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.counts: dict[str, int] = {}
        self.setFixedHeight(10)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar."""
        painter = QPainter(self)
        paint_shares(painter, QRectF(self.rect()), freshness_parts(self.counts), self.desk.theme)
        painter.end()


class WeekPanel(Panel):
    """The share of what is fresh, what needs doing, and the way to raise orders for it."""

    watches = frozenset(
        {
            Aspect.ORDERS,
            Aspect.RECORDS,
            Aspect.ASSESSMENT,
            Aspect.LAYERS,
            Aspect.FEATURES,
            Aspect.INSTANTS,
        }
    )

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.shown: Agenda | None = None
        self.lines: list[Line] = []
        self.head = label("", pixels=17, bold=True, wrap=True)
        self.under = label("", "t2", wrap=True)
        self.bar = Shares(desk)
        top = QVBoxLayout()
        top.setContentsMargins(14, 12, 14, 10)
        top.setSpacing(6)
        for part in (self.head, self.bar, self.under):
            top.addWidget(part)
        self.inner = QVBoxLayout()
        self.inner.setContentsMargins(0, 0, 0, 0)
        self.inner.setSpacing(0)
        self.inner.addStretch(1)
        holder = QWidget()
        holder.setObjectName("panel")
        holder.setLayout(self.inner)
        pane = QScrollArea()
        pane.setObjectName("panel")
        pane.setWidgetResizable(True)
        pane.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        pane.setWidget(holder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(pane, 1)
        column.addWidget(self._foot())
        self.refresh(self.watches)

    def _foot(self) -> QWidget:
        self.foot = QWidget()
        self.foot.setObjectName("footer")
        raise_ = QPushButton(self.desk.say("orders_panel.raise"))
        raise_.setProperty("primary", True)
        raise_.clicked.connect(lambda: self.desk.act("orders.raise"))
        board = QPushButton(self.desk.say("week.board"))
        board.clicked.connect(lambda: self.desk.act("panel.orders"))
        row = QHBoxLayout(self.foot)
        row.setContentsMargins(14, 8, 10, 8)
        row.addWidget(raise_)
        row.addWidget(board)
        row.addStretch(1)
        return self.foot

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Look again what needs doing."""
        session = self.desk.session
        layers = [layer for layer in session.twin.layers.values() if len(layer.assessment)]
        self.foot.setVisible(bool(layers))
        if not layers:
            self._say(self.desk.say("week.empty"), "")
            self._fill(())
            return
        found = agenda(layers, session.twin.records["orders"], session.at)
        self.shown = found
        words, say = self.desk.words, self.desk.say
        date = words.date(session.at)
        whole = found.units
        self.bar.counts = dict(found.counts)
        self.bar.update()
        fresh = found.counts["fresh"] + found.counts["due_soon"]
        facts = {
            "fresh": words.percent(fresh, whole),
            "unknown": words.percent(found.counts["unknown"], whole),
            "count": words.count(whole),
            "date": date,
        }
        matters = len(found.matters)
        title = "week.title" if matters else "week.nothing"
        self._say(say(title, count=words.count(matters)), say("week.fresh", **facts))
        order = {code: place for place, code in enumerate(MATTERS)}
        self._fill(tuple(sorted(found.matters, key=lambda x: order[x.code])))

    def _say(self, head: str, under: str) -> None:
        self.head.setText(head)
        self.under.setText(under)
        self.bar.setVisible(bool(under))

    def _fill(self, matters: tuple[Matter, ...]) -> None:
        if [(x.matter.code, x.matter.count) for x in self.lines] == [
            (x.code, x.count) for x in matters
        ]:
            for line, matter in zip(self.lines, matters, strict=True):
                line.matter = matter
            return
        for line in self.lines:
            self.inner.removeWidget(line)
            line.deleteLater()
        self.lines = [Line(self.desk, matter, self.act) for matter in matters]
        for place, line in enumerate(self.lines):
            self.inner.insertWidget(place, line)

    def act(self, matter: Matter) -> None:
        """Show what a line is about: orders on the board, objects in the city."""
        if matter.orders:
            self.desk.act("panel.orders")
            self.desk.act("orders.choose", list(matter.orders))
        elif matter.rows:
            self.desk.choose(matter.rows)
            self.desk.act("view.fit")
            self.desk.act("panel.freshness")
