"""Areas in plan: exact where nothing overlaps, not doubled where surfaces lie over one another."""

import numpy as np
import pytest

from twin.geometry import F64, Mesh
from twin.maintenance.bim.plans import PlanSums

SQUARE = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])


def body(wide: float, deep: float, high: float, turn: float = 0.0) -> F64:
    """Return the triangles f64(12, 3, 3) of a box, wound outwards."""
    low, top = SQUARE * [wide, deep, 0], SQUARE * [wide, deep, 0] + [0, 0, high]
    faces = [low[::-1], top]
    faces += [np.stack([low[i], low[(i + 1) % 4], top[(i + 1) % 4], top[i]]) for i in range(4)]
    corners = np.concatenate([[face[[0, 1, 2]], face[[0, 2, 3]]] for face in faces])
    cos, sin = np.cos(turn), np.sin(turn)
    return np.asarray(corners @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]]), np.float64)


def mesh(corners: F64) -> Mesh:
    flat = corners.reshape(-1, 3)
    triangles = np.arange(len(flat), dtype=np.int32).reshape(-1, 3)
    return Mesh(
        positions=flat.astype(np.float32), triangles=triangles,
        feature=np.zeros(len(flat), np.int32), origin=np.array([85_000.0, 447_000.0, 0.0]),
    )  # fmt: skip


def area_of(*bodies: F64) -> tuple[float, float]:
    sums = PlanSums(1)
    for one in bodies:
        sums.add((mesh(one),), np.array([0], np.int32))
    found = sums.plans()
    return float(found.area[0]), float(found.height[0])


@pytest.mark.parametrize("turn", [0.0, 0.3, 1.0])
def test_a_closed_body_is_exact(turn: float) -> None:
    area, height = area_of(body(20, 10, 9, turn))
    assert area == pytest.approx(200, rel=1e-3)
    assert height == pytest.approx(9)


def test_a_roof_without_a_floor_counts() -> None:
    assert area_of(body(20, 10, 9, 0.4)[2:])[0] == pytest.approx(200, rel=1e-3)


@pytest.mark.parametrize("turn", [0.0, 0.3])
def test_surfaces_that_lie_over_one_another_count_once(turn: float) -> None:
    twice = area_of(body(20, 10, 9, turn), body(20, 10, 9, turn))[0]
    stacked = area_of(body(20, 10, 3, turn), body(10, 10, 9, turn))[0]
    assert twice == pytest.approx(200, rel=0.08)
    assert stacked == pytest.approx(200, rel=0.08)


def test_nothing_seen_is_not_known() -> None:
    found = PlanSums(2).plans()
    assert np.isnan(found.area).all()
    assert np.isnan(found.height).all()
