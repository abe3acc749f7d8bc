"""The dock of policies: rules in the order of match, the form of one, and what a change would do before it is made."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QScrollArea,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from twin.jobs import Job, Outcome
from twin.maintenance.presets import PRESETS
from twin.previewing import Preview, preview_work, reasons
from twin.records import Policy
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.parts import copy_text, invitation, label, line, offer, word_button
from ui.panels.policy_cells import RuleCells
from ui.panels.policy_form import PolicyForm, values_of
from ui.panels.policy_preview import PreviewTable, sentence
from ui.panels.policy_rows import COLUMNS, PolicyModel
from ui.saving import save_table
from ui.theme import font

WIDTHS = {"order": 36, "id": 62, "interval": 132, "governs": 66}
GIVES_WAY = {"order": 420, "title": 640, "interval": 400}
"""Table widths below which a column is left out; exports have them all."""
PAUSE = 120
"""Milliseconds after the last keystroke before a preview is begun."""
WIDE = 1080
"""Dock width from which the preview has a column of its own."""


class PoliciesPanel(Panel):
    """Table, form, preview. What is typed changes nothing until it is applied: one undoable step."""

    watches = frozenset(
        {Aspect.RECORDS, Aspect.ASSESSMENT, Aspect.SELECTION, Aspect.LAYERS, Aspect.VISIBILITY}
    )

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.model = PolicyModel(desk)
        self.waiting: frozenset[Aspect] = frozenset()
        self.chosen = ""
        self.draft: Policy | None = None
        self.preview: Preview | None = None
        self.job: Job | None = None
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(self._preview)
        self.form = PolicyForm(desk, self._drafted)
        self.table = self._make_table()
        self.bars = PreviewTable(desk)
        self.words = label("", "t2", wrap=True)
        self.why = label("", "t2", 11, wrap=True)
        self.apply = QPushButton(desk.say("policies.apply"))
        self.revert = QPushButton(desk.say("policies.revert"))
        self.link = QToolButton()
        self.empty = invitation(desk, desk.say("policies.empty"), "policies.example")
        self._lay()
        self.refresh(self.watches)

    # -- parts --------------------------------------------------------------------------------

    def _lay(self) -> None:
        self.page = QWidget()
        row = QHBoxLayout(self.page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(self._left(), 5)
        row.addWidget(line(vertical=True))
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.form, 1)
        middle.addWidget(line())
        middle.addLayout(self._foot())
        row.addLayout(middle, 5)
        self.divider = line(vertical=True)
        row.addWidget(self.divider)
        self.side = self._side()
        row.addWidget(self.side, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page, 1)
        column.addWidget(self.empty, 1)

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(line())
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 5, 12, 5)
        foot.addWidget(self.why, 1)
        column.addLayout(foot)
        return column

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setItemDelegate(RuleCells(self.desk, self.model))
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setAccessibleName(self.desk.say("tab.policies"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(26)
        head = table.horizontalHeader()
        head.setFixedHeight(27)
        head.setHighlightSections(False)
        head.setFont(font())
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setMinimumSectionSize(32)
        for number, name in enumerate(COLUMNS):
            if name in WIDTHS:
                table.setColumnWidth(number, WIDTHS[name])
            else:
                head.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        table.selectionModel().currentRowChanged.connect(lambda now, _old: self._chose(now.row()))
        return table

    def _foot(self) -> QHBoxLayout:
        self.apply.setProperty("primary", True)
        self.apply.clicked.connect(self._apply)
        self.revert.clicked.connect(self._revert)
        self.link.setProperty("kind", "link")
        self.link.clicked.connect(self._show_changed)
        self.link.setText(self.desk.say("policies.show"))
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 6, 12, 6)
        foot.setSpacing(8)
        foot.addWidget(self.apply)
        foot.addWidget(self.revert)
        foot.addWidget(self.words, 1)
        foot.addWidget(self.link)
        return foot

    def _side(self) -> QWidget:
        side = QScrollArea()
        side.setObjectName("panel")
        side.setFrameShape(QScrollArea.Shape.NoFrame)
        side.setWidgetResizable(True)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setObjectName("panel")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(2)
        head = label(self.desk.say("policies.preview"), bold=True)
        head.setContentsMargins(12, 0, 12, 0)
        column.addWidget(head)
        self.hint = label(self.desk.say("policies.preview_hint"), "t3", 11, wrap=True)
        self.hint.setContentsMargins(12, 2, 12, 0)
        column.addWidget(self.hint)
        column.addWidget(self.bars)
        column.addStretch(1)
        side.setWidget(page)
        return side

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what gives way where there is little room."""
        wide = self.width() >= WIDE
        self.side.setVisible(wide)
        self.divider.setVisible(wide)
        super().resizeEvent(event)
        room = self.width() * 5 // (13 if wide else 10)
        for number, name in enumerate(COLUMNS):
            self.table.setColumnHidden(number, room < GIVES_WAY.get(name, 0))

    def tools(self) -> list[QWidget]:
        """Return the controls for the dock's head."""
        add = word_button(self.desk, "add", self.desk.say("policies.add"))
        add.clicked.connect(self._add)
        more = word_button(self.desk, "more", self.desk.say("policies.more"))
        menu = QMenu(more)
        offer(menu, self.desk.say("policies.duplicate"), self._duplicate)
        offer(menu, self.desk.say("policies.remove"), self._remove)
        menu.addSeparator()
        for name in PRESETS:
            offer(menu, self.desk.say(f"policies.preset.{name}"), partial(self._preset, name))
        menu.addSeparator()
        offer(menu, self.desk.say("action.rules.policy"), lambda: self.desk.act("rules.policy"))
        offer(menu, self.desk.say("policies.save"), lambda: self.desk.act("policies.save"))
        offer(menu, self.desk.say("policies.switches"), lambda: self.desk.act("policies.switches"))
        menu.addSeparator()
        offer(menu, self.desk.say("policies.copy"), self._copy)
        offer(menu, self.desk.say("policies.export"), self._export)
        more.setMenu(menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return [add, more]

    # -- following ----------------------------------------------------------------------------

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the rules again where they or the verdicts changed; say why for the selected object."""
        there = bool(self.desk.session.twin.records["policies"])
        self.page.setVisible(there)
        self.empty.setVisible(not there)
        self.waiting |= aspects
        if self.isVisible():
            self._catch_up()

    def _catch_up(self) -> None:
        """Follow what happened while the tab was not shown."""
        aspects, self.waiting = self.waiting, frozenset()
        if aspects - {Aspect.SELECTION}:
            self.model.show()
            self._follow()
        if aspects:
            self._explain()

    def showEvent(self, event: QShowEvent) -> None:
        """Read the rules when the tab is turned to."""
        super().showEvent(event)
        self._catch_up()

    def _follow(self) -> None:
        """Keep the chosen rule chosen; fill the form where it is not being edited."""
        position = self.model.position_of(self.chosen)
        if position < 0 and self.model.rules:
            position = 0
        model = self.table.selectionModel()
        model.blockSignals(True)
        if position >= 0:
            self.table.selectRow(position)
        model.blockSignals(False)
        if position < 0:
            self.chosen = ""
            self.form.show_policy(None, {})
            self._drafted(None, "")
        elif self.form.before != self.model.policy(position):
            self._chose(position)
        self.table.viewport().update()

    def _explain(self) -> None:
        """Say which rule governs the selected object, and mark it in the table."""
        one = self.desk.only_selected()
        if one is None:
            self.model.explain({})
            self.why.setText(self.desk.say("policies.why_hint"))
            return
        session = self.desk.session
        layer = session.twin.layer(one[0])
        found = reasons(session.twin, layer, one[1], session.rules, session.at).policies
        self.model.explain({c.rule.policy.id: c for c in found})
        title = self.desk.title(session.twin.object(*one))
        if not found or not found[0].won:
            self.why.setText(self.desk.say("policies.why_none", object=title))
            return
        won, others = found[0], sum(c.matches for c in found) - 1
        fields = [self.desk.say(f"policies.{name}") for name in won.fits]
        self.why.setText(
            self.desk.say(
                "policies.why", object=title, policy=won.rule.policy.id, others=others,
                fields=self.desk.say("policies.join").join(fields) or self.desk.say("policies.everything"),
            )
        )  # fmt: skip

    def _chose(self, position: int) -> None:
        """Show a rule in the form."""
        if not 0 <= position < len(self.model.rules):
            return
        policy = self.model.policy(position)
        self.chosen = policy.id
        self.form.show_policy(policy, self._offers())
        self._drafted(None, "")

    def _offers(self) -> dict[str, list[str]]:
        """Return the values that the city has, for the fields one may also type in."""
        twin = self.desk.session.twin
        layers = list(twin.layers.values())
        kinds = sorted({kind for layer in layers for kind in layer.features.kinds})
        lods = sorted({lod for layer in layers for lod in layer.features.lods if lod})
        choices = self.desk.session.rules.choices
        columns = {"zone": choices.zone_column, "loa": choices.loa_column}
        found = {"kind": kinds, "lod": lods, "source": sorted({x.title for x in layers})}
        for name, column in columns.items():
            found[name] = values_of((x.features for x in layers), column)
        zones = {zone.name for zone in twin.records["zones"].values()}
        found["zone"] = sorted({*found["zone"], *zones})
        return found

    # -- drafting -----------------------------------------------------------------------------

    def _drafted(self, policy: Policy | None, error: str) -> None:
        """Take in what the form says now; the preview of what it said before is given up."""
        if self.job is not None:
            self.desk.session.jobs.cancel(self.job.id)
            self.job = None
        kept = self.desk.session.twin.records["policies"].get(self.chosen)
        self.draft = policy if policy != kept else None
        self._show(None)
        self.words.setProperty("tone", "stale" if error else "t2")
        self.words.setText(error)
        self.words.style().polish(self.words)
        self.apply.setEnabled(self.draft is not None)
        self.revert.setEnabled(self.draft is not None or bool(error))
        if self.draft is not None:
            self.words.setText(self.desk.say("policies.judging"))
            self.timer.start(PAUSE)
        else:
            self.timer.stop()

    def _preview(self) -> None:
        """Ask a worker what the draft would change."""
        if not isValid(self) or self.draft is None:
            return
        session = self.desk.session
        rules = session.rules
        other = tuple(self.draft if p.id == self.draft.id else p for p in rules.policies)
        asked = (session.at, session.as_of, session.known_at)
        work = preview_work(session.intake, replace(rules, policies=other), asked)
        self.job = session.jobs.submit(
            work, partial(self._previewed, self.draft),
            title=self.desk.say("policies.judging"), quiet=True,
        )  # fmt: skip

    def _previewed(self, draft: Policy, outcome: Outcome) -> None:
        if not isValid(self) or draft is not self.draft:
            return
        self.job = None
        if outcome.error is not None:
            self.words.setText(self.desk.error_text(outcome.error))
            return
        self._show(outcome.value)

    def _show(self, preview: Preview | None) -> None:
        self.preview = preview
        self.bars.show_preview(preview)
        self.bars.setVisible(preview is not None)
        self.hint.setVisible(preview is None)
        self.link.setVisible(preview is not None and preview.count > 0)
        if preview is not None:
            self.words.setText(sentence(self.desk, preview))
            self.words.setToolTip("\n".join(" ".join(cells) for cells in self.bars.texts()))

    def _show_changed(self) -> None:
        """Select what would change, and go there."""
        if self.preview is not None:
            self.desk.choose(self.preview.changed)
            self.desk.act("view.fit")

    def _apply(self) -> None:
        """Make the draft the rule: one step that can be undone."""
        if self.draft is not None and self.desk.run(
            "policy.set", id=self.chosen, **self.form.said()
        ):
            self.draft = None
            self.desk.tell(self.desk.say("policies.applied", policy=self.chosen), "undo")

    def _revert(self) -> None:
        self._chose(self.model.position_of(self.chosen))

    # -- rules --------------------------------------------------------------------------------

    def _add(self) -> None:
        before = set(self.desk.session.twin.records["policies"])
        if self.desk.run("policy.add", frequency="annually", title=self.desk.say("policies.new")):
            self._turn(before)

    def _duplicate(self) -> None:
        before = set(self.desk.session.twin.records["policies"])
        if self.chosen and self.desk.run("policy.duplicate", id=self.chosen):
            self._turn(before)

    def _turn(self, before: set[str]) -> None:
        new = set(self.desk.session.twin.records["policies"]) - before
        self.chosen = next(iter(new), self.chosen)

    def _remove(self) -> None:
        if self.chosen and self.desk.run("policy.remove", id=self.chosen):
            self.desk.tell(self.desk.say("policies.removed", policy=self.chosen), "undo")

    def _preset(self, name: str) -> None:
        if self.desk.run("rules.preset", name=name):
            self.desk.tell(self.desk.say("policies.preset_used"), "undo")

    def _copy(self) -> None:
        copy_text("\n".join("\t".join(cells) for cells in self.model.texts()))
        count = self.desk.words.count(len(self.model.rules))
        self.desk.tell(self.desk.say("log.copied", count=count), "info")

    def _export(self) -> None:
        save_table(self.desk, self, self.desk.say("tab.policies"), self.model.texts())
