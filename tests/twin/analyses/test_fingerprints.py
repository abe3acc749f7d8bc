"""Laws of fingerprints: equal objects have equal ones wherever they stand, a change shows where it was made."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.analyses.fingerprints import (
    cells_print,
    column_prints,
    object_prints,
    packed_prints,
    unpacked_prints,
)
from twin.features import FeatureTable, encode, taken, texts

CELL = st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=4))


@st.composite
def tables(draw: st.DrawFn) -> FeatureTable:
    n = draw(st.integers(1, 6))
    some = {
        "a": texts(draw(st.lists(CELL, min_size=n, max_size=n))),
        "b": np.array(draw(st.lists(st.floats(), min_size=n, max_size=n)), np.float64),
    }
    kind, kinds = encode(
        draw(st.lists(st.sampled_from(("Building", "Road")), min_size=n, max_size=n))
    )
    boxes = np.array(
        draw(st.lists(st.integers(-99, 99), min_size=6 * n, max_size=6 * n)), np.float64
    )
    return FeatureTable(
        texts([f"o{i}" for i in range(n)]), kind, kinds, np.full(n, -1, np.int32),
        boxes.reshape(n, 6), columns=some,
    )  # fmt: skip


@given(tables(), st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_and_empty_columns_change_nothing(
    table: FeatureTable, random: object
) -> None:
    ids = [str(key) for key in table.id.tolist()]
    order = np.array(random.sample(range(len(ids)), len(ids)), np.int32)  # type: ignore[attr-defined]
    other = taken(table, order)
    other = replace(other, columns={**other.columns, "c": texts([None] * len(ids))})
    assert np.array_equal(object_prints(table, ids), object_prints(other, ids))
    assert cells_print(table, ids) == cells_print(other, ids)
    assert column_prints(table, ids) == column_prints(other, ids)


@given(tables(), st.integers(0, 5), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_a_change_shows_at_its_object_alone(table: FeatureTable, row: int, side: int) -> None:
    ids = [str(key) for key in table.id.tolist()]
    row %= len(ids)
    was = object_prints(table, ids)
    bounds = table.bounds.copy()
    bounds[row, side] += 0.02
    moved = object_prints(replace(table, bounds=bounds), ids)
    assert np.argwhere(moved != was).tolist() == [[row, 1]]
    cells = table.columns["a"].copy()
    cells[row] = "another"
    changed = replace(table, columns={**table.columns, "a": cells})
    assert np.argwhere(object_prints(changed, ids) != was).tolist() == [[row, 2]]
    before, after = dict(column_prints(table, ids)), dict(column_prints(changed, ids))
    assert {name for name in after if before.get(name) != after[name]} == {"a"}
    assert object_prints(table, ["nobody"]).tolist() == [[0, 0, 0]]


@given(tables(), st.text(max_size=9))
@settings(max_examples=30, deadline=None)
def test_packed_prints_come_back_and_damaged_ones_are_nothing(
    table: FeatureTable, noise: str
) -> None:
    prints = object_prints(table, [str(key) for key in table.id.tolist()])
    again = unpacked_prints(packed_prints(prints), len(prints))
    assert again is not None
    assert np.array_equal(again, prints[:, 1:])
    assert unpacked_prints(noise, 99) is None
