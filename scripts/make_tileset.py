"""Derives the sample 3D Tiles tileset from the sample CityJSON: a second representation of the same objects.

Usage: python scripts/make_tileset.py CITY.json FOLDER [--only N]

An explicit tileset.json; a coarse root (blocks for buildings, the rest as it is above a size) that
its children REPLACE; b3dm whose batch table carries the CityJSON ids, dates and source holders.
RD (EPSG:28992) goes to WGS 84 by PROJ, NAP heights to the ellipsoid by the bundled EGM96 grid
(about 1 m; PROJ alone would pass them through silently), both to ECEF exactly, vertex by vertex;
a tile stores metres in the east-north-up frame of the middle. The same input gives the same bytes.
"""

import argparse
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from pyproj import Transformer
from shapely import MultiPoint, Polygon, get_parts
from shapely.ops import unary_union

from loaders._polygons import triangulate
from twin.georeference.heights import undulation

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
KEPT = (
    "bronhouder", "creationdate", "tijdstipregistratie", "lv_publicatiedatum", "terminationdate",
    "measuredHeight", "identificatiebagpnd", "class", "function",
)  # fmt: skip
COLORS = {
    "Building": (0.80, 0.76, 0.70), "Road": (0.55, 0.55, 0.56), "PlantCover": (0.47, 0.62, 0.38),
    "LandUse": (0.74, 0.70, 0.60), "WaterBody": (0.42, 0.60, 0.72), "Bridge": (0.66, 0.62, 0.60),
}  # fmt: skip
OTHER = (0.62, 0.60, 0.58)
COARSE_AREA = 40.0
"""Square metres (of the box around it) below which a building is left out of the coarse root."""
COARSE_GROUND = 400.0
"""The same for everything else."""


@dataclass(frozen=True)
class Thing:
    """One city object: its id, kind, attributes and triangles (RD easting, northing, NAP), f64(t, 3, 3)."""

    id: str
    kind: str
    attributes: dict[str, Any]
    triangles: F64

    @property
    def middle(self) -> F64:
        """Return the mean of the corners."""
        return np.asarray(self.triangles.reshape(-1, 3).mean(axis=0), np.float64)


def surfaces(boundaries: Any) -> list[Any]:
    """Return the surfaces (lists of rings) of a MultiSurface or Solid."""
    if boundaries and isinstance(boundaries[0][0][0], int):
        return list(boundaries)
    return [surface for part in boundaries for surface in surfaces(part)]


def read(path: Path) -> list[Thing]:
    """Return the objects of a CityJSON file in its order."""
    city = orjson.loads(path.read_bytes())
    transform = city["transform"]
    vertices = np.array(city["vertices"]) * transform["scale"] + transform["translate"]
    things = []
    for key, item in city["CityObjects"].items():
        faces = [face for g in item.get("geometry", []) for face in surfaces(g["boundaries"])]
        rings = [ring for face in faces for ring in face]
        if not rings:
            continue
        points = vertices[np.concatenate(rings)]
        cut = triangulate(
            points,
            np.array([len(ring) for ring in rings], np.int32),
            np.array([len(face) for face in faces], np.int32),
        )
        things.append(Thing(key, item["type"], item.get("attributes", {}), points[cut.triangles]))
    return things


def block(thing: Thing) -> F64:
    """Return a building as the block over the smallest rectangle around it, f64(12, 3, 3)."""
    points = thing.triangles.reshape(-1, 3)
    around: Any = MultiPoint(points[:, :2]).minimum_rotated_rectangle
    corners = np.array(around.normalize().exterior.coords)[:4]
    low, high = points[:, 2].min(), points[:, 2].max()
    bottom, top = np.c_[corners, np.full(4, low)], np.c_[corners, np.full(4, high)]
    (ax, ay), (bx, by) = corners[1] - corners[0], corners[2] - corners[1]
    if ax * by - ay * bx < 0:
        bottom, top = bottom[::-1], top[::-1]
    faces = [[top[0], top[1], top[2]], [top[0], top[2], top[3]]]
    faces += [[bottom[2], bottom[1], bottom[0]], [bottom[3], bottom[2], bottom[0]]]
    for i in range(4):
        j = (i + 1) % 4
        faces += [[bottom[i], bottom[j], top[j]], [bottom[i], top[j], top[i]]]
    return np.array(faces)


def plate(thing: Thing) -> F64:
    """Return a piece of ground as one level, simplified face per part, f64(t, 3, 3)."""
    triangles = [Polygon(corners[:, :2]) for corners in thing.triangles]
    outline = unary_union([t.buffer(0.02, join_style="mitre") for t in triangles if t.area > 0])
    parts = [part for part in get_parts(outline.simplify(0.4)) if part.area > 1.0]
    height = float(np.median(thing.triangles[..., 2]))
    faces = []
    for part in parts:
        rings = [np.array(ring.coords)[:-1] for ring in (part.exterior, *part.interiors)]
        flat = np.concatenate([ring if ccw else ring[::-1] for ring, ccw in turned(part, rings)])
        points = np.c_[flat, np.full(len(flat), height)]
        sizes = np.array([len(ring) for ring in rings], np.int32)
        cut = triangulate(points, sizes, np.array([len(rings)], np.int32))
        faces.append(points[cut.triangles])
    return np.concatenate(faces) if faces else thing.triangles


