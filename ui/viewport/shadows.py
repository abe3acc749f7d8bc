"""Shadows of the sun: a depth picture drawn from the sun, and what shaders need to know of it.

The picture is drawn with the very actors of the stage, into a depth texture of the same window: no vertex is held
twice, and nothing is read back. It is drawn again only when the sun, what casts shadows or the region in view changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from vtkmodules.vtkRenderingCore import vtkActor, vtkRenderer, vtkRenderWindow
from vtkmodules.vtkRenderingOpenGL2 import (
    vtkOpenGLFramebufferObject,
    vtkOpenGLTexture,
    vtkTextureObject,
)

from twin.geometry import F64
from twin.tiles import View
from ui.viewport.detail import Thrift
from ui.viewport.look import Rgb, Sun
from ui.viewport.shaders import Sunlit
from ui.viewport.sunlight import MAPS, Fit, Map, enough, fitted

WHOLE = (1024, 4096)
"""The least and the greatest side of the depth picture, texels; a thrift may ask for fewer."""
NEVER = 1e30
BIAS = 0.02
"""Metres that rounding costs wherever the light comes from."""


def power(sun: Sun) -> float:
    """Return the sun's strength 0..1: full from a few degrees above the horizon."""
    share = float(np.clip((np.degrees(np.arcsin(np.clip(sun[2], -1, 1))) + 0.3) / 2.0, 0, 1))
    return share * share * (3 - 2 * share)


def tints(sun: Sun) -> tuple[Rgb, Rgb]:
    """Return the tint of things in the sun and in shade: the lower the sun, the warmer its light."""
    height = np.degrees(np.arcsin(np.clip(sun[2], -1, 1)))
    warm = float(np.clip((18.0 - height) / 18.0, 0, 1))
    dusk = float(np.clip(-height / 6.0, 0, 1))
    lit = np.array([1.01, 1.0, 0.985]) + warm * np.array([0.05, -0.02, -0.10])
    shade = np.array([0.955, 0.985, 1.05]) + dusk * np.array([-0.22, -0.16, -0.02])
    return (float(lit[0]), float(lit[1]), float(lit[2])), (
        float(shade[0]),
        float(shade[1]),
        float(shade[2]),
    )


