"""A map of what stands in the city, seen from above: one byte a pixel says what is there. For a worker thread."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from twin.features import Bool
from twin.geometry import F64, U8, Mesh
from twin.jobs import Feedback
from twin.scene import LayerId
from twin.streaming import LayerFrame

NOTHING, GREEN, ROAD, WATER, BUILDING = range(5)
WORDS = {
    GREEN: ("plant", "vegetation", "green", "tree"),
    ROAD: ("road", "transport", "traffic", "rail", "bridge"),
    WATER: ("water",),
    BUILDING: ("building", "construction"),
}
"""What the kinds of objects are on the map, by words of their names."""
MOST = 60_000
"""Triangles that are drawn: the largest ones."""
PIXELS = 900
"""Pixels of the longer side."""
FLAT = 0.35
"""Share of its area that a triangle must show from above."""


@dataclass(frozen=True, slots=True)
class GroundPlan:
    """The map: ``pixels`` u8(h, w), row 0 in the north; ``box`` least x, y, most x, y in metres."""

    pixels: U8
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A layer's frame, and what each of its rows is on the map u8(n)."""

    part: LayerFrame
    what: U8


def whats(kinds: tuple[str, ...]) -> U8:
    """Return what each kind is on the map; one that is nothing known is left out."""
    found = np.zeros(len(kinds), np.uint8)
    for number, kind in enumerate(kinds):
        for what, words in WORDS.items():
            if any(word in kind.lower() for word in words):
                found[number] = what
    return found


def drawn(sheets: Mapping[LayerId, Sheet], box: F64, feedback: Feedback) -> GroundPlan:
    """Return the map of a box f64(4). Raises Cancelled."""
    parts = [piece for sheet in sheets.values() for piece in _pieces(sheet, feedback)]
    low, high = box[:2], box[2:]
    size = np.maximum(high - low, 1.0)
    scale = PIXELS / float(size.max())
    wide, tall = (max(round(float(side) * scale), 1) for side in size)
    picture = Image.new("L", (wide, tall), NOTHING)
    if not parts:
        return GroundPlan(np.asarray(picture, np.uint8), _four(box))
    corners = np.concatenate([piece[0] for piece in parts])
    what = np.concatenate([piece[1] for piece in parts])
    area = np.concatenate([piece[2] for piece in parts])
    largest = np.argsort(-area)[:MOST]
    order = largest[np.argsort(what[largest], kind="stable")]  # buildings lie on top
    places = (corners[order] - low) * scale
    places[:, :, 1] = tall - places[:, :, 1]
    pen = ImageDraw.Draw(picture)
    for number, (three, tone) in enumerate(
        zip(places.reshape(-1, 6).tolist(), what[order].tolist(), strict=True)
    ):
        if number % 2000 == 0:
            feedback.check()
        pen.polygon(three, fill=tone)
    return GroundPlan(np.asarray(picture, np.uint8), _four(box))


def _four(box: F64) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(side) for side in box)
    return x0, y0, x1, y1


def _pieces(sheet: Sheet, feedback: Feedback) -> Iterator[tuple[F64, U8, F64]]:
    """Yield the triangles f64(n, 3, 2) of a layer that lie level, what they are, and their areas."""
    for tile in sheet.part.tiles.values():
        feedback.check()
        for mesh in tile.drawables:
            if not isinstance(mesh, Mesh) or not len(mesh.triangles):
                continue
            feature = mesh.feature[mesh.triangles[:, 0]]
            rows = tile.rows[np.maximum(feature, 0)] if len(tile.rows) else np.zeros(0, np.int32)
            if not len(rows):
                continue
            what = np.where(
                (feature >= 0) & (rows < len(sheet.what)),
                sheet.what[np.minimum(rows, len(sheet.what) - 1)],
                0,
            )
            kept: Bool = what > 0
            points = mesh.positions[mesh.triangles[kept]].astype(np.float64)
            normal = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
            level = np.abs(normal[:, 2])
            flat = level > FLAT * np.maximum(np.linalg.norm(normal, axis=1), 1e-12)
            yield (
                points[flat, :, :2] + mesh.origin[:2],
                what[kept][flat].astype(np.uint8),
                level[flat],
            )