def turned(part: Any, rings: list[F64]) -> list[tuple[F64, bool]]:
    """Return the rings with whether each turns as it should: outside left, holes right."""
    ways = [part.exterior.is_ccw, *(not hole.is_ccw for hole in part.interiors)]
    return list(zip(rings, ways, strict=True))


def coarse(things: list[Thing]) -> list[Thing]:
    """Return what is worth seeing from afar."""
    found = []
    for thing in things:
        extent = np.ptp(thing.triangles.reshape(-1, 3), axis=0)
        house = thing.kind == "Building"
        if extent[0] * extent[1] < (COARSE_AREA if house else COARSE_GROUND):
            continue
        shape = block(thing) if house else plate(thing)
        found.append(Thing(thing.id, thing.kind, thing.attributes, shape))
    return found


class Frame:
    """The east-north-up frame at the middle of the city, and the way into it."""

    def __init__(self, origin: F64) -> None:
        self.plane = Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True)
        self.globe = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
        lon, lat, height = self.geographic(origin[None, :])[0]
        self.origin = np.array(self.globe.transform(lon, lat, height))
        east, north = np.radians(lon), np.radians(lat)
        self.axes = np.array(
            [
                [-np.sin(east), np.cos(east), 0.0],
                [-np.sin(north) * np.cos(east), -np.sin(north) * np.sin(east), np.cos(north)],
                [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)],
            ]
        )

    def geographic(self, points: F64) -> F64:
        """Return longitude, latitude (degrees) and ellipsoidal height of RD + NAP points."""
        lon, lat = self.plane.transform(points[:, 0], points[:, 1])
        height = points[:, 2] + undulation(np.array(lon), np.array(lat))
        return np.asarray(np.c_[lon, lat, height], np.float64)

    def local(self, points: F64) -> F64:
        """Return points in metres east, north and up of the origin."""
        ecef = np.c_[self.globe.transform(*self.geographic(points).T)]
        return np.asarray((ecef - self.origin) @ self.axes.T, np.float64)

    def matrix(self) -> list[float]:
        """Return the column-major 4x4 from the frame to ECEF."""
        whole = np.eye(4)
        whole[:3, :3], whole[:3, 3] = self.axes.T, self.origin
        return [float(x) for x in whole.T.ravel()]


def padded(data: bytes, size: int, fill: bytes) -> bytes:
    """Return the data filled up to a multiple of a size."""
    return data + fill * (-len(data) % size)


def b3dm(things: list[Thing], frame: Frame) -> bytes:
    """Return a batched model of the things; batch number = position in the list."""
    keys = [key for key in KEPT if any(key in thing.attributes for thing in things)]
    table: dict[str, list[Any]] = {
        "id": [thing.id for thing in things],
        "kind": [thing.kind for thing in things],
        **{key: [thing.attributes.get(key) for thing in things] for key in keys},
    }
    model = glb(things, frame)
    features = json.dumps({"BATCH_LENGTH": len(things)}, separators=(",", ":")).encode()
    features += b" " * (-(28 + len(features)) % 8)
    batch = json.dumps(table, separators=(",", ":"), ensure_ascii=False).encode()
    batch = padded(batch, 8, b" ")
    size = 28 + len(features) + len(batch) + len(model)
    head = struct.pack("<4s6I", b"b3dm", 1, size, len(features), 0, len(batch), 0)
    return head + features + batch + model


