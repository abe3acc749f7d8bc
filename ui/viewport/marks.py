"""Shapes of analyses in the scene: surfaces, cells, lines and points that the city hides and is hidden by.

Blending is off on the stage and alpha marks what is selected: what one sees through is dithered, and a
fine still picture averages four pixels, so that it looks clear.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from twin.geometry import F64, U8
from ui.viewport.vertex_data import cell_array, translation

_DITHER = """//VTK::Color::Impl
  const float bayer[16] = float[16](0.0, 8.0, 2.0, 10.0, 12.0, 4.0, 14.0, 6.0,
    3.0, 11.0, 1.0, 9.0, 15.0, 7.0, 13.0, 5.0);
  ivec2 spot = ivec2(gl_FragCoord.xy) & 3;
  if (bayer[spot.x + 4 * spot.y] + 0.5 > keep * 16.0) discard;
"""
_NEARER = "//VTK::PositionVC::Impl\n  gl_Position.z -= 2.0 * nearPlane * 0.0006;\n"
LINE, POINT = 2.4, 9.0
"""Logical pixels of lines and points."""


@dataclass(frozen=True)
class Shape:
    """What is drawn: ``places`` f64(k, m, 3) in the project frame, m = 1 points, 2 lines, 3 triangles;
    ``colors`` u8(k, 3), or (1, 3) for all; ``keep`` the share of its pixels that are drawn."""

    places: F64
    colors: U8
    keep: float = 1.0


class ShapeActors:
    """Draws shapes on a renderer. ``origin`` tells where the scene's zero lies in the project frame."""

    def __init__(self, renderer: vtkRenderer, origin: Callable[[], F64]) -> None:
        self._renderer, self._origin = renderer, origin
        self._actors: list[tuple[vtkActor, F64]] = []
        renderer.AddObserver("StartEvent", self._begin)

    def show(self, shapes: Sequence[Shape], ratio: float = 1.0) -> None:
        """Draw these and nothing else; ``ratio``: device pixels per logical one."""
        for actor, _ in self._actors:
            self._renderer.RemoveActor(actor)
            actor.ReleaseGraphicsResources(self._renderer.GetRenderWindow())
        self._actors = [_made(shape, ratio) for shape in shapes if len(shape.places)]
        for actor, _ in self._actors:
            self._renderer.AddActor(actor)

    def _begin(self, _sender: object, _event: str) -> None:
        """Stand where the scene's zero is now."""
        origin = self._origin()
        near = self._renderer.GetActiveCamera().GetClippingRange()[0]
        for actor, middle in self._actors:
            actor.GetShaderProperty().GetVertexCustomUniforms().SetUniformf("nearPlane", near)
            actor.SetUserMatrix(translation(middle - origin))


def _made(shape: Shape, ratio: float) -> tuple[vtkActor, F64]:
    count, corners = shape.places.shape[:2]
    flat = shape.places.reshape(-1, 3)
    middle = np.round(flat.mean(axis=0))
    data, points = vtkPolyData(), vtkPoints()
    points.SetData(numpy_to_vtk((flat - middle).astype(np.float32), deep=True))
    data.SetPoints(points)
    cells = cell_array(np.arange(count * corners, dtype=np.int32).reshape(count, corners))
    put = {1: data.SetVerts, 2: data.SetLines, 3: data.SetPolys}[corners]
    put(cells)
    every = np.repeat(np.broadcast_to(shape.colors, (count, 3)), corners, axis=0)
    colors = numpy_to_vtk(np.ascontiguousarray(every, np.uint8), deep=True)
    colors.SetName("color")
    data.GetPointData().SetScalars(colors)
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(data)
    actor = vtkActor()
    actor.SetMapper(mapper)
    look = actor.GetProperty()
    look.LightingOff()
    look.SetLineWidth(LINE * ratio)
    look.SetPointSize(POINT * ratio)
    look.SetRenderPointsAsSpheres(False)
    _shade(actor, shape.keep)
    return actor, np.asarray(middle, np.float64)


def _shade(actor: vtkActor, keep: float) -> None:
    """Let cells lie a hair nearer than the ground under them, and let through what is behind."""
    shader = actor.GetShaderProperty()
    shader.AddVertexShaderReplacement("//VTK::PositionVC::Impl", True, _NEARER, False)
    if keep < 1:
        shader.AddFragmentShaderReplacement("//VTK::Color::Impl", True, _DITHER, False)
        shader.GetFragmentCustomUniforms().SetUniformf("keep", keep)
    shader.GetVertexCustomUniforms().SetUniformf("nearPlane", 1.0)
