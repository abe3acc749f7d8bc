"""How often, in the window: levers, curve, alternatives, five years ahead, policies, budget."""

import math
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT, Make
from ui.app import App
from ui.panels.frequency import FrequencyPanel
from ui.panels.frequency_budget import COLUMNS, BudgetDialog
from ui.panels.frequency_curve import short
from ui.panels.frequency_levers import two_digits
from ui.panels.frequency_practice import PracticeDialog
from ui.panels.frequency_rate import RateDialog
from ui.panels.frequency_use import UseDialog

pytestmark = pytest.mark.qt


def shown(app: App, qtbot: QtBot) -> FrequencyPanel:
    """Return the panel with an answer for the class that has most objects, and the look ahead done."""
    app.window.show_panel("frequency")
    panel = next(x for x in app.window.desk.panels if isinstance(x, FrequencyPanel))
    qtbot.waitUntil(lambda: panel.advice is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: bool(panel.ahead.parts), timeout=WAIT)
    return panel


def dialog(app: App, kind: type[QDialog], open_: Callable[[], None], qtbot: QtBot) -> QDialog:
    open_()
    qtbot.waitUntil(lambda: any(x.isVisible() for x in app.window.findChildren(kind)))
    return [x for x in app.window.findChildren(kind) if x.isVisible()][-1]


def settled(app: App, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not app.session.jobs.pending and not app.window.waiting, timeout=WAIT)


def interval(panel: FrequencyPanel) -> float:
    return math.nan if panel.advice is None else panel.advice.interval


def undo_all(app: App, names: tuple[str, ...]) -> None:
    while app.session.history.undoable in names:
        app.session.undo()


OURS = ("frequency.assume", "frequency.use", "policy.add")


def test_the_answer_stands_first_and_follows_the_levers(city: App, qtbot: QtBot) -> None:
    panel = shown(city, qtbot)
    assert panel.advice is not None
    before = panel.advice.interval
    assert panel.title.text().startswith("Survey")
    assert panel.advice.case.objects == panel.chosen().units
    panel.form.levers["survey_cost"].field.setValue(panel.advice.case.survey_cost * 4)
    assert panel.advice.interval > before
    kept = city.session.twin.records["assumptions"][panel.key]
    assert kept.survey_cost == panel.advice.case.survey_cost
    assert city.session.history.undoable == "frequency.assume"
    undo_all(city, OURS)
    qtbot.waitUntil(lambda: interval(panel) == pytest.approx(before), timeout=WAIT)


def test_a_slider_is_kept_once_the_hand_lets_go_and_steps_by_keys(city: App, qtbot: QtBot) -> None:
    panel = shown(city, qtbot)
    lever = panel.form.levers["rate"]
    lever.slider.setSliderDown(True)
    lever.slider.setValue(lever.slider.value() + 100)
    assert panel.key not in city.session.twin.records["assumptions"]
    assert panel.advice is not None
    assert panel.advice.case.rate > 0.02
    lever.slider.setSliderDown(False)
    assert city.session.twin.records["assumptions"][panel.key].rate == panel.advice.case.rate
    before = lever.value
    QTest.keyClick(lever.slider, Qt.Key.Key_PageUp)
    assert lever.value > before
    undo_all(city, OURS)
    settled(city, qtbot)


def test_a_limit_shades_the_curve_and_shortens_the_interval(city: App, qtbot: QtBot) -> None:
    panel = shown(city, qtbot)
    panel.form.limited.setChecked(True)
    panel.form.levers["most_out"].field.setValue(2.0)
    assert panel.advice is not None
    assert panel.advice.limited
    assert panel.advice.interval < panel.advice.optimum
    assert not panel.curve.grab().isNull()
    panel.form.limited.setChecked(False)
    assert interval(panel) == panel.advice.optimum
    undo_all(city, OURS)
    settled(city, qtbot)


def test_what_changes_too_fast_is_said_to_need_a_feed(city: App, qtbot: QtBot) -> None:
    panel = shown(city, qtbot)
    panel.form.levers["rate"].field.setValue(5000.0)
    panel.form.levers["stale_cost"].field.setValue(0.01)
    assert panel.advice is not None
    assert panel.advice.event_driven
    assert "feed" in panel.trust.text()
    assert panel.note.property("kind") == "caution"
    settled(city, qtbot)
    undo_all(city, OURS)
    settled(city, qtbot)


