"""Sun hours: the answer in words, the histogram before and after, the rule, who falls below it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from twin.analyses.findings import Findings, Marks, Sheet
from twin.analyses.results import Result
from twin.analyses.wording import sentences
from twin.errors import TwinError
from twin.result_files import FORMATS, Around, format_of, written
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.frequency_tables import SmallTable
from ui.panels.parts import icon_button, invitation, label, line
from ui.panels.sun_form import SunForm
from ui.panels.sun_histogram import AMBER, SunHistogram
from ui.sun_tool import sun_words

NAME = "sun_hours"
MOST = 200
"""Lines of the table; files have all of them."""
LEAST = 130
BEFORE, CHANGE = "sun_hours:before", "sun_hours:change"
FILTERS = ";;".join(
    f"{form.upper()} (*.{form})" for form in ("xlsx", "csv", "gpkg", "geojson", "json")
)


class SunPanel(Panel):
    """One question at a time; its last answer of this session, or the last that was kept."""

    watches = frozenset({Aspect.RESULTS, Aspect.LAYERS, Aspect.SUN, Aspect.JOBS})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.result: Result | None = None
        self.findings = Findings()
        self.lines: Sequence[tuple[str, str]] = ()
        self.empty = invitation(desk, desk.say("sun.empty"), "file.open")
        self.title = label("", pixels=17, bold=True, wrap=True)
        self.words = label("", "t2", wrap=True)
        self.chart = SunHistogram(desk)
        self.form = SunForm(desk)
        self.form.on_change = self._changed
        self.now = label("", "t1")
        heads = [desk.say(f"sun.head_{x}") for x in ("object", "before", "after", "change")]
        self.table = SmallTable(desk, desk.say("sun.below_title"), heads, 8)
        self.table.on_choose = self._chosen
        self.heading = label("", "t2", bold=True)
        self.rest = label("", "t3", 11)
        self.tinted = QCheckBox(desk.say("sun.tint"))
        self.tinted.setChecked(True)
        self.tinted.toggled.connect(lambda _: self._tint())
        self.mapped = QCheckBox(desk.say("sun.map"))
        self.mapped.toggled.connect(lambda _: self.draw_marks())
        self.ramp = label("", "t3", 11, wrap=True)
        self.draw: Callable[[Sequence[Marks]], None] = lambda marks: None
        """Draws marks in the view; whoever has the view says how."""
        self.trust = label("", "t1", wrap=True)
        self.page, self.footer = self._page(), self._footer()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.empty, self.page, self.footer):
            column.addWidget(part)
        column.setStretch(1, 1)
        self.setMinimumWidth(LEAST)
        self.refresh(self.watches)

    # -- making -------------------------------------------------------------------------------

    def _page(self) -> QScrollArea:
        holder = QWidget()
        holder.setObjectName("panel")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(14, 12, 14, 14)
        inner.setSpacing(6)
        for part in (self.title, self.words, self.chart, line()):
            inner.addWidget(part)
        inner.addWidget(label(self.desk.say("sun.rule"), "t2", bold=True))
        inner.addWidget(self.form)
        inner.addLayout(self._now_row())
        inner.addWidget(line())
        below: tuple[QWidget, ...] = (
            self.heading, self.table, self.rest, self.tinted, self.mapped, self.ramp, self._note(),
        )  # fmt: skip
        for widget in below:
            inner.addWidget(widget)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setObjectName("panel")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(holder)
        return scroll

    def _now_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(label(self.desk.say("sun.now_title"), "t2"))
        row.addWidget(self.now, 1)
        copy = icon_button(self.desk, "copy", self.desk.say("action.sun.copy"))
        copy.clicked.connect(lambda: self.desk.act("sun.copy"))
        row.addWidget(copy)
        return row

    def _note(self) -> QFrame:
        self.note = QFrame()
        self.note.setObjectName("note")
        row = QHBoxLayout(self.note)
        row.setContentsMargins(10, 6, 10, 6)
        row.addWidget(self.trust)
        return self.note

    def _footer(self) -> QWidget:
        made, say = QWidget(), self.desk.say
        made.setObjectName("footer")
        row = QHBoxLayout(made)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(8)
        self.go = QPushButton(say("sun.run"))
        self.go.setProperty("primary", True)
        self.go.clicked.connect(self.run)
        self.export = QPushButton(say("sun.export"))
        self.export.clicked.connect(self.ask_file)
        self.keep = QPushButton(say("sun.keep"))
        self.keep.clicked.connect(self._keep)
        for button in (self.go, self.export, self.keep):
            row.addWidget(button)
        row.addStretch(1)
        return made

    # -- showing ------------------------------------------------------------------------------

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the city and its answers again."""
        session = self.desk.session
        city = bool(session.twin.layers)
        self.empty.setVisible(not city)
        self.page.setVisible(city)
        self.footer.setVisible(city)
        if not self.form.zone.hasFocus():
            self.form.zone.setText(session.sunlight.zone)
        self.now.setText(sun_words(self.desk) or self.desk.say("sun.no_sun"))
        busy = any(one.question.analysis.name == NAME for one in session.inquiries)
        self.go.setEnabled(not busy)
        found = self._latest()
        if found is not self.result or aspects == self.watches:
            self.result = found
            self._show()
        self.go.setText(
            self.desk.say("sun.running" if busy else "sun.again" if found else "sun.run")
        )

    def _latest(self) -> Result | None:
        """Return the answer that came last."""
        results = self.desk.session.results()
        mine = [one for one in results.values() if one.analysis == NAME]
        never = np.datetime64("0001-01-01", "ms")
        return max(mine, key=lambda one: one.stamp.made or never, default=None)

    def _show(self) -> None:
        """Show the answer, or the question while there is none."""
        result, say = self.result, self.desk.say
        there = result is not None
        shown: tuple[QWidget, ...] = (
            self.chart, self.heading, self.table, self.rest, self.note, self.tinted, self.mapped, self.ramp,
        )  # fmt: skip
        for part in shown:
            part.setVisible(there)
        self.export.setEnabled(there)
        self.keep.setEnabled(there and result.id in self.desk.session.answers)  # type: ignore[union-attr]
        if result is None:
            self.findings, self.lines = Findings(), ()
            self.title.setText(say("sun.question"))
            self.words.setText(say("sun.question_words"))
            return
        try:
            self.findings = result.answer(self.desk.session.tables(result))
        except ValueError as error:
            self.desk.tell(str(error), "error")
            self.findings = Findings()
        self._headline(result)
        self._chart()
        self._table()
        self._trust(result)
        self._tint()
        self.mapped.setChecked(result.settings.get("where") == "ground" or self.mapped.isChecked())
        self.draw_marks()

    @property
    def compared(self) -> bool:
        """Return whether the answer says before and after."""
        return "sun_below:before" in self.findings.figures

    def _headline(self, result: Result) -> None:
        figures, say, words = self.findings.figures, self.desk.say, self.desk.words
        below, all_of = int(figures.get("sun_below", 0)), int(figures.get("sun_examined", 0))
        told = {
            "below": words.count(below), "total": words.count(all_of), "hours": f"{figures.get('sun_required', 0.0):g}",
        }  # fmt: skip
        of = "points" if self._sheet("sun_objects") is None else "objects"
        if self.compared:
            told["below"] = words.count(self._fallen())
            key = "sun.fallen"
        else:
            key = f"sun.below_{of}" if below else f"sun.none_{of}"
        self.title.setText(say(key, **told))
        samples = words.count(int(figures.get("sun_samples", 0)))
        scenario = result.scenario or self.desk.words.catalogue.text("result.as_it_stands")
        self.words.setText(
            say("sun.about", scenario=scenario, rule=self._rule_words(result.settings), samples=samples)
        )  # fmt: skip

    def _rule_words(self, settings: Mapping[str, Any]) -> str:
        name = str(settings.get("rule", ""))
        key = f"sun.rule_{name or 'own'}"
        return self.desk.say(key) if self.desk.words.has(key) else name

    def _sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.findings.sheets if sheet.name == name), None)

    def _column(self, sheet: Sheet, name: str) -> list[Any]:
        place = sheet.columns.index(name) if name in sheet.columns else -1
        return [row[place] if place >= 0 else None for row in sheet.rows]

    def _fallen(self) -> int:
        """Return how many objects reached the rule before and do not after."""
        sheet = self._sheet("sun_objects")
        if sheet is None:
            return 0
        need = self.findings.figures.get("sun_required", 0.0) - 1e-9
        pairs = zip(self._column(sheet, BEFORE), self._column(sheet, "sun_hours"), strict=True)
        return sum(a is not None and b is not None and a >= need > b for a, b in pairs)

    def _chart(self) -> None:
        sheet = self._sheet("sun_objects")
        self.chart.setVisible(sheet is not None)
        if sheet is None:
            return
        after, before = self._column(sheet, "sun_hours"), self._column(sheet, BEFORE)
        need = self.findings.figures.get("sun_required", 0.0)
        self.chart.show_counts(_binned(after), _binned(before) if self.compared else (), need)

    def _table(self) -> None:
        """Show who is below the rule, the poorest first."""
        sheet, words = self._sheet("sun_objects"), self.desk.words
        need = self.findings.figures.get("sun_required", 0.0) - 1e-9
        rows: list[tuple[float, list[str], tuple[str, str]]] = []
        if sheet is not None:
            told = (self._column(sheet, x) for x in ("object", BEFORE, "sun_hours", CHANGE))
            for name, old, now, change, key in zip(*told, sheet.objects, strict=True):
                if now is not None and now < need:
                    cells = [
                        self._name(key, str(name)),
                        *(_hours(x, words.metres) for x in (old, now, change)),
                    ]
                    rows.append((float(now), cells, key))
        rows.sort(key=lambda row: row[0])
        self.lines = [row[2] for row in rows[:MOST]]
        self.table.show_lines([row[1] for row in rows[:MOST]])
        for column in (1, 3):
            self.table.setColumnHidden(column, not self.compared)
        self.heading.setText(self.desk.say("sun.below_title"))
        some: tuple[QWidget, ...] = (self.heading, self.table, self.tinted)
        for part in some:
            part.setVisible(bool(rows))
        self.rest.setVisible(len(rows) > MOST)
        self.rest.setText(self.desk.say("sun.and_more", count=words.count(len(rows) - MOST)))

    def _name(self, key: tuple[str, str], name: str) -> str:
        """Return what people call an object that is there, else the name of the answer."""
        layer = self.desk.session.twin.layers.get(key[0])
        row = None if layer is None else layer.features.rows_by_id.get(key[1])
        return name if row is None else self.desk.title(self.desk.session.twin.object(key[0], row))

    def _trust(self, result: Result) -> None:
        notes = [f"result.note.{code}" for code in self.findings.notes]
        catalogue = self.desk.words.catalogue
        told = [*sentences(result.stamp, catalogue), *(catalogue.text(key) for key in notes)]
        self.trust.setText("\n".join(told))
        kind = "" if result.stamp.sound else "caution"
        if self.note.property("kind") != kind:
            self.note.setProperty("kind", kind)
            self.note.style().polish(self.note)

    def _tint(self) -> None:
        """Colour what is below the rule in the view, while a person wants it."""
        session = self.desk.session
        need = self.findings.figures.get("sun_required", 0.0) - 1e-9
        tints = {
            one.layer: [(one.rows[one.numbers < need], AMBER)]
            for one in self.findings.values
            if one.name == "sun_hours" and one.layer in session.twin.layers
        }
        if self.result is not None and self.isVisible():
            session.tint(tints if self.tinted.isChecked() else {})

    def draw_marks(self) -> None:
        """Draw the samples in the view: the shadow map of the ground, or points; none where not wanted."""
        if not self.isVisible():
            return  # the page of results draws there
        shown = self.findings.marks if self.mapped.isChecked() else ()
        self.draw(shown)
        scale = shown[0].scale if shown else None
        self.ramp.setVisible(scale is not None)
        if scale is not None:
            self.ramp.setText(self.desk.say("sun.ramp", low=f"{scale[0]:g}", high=f"{scale[1]:g}"))

    # -- doing --------------------------------------------------------------------------------

    def _changed(self) -> None:
        """Let the strip show the counted time of the rule."""
        window = self.window()
        strip = getattr(getattr(window, "strip", None), "sun", None)
        session = self.desk.session
        try:
            if strip is not None:
                strip.count(self.form.rule())
            zone = self.form.zone.text().strip()
            if session.sun_at is not None and zone != session.sunlight.zone:
                session.set_sun(session.sun_at, zone=zone)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")

    def run(self) -> None:
        """Ask, on a worker; against the city as it stands where a scenario is seen."""
        session = self.desk.session
        try:
            settings = self.form.settings()
            place = session.sunlight.clock.place
            if session.project is None and place is not None:
                settings["place"] = list(place)
            against = "" if session.twin.scenario else None
            session.analyse(NAME, settings, against=against)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
        self.refresh(frozenset({Aspect.JOBS}))

    def _chosen(self, row: int) -> None:
        layers = self.desk.session.twin.layers
        layer, key = self.lines[row]
        if layer in layers and key in layers[layer].features.rows_by_id:
            self.desk.select(layer, layers[layer].features.rows_by_id[key])

    def _keep(self) -> None:
        if self.result is not None and self.desk.run("results.keep", id=self.result.id):
            self.desk.tell(self.desk.say("sun.kept"), "info")

    def ask_file(self) -> None:
        """Ask where the answer goes."""
        path, _ = QFileDialog.getSaveFileName(
            self, self.desk.say("sun.export"), "sun_hours.xlsx", FILTERS
        )
        if path:
            self.save(Path(path))

    def save(self, path: Path) -> None:
        """Write the answer with its stamp, by the ending of the name: XLSX, CSV, GeoPackage, GeoJSON, JSON."""
        session = self.desk.session
        if self.result is None:
            return
        path = path if path.suffix.lower().lstrip(".") in FORMATS else path.with_suffix(".xlsx")
        around = Around(session.tables(self.result), self.desk.words.language, bom=True)
        try:
            path.write_bytes(written(self.result, format_of(path), around))
        except (OSError, TwinError, ValueError) as error:
            reason = self.desk.error_text(error) if isinstance(error, TwinError) else str(error)
            self.desk.tell(self.desk.say("save_failed", path=str(path), reason=reason), "error")
            return
        self.desk.tell(self.desk.say("saved_to", path=str(path)), "info")


def _binned(hours: Sequence[Any]) -> list[int]:
    """Return how many values lie in each hour from 0 on."""
    known = np.array([x for x in hours if x is not None], np.float64)
    return [int(x) for x in np.bincount(np.maximum(known, 0).astype(np.int64), minlength=1)]


def _hours(value: Any, words: Any) -> str:
    return "–" if value is None else f"{words(float(value), 1)} h"
