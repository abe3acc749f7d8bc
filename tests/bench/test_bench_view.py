"""The view of 100 000 real buildings, as ratios to a bare VTK program of the same run and machine.

The buildings are The Hague's (844 with 1 653 parts), read by the product's own loader and set down
again and again on a grid. ``CITYTWIN_BENCH_BUILDINGS`` makes it smaller.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints, vtkUnsignedCharArray
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer, vtkRenderWindow

from twin.geometry import Mesh
from twin.jobs import Jobs
from twin.picking import pick
from twin.session import Session
from twin.settings import Settings
from twin.streaming import VISIBLE, Frame, LayerFrame, Resident
from twin.tiles import View
from ui.viewport.camera import Pose, fit, orbit, pose_of
from ui.viewport.canvas import Canvas, settle
from ui.viewport.detail import Pace
from ui.viewport.look import Look

pytestmark = [pytest.mark.bench, pytest.mark.shared, pytest.mark.slow]
BUILDINGS = int(os.environ.get("CITYTWIN_BENCH_BUILDINGS", "100000"))
SIZE = (1280, 720)
FILLS = np.array(
    [(51, 147, 205), (172, 209, 229), (234, 200, 101), (205, 65, 12), (119, 43, 147)], np.uint8
)


def the_hague(shared_data: Path) -> tuple[Resident, int]:
    """Return one tile with all buildings of the real file (no terrain), and how many they are."""
    path = shared_data / "cityjson/dtcc-core/tests/data/cityjson/DenHaag_01.city.json.zip"
    session = Session(Settings(), Jobs(inline=True))
    session.open(str(path))
    session.finish()
    layer = next(iter(session.twin.layers.values()))
    box = layer.bounds
    frame = session.settle(fit(Pose(np.zeros(3), 0.0, -60.0), box, SIZE).view(SIZE))
    session.close()
    names = layer.features.kinds
    building = np.isin(np.array(names)[layer.features.kind], ["Building", "BuildingPart"])
    units = int((np.array(names)[layer.features.kind] == "Building").sum())
    tiles = [t for part in frame.layers.values() for t in part.tiles.values()]
    meshes = [(t, m) for t in tiles for m in t.drawables if isinstance(m, Mesh)]
    positions, triangles, feature, start = [], [], [], 0
    for tile, mesh in meshes:
        rows = tile.rows[mesh.feature]
        kept = mesh.triangles[building[rows[mesh.triangles[:, 0]]]]
        used, again = np.unique(kept, return_inverse=True)
        positions.append(mesh.positions[used].astype(np.float64) + mesh.origin)
        triangles.append(again.reshape(-1, 3) + start)
        feature.append(rows[used])
        start += len(used)
    points = np.concatenate(positions)
    rows, number = np.unique(np.concatenate(feature), return_inverse=True)
    origin = np.round(points.min(axis=0))
    local = (points - origin).astype(np.float32)
    mesh = Mesh(origin, local, np.concatenate(triangles).astype(np.int32), number.astype(np.int32))
    box = np.concatenate([points.min(axis=0), points.max(axis=0)])
    return Resident((mesh,), rows.astype(np.int32), box, mesh.nbytes), units


@pytest.fixture(scope="module")
def city(shared_data: Path) -> Frame:
    """Return The Hague set down on a grid until there are enough buildings."""
    tile, units = the_hague(shared_data)
    mesh = tile.drawables[0]
    assert isinstance(mesh, Mesh)
    objects = len(tile.rows)
    copies = -(-BUILDINGS // units)
    across = int(np.ceil(np.sqrt(copies)))
    span = tile.box[3:] - tile.box[:3]
    tiles = {}
    for number in range(copies):
        shift = np.array([number % across * span[0], number // across * span[1], 0.0])
        moved = replace(mesh, origin=mesh.origin + shift)
        rows = np.arange(objects, dtype=np.int32) + number * objects
        tiles[number] = Resident((moved,), rows, tile.box + np.tile(shift, 2), mesh.nbytes)
    state = np.empty((copies * objects, 4), np.uint8)
    state[:, :3] = FILLS[np.random.default_rng(1).integers(0, len(FILLS), len(state))]
    state[:, 3] = VISIBLE
    print(
        f"\n{copies * units} buildings, {len(state)} objects, {copies * len(mesh.triangles)} triangles"
    )
    return Frame({"a": LayerFrame(tiles, state, 1)})


@pytest.fixture(scope="module")
def canvas(city: Frame) -> Iterator[Canvas]:
    found = Canvas(Look(edges=False))
    settle(found.stage, city, overview(city).view(SIZE))
    yield found
    found.close()


def overview(city: Frame) -> Pose:
    boxes = np.stack([t.box for t in city.layers["a"].tiles.values()])
    box = np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)])
    return fit(Pose(np.zeros(3), 30.0, -35.0), box, SIZE)


def street(city: Frame) -> Pose:
    boxes = np.stack([t.box for t in city.layers["a"].tiles.values()])
    low = boxes[:, :3].min(axis=0)
    return pose_of(low + np.array([20.0, 20.0, 60.0]), low + np.array([400.0, 400.0, 0.0]))


class Bare:
    """The same triangles in the same number of actors, lit by VTK's own shader, read back."""

    def __init__(self, city: Frame) -> None:
        self.window = vtkRenderWindow()
        self.window.SetOffScreenRendering(1)
        self.window.SetMultiSamples(0)
        self.renderer = vtkRenderer()
        self.window.AddRenderer(self.renderer)
        self.pixels = vtkUnsignedCharArray()
        self.origin = next(iter(city.layers["a"].tiles.values())).box[:3]
        for tile in city.layers["a"].tiles.values():
            for mesh in tile.drawables:
                assert isinstance(mesh, Mesh)
                self.renderer.AddActor(self.actor(mesh))

    def actor(self, mesh: Mesh) -> vtkActor:
        points, cells, data = vtkPoints(), vtkCellArray(), vtkPolyData()
        points.SetData(numpy_to_vtk(mesh.positions))
        cells.SetData(3, numpy_to_vtk(mesh.triangles.ravel()))
        data.SetPoints(points)
        data.SetPolys(cells)
        mapper, actor = vtkPolyDataMapper(), vtkActor()
        mapper.SetInputData(data)
        mapper.SetStatic(1)
        actor.SetMapper(mapper)
        actor.SetPosition(*(mesh.origin - self.origin))
        return actor

    def draw(self, view: View) -> None:
        camera = self.renderer.GetActiveCamera()
        camera.SetPosition(*(view.eye - self.origin))
        camera.SetFocalPoint(*(view.eye - self.origin + view.forward))
        camera.SetViewUp(*view.up)
        camera.SetViewAngle(view.fov_y)
        self.renderer.ResetCameraClippingRange()
        self.window.SetSize(*view.size)
        self.window.Render()
        self.window.GetRGBACharPixelData(
            0, 0, view.size[0] - 1, view.size[1] - 1, 0, self.pixels, 0
        )


