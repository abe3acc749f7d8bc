"""Water mirrors the sky at flat angles, keeps fills that mean something, and costs other things nothing."""

from dataclasses import replace

import numpy as np
import pytest

from tests.ui.viewport.test_shadows import ORIGIN, scene, sun_at
from twin.geometry import F64, Material, Mesh
from twin.streaming import OWN_COLOR, VISIBLE, WATER, Frame
from twin.style import is_water
from ui.viewport.actors import TileActors
from ui.viewport.camera import pose_of
from ui.viewport.canvas import Canvas, finished
from ui.viewport.look import Look, rgb
from ui.viewport.water import COLOR

STEEP, FLAT = np.array([0.0, -20.0, 60.0]), np.array([0.0, -60.0, 3.0])


def pond(flags: int, material: Material | None = None) -> Frame:
    """Return the ground of the scene of shadows with other flags, or of another material."""
    frame = scene(np.zeros((0, 6)))
    layer = frame.layers["a"]
    state = layer.state.copy()
    state[0, 3] = flags
    tile = layer.tiles[0]
    if material is not None:
        mesh = tile.drawables[0]
        assert isinstance(mesh, Mesh)
        tile = replace(tile, drawables=(replace(mesh, material=material),))
    return Frame({"a": replace(layer, tiles={0: tile}, state=state)})


def middle(canvas: Canvas, frame: Frame, from_: F64) -> F64:
    view = pose_of(ORIGIN + from_, ORIGIN).view((120, 90))
    picture = finished(canvas, frame, view, fine=False)
    return np.asarray(picture[40:50, 50:70, :3].astype(float).mean(axis=(0, 1)) / 255)


def tile_of(canvas: Canvas) -> TileActors:
    return next(iter(canvas.stage._tiles.values()))


@pytest.mark.render
def test_water_shows_itself_from_above_and_the_sky_at_flat_angles() -> None:
    canvas = Canvas(Look(edges=False))
    sky = np.array(canvas.stage.look.haze)
    dry = pond(VISIBLE | OWN_COLOR)
    land = middle(canvas, dry, STEEP)
    assert not tile_of(canvas).parts[0].wet
    state = pond(VISIBLE | OWN_COLOR | WATER).layers["a"].state
    wet = Frame({"a": replace(dry.layers["a"], state=state, version=2)})
    above, along = middle(canvas, wet, STEEP), middle(canvas, wet, FLAT)
    assert tile_of(canvas).parts[0].wet
    assert np.abs(above - np.array(COLOR)).max() < 0.06
    assert np.abs(along - sky).max() < 0.25 < np.abs(above - sky).max()
    # a fill that means something stays
    filled = wet.layers["a"].state.copy()
    filled[0] = (205, 65, 12, VISIBLE | WATER)
    fill = Frame({"a": replace(wet.layers["a"], state=filled, version=3)})
    assert np.abs(middle(canvas, fill, STEEP) - np.array(rgb("#CD410C"))).max() < 0.06
    assert middle(canvas, fill, FLAT)[0] > 2 * middle(canvas, fill, FLAT)[2]
    back = Frame({"a": replace(dry.layers["a"], version=4)})
    assert (middle(canvas, back, STEEP) == land).all()
    canvas.close()


@pytest.mark.render
def test_a_material_of_water_mirrors_and_the_sun_glints_in_it() -> None:
    canvas = Canvas(Look(edges=False, sun=sun_at(0, 17.0)))
    material = Material("water", (0.16, 0.27, 0.33, 1.0))
    view = np.array([0.0, -100.0, 30.6])
    wet = middle(canvas, pond(VISIBLE | OWN_COLOR, material), view)
    other = Canvas(Look(edges=False, sun=sun_at(0, 17.0)))
    dry = middle(other, pond(VISIBLE | OWN_COLOR, replace(material, name="pond")), view)
    assert (wet > dry + 0.05).all()
    away = middle(canvas, pond(VISIBLE | OWN_COLOR, material), view * [1, -1, 1])
    assert (wet > away + 0.1).all()
    canvas.close()
    other.close()


def test_classes_of_water_are_bodies_of_it() -> None:
    assert is_water("WaterBody")
    assert is_water("WaterSurface")
    assert not is_water("Waterway")
    assert not is_water("Building")
