"""CityTwin's side of a comparison with browser engines: one tileset, the cameras of the comparison.

``python -m tests.bench.peer_side TILESET CAMERAS`` opens the real window (1280 x 720 view), opens the
tileset in it, and prints as JSON, for every camera: milliseconds from the open command (or from the
camera's jump) to the complete picture, what was selected, an orbit at full quality, the same orbit with
the quality that a moving camera gets, and the orbit of a bare VTK scene with the same triangles.

CAMERAS is JSON as ``tests.bench.peers.cameras`` gives it: a frame (columns of a 4 x 4 matrix) and views
with heading, pitch, range and field of view.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints, vtkUnsignedCharArray
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer, vtkRenderWindow

from tests.bench.peers import FOV, SIZE, poses
from twin.geometry import Mesh
from twin.georeference import ProjectFrame
from twin.settings import load
from twin.streaming import Frame
from twin.tiles import View
from ui.app import App
from ui.viewport.camera import Pose, orbit, pose_of
from ui.viewport.pictures import picture_texture

FRAMES = 100
LIMIT_S = 120.0


def spread(times: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile, milliseconds."""
    return {
        "median": float(np.percentile(times, 50)),
        "p95": float(np.percentile(times, 95)),
        "max": max(times),
    }


class Bare:
    """The same triangles and pictures, one actor a tile, in a VTK scene without anything of ours."""

    def __init__(self, frame: Frame) -> None:
        self.window = vtkRenderWindow()
        self.window.SetOffScreenRendering(1)
        self.window.SetMultiSamples(0)
        self.renderer = vtkRenderer()
        self.window.AddRenderer(self.renderer)
        self.pixels = vtkUnsignedCharArray()
        meshes = [
            item
            for part in frame.layers.values()
            for tile in part.tiles.values()
            for item in tile.drawables
            if isinstance(item, Mesh)
        ]
        self.origin = meshes[0].origin if meshes else np.zeros(3)
        for mesh in meshes:
            self.renderer.AddActor(self._actor(mesh))

    def _actor(self, mesh: Mesh) -> vtkActor:
        points, cells, data = vtkPoints(), vtkCellArray(), vtkPolyData()
        points.SetData(numpy_to_vtk(mesh.positions))
        cells.SetData(3, numpy_to_vtk(mesh.triangles.ravel()))
        data.SetPoints(points)
        data.SetPolys(cells)
        mapper, actor = vtkPolyDataMapper(), vtkActor()
        image = mesh.material.image
        if image is not None and mesh.uv is not None:
            data.GetPointData().SetTCoords(numpy_to_vtk(mesh.uv))
            actor.SetTexture(picture_texture(image, mesh.material.wrap))
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


def turned(start: Pose, step: Callable[[View], None]) -> dict[str, float]:
    """Return the spread of a whole turn round the target."""
    times = []
    for number in range(FRAMES):
        view = orbit(start, start.target, 360.0 * (number + 1) / FRAMES, 0.0).view(SIZE)
        begun = time.perf_counter()
        step(view)
        times.append((time.perf_counter() - begun) * 1000)
    return spread(times)


def orbits(app: App, pose: Pose) -> dict[str, Any]:
    """Return the orbits of one camera at full quality, and with the quality of a moving camera."""
    session, surface = app.session, app.view.canvas
    canvas = surface._canvas

    def full(view: View) -> None:
        session.drain(0.004)
        frame = session.frame(view)
        canvas.stage.show(frame, view)
        canvas.draw(frame, view)

    def moving(view: View) -> None:
        surface.navigator.pose = pose_of(view.eye, view.eye + view.forward * pose.focus, FOV)
        surface._touched()
        session.drain(0.004)
        app.view.tick(False)

    _stand(app, pose)
    return {
        "first": turned(pose, full),
        "full": turned(pose, full),
        "moving": turned(pose, moving),
    }


def beside_bare(app: App, pose: Pose) -> dict[str, Any]:
    """Return the orbits of the very same tiles, drawn by us and by a bare VTK scene."""
    canvas = app.view.canvas._canvas
    frame = _stand(app, pose)
    bare = Bare(frame)

    def ours(view: View) -> None:
        canvas.stage.show(frame, view)
        canvas.draw(frame, view)

    found = {"bare": turned(pose, bare.draw), "fixed": turned(pose, ours)}
    bare.window.Finalize()
    return found


def _stand(app: App, pose: Pose) -> Frame:
    """Put the camera there and wait for the complete picture."""
    app.view.canvas.navigator.pose = pose
    app.view.canvas.mark_dirty()
    return _whole(app, pose)


def measured(location: str, cameras: dict[str, Any]) -> dict[str, Any]:
    """Return everything this side tells of a tileset."""
    # the others draw no outlines of buildings
    app = App(load({"max_error": cameras["sse"], "edges": False}))
    app.window.resize(1600, 1000)
    app.show()
    _turns(app, lambda: app.view.canvas.width() > 0, 2.0)
    app.view.canvas.setFixedSize(*SIZE)
    _turns(app, lambda: app.view.canvas.view.size == SIZE, 2.0)
    begun = time.perf_counter()
    app.window.handlers.open_path(location)
    _turns(app, lambda: bool(app.session.twin.layers), LIMIT_S)
    app.session.run("view.color_by", column="")  # what the others draw: the tileset's own colours
    app.tick()  # the view goes to the city by itself; from here on the camera is ours
    found = []
    for name, pose in poses(cameras, app.session.project or ProjectFrame("")):
        frame = _stand(app, pose)
        milliseconds = (time.perf_counter() - begun) * 1000
        row = {"name": name, "milliseconds": milliseconds, **_told(frame)}
        found.append((row, pose))
        begun = time.perf_counter()
    rows = [{**row, **orbits(app, pose)} for row, pose in found]
    peak = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    )  # before the bare scene takes its share
    rows = [{**row, **beside_bare(app, pose)} for row, (_, pose) in zip(rows, found, strict=True)]
    app.close()
    return {"views": rows, "peak_mb": peak}


def _whole(app: App, pose: Pose) -> Frame:
    """Turn the event loop until the view is complete and drawn."""

    def done() -> bool:
        view = app.view
        there = np.allclose(view.canvas.view.eye, pose.eye, atol=1e-6)
        return bool(
            there
            and view.shown.complete
            and view.shown.layers
            and view.canvas._canvas.stage.settled
        )

    app.tick()
    _turns(app, done, LIMIT_S)
    return app.view.shown


def _turns(app: App, done: Callable[[], bool], seconds: float) -> None:
    limit = time.perf_counter() + seconds
    while not done():
        if time.perf_counter() > limit:
            raise SystemExit("the picture was not complete in time")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def _told(frame: Frame) -> dict[str, Any]:
    tiles = [tile for part in frame.layers.values() for tile in part.tiles.values()]
    meshes = [item for tile in tiles for item in tile.drawables if isinstance(item, Mesh)]
    return {"tiles": len(tiles), "triangles": sum(len(mesh.triangles) for mesh in meshes)}


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], json.loads(sys.argv[2]))), flush=True)
