"""The right dock: passport, attributes and history of the selected object, and what can be done with it."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.scene import Aspect, CityObject
from ui.desk import Desk, Panel, count_selected
from ui.panels.glyphs import status_icon
from ui.panels.history import history_items
from ui.panels.parts import (
    Elided,
    SearchField,
    copy_text,
    icon_button,
    label,
    offer,
    open_address,
)
from ui.panels.passport import chip_text, passport_items
from ui.panels.property_items import property_items, property_lines
from ui.panels.sheet import Sheet
from ui.panels.sheet_items import Field, Item, Link
from ui.theme import font

TABS = ("passport", "attributes", "history")


class Inspector(Panel):
    """Header, one of three sheets, and the actions at the bottom."""

    watches = frozenset(
        {Aspect.SELECTION, Aspect.LAYERS, Aspect.FEATURES, Aspect.ASSESSMENT, Aspect.RECORDS,
         Aspect.VISIBILITY, Aspect.INSTANTS}
    )  # fmt: skip

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.tab = "passport"
        self.search = SearchField(desk, desk.say("attributes.search"))
        self.search.textChanged.connect(lambda _: self._fill())
        self.sheet = Sheet(desk.theme)
        self.sheet.on_copy = self._copy
        self.sheet.on_menu = self._menu
        self.sheet.on_fold = self._fold
        self.sheet.on_follow = self._follow
        self.sheet.on_reach = lambda y: self.pane.ensureVisible(0, y, 0, 40)
        self.folded: set[str] = set()
        self.stack = QStackedWidget()
        self.stack.setObjectName("panel")
        self.stack.addWidget(self._empty())
        self.stack.addWidget(self._page())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stack, 1)
        column.addWidget(self._footer())
        self.refresh(self.watches)

    def _empty(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 24, 24, 24)
        self.nothing = label(self.desk.say("inspector.empty"), "t2", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        column.addSpacing(48)
        column.addWidget(self.nothing)
        column.addStretch(1)
        return page

    def _page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(0)
        self.title = Elided(pixels=17, bold=True)
        self.subtitle = Elided(tone="t2")
        self.chips = QHBoxLayout()
        self.chips.setSpacing(6)
        copy = icon_button(self.desk, "copy", self.desk.say("action.passport.copy"))
        copy.clicked.connect(lambda: self.desk.act("passport.copy"))
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(copy)
        column.addLayout(_padded(head, 14, 0, 10, 0))
        column.addLayout(_padded(self.subtitle, 14, 0, 14, 6))
        chips = QWidget()
        chips.setFixedHeight(30)
        chips.setLayout(_padded(self.chips, 14, 2, 14, 4))
        column.addWidget(chips)
        column.addWidget(self._search_row())
        self.pane = scroll = QScrollArea()
        scroll.setObjectName("panel")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget()
        holder.setObjectName("panel")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.sheet)
        inner.addStretch(1)
        scroll.setWidget(holder)
        column.addWidget(scroll, 1)
        return page

    def _search_row(self) -> QWidget:
        self.search_row = QWidget()
        every = icon_button(self.desk, "copy", self.desk.say("attributes.copy_all"))
        every.clicked.connect(self._copy_all)
        row = QHBoxLayout(self.search_row)
        row.setContentsMargins(14, 6, 10, 2)
        row.addWidget(self.search, 1)
        row.addWidget(every)
        return self.search_row

    def _footer(self) -> QWidget:
        self.footer = QWidget()
        self.footer.setObjectName("footer")
        row = QHBoxLayout(self.footer)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(8)
        zoom = QPushButton(self.desk.say("action.view.fit"))
        zoom.setProperty("primary", True)
        zoom.clicked.connect(lambda: self.desk.act("view.fit"))
        row.addWidget(zoom)
        self.hide_button = QPushButton(self.desk.say("action.objects.hide"))
        self.hide_button.clicked.connect(lambda: self.desk.act("objects.hide"))
        isolate = QPushButton(self.desk.say("action.objects.isolate"))
        isolate.clicked.connect(lambda: self.desk.act("objects.isolate"))
        row.addWidget(self.hide_button)
        row.addWidget(isolate)
        row.addStretch(1)
        more = icon_button(self.desk, "more", self.desk.say("more"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        for name in ("passport.copy", "objects.show_all", "select.clear"):
            offer(menu, self.desk.say(f"action.{name}"), partial(self.desk.act, name))
        more.setMenu(menu)
        row.addWidget(more)
        return self.footer

    def show_tab(self, name: str) -> None:
        """Show passport, attributes or history."""
        self.tab = name
        self._fill()

    def thing(self) -> CityObject | None:
        """Return the one selected object."""
        chosen = self.desk.only_selected()
        if chosen is None or chosen[0] not in self.desk.session.twin.layers:
            return None
        layer = self.desk.session.twin.layers[chosen[0]]
        return CityObject(layer, chosen[1]) if chosen[1] < len(layer.features) else None

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Show what is selected now."""
        self._fill()

    def _fill(self) -> None:
        thing = self.thing()
        chosen = count_selected(self.desk)
        self.stack.setCurrentIndex(0 if thing is None else 1)
        self.footer.setVisible(chosen > 0)
        if thing is None:
            many = self.desk.say("inspector.many", count=self.desk.words.count(chosen))
            self.nothing.setText(many if chosen else self.desk.say("inspector.empty"))
            return
        self._fill_head(thing)
        self.search_row.setVisible(self.tab == "attributes")
        self.sheet.label_share = 42 if self.tab == "attributes" else 27
        self.sheet.show_items(self._items(thing))

    def _fill_head(self, thing: CityObject) -> None:
        self.title.show_text(self.desk.title(thing))
        parts = [self.desk.kind(thing.kind)]
        if thing.id != thing.name:
            parts.append(thing.id)
        if thing.parent is not None:
            parts.append(self.desk.say("inspector.part_of", name=self.desk.title(thing.parent)))
        self.subtitle.show_text(" · ".join(parts))
        while (item := self.chips.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        key, words = chip_text(self.desk, thing)
        self.chips.addWidget(Chip(self.desk, key, words))
        if thing.layer.is_hidden(thing.row):
            self.chips.addWidget(Chip(self.desk, "", self.desk.say("inspector.hidden")))
        self.chips.addStretch(1)

    def _items(self, thing: CityObject) -> Sequence[Item]:
        if self.tab == "attributes":
            return property_items(self.desk, thing, self.search.text().strip(), self.folded)
        if self.tab == "history":
            return history_items(self.desk, thing)
        return passport_items(self.desk, thing)

    def _fold(self, key: str) -> None:
        self.folded ^= {key}
        self._fill()

    def _follow(self, link: Link) -> None:
        """Select the object that a link names, or hand its address to the browser."""
        if link.row >= 0:
            self.desk.select(link.layer, link.row)
        else:
            open_address(link.uri)

    def _copy(self, field: Field | Link) -> None:
        copy_text(field.whole)
        self.desk.tell(self.desk.say("copied", text=field.whole), "info")

    def _copy_all(self) -> None:
        thing = self.thing()
        if thing is not None:
            lines = property_lines(self.desk, thing, self.search.text().strip())
            copy_text("\n".join(lines))
            count = self.desk.words.count(len(lines))
            self.desk.tell(self.desk.say("attributes.copied", count=count), "info")

    def _menu(self, field: Field | Link, point: QPoint) -> None:
        thing = self.thing()
        menu = QMenu(self)
        if isinstance(field, Link):
            go = "attributes.open" if field.uri else "attributes.go"
            offer(menu, self.desk.say(go), lambda: self._follow(field))
        offer(menu, self.desk.say("copy_value"), lambda: self._copy(field))
        column = field.key if isinstance(field, Field) else ""
        if thing is not None and column and thing.layer.features.get(column) is not None:
            offer(
                menu,
                self.desk.say("attributes.color_by", name=column),
                lambda: self.desk.run("view.color_by", column=column),
            )
        menu.exec(point)

    def passport_text(self) -> str:
        """Return the passport as lines of text, for the clipboard."""
        thing = self.thing()
        if thing is None:
            return ""
        lines = [thing.name, f"{thing.kind} · {thing.id}", chip_text(self.desk, thing)[1]]
        items = passport_items(self.desk, thing)
        lines += [f"{x.label}: {x.value}\t{x.source}" for x in items if isinstance(x, Field)]
        return "\n".join(lines)


class Chip(QWidget):
    """A small raised word, with a status glyph where it is a status."""

    def __init__(self, desk: Desk, status: str, text: str) -> None:
        super().__init__()
        self.desk, self.status, self.text = desk, status, text
        self.setFont(font())
        width = self.fontMetrics().horizontalAdvance(text)
        self.setFixedSize(width + (34 if status else 16), 22)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint plate, glyph and word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(self.desk.theme.line2))
        painter.setBrush(QColor(self.desk.theme.raised))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)
        x = 8
        if self.status:
            status_icon(self.status, self.desk.theme).paint(painter, 6, 3, 16, 16)
            x = 26
        ink = self.desk.theme.status_text.get(self.status, self.desk.theme.t1)
        painter.setPen(QColor(ink))
        painter.setFont(font())
        painter.drawText(
            self.rect().adjusted(x, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text
        )
        painter.end()


def _padded(what: QWidget | QHBoxLayout, *margins: int) -> QHBoxLayout:
    if isinstance(what, QHBoxLayout):
        what.setContentsMargins(*margins)
        return what
    row = QHBoxLayout()
    row.setContentsMargins(*margins)
    row.addWidget(what)
    return row