def test_an_alternative_is_looked_ahead_for_and_tables_have_all_columns(
    city: App, qtbot: QtBot
) -> None:
    panel = shown(city, qtbot)
    assert panel.advice is not None
    panel.table.setCurrentCell(0, 0)
    assert panel.step == panel.advice.alternatives[0].step
    qtbot.waitUntil(lambda: panel.ahead.job is None and not panel.ahead._due, timeout=WAIT)
    assert panel.ahead.parts[0].whole
    units = panel.chosen().units
    assert panel.ahead.parts[0].objects == units
    assert sum(part.objects for part in panel.ahead.parts[1:]) == units
    head, *rows = panel.lines()
    assert len(head) == 8
    assert len(rows) == len(panel.advice.alternatives)
    panel.ahead.by("district")
    qtbot.waitUntil(lambda: panel.ahead.job is None and not panel.ahead._due, timeout=WAIT)
    assert sum(part.objects for part in panel.ahead.parts[1:]) == units
    panel.copy()
    panel.ahead.copy()
    assert not panel.ahead.chart.grab().isNull()


def test_a_policy_takes_the_interval_after_a_preview_and_gives_it_back(
    city: App, qtbot: QtBot
) -> None:
    panel = shown(city, qtbot)
    policies = city.session.twin.records["policies"]
    before = policies[panel.key]
    found = dialog(city, UseDialog, lambda: city.window.desk.act("frequency.use"), qtbot)
    assert isinstance(found, UseDialog)
    qtbot.waitUntil(lambda: found.shown is not None, timeout=WAIT)
    assert found.table.rowCount() > 2
    found.use.click()
    assert panel.step is not None
    after = city.session.twin.records["policies"][panel.key]
    assert after != before
    assert after.duration == panel.step.duration or after.frequency == panel.step.code
    settled(city, qtbot)
    undo_all(city, OURS)
    settled(city, qtbot)
    assert city.session.twin.records["policies"][panel.key] == before


def test_a_budget_is_shared_out_and_figures_can_be_typed(city: App, qtbot: QtBot) -> None:
    shown(city, qtbot)
    found = dialog(city, BudgetDialog, lambda: city.window.desk.act("frequency.budget"), qtbot)
    assert isinstance(found, BudgetDialog)
    assert found.shared is not None
    assert found.shared.mu == 1
    found.lever.field.setValue(found.shared.spend / 3)
    assert found.shared.mu > 1
    assert found.shared.spend <= found.lever.value * (1 + 1e-9)
    cell = found.table.cell(0, COLUMNS.index("rate"))
    cell.setText("12.5")
    assert found.rows[0].assumed.rate == pytest.approx(0.125)
    found.table.cell(0, COLUMNS.index("rate")).setText("often")
    assert found.rows[0].assumed.rate == pytest.approx(0.125)
    assert len(found.lines()) == len(found.rows) + 1
    found.reject()
    undo_all(city, OURS)
    settled(city, qtbot)


def test_a_rate_comes_from_permits_with_its_interval(city: App, qtbot: QtBot) -> None:
    panel = shown(city, qtbot)
    found = dialog(city, RateDialog, lambda: city.window.desk.act("frequency.rate"), qtbot)
    assert isinstance(found, RateDialog)
    found.turn("permits")
    found.fields["events"].setValue(54)
    found.fields["object_years"].setValue(3000)
    qtbot.waitUntil(
        lambda: found.rate is not None and found.rate.object_years == 3000, timeout=WAIT
    )
    assert found.use.isEnabled()
    found.use.click()
    kept = city.session.twin.records["assumptions"][panel.key]
    assert kept.rate == pytest.approx(0.018)
    assert (kept.rate_low, kept.rate_high) == pytest.approx((0.0135222, 0.0234861), abs=1e-6)
    qtbot.waitUntil(lambda: "54" in panel.trust.text(), timeout=WAIT)
    undo_all(city, OURS)
    settled(city, qtbot)


