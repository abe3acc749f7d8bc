"""Edits are data: every one has an exact inverse, also after rows have arrived in between."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.commands import COMMANDS, Context, Where, make, parse
from twin.edits import (
    AddLayer,
    Edit,
    History,
    SetCells,
    SetDisplay,
    SetHidden,
    SetRecord,
    SetVisible,
    Together,
)
from twin.errors import UsageError
from twin.features import FeatureTable, extend, texts
from twin.messages import catalogue
from twin.observations import Assessment, Observations
from twin.records import About, Display, Party, SourceRef
from twin.scene import Aspect, Change, Layer, Twin
from twin.tiles import TileTree


def table(n: int, start: int = 0) -> FeatureTable:
    return FeatureTable(
        texts([f"o{i}" for i in range(start, start + n)]),
        np.zeros(n, np.uint16), ("Building",), np.full(n, -1, np.int32), np.zeros((n, 6)),
        columns={"h": np.arange(start, start + n, dtype=float), "use": texts(["a"] * n)},
    )  # fmt: skip


def layer(n: int = 10) -> Layer:
    tree = TileTree.single(np.array([0.0, 0, 0, 1, 1, 1]))
    return Layer(
        "city", SourceRef("city.json"), "City", About("cityjson"), tree, table(n),
        Observations.empty(), Assessment.unknown(n),
    )  # fmt: skip


def twin() -> Twin:
    made = Twin()
    AddLayer(layer()).apply(made)
    return made


rows = st.lists(st.integers(0, 9), min_size=1, max_size=10, unique=True).map(
    lambda found: np.array(found, np.int32)
)
edits = st.one_of(
    rows.map(lambda r: SetHidden("city", r, True)),
    rows.map(lambda r: SetHidden("city", r, np.arange(len(r)) % 2 == 0)),
    rows.map(lambda r: SetCells("city", "h", r, np.linspace(50, 60, len(r)))),
    rows.map(lambda r: SetCells("city", "use", r, texts(["shop"] * len(r)))),
    st.booleans().map(lambda visible: SetVisible("city", visible)),
    st.floats(0.05, 1).map(lambda part: SetDisplay("city", Display(8.0, 64, part, -2.5, "own"))),
    st.just(SetRecord("parties", "p", Party("p", "City"))),
    st.just(SetRecord("parties", "p", None)),
)


def state(twin: Twin) -> tuple[object, ...]:
    found = twin.layers["city"]
    hidden = np.zeros(len(found.features), np.bool_)
    if found.hidden is not None:
        hidden[: len(found.hidden)] = found.hidden
    return (
        found.visible, found.display, hidden[:10].tolist(), found.features["h"][:10].tolist(),
        found.features["use"][:10].tolist(), dict(twin.records["parties"]),
    )  # fmt: skip


@given(st.lists(edits, max_size=8))
def test_undo_is_exact_and_redo_too(steps: list[Edit]) -> None:
    city = twin()
    history, states = History(city), [state(city)]
    for step in steps:
        history.do("step", step)
        states.append(state(city))
    for before in reversed(states[:-1]):
        assert history.undo() == "step"
        assert state(city) == before
    assert history.undo() == ""
    for after in states[1:]:
        history.redo()
        assert state(city) == after


@given(st.lists(edits, min_size=1, max_size=5))
def test_undo_is_exact_after_rows_have_arrived(steps: list[Edit]) -> None:
    city = twin()
    history, before = History(city), state(city)
    history.do("all", Together(tuple(steps)))
    grown = city.layers["city"]
    more = replace(grown, features=extend(grown.features, table(5, 10)))
    city.put_layer(more, Aspect.FEATURES)
    history.undo()
    assert state(city) == before
    assert len(city.layers["city"].features) == 15


def test_an_observer_that_edits_raises() -> None:
    city = twin()
    history = History(city)

    def meddle(change: Change) -> None:
        history.do("no", SetVisible("city", True))

    city.changed.connect(meddle)
    with pytest.raises(RuntimeError, match="observer"):
        history.do("hide", SetVisible("city", False))


def test_an_observer_can_stop_listening() -> None:
    city, seen = twin(), []
    stop = city.changed.connect(lambda change: seen.append(change.aspect))
    SetVisible("city", False).apply(city)
    stop()
    SetVisible("city", True).apply(city)
    assert seen == [Aspect.VISIBILITY]


def test_every_journalled_step_is_recorded_with_ids_and_undo_compensates() -> None:
    city = twin()
    history, said = History(city), []
    history.record = lambda verb, edit, words: said.append((verb, words))
    history.do("set", SetCells("city", "h", np.array([2], np.int32), np.array([99.0])))
    history.do("hide", SetHidden("city", np.array([1], np.int32), True))
    history.undo()
    history.undo()
    assert [verb for verb, _ in said] == ["do", "undo"]
    assert said[0][1]["object"] == ["o2"]
    assert said[0][1]["before"] == {"h": [2.0]}
    assert said[1][1]["after"] == {"h": [2.0]}


def test_of_a_person_only_the_id_stands_in_the_journal() -> None:
    edit = SetRecord("parties", "p1", Party("p1", "Jan Jansen", organisation=False, email="j@x"))
    assert "Jansen" not in str(edit.describe(Twin()))


def test_commands_say_what_they_do_not_take_and_what_they_need() -> None:
    context = Context(twin())
    with pytest.raises(UsageError, match="needs: layer"):
        make("layers.hide", context, {})
    with pytest.raises(UsageError, match="does not take: colour"):
        make("layers.hide", context, {"layer": "city", "colour": "red"})
    with pytest.raises(UsageError, match="no command"):
        make("nothing", context, {})


def test_a_command_line_is_parsed_with_quotes() -> None:
    assert parse('objects.hide layer=city value="two words"') == (
        "objects.hide",
        {"layer": "city", "value": "two words"},
    )
    with pytest.raises(UsageError):
        parse('objects.hide value="open')


@pytest.mark.parametrize(
    ("column", "op", "value", "expected"),
    [
        ("h", "gt", "7", [8, 9]), ("h", "le", "1", [0, 1]), ("h", "missing", "", []),
        ("use", "eq", "a", list(range(10))), ("use", "contains", "B", []),
        ("id", "eq", "o3", [3]), ("kind", "ne", "Building", []),
    ],
)  # fmt: skip
def test_conditions_select_rows(column: str, op: str, value: str, expected: list[int]) -> None:
    assert table(10).where(Where(column, op, value)).tolist() == expected


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [("missing", "", [1, 3]), ("eq", "None", [2]), ("ne", "a", [1, 2, 3]), ("contains", "N", [2])],
)
def test_a_text_that_is_missing_is_not_the_word_none(
    op: str, value: str, expected: list[int]
) -> None:
    held = replace(table(4), columns={"t": texts(["a", None, "None", ""])})
    assert held.where(Where("t", op, value)).tolist() == expected


def test_a_condition_that_makes_no_sense_is_said() -> None:
    for where in (Where("h", "gt", "x"), Where("h", "like", "1"), Where("no", "eq", "1")):
        with pytest.raises(UsageError):
            table(3).where(where)


def test_isolate_hides_all_others_in_every_layer_and_show_all_brings_them_back() -> None:
    city = twin()
    AddLayer(replace(layer(4), id="other")).apply(city)
    history = History(city)
    chosen = {"city": np.array([3], np.int32)}
    history.do("isolate", make("objects.isolate", Context(city, chosen), {}))
    hidden, other = city.layers["city"].hidden, city.layers["other"].hidden
    assert hidden is not None
    assert other is not None
    assert np.flatnonzero(~hidden).tolist() == [3]
    assert other.all()
    history.do("all", make("objects.show_all", Context(city), {}))
    assert city.layers["city"].hidden is None


def test_every_command_has_arguments_that_can_be_named() -> None:
    assert {"layers.hide", "objects.isolate", "view.color_by", "attributes.set"} <= set(COMMANDS)
    for command in COMMANDS.values():
        assert set(command.required) <= set(command.arguments)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_command_has_a_title(language: str) -> None:
    assert [name for name in COMMANDS if not catalogue(language).has(f"command.{name}")] == []


def test_how_a_layer_is_shown_changes_only_where_it_is_named_and_within_limits() -> None:
    found = Context(twin())
    edit = make("layers.display", found, {"layer": "city", "opacity": "0.5", "color": "#0B7A70"})
    edit.apply(found.twin)
    make("layers.display", found, {"layer": "city", "height_offset": "12"}).apply(found.twin)
    shown = found.twin.layer("city")
    assert shown.display == Display(0.0, 0, 0.5, 12.0, "#0B7A70")
    assert shown.boxes(np.array([0], np.int32))[0].tolist() == [0, 0, 12, 0, 0, 12]
    assert edit.describe(twin())["after"] == {"opacity": 0.5, "color": "#0B7A70"}
    for wrong in ({"opacity": "0"}, {"max_error": "0.5"}, {"color": "red"}, {"budget_mb": "x"}):
        with pytest.raises(UsageError):
            make("layers.display", found, {"layer": "city", **wrong})
