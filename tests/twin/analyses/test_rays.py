import numpy as np

from twin.analyses.rays import Caster
from twin.analyses.study import Bodies


def soup(corners: np.ndarray) -> Bodies:
    """Bodies of triangles f64(t, 3, 3) around a city-sized origin."""
    origin = np.array([85_000.0, 447_000.0, 0.0])
    return Bodies(
        origin,
        (corners.reshape(-1, 3) - origin).astype(np.float32),
        np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3),
        np.zeros(len(corners), np.int16),
        np.arange(len(corners), dtype=np.int32),
    )


def brute(corners: np.ndarray, eyes: np.ndarray, ways: np.ndarray) -> np.ndarray:
    """Möller-Trumbore of every ray with every triangle; distance of the first, inf = none."""
    a, ab, ac = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    p = np.cross(ways[:, None], ac[None])
    det = (ab[None] * p).sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        s = eyes[:, None] - a[None]
        u = (s * p).sum(-1) / det
        q = np.cross(s, ab[None])
        v = (ways[:, None] * q).sum(-1) / det
        t = (ac[None] * q).sum(-1) / det
    met = (np.abs(det) > 1e-12) & (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0)
    return np.asarray(np.where(met, t, np.inf).min(axis=1))


def test_rays_meet_what_every_ray_with_every_triangle_meets() -> None:
    rng = np.random.default_rng(4)
    middle = np.array([85_100.0, 447_100.0, 10.0])
    corners = middle + rng.normal(0, 40, (300, 1, 3)) + rng.normal(0, 8, (300, 3, 3))
    eyes = middle + rng.normal(0, 60, (2000, 3))
    ways = rng.normal(size=(2000, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    distance, triangle = Caster(soup(corners)).first(eyes, ways)
    wanted = brute(corners, eyes, ways)
    same = np.isfinite(wanted) == (triangle >= 0)
    assert same.mean() > 0.999  # a ray along an edge may go either way in single precision
    both = np.isfinite(wanted) & (triangle >= 0)
    assert both.sum() > 300
    assert np.abs(distance[both] - wanted[both]).max() < 0.01


def test_a_limit_ends_a_ray() -> None:
    wall = np.array([[[85_010.0, 446_990, -5], [85_010, 447_030, -5], [85_010, 447_010, 60]]])
    eyes = np.array([[85_000.0, 447_010, 2]] * 2)
    east = np.array([[2.0, 0, 0]] * 2)
    met = Caster(soup(wall)).hits(eyes, east, np.array([9.0, 11.0]))
    assert met.tolist() == [False, True]


def test_nothing_meets_nothing() -> None:
    assert not Caster(Bodies.none()).hits(np.zeros((3, 3)), np.ones((3, 3))).any()
