"""A batch -> one VTK actor, and the actors of a tile. The only file that builds VTK geometry.

Shift and scale of the vertex buffer stay off: the float64 origin travels in the actor's matrix.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkDataObject, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkTexture

from twin.geometry import F32, F64, I32, U8
from twin.sections import NO_PLANES, Cap
from twin.streaming import GHOST, OUTLINE, OWN_COLOR, VISIBLE, WATER, LayerFrame, Resident, lifted
from ui.viewport.batches import Batch
from ui.viewport.ground import Feet
from ui.viewport.lens import Lens as Lens
from ui.viewport.pictures import Pictures
from ui.viewport.shaders import (
    Kind,
    Sunlit,
    Variant,
    fragment_dec,
    fragment_impl,
    vertex_dec,
    vertex_impl,
)
from ui.viewport.shadows import Sunshine
from ui.viewport.states import StateTexture as StateTexture
from ui.viewport.sun_shader import sun_extension
from ui.viewport.vertex_data import cell_array, poly_data, translation
from ui.viewport.water import NAME as WATER_NAME

CASTS = VISIBLE | GHOST | OUTLINE
"""The flags that decide whether an object casts a shadow."""
CHANGES = count(1)
MANY_OBJECTS = 8
"""Objects of a tile above which its triangles are details of them rather than one surface."""
HATCH_PIXELS = 7.0
"""Distance of the hatch's lines, logical pixels."""


NEARER = (Kind.EDGES, Kind.LINES, Kind.CAPS, Kind.CAP_EDGES)
"""What is drawn a little nearer than it is, so that faces in the same place do not hide it."""
CAP_KINDS = (Kind.CAPS, Kind.CAP_EDGES)
CAP_SLACK = 2e-3
"""Metres by which a face of a cut may lie beyond a plane: its own plane does not cut it."""
LIT_KINDS = (Kind.FACES, Kind.CAPS, Kind.GROUND)
"""What casts shadows, and shows them."""
POINT_PIXELS = (2.0, 12.0)
"""The least and the most logical pixels of a point."""


