"""A search finds what stands in names, ids, classes and values, and says where."""

import json

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin import searching
from twin.details import DETAILS, rare_column
from twin.features import EXTRA, INHERITED, FeatureTable, encode, texts
from twin.searching import Match, index, matched, searched

WORDS = st.text("abAB 砖1.", max_size=6)


def table() -> FeatureTable:
    kind, kinds = encode(["Wall", "Door", "Wall"])
    rare = {"Set.Note": "Zürich", "Set.Depth": 0.25, INHERITED: ["Set.Hidden"]}
    said = {
        "materials": [{"kind": "layers", "name": "Cavity", "parts": [{"material": "Brick"}]}],
        "relations": {"voids": [77]},
        "documents": [{"name": "Fire plan", "revision": "C01"}],
    }
    return FeatureTable(
        texts(["id-1", "id-2", "id-3"]), kind, kinds, np.full(3, -1, np.int32), np.zeros((3, 6)),
        name=texts(["Front", None, "Back"]),
        columns={
            "Set.Rating": texts(["R60", None, "R 90"]),
            "Area": np.array([12.5, np.nan, 1e-3]),
            "Built": np.array(["2021-03-05", "NaT", "1999-01-01"], "M8[ms]"),
            "Material": texts(["Brick | Air", None, None]),
            EXTRA: texts([None, orjson.dumps(rare).decode(), "not json"]),
            DETAILS: texts([None, None, json.dumps(said)]),
        },
        units={"Area": "m²"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "rows", "where"),
    [
        ("FRONT", [0], Match("", "Front")),
        ("id-", [0, 1, 2], Match("", "id-1")),
        ("door", [1], Match("", "Door")),
        ("r60", [0], Match("Set.Rating", "R60")),
        ("12.5", [0], Match("Area", "12.5", "m²")),
        ("2021-03", [0], None),
        ("zürich", [1], Match("Set.Note", "Zürich")),
        ("0.25", [1], Match("Set.Depth", "0.25")),
        ("air", [0], Match("Material", "Air")),
        ("cavity", [2], Match("materials.name", "Cavity")),
        ("c01", [2], Match("documents.revision", "C01")),
        ("77", [], None),
        ("hidden", [], None),
        ("nan", [], None),
        ("", [0, 1, 2], None),
    ],
)
def test_a_text_is_found_in_names_ids_classes_and_values(
    wanted: str, rows: list[int], where: Match | None
) -> None:
    found = np.flatnonzero(searched(table(), index(table()), wanted))
    assert found.tolist() == rows
    if where is not None:
        assert matched(table(), rows[0], wanted) == where


def test_a_text_never_reaches_from_one_value_or_object_into_the_next() -> None:
    known = index(table())
    for wanted in ("front12.5", "1 front", "r60id-2", "id-1front"):
        assert not searched(table(), known, wanted).any()


@given(st.lists(st.tuples(WORDS, st.none() | WORDS), min_size=1, max_size=30), WORDS)
@settings(max_examples=80, deadline=None)
def test_what_is_found_is_what_contains_the_text(
    said: list[tuple[str, str | None]], wanted: str
) -> None:
    n = len(said)
    made = FeatureTable(
        texts([a for a, _ in said]), np.zeros(n, np.uint16), ("-",), np.full(n, -1, np.int32),
        np.zeros((n, 6)), columns={"value": texts([b for _, b in said])},
    )  # fmt: skip
    needle = wanted.lower()
    expected = [any(needle in x.lower() for x in (a, b or "", "-")) for a, b in said]
    for many in (searching.MANY, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(searching, "MANY", many)
            assert searched(made, index(made), wanted).tolist() == expected


def test_a_table_of_very_many_values_is_searched_by_name_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(searching, "MOST_CELLS", 5)
    known = index(table())
    assert not known.whole
    assert not searched(table(), known, "r60").any()
    assert searched(table(), known, "back").tolist() == [False, False, True]


def test_a_rare_attribute_becomes_a_column_of_its_own_kind() -> None:
    depth, note = rare_column(table(), "Set.Depth"), rare_column(table(), "Set.Note")
    assert depth is not None
    assert note is not None
    assert depth.dtype == np.float64
    assert note.tolist() == [None, "Zürich", None]
    assert rare_column(table(), "Set.None") is None
