"""Measurements in words: a value with its unit, what stands beside it, what to bear in mind."""

import math
from collections.abc import Sequence

from twin.measuring.results import HEADLINE, datum_title, shown
from twin.messages import Catalogue
from twin.records import Measurement

MINUS, THIN = "\u2212", "\u2009"
PARTS = {
    "distance": ("plan", "rise", "slope", "dx", "dy", "dz"),
    "height": ("z_from", "z_to", "plan"),
    "angle": (),
    "faces": ("length",),
    "area": ("plan_area", "perimeter"),
    "face": ("plan_area", "perimeter"),
    "clearance": ("plan", "rise", "dx", "dy", "dz"),
    "volume": ("surface",),
    "point": ("x", "y", "lon", "lat"),
}
"""Kind -> the values that stand beside the headline, in this order."""


def value_text(name: str, value: float, unit: str = "m") -> str:
    """Return a value with its unit: thin spaces between thousands, a real minus."""
    found = shown(name, value, unit)
    text = f"{abs(found.number):,.{found.decimals}f}".replace(",", THIN)
    nothing = not any(digit in text for digit in "123456789")
    sign = MINUS if found.number < 0 and not nothing else ""
    if found.unit == "°":
        return f"{sign}{text}°"
    return f"{sign}{text} {found.unit}".rstrip()


def headline(measured: Measurement, unit: str, words: Catalogue) -> str:
    """Return the value that answers the question; heights of points with their datum."""
    name = HEADLINE[measured.kind]
    if name not in measured.values:
        return words.text("window.measure.not_closed")
    value = value_text(name, measured.values[name], unit)
    return with_datum(value, measured.vertical, words) if measured.kind == "point" else value


def with_datum(value: str, vertical: str, words: Catalogue) -> str:
    """Return a height with the name of what it is above."""
    datum = datum_words(vertical, words)
    key = "above" if datum else "above_unknown"
    return words.text(f"window.measure.{key}", value=value, datum=datum)


def datum_words(vertical: str, words: Catalogue) -> str:
    """Return the name of a vertical datum in a language; '' for an unknown one."""
    title = datum_title(vertical)
    return words.text("window.measure.datum_ellipsoidal") if title == "ellipsoidal" else title


def parts_text(measured: Measurement, unit: str, words: Catalogue) -> str:
    """Return the values beside the headline in one line."""
    return " · ".join(part_texts(measured, unit, words))


def part_texts(measured: Measurement, unit: str, words: Catalogue) -> Sequence[str]:
    """Return the values beside the headline, each with its name."""
    return [
        words.text(
            "window.measure.part",
            name=words.text(f"window.measure.value.{name}"),
            value=value_text(name, measured.values[name], unit),
        )
        for name in PARTS[measured.kind]
        if name in measured.values
    ]


def place_text(measured: Measurement, crs: str, words: Catalogue, *, short: bool = False) -> str:
    """Return grid and vertical datum; ``crs`` is the readable name of the system. ``short``: names alone."""
    if short and measured.crs and measured.vertical:
        return f"{crs} · {datum_words(measured.vertical, words)}"
    grid = words.text("window.measure.grid", crs=crs) if measured.crs else ""
    grid = grid or words.text("window.measure.no_crs")
    datum = datum_words(measured.vertical, words)
    key = "datum" if datum else "datum_unknown"
    return f"{grid} · {words.text(f'window.measure.{key}', datum=datum)}"


def notes_of(measured: Measurement, unit: str, words: Catalogue) -> Sequence[str]:
    """Return what to bear in mind, a sentence each."""
    return [
        words.text(f"window.measure.note.{code}", **_params(measured, code, unit))
        for code in measured.notes
    ]


def _params(measured: Measurement, code: str, unit: str) -> dict[str, str]:
    values = measured.values
    if code == "scale":
        name, ground = on_ellipsoid(measured)
        return {
            "scale": f"{values['scale']:.7f}",
            "ppm": f"{(values['scale'] - 1) * 1e6:+.0f}".replace("-", MINUS),
            "ground": value_text(name, ground, unit),
        }
    if code == "lifted":
        return {"lift": value_text("lift", values["lift"], unit)}
    if code == "bent":
        return {"bent": value_text("bent", values["bent"], unit)}
    return {}


def on_ellipsoid(measured: Measurement) -> tuple[str, float]:
    """Return the name of the headline (of an open body: its surface) and its value on the ellipsoid.

    The scale of the grid stretches the plane and leaves heights alone: an upright part of an area by
    the scale, a level one by its square, a volume by its square.
    """
    values, scale = measured.values, measured.values["scale"]
    name = HEADLINE[measured.kind]
    if name == "volume" and name in values:
        return name, values[name] / scale**2
    name = name if name in values else "surface"
    value = values[name]
    level = values.get("plan" if name == "length" else "plan_area", value)
    upright = math.sqrt(max(value * value - level * level, 0.0))
    if name == "length":
        return name, math.hypot(level / scale, upright)
    return name, math.hypot(level / scale**2, upright / scale)


def row_text(measured: Measurement, unit: str, crs: str, words: Catalogue) -> str:
    """Return all of a measurement as lines of text."""
    kind = words.text(f"window.measure.kind.{measured.kind}")
    value = headline(measured, unit, words)
    title = measured.title or kind
    lines = [words.text("window.measure.added", title=title, value=value)]
    lines += [f"  {part}" for part in part_texts(measured, unit, words)]
    if measured.title and measured.title != kind:
        lines.append(f"  {kind}")
    lines += [f"  {item.name or item.id}" for item in measured.objects]
    lines.append(f"  {place_text(measured, crs, words)}")
    return "\n".join([*lines, *(f"  {note}" for note in notes_of(measured, unit, words))])
