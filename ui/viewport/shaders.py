"""The shader text: what an object's four state bytes do to its pixels.

Replacements go into VTK's own shader template, so that cameras, depth and uniforms stay VTK's
business. The state texture holds one texel per object of the tile: r, g, b and flags. Blending is
off for opaque things, so the alpha written is free to say what a pixel shows: 1 = something,
``SELECTED_ALPHA`` and ``HOVERED_ALPHA`` mark pixels for the outline.
"""

from dataclasses import dataclass, replace
from enum import Enum

from twin.streaming import GHOST, HATCH, HOVERED, OUTLINE, OWN_COLOR, SELECTED, VISIBLE
from ui.viewport.sun_shader import CASTING, OWN_SHADE, catcher, sun_lit
from ui.viewport.water import mirrored, wet

STATE_WIDTH = 1024
"""Texels in a row of a state texture: object f stands at (f % width, f // width)."""
SELECTED_ALPHA = 24
HOVERED_ALPHA = 128
"""Never 0: VTK discards what is fully clear."""
LIGHT = (-0.42, -0.25, 0.872)
"""Direction to the light in the project frame: from the upper left of a map, steep."""
DARKEST, BRIGHTEST = 0.55, 1.05
"""The bounds of shading: no face leaves them, so that a status colour stays itself."""


class Sunlit(Enum):
    """How the sun lights something: not at all (the even light of a map), from the sky only, with shadows."""

    EVEN = 0
    DUSK = 1
    SHADOWS = 2


class Kind(Enum):
    """What a batch is: decides the shader's variant."""

    FACES = "faces"
    EDGES = "edges"
    LINES = "lines"
    POINTS = "points"
    CAPS = "caps"
    CAP_EDGES = "cap edges"
    GROUND = "ground"


STATE_OF = f"""//VTK::PositionVC::Impl
  int object = int(featureIn + 0.5);
  stateOf = featureIn < -0.5 ? vec4(1.0, 1.0, 1.0, {VISIBLE + OWN_COLOR}.0 / 255.0)
    : texelFetch(objectStates, ivec2(object % {STATE_WIDTH}, object / {STATE_WIDTH}), 0);
"""


def vertex_dec(normals: bool, uv: bool) -> str:
    """Return the declarations of the vertex shader."""
    text = "//VTK::PositionVC::Dec\nin float featureIn;\nflat out vec4 stateOf;\nout vec3 place;\n"
    text += "uniform sampler2D objectStates;\n"
    if normals:
        text += "in vec3 normalIn;\nout vec3 normalOf;\n"
    if uv:
        text += "in vec2 uvIn;\nout vec2 uvOf;\n"
    return text


def vertex_impl(kind: Kind, normals: bool, uv: bool) -> str:
    """Return the statements of the vertex shader; lines come 0.2 % closer than their faces.

    The state is fetched here: there are far fewer vertices than pixels, and no vertex has two objects.
    """
    text = STATE_OF + "  place = vertexMC.xyz;\n"
    if normals:
        text += "  normalOf = normalIn;\n"
    if uv:
        # pictures are handed over as they are, first row on top
        text += "  uvOf = vec2(uvIn.x, 1.0 - uvIn.y);\n"
    if kind in (Kind.EDGES, Kind.LINES):
        # clip z is a linear function of depth: this constant equals the same share of any depth
        text += "  gl_Position.z -= 2.0 * nearPlane * 0.002;\n"
    elif kind is Kind.CAPS:
        # objects that reach into each other have faces in one place: always the same one is seen
        text += "  gl_Position.z -= 2.0 * nearPlane * 0.00001 * float(object & 15);\n"
    elif kind is Kind.CAP_EDGES:
        text += "  gl_Position.z -= 2.0 * nearPlane * 0.001;\n"
    return text


def fragment_dec(normals: bool, uv: bool) -> str:
    """Return the declarations of the fragment shader."""
    text = "//VTK::Color::Dec\nflat in vec4 stateOf;\nin vec3 place;\n"
    if normals:
        text += "in vec3 normalOf;\n"
    if uv:
        text += "in vec2 uvOf;\n"
    return text


