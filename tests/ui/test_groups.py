"""The objects dock grouped by a column: lines, switches, search and what is selected."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QAbstractItemModelTester

from tests.twin.test_grouping import city
from twin.jobs import Jobs
from twin.scene import Aspect
from twin.session import Session
from twin.settings import load
from ui.desk import Desk
from ui.panels.objects import ObjectsPanel
from ui.panels.tree_view import shortened_match
from ui.theme import LIGHT, font
from ui.wording import Wording

pytestmark = [pytest.mark.qt, pytest.mark.usefixtures("qapp")]


@pytest.fixture
def panel() -> Iterator[ObjectsPanel]:
    session = Session(load({"language": "en"}), Jobs(inline=True))
    for layer in city().layers.values():
        session.twin.put_layer(layer, Aspect.LAYERS)
    made = ObjectsPanel(Desk(session, LIGHT, Wording(session.words)))
    made.refresh(made.watches)
    yield made
    session.close()


def lines(panel: ObjectsPanel) -> list[tuple[str, str, bool]]:
    model = panel.groups
    found = [model.line(position) for position in range(model.rowCount())]
    return [(line.text, line.note, line.shown) for line in found]


def test_a_group_opens_closes_and_counts(panel: ObjectsPanel) -> None:
    tester = QAbstractItemModelTester(panel.groups)
    panel.grouping.take("Storey")
    assert panel.stack.currentWidget() is panel.group_view
    assert lines(panel) == [("Ground", "2", True), ("Upper", "2", True), ("not stated", "1", True)]
    panel.groups.toggle(0)
    assert [text for text, *_ in lines(panel)] == [
        "Ground", "Door a1", "Wall b0", "Upper", "not stated",
    ]  # fmt: skip
    assert panel.groups.at(2) == ("b", 0)
    panel.groups.toggle(0)
    assert len(lines(panel)) == 3
    panel.grouping.take("")
    assert panel.stack.currentWidget() is panel.view
    assert tester.model() is panel.groups


def test_the_eye_of_a_group_switches_all_of_it_and_back(panel: ObjectsPanel) -> None:
    panel.grouping.take("Storey")
    panel.group_view.on_eye(0)
    assert [shown for *_, shown in lines(panel)] == [False, True, True]
    panel.group_view.on_eye(0)
    assert all(shown for *_, shown in lines(panel))
    panel.group_view.on_eye(1)
    panel.desk.session.undo()
    assert all(shown for *_, shown in lines(panel))


def test_a_choice_made_elsewhere_opens_its_group(panel: ObjectsPanel) -> None:
    panel.grouping.take("Material")
    panel.desk.session.select({"a": np.array([2], np.int32)})
    panel.refresh(frozenset({Aspect.SELECTION}))
    position = panel.group_view.currentIndex().row()
    assert panel.groups.at(position) == ("a", 2)
    assert panel.groups.line(position).selected
    panel.group_view.on_click(position, Qt.KeyboardModifier.ControlModifier)
    assert panel.desk.session.selected.get("a", np.zeros(0)).tolist() == []


def test_a_search_narrows_the_groups(panel: ObjectsPanel) -> None:
    panel.grouping.take("kind")
    panel.search.setText("b0")
    assert lines(panel) == [("Wall", "1", True)]
    panel.search.setText("")
    assert len(lines(panel)) == 4


def test_columns_that_no_layer_has_are_offered_but_cannot_be_chosen(panel: ObjectsPanel) -> None:
    panel.grouping.fill()
    enabled = {entry.text(): entry.isEnabled() for entry in panel.grouping.choices.actions()}
    assert enabled["Storey"]
    assert enabled["Class"]
    assert enabled["Structure"]
    assert not enabled["System"]


def test_a_line_says_which_value_a_search_found(panel: ObjectsPanel) -> None:
    panel.search.setText("brick")
    line = panel.model.line(1)
    assert (line.text, line.match, line.needle) == ("Wall a0", "Material = Brick", "brick")
    metrics = QFontMetrics(font())
    assert shortened_match(metrics, line, 500) == "Material = Brick"
    long = replace(line, match="Material = Metal, galvanised, then brick, hard")
    for width in range(metrics.horizontalAdvance("…brick…") + 4, 400, 9):
        shown = shortened_match(metrics, long, width)
        assert "brick" in shown
        assert metrics.horizontalAdvance(shown) <= width
    assert panel.model.line(0).note == "2"
    panel.grouping.take("kind")
    panel.groups.toggle(0)
    assert panel.groups.line(1).match == "Material = Brick"
