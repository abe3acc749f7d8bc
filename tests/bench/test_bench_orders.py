"""Ten thousand orders saved, beside the bare inserts of their cells."""

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.keeping import Keeper
from twin.maintenance.orders.edits import PutOrders
from twin.maintenance.orders.raising import Candidate, Wish, raise_orders
from twin.maintenance.orders.records import OrderObject, WorkOrder
from twin.scene import Twin
from twin.store.codec import encode

pytestmark = pytest.mark.bench
MANY = 10_000
AT = np.datetime64("2025-10-27", "ms")


def orders() -> dict[str, WorkOrder]:
    """Return ten thousand orders of one object each."""
    things = (
        Candidate(OrderObject(f"u-{n}", "city", f"b-{n}", f"House {n}"), "stale", "", "city", "city",
                  due=AT, policy="P-1", evidence=("E-1",))
        for n in range(MANY)
    )  # fmt: skip
    return {x.id: x for x in raise_orders(things, {}, Wish(AT, group=())).new}


def test_ten_thousand_orders_are_saved(benchmark: Any, tmp_path: Path) -> None:
    count, many = iter(range(1000)), orders()

    def fresh() -> tuple[tuple[Keeper], dict[str, Any]]:
        twin = Twin()
        keeper = Keeper(twin, lambda where, error: pytest.fail(f"{where}: {error}"))
        keeper.create(tmp_path / f"{next(count)}.twin.gpkg")
        return (keeper,), {}

    def save(keeper: Keeper) -> None:
        keeper.do(PutOrders("orders.issue", many))
        keeper.close()

    benchmark.pedantic(save, setup=fresh, rounds=3)


def test_the_bare_inserts_of_the_same_cells(benchmark: Any, tmp_path: Path) -> None:
    rows = [tuple(encode(x).values()) for x in orders().values()]
    marks = ", ".join("?" for _ in rows[0])
    count = iter(range(1000))

    def bare() -> None:
        sql = sqlite3.connect(tmp_path / f"{next(count)}.db")
        sql.execute(f"CREATE TABLE t ({', '.join(f'c{i}' for i in range(len(rows[0])))})")
        sql.executemany(f"INSERT INTO t VALUES ({marks})", rows)
        sql.commit()
        sql.close()

    benchmark.pedantic(bare, rounds=3)
