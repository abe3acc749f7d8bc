"""Triangles of a whole city -> tiles that stream and cull: a balanced division of the plan."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from loaders._city.city import City, Loose
from loaders._city.soup import Soup
from loaders._dividing import OBJECTS, TRIANGLES, divided
from twin.geometry import (
    F64,
    I32,
    PLAIN,
    U8,
    Drawable,
    Instances,
    Lines,
    Material,
    Mesh,
    Points,
    box_of,
    empty_box,
)
from twin.ports import Content

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tiles:
    """Contents and their boxes f64(n, 6), in the file's coordinates."""

    contents: tuple[Content, ...]
    boxes: F64


def tiled(city: City, soup: Soup, rows: int, bounds: F64) -> Tiles:
    """Divide everything drawn among tiles. ``bounds`` f64(rows, 6) are the objects' own."""
    weight = np.bincount(soup.face_row[soup.face], minlength=rows)
    for number, places in city.placed.items():
        heavy = len(city.templates[number].triangles)
        weight += heavy * np.bincount([row for row, _ in places], minlength=rows)
    for loose in (city.points, city.lines):
        for part in loose.row:
            weight += np.bincount(part, minlength=rows)
    drawn = np.flatnonzero(weight > 0)
    center = (bounds[drawn, :2] + bounds[drawn, 3:5]) / 2
    tile_of_row = np.full(rows, -1, np.int64)
    count = 0
    for group in divided(center, weight[drawn], OBJECTS):
        tile_of_row[drawn[group]] = count
        count += 1
    tile_of_face = tile_of_row[soup.face_row]
    for row in np.flatnonzero(weight > 2 * TRIANGLES):
        count = _split(soup, int(row), tile_of_face, count)
    drawables: list[list[Drawable]] = [[] for _ in range(count)]
    _meshes(city, soup, tile_of_face, drawables)
    _instances(city, tile_of_row, drawables)
    _points(city.points, tile_of_row, drawables)
    _lines(city.lines, tile_of_row, drawables)
    filled = [tuple(found) for found in drawables if found]
    boxes = np.array([_box(found) for found in filled]).reshape(-1, 6)
    return Tiles(tuple(Content(found) for found in filled), boxes)


def _split(soup: Soup, row: int, tile_of_face: Ints, count: int) -> int:
    """Divide one huge object (a terrain) by its surfaces; return the new number of tiles."""
    of_row = np.flatnonzero(soup.face_row[soup.face] == row)
    faces, first, amount = np.unique(soup.face[of_row], return_index=True, return_counts=True)
    center = soup.vertex[soup.triangles[of_row[first], 0], :2]
    groups = list(divided(center, amount, len(faces)))
    for at, group in enumerate(groups[1:]):
        tile_of_face[faces[group]] = count + at
    return count + max(len(groups) - 1, 0)


def _meshes(city: City, soup: Soup, tile_of_face: Ints, out: list[list[Drawable]]) -> None:
    looks = len(city.looks.materials)
    colored = city.looks.baked
    colored[0] = False  # what has no colour of its own stays as the window draws plain things
    baked = int(colored.argmax())
    own_drawable = np.where(colored, baked, np.arange(looks))
    group_of_face = tile_of_face * looks + own_drawable[soup.face_look]
    colors = city.looks.colors
    found, small = np.unique(group_of_face, return_inverse=True)
    if len(found) < 2**16:
        small = small.astype(np.uint16)  # numpy sorts these by counting
    group, edge_group = small.take(soup.face), small.take(soup.edge_face)
    order = np.argsort(group, kind="stable")
    edge_order = np.argsort(edge_group, kind="stable")
    count = np.bincount(group, minlength=len(found))
    edge_count = np.bincount(edge_group, minlength=len(found))
    end, edge_end = np.cumsum(count), np.cumsum(edge_count)
    slot = np.zeros(len(soup.vertex), np.int32)
    decimals = 5 if city.geographic else 0
    for at, key in enumerate(found):
        if key < 0 or not count[at]:
            continue
        tile, look = divmod(int(key), looks)
        triangles = soup.triangles.take(order[end[at] - count[at] : end[at]], axis=0)
        edges = soup.edges.take(edge_order[edge_end[at] - edge_count[at] : edge_end[at]], axis=0)
        mesh = _mesh(soup, triangles, edges, city.looks.materials[look], slot, decimals)
        out[tile].append(
            _colored(mesh, soup, triangles, colors) if look and look == baked else mesh
        )


def _colored(mesh: Mesh, soup: Soup, triangles: I32, colors: U8) -> Mesh:
    """Return the mesh of all plain colours with the colour of each vertex."""
    if soup.look is None:
        return mesh
    look = np.empty(len(mesh.positions), np.int32)
    look[mesh.triangles.ravel()] = soup.look.take(triangles.ravel())
    return replace(mesh, colors=colors[look], material=PLAIN)


