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
from loaders.ifc.body import body_of
from loaders.ifc.describing import describe
from loaders.ifc.extents import SKIPPED, enclose, extents
from loaders.ifc.makers import start
from loaders.ifc.reading import Model, read, sound
from loaders.ifc.redoing import redo
from loaders.ifc.structure import NOT_DRAWN, UNITS, Structure, arrange, of_types
from loaders.ifc.units import metres
from loaders.ifc.unsound import built_on, unsound
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
NO_BODY = (
    "Curve",
    "Curve2D",
    "Curve3D",
    "Point",
    "PointCloud",
    "Annotation2D",
    "Text",
    "BoundingBox",
)
"""Representation types without a surface: a segment of an alignment, a survey point."""
LENGTHS = ("Elevation", "OverallHeight", "OverallWidth")
ATTRIBUTES = ("Description", "ObjectType", "LongName", "Tag", "PredefinedType", *LENGTHS)
"""Attributes of the classes themselves that are columns."""


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
        with sound(self.location), shapes.quiet(model.file):
            return self._open(model, feedback)

    def _open(self, model: Model, feedback: Feedback) -> Opened:
        doubted = model.kept["doubted"] = built_on(model.file, model.wrong)
        drawn = [step for step in _drawn(model.file) if step not in doubted]
        makers = start(model, drawn)
        feedback.progress(0.2, "objects")
        structure = arrange(model.file)
        model.kept |= {"makers": makers, "structure": structure, "drawn": drawn}
        tiles = _tiles(makers.order(drawn))
        opened = self._described(model, structure, tiles, feedback)
        feedback.progress(0.6, "geometry")
        if tiles:
            first = int(len(tiles) > 1)
            content = _content(model, list(opened.tokens[first]), feedback)
            return replace(opened, ready={first: content})
        return opened

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | None:
        """Return a tile's geometry; ``token`` holds the step numbers of its elements."""
        if not token:
            return None
        model = read(self.location, feedback)
        with sound(self.location), shapes.quiet(model.file):
            return _content(model, [int(step) for step in token], feedback)

    def _described(
        self, model: Model, structure: Structure, tiles: list[list[int]], feedback: Feedback
    ) -> Opened:
        file = model.file
        sheet = properties.gather(file, structure.row_of)
        columns = {
            **_columns(structure),
            **describe(file, structure, sheet),
            **properties.columns(sheet),
        }
        bounds = model.kept["bounds"] = _bounds(model, structure, feedback)
        place = georeference.read(file, body_of(bounds, structure.parent))
        table = replace(_table(structure, columns, bounds), units=_measured(sheet))
        project = file.by_type("IfcProject")[0]
        return Opened(
            title=project[2] or Path(self.location).name,
            about=About(
                "ifc", file.schema_identifier, place.crs, place.vertical,
                fields={**_facts(file), **place.fields}, routes=place.routes,
                extent=place.extent,
            ),
            tree=_tree(structure, tiles, bounds),
            features=table,
            observations=provenance.observe(file, structure, columns),
            problems=(
                *model.problems, *structure.problems, *place.problems, *unsound(model.kept["doubted"], structure)
            ),
            tokens=((), *map(tuple, tiles)) if len(tiles) != 1 else (tuple(tiles[0]),),
            unit_kinds=_units(structure),
            frame=place.frame,
        )  # fmt: skip


def _content(model: Model, steps: list[int], feedback: Feedback) -> Content:
    """Return the drawables of some elements; what the first kernel misses is asked of the second."""
    structure = model.kept.get("structure")
    if structure is None:
        structure = model.kept["structure"] = arrange(model.file)
    makers = model.kept.get("makers") or start(model, steps)
    found, geometries = makers.take(steps, feedback)
    problems: tuple[Problem, ...] = ()
    bare = shapes.bare(steps, found, geometries)
    if bare:
        again, made, problems = redo(model, bare, feedback)
        geometries.update(made)
        found = [*(shape for shape in found if shape.step not in set(bare)), *again]
    return Content(meshes.drawables(found, geometries, structure.row_of), problems=problems)


def _drawn(file: Any) -> list[int]:
    """Return the step ids of the products that should have a picture, in file order."""
    hidden = of_types(file, NOT_DRAWN)
    return sorted(
        item.id()
        for item in file.by_type("IfcProduct")
        if item.id() not in hidden and _has_body(item[6])
    )


def _has_body(shape: Any) -> bool:
    """Return whether a product's definition holds more than axes, outlines and points."""
    return shape is not None and any(
        part[1] not in SKIPPED and part[2] not in NO_BODY and part[3] for part in shape[2] or ()
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


def _bounds(model: Model, structure: Structure, feedback: Feedback) -> F64:
    """Return the bounds of all rows; shapes that cannot be sized without are made now."""
    makers = model.kept["makers"]
    if makers.own is not None:
        makers.own.boxes()
    bounds, unsure = extents(makers.sizes, structure, metres(model.file))
    drawn = set(model.kept["drawn"])
    steps = [structure.objects[row].id() for row in unsure]
    wanted = [step for step in steps if step in drawn]
    shown, geometries = makers.take(wanted, feedback, keep=True)
    for row, box in meshes.boxes(shown, geometries, structure.row_of).items():
        bounds[row] = box
    doubted = [
        structure.row_of[step] for step in model.kept["doubted"] if step in structure.row_of
    ]
    bounds[doubted] = empty_box()
    return enclose(bounds, structure)


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


def _measured(sheet: properties.Sheet) -> dict[str, str]:
    """Return the units of the properties, and of the attributes that are lengths by their definition."""
    length = sheet.lengths
    own = dict.fromkeys(LENGTHS, length) if length else {}
    return {**own, **{name: unit for name, unit in sheet.units.items() if unit}}


def _columns(structure: Structure) -> dict[str, Column]:
    """Return the columns that IFC itself names; those that nobody fills are left out."""
    places: dict[str, dict[str, int]] = {}
    found: dict[str, list[Any]] = {name: [] for name in ATTRIBUTES}
    for item, kind in zip(structure.objects, structure.kinds, strict=True):
        index = places.get(kind)
        if index is None:
            names = [item.attribute_name(i) for i in range(len(item))]
            index = places[kind] = {n: i for i, n in enumerate(names) if n in found}
        for name in ATTRIBUTES:
            found[name].append(item[index[name]] if name in index else None)
    return {
        name: properties.column_of(values)
        for name, values in found.items()
        if any(value is not None for value in values)
    }


def _units(structure: Structure) -> tuple[str, ...]:
    present = set(structure.kinds)
    found = tuple(kind for kind in UNITS if kind in present)
    return found or (("IfcSite",) if "IfcSite" in present else ())


def _facts(file: Any) -> dict[str, str]:
    """Return what the header says and a person may want to see; no personal names."""
    name = file.header.file_name
    facts = {
        "generator": name.originating_system,
        "preprocessor": name.preprocessor_version,
        "file time": name.time_stamp,
        "view": "; ".join(file.header.file_description.description or ())[:200],
    }
    return {key: value for key, value in facts.items() if value}
