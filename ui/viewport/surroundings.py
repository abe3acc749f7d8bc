"""What surrounds the city: background by the height of each line of sight, and a ground grid."""

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer, vtkTexture

from twin.geometry import F32, F64, U8
from twin.tiles import View
from ui.viewport.air import Air, colors_of
from ui.viewport.look import Look, rgb
from ui.viewport.pictures import image_data
from ui.viewport.vertex_data import cell_array

ROWS, COLUMNS = 192, 48
"""Size of the background picture; it is smooth, so it is stretched."""
GRID_LINES = 60
Part = tuple[float, float, float, float]
"""Left, right, low and high edge of a part of the picture; the whole is -1 to 1 each way."""
WHOLE: Part = (-1.0, 1.0, -1.0, 1.0)


class Surroundings:
    """Background and grid of one renderer."""

    def __init__(self, renderer: vtkRenderer) -> None:
        """Prepare the texture and the grid's actor."""
        self._renderer = renderer
        self._texture = vtkTexture()
        self._texture.InterpolateOn()
        self._texture.SetMaximumAnisotropicFiltering(1.0)
        self._texture.SetColorModeToDirectScalars()
        self._texture.SetWrap(vtkTexture.ClampToEdge)
        self._shown: tuple[object, ...] = ()
        self._grid = vtkActor()
        self._grid.SetMapper(vtkPolyDataMapper())
        self._grid.GetProperty().LightingOff()
        self._grid.VisibilityOff()
        renderer.AddActor(self._grid)

    def show(self, view: View, look: Look, boxes: F64, origin: F64, pixel_ratio: float) -> None:
        """Paint the background for a view, and the grid when it is wanted."""
        if look.background != "sky" or look.flat:
            tone = "#000000" if look.flat else _plain(look)
            self._renderer.TexturedBackgroundOff()
            self._renderer.SetBackground(*rgb(tone))
            self._shown = ()
        else:
            self._sky(view, look)
        self._grid.SetVisibility(look.grid and not look.flat and len(boxes) > 0)
        if self._grid.GetVisibility():
            self._draw_grid(view, look, boxes, origin)
            self._grid.GetProperty().SetLineWidth(pixel_ratio)

    def show_part(self, view: View, look: Look, part: Part) -> None:
        """Paint the background of a part of the view."""
        if look.background == "sky" and not look.flat:
            self._sky(view, look, part)

    def _sky(self, view: View, look: Look, part: Part = WHOLE) -> None:
        # without a sun the sky is the same all round: only tilt and roll change it
        tilt = (view.forward[2], view.right[2], view.up[2])
        tilt = tilt if look.sun is None else (*view.forward, *view.up)
        key = (*np.round(tilt, 4).tolist(), view.fov_y, view.size, look, part)
        if key != self._shown:
            self._texture.SetInputData(image_data(sky(view, look.air, part)))
            self._shown = key
        self._renderer.SetBackgroundTexture(self._texture)
        self._renderer.TexturedBackgroundOn()

    def _draw_grid(self, view: View, look: Look, boxes: F64, origin: F64) -> None:
        points, cells = grid(view, float(boxes[:, 2].min()), origin)
        data = vtkPolyData()
        vertices = vtkPoints()
        vertices.SetData(numpy_to_vtk(points))
        data.SetPoints(vertices)
        data.SetLines(cell_array(cells))
        self._grid.GetMapper().SetInputData(data)
        self._grid.GetProperty().SetColor(*rgb(look.tones.grid))


def _plain(look: Look) -> str:
    return look.tones.paper if look.background == "light" else look.tones.plain


def sky(view: View, air: Air, part: Part = WHOLE) -> U8:
    """Return the background u8(rows, columns, 3): colour by the height of the line of sight.

    Horizon-true: it tilts and moves with the camera. Below the horizon the ground fades into haze.
    """
    half = np.tan(np.radians(view.fov_y) / 2)
    wide = half * view.size[0] / max(view.size[1], 1)
    left, right, low, high = part
    y = (high - (high - low) * (np.arange(ROWS) + 0.5) / ROWS) * half
    x = (left + (right - left) * (np.arange(COLUMNS) + 0.5) / COLUMNS) * wide
    up = np.cross(view.right, view.forward)
    sight = view.forward + x[None, :, None] * view.right + y[:, None, None] * up
    sight /= np.linalg.norm(sight, axis=2, keepdims=True)
    return np.asarray(np.round(colors_of(air, sight) * 255), np.uint8)


def grid(
    view: View, ground: float, origin: F64
) -> tuple[F32, np.ndarray[tuple[int, int], np.dtype[np.int32]]]:
    """Return points and segments of a level grid round the point looked at; its step is 1, 10, 100... m."""
    height = max(float(view.eye[2]) - ground, 1.0)
    step = 10.0 ** np.floor(np.log10(height / 2 + 1e-9) + 0.3)
    drop = max(-float(view.forward[2]), 0.15)
    middle = view.eye + view.forward * (height / drop)
    at = np.round(middle[:2] / step) * step - origin[:2]
    reach = step * GRID_LINES
    offsets = np.arange(-GRID_LINES, GRID_LINES + 1) * step
    z = ground - float(origin[2]) - 0.02
    along_x = [[(at[0] - reach, at[1] + o, z), (at[0] + reach, at[1] + o, z)] for o in offsets]
    along_y = [[(at[0] + o, at[1] - reach, z), (at[0] + o, at[1] + reach, z)] for o in offsets]
    points = np.array(along_x + along_y, np.float32).reshape(-1, 3)
    return points, np.arange(len(points), dtype=np.int32).reshape(-1, 2)