@dataclass
class Drawn:
    """One actor with its batch; ``coarse`` are stand-ins with fewer triangles, made on demand."""

    actor: vtkActor
    batch: Batch
    data: vtkPolyData
    lens: Lens | None = None
    coarse: dict[float, "Drawn"] = field(default_factory=dict)
    spacing: float = 0.0
    picture: vtkTexture | None = None
    """Held here, because VTK's Python side forgets what only C++ holds (``Pictures`` is weak)."""
    variant: Variant | None = None
    wanted: bool = True
    """In sight, unless a section cuts it away whole (``gone``)."""
    gone: bool = False
    caster: vtkActor | None = None
    """Draws its depth for shadows, over the same vertex buffers, once one was asked for."""

    @property
    def translucent(self) -> bool:
        """Return whether one sees through it."""
        return self.variant is not None and self.variant.blend

    def see(self, on: bool) -> None:
        """Bring it in sight or take it out."""
        self.wanted = on
        if bool(self.actor.GetVisibility()) != (on and not self.gone):
            self.actor.SetVisibility(on and not self.gone)

    @property
    def wet(self) -> bool:
        """Return whether some of it is drawn as water, which looks at the eye."""
        return self.variant is not None and self.variant.wet

    def stand(self, lift: float, opacity: float, plain: bool, water: bool = False) -> None:
        """Stand so many metres higher and let so much of the pixels through; cheap when nothing changed.

        Only what is seen through pays for the dither, and only what has states for showing them: their
        shaders are others.
        """
        if self.actor.GetPosition()[2] != lift:
            self.actor.SetPosition(0.0, 0.0, lift)
        assert self.variant is not None
        self.wear(replace(self.variant, faint=opacity < 1, plain=plain, water=water))
        self.lens = None if self.wet else self.lens
        if opacity < 1:
            uniforms = self.actor.GetShaderProperty().GetFragmentCustomUniforms()
            uniforms.SetUniformf("keep", opacity)

    def wear(self, variant: Variant) -> None:
        """Let another variant of the shader draw it."""
        if variant == self.variant:
            return
        self.variant, shader = variant, self.actor.GetShaderProperty()
        shader.ClearFragmentShaderReplacement("//VTK::Color::Impl", True)
        text = fragment_impl(variant)
        shader.AddFragmentShaderReplacement("//VTK::Color::Impl", True, text, False)

    def shine(self, light: Sunshine | None, origin: F64, lift: float, depth: float) -> None:
        """Let a sun light it, or the even light of a map; ``origin`` is the scene's zero in the project frame.

        It is drawn ``depth`` times as far away as it is.
        """
        assert self.variant is not None
        if self.variant.flat or self.batch.kind not in LIT_KINDS:
            return
        self.wear(replace(self.variant, sun=Sunlit.EVEN if light is None else light.kind))
        if light is not None:
            light.onto(self.actor, self.batch.origin - origin + [0.0, 0.0, lift], depth)

    def shade_off(self) -> None:
        """Let the depth picture of the sun go, which is not its own: what an actor holds dies with it."""
        self.actor.GetProperty().RemoveTexture("sunDepth")

    def cut(self, planes: F64, lift: float, gone: bool) -> None:
        """Cut by planes f64(k, 4) of the project frame; ``gone`` = all of it is cut away.

        Offsets are counted from the batch's origin in float64: what the shader gets is small and exact.
        """
        assert self.variant is not None
        self.gone = gone
        self.see(self.wanted)
        self.wear(replace(self.variant, cuts=len(planes)))
        uniforms = self.actor.GetShaderProperty().GetFragmentCustomUniforms()
        slack = CAP_SLACK if self.batch.kind in CAP_KINDS else 0.0
        for number, (x, y, z, offset) in enumerate(planes.tolist()):
            shift = float(planes[number, :3] @ self.batch.origin) + z * lift
            uniforms.SetUniform4f(f"cut{number}", (x, y, z, offset - shift + slack))

    def focus(self, lens: Lens) -> None:
        """Tell the shader about the camera; nothing happens when nothing changed."""
        if lens == self.lens:
            return
        self.lens = lens
        shader = self.actor.GetShaderProperty()
        if self.batch.kind in NEARER:
            shader.GetVertexCustomUniforms().SetUniformf("nearPlane", lens.near)
            width = 1.7 if self.batch.kind is Kind.CAP_EDGES else 0.9
            self.actor.GetProperty().SetLineWidth(max(1.0, lens.pixel_ratio * width))
        uniforms = shader.GetFragmentCustomUniforms()
        uniforms.SetUniform2f("corner", lens.corner)
        if self.wet:
            eye = np.array(lens.eye) - self.batch.origin - self.actor.GetPosition()
            uniforms.SetUniform3f("waterEye", eye.tolist())
        if not lens.flat:
            start, end = lens.haze
            uniforms.SetUniform2f("hazeRange", (start, 0.55 / (end - start)))
            uniforms.SetUniform3f("hazeColor", lens.haze_color)
        if self.batch.kind in CAP_KINDS:
            ways, face, edge = lens.caps
            uniforms.SetUniform2f("capLook", ways)
            uniforms.SetUniform3f("capFace", face)
            uniforms.SetUniform3f("capEdge", edge)
        if self.batch.kind in (Kind.FACES, Kind.CAPS) and not lens.flat:
            uniforms.SetUniformf("hatchStep", 1.0 / (HATCH_PIXELS * 2**0.5 * lens.pixel_ratio))
        elif self.batch.kind is Kind.EDGES:
            uniforms.SetUniform2f("edgeRange", lens.edges)
            uniforms.SetUniformf("edgeTone", lens.edge_tone)
        elif self.batch.kind is Kind.POINTS:
            size = point_pixels(self.batch, self.spacing, lens)
            self.actor.GetProperty().SetPointSize(size * lens.pixel_ratio)


def point_pixels(batch: Batch, spacing: float, lens: Lens) -> float:
    """Return the logical pixels of a tile's points: one size a tile, by the distance of its middle."""
    if not lens.points.attenuation:
        return POINT_PIXELS[0]
    distance = max(float(np.linalg.norm(batch.origin - np.array(lens.eye))), lens.near)
    return float(np.clip((lens.points.size or spacing) / (distance * lens.pixel), *POINT_PIXELS))


def spacing_of(positions: F32) -> float:
    """Return about how far points f32(n, 3) lie apart, metres: as if spread over their widest sides."""
    if len(positions) < 2:
        return 0.0
    sides = np.sort(positions.max(axis=0) - positions.min(axis=0))
    return float(np.sqrt(max(sides[2] * max(sides[1], 1e-6), 0.0) / len(positions)))