def glb(things: list[Thing], frame: Frame) -> bytes:
    """Return binary glTF: one primitive per kind, flat normals, _BATCHID on every vertex, y up."""
    blob = b""
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "CityTwin make_tileset"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": []}],
        "materials": [],
        "accessors": [],
        "bufferViews": [],
    }

    def attribute(values: NDArray[Any], kind: str, component: int, *, box: bool = False) -> int:
        nonlocal blob
        view = {"buffer": 0, "byteOffset": len(blob), "byteLength": values.nbytes, "target": 34962}
        blob = padded(blob + values.tobytes(), 4, b"\0")
        document["bufferViews"].append(view)
        accessor = {
            "bufferView": len(document["bufferViews"]) - 1,
            "componentType": component,
            "count": len(values),
            "type": kind,
        }
        if box:
            accessor["min"] = [float(x) for x in values.min(axis=0)]
            accessor["max"] = [float(x) for x in values.max(axis=0)]
        document["accessors"].append(accessor)
        return len(document["accessors"]) - 1

    for kind in sorted({thing.kind for thing in things}):
        chosen = [(i, thing) for i, thing in enumerate(things) if thing.kind == kind]
        local = frame.local(np.concatenate([t.triangles.reshape(-1, 3) for _, t in chosen]))
        y_up = local[:, [0, 2, 1]] * [1.0, 1.0, -1.0]
        corners = y_up.reshape(-1, 3, 3)
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        length = np.linalg.norm(normal, axis=1, keepdims=True)
        normal = np.where(length > 0, normal / np.maximum(length, 1e-30), [0.0, 1.0, 0.0])
        owner = np.repeat([i for i, _ in chosen], [3 * len(t.triangles) for _, t in chosen])
        document["meshes"][0]["primitives"].append(
            {
                "attributes": {
                    "POSITION": attribute(y_up.astype(np.float32), "VEC3", 5126, box=True),
                    "NORMAL": attribute(
                        np.repeat(normal, 3, axis=0).astype(np.float32), "VEC3", 5126
                    ),
                    "_BATCHID": attribute(owner.astype(np.float32), "SCALAR", 5126),
                },
                "material": len(document["materials"]),
                "mode": 4,
            }
        )
        color = [*COLORS.get(kind, OTHER), 1.0]
        document["materials"].append(
            {
                "name": kind,
                "pbrMetallicRoughness": {
                    "baseColorFactor": color,
                    "metallicFactor": 0.0,
                    "roughnessFactor": 1.0,
                },
                "doubleSided": kind != "Building",
            }
        )
    document["buffers"] = [{"byteLength": len(blob)}]
    text = padded(json.dumps(document, separators=(",", ":")).encode(), 4, b" ")
    text += b" " * (-(28 + len(text) + len(blob)) % 8)
    total = 28 + len(text) + len(blob)
    return (
        struct.pack("<4sII", b"glTF", 2, total)
        + struct.pack("<I4s", len(text), b"JSON") + text
        + struct.pack("<I4s", len(blob), b"BIN\0") + blob
    )  # fmt: skip


def box_of(things: list[Thing], frame: Frame) -> list[float]:
    """Return a 3D Tiles box around the things in the frame."""
    points = frame.local(np.concatenate([t.triangles.reshape(-1, 3) for t in things]))
    low, high = points.min(axis=0) - 0.01, points.max(axis=0) + 0.01
    half = (high - low) / 2
    middle = (high + low) / 2
    return [round(float(x), 3) for x in (*middle, half[0], 0, 0, 0, half[1], 0, 0, 0, half[2])]


def region_of(things: list[Thing], frame: Frame) -> list[float]:
    """Return west, south, east, north (radians) and lowest, highest height (metres)."""
    points = frame.geographic(np.concatenate([t.triangles.reshape(-1, 3) for t in things]))
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 1e-9
    return [
        float(np.radians(low[0]) - margin), float(np.radians(low[1]) - margin),
        float(np.radians(high[0]) + margin), float(np.radians(high[1]) + margin),
        float(low[2]) - 0.1, float(high[2]) + 0.1,
    ]  # fmt: skip


def quarters(things: list[Thing], depth: int) -> list[list[Thing]]:
    """Return the things split at the medians of their middles, 2**depth lists."""
    if depth == 0:
        return [things]
    middles = np.array([thing.middle[:2] for thing in things])
    axis = int(np.argmax(np.ptp(middles, axis=0)))
    order = np.argsort(middles[:, axis], kind="stable")
    half = len(order) // 2
    parts = ([things[i] for i in sorted(order[:half])], [things[i] for i in sorted(order[half:])])
    return [leaf for part in parts for leaf in quarters(part, depth - 1)]


def write(things: list[Thing], folder: Path, depth: int) -> None:
    """Write tileset.json and its tiles."""
    folder.mkdir(parents=True, exist_ok=True)
    corners = np.concatenate([t.triangles.reshape(-1, 3) for t in things])
    frame = Frame((corners.min(axis=0) + corners.max(axis=0)) / 2)
    children = []
    for number, part in enumerate(quarters(things, depth)):
        (folder / f"tile_{number}.b3dm").write_bytes(b3dm(part, frame))
        children.append(
            {
                "boundingVolume": {"box": box_of(part, frame)},
                "geometricError": 0,
                "content": {"uri": f"tile_{number}.b3dm"},
            }
        )
    far = coarse(things)
    (folder / "root.b3dm").write_bytes(b3dm(far, frame))
    tileset = {
        "asset": {
            "version": "1.0",
            "tilesetVersion": "1",
            "extras": {"derivedFrom": "delft.city.json", "by": "scripts/make_tileset.py"},
        },
        "geometricError": 200,
        "root": {
            "transform": frame.matrix(),
            "boundingVolume": {"region": region_of(things, frame)},
            "geometricError": 12,
            "refine": "REPLACE",
            "content": {"uri": "root.b3dm"},
            "children": children,
        },
    }
    (folder / "tileset.json").write_text(json.dumps(tileset, indent=1) + "\n", encoding="utf-8")
    print(f"{len(things)} objects, {sum(len(t.triangles) for t in things)} triangles,")
    print(f"coarse root: {len(far)} objects, {sum(len(t.triangles) for t in far)} triangles")


def main() -> None:
    """Read the arguments and write the tileset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("city", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", type=int, default=0, help="keep the first N objects")
    parser.add_argument("--depth", type=int, default=3, help="2**depth children")
    arguments = parser.parse_args()
    things = read(arguments.city)
    write(things[: arguments.only or None], arguments.folder, arguments.depth)


if __name__ == "__main__":
    main()
