"""An independent, slow and plain reading of CityJSON: the oracle of the loader's tests."""

import json
import math
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEPTH = {
    "MultiSurface": 0,
    "CompositeSurface": 0,
    "Solid": 1,
    "MultiSolid": 2,
    "CompositeSolid": 2,
}
Point = tuple[float, float, float]


@dataclass
class Plain:
    """What a file holds, counted object by object."""

    objects: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    with_geometry: set[str] = field(default_factory=set)
    area: dict[str, float] = field(default_factory=dict)
    low: list[float] = field(default_factory=lambda: [math.inf] * 3)
    high: list[float] = field(default_factory=lambda: [-math.inf] * 3)
    parts: int = 0


def documents(path: Path) -> list[dict[str, Any]]:
    """Return the JSON objects of a document or of the lines of a sequence."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            text = archive.read(archive.namelist()[0]).decode("utf-8-sig")
    else:
        text = path.read_text("utf-8-sig")
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        found = []
        for line in text.splitlines():
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError:
                continue
        return found


def read(path: Path) -> Plain:
    """Count and measure a file."""
    plain = Plain()
    docs = documents(path)
    header = docs[0]
    for doc in docs:
        if doc is header or doc.get("type") == "CityJSONFeature":
            _read(doc, header, plain)
    return plain


def _read(doc: dict[str, Any], header: dict[str, Any], plain: Plain) -> None:
    objects = doc.get("CityObjects", {})
    points = [_moved(v, header.get("transform")) for v in doc.get("vertices", [])]
    for key, said in objects.items():
        plain.objects += 1
        plain.kinds[said["type"]] += 1
        plain.parts += bool(said.get("parents"))
        geometries = said.get("geometry") or []
        levels = [_level(g, header) for g in geometries]
        best = max(levels, default=0.0)
        if best < 1 and best >= 0 and _children_above(said, objects, header):
            plain.with_geometry.add(key)
            continue
        area = 0.0
        for geometry, level in zip(geometries, levels, strict=True):
            if level == best:
                area += _area(geometry, points, header, plain)
        if geometries:
            plain.with_geometry.add(key)
            plain.area[key] = plain.area.get(key, 0.0) + area


def _children_above(said: dict[str, Any], objects: dict[str, Any], header: dict[str, Any]) -> bool:
    """Whether a part is drawn in LoD 1 or higher: then a LoD0 footprint is not drawn."""
    if said["type"] == "CityObjectGroup":
        return False
    for key in said.get("children", []):
        child = objects.get(key, {})
        levels = [_level(g, header) for g in child.get("geometry") or []]
        if max(levels, default=0.0) >= 1 or (child and _children_above(child, objects, header)):
            return True
    return False


def _level(geometry: dict[str, Any], header: dict[str, Any]) -> float:
    said = geometry.get("lod")
    if said is None and geometry["type"] == "GeometryInstance":
        said = header["geometry-templates"]["templates"][geometry["template"]].get("lod")
    try:
        return float(said)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return -1.0


def _moved(vertex: list[float], transform: dict[str, Any] | None) -> Point:
    if transform is None:
        return (float(vertex[0]), float(vertex[1]), float(vertex[2]))
    x, y, z = (
        v * s + t
        for v, s, t in zip(vertex, transform["scale"], transform["translate"], strict=True)
    )
    return (x, y, z)


def _area(
    geometry: dict[str, Any], points: list[Point], header: dict[str, Any], plain: Plain
) -> float:
    if geometry["type"] == "GeometryInstance":
        return _instance_area(geometry, points, header, plain)
    if geometry["type"] not in DEPTH:
        return 0.0
    total = 0.0
    for rings in surfaces(geometry["boundaries"], DEPTH[geometry["type"]]):
        if all(0 <= i < len(points) for ring in rings for i in ring):
            loops = [[points[i] for i in ring] for ring in rings]
            total += polygon_area(loops)
            for corner in (corner for loop in loops for corner in loop):
                for axis in range(3):
                    plain.low[axis] = min(plain.low[axis], corner[axis])
                    plain.high[axis] = max(plain.high[axis], corner[axis])
    return total


def _instance_area(
    geometry: dict[str, Any], points: list[Point], header: dict[str, Any], plain: Plain
) -> float:
    templates = header["geometry-templates"]
    template = templates["templates"][geometry["template"]]
    at = points[geometry["boundaries"][0]]
    m = geometry["transformationMatrix"]
    moved = [
        (
            m[0] * x + m[1] * y + m[2] * z + m[3] + at[0],
            m[4] * x + m[5] * y + m[6] * z + m[7] + at[1],
            m[8] * x + m[9] * y + m[10] * z + m[11] + at[2],
        )
        for x, y, z in templates["vertices-templates"]
    ]
    return _area(template, moved, header, plain)


def surfaces(boundaries: Any, depth: int) -> Iterator[Any]:
    """Yield every surface (a list of rings) of nested boundaries."""
    for part in boundaries:
        if depth:
            yield from surfaces(part, depth - 1)
        else:
            yield part


def polygon_area(loops: list[list[Point]]) -> float:
    """Return the area of a polygon with holes, by the length of Newell's vector."""
    areas = [_ring_area(loop) for loop in loops]
    return max(areas[0] - sum(areas[1:]), 0.0) if areas else 0.0


def _ring_area(loop: list[Point]) -> float:
    if len(loop) < 3:
        return 0.0
    ox, oy, oz = loop[0]
    nx = ny = nz = 0.0
    for (ax, ay, az), (bx, by, bz) in zip(loop, loop[1:] + loop[:1], strict=True):
        ax, ay, az, bx, by, bz = ax - ox, ay - oy, az - oz, bx - ox, by - oy, bz - oz
        nx += ay * bz - az * by
        ny += az * bx - ax * bz
        nz += ax * by - ay * bx
    return math.sqrt(nx * nx + ny * ny + nz * nz) / 2
