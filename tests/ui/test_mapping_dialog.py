"""The mapping dialog: suggests, applies only what was chosen, and can be undone."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT, ready
from twin.features import ID_FIELD, texts
from twin.observations import Assessment
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


def test_the_wheel_scrolls_the_table_and_changes_no_choice(city: App, qtbot: QtBot) -> None:
    window = city.window
    dialog = MappingDialog(window.desk, window, city.session.twin.layer("delft_tileset"))
    qtbot.addWidget(dialog)
    before = dialog.mapping()
    for box in dialog.roles:
        place = QPointF(5, 5)
        event = QWheelEvent(
            place, box.mapToGlobal(place), QPoint(0, -10), QPoint(0, -120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        box.wheelEvent(event)
        assert not event.isAccepted()
    assert dialog.mapping() == before


def test_a_layer_without_properties_says_so_and_offers_nothing(city: App, qtbot: QtBot) -> None:
    window, layer = city.window, city.session.twin.layer("delft")
    bare = replace(layer, features=replace(layer.features, columns={}))
    dialog = MappingDialog(window.desk, window, bare)
    qtbot.addWidget(dialog)
    dialog.show()
    said = [item.text() for item in dialog.findChildren(QLabel) if item.isVisible()]
    assert window.desk.say("mapping.none") in said
    assert not dialog.table.isVisible()
    assert not dialog.apply.isEnabled()


def test_the_page_of_a_layer_says_what_is_missing_and_leads_to_the_dialog(
    city: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, layer = city.window, city.session.twin.layer("delft")
    window.desk.act("layers.page", "delft")
    hint = window.layer_page.hint
    hint.show_layer(layer)
    assert hint.isHidden()
    n = len(layer.features)
    bare = replace(
        layer,
        assessment=Assessment.unknown(n),
        features=replace(
            layer.features, columns={**layer.features.columns, ID_FIELD: texts([None] * n)}
        ),
    )
    hint.show_layer(bare)
    assert not hint.isHidden()
    assert not hint.undated.isHidden()
    assert window.desk.words.count(n) in hint.weak.text()
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(window.desk, "act", lambda *words: asked.append(words))
    hint.map.click()
    assert asked == [("layers.map", "delft")]
