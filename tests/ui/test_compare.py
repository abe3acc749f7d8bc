"""Two layers compared in the window: two states in one picture, what differs in a dock, one step to undo."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.loaders.ifc_files import Building
from tests.ui.conftest import WAIT, Make
from ui.app import App
from ui.compare_tool import CompareTool
from ui.panels.differences import DifferencesPanel
from ui.viewport.comparison import Comparison, composed

pytestmark = [pytest.mark.qt, pytest.mark.render]
OLD, NEW = np.full((4, 8, 4), 10, np.uint8), np.full((4, 8, 4), 90, np.uint8)
BOTH = frozenset({"a"}), frozenset({"b"})


def test_a_swipe_shows_the_old_state_left_of_the_line() -> None:
    found = composed((OLD, NEW), Comparison(*BOTH, "swipe", 0.25))
    assert (found[:, :2] == 10).all()
    assert (found[:, 2:] == 90).all()


def test_side_by_side_shows_the_middle_of_both() -> None:
    columns = np.arange(8, dtype=np.uint8)[None, :, None] * np.ones((4, 1, 4), np.uint8)
    found = composed((columns, columns + 100), Comparison(*BOTH, "sides"))
    assert found[0, :, 0].tolist() == [2, 3, 4, 5, 102, 103, 104, 105]
    assert Comparison(*BOTH, "sides").at(0.0, 8.0) == (BOTH[1], 2.0)
    assert Comparison(*BOTH, "sides").at(4.0, 8.0) == (BOTH[0], 2.0)


def test_a_blend_mixes_by_its_share() -> None:
    assert (composed((OLD, NEW), Comparison(*BOTH, "blend", 0.0)) == 10).all()
    assert (composed((OLD, NEW), Comparison(*BOTH, "blend", 0.5)) == 50).all()
    assert (composed((OLD, NEW), Comparison(*BOTH, "blend", 1.0)) == 90).all()


def deliveries(folder: Path) -> tuple[str, str]:
    """Return two deliveries of a model: in the second one wall stands elsewhere and one is missing."""
    made = Building()
    walls = [
        made.element(
            "IfcWall", f"wall {i}", made.body(made.box(3.0, 0.3, 2.5)), (4.0 * i, 0.0, 0.0)
        )
        for i in range(5)
    ]
    old = made.write(folder, "old.ifc")
    walls[1].ObjectPlacement.RelativePlacement.Location.Coordinates = (4.0, 1.5, 0.0)
    made.file.remove(walls[4])
    return old, made.write(folder, "new.ifc")


def whole(app: App) -> bool:
    session, window = app.session, app.window
    told = not window.stale and not window.waiting  # panels know of both layers
    opened = len(session.twin.layers) == 2 and not session.jobs.pending
    return opened and told and app.view.shown.complete


def test_the_tool_shows_two_layers_and_lists_what_differs_in_one_undoable_step(
    make_app: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    app = make_app()
    old_path, new_path = deliveries(tmp_path)
    app.session.open(old_path)
    qtbot.waitUntil(lambda: len(app.session.twin.layers) == 1, timeout=WAIT)
    app.session.open(new_path)
    qtbot.waitUntil(lambda: whole(app), timeout=WAIT)
    window, canvas = app.window, app.view.canvas
    before = app.session.twin.color_by
    window.acts.do("tool.compare")
    tool = window.toolbox.tools["compare"]
    assert isinstance(tool, CompareTool)
    between = canvas.comparison
    assert between is not None
    old, new = (next(iter(side)) for side in (between.old, between.new))
    tool.list_differences()
    qtbot.waitUntil(lambda: app.session.comparison is not None, timeout=WAIT)
    qtbot.waitUntil(
        lambda: app.session.comparison is not None and app.session.comparison.told, timeout=WAIT
    )
    qtbot.waitUntil(lambda: not window.stale and not window.waiting, timeout=WAIT)
    assert app.session.twin.color_by.column == "_change"
    panel = next(x for x in window.desk.panels if isinstance(x, DifferencesPanel))
    assert [pair.bucket for pair in panel.model.pairs] == ["removed", "shape_changed"]
    panel.only("unchanged")
    assert {pair.bucket for pair in panel.model.pairs} == {"unchanged"}
    panel.only("unchanged")
    panel._choose(1, fly=False)
    assert set(app.session.selected) == {old, new}
    window.acts.do("edit.undo")
    assert app.session.twin.color_by == before
    assert "_change" not in app.session.twin.layer(old).features.columns
    app.view.stop()
    assert canvas.comparison is None
