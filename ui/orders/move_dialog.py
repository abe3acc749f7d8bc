"""What a step of an order needs: who acts, to whom, which delivery, why; what is missing is said at once."""

import numpy as np
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from twin.errors import TwinError
from twin.judging import rules_of
from twin.maintenance.orders.parties import actor_of
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import REASONED, Actor, Move, refusal
from twin.records import Dataset
from ui.desk import Desk
from ui.orders.facts import party_names
from ui.panels.parts import label, line, mark

NEEDS = {"assigned": "to", "delivered": "delivery", "verified": "result"}
"""State -> the field it needs besides who acts and why."""


class MoveDialog(QDialog):
    """Asks for one step of one or several orders; the button is grey while a step is not possible."""

    def __init__(self, desk: Desk, orders: list[WorkOrder], state: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk, self.orders, self.state = desk, orders, state
        say = desk.say
        self.setWindowTitle(say(f"orders_panel.to_{state}").rstrip("…"))
        self.by = self._parties(desk.acting)
        self.fields: dict[str, QComboBox | QLineEdit] = {}
        self.why = QLineEdit()
        self.why.setAccessibleName(say("orders_panel.why"))
        self.wrong = label("", "stale", 11, wrap=True)
        self.ok = QPushButton(say(f"orders_panel.to_{state}").rstrip("…"))
        self.ok.setProperty("primary", True)
        self.ok.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._form())
        column.addWidget(line())
        column.addLayout(self._foot())
        self.setMinimumWidth(440)
        self._check()

    def _form(self) -> QFormLayout:
        say = self.desk.say
        form = QFormLayout()
        form.setContentsMargins(20, 16, 20, 12)
        form.setVerticalSpacing(8)
        words = ", ".join(str(order.number) for order in self.orders[:8])
        more = "…" if len(self.orders) > 8 else ""
        form.addRow(label(say("orders_panel.which")), label(words + more, "t2"))
        form.addRow(label(say("orders_panel.by")), self.by)
        self.by.currentIndexChanged.connect(lambda _: self._check())
        need = NEEDS.get(self.state, "")
        if need:
            made = self._field(need)
            self.fields[need] = made
            form.addRow(label(say(f"orders_panel.{need}")), made)
        form.addRow(label(say("orders_panel.why")), self.why)
        self.why.textChanged.connect(lambda _: self._check())
        if self.state not in REASONED:
            self.why.setPlaceholderText(say("orders_panel.optional"))
        form.addRow("", self.wrong)
        form.addRow("", label(say("orders_panel.claimed"), "t3", 11, wrap=True))
        return form

    def _field(self, need: str) -> QComboBox:
        if need == "to":
            made = self._parties(self.orders[0].assignee)
        else:
            made = QComboBox()
            made.setEditable(True)
            options = self._deliveries() if need == "delivery" else self._results()
            for key, text in options:
                made.addItem(text, key)
            mark(self.desk, "chevron_down", made)
            made.editTextChanged.connect(lambda _: self._check())
        made.setAccessibleName(self.desk.say(f"orders_panel.{need}"))
        made.currentIndexChanged.connect(lambda _: self._check())
        return made

    def _parties(self, chosen: str) -> QComboBox:
        made = QComboBox()
        made.addItem("", "")
        names = party_names(self.desk.session.twin)
        for key, name in sorted(names.items(), key=lambda item: item[1].casefold()):
            made.addItem(name, key)
        place = made.findData(chosen)
        made.setCurrentIndex(max(place, 0))
        made.setAccessibleName(self.desk.say("orders_panel.by"))
        mark(self.desk, "chevron_down", made)
        return made

    def _deliveries(self) -> list[tuple[str, str]]:
        """Return the deliveries of the project, the latest first."""
        datasets: list[Dataset] = list(self.desk.session.twin.records["datasets"].values())
        found = [(x.received, x.id, data.title) for data in datasets for x in data.deliveries]
        found.sort(key=lambda item: str(item[0] or ""), reverse=True)
        dates = [self.desk.words.date(received) for received, _, _ in found]
        options = [
            (key, f"{title} ({date})") for (_, key, title), date in zip(found, dates, strict=True)
        ]
        return options or [("", "")]

    def _results(self) -> list[tuple[str, str]]:
        words = ("seen", "measured", "compared")
        return [(text := self.desk.say(f"orders_panel.result_{word}"), text) for word in words]

    def _foot(self) -> QHBoxLayout:
        cancel = QPushButton(self.desk.say("cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.addWidget(self.ok)
        foot.addWidget(cancel)
        foot.addStretch(1)
        return foot

    def _value(self, need: str) -> str:
        field = self.fields.get(need)
        if not isinstance(field, QComboBox):
            return ""
        if field.isEditable() and field.currentText() != field.itemText(field.currentIndex()):
            return field.currentText().strip()
        return str(field.currentData() or "")

    def arguments(self) -> dict[str, str]:
        """Return the arguments of ``orders.move``."""
        found = {
            "order": ",".join(order.id for order in self.orders),
            "state": self.state,
            "by": str(self.by.currentData() or ""),
            "reason": self.why.text().strip(),
        }
        need = NEEDS.get(self.state, "")
        return {**found, need: self._value(need)} if need else found

    def _check(self) -> None:
        """Say why the step is not possible (of the first order that refuses), or let it be done."""
        said = self.refused()
        self.wrong.setText(said)
        self.wrong.setVisible(bool(said))
        self.ok.setEnabled(not said)
        self.ok.setToolTip(said)

    def refused(self) -> str:
        """Return why an order cannot make the step as it is asked for; '' = all can."""
        rules = rules_of(self.desk.session.twin)
        said, language = self.arguments(), self.desk.words.language
        now = np.datetime64("now", "ms")
        try:
            actor = actor_of(rules, said["by"], now) if said["by"] else Actor("")
        except TwinError as error:
            return self.desk.error_text(error)
        for order in self.orders:
            move = Move(
                self.state, now, actor, said.get("to", ""), said.get("delivery", ""),
                said.get("result", ""), said["reason"], rules.choices.four_eyes,
            )  # fmt: skip
            found = refusal(order, move)
            if found is not None:
                return found.said(language)
        return ""
