"""Opening an IFC (table, tree, first picture) and fetching its tiles.

The first picture is the first tile: exact, never thrown away. Objects are cut into tiles in the
order in which the geometry iterator delivers them, so that waiting for a tile waits for nothing
else; objects that share a geometry stay in one tile.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loaders.ifc import curves, georeference, meshes, properties, provenance, shapes
from loaders.ifc.body import body_of
from loaders.ifc.careful import MOST_TRIES, Journal, OneByOne
from loaders.ifc.choosing import Chosen, choose, undrawn
from loaders.ifc.curves import Curves
from loaders.ifc.describing import describe
from loaders.ifc.extents import Sizes, enclose, extents
from loaders.ifc.ghosts import ghostly
from loaders.ifc.makers import Makers, start
from loaders.ifc.options import AUTO, OPTIONS
from loaders.ifc.reading import Model, read, sound
from loaders.ifc.redoing import lacking, redo
from loaders.ifc.states import STATE, State, of_file, state_column, states
from loaders.ifc.structure import UNITS, Structure, arrange
from loaders.ifc.tiling import apart, tiles_of, tree_of
from loaders.ifc.units import metres
from loaders.ifc.unread import Unread
from loaders.ifc.unsound import built_on, unsound
from twin.features import Column, FeatureTable, encode, texts
from twin.geometry import F64, empty_box
from twin.ports import Content, Feedback, Lane, Opened, Options
from twin.records import About, Problem

LENGTHS = ("Elevation", "OverallHeight", "OverallWidth")
ATTRIBUTES = ("Description", "ObjectType", "LongName", "Tag", "PredefinedType", *LENGTHS)
"""Attributes of the classes themselves that are columns."""


@dataclass(frozen=True, slots=True)
class IfcSource:
    """One IFC file. ``fetch`` continues the iterator that ``open`` started in the same worker.

    ``attempt`` counts the tries after a process died: then elements are made one by one.
    """

    location: str
    options: Options
    lane: Lane = Lane.PROCESS
    attempt: int = 0

    def open(self, feedback: Feedback) -> Opened:
        """Return the table, the tree and the first tile. Raises OpenError."""
        feedback.progress(0.0, "reading")
        journal = self._journal("open")
        model = self._read(feedback)
        with sound(self.location), shapes.quiet(model.file):
            return self._open(model, journal, feedback)

    def careful(self) -> "IfcSource | None":
        """Return the source for the next try in a fresh process; None after too many."""
        return replace(self, attempt=self.attempt + 1) if self.attempt < MOST_TRIES else None

    def _journal(self, what: str) -> Journal | None:
        if not self.attempt:
            return None
        return Journal.at(self.location, what, self.options.cache, self.attempt)

    def _read(self, feedback: Feedback) -> Model:
        encoding = self.options.values.get("encoding", AUTO)
        return read(self.location, feedback, "" if encoding == AUTO else encoding)

    def _open(self, model: Model, journal: Journal | None, feedback: Feedback) -> Opened:
        chosen = _chosen(model, self.options)
        makers = _makers(model, list(chosen.bodies), journal, feedback)
        feedback.progress(0.2, "objects")
        structure = arrange(model.file)
        model.kept |= {"makers": makers, "structure": structure}
        tiles = tiles_of(makers.order(list(chosen.bodies)), chosen.curves)
        opened = self._described(model, structure, tiles, feedback)
        feedback.progress(0.6, "geometry")
        if journal is not None:
            del model.kept["makers"]  # of the tiles only the one that kills is made slowly
            journal.close()
        elif tiles:
            first = int(len(opened.tree) > 1)
            content = _content(model, list(opened.tokens[first]), makers, feedback)
            return replace(opened, ready={first: content})
        return opened

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | None:
        """Return a tile's geometry; ``token`` holds the step numbers of its elements."""
        if not token:
            return None
        journal = self._journal(f"tile {tile}")
        model = self._read(feedback)
        with sound(self.location), shapes.quiet(model.file):
            _chosen(model, self.options)
            steps = [int(step) for step in token]
            makers = model.kept.get("makers") if journal is None else None
            makers = makers or _makers(model, steps, journal, feedback)
            content = _content(model, steps, makers, feedback)
            if journal is not None:
                journal.close()
            return content

    def _described(
        self, model: Model, structure: Structure, tiles: list[list[int]], feedback: Feedback
    ) -> Opened:
        file = model.file
        unread = Unread()
        sheet = properties.gather(file, structure.row_of, unread)
        columns = {
            **_columns(structure),
            **describe(file, structure, sheet, unread),
            **properties.columns(sheet),
        }
        why, lost = undrawn(model.kept["chosen"], structure)
        whole = of_file(file, self.location)
        known = states(sheet.own, sheet.units, structure.parent, whole)
        columns |= {**why, **state_column(known)}
        bounds = model.kept["bounds"] = _bounds(model, structure, feedback)
        tiles = apart(tiles, bounds, structure.row_of)
        place = georeference.read(file, body_of(bounds, structure.parent))
        table = replace(_table(structure, columns, bounds), units=_measured(sheet))
        project = file.by_type("IfcProject")[0]
        return Opened(
            title=project[2] or Path(self.location).name,
            about=About(
                "ifc", file.schema_identifier, place.crs, place.vertical,
                fields={**_facts(file), **_told(whole), **place.fields}, routes=place.routes,
                extent=place.extent, options=OPTIONS,
            ),
            tree=tree_of(tiles, bounds, structure.row_of),
            features=table,
            observations=provenance.observe(
                file, structure, columns, provenance.drafts(structure, known), unread
            ),
            problems=(
                *model.problems, *structure.problems, *place.problems, *lost, *unread.problems(),
                *unsound(model.kept["doubted"], structure),
            ),
            tokens=((), *map(tuple, tiles)) if len(tiles) != 1 else (tuple(tiles[0]),),
            unit_kinds=_units(structure),
            frame=place.frame,
        )  # fmt: skip


