"""Two deliveries of a city in the window: columns of cities, sorting, looking for, thresholds that judge again."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.cli.test_diff_city import mutated
from tests.ui.conftest import WAIT, Make
from ui.app import App
from ui.panels.difference_rows import CITIES
from ui.panels.differences import DifferencesPanel
from ui.panels.threshold_form import ThresholdForm

pytestmark = [pytest.mark.qt]


def opened(app: App, count: int) -> bool:
    """Return whether so many layers are there and nothing is on its way."""
    return len(app.session.twin.layers) == count and not app.session.jobs.pending


def listed(app: App, qtbot: QtBot) -> None:
    """Wait until the comparison is in the layers and in the panel."""
    session, window = app.session, app.window
    qtbot.waitUntil(
        lambda: session.comparison is not None and session.comparison.told, timeout=WAIT
    )
    qtbot.waitUntil(lambda: not window.stale and not window.waiting, timeout=WAIT)


def test_a_city_is_listed_by_footprint_and_height_and_judged_again_by_other_thresholds(
    make_app: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    app = make_app()
    session, window = app.session, app.window
    old, new, houses = mutated()
    for name, city in (("old", old), ("new", new)):
        path = tmp_path / f"{name}.city.json"
        path.write_text(json.dumps(city), encoding="utf-8")
        count = len(session.twin.layers)
        session.open(str(path))
        qtbot.waitUntil(lambda c=count: opened(app, c + 1), timeout=WAIT)  # type: ignore[misc]
    first, second = session.twin.layers
    session.compare(first, second)
    listed(app, qtbot)
    panel = next(x for x in window.desk.panels if isinstance(x, DifferencesPanel))
    model = panel.model
    assert model.columns == CITIES
    assert [pair.bucket for pair in model.pairs] == ["removed", "new", "roof_changed"]
    roof = model.cell(2, "roof")
    assert roof.startswith("+2.500")
    model.sort(CITIES.index("area"), Qt.SortOrder.DescendingOrder)
    assert [pair.bucket for pair in model.pairs] == ["new", "roof_changed", "removed"]
    model.look_for(houses[1][:12])
    assert [pair.bucket for pair in model.pairs] == ["removed"]
    model.look_for("")
    form = ThresholdForm(window.desk, panel)
    qtbot.addWidget(form)
    form.fields["change_height"].setValue(3.0)
    QTest.keyClick(form, Qt.Key.Key_Return)
    listed(app, qtbot)
    assert session.settings.change_height == 3.0
    assert sorted(pair.bucket for pair in model.pairs) == ["new", "removed"]
    assert len(list(model.texts())) == 3
