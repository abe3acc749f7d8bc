"""Plates over the 3D view: colour-by selector, legend with counts that filter, tile dot with attribution."""

from functools import partial

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QFrame, QMenu, QToolButton, QWidget

from twin.explaining import credits_of
from twin.scene import Aspect
from twin.streaming import Frame
from twin.style import FRESHNESS, PLAIN, RESULTS, Entry
from ui.desk import Desk, Panel
from ui.panels.attribute_words import attribute_title, value_title
from ui.panels.focus_ring import FocusRing
from ui.panels.glyphs import legend_parts, paint_plate, paint_shares, paint_status, paint_swatch
from ui.panels.parts import copy_text, offer
from ui.theme import font

BASIC = ("freshness", "custodian", "kind", "source", "", PLAIN)
WIDTH = 232
ENTRY = 23
MOST_COLUMNS = 40


def column_words(desk: Desk, column: str) -> str:
    """Return the words for what the colour shows."""
    if column in (*RESULTS, PLAIN):
        return desk.say(f"color_by.{column.removeprefix('_')}")
    return (
        desk.say(f"color_by.{column or 'own'}")
        if column in BASIC
        else attribute_title(desk, column)
    )


class ColorByPlate(QToolButton):
    """ "Colour by ..." with a menu of what every layer can show."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setProperty("kind", "plate")
        self.setIcon(desk.icon("layers"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        FocusRing(self, desk.theme.accent)
        self.menu_ = QMenu(self)
        self.menu_.aboutToShow.connect(self._fill)
        self.setMenu(self.menu_)
        self.retitle()

    def retitle(self) -> None:
        """Say what the colour shows now."""
        column = self.desk.session.twin.color_by.column
        words = column_words(self.desk, column)
        if column not in ("", PLAIN):
            words = self.desk.say("color_by.plate", what=words)
        self.setText(words + "  ▾")
        self.setAccessibleName(words)
        self.adjustSize()

    def _fill(self) -> None:
        self.menu_.clear()
        layers = self.desk.session.twin.layers.values()
        made = [x for x in RESULTS if any(x in layer.features.columns for layer in layers)]
        for column in (*BASIC, *made):
            self._add(column)
        names: dict[str, None] = {}
        for layer in self.desk.session.twin.layers.values():
            names.update(dict.fromkeys(layer.features.names))
        if names:
            self.menu_.addSeparator()
            for name in sorted(names, key=str.lower)[:MOST_COLUMNS]:
                self._add(name)
            if len(names) > MOST_COLUMNS:
                self.menu_.addAction(
                    self.desk.say("color_by.more"), lambda: self.desk.act("palette")
                )

    def _add(self, column: str) -> QAction:
        entry = self.menu_.addAction(
            column_words(self.desk, column), lambda: self.desk.run("view.color_by", column=column)
        )
        entry.setCheckable(True)
        entry.setChecked(self.desk.session.twin.color_by.column == column)
        return entry


class Legend(Panel):
    """Title, date, stacked bar, rows of glyph, word, count and share; a click filters."""

    watches = frozenset(
        {Aspect.LAYERS, Aspect.FEATURES, Aspect.ASSESSMENT, Aspect.STYLE, Aspect.FILTER,
         Aspect.INSTANTS, Aspect.VISIBILITY}
    )  # fmt: skip

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk, parent)
        self.entries: list[Entry] = []
        self.setObjectName("legend")
        FocusRing(self, desk.theme.accent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._hover = -1
        self._folded: bool | None = None
        self._crowded = False
        self._low = False
        self.full = 0
        """Logical pixels of height when it is not folded."""
        self._entry = ENTRY

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Count again."""
        painting = self.desk.session.painting()
        optional = {"event_driven", "retired"}
        self.entries = [x for x in painting.entries if x.count or x.key not in optional]
        self._fit()
        plain = painting.color_by.column in ("", PLAIN)  # these colours say nothing
        self.setVisible(not plain and bool(self.desk.session.twin.layers))
        described = ", ".join(f"{self.words(x)} {x.count}" for x in self.entries)
        self.setAccessibleName(self.desk.say("legend.title"))
        self.setAccessibleDescription(described)
        self.update()

    def _fit(self) -> None:
        """Take the room of the entries; folded, or in a low view, less of it."""
        parent = self.parentWidget()
        self._low = parent is not None and parent.height() < 420
        self._entry = ENTRY - 3 if self._low else ENTRY
        foot = 8 if self._low else 32
        self.full = self._top() + self._entry * len(self.entries) + foot
        self.setFixedSize(WIDTH, 46 if self.folded else self.full)

    @property
    def folded(self) -> bool:
        """Return whether only title and bar are shown: a person's choice, else for want of room."""
        return self._crowded if self._folded is None else self._folded

    def crowd(self, crowded: bool) -> None:
        """Fold while another plate needs the room; a click unfolds all the same."""
        if crowded != self._crowded:
            self._crowded = crowded
            self._folded = self._folded or None
            self._fit()
            self.update()

    def _top(self) -> int:
        return 48

    def words(self, entry: Entry) -> str:
        """Return the word of an entry."""
        if entry.label:
            column = self.desk.session.twin.color_by.column
            if column == "kind":
                return self.desk.kind(entry.label)
            return value_title(self.desk, column, entry.label)
        if entry.key in FRESHNESS:
            return self.desk.words.status(entry.key)
        return self.desk.say(f"legend.{entry.key}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the plate."""
        painter, theme = QPainter(self), self.desk.theme
        paint_plate(painter, QRectF(self.rect()), theme)
        painter.setFont(font(bold=True))
        painter.setPen(QColor(theme.t1))
        column = self.desk.session.twin.color_by.column
        head = QRect(12, 6, WIDTH - 24, 20)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, column_words(self.desk, column))
        painter.setFont(font(11))
        painter.setPen(QColor(theme.t3))
        session = self.desk.session
        instant = session.as_of if session.as_of is not None else session.at
        date = self.desk.say("legend.on", date=self.desk.words.date(instant))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(head, right, date)
        parts = legend_parts(session.painting())
        paint_shares(painter, QRectF(12, 32, WIDTH - 24, 7), parts, theme)
        total = sum(entry.count for entry in self.entries)
        for number, entry in enumerate(() if self.folded else self.entries):
            self._row(painter, number, entry, total)
        if self.folded or self._low:
            painter.end()
            return
        painter.setPen(QColor(theme.line))
        foot = self.height() - 26
        painter.drawLine(1, foot, WIDTH - 2, foot)
        painter.setFont(font(11))
        painter.setPen(QColor(theme.t3))
        hint = QRect(12, foot, WIDTH - 24, 25)
        painter.drawText(hint, Qt.AlignmentFlag.AlignVCenter, self.desk.say("legend.hint"))
        painter.end()

    def _row(self, painter: QPainter, number: int, entry: Entry, total: int) -> None:
        theme, words = self.desk.theme, self.desk.words
        top = self._top() + number * self._entry
        keys = self.desk.session.filter.keys
        if number == self._hover or entry.key in keys:
            fill = theme.selection if entry.key in keys else theme.hover
            painter.fillRect(QRect(1, top, WIDTH - 2, self._entry), QColor(fill))
        if entry.key in FRESHNESS:
            paint_status(painter, QPointF(13, top + self._entry / 2 - 6), entry.key, theme)
        else:
            paint_swatch(
                painter,
                QRectF(13.5, top + self._entry / 2 - 5.5, 11, 11),
                entry.color,
                entry.pattern,
                theme,
            )
        faint = bool(keys) and entry.key not in keys
        painter.setFont(font())
        painter.setPen(QColor(theme.t3 if faint else theme.t1))
        centre, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        number_width = QFontMetrics(font()).horizontalAdvance(words.count(entry.count))
        room = QRect(34, top, WIDTH - 34 - 76 - number_width, self._entry)
        text = QFontMetrics(font()).elidedText(
            self.words(entry), Qt.TextElideMode.ElideMiddle, room.width()
        )
        painter.drawText(room, centre, text)
        painter.drawText(
            QRect(WIDTH - 118, top, 50, self._entry), centre | right, words.count(entry.count)
        )
        painter.setPen(QColor(theme.t3))
        painter.drawText(
            QRect(WIDTH - 64, top, 52, self._entry),
            centre | right,
            words.percent(entry.count, total),
        )

    def entry_at(self, y: float) -> int:
        """Return the number of the entry at a height, -1 for none."""
        number = int(y - self._top()) // self._entry if y >= self._top() else -1
        return number if 0 <= number < len(self.entries) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the entry under the pointer."""
        hover = self.entry_at(event.position().y())
        if hover != self._hover:
            self._hover = hover
            hand, arrow = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor
            self.setCursor(hand if hover >= 0 else arrow)
            self.update()

    def leaveEvent(self, event: object) -> None:
        """Unmark."""
        self._hover = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Fold at the title; filter by an entry, with Alt hide all others; a second click clears."""
        number = self.entry_at(event.position().y())
        if event.position().y() < 28:
            self._folded = not self.folded
            self.refresh(self.watches)
        elif number >= 0:
            alone = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            add = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.choose(self.entries[number].key, isolate=alone, add=add)

    def choose(self, key: str, *, isolate: bool = False, add: bool = False) -> None:
        """Show only the objects of an entry (ghost or, isolated, hide the others)."""
        session = self.desk.session
        keys = session.filter.keys
        wanted = keys ^ {key} if add else (frozenset() if keys == {key} else frozenset({key}))
        session.set_filter(frozenset(wanted), isolate=isolate)


