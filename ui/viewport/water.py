"""The shader text of water: its colour, and the sky that it mirrors the more the flatter one looks at it.

What is water is said by the flag of an object's state (its class), or by a material named ``water`` for all of a batch.
The sky at the horizon stands for all of the sky: at angles at which water mirrors, that is what it shows. Shares of
light are Schlick's ("An inexpensive BRDF model for physically-based rendering", 1994), held back so that a colour
that means something stays itself.
"""

from twin.streaming import WATER
from twin.style import BARE

NAME = "water"
"""The name of a material that is water."""
COLOR = (0.365, 0.522, 0.588)
"""What water without a look of its own wears, in place of clay."""
MOST, MOST_OF_FILL = 0.7, 0.3
"""The greatest share of the mirrored sky: on water in its own colour, and on one whose fill means something."""
GLINT = 0.45
"""How bright the sun's own mirror image is."""


def wet(plain: bool, sheet: bool) -> str:
    """Return statements that set ``wet`` 0..1 and the colour of water that has none; all of a ``sheet`` is water."""
    if plain:
        return "  float wet = 1.0;\n"
    clay = ", ".join(f"{value / 255:.4f}" for value in BARE[:3].tolist())
    said = "1.0" if sheet else f"(flags & {WATER}) != 0 ? 1.0 : 0.0"
    return f"""
  float wet = {said};
  vec3 unlike = abs(diffuseColor - vec3({clay}));
  if (wet > 0.5 && own && max(unlike.r, max(unlike.g, unlike.b)) < 0.01) base = vec3{COLOR};
"""


def mirrored(plain: bool, sun: bool) -> str:
    """Return statements that lay sky, and the glint of a ``sun``, over the ``shown`` colour of a level ``facet``."""
    most = f"{MOST}" if plain else f"(own ? {MOST} : {MOST_OF_FILL})"
    text = f"""
  vec3 sight = normalize(waterEye - place);
  wet *= step(0.7, facet.z) * {most};
  float flatter = 1.0 - clamp(sight.z, 0.0, 1.0);
  shown = mix(shown, hazeColor, wet * (0.02 + 0.98 * flatter * flatter * flatter * flatter * flatter));
"""
    if sun:
        text += f"""
  float glint = max(dot(normalize(sight + sunWay), facet), 0.0);
  shown += wet * {GLINT} * direct * pow(glint, 240.0) * sunTint;
"""
    return text
