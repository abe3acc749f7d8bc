"""The layer page of the right dock: how the chosen layer is shown, what it is, what is wrong with it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.explaining import SECTIONS, Fact, explain, explained, grouped
from twin.scene import Aspect, Layer
from ui.desk import Desk, Panel
from ui.panels.display_form import DisplayForm
from ui.panels.mapping_hint import MappingHint
from ui.panels.option_form import OptionForm
from ui.panels.parts import Elided, copy_text, icon_button, label, offer
from ui.panels.point_form import PointForm
from ui.panels.sheet import Sheet
from ui.panels.sheet_items import Field, Heading, Item, Link, Note, Rule

PAUSE = 0.5
"""Seconds between two readings of the facts while tiles arrive."""


class LayerPage(Panel):
    """Title and address, the form of how it is shown, the facts, and what can be done with it."""

    watches = frozenset(
        {Aspect.LAYERS, Aspect.FEATURES, Aspect.ASSESSMENT, Aspect.PROBLEMS, Aspect.DISPLAY,
         Aspect.TREE, Aspect.VISIBILITY, Aspect.PROJECT, Aspect.SETTINGS}
    )  # fmt: skip

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._due = True
        self._read = 0.0
        self.form, self.points = DisplayForm(desk), PointForm(desk)
        self.options = OptionForm(desk)
        self.hint = MappingHint(desk)
        self.sheet = Sheet(desk.theme)
        self.sheet.on_copy = self._copy_value
        self.sheet.label_share = 42
        self.sheet.wraps = True
        self.stack = QStackedWidget()
        self.stack.setObjectName("panel")
        nothing = label(desk.say("layer_page.empty"), "t2", wrap=True)
        nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        nothing.setContentsMargins(24, 72, 24, 24)
        self.stack.addWidget(nothing)
        self.stack.addWidget(self._page())
        self.footer = self._footer()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stack, 1)
        column.addWidget(self.footer)
        self._fill()

    def _page(self) -> QWidget:
        self.title = Elided(pixels=17, bold=True)
        self.subtitle = Elided(tone="t2")
        copy = icon_button(self.desk, "copy", self.desk.say("layer_page.copy"))
        copy.clicked.connect(self.copy)
        head = QHBoxLayout()
        head.setContentsMargins(14, 12, 10, 0)
        head.addWidget(self.title, 1)
        place = icon_button(self.desk, "place", self.desk.say("action.layers.placement"))
        place.clicked.connect(lambda: self.desk.act("layers.placement", self.desk.layer))
        head.addWidget(place)
        head.addWidget(copy)
        below = QHBoxLayout()
        below.setContentsMargins(14, 0, 14, 8)
        below.addWidget(self.subtitle)
        holder = QWidget()
        holder.setObjectName("panel")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.form)
        inner.addWidget(self.points)
        inner.addWidget(self.options)
        inner.addWidget(self.sheet)
        inner.addWidget(self.hint)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setObjectName("panel")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(holder)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(below)
        column.addWidget(scroll, 1)
        return page

    def _footer(self) -> QWidget:
        desk, say = self.desk, self.desk.say
        made = QWidget()
        made.setObjectName("footer")
        row = QHBoxLayout(made)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(8)
        zoom = QPushButton(say("layers.zoom"))
        zoom.setProperty("primary", True)
        zoom.clicked.connect(lambda: desk.act("view.fit_layer", desk.layer))
        self.retry = QPushButton(say("layer_page.retry"))
        self.retry.clicked.connect(lambda: desk.act("layers.retry", desk.layer))
        row.addWidget(zoom)
        row.addWidget(self.retry)
        row.addStretch(1)
        more = icon_button(desk, "more", say("more"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        offer(menu, say("layer_page.swap"), lambda: desk.act("layers.swap", desk.layer))
        offer(menu, say("layers.map"), lambda: desk.act("layers.map", desk.layer))
        offer(menu, say("layers.crs"), lambda: desk.act("layers.crs", desk.layer))
        offer(menu, say("layer_page.copy"), self.copy)
        offer(menu, say("layer_page.export"), lambda: desk.act("layers.problems", desk.layer))
        offer(menu, say("layer_page.log"), lambda: desk.act("panel.log", desk.layer))
        more.setMenu(menu)
        row.addWidget(more)
        return made

    def thing(self) -> Layer | None:
        """Return the layer that is shown."""
        return self.desk.session.twin.layers.get(self.desk.layer)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Show the layer anew; while tiles arrive the facts are read twice a second."""
        self._due = True
        if aspects & {Aspect.DISPLAY, Aspect.LAYERS, Aspect.SETTINGS}:
            self._read = 0.0

    def pass_time(self, now: float) -> None:
        """Read the facts again when something changed and the page is seen."""
        if self._due and self.isVisible() and now - self._read >= PAUSE:
            self._due, self._read = False, now
            self._fill()

    def show_layer(self) -> None:
        """Show the layer that was chosen."""
        self._due, self._read = True, 0.0
        self._fill()

    def _fill(self) -> None:
        layer = self.thing()
        self.stack.setCurrentIndex(0 if layer is None else 1)
        self.footer.setVisible(layer is not None)
        if layer is None:
            return
        self.title.show_text(layer.title)
        self.subtitle.show_text(layer.source.path)
        self.form.show_layer(layer)
        stream = self.desk.session.screen.streams[layer.id]
        self.points.setVisible(stream.finest()[1] > 0)
        self.points.show_settings()
        self.options.show_layer(layer)
        self.retry.setEnabled(bool(stream.failed))
        count = self.desk.words.count(len(stream.failed))
        tip = "layer_page.retry_tip" if stream.failed else "layer_page.retry_none"
        self.retry.setToolTip(self.desk.say(tip, count=count))
        self.sheet.show_items(self._items(layer))
        self.hint.show_layer(layer)

    def facts(self, layer: Layer) -> Sequence[Fact]:
        """Return what is known of the layer, in the language of the window."""
        session = self.desk.session
        language = self.desk.words.language
        return explain(layer, session.screen.streams[layer.id], session.project, language)

    def _items(self, layer: Layer) -> list[Item]:
        words, found = self.desk.words.catalogue, self.facts(layer)
        items: list[Item] = []
        for section in SECTIONS[:-1]:
            items += [Rule(), Heading(words.text(f"explain.section_{section}"))]
            items += [
                Field(x.label(words), x.text(words), tone="t1" if x.value is not None else "t3")
                for x in found
                if x.section == section
            ]
        groups = grouped(layer.problems, words.language)
        note = self.desk.words.count(len(layer.problems))
        items += [Rule(), Heading(words.text("explain.section_problems"), note)]
        if not groups:
            items.append(Note(self.desk.say("layer_page.no_problems")))
        for group in groups:
            times = f"× {self.desk.words.count(group.count)}"
            items += [Field(times, group.code), Note(group.text)]
            if group.places and group.count > 1:
                items.append(Note(self.desk.say("layer_page.at", places=", ".join(group.places))))
        return items

    def copy(self) -> None:
        """Copy what is known of the layer as Markdown."""
        layer = self.thing()
        if layer is not None:
            language = self.desk.words.language
            copy_text(explained(layer.title, self.facts(layer), language))
            self.desk.tell(self.desk.say("layer_page.copied"), "info")

    def _copy_value(self, field: Field | Link) -> None:
        copy_text(field.value)
        self.desk.tell(self.desk.say("copied", text=field.value), "info")
