"""What stands in the tool bar while Areas is in hand: an area of whom, or a zone; its class and rank."""

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QWidget

from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.parts import ElidedBox, icon_button, segments

WHAT = ("area", "zone")


class AreaOptions(Panel):
    """The next area's party, class and priority; or the next zone's name."""

    watches = frozenset({Aspect.RECORDS, Aspect.LAYERS})

    def __init__(self, desk: Desk, show: Callable[[bool], None]) -> None:
        super().__init__(desk)
        self.setObjectName("options")
        self.what = WHAT[0]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        kinds = QHBoxLayout()
        kinds.setSpacing(0)
        for button in segments(
            [(x, desk.say(f"areas.{x}")) for x in WHAT], self.what, self.choose
        ):
            kinds.addWidget(button)
        row.addLayout(kinds)
        self.party = ElidedBox(desk, desk.say("areas.party"), 150)
        self.kind = ElidedBox(desk, desk.say("areas.kind"), 116)
        self.priority = QLineEdit("0")
        self.priority.setFixedWidth(36)
        self.priority.setToolTip(desk.say("areas.priority"))
        self.priority.setAccessibleName(desk.say("areas.priority"))
        self.name = QLineEdit()
        self.name.setFixedWidth(140)
        self.name.setPlaceholderText(desk.say("areas.name"))
        self.name.setAccessibleName(desk.say("areas.name"))
        self.kept = QCheckBox(desk.say("areas.keep"))
        self.kept.setToolTip(desk.say("areas.keep_tip"))
        self.kept.toggled.connect(show)
        self.bring = icon_button(desk, "import", desk.say("action.areas.import"))
        self.bring.clicked.connect(lambda: desk.act("areas.import"))
        self.edit = icon_button(desk, "custodian", desk.say("action.custodians.edit"))
        self.edit.clicked.connect(lambda: desk.act("custodians.edit"))
        parts: list[QWidget] = [self.party, self.kind, self.priority, self.name]
        for part in (*parts, self.kept, self.bring, self.edit):
            row.addWidget(part)
        self.refresh(self.watches)
        self.choose(self.what)

    def choose(self, what: str) -> None:
        """Draw an area of responsibility, or a zone."""
        self.what = what
        for part in (self.party, self.kind, self.priority):
            part.setVisible(what == "area")
        self.name.setVisible(what == "zone")

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Offer the parties and classes there are; organisations first."""
        parties = self.desk.session.twin.records["parties"]
        ordered = sorted(parties.values(), key=lambda p: (not p.organisation, p.name))
        self._offer(self.party, [(p.id, p.name or p.id) for p in ordered])
        layers = self.desk.session.twin.layers.values()
        kinds = sorted({kind for layer in layers for kind in layer.features.kinds})
        every = ("*", self.desk.say("areas.every_class"))
        self._offer(self.kind, [every, *((kind, self.desk.kind(kind)) for kind in kinds)])

    def _offer(self, box: ElidedBox, choices: list[tuple[str, str]]) -> None:
        kept = box.currentData()
        if [box.itemData(i) for i in range(box.count())] == [key for key, _ in choices]:
            return
        box.clear()
        for key, word in choices:
            box.addItem(word, key)
        box.setCurrentIndex(max(box.findData(kept), 0))

    def said(self) -> dict[str, str]:
        """Return what the next area is to be."""
        return {
            "what": self.what,
            "party": str(self.party.currentData() or ""),
            "kind": str(self.kind.currentData() or "*"),
            "priority": self.priority.text().strip() or "0",
            "name": self.name.text().strip(),
        }
