"""A profile as a drawing in metres: SVG, DXF (R12, text) and CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import numpy as np

from twin.analyses.cutting import pieces_of
from twin.analyses.findings import Findings, Sheet
from twin.geometry import F64

STEPS = (1.0, 2.0, 5.0)
FEW = 8


@dataclass(frozen=True)
class Drawing:
    """What a profile shows: pieces of ``ground`` f64(n, 2), closed ``shapes`` f64(n, 2) by the name of their
    object, ``points`` f64(n, 2) of clouds; distance from the start and height, metres. ``length`` of the line;
    ``datum`` names the heights."""

    length: float
    ground: Sequence[F64]
    shapes: Sequence[tuple[str, F64]]
    datum: str = ""
    points: F64 = field(default_factory=lambda: np.zeros((0, 2)))

    @property
    def heights(self) -> tuple[float, float]:
        """Return the lowest and the highest height that is drawn; 0 and 10 where there is nothing."""
        shapes = (shape for _, shape in self.shapes)
        every = [part[:, 1] for part in (*self.ground, *shapes, self.points) if len(part)]
        if not every:
            return 0.0, 10.0
        joined = np.concatenate(every)
        return float(joined.min()), float(joined.max())


def drawing_of(findings: Findings, datum: str = "") -> Drawing:
    """Return the drawing of a profile's findings."""
    sheets = {sheet.name: sheet for sheet in findings.sheets}
    rows = [[np.nan if x is None else x for x in row] for row in sheets["ground"].rows]
    ground = pieces_of(np.array(rows, np.float64).reshape(-1, 2))
    cloud = [row[1:] for row in sheets["points"].rows] if "points" in sheets else []
    points = np.array(cloud, np.float64).reshape(-1, 2)
    return Drawing(findings.figures["length"], ground, _shapes(sheets["outlines"]), datum, points)


def _shapes(sheet: Sheet) -> list[tuple[str, F64]]:
    found: dict[tuple[str, str, str, int], list[tuple[float, float]]] = {}
    keys = sheet.objects or [("", "")] * len(sheet.rows)
    for (name, part, along, height), key in zip(sheet.rows, keys, strict=True):
        found.setdefault((*key, str(name), int(part)), []).append((float(along), float(height)))
    return [(key[2], np.array(points)) for key, points in found.items()]


def ticks(low: float, high: float, most: int = FEW) -> list[float]:
    """Return round numbers of low..high, at most so many."""
    span = max(high - low, 1e-6)
    power = 10.0 ** np.floor(np.log10(span / most))
    step = next((power * s for s in (*STEPS, 10.0) if span / (power * s) <= most), power * 10)
    first = int(np.ceil(low / step - 1e-9))
    return [n * step for n in range(first, int(np.floor(high / step + 1e-9)) + 1)]


def as_svg(drawing: Drawing, title: str, heights: str) -> str:
    """Return an SVG document, one unit a metre, heights upwards; ``heights`` names the datum.

    The figures of the axes are drawn small enough for the length of the line.
    """
    low, high = drawing.heights
    low, high = low - 2.0, high + 2.0
    size = max(drawing.length / 90, (high - low) / 30)
    edge = size * 6
    width, tall = drawing.length + 2 * edge, high - low + 2 * edge
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{_n(-edge)} {_n(-high - edge)} {_n(width)} {_n(tall)}" '
        f'font-family="sans-serif" font-size="{_n(size)}">',
        f"<title>{escape(title)}</title>",
    ]
    for at in ticks(low, high):
        parts.append(_line((0, at), (drawing.length, at), "#D5DCE3", size / 12))
        parts.append(_text(-size / 2, at - size / 3, f"{at:g}", "end"))
    stops = ticks(0, drawing.length, 12)
    parts += [_text(at, low - size * 1.4, f"{at:g}", "middle") for at in stops]
    parts.append(_text(0, high + size, heights, "start"))
    parts += [
        f'<circle cx="{_n(s)}" cy="{_n(-z)}" r="{_n(size / 12)}" fill="#5B7F9E"/>'
        for s, z in drawing.points.tolist()
    ]
    for name, shape in drawing.shapes:
        points = " ".join(f"{_n(s)},{_n(-z)}" for s, z in shape.tolist())
        parts.append(
            f'<polygon points="{points}" fill="#E8ECF0" stroke="#16202A" stroke-width="{_n(size / 10)}">'
            f"<title>{escape(name)}</title></polygon>"
        )
    for piece in drawing.ground:
        points = " ".join(f"{_n(s)},{_n(-z)}" for s, z in piece.tolist())
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="#16202A" stroke-width="{_n(size / 5)}"/>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _n(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _line(start: tuple[float, float], end: tuple[float, float], color: str, width: float) -> str:
    return (
        f'<line x1="{_n(start[0])}" y1="{_n(-start[1])}" x2="{_n(end[0])}" y2="{_n(-end[1])}" '
        f'stroke="{color}" stroke-width="{_n(width)}"/>'
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{_n(x)}" y="{_n(-y)}" text-anchor="{anchor}" fill="#465361">{escape(text)}</text>'


def as_dxf(drawing: Drawing) -> str:
    """Return a DXF document (R12, ASCII): polylines in metres on the layers GROUND and BUILDINGS, points on
    POINTS."""
    lines = ["0", "SECTION", "2", "ENTITIES"]
    for piece in drawing.ground:
        lines += _polyline("GROUND", piece, closed=False)
    for _, shape in drawing.shapes:
        lines += _polyline("BUILDINGS", shape, closed=True)
    for s, z in drawing.points.tolist():
        lines += ["0", "POINT", "8", "POINTS", "10", f"{s:.4f}", "20", f"{z:.4f}", "30", "0.0"]
    return "\n".join([*lines, "0", "ENDSEC", "0", "EOF", ""])


def _polyline(layer: str, points: F64, *, closed: bool) -> list[str]:
    found = ["0", "POLYLINE", "8", layer, "66", "1", "70", "1" if closed else "0"]
    for s, z in points.tolist():
        found += ["0", "VERTEX", "8", layer, "10", f"{s:.4f}", "20", f"{z:.4f}", "30", "0.0"]
    return [*found, "0", "SEQEND", "8", layer]


def as_csv(drawing: Drawing) -> str:
    """Return what is drawn as CSV: what it is, its name, its part, distance and height in metres."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("kind", "name", "part", "distance_m", "height_m"))
    for part, piece in enumerate(drawing.ground, 1):
        writer.writerows(("ground", "", part, f"{s:.3f}", f"{z:.3f}") for s, z in piece.tolist())
    for part, (name, shape) in enumerate(drawing.shapes, 1):
        said = f"'{name}" if name[:1] in ("=", "+", "-", "@", "\t", "\r") else name
        writer.writerows(("object", said, part, f"{s:.3f}", f"{z:.3f}") for s, z in shape.tolist())
    writer.writerows(("point", "", 1, f"{s:.3f}", f"{z:.3f}") for s, z in drawing.points.tolist())
    return out.getvalue()