def _chosen(model: Model, options: Options) -> Chosen:
    """Return what is drawn of a model, decided once; what other options made is let go."""
    if model.kept.get("values") != options.values:
        model.let_go()
        model.kept["values"] = options.values
        model.kept["doubted"] = built_on(model.file, model.wrong)
        model.kept["chosen"] = choose(model.file, options.values, model.kept["doubted"])
        model.kept["curves"] = Curves(model.file)
    chosen: Chosen = model.kept["chosen"]
    return chosen


def _makers(
    model: Model, steps: list[int], journal: Journal | None, feedback: Feedback
) -> Makers | OneByOne:
    """Return who makes some elements: the quick ones, or after a crash the careful one."""
    model.kept["curves"].journal = journal
    if journal is None:
        thin = set(model.kept["chosen"].curves)
        return start(model, [step for step in steps if step not in thin], feedback)
    return OneByOne(model.file, journal, Sizes(model.file))


def _content(
    model: Model, steps: list[int], makers: Makers | OneByOne, feedback: Feedback
) -> Content:
    """Return the drawables of some elements; what the first kernel misses is asked of the second."""
    structure = model.kept.get("structure")
    if structure is None:
        structure = model.kept["structure"] = arrange(model.file)
    thin = set(model.kept["chosen"].curves)
    lines = [step for step in steps if step in thin]
    steps = [step for step in steps if step not in thin]
    sketches = model.kept["curves"].take(lines, feedback)
    found, geometries = makers.take(steps, feedback)
    bare = shapes.bare(steps, found, geometries)
    lost = [step for step in lines if step not in sketches]
    problems: tuple[Problem, ...] = ()
    if isinstance(makers, OneByOne):
        problems = tuple(makers.problems([*steps, *lines]))
        lost, bare = [x for x in (*lost, *bare) if x not in makers.journal.guilty], []
    problems += tuple(lacking("no_geometry", model.file.by_id(step)) for step in lost)
    if bare:
        again, made, more = redo(model, bare, feedback)
        geometries.update(made)
        problems += more
        found = [*(shape for shape in found if shape.step not in set(bare)), *again]
    drawn = ghostly(found, geometries, structure.row_of, model.kept["chosen"].ghosts)
    return Content((*drawn, *curves.drawables(sketches, structure.row_of)), problems=problems)


def _bounds(model: Model, structure: Structure, feedback: Feedback) -> F64:
    """Return the bounds of all rows; shapes that cannot be sized without are made now."""
    makers, chosen = model.kept["makers"], model.kept["chosen"]
    if makers.own is not None:
        makers.own.boxes(feedback)
    bounds, unsure = extents(makers.sizes, structure, metres(model.file))
    drawn = set(chosen.bodies)
    steps = [structure.objects[row].id() for row in unsure]
    wanted = [step for step in steps if step in drawn]
    shown, geometries = makers.take(wanted, feedback, keep=True)
    for row, box in meshes.boxes(shown, geometries, structure.row_of).items():
        bounds[row] = box
    sketches = model.kept["curves"].take(chosen.curves, feedback)
    for step, box in curves.boxes(sketches).items():
        bounds[structure.row_of[step]] = box
    known = structure.row_of
    bounds[[known[step] for step in model.kept["doubted"] if step in known]] = empty_box()
    return enclose(bounds, structure)


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


def _told(whole: State) -> dict[str, str]:
    return {STATE: whole.text} if whole.text else {}


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