_STATE = f"""//VTK::Color::Impl
  int flags = int(stateOf.a * 255.0 + 0.5);
  // a ghost keeps one pixel of each two by two
  vec2 spot = gl_FragCoord.xy + corner;
  int cell = (int(spot.x) + 2 * int(spot.y)) & 3;
  if ((flags & {VISIBLE}) == 0 || ((flags & {GHOST}) != 0 && cell != 0)) discard;
  bool own = (flags & {OWN_COLOR}) != 0;
  vec3 base = own ? diffuseColor : stateOf.rgb;
  float cover = opacity;
"""
_FAINT = """
  // ordered dither, Bayer 4 by 4: in a fine still picture four pixels make one, and it looks clear
  const float bayer[16] = float[16](0.0, 8.0, 2.0, 10.0, 12.0, 4.0, 14.0, 6.0,
    3.0, 11.0, 1.0, 9.0, 15.0, 7.0, 13.0, 5.0);
  if (bayer[(int(spot.x) & 3) + 4 * (int(spot.y) & 3)] + 0.5 > keep * 16.0) discard;
"""
_PICTURE = """
  vec4 texel = texture(picture, uvOf);
  cover *= texel.a;
  if (cover < alphaCutoff) discard;
  float tone = 1.0;
  if (own) base *= texel.rgb;
  else tone = clamp(0.72 + 0.5 * dot(texel.rgb, vec3(0.299, 0.587, 0.114)), 0.72, 1.05);
"""
_HATCH = f"""
  float across = abs(fract((spot.x + spot.y) * hatchStep) - 0.5);
  float ink = (flags & {HATCH}) != 0 ? 0.75 * clamp(1.95 - 10.0 * across, 0.0, 1.0) : 0.0;
  base = mix(base, vec3(0.835, 0.859, 0.886), ink);
"""
_HAZE = """
  float far = clamp((1.0 / gl_FragCoord.w - hazeRange.x) * hazeRange.y, 0.0, 0.55);
  shown = mix(shown, hazeColor, far);
"""
_MARK = f"""
  float mark = (flags & {SELECTED}) != 0 ? {SELECTED_ALPHA}.0 / 255.0
    : ((flags & {HOVERED}) != 0 ? {HOVERED_ALPHA}.0 / 255.0 : 1.0);
"""


@dataclass(frozen=True, slots=True)
class Variant:
    """What a fragment shader must be able to do. Software drawing pays for each line of it, taken or not."""

    kind: Kind
    normals: bool = False
    picture: bool = False
    unlit: bool = False
    blend: bool = False
    flat: bool = False
    faint: bool = False
    mask: bool = False
    plain: bool = False
    """Every object is visible in its own colour and nothing marks one: a surface as it was delivered."""
    sun: Sunlit = Sunlit.EVEN
    water: bool = False
    """Some objects are water."""
    sheet: bool = False
    """All of it is water."""
    cuts: int = 0
    """Section planes that go through the tile; uniforms ``cut0``, ... in its own coordinates."""

    @property
    def wet(self) -> bool:
        """Return whether there is water to be drawn; what was photographed looks as it was."""
        lit = self.kind is Kind.FACES and not (self.flat or self.picture)
        return lit and (self.sheet or (self.water and not self.plain))

    @property
    def whole(self) -> bool:
        """Return whether the sun sees all of each object or nothing: no pixel of it is left out for itself."""
        return self.kind is Kind.FACES and not (self.cuts or self.faint or self.mask or self.blend)


def fragment_impl(variant: Variant) -> str:
    """Return the statements of the fragment shader for one variant."""
    text = _statements(variant)
    if not variant.cuts:
        return text
    beyond = "".join(
        f"  if (dot(place, cut{i}.xyz) > cut{i}.w) discard;\n" for i in range(variant.cuts)
    )
    return text.replace("//VTK::Color::Impl\n", "//VTK::Color::Impl\n" + beyond, 1)


def _statements(variant: Variant) -> str:
    if variant.plain and variant.kind is Kind.FACES and not variant.flat:
        return _plain(variant)
    if variant.kind is Kind.GROUND:
        return "//VTK::Color::Impl\n" + catcher(variant.sun is Sunlit.SHADOWS, _HAZE)
    text = _STATE + _left_out(variant)
    if variant.kind is Kind.FACES:
        text += "  vec3 shown = base;\n" if variant.flat else _HATCH + _shade(variant)
    elif variant.kind is Kind.EDGES:
        # an outline-only object is its edges, so those keep its colour; no alpha: its own picture will do
        text += f"""
  if (own && cover < 0.5) discard;
  float faint = clamp((1.0 / gl_FragCoord.w - edgeRange.x) / (edgeRange.y - edgeRange.x), 0.0, 1.0);
  bool bare = (flags & {OUTLINE}) != 0;
  if (!bare && faint > 0.98) discard;
  vec3 shown = bare ? base : base * mix(edgeTone, 0.86, faint);
"""
    elif variant.kind in (Kind.CAPS, Kind.CAP_EDGES):
        text += _cap(variant)
    else:
        text += "  vec3 shown = base;\n"
    text += _MARK if variant.flat else _HAZE + _MARK
    if variant.blend:
        text += "  mark = cover;\n"
    return text + "  ambientColor = vec3(0.0);\n  diffuseColor = shown;\n  opacity = mark;\n"