@dataclass(frozen=True, slots=True)
class Sunshine:
    """The light on the stage: the sun, and the depth picture drawn from it (None when the sun is down)."""

    sun: Sun
    fit: Fit | None
    side: int
    """Texels of a side of the texture, which may be larger than the fit."""
    texture: vtkOpenGLTexture = field(compare=False)
    _tints: tuple[Rgb, Rgb] = field(init=False, compare=False)
    _power: float = field(init=False, compare=False)
    _axes: F64 = field(init=False, compare=False)
    _zero: F64 = field(init=False, compare=False)
    """What the light's frame counts from f64(3): small numbers only, from the lower corner of the finest map."""
    _steps: tuple[list[float], ...] = field(init=False, compare=False)
    """Low corner, texels a metre, metres a texel of the first map, and what each map has more than the one before."""

    def __post_init__(self) -> None:
        """Reckon once what is the same for all actors: a sun that is played is told to hundreds of them."""
        found: dict[str, object] = {"_tints": tints(self.sun), "_power": power(self.sun)}
        found |= {"_axes": np.eye(3), "_zero": np.zeros(3), "_steps": ()}
        if self.fit is not None:
            maps = self.fit.maps
            zero = np.array([*maps[0].low, self.fit.low])
            sheets = [
                np.array([x.low[0] - zero[0], x.low[1] - zero[1], 1 / x.texel, x.texel])
                for x in maps
            ]
            steps = [sheets[0], *np.diff(sheets, axis=0), *[np.zeros(4)] * (MAPS - len(sheets))]
            found |= {"_axes": self.fit.basis, "_zero": zero}
            found["_steps"] = tuple(step.tolist() for step in steps)
        for name, value in found.items():
            object.__setattr__(self, name, value)

    @property
    def kind(self) -> Sunlit:
        """Return how things are lit."""
        return Sunlit.DUSK if self.fit is None else Sunlit.SHADOWS

    def onto(self, actor: vtkActor, origin: F64, depth: float, bias: float = BIAS) -> None:
        """Tell an actor's shader; ``origin`` f64(3) is where its own zero stands in the scene.

        It is drawn ``depth`` times as far away as it is.
        """
        uniforms = actor.GetShaderProperty().GetFragmentCustomUniforms()
        lit, shade = self._tints
        uniforms.SetUniform3f("sunWay", self.sun)
        uniforms.SetUniform3f("sunTint", lit)
        uniforms.SetUniform3f("shadeTint", shade)
        uniforms.SetUniformf("sunPower", self._power)
        if self.fit is None:
            return
        fit, high = self.fit, self.fit.high - self.fit.low
        shift = (self._axes @ origin - self._zero).tolist()
        axes = self._axes.tolist()
        for name, axis, offset in zip(("sunX", "sunY", "sunZ"), axes, shift, strict=True):
            uniforms.SetUniform4f(name, (*axis, offset))
        for number, step in enumerate(self._steps):
            uniforms.SetUniform4f(f"sunMap{number}", step)
        ends = [end * depth for end in fit.ends] or [NEVER] * (MAPS - 1)
        uniforms.SetUniform3f("sunEnds", ends)
        uniforms.SetUniformf("sunSide", float(fit.side))
        uniforms.SetUniformf("sunTexel", 1.0 / self.side)
        uniforms.SetUniform2f("sunHeights", (high, high))
        uniforms.SetUniformf("sunBias", bias + 2e-7 * high)
        if actor.GetProperty().GetTexture("sunDepth") is not self.texture:
            actor.GetProperty().SetTexture("sunDepth", self.texture)


