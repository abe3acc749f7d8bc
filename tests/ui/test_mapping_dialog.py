"""The mapping dialog: suggests, applies only what was chosen, and can be undone."""

from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT, ready
from ui.app import App
from ui.panels.mapping_dialog import MappingDialog


def test_nothing_is_chosen_until_suggestions_are_taken(city: App, qtbot: QtBot) -> None:
    window, twin = city.window, city.session.twin
    dialog = MappingDialog(window.desk, window, twin.layer("delft"))
    qtbot.addWidget(dialog)
    assert not dialog.mapping().dates
    assert dialog.table.rowCount() == len(twin.layer("delft").features.names)
    dialog.take_suggestions()
    assert dialog.mapping().dates
    dialog.reject()
    assert twin.layer("delft").source.fields is None


def test_what_is_applied_is_one_step_that_can_be_undone(city: App, qtbot: QtBot) -> None:
    window, session = city.window, city.session
    before = session.twin.layer("delft_tileset").source
    dialog = MappingDialog(window.desk, window, session.twin.layer("delft_tileset"))
    qtbot.addWidget(dialog)
    assert (dialog.mapping().id, dialog.mapping().kind) == ("id", "kind")
    dialog.roles[dialog.names.index("kind")].setCurrentIndex(0)
    dialog.apply.click()
    fields = session.twin.layer("delft_tileset").source.fields
    assert fields is not None
    assert (fields.id, fields.kind) == ("id", "")
    assert session.history.undoable == "layers.map"
    session.undo()
    assert session.twin.layer("delft_tileset").source == before
    qtbot.waitUntil(lambda: ready(city), timeout=WAIT)
