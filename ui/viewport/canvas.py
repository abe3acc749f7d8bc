"""An off-screen window with a stage: pictures as arrays. Window, films, command line and tests share it.

VTK writes warnings about a missing X server when it probes for one; without a display the EGL window
is asked for by name, so that nothing is probed.
"""

import os
import sys
import time
from functools import lru_cache

import numpy as np
import vtkmodules.vtkRenderingOpenGL2
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkFloatArray, vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow
from vtkmodules.vtkRenderingOpenGL2 import vtkTextureObject

from twin.geometry import F32, U8
from twin.streaming import HOVERED, SELECTED, Frame
from twin.tiles import View
from ui.viewport.contact import darkened, shade
from ui.viewport.eye_dome import shaded
from ui.viewport.lens import line_ratio
from ui.viewport.look import Look
from ui.viewport.outline import outlined, shrunk
from ui.viewport.seen import Seen
from ui.viewport.stage import Stage

REQUIRED = (vtkmodules.vtkRenderingOpenGL2,)
"""Without these modules the window classes are abstract and the process dies: import them first."""


def _window() -> vtkRenderWindow:
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    window = vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetShowWindow(False)
    window.SetMultiSamples(0)
    window.SetAlphaBitPlanes(1)
    return window


class Canvas:
    """Draws frames off screen. ``draw`` returns RGBA u8(h, w, 4), first row on top."""

    def __init__(self, look: Look | None = None) -> None:
        """Open the off-screen window; nothing is drawn yet."""
        self._window = _window()
        self._renderer = vtkRenderer()
        self._window.AddRenderer(self._renderer)
        self._pixels = vtkUnsignedCharArray()
        self._depth = vtkFloatArray()
        self.stage = Stage(self._renderer, look)
        self.milliseconds = 0.0
        """What the last picture took to draw and read back."""
        self.keep_depth = False
        """Whether pictures to come keep how far away what they show is."""
        self.seen: Seen | None = None
        """How far away what the last picture shows is, where that was kept."""

    def draw(self, frame: Frame, view: View, scale: float = 1.0, pixel_ratio: float = 1.0) -> U8:
        """Draw what is on the stage as seen by ``view`` (size in device pixels).

        ``scale`` 2 draws twice as fine and averages (a still picture); below 1 it draws coarser
        and the caller stretches. ``pixel_ratio`` is device pixels per logical pixel.
        """
        started, self.seen = time.perf_counter(), None
        if scale == 2.0:
            picture = self._fine(frame, view, pixel_ratio)
        else:
            width, height = (max(1, round(side * scale)) for side in view.size)
            picture = self._marked(self._drawn(width, height), frame, pixel_ratio)
            if self.keep_depth and scale == 1.0:
                self._keep(view, self._depths(width, height))
        self.milliseconds = (time.perf_counter() - started) * 1000
        return picture

    def _fine(self, frame: Frame, view: View, pixel_ratio: float) -> U8:
        """Return the picture drawn twice as fine, in four blocks as large as itself, and averaged.

        One window of the fourfold size would hold a hundred megabytes more.
        """
        width, height = view.size
        if (
            self.stage.has_points
        ):  # a point goes with its middle: blocks would cut it at their seams
            picture = self._drawn(2 * width, 2 * height)
            if self._deep:
                picture = self._darkened(
                    picture, self._depths(2 * width, 2 * height)[::2, ::2], view
                )
            return shrunk(self._marked(picture, frame, pixel_ratio * 2.0))
        marked = not self.stage.look.flat and _marks(frame) & (SELECTED | HOVERED) != 0
        late = marked or width % 2 or height % 2  # averaged when it is whole
        factor = 2 if late else 1
        whole = np.empty((height * factor, width * factor, 4), np.uint8)
        depths = np.zeros((height, width) if self._deep else (0, 0), np.float32)
        for row in (0, 1):
            for column in (0, 1):
                self.stage.aim_at_block(view, column, row)
                block = self._drawn(width, height)
                put = block if late else shrunk(block)
                top = 0 if row else len(whole) - len(put)
                left = whole.shape[1] - put.shape[1] if column else 0
                whole[top : top + len(put), left : left + put.shape[1]] = put
                if self._deep:
                    y, x = (0 if row else height), column * width
                    part = self._depths(width, height)[y % 2 :: 2, x % 2 :: 2]
                    y, x = -(-y // 2), -(-x // 2)
                    depths[y : y + len(part), x : x + part.shape[1]] = part
        self.stage.aim_at_whole(view)
        if self._deep:
            whole = self._darkened(whole, depths, view)
        whole = self._marked(whole, frame, pixel_ratio * 2.0)
        return shrunk(whole) if late else whole

    def draw_part(
        self,
        frame: Frame,
        view: View,
        corner: tuple[int, int],
        size: tuple[int, int],
        ratio: float = 1.0,
        apron: int = 32,
    ) -> U8:
        """Draw a part of ``view`` twice as fine and average it: RGB u8(h, w, 3), first row on top.

        ``corner`` is its left and top in pixels of the view. ``apron`` pixels more on each side are drawn and cut off.
        """
        (left, top), (width, height) = corner, size
        below = view.size[1] - top - height
        wide, high = 2 * (width + 2 * apron), 2 * (height + 2 * apron)
        fine = (2 * view.size[0], 2 * view.size[1])
        self.stage.aim_at_part(view, fine, (2 * (left - apron), 2 * (below - apron), wide, high))
        drawn = self._drawn(wide, high)
        if self._contact:
            drawn = self._darkened(drawn, self._depths(wide, high)[::2, ::2], view)
        picture = shrunk(self._marked(drawn, frame, 2.0 * ratio))
        return picture[apron : apron + height, apron : apron + width, :3]

    def _drawn(self, width: int, height: int) -> U8:
        self._window.SetSize(width, height)
        self._window.Render()
        picture = self._read(width, height)
        if not self.stage.look.points.eye_dome or self.stage.look.flat:
            return picture
        near, far = self._renderer.GetActiveCamera().GetClippingRange()
        return shaded(picture, self._depths(width, height), near, far)

    def _depths(self, width: int, height: int) -> F32:
        """Return the depth buffer f32(h, w) of the last picture, 0 near .. 1 far, first row on top."""
        self._window.GetZbufferData(0, 0, width - 1, height - 1, self._depth)
        found = vtk_to_numpy(self._depth).reshape(height, width)
        return np.asarray(found[::-1], np.float32)

    @property
    def _contact(self) -> bool:
        return self.stage.look.contact and not self.stage.look.flat

    @property
    def _deep(self) -> bool:
        return self._contact or self.keep_depth

    def _keep(self, view: View, depths: F32) -> None:
        self.seen = Seen(view, depths, *self._renderer.GetActiveCamera().GetClippingRange())

    def _darkened(self, picture: U8, depths: F32, view: View) -> U8:
        """Return a picture of ``view`` darkened where surfaces meet, if that is wished, and keep ``depths``, if that is.

        They have one value for a pixel of the view.
        """
        if self.keep_depth:
            self._keep(view, depths)
        if not self._contact:
            return picture
        near, far = self._renderer.GetActiveCamera().GetClippingRange()
        pixel = 2 * np.tan(np.radians(view.fov_y) / 2) / max(view.size[1], 1)
        return darkened(picture, shade(depths, near, far, float(pixel)))

    def _marked(self, picture: U8, frame: Frame, ratio: float) -> U8:
        if self.stage.look.flat:
            return picture
        marks = _marks(frame)
        tones = self.stage.look.tones
        return outlined(picture, tones, ratio, marks & SELECTED != 0, marks & HOVERED != 0)

    def _read(self, width: int, height: int) -> U8:
        self._window.GetRGBACharPixelData(0, 0, width - 1, height - 1, 0, self._pixels, 0)
        raw = vtk_to_numpy(self._pixels).reshape(height, width, 4)
        return np.asarray(raw[::-1], np.uint8)

    def close(self) -> None:
        """Let the window's memory go."""
        self.stage.close()
        self._renderer.RemoveAllObservers()  # they hold the stage, which holds the renderer
        self._window.Finalize()


def _marks(frame: Frame) -> int:
    """Return all flags that occur in the frame."""
    found = 0
    for layer in frame.layers.values():
        if len(layer.state):
            found |= int(np.bitwise_or.reduce(layer.state[:, 3]))
    return found


@lru_cache(maxsize=1)
def largest_side() -> int:
    """Return how many pixels a side the largest picture has that the graphics library draws."""
    window = _window()
    try:
        window.SetSize(16, 16)
        window.Render()
        return int(vtkTextureObject.GetMaximumTextureSize(window))
    finally:
        window.Finalize()


def picture_of(frame: Frame, view: View, look: Look | None = None, fine: bool = True) -> U8:
    """Return a frame's complete picture RGBA u8(h, w, 4), first row on top. Opens its own window."""
    canvas = Canvas(look)
    try:
        return finished(canvas, frame, view, fine)
    finally:
        canvas.close()


def finished(canvas: Canvas, frame: Frame, view: View, fine: bool = True) -> U8:
    """Bring everything of the frame on the canvas's stage and draw it; lines are as wide as on a page of the size."""
    scale = 2.0 if fine and not canvas.stage.look.flat else 1.0
    ratio = line_ratio(view.size)
    settle(canvas.stage, frame, view, scale * ratio)
    return canvas.draw(frame, view, scale, ratio)


def settle(stage: Stage, frame: Frame, view: View, pixel_ratio: float = 1.0) -> None:
    """Show the frame until nothing is left to be built."""
    while True:
        stage.show(frame, view, upload_ms=1000.0, pixel_ratio=pixel_ratio)
        if stage.settled:
            return
