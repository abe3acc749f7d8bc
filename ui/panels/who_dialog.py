"""Parties, what they answer for, absences and zones; and what is wrong with them."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from twin.errors import TwinError
from twin.judging import rules_of
from twin.maintenance.rule_checks import mergers, rule_problems
from twin.maintenance.rule_tables import SCOPES
from twin.maintenance.rule_writing import (
    absence_table,
    party_table,
    responsibility_table,
    zone_table,
)
from ui.desk import Desk
from ui.panels.parts import label, line
from ui.panels.record_page import Entry, RecordPage, Subject

ROLES = (
    "custodian",
    "owner",
    "processor",
    "pointOfContact",
    "publisher",
    "resourceProvider",
    "stakeholder",
)
SHOWN = 40
"""Problems listed in the dialog."""


class WhoDialog(QDialog):
    """One page a subject; every Apply is one step that can be undone."""

    def __init__(self, desk: Desk, parent: QWidget, page: str = "parties") -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(desk.say("action.custodians.edit").rstrip("…"))
        self.resize(820, 540)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.pages = {s.kind: RecordPage(desk, s, self._check) for s in subjects(desk)}
        for kind, made in self.pages.items():
            self.tabs.addTab(made, desk.say(f"who.{kind}"))
        self.tabs.setCurrentIndex(list(self.pages).index(page))
        self.tabs.currentChanged.connect(lambda _n: self._turned())
        self.problems = QScrollArea()
        self.problems.setObjectName("panel")
        self.problems.setFrameShape(QScrollArea.Shape.NoFrame)
        self.problems.setWidgetResizable(True)
        self.problems.setFixedHeight(112)
        close = QPushButton(desk.say("close"))
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 8, 14, 10)
        foot.addWidget(close)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(0)
        self.tabs.setStyleSheet("QTabWidget::tab-bar { left: 14px; }")
        column.addWidget(self.tabs, 1)
        column.addWidget(line())
        column.addWidget(self.problems)
        column.addWidget(line())
        column.addLayout(foot)
        self._check()

    def _turned(self) -> None:
        page = self.tabs.currentWidget()
        if isinstance(page, RecordPage):
            page.fill()

    def _check(self) -> None:
        """Say what is wrong with the rules, and offer to merge what stands twice."""
        session = self.desk.session
        rules = rules_of(session.twin)
        try:
            found = rule_problems(rules, session.twin.crs, session.at)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            found = ()
        page = QWidget()
        page.setObjectName("panel")
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(4)
        pairs = {second: first for first, second in mergers(rules)}
        if not found:
            column.addWidget(label(self.desk.say("who.sound"), "t3"))
        for problem in found[:SHOWN]:
            row = QHBoxLayout()
            row.addWidget(label(problem.said(self.desk.words.language), "t2", 11, wrap=True), 1)
            second = str(problem.params.get("second", ""))
            if problem.code == "party.twice" and second in pairs:
                merge = QPushButton(self.desk.say("who.merge"))
                merge.clicked.connect(lambda _=False, a=second, b=pairs[second]: self._merge(a, b))
                row.addWidget(merge)
            column.addLayout(row)
        if len(found) > SHOWN:
            more = self.desk.words.count(len(found) - SHOWN)
            column.addWidget(label(self.desk.say("who.more", count=more), "t3"))
        column.addStretch(1)
        self.problems.setWidget(page)

    def _merge(self, gone: str, into: str) -> None:
        if self.desk.run("party.merge", id=gone, into=into):
            for page in self.pages.values():
                page.fill()
            self._check()


def subjects(desk: Desk) -> tuple[Subject, ...]:
    """Return what the dialog edits."""
    return (
        Subject("parties", "party", lambda k, p: _party_line(k, p), lambda: _party_entries(desk),
                lambda k, p: _texts(party_table(p, desk.session.twin.records["aliases"]) | {
                    "id": k, "organisation": "yes" if p.organisation else "no"})),
        Subject("responsibilities", "responsibility", lambda k, d: _duty_line(desk, k, d),
                lambda: _duty_entries(desk), lambda _k, d: _texts(responsibility_table(d))),
        Subject("absences", "absence", lambda k, a: _absence_line(desk, a),
                lambda: _absence_entries(desk), lambda _k, a: _absence_texts(a)),
        Subject("zones", "zone", lambda _k, z: (z.name, "layers"), _zone_entries,
                lambda k, z: _texts(zone_table(z) | {"id": k})),
    )  # fmt: skip


def _texts(table: Mapping[str, Any]) -> dict[str, str]:
    return {k: " | ".join(v) if isinstance(v, list) else str(v) for k, v in table.items()}


def _absence_texts(absence: Any) -> dict[str, str]:
    table = absence_table(absence)
    return {**_texts(table), "start": table["from"], "end": table["to"]}


def _party_line(_key: str, party: Any) -> tuple[str, str]:
    return party.name or party.id, "custodian" if party.organisation else "person"


def _name(desk: Desk, key: str) -> str:
    party = desk.session.twin.records["parties"].get(key)
    return party.name if party is not None else key


def _duty_line(desk: Desk, key: str, duty: Any) -> tuple[str, str]:
    scope = desk.say(f"who.scope.{duty.scope}")
    what = duty.target or ("" if duty.kind == "*" else duty.kind)
    return " · ".join(x for x in (_name(desk, duty.party), scope, what) if x), "place"


def _absence_line(desk: Desk, absence: Any) -> tuple[str, str]:
    names = _name(desk, absence.party), _name(desk, absence.substitute)
    start = desk.words.table_date(absence.start)
    return desk.say("who.absent", party=names[0], substitute=names[1], start=start), "date"


def _parties(desk: Desk) -> tuple[tuple[str, str], ...]:
    kept = desk.session.twin.records["parties"]
    ordered = sorted(kept.items(), key=lambda item: (not item[1].organisation, item[1].name))
    return tuple((key, party.name or key) for key, party in ordered) or (("", "–"),)


def _party_entries(desk: Desk) -> list[Entry]:
    sort = (("yes", desk.say("who.organisation")), ("no", desk.say("who.person")))
    names = ("position", "email", "phone")
    return [
        Entry("id", fixed=True, hint="delft"), Entry("name"), Entry("organisation", sort),
        *map(Entry, names), Entry("aliases", hint="G0503 | G0504"),
    ]  # fmt: skip


def _duty_entries(desk: Desk) -> list[Entry]:
    roles = tuple((role, _role(desk, role)) for role in ROLES)
    scopes = tuple((scope, desk.say(f"who.scope.{scope}")) for scope in reversed(SCOPES))
    return [
        Entry("party", _parties(desk)), Entry("role", roles), Entry("scope", scopes),
        Entry("target", hint=desk.say("who.target_hint")), Entry("kind", hint="*"),
        Entry("lod", hint="*"), Entry("priority", hint="0"), Entry("valid_from", hint="2026-01-01"),
        Entry("valid_to", hint="2027-01-01"), Entry("polygon", hint="POLYGON ((x y, …))"),
        Entry("crs", hint=desk.session.twin.crs), Entry("source"),
    ]  # fmt: skip


def _role(desk: Desk, role: str) -> str:
    return desk.say(f"role.{role}") if desk.words.has(f"role.{role}") else role


def _absence_entries(desk: Desk) -> list[Entry]:
    return [
        Entry("party", _parties(desk)), Entry("substitute", _parties(desk)),
        Entry("start", hint="2026-07-01"), Entry("end", hint="2026-09-01"),
    ]  # fmt: skip


def _zone_entries() -> list[Entry]:
    return [
        Entry("id", fixed=True), Entry("name"), Entry("polygon", hint="POLYGON ((x y, …))"),
        Entry("crs"), Entry("source"),
    ]  # fmt: skip
