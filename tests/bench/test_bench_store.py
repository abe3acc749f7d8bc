"""Keeping a project: what one edit costs, what a large project costs to commit and to load."""

from pathlib import Path
from typing import Any

import pytest

from twin.maintenance.orders.records import WorkOrder
from twin.store import Override, Put, create_project, open_project

pytestmark = pytest.mark.bench


def test_one_edit_is_on_disk_in_a_few_milliseconds(benchmark: Any, tmp_path: Path) -> None:
    project = create_project(tmp_path / "a.twin.gpkg")
    order = WorkOrder("w")
    benchmark(lambda: project.commit([Put("orders", "w", order)], [{"action": "orders.set"}]))
    assert project.verify()
    project.close()


def test_ten_thousand_overrides_are_committed_and_loaded(benchmark: Any, tmp_path: Path) -> None:
    project = create_project(tmp_path / "a.twin.gpkg")
    many = [Override("layer", f"b-{i}", {"year": 1900 + i % 100}) for i in range(10_000)]
    project.commit([Put("overrides", item.uid, item) for item in many])
    project.close()

    def load() -> int:
        again = open_project(tmp_path / "a.twin.gpkg")
        found = len(again.load().records["overrides"])
        again.close()
        return found

    assert benchmark(load) == 10_000
