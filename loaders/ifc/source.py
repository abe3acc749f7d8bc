"""Opening an IFC (table, tree, first picture) and fetching its tiles.

The first picture is the first tile: exact, never thrown away. Objects are cut into tiles in the
order in which the geometry iterator delivers them, so that waiting for a tile waits for nothing
else; objects that share a geometry stay in one tile.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from loaders.ifc import georeference, meshes, properties, provenance, shapes
from loaders.ifc.extents import extents
from loaders.ifc.reading import Model, read
from loaders.ifc.structure import NOT_DRAWN, UNITS, Structure, arrange, of_types
from loaders.ifc.units import metres
from twin.features import Column, FeatureTable, encode, texts
from twin.geometry import F64, empty_box
from twin.ports import Content, Feedback, Lane, Opened, Options
from twin.records import About, Problem
from twin.tiles import TileTree

FIRST_SHARE = 0.1
"""The part of the objects in the first tile: the first picture."""
FEWEST_FIRST = 8
MOST_IN_TILE = 2000
FEWEST_TILES = 4


@dataclass(frozen=True, slots=True)
class IfcSource:
    """One IFC file. ``fetch`` continues the iterator that ``open`` started in the same worker."""

    location: str
    options: Options
    lane: Lane = Lane.PROCESS

    def open(self, feedback: Feedback) -> Opened:
        """Return the table, the tree and the first tile. Raises OpenError."""
        feedback.progress(0.0, "reading")
        model = read(self.location, feedback)
        drawn = _drawn(model.file)
        stream = shapes.start(model.file, drawn)
        feedback.progress(0.2, "objects")
        structure = arrange(model.file)
        model.kept = {"stream": stream, "row_of": structure.row_of}
        tiles = _tiles(shapes.order(stream, drawn))
        opened = self._described(model, structure, tiles)
        feedback.progress(0.6, "geometry")
        if tiles:
            first = int(len(tiles) > 1)
            content = self.fetch(first, opened.tokens[first], feedback)
            if content is not None:
                return replace(opened, ready={first: content})
        return opened

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | None:
        """Return a tile's geometry; ``token`` holds the step numbers of its elements."""
        if not token:
            return None
        steps = [int(step) for step in token]
        model = read(self.location, feedback)
        row_of = model.kept.get("row_of")
        if row_of is None:
            row_of = model.kept["row_of"] = arrange(model.file).row_of
        stream = model.kept.get("stream") or shapes.start(model.file, steps)
        found = stream.take(steps, feedback)
        geometries = dict(stream.geometries)
        missing = sorted(set(steps) - {shape.step for shape in found})
        problems: tuple[Problem, ...] = ()
        if missing:
            second = shapes.start(model.file, missing, shapes.SECOND)
            found += second.take(missing, feedback)
            geometries.update(second.geometries)
            problems = _problems(model, missing, found)
        return Content(meshes.drawables(found, geometries, row_of), problems=problems)

    def _described(self, model: Model, structure: Structure, tiles: list[list[int]]) -> Opened:
        file = model.file
        sheet = properties.gather(file, structure.row_of)
        columns = {**_columns(structure, sheet), **properties.columns(sheet)}
        bounds = extents(file, structure, metres(file))
        place = georeference.read(file)
        table = _table(structure, columns, bounds)
        project = structure.objects[0]
        return Opened(
            title=project[2] or Path(self.location).name,
            about=About(
                "IFC", file.schema_identifier, place.crs, place.vertical,
                fields={**_facts(file), **place.fields},
            ),
            tree=_tree(structure, tiles, bounds),
            features=table,
            observations=provenance.observe(file, structure, columns),
            problems=(*structure.problems, *place.problems),
            tokens=((), *map(tuple, tiles)) if len(tiles) != 1 else (tuple(tiles[0]),),
            unit_kinds=_units(structure),
            frame=place.frame,
        )  # fmt: skip


