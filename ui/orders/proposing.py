"""What newer deliveries propose for open orders, found out beside the window as soon as there is anything to compare."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import is_open
from twin.maintenance.orders.verdicts import CLOSE, LOST, Proposal
from twin.proposals import Note, Proposing
from ui.desk import Desk
from ui.orders.cards import Proposed
from ui.orders.facts import party_names
from ui.panels.parts import label, line, mark


@dataclass
class Watch:
    """Compares again whenever deliveries or open orders changed; ``on_found`` is told what came of it."""

    desk: Desk
    on_found: Callable[[], None]
    found: Mapping[str, Proposal] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    _work: Proposing | None = None
    _known: tuple[object, ...] = ()

    @property
    def progress(self) -> float | None:
        """Return how far a comparison is, 0..1; None = there is none under way."""
        return None if self._work is None else self._work.progress

    def look(self) -> None:
        """Begin anew where something changed that matters."""
        twin = self.desk.session.twin
        orders = twin.records["orders"].values()
        left = tuple((x.id, x.base, x.state) for x in orders if is_open(x))
        datasets = twin.records["datasets"].items()
        known = (left, tuple((key, tuple(d.id for d in x.deliveries)) for key, x in datasets))
        if known == self._known:
            return
        self._known = known
        if self._work is not None:
            self._work.stop()
            self._work = None
        several = any(len(x.deliveries) > 1 for _, x in datasets)
        work = self.desk.session.proposing() if left and several else None
        if work is not None and not work.done:
            self._work = work
        elif self.found or self.notes:
            self._tell({}, ())

    def step(self) -> None:
        """Go on; called every tick."""
        work = self._work
        if work is None:
            return
        work.step()
        if work.done:
            self._work = None
            self._tell({x.order: x for x in work.found}, tuple(work.notes))

    def _tell(self, found: Mapping[str, Proposal], notes: tuple[Note, ...]) -> None:
        self.found, self.notes = found, notes
        self.on_found()

    def words(self) -> dict[str, Proposed]:
        """Return what hangs under the cards."""
        say = self.desk.say
        return {
            key: Proposed(say(f"orders_panel.said_{one.verdict}"), self.verb(one))
            for key, one in self.found.items()
        }

    def text(self, one: Proposal) -> str:
        """Return a proposal as a sentence."""
        words = self.desk.words.catalogue.text(f"orders.proposal.{one.verdict}")
        return words[:1].upper() + words[1:]

    def verb(self, one: Proposal) -> str:
        """Return what accepting a proposal is called."""
        state = one.state or ("raised" if one.verdict == LOST else "")
        key = (
            "orders_panel.accept_close" if one.verdict == CLOSE else f"orders_panel.accept_{state}"
        )
        return self.desk.say(key)


class AcceptDialog(QDialog):
    """Says what is proposed and what accepting it does; asks who acts."""

    def __init__(
        self, desk: Desk, order: WorkOrder, proposal: Proposal, watch: Watch, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.desk, self.order, self.proposal = desk, order, proposal
        say = desk.say
        self.setWindowTitle(say("orders_panel.accept_title", order=order.number))
        self.by = self._parties()
        self.ok = QPushButton(watch.verb(proposal).rstrip("…"))
        self.ok.setProperty("primary", True)
        self.ok.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._form(watch.text(proposal)))
        column.addWidget(line())
        column.addLayout(self._foot())
        self.setMinimumWidth(440)
        self._check()

    def _parties(self) -> QComboBox:
        made = QComboBox()
        made.addItem("", "")
        for key, name in party_names(self.desk.session.twin).items():
            made.addItem(name, key)
        made.setCurrentIndex(max(made.findData(self.desk.acting), 0))
        made.setAccessibleName(self.desk.say("orders_panel.by"))
        mark(self.desk, "chevron_down", made)
        made.currentIndexChanged.connect(lambda _: self._check())
        return made

    def _form(self, words: str) -> QFormLayout:
        say = self.desk.say
        form = QFormLayout()
        form.setContentsMargins(20, 16, 20, 12)
        form.setVerticalSpacing(8)
        form.addRow(label(words, wrap=True))
        if self.proposal.needs_person:
            form.addRow(label(say("orders_panel.look_first"), "t2", wrap=True))
        form.addRow(label(say("orders_panel.delivery")), label(self.proposal.delivery, "t2"))
        form.addRow(label(say("orders_panel.by")), self.by)
        form.addRow("", label(say("orders_panel.claimed"), "t3", 11, wrap=True))
        return form

    def _foot(self) -> QHBoxLayout:
        cancel = QPushButton(self.desk.say("cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        for part in (self.ok, cancel):
            foot.addWidget(part)
        foot.addStretch(1)
        return foot

    def _check(self) -> None:
        party = self.by.currentData()
        self.ok.setEnabled(bool(party))
        self.ok.setToolTip("" if party else self.desk.say("orders_panel.who"))

    def arguments(self) -> dict[str, str]:
        """Return the arguments of ``orders.accept``."""
        lost = [uid for uid, verdict in self.proposal.objects.items() if verdict == LOST]
        return {
            "order": self.order.id,
            "verdict": self.proposal.verdict,
            "delivery": self.proposal.delivery,
            "by": str(self.by.currentData() or ""),
            "lost": ",".join(lost),
        }
