"""The whole cycle in the window: stale, ordered, delivered anew, proposed, accepted by a person, undone."""

from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from tests.test_orders_cycle import Capture, delivered
from tests.test_orders_cycle import (
    project as project,  # the fixture of the same cycle on the command line
)
from tests.ui.conftest import WAIT, Make
from ui.orders.panel import OrdersPanel
from ui.orders.proposing import AcceptDialog


def test_a_newer_delivery_proposes_and_a_person_accepts(
    make_app: Make, qtbot: QtBot, project: Path, capsys: Capture
) -> None:
    """The cycle by hand: stale, ordered, delivered anew, proposed, closed; one step back undoes it."""
    wanted = delivered(project, capsys)
    app = make_app()
    app.session.set_instants(np.datetime64("2023-08-02", "ms"))
    app.session.open(str(project))
    panel = next(x for x in reversed(app.window.desk.panels) if isinstance(x, OrdersPanel))
    qtbot.waitUntil(lambda: bool(panel.watch.found), timeout=WAIT)
    assert len(panel.watch.found) == len(wanted)
    order = next(key for key, found in panel.watch.found.items() if found.verdict == "close")
    proposal = panel.watch.found[order]
    assert order in panel.proposed
    assert panel.proposed[order].text
    kept = app.session.twin.records["orders"]
    dialog = AcceptDialog(app.window.desk, kept[order], proposal, panel.watch, app.window)
    qtbot.addWidget(dialog)
    assert not dialog.ok.isEnabled()
    dialog.by.setCurrentIndex(dialog.by.findData("city"))
    assert dialog.ok.isEnabled()
    assert app.window.desk.run("orders.accept", **dialog.arguments())
    assert kept[order].state == proposal.state
    qtbot.waitUntil(lambda: order not in panel.watch.found, timeout=WAIT)
    app.session.undo()
    assert kept[order].state == "raised"