def best_ms(work: Callable[[int], object], times: int = 6) -> float:
    """Return the fastest of some runs after one that warms up: other programs only ever add."""
    found = []
    for step in range(times + 1):
        started = time.perf_counter()
        work(step)
        found.append((time.perf_counter() - started) * 1000)
    return min(found[1:])


@pytest.mark.parametrize("where", [overview, street])
def test_an_orbit_costs_at_most_1_3_times_a_bare_vtk_frame(
    city: Frame, canvas: Canvas, where: Callable[[Frame], Pose]
) -> None:
    start = where(city)
    views = [orbit(start, start.target, 1.0 * step, 0.0).view(SIZE) for step in range(7)]
    bare = Bare(city)

    def ours(step: int) -> None:
        canvas.stage.show(city, views[step])
        canvas.draw(city, views[step])

    # in turns, so that a busy moment of the machine meets both
    pairs = [(best_ms(lambda step: bare.draw(views[step]), 3), best_ms(ours, 3)) for _ in range(3)]
    plain, own = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    bare.window.Finalize()
    print(f"\n{where.__name__}: bare {plain:.0f} ms, ours {own:.0f} ms, ratio {own / plain:.2f}")
    assert own <= 1.3 * plain


def test_recolouring_everything_costs_at_most_20_ms_besides_the_redraw(
    city: Frame, canvas: Canvas
) -> None:
    view = overview(city).view(SIZE)
    # every tile in view, few triangles: what the textures cost is not lost in the redraw's noise
    few = 150_000.0
    canvas.stage.show(city, view, triangle_budget=few)
    layer = city.layers["a"]

    def again(step: int) -> Frame:
        return Frame(
            {"a": replace(layer, state=np.roll(layer.state, step + 1, axis=0), version=100 + step)}
        )

    frames = [again(step) for step in range(7)]
    shown = best_ms(lambda step: canvas.stage.show(frames[step], view, triangle_budget=few))
    redraw = best_ms(lambda step: canvas.draw(frames[-1], view))
    painted = []
    for step in range(8):
        canvas.stage.show(again(10 + step), view, triangle_budget=few)
        started = time.perf_counter()
        canvas.draw(frames[-1], view)
        painted.append((time.perf_counter() - started) * 1000)
    extra = max(min(painted) - redraw, 0.0)
    print(
        f"\nrecolour: {shown:.1f} ms on our side, {extra:.1f} ms more in the next frame ({redraw:.0f} ms)"
    )
    assert shown + extra <= 20.0


@pytest.mark.parametrize("where", [overview, street])
def test_a_click_finds_its_object_within_50_ms(
    city: Frame, where: Callable[[Frame], Pose]
) -> None:
    view = where(city).view(SIZE)
    chance = np.random.default_rng(3)
    places = chance.uniform(0, 1, (30, 2)) * SIZE
    found = []
    worst = 0.0
    for x, y in places:
        started = time.perf_counter()
        found.append(pick(city, view, float(x), float(y)))
        worst = max(worst, (time.perf_counter() - started) * 1000)
    print(
        f"\n{where.__name__}: slowest of 30 clicks {worst:.1f} ms, {sum(h is not None for h in found)} hits"
    )
    assert sum(hit is not None for hit in found) >= 3
    assert worst <= 50.0


def test_a_moving_camera_keeps_100_ms(city: Frame, canvas: Canvas) -> None:
    pose, pace, times = overview(city), Pace(), []
    while not canvas.stage.prepare(pose.view(SIZE), pace.budget(100.0), 50.0):
        pass
    for _ in range(20):
        pose = orbit(pose, pose.target, 1.0, 0.0)
        view = pose.view(SIZE)
        started = time.perf_counter()
        canvas.stage.show(city, view, triangle_budget=pace.budget(100.0))
        canvas.draw(city, view)
        times.append((time.perf_counter() - started) * 1000)
        pace = pace.observed(canvas.stage.drawn_triangles, canvas.milliseconds)
    print(
        f"\nmoving: {[round(t) for t in times]} ms, {canvas.stage.drawn_triangles} triangles at last"
    )
    canvas.stage.show(city, pose.view(SIZE))
    assert float(np.median(times[-8:])) <= 100.0 * 1.25