def _left_out(variant: Variant) -> str:
    """Return the statements that leave out what is not there, or not there for the sun."""
    text = ""
    if variant.kind is Kind.POINTS:
        text += "  if (distance(gl_PointCoord, vec2(0.5)) > 0.5) discard;\n"
    if variant.faint:
        text += _FAINT
    if variant.picture:
        text += _PICTURE
    if variant.kind in (Kind.FACES, Kind.CAPS, Kind.CAP_EDGES):
        text += f"  if ((flags & {OUTLINE}) != 0) discard;\n"
    if variant.sun is not Sunlit.EVEN and not variant.whole:
        text += f"  if (cameraParallel != 0 && (flags & {GHOST}) != 0) discard;\n" + CASTING
    return text


def _cap(variant: Variant) -> str:
    """Return the statements for the face of a cut: the material's colour or ink, hatched or not.

    The hatch leans the other way than that of a status, so that the one is never taken for the other.
    """
    if variant.flat:
        return "  vec3 shown = base;\n"
    if variant.kind is Kind.CAP_EDGES:
        return "  vec3 shown = capEdge;\n"
    return """
  vec3 shown = mix(diffuseColor, capFace, capLook.x);
  float line = abs(fract((spot.x - spot.y) * hatchStep) - 0.5);
  // dark lines on light materials, light ones on dark, whatever the theme
  vec3 ink = dot(shown, vec3(0.299, 0.587, 0.114)) > 0.35 ? vec3(0.043, 0.082, 0.114) : vec3(1.0);
  shown = mix(shown, ink, capLook.y * clamp(1.7 - 10.0 * line, 0.0, 1.0));
"""


def _plain(variant: Variant) -> str:
    """Return the statements for a surface without states: the same colours at half of the work."""
    text = "//VTK::Color::Impl\n  vec3 base = diffuseColor;\n  float cover = opacity;\n"
    if variant.faint:
        text += "  vec2 spot = gl_FragCoord.xy + corner;\n" + _FAINT
    if variant.picture:
        text += (
            "  vec4 texel = texture(picture, uvOf);\n  base *= texel.rgb;\n  cover *= texel.a;\n"
        )
        text += "  if (cover < alphaCutoff) discard;\n" if variant.mask else ""
    text += CASTING if variant.sun is not Sunlit.EVEN and not variant.whole else ""
    lit = replace(variant, picture=False)
    even = variant.unlit and variant.sun is Sunlit.EVEN
    text += "  vec3 shown = base;\n" if even else _shade(lit)
    text += _HAZE + f"  opacity = {'cover' if variant.blend else '1.0'};\n"
    return text + "  ambientColor = vec3(0.0);\n  diffuseColor = shown;\n"


def _shade(variant: Variant) -> str:
    text = "  vec3 plane = normalize(cross(dFdx(place), dFdy(place)));\n  vec3 facet = plane;\n"
    if variant.normals:
        text += "  vec3 smoothed = normalize(normalOf);\n"
        text += "  facet = dot(smoothed, plane) < 0.0 ? -smoothed : smoothed;\n"
    known = "" if variant.plain else "if (own) "
    if variant.sun is Sunlit.EVEN:
        x, y, z = LIGHT
        text += f"  float light = 0.72 + 0.35 * dot(facet, vec3({x}, {y}, {z}));\n"
        own = "1.0"
    else:
        text += sun_lit(variant.sun is Sunlit.SHADOWS)
        own = f"mix({OWN_SHADE}, 1.0, direct)"
    if variant.picture:
        text += "  light *= tone;\n"
    if variant.unlit:
        text += f"  {known}light = {own};\n"
    text += wet(variant.plain, variant.sheet) if variant.wet else ""
    text += f"  vec3 shown = base * clamp(light, {DARKEST}, {BRIGHTEST});\n"
    if variant.sun is not Sunlit.EVEN:
        # a status keeps its hue
        text += f"  {known}shown *= mix(shadeTint, sunTint, direct);\n"
    if variant.wet:
        text += mirrored(variant.plain, variant.sun is Sunlit.SHADOWS)
    return text
