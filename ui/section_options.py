"""What the tool bar offers while Section is in hand: what to set, turn round, align, where it stands, faces."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QMenu, QToolButton

from twin.geometry import F64
from twin.records import Section
from twin.scene import Aspect
from twin.sections import is_box, is_level, position
from ui.desk import Desk, Panel
from ui.panels.parts import mark, numeric, offer, word_button
from ui.viewport.look import CAPS

KINDS = ("through", "level", "upright")
MOST = 9_999_999.0


class Owner(Protocol):
    """What the options ask of the tool."""

    index: int

    @property
    def section(self) -> Section | None:
        """Return the section in hand."""

    @property
    def middle(self) -> F64:
        """Return the point from which positions count."""

    def wait_for(self, what: str) -> None:
        """Let the next click set a section."""

    def box(self) -> None:
        """Set a box."""

    def flip(self) -> None:
        """Cut away the other side."""

    def align(self) -> None:
        """Face the camera."""

    def put_at(self, value: float) -> None:
        """Put the plane somewhere."""

    def clear(self) -> None:
        """Remove the section."""


class SectionOptions(Panel):
    """The row of options."""

    watches = frozenset({Aspect.RECORDS, Aspect.SECTIONS, Aspect.SETTINGS})

    def __init__(self, tool: Owner, desk: Desk) -> None:
        super().__init__(desk)
        self.tool = tool
        self.setObjectName("options")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._kinds())
        self.flip = self._button("flip", tool.flip)
        self.align = self._button("align", tool.align)
        row.addWidget(self.flip)
        row.addWidget(self.align)
        self.field = self._position()
        row.addWidget(self.field)
        self.caps = self._caps()
        row.addWidget(self.caps)
        self.clear = self._button("clear", tool.clear)
        row.addWidget(self.clear)
        self.show_section()

    def _kinds(self) -> QToolButton:
        say = self.desk.say
        made = word_button(self.desk, "add", say("sections.new"))
        made.setToolTip(say("sections.new_tip"))
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(made)
        for kind in KINDS:
            offer(menu, say(f"sections.{kind}"), partial(self.tool.wait_for, kind))
        menu.addSeparator()
        offer(menu, say("action.sections.box"), self.tool.box)
        made.setMenu(menu)
        return made

    def _button(self, name: str, do: Callable[[], None]) -> QToolButton:
        made = QToolButton()
        made.setText(self.desk.say(f"sections.{name}"))
        made.setToolTip(self.desk.say(f"sections.{name}_tip"))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(lambda: do())
        return made

    def _position(self) -> QDoubleSpinBox:
        made = QDoubleSpinBox()
        made.setRange(-MOST, MOST)
        made.setDecimals(2)
        made.setSingleStep(0.1)
        made.setSuffix(" m")
        made.setKeyboardTracking(False)
        made.setFixedWidth(118)
        made.setAccessibleName(self.desk.say("sections.position"))
        numeric(self.desk, made)
        made.valueChanged.connect(self.tool.put_at)
        return made

    def _caps(self) -> QComboBox:
        made = QComboBox()
        for name in CAPS:
            made.addItem(self.desk.say(f"setting_choice.{name}"), name)
        made.setAccessibleName(self.desk.say("sections.faces"))
        made.setToolTip(self.desk.say("sections.faces"))
        mark(self.desk, "chevron_down", made)
        made.activated.connect(
            lambda _: self.desk.act("setting", "section_caps", made.currentData())
        )
        return made

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Follow what cuts now."""
        self.show_section()

    def show_section(self) -> None:
        """Show what can be done with the section in hand, and where it stands."""
        section = self.tool.section
        single = section is not None and len(section.planes) == 1
        say, there = self.desk.say, section is not None
        for button, name in ((self.flip, "flip"), (self.align, "align")):
            button.setEnabled(single)
            button.setToolTip(say(f"sections.{name}_tip" if single else "sections.needs_plane"))
        self.clear.setEnabled(there)
        self.clear.setToolTip(say("sections.clear_tip" if there else "sections.needs_one"))
        self.field.setEnabled(there)
        self.field.setToolTip(say("sections.needs_one"))
        self.field.blockSignals(True)
        if section is not None:
            index = min(self.tool.index, len(section.planes) - 1)
            self.field.setValue(position(section, index, self.tool.middle))
            self.field.setToolTip(self.desk.say(f"sections.{position_kind(section, index)}"))
        self.field.blockSignals(False)
        self.caps.setCurrentIndex(self.caps.findData(self.desk.session.settings.section_caps))


def letter(number: int) -> str:
    """Return A, B, ... Z, AA, AB, ... for 1, 2, ..."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def position_kind(section: Section, index: int) -> str:
    """Return what the number of a plane says: height, length or offset."""
    if is_level(section.planes[index]):
        return "height"
    return "length" if is_box(section) else "offset"


def position_text(desk: Desk, section: Section, index: int, middle: F64) -> str:
    """Return where a plane stands, in words with its unit."""
    return f"{desk.words.metres(position(section, index, middle), 2)} m"