def _drawn(file: Any) -> list[int]:
    """Return the step ids of the products that should have a picture, in file order."""
    hidden = of_types(file, NOT_DRAWN)
    return sorted(
        item.id()
        for item in file.by_type("IfcProduct")
        if item.id() not in hidden and item[6] is not None
    )


def _tiles(groups: list[list[int]]) -> list[list[int]]:
    """Return the elements of each tile: a small first one, then parts of equal size."""
    total = sum(map(len, groups))
    first = max(FEWEST_FIRST, int(total * FIRST_SHARE))
    size = min(MOST_IN_TILE, max(1, -(-(total - first) // (FEWEST_TILES - 1))))
    tiles: list[list[int]] = []
    limit = first
    for group in groups:
        if not tiles or len(tiles[-1]) >= limit:
            limit = first if not tiles else size
            tiles.append([])
        tiles[-1].extend(group)
    return tiles


def _tree(structure: Structure, tiles: list[list[int]], bounds: F64) -> TileTree:
    boxes = [_around(bounds[[structure.row_of[step] for step in tile]]) for tile in tiles]
    if not boxes:
        return TileTree.single(np.zeros(6))
    return TileTree.flat(np.stack(boxes))


def _around(bounds: F64) -> F64:
    known = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(known):
        return empty_box()
    return np.concatenate([known[:, :3].min(axis=0), known[:, 3:].max(axis=0)])


def _table(structure: Structure, columns: dict[str, Column], bounds: F64) -> FeatureTable:
    kind, kinds = encode(structure.kinds)
    return FeatureTable(
        id=texts(structure.ids),
        kind=kind,
        kinds=kinds,
        parent=structure.parent,
        bounds=bounds,
        name=texts([item[2] for item in structure.objects]),
        columns=columns,
    )


def _columns(structure: Structure, sheet: properties.Sheet) -> dict[str, Column]:
    """Return the columns that IFC itself names; those that nobody fills are left out."""
    places: dict[str, dict[str, int]] = {}
    wanted = ("Description", "ObjectType", "LongName", "Tag", "PredefinedType", "Elevation")
    found: dict[str, list[Any]] = {name: [] for name in wanted}
    for item, kind in zip(structure.objects, structure.kinds, strict=True):
        index = places.get(kind)
        if index is None:
            names = [item.attribute_name(i) for i in range(len(item))]
            index = places[kind] = {n: i for i, n in enumerate(names) if n in wanted}
        for name in wanted:
            found[name].append(item[index[name]] if name in index else None)
    found["Storey"] = list(structure.storeys)
    found["Type"] = list(sheet.types)
    return {
        name: properties.column_of(values)
        for name, values in found.items()
        if any(value is not None for value in values)
    }


def _units(structure: Structure) -> tuple[str, ...]:
    present = set(structure.kinds)
    found = tuple(kind for kind in UNITS if kind in present)
    return found or (("IfcSite",) if "IfcSite" in present else ("IfcProject",))


def _facts(file: Any) -> dict[str, str]:
    """Return what the header says and a person may want to see; no personal names."""
    name = file.header.file_name
    facts = {
        "generator": name.originating_system,
        "preprocessor": name.preprocessor_version,
        "file time": name.time_stamp,
        "view": "; ".join(file.header.file_description.description or ()),
    }
    return {key: value for key, value in facts.items() if value}


def _problems(model: Model, missing: list[int], found: list[shapes.Shape]) -> tuple[Problem, ...]:
    """Return a problem for each element that no kernel gave a shape."""
    there = {shape.step for shape in found}
    problems = []
    for step in missing:
        if step in there:
            continue
        item = model.file.by_id(step)
        kinds = sorted({str(rep[2]) for rep in item[6][2] or ()})
        reason = f"representation {', '.join(kinds) or 'empty'}"
        text = f"{item.is_a()} #{step} has no picture: {reason} gave no triangles"
        params = {"kind": item.is_a(), "reason": reason, "step": step}
        problems.append(Problem("ifc.no_geometry", text, item[0] or f"#{step}", params))
    return tuple(problems)
