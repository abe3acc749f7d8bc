"""The planner's window: a city of clay, objects beside the layers, the result first at the right."""

from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from ui.app import App


def test_a_planner_has_objects_beside_layers_and_others_have_them_below(
    city: App, qtbot: QtBot
) -> None:
    window = city.window
    layers, objects, right = window.docks[:3]
    window.turn_role("planner")
    try:
        assert layers.keys[:2] == ["layers", "objects"]
        assert objects.keys == ["study"]
        assert right.keys[0] == "result"
        assert right.shown != "result"
        window.show_panel("objects")
        assert layers.shown == "objects"
        assert window.objects.isVisibleTo(layers)
        assert window.objects.grouping.isVisibleTo(layers)
        assert not window.tools.spare[0].isVisibleTo(window)
        assert city.session.twin.color_by.column == "freshness"  # it was chosen
        window.rebuild()  # another language makes every panel anew
        layers, objects = window.docks[:2]
        assert layers.shown == "objects"
        assert objects.keys == ["study"]
    finally:
        window.turn_role("custodian")
    assert objects.keys == ["objects", "study"]
    assert "objects" not in layers.keys
    assert layers.pages == list(range(len(layers.keys)))
    qtbot.waitUntil(lambda: not window.waiting, timeout=WAIT)
