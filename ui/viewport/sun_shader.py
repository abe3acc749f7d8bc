"""The shader text of sunlight: is a place in the sun, and how bright is what lies there.

The depth picture holds the height of what the sun sees in each texel. A place is compared with the four texels round
it, each at the height that the place's own plane has there ("receiver plane depth bias": Isidoro, GDC 2006). So a
plane never shadows itself however low the sun stands, and a shadow begins where its wall meets the ground.
"""

AMBIENT, DIRECT = 0.59, 0.36
"""The light of a wall in shade, and what the sun adds."""
SKY_SIDE = 0.07
"""How much brighter the sky is on the side of the sun: what lies in shade keeps its shapes."""
OWN_SHADE = 0.62
"""The light of a photographed surface in shade; in the sun it stays as it was photographed."""
FADES = 45.0
"""Metres from the end of the ground in which shadows on it fade away."""
STEEPEST = 40.0
"""Metres of light height per metre across; what the sun grazes more than that gets little of it."""

CASTING = "  if (cameraParallel != 0) return;  // seen from the sun only depth counts\n"


def sun_extension() -> str:
    """Return the line that lets a shader fetch four texels at once, where the graphics library can."""
    return "//VTK::System::Dec\n#extension GL_ARB_texture_gather : enable\n"


def sun_seen() -> str:
    """Return statements that set ``direct`` 0..1: the share of the sun that reaches ``place`` on the ``plane``."""
    return f"""
  vec3 lit = vec3(dot(sunX.xyz, place), dot(sunY.xyz, place), dot(sunZ.xyz, place));
  lit += vec3(sunX.w, sunY.w, sunZ.w);
  vec3 slant = vec3(dot(sunX.xyz, plane), dot(sunY.xyz, plane), dot(sunZ.xyz, plane));
  // the slice of depths decides on the map; the uniforms hold what a map has more than the one before
  vec3 beyond = step(sunEnds, vec3(1.0 / gl_FragCoord.w));
  vec4 sheet = sunMap0 + beyond.x * sunMap1 + beyond.y * sunMap2 + beyond.z * sunMap3;
  vec2 sheetAt = sunSide * vec2(beyond.x - beyond.y + beyond.z, beyond.y);
  vec2 texels = clamp((lit.xy - sheet.xy) * sheet.z, vec2(1.0), vec2(sunSide - 1.0)) - 0.5;
  vec2 first = floor(texels);
  vec2 past = texels - first;
  first += sheetAt;
  vec2 slope = sheet.w * clamp(-slant.xy / max(slant.z, 0.001), vec2(-{STEEPEST}), vec2({STEEPEST}));
  // rounding costs a little of the height, more where the plane is steep to the light
  float least = sunBias + 0.04 * sheet.w + 0.12 * (abs(slope.x) + abs(slope.y));
  vec4 heights = vec4(-dot(slope, past)) + vec4(0.0, slope.x, slope.y, slope.x + slope.y);
  // never below the place itself: where a lit wall stands on the plane, the plane goes on beneath it
  heights = max(heights, 0.0) + (lit.z + least);
#ifdef GL_ARB_texture_gather
  vec4 depths = textureGather(sunDepth, (first + 1.0) * sunTexel).wzxy;
#else
  ivec2 low = ivec2(first);
  vec4 depths = vec4(texelFetch(sunDepth, low, 0).r, texelFetch(sunDepth, low + ivec2(1, 0), 0).r,
    texelFetch(sunDepth, low + ivec2(0, 1), 0).r, texelFetch(sunDepth, low + ivec2(1, 1), 0).r);
#endif
  vec4 open = step(vec4(sunHeights.x) - depths * sunHeights.y, heights);
  vec2 rows = mix(open.xz, open.yw, past.x);
  float direct = mix(rows.x, rows.y, past.y);
"""


def sun_lit(shadows: bool) -> str:
    """Return statements that set ``light`` of a face with the normal ``facet`` on ``plane``, and ``direct``.

    Without ``shadows`` the sun is down: all light comes from the sky.
    """
    text = sun_seen() if shadows else "  float direct = 0.0;\n"
    return (
        text
        + f"""
  float toward = dot(facet, sunWay);
  direct *= sunPower * clamp(toward * 25.0, 0.0, 1.0) * clamp(dot(plane, sunWay) * 50.0, 0.0, 1.0);
  float light = {AMBIENT} + {SKY_SIDE} * toward + 0.03 * facet.z + 0.02 * facet.x - 0.015 * facet.y;
  light += {DIRECT} * direct * (0.5 + 0.5 * toward);
"""
    )


def catcher(shadows: bool, haze: str) -> str:
    """Return the statements of a ground that is only seen where it lies in shade, less so in the ``haze``."""
    if not shadows:
        return "  discard;\n"
    return (
        "  vec3 plane = normalize(cross(dFdx(place), dFdy(place)));\n"
        + sun_seen()
        + "  vec3 shown = vec3(0.0);\n"
        + haze
        + f"""
  vec2 edge = min(place.xy - groundBox.xy, groundBox.zw - place.xy);
  float fade = clamp(min(edge.x, edge.y) / {FADES}, 0.0, 1.0);
  opacity = caught * fade * sunPower * (1.0 - direct) * (1.0 - 1.6 * far);
  if (opacity < 0.01) discard;
  ambientColor = vec3(0.0);
  diffuseColor = vec3(0.05, 0.08, 0.13);
"""
    )