def _mesh(
    soup: Soup, triangles: I32, edges: I32, material: Material, slot: I32, decimals: int
) -> Mesh:
    """Return one drawable; its vertices are numbered by first use through the scratch ``slot``."""
    flat = triangles.ravel()
    number = np.arange(len(flat), dtype=np.int32)
    slot[flat] = number
    stands = slot.take(flat) == number
    vertices = flat[stands]
    slot[vertices] = number[: len(vertices)]
    known = np.minimum(slot.take(edges), len(vertices) - 1)
    same = vertices.take(known) == edges
    here = same[:, 0] & same[:, 1]
    place = soup.vertex.take(vertices, axis=0)
    origin = np.round((place.min(axis=0) + place.max(axis=0)) / 2, decimals)
    return Mesh(
        origin=origin,
        positions=(place - origin).astype(np.float32),
        triangles=slot.take(triangles).astype(np.int32),
        feature=soup.row.take(vertices),
        material=material,
        uv=soup.uv[vertices] if soup.uv is not None and material.image is not None else None,
        edges=known[here].astype(np.int32),
    )


def _instances(city: City, tile_of_row: Ints, out: list[list[Drawable]]) -> None:
    for number, places in city.placed.items():
        template = city.templates[number]
        parts: list[list[Drawable]] = [[]]
        _meshes(city, template, np.zeros(len(template.face_row), np.int64), parts)
        rows = np.array([row for row, _ in places], np.int32)
        transforms = np.array([matrix for _, matrix in places])
        tiles = tile_of_row[rows]
        for tile in np.unique(tiles[tiles >= 0]):
            here = tiles == tile
            for mesh in parts[0]:
                if isinstance(mesh, Mesh):
                    out[tile].append(Instances(mesh, transforms[here], rows[here]))


def _points(loose: Loose, tile_of_row: Ints, out: list[list[Drawable]]) -> None:
    if not loose.count:
        return
    place, row = np.concatenate(loose.vertex), np.concatenate(loose.row)
    tiles = tile_of_row[row]
    for tile in np.unique(tiles):
        here = place[tiles == tile]
        origin = here[0].copy()
        offsets = (here - origin).astype(np.float32)
        out[int(tile)].append(Points(origin, offsets, row[tiles == tile]))


def _lines(loose: Loose, tile_of_row: Ints, out: list[list[Drawable]]) -> None:
    if not loose.segments:
        return
    place, row = np.concatenate(loose.vertex), np.concatenate(loose.row)
    segments = np.concatenate(loose.segments)
    tiles = tile_of_row[row[segments[:, 0]]]
    for tile in np.unique(tiles):
        mine = segments[tiles == tile]
        used, local = np.unique(mine, return_inverse=True)
        origin = place[used[0]].copy()
        offsets = (place[used] - origin).astype(np.float32)
        out[tile].append(Lines(origin, offsets, local.reshape(-1, 2).astype(np.int32), row[used]))


def _box(drawables: tuple[Drawable, ...]) -> F64:
    box = empty_box()
    for item in drawables:
        own = box_of(item)
        box[:3] = np.minimum(box[:3], own[:3])
        box[3:] = np.maximum(box[3:], own[3:])
    return box


def own_bounds(city: City, soup: Soup, rows: int) -> F64:
    """Return the bounds f64(rows, 6) of what each object draws itself; of nothing the empty box."""
    bounds = np.tile(empty_box(), (rows, 1))
    used = np.zeros(len(soup.vertex), np.bool_)
    used[soup.triangles] = True
    for place, row in (
        (soup.vertex[used], soup.row[used]),
        *zip(city.points.vertex, city.points.row, strict=True),
        *zip(city.lines.vertex, city.lines.row, strict=True),
        *(_instance_corners(city, number) for number in city.placed),
    ):
        for axis in range(3):
            np.minimum.at(bounds[:, axis], row, place[:, axis])
            np.maximum.at(bounds[:, axis + 3], row, place[:, axis])
    return bounds


def _instance_corners(city: City, number: int) -> tuple[F64, I32]:
    """Return all vertices of a template at all its places, and their rows."""
    template = city.templates[number]
    vertex = template.vertex[np.unique(template.triangles)]
    places = city.placed[number]
    moved = [vertex @ matrix[:3, :3].T + matrix[:3, 3] for _, matrix in places]
    rows = np.repeat(np.array([row for row, _ in places], np.int32), len(vertex))
    return np.concatenate(moved).reshape(-1, 3), rows
