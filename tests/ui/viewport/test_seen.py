"""Depths kept with a picture at rest: the same however it is drawn, and those of what is seen."""

import numpy as np
import pytest

from tests.ui.viewport.test_shadows import BOX, ORIGIN, meets, rays, scene
from ui.viewport.camera import pose_of
from ui.viewport.canvas import Canvas, finished
from ui.viewport.look import Look


@pytest.mark.render
@pytest.mark.parametrize("fine", [True, False])
def test_a_place_behind_a_wall_is_farther_than_what_is_seen(fine: bool) -> None:
    canvas = Canvas(Look(background="plain", edges=False))
    view = pose_of(
        ORIGIN + np.array([0.0, -80.0, 12.0]), ORIGIN + np.array([0.0, 0.0, 12.0])
    ).view((241, 180))
    frame = scene(BOX[None])
    canvas.keep_depth = True
    finished(canvas, frame, view, fine=fine)
    assert canvas.seen is not None
    ray = rays(view)
    wall = meets(np.broadcast_to(view.eye - ORIGIN, ray.shape), ray, BOX)
    y, x = np.mgrid[: view.size[1], : view.size[0]] + 0.5
    found = canvas.seen.depths(np.stack([x.ravel(), y.ravel()], axis=1)).reshape(wall.shape)
    inner = wall.copy()
    inner[1:] &= wall[:-1]
    inner[:-1] &= wall[1:]
    inner[:, 1:] &= wall[:, :-1]
    inner[:, :-1] &= wall[:, 1:]
    inner[:2] = inner[-2:] = False
    assert inner.sum() > 500
    assert np.abs(found[inner] - 74.0).max() < 0.1  # the wall stands 6 m before the middle
    assert np.isinf(found[:60, :20]).all()
    assert np.isinf(canvas.seen.depths(np.array([[-9.0, 5.0], [9e5, 5.0]]))).all()
    kept = canvas.seen
    canvas.draw(frame, view, 0.5)  # under way
    assert canvas.seen is not kept
    canvas.close()