@dataclass
class TileActors:
    """All actors of one tile, and its state texture."""

    resident: Resident
    states: StateTexture
    parts: list[Drawn]
    version: int = -1
    edges: Drawn | None = None
    edges_known: bool = False
    outlined: bool = False
    stood: tuple[float, float, bool, bool] = (0.0, 1.0, False, False)
    """Lift in metres, opacity, whether every object is just visible in its own colour, and whether any is water."""
    sunk: float = 1.0
    caps: list[Drawn] = field(default_factory=list)
    capped: tuple[Cap, ...] = ()
    """The faces of cuts that ``caps`` draw."""
    cuts: tuple[F64, float, bool] = (NO_PLANES, 0.0, False)
    """The planes that go through it, the lift they were counted for, whether it is cut away whole."""
    there: U8 = field(default_factory=lambda: np.zeros(0, np.uint8))
    """What decides of each object whether it casts a shadow."""
    casting: int = field(default_factory=CHANGES.__next__)
    """Another number after every change of its shadow; no two tiles have the same."""
    feet: Feet | None = None
    """Where it stands, once somebody asked."""
    shining: tuple[Sunshine | None, F64, float] = (None, np.zeros(3), 1.0)
    """The light on it, the scene's zero, and how many times as far it is drawn."""

    def cut(self, planes: F64, gone: bool) -> bool:
        """Cut it by planes f64(k, 4) of the project frame; return whether anything changed."""
        known, lift, whole = self.cuts
        if gone == whole and lift == self.stood[0] and np.array_equal(known, planes):
            return False
        self.cuts = (planes, self.stood[0], gone)
        self.casting = next(CHANGES)
        for part in self.drawn:
            part.cut(*self.cuts)
        return True

    def join(self, part: Drawn) -> None:
        """Let a new part stand, and be cut, like all others."""
        part.stand(*self.stood)
        if len(self.cuts[0]) or self.cuts[2]:
            part.cut(*self.cuts)
        part.shine(*self.shining[:2], self.stood[0], self.sunk)

    def shine(self, light: Sunshine | None, origin: F64) -> None:
        """Let a sun light all of it, or the even light of a map."""
        if (light, self.sunk) == (self.shining[0], self.shining[2]):
            return
        self.shining = (light, origin, self.sunk)
        for part in self.drawn:
            part.shine(light, origin, self.stood[0], self.sunk)

    def paint(self, layer: LayerFrame) -> bool:
        """Write the layer's state into the tile's texels; return whether anything changed."""
        if self.version == layer.version:
            return False
        self.version = layer.version
        states = layer.state[self.resident.rows]
        self.outlined = bool((states[:, 3] & OUTLINE).any())
        plain = bool((states[:, 3] == VISIBLE | OWN_COLOR).all())
        stood = (layer.lift, layer.opacity, plain, bool((states[:, 3] & WATER).any()))
        moved, self.stood = self.stood != stood, stood
        for part in self.drawn if moved else ():
            part.stand(*self.stood)
            part.shine(*self.shining[:2], self.stood[0], self.sunk)
        there = states[:, 3] & np.uint8(CASTS)
        if moved or not np.array_equal(there, self.there):
            self.casting = next(CHANGES)
        self.there = there
        return self.states.write(states) or moved

    def recede(self, eye: F64, factor: float) -> None:
        """Stand ``factor`` times as far from an eye: its picture stays the same."""
        if factor == self.sunk == 1.0:
            return
        self.sunk = factor
        for part in self.drawn:
            part.actor.SetOrigin(*(eye - part.batch.origin - [0.0, 0.0, self.stood[0]]))
            part.actor.SetScale(factor)

    @property
    def drawn(self) -> list[Drawn]:
        """Return its actors: full, stand-ins, faces of cuts and outlines."""
        coarse = (c for part in self.parts for c in part.coarse.values())
        parts = [*self.parts, *coarse, *self.caps]
        return parts if self.edges is None else [*parts, self.edges]

    @property
    def box(self) -> F64:
        """Return the box f64(6) where it stands."""
        return lifted(self.resident.box, self.stood[0])

    @property
    def triangles(self) -> int:
        """Return the number of triangles at full detail."""
        return sum(len(p.batch.cells) for p in self.parts if p.batch.kind is Kind.FACES)

    @property
    def thinnable(self) -> list["Drawn"]:
        """Return the parts that may lose small triangles while the camera moves.

        Many objects without pictures stay recognisable; a terrain or a photographed surface would
        get holes, and has coarser tiles instead.
        """
        if len(self.resident.rows) < MANY_OBJECTS:
            return []
        return [p for p in self.parts if p.batch.kind is Kind.FACES and p.picture is None]