def test_published_practice_is_listed(city: App, qtbot: QtBot) -> None:
    shown(city, qtbot)
    found = dialog(city, PracticeDialog, lambda: city.window.desk.act("frequency.practice"), qtbot)
    assert isinstance(found, PracticeDialog)
    assert found.table.rowCount() > 10
    found.copy()
    found.reject()


def test_an_empty_window_says_what_will_be_here(make_app: Make, qtbot: QtBot) -> None:
    app = make_app(language="zh")
    app.window.show_panel("frequency")
    panel = next(x for x in app.window.desk.panels if isinstance(x, FrequencyPanel))
    assert not panel.empty.isHidden()
    assert panel.page.isHidden()


@pytest.mark.parametrize(
    ("value", "two"), [(0.01833, 0.0183), (123456.0, 123000.0), (876.0, 880.0), (0.0, 0.0)]
)
def test_a_slider_means_two_digits(value: float, two: float) -> None:
    assert two_digits(value) == pytest.approx(two)


def test_amounts_on_an_axis_are_short() -> None:
    assert [short(x, "en") for x in (0, 5.5, 5480, 1.2e6)] == ["0", "5.5", "5.48k", "1.2M"]
    assert [short(x, "zh") for x in (5480, 54800)] == ["5480", "5.48万"]


def test_a_class_of_objects_gets_a_policy_of_its_own(city: App, qtbot: QtBot) -> None:
    panel = shown(city, qtbot)
    before = dict(city.session.twin.records["policies"])
    kind = next(x for x in panel.held if x.kind and before[x.policy].kind != x.kind)
    panel.form.choice.setCurrentIndex(panel.form.choice.findData(kind.key))
    assert panel.chosen() == kind
    found = dialog(city, UseDialog, lambda: city.window.desk.act("frequency.use"), qtbot)
    assert isinstance(found, UseDialog)
    qtbot.waitUntil(lambda: found.shown is not None, timeout=WAIT)
    found.use.click()
    added = set(city.session.twin.records["policies"]) - set(before)
    assert len(added) == 1
    assert city.session.twin.records["policies"][added.pop()].kind == kind.kind
    undo_all(city, OURS)
    settled(city, qtbot)
    assert city.session.twin.records["policies"] == before
    panel.form.choice.setCurrentIndex(0)


def test_figures_that_come_from_elsewhere_bring_their_own_answer(city: App, qtbot: QtBot) -> None:
    panel = shown(city, qtbot)
    assert panel.advice is not None
    panel.table.setCurrentCell(0, 0)
    city.window.desk.run(
        "frequency.assume", id=panel.key, rate="0.5", survey_cost="400", stale_cost="100",
        source="elsewhere", rate_low="0.4", rate_high="0.6", currency="EUR",
    )  # fmt: skip
    qtbot.waitUntil(lambda: "elsewhere" in panel.trust.text(), timeout=WAIT)
    assert panel.step == panel.advice.chosen
    assert "EUR" in panel.form.levers["stale_cost"].title.text()
    undo_all(city, OURS)
    settled(city, qtbot)


def test_a_scarce_budget_leads_to_one_step_for_all_policies(city: App, qtbot: QtBot) -> None:
    shown(city, qtbot)
    before = dict(city.session.twin.records["policies"])
    budget = dialog(city, BudgetDialog, lambda: city.window.desk.act("frequency.budget"), qtbot)
    assert isinstance(budget, BudgetDialog)
    assert budget.shared is not None
    budget.lever.field.setValue(budget.shared.spend * 0.9)
    found = dialog(city, UseDialog, budget.use.click, qtbot)
    assert isinstance(found, UseDialog)
    qtbot.waitUntil(lambda: found.shown is not None, timeout=WAIT)
    found.use.click()
    budget.reject()
    assert city.session.history.undoable == "frequency.use"
    after = city.session.twin.records["policies"]
    assert sum(after[key] != before[key] for key in before) > 2
    city.session.undo()
    settled(city, qtbot)
    assert city.session.twin.records["policies"] == before
