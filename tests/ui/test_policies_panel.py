"""The dock of policies in the real window: why, preview before anything is applied, one step, files."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from twin.maintenance.rule_files import read_rules
from twin.maintenance.what_if import SHOWN
from ui.app import App
from ui.panels.policies import PoliciesPanel

pytestmark = pytest.mark.qt


@pytest.fixture
def panel(city: App) -> PoliciesPanel:
    city.window.show_panel("policies")
    return next(x for x in city.window.desk.panels if isinstance(x, PoliciesPanel))


def shown(city: App, key: str) -> int:
    """Return a count of the legend."""
    return next(x.count for x in city.session.painting().entries if x.key == key)


def house(city: App) -> int:
    """Return a building whose zone a rule names."""
    layer = city.session.twin.layer("delft")
    named = layer.assessment.rules.index("D-02")
    return int(np.flatnonzero(layer.assessment.rule == named)[0])


def test_the_rule_of_the_selected_object_is_named_with_what_fits(
    city: App, panel: PoliciesPanel, qtbot: QtBot
) -> None:
    city.window.desk.select("delft", house(city))
    qtbot.waitUntil(lambda: "D-02" in panel.why.text(), timeout=WAIT)
    assert panel.model.why["D-02"].won
    assert panel.model.why["D-04"].fits == {"kind": True, "zone": False}
    position = panel.model.position_of("D-04")
    assert [fits for _, fits in panel.model.fields(position)] == [True, False]


def test_a_change_is_previewed_then_applied_as_one_step_and_undone(
    city: App, panel: PoliciesPanel, qtbot: QtBot
) -> None:
    session = city.session
    stale = SHOWN.index("stale")
    panel.table.selectRow(panel.model.position_of("D-02"))
    before = session.painting().entries
    panel.form._line("duration").setText("P1")
    panel.form._changed()
    assert "not an ISO 8601 duration" in panel.words.text()
    assert not panel.apply.isEnabled()
    panel.form._line("duration").setText("P1Y")
    panel.form._changed()
    qtbot.waitUntil(lambda: panel.preview is not None, timeout=WAIT)
    assert panel.preview is not None
    total = panel.preview.total
    assert session.painting().entries == before
    assert total.after[stale] > total.before[stale]
    promised = int(total.after[stale])
    panel._show_changed()
    assert sum(len(x) for x in session.selected.values()) >= panel.preview.count
    panel.apply.click()
    assert session.history.undoable == "policy.set"
    qtbot.waitUntil(lambda: shown(city, "stale") == promised, timeout=WAIT)
    session.undo()
    qtbot.waitUntil(lambda: session.painting().entries == before, timeout=WAIT)


def test_what_was_typed_last_is_what_is_previewed_and_can_be_taken_back(
    city: App, panel: PoliciesPanel, qtbot: QtBot
) -> None:
    panel.table.selectRow(panel.model.position_of("D-05"))
    for text in ("P1Y", "P20Y", "P4Y"):
        panel.form._line("duration").setText(text)
        panel.form._changed()
    assert panel.draft is None  # what stands there is asked for again
    panel.form._line("duration").setText("P30Y")
    panel.form._changed()
    qtbot.waitUntil(lambda: panel.preview is not None, timeout=WAIT)
    assert panel.preview is not None
    assert panel.preview.total.by_kind["Road"][1][SHOWN.index("stale")] == 0
    panel.revert.click()
    assert not panel.bars.isVisible()
    assert panel.form._line("duration").text() == "P4Y"


def test_rules_are_added_and_written_to_a_file_that_can_be_read(
    city: App, panel: PoliciesPanel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.toml"
    panel._add()
    qtbot.waitUntil(lambda: panel.model.position_of("P-01") >= 0, timeout=WAIT)
    assert panel.chosen == "P-01"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    city.window.desk.act("policies.save")
    assert [p.id for p in read_rules(policy=path).policies][-1] == "P-01"
    city.session.undo()
    qtbot.waitUntil(lambda: panel.model.position_of("P-01") < 0, timeout=WAIT)