class TilePlate(QFrame):
    """A dot, how many of the wanted tiles are here, and whom the data is from."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk = desk
        self.complete = True
        self.text = ""
        self.failed = 0
        self.credits: tuple[str, ...] = ()
        FocusRing(self, desk.theme.accent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    @property
    def sound(self) -> bool:
        """Return whether every tile that is wanted is here."""
        return self.complete and not self.failed

    def menu(self) -> QMenu:
        """Return whom the data is from, each on a line, and what can be done about failed tiles."""
        made, say = QMenu(self), self.desk.say
        again = made.addAction(say("layer_page.retry"), lambda: self.desk.act("layers.retry"))
        again.setEnabled(bool(self.failed))
        made.addSeparator()
        for text in self.credits:
            offer(made, text, partial(copy_text, text))
        if not self.credits:
            made.addAction(say("tiles.no_credits")).setEnabled(False)
        return made

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show the menu."""
        self.menu().exec(event.globalPosition().toPoint())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the menu with Enter or Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space):
            self.menu().exec(self.mapToGlobal(self.rect().topLeft()))
        else:
            super().keyPressEvent(event)

    def show_frame(self, frame: Frame) -> None:
        """Say how complete the picture is."""
        say, words = self.desk.say, self.desk.words
        self.complete = frame.complete
        text = say("tiles.all") if frame.complete else say(
            "tiles.some", drawn=words.count(frame.drawn), wanted=words.count(frame.wanted)
        )  # fmt: skip
        self.failed = frame.failed
        if frame.failed:
            text = say("tiles.others") if frame.complete else text
            text = say("tiles.failed", text=text, failed=words.count(frame.failed))
        self.credits = credits_of(self.desk.session.twin.layers, frame)
        text = " · ".join([text, *self.credits])
        if text != self.text or self.isHidden() == bool(self.desk.session.twin.layers):
            self.text = text
            self.setVisible(bool(self.desk.session.twin.layers))
            metrics = QFontMetrics(font(11))
            width = metrics.horizontalAdvance(text) + 36
            parent = self.parentWidget()
            most = parent.width() * 6 // 10 if parent else width
            room = QRect(0, 0, min(width, most) - 35, 1000)
            high = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, text).height()
            self.setFixedSize(min(width, most), max(24, high + 10))
            self.setToolTip("\n".join([*self.credits, say("tiles.more")]))
            self.setAccessibleName(text)
        self.update()

    def lodge(self, size: QSize) -> None:
        """Stand in the lower right corner of a view of a size."""
        self.move(size.width() - self.width() - 14, size.height() - self.height() - 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the plate."""
        painter, theme = QPainter(self), self.desk.theme
        paint_plate(painter, QRectF(self.rect()), theme)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent if self.sound else theme.caution_edge))
        painter.drawEllipse(QPointF(14, 12), 4, 4)
        painter.setFont(font(11))
        painter.setPen(QColor(theme.t1))
        room = self.rect().adjusted(25, 0, -10, 0)
        # whom the data is from must be read whole: it takes as many lines as it needs
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, self.text)
        painter.end()
