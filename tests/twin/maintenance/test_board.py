"""The board counts every unit once, and says whose each is."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.maintenance.making import NOW
from tests.twin.maintenance.test_memory import SAID, THERE, rule_sets
from twin.maintenance.assess import assess
from twin.maintenance.board import Board, board_of, loads, matrix, part_of, rungs_of
from twin.maintenance.districts import districts
from twin.maintenance.footings import Footings
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.responsibility import Origin
from twin.maintenance.rules import Rules
from twin.maintenance.what_if import SHOWN
from twin.records import Party


def board(*all_rules: Rules) -> Board:
    parts = []
    for number, rules in enumerate(all_rules):
        verdict = assess(THERE, SAID, rules, NOW, Origin())
        found = districts(THERE, rules, Footings(THERE, verdict.unit))
        kinds = THERE.kind.astype(np.int32), THERE.kinds
        parts.append(part_of(f"L{number}", verdict, verdict.unit_rows(), kinds, found))
    return board_of(parts)


@settings(max_examples=60, deadline=None)
@given(st.lists(rule_sets, min_size=0, max_size=3))
def test_every_unit_stands_in_one_cell_of_every_matrix(found: list[Rules]) -> None:
    made = board(*found)
    for rows, columns in (("kind", "district"), ("custodian", "district"), ("custodian", "kind")):
        cells = matrix(made, rows, columns)
        assert cells.counts[-1, -1].sum() == len(made)
        assert cells.counts[:-1, :-1].sum(axis=(0, 1)).tolist() == cells.counts[-1, -1].tolist()
        for i, row in enumerate(cells.rows):
            for j, column in enumerate(cells.columns):
                wanted = made.where(**{rows: row, columns: column})
                assert wanted.sum() == cells.counts[i, j].sum()
    held = loads(made, Rules(), ())
    assert sum(load.units for load in held) == len(made)
    assert sum(load.overdue for load in held) == (made.overdue > 0).sum()
    everywhere = np.ones(len(made), np.bool_)
    assert sum(n for *_, n in rungs_of(made, everywhere)) == len(made) if len(made) else True


def test_rows_of_a_cell_are_those_of_its_layers_and_flags_filter() -> None:
    made = board(Rules(), Rules())
    chosen = made.where("orphan", kind="Building")
    assert {key: rows.tolist() for key, rows in made.rows(chosen).items()} == {
        "L0": [0],
        "L1": [0],
    }
    assert made.where("conflict").sum() == 0
    cells = matrix(made, "kind", "district", made.where("orphan"))
    assert cells.counts[-1, -1, SHOWN.index("unknown")] == made.where("orphan").sum()
    assert cells.late().sum() == 0


def test_open_orders_count_for_whoever_has_them() -> None:
    rules = Rules(parties=(Party("w", "Water"), Party("r", "roads")))
    orders = [WorkOrder("1", accountable="r"), WorkOrder("2", accountable="r", assignee="w"),
              WorkOrder("3", accountable="r", state="closed")]  # fmt: skip
    held = {load.custodian: load for load in loads(board(rules), rules, orders)}
    assert held["roads"].orders == 1
    assert (held["Water"].orders, held["Water"].units) == (1, 0)
    assert held[""].flagged["orphan"] == held[""].units
