"""The ground that catches shadows: only its cells that a shadow can reach are drawn."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.viewport.ground import Ground, reached

SIZE = 25.0
FLAT = Ground(
    np.array([84_000.0, 447_000.0, 3.0]),
    np.stack([*np.mgrid[:41, :31] * SIZE, np.zeros((41, 31))], axis=2).astype(np.float32),
    SIZE,
)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 999),
    azimuth=st.floats(0, 360),
    height=st.floats(0.5, 90),
    count=st.integers(0, 6),
)
def test_no_cell_is_left_out_that_a_shadow_falls_on(
    seed: int, azimuth: float, height: float, count: int
) -> None:
    chance = np.random.default_rng(seed)
    low = FLAT.origin + chance.uniform([-100, -100, 0], [1100, 850, 5], (count, 3))
    boxes = np.concatenate([low, low + chance.uniform(1, 120, (count, 3))], axis=1)
    turn, rise = np.radians([azimuth, height])
    sun = (
        float(np.sin(turn) * np.cos(rise)),
        float(np.cos(turn) * np.cos(rise)),
        float(np.sin(rise)),
    )
    kept = reached(FLAT.heights_of(boxes), SIZE, sun)
    assert kept.shape == (40, 30)
    assert len(FLAT.triangles(kept)) == 2 * kept.sum()
    if not count:
        assert not kept.any()
        return
    points = chance.uniform(boxes[:, None, :3], boxes[:, None, 3:], (count, 200, 3)).reshape(-1, 3)
    inside = np.floor((points[:, :2] - FLAT.origin[:2]) / SIZE)
    points = points[((inside >= 0) & (inside < kept.shape)).all(axis=1)]
    fallen = points - np.array(sun) * ((points[:, 2] - FLAT.origin[2]) / sun[2])[:, None]
    cells = np.floor((fallen[:, :2] - FLAT.origin[:2]) / SIZE).astype(int)
    cells = cells[((cells >= 0) & (cells < kept.shape)).all(axis=1)]
    assert kept[cells[:, 0], cells[:, 1]].all()


def test_ground_towards_the_sun_is_left_out() -> None:
    box = np.array([[500.0, 400, 0, 525, 425, 50]]) + np.tile(FLAT.origin, 2)
    kept = reached(FLAT.heights_of(box), SIZE, (0.0, -0.8, 0.6))
    assert kept[20, 16:18].all()
    assert not kept[:, :14].any()
    assert kept.sum() < 30