@dataclass(frozen=True, slots=True)
class Scene:
    """What all actors of a stage share: the float64 origin, how to turn blending on, the pictures."""

    origin: F64
    blend: Callable[..., None]
    pictures: Pictures
    flat: bool = False


def actor_of(batch: Batch, states: StateTexture, scene: Scene) -> Drawn:
    """Return the actor that draws a batch, coloured by ``states``."""
    return _actor(batch, poly_data(batch), states, scene)


def coarse_of(drawn: Drawn, cells: I32, states: StateTexture, scene: Scene) -> Drawn:
    """Return an actor with other triangles over the very same vertex arrays (and buffers)."""
    data = vtkPolyData()
    data.SetPoints(drawn.data.GetPoints())
    data.GetPointData().ShallowCopy(drawn.data.GetPointData())
    data.SetPolys(cell_array(cells))
    return _actor(drawn.batch, data, states, scene)


def _actor(batch: Batch, data: vtkPolyData, states: StateTexture, scene: Scene) -> Drawn:
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(data)
    mapper.SetStatic(1)
    mapper.SetVBOShiftScaleMethod(0)
    mapper.SetColorModeToDirectScalars()
    on_points = vtkDataObject.FIELD_ASSOCIATION_POINTS
    mapper.MapDataArrayToVertexAttribute("featureIn", "feature", on_points, -1)
    if batch.normals is not None:
        mapper.MapDataArrayToVertexAttribute("normalIn", "normal", on_points, -1)
    if batch.uv is not None:
        mapper.MapDataArrayToVertexAttribute("uvIn", "uv", on_points, -1)
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.SetUserMatrix(translation(batch.origin - scene.origin))
    blend = batch.material.alpha_mode == "blend"
    actor.SetForceTranslucent(blend)
    actor.SetForceOpaque(not blend)
    if blend:
        mapper.AddObserver("UpdateShaderEvent", scene.blend)
    look = actor.GetProperty()
    look.LightingOff()
    look.SetBackfaceCulling(batch.kind is Kind.FACES and not batch.material.double_sided)
    if data.GetPointData().GetScalars() is None:
        mapper.ScalarVisibilityOff()
        red, green, blue, alpha = (float(value) / 255 for value in batch.colors[0])
        look.SetColor(red, green, blue)
        look.SetOpacity(alpha)
    look.SetTexture("objectStates", states.texture)
    picture, variant = _shade(actor, batch, scene)
    spacing = batch.spacing or (spacing_of(batch.positions) if batch.kind is Kind.POINTS else 0.0)
    return Drawn(actor, batch, data, spacing=spacing, picture=picture, variant=variant)


def _shade(actor: vtkActor, batch: Batch, scene: Scene) -> tuple[vtkTexture | None, Variant]:
    blend = batch.material.alpha_mode == "blend"
    normals, uv = batch.normals is not None, batch.uv is not None
    shader = actor.GetShaderProperty()
    shader.AddVertexShaderReplacement(
        "//VTK::PositionVC::Dec", True, vertex_dec(normals, uv), False
    )
    shader.AddVertexShaderReplacement(
        "//VTK::PositionVC::Impl", True, vertex_impl(batch.kind, normals, uv), False
    )
    picture, masked = None, batch.material.alpha_mode == "mask"
    if uv and batch.material.image is not None:
        picture = scene.pictures.texture(batch.material.image, batch.material.wrap)
        actor.GetProperty().SetTexture("picture", picture)
        cutoff = batch.material.alpha_cutoff if masked else 0.0
        shader.GetFragmentCustomUniforms().SetUniformf("alphaCutoff", cutoff)
    shader.AddFragmentShaderReplacement(
        "//VTK::Color::Dec", True, fragment_dec(normals, uv), False
    )
    unlit = batch.material.unlit
    variant = Variant(
        batch.kind, normals, picture is not None, unlit, blend, scene.flat, mask=masked,
        sheet=batch.material.name == WATER_NAME,
    )  # fmt: skip
    text = fragment_impl(variant)
    shader.AddFragmentShaderReplacement("//VTK::Color::Impl", True, text, False)
    shader.AddFragmentShaderReplacement("//VTK::System::Dec", True, sun_extension(), False)
    return picture, variant