class Shadows:
    """Draws the depth picture of a window."""

    def __init__(self, window: Callable[[], vtkRenderWindow]) -> None:
        """Start without a sun."""
        self._window = window
        self._renderer = vtkRenderer()
        self._renderer.AutomaticLightCreationOff()
        self._texture = vtkOpenGLTexture()
        self._depth: vtkTextureObject | None = None
        self._buffer: vtkOpenGLFramebufferObject | None = None
        self._side = 0
        self._of: object = None
        self._due = self._thin = False
        self.light: Sunshine | None = None

    def aim(
        self, sun: Sun | None, view: View, boxes: F64, casting: object, thrift: Thrift
    ) -> bool:
        """Choose what is drawn from the sun for a view of boxes f64(n, 6) in the scene's frame.

        ``casting`` is equal as long as the same things cast shadows. Return whether the light changed. Where a
        thrift asks for few maps, maps that still cover what is seen stay, and a new picture has one map only,
        drawn from what is in sight, stand-ins of few triangles among it.
        """
        before = self.light
        if sun is None:
            self.light = None
        else:
            # a picture at rest is worth finer edges
            moving = thrift.few_maps
            finer = 2 if moving else 4
            side = 2 ** int(np.ceil(np.log2(finer * max(*view.size, 1))))
            wanted = fitted(
                sun, view, boxes, int(np.clip(side, WHOLE[0], thrift.shadow_side)), one=moving
            )
            kept = before.fit if before is not None and casting == self._of else None
            if moving and wanted and kept and enough(kept, view, boxes, wanted):
                wanted = kept
            self._side = max(self._side, wanted.whole if wanted else 0)
            self.light = Sunshine(sun, wanted, self._side, self._texture)
        changed = self.light != before
        if self.light is not None:
            changed |= casting != self._of or (self._thin and not thrift.few_maps)
        if changed and self.light is not None and self.light.fit is not None:
            self._due, self._thin = True, thrift.few_maps
        self._of = casting
        return changed

    def again(self) -> None:
        """Draw the depth picture again before the next picture: other things cast shadows."""
        self._due = True

    def draw(self, casters: Callable[[bool], Sequence[vtkActor]]) -> None:
        """Draw the depth picture if it is due; a GL context must be current.

        ``casters`` returns what casts shadows, all of it or only what is in sight.
        """
        fit = None if self.light is None else self.light.fit
        if not self._due or fit is None:
            return
        self._due = False
        window = self._window()
        buffer, depth = self._allocated(window)
        state = window.GetState()
        state.PushFramebufferBindings()
        buffer.Bind()
        buffer.AddDepthAttachment(depth)
        buffer.DeactivateDrawBuffers()
        self._draw_maps(window, fit, casters(self._thin))
        state.PopFramebufferBindings()

    def _draw_maps(self, window: vtkRenderWindow, fit: Fit, casters: Sequence[vtkActor]) -> None:
        tiles = window.GetTileScale()
        width, height = window.GetActualSize()
        # the renderer's viewport counts in shares of the window: let that be large enough for the picture
        scale = -(-fit.whole // max(min(width, height), 1))
        window.SetTileScale(scale, scale)
        self._renderer.SetRenderWindow(window)
        props = self._renderer.GetViewProps()
        hidden = [actor for actor in casters if not actor.GetVisibility()]
        for actor in hidden:
            actor.VisibilityOn()
        for actor in casters:
            props.AddItem(actor)
        for number, sheet in enumerate(fit.maps):
            corner = ((number & 1) * fit.side, (number >> 1) * fit.side)
            self._draw_map(fit, sheet, corner, (width * scale, height * scale))
        props.RemoveAllItems()  # removing them one by one would let go of their buffers
        for actor in hidden:
            actor.VisibilityOff()
        window.SetTileScale(*tiles)

    def _draw_map(
        self, fit: Fit, sheet: Map, corner: tuple[int, int], size: tuple[int, int]
    ) -> None:
        (x, y), (width, height), side = corner, size, fit.side
        self._renderer.SetViewport(x / width, y / height, (x + side) / width, (y + side) / height)
        axes, half = fit.basis, sheet.texel * side / 2
        middle = np.array([sheet.low[0] + half, sheet.low[1] + half, fit.high + 1.0])
        camera = self._renderer.GetActiveCamera()
        camera.ParallelProjectionOn()
        camera.SetPosition(*(axes.T @ middle))
        camera.SetFocalPoint(*(axes.T @ (middle - [0.0, 0.0, 1.0])))
        camera.SetViewUp(*axes[1])
        camera.SetParallelScale(half)
        camera.SetClippingRange(1.0, 1.0 + fit.high - fit.low)
        self._renderer.Render()

    def _allocated(
        self, window: vtkRenderWindow
    ) -> tuple[vtkOpenGLFramebufferObject, vtkTextureObject]:
        if self._buffer is None or self._depth is None:
            self._buffer, self._depth = vtkOpenGLFramebufferObject(), vtkTextureObject()
            self._buffer.SetContext(window)
            self._depth.SetContext(window)
            self._depth.SetMinificationFilter(vtkTextureObject.Nearest)
            self._depth.SetMagnificationFilter(vtkTextureObject.Nearest)
            self._depth.SetWrapS(vtkTextureObject.ClampToEdge)
            self._depth.SetWrapT(vtkTextureObject.ClampToEdge)
        if self._side != self._depth.GetWidth():
            self._depth.AllocateDepth(self._side, self._side, vtkTextureObject.Float32)
            self._texture.SetTextureObject(self._depth)
        return self._buffer, self._depth

    def close(self) -> None:
        """Let the graphics memory go."""
        if self._buffer is not None and self._depth is not None:
            window = self._window()
            self._texture.ReleaseGraphicsResources(window)
            self._depth.ReleaseGraphicsResources(window)
            self._buffer.ReleaseGraphicsResources(window)
            self._buffer = self._depth = None
