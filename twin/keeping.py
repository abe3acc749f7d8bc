"""The twin and its project file: every edit is committed as it is made, loading replays nothing.

What is kept is compared with what was committed last, so a commit holds only what changed.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid5

import numpy as np

from twin.edits import (
    Edit,
    RemoveLayer,
    SetCells,
    SetColorBy,
    SetHidden,
    SetRecord,
    SetScenario,
    Together,
)
from twin.errors import TwinError
from twin.features import TEXT
from twin.geometry import Rows
from twin.journal_words import PERSONS
from twin.maintenance.rules import Absence, Choices
from twin.records import PLAIN, Display, Party, SourceRef
from twin.scene import Layer, LayerId, Twin
from twin.store import Entry, Key, Override, Project, Put, Store, create_project, open_project
from twin.store import autosave as new_autosave
from twin.style import ColorBy

log = logging.getLogger(__name__)

DIRECT = (
    "assumptions",
    "parties", "responsibilities", "policies", "zones", "evidence", "sidecars", "datasets", "orders", "links", "bookmarks", "stories", "annotations",
    "sections", "measurements", "topics", "exchanges", "files", "snapshots",
    "bim_settings", "bim_inputs", "scenarios", "results", "routes",
)  # fmt: skip
"""Records of the twin that the store keeps as they are; the rest are documents."""

HIDDEN = "hidden:"
"""Documents of this name hold what a person hid in a layer."""
DISPLAY = "display:"
"""Documents of this name hold how a layer is shown, where that differs from the usual."""
Kept = dict[Key, Any]


@dataclass
class Keeper:
    """Keeps a twin in a store. Without a store nothing is kept; ``folder`` is where unsaved work goes
    (None: unsaved work is not kept, as on the command line)."""

    twin: Twin
    report: Callable[[str, TwinError], None]
    author: str = ""
    folder: Path | None = None
    store: Store | None = None
    saved: bool = False
    overrides: dict[str, Override] = field(default_factory=dict)
    sources: dict[LayerId, SourceRef] = field(default_factory=dict)
    committed: Kept = field(default_factory=dict)
    remembered: dict[str, Any] = field(default_factory=dict)
    """State of the session that comes back with the project: plain documents by name."""

    @property
    def actor(self) -> str:
        """Return the party id of whoever edits: the chain of the journal never holds a name."""
        return str(uuid5(PERSONS, self.author)) if self.author else "nobody"

    @property
    def path(self) -> Path | None:
        """Return the project file that a person named; None while the work is unsaved."""
        return self.store.path if self.store is not None and self.saved else None

    def record(self, verb: str, edit: Edit, words: dict[str, Any]) -> None:
        """Take in a journalled edit: called by the history after it was applied."""
        if self.store is None and self.folder is None:
            return
        for one in _parts(edit):
            if isinstance(one, SetCells):
                self._override(one)
            if isinstance(one, RemoveLayer):
                self.sources.pop(one.layer, None)
        try:
            if self.store is None and self.folder is not None:
                self.store = new_autosave(self.folder, who=self.actor)
            self.commit(({"verb": verb, **words},))
        except TwinError as error:
            self.report(str(self.path or self.folder), error)

    def do(self, edit: Edit) -> None:
        """Apply an edit and store it, where nobody can undo it (the command line). Raises StoreError."""
        words = edit.describe(self.twin) if edit.journal else {}
        edit.apply(self.twin)
        self.record("do", edit, words)

    def _override(self, edit: SetCells) -> None:
        layer = self.twin.layers[edit.layer]
        for row, value in zip(edit.rows, edit.values, strict=True):
            key = str(layer.features.id[row])
            before = self.overrides.get(f"{edit.layer}#{key}", Override(edit.layer, key))
            attributes = {**before.attributes, edit.column: _plain(value)}
            changed = Override(edit.layer, key, attributes)
            self.overrides[changed.uid] = changed

    def commit(self, entries: tuple[Mapping[str, Any], ...] = (), *, whole: bool = False) -> None:
        """Store what changed since the last commit. Raises StoreError; a conflict is reported.

        What is hidden is no journalled edit and can be a million rows: it is stored with ``whole``.
        """
        if self.store is None:
            return
        kept = self._kept()
        kept.update(self._hidden() if whole else _of_kind(self.committed, "styles", HIDDEN))
        changes = [Put(*key, value) for key, value in kept.items() if _differs(self, key, value)]
        changes += [Put(*key, None) for key in self.committed if key not in kept]
        if not changes and not entries:
            return
        done = self.store.commit(changes, entries, by=self.actor)
        for conflict in done.conflicts:
            self.report(str(self.store.path), conflict.error())
        if not done.conflicts:
            self.committed = kept

    def _kept(self) -> Kept:
        """Return everything worth keeping, by kind and uid."""
        kept: Kept = {("sources", key): ref for key, ref in self.sources.items()}
        if self.author:
            person = Party(self.actor, self.author, organisation=False)
            kept["parties", person.id] = person
        for key, layer in self.twin.layers.items():
            ref = replace(layer.source, visible=layer.visible, title=layer.title)
            kept["sources", key] = ref
        kept.update(self._displays())
        for kind in DIRECT:
            kept.update({(kind, key): value for key, value in self.twin.records[kind].items()})
        kept.update({("overrides", uid): item for uid, item in self.overrides.items()})
        absences = [
            {**asdict(item), "start": str(item.start), "end": str(item.end)}
            for item in self.twin.records["absences"].values()
        ]
        choices = self.twin.records["choices"].get("choices", Choices())
        kept["settings", "rules"] = {
            "absences": absences,
            "aliases": dict(self.twin.records["aliases"]),
            "choices": asdict(choices),
        }
        frame = {"crs": self.twin.crs, "vertical": self.twin.vertical}
        kept["settings", "project"] = {"title": self.twin.title, **frame}
        if self.remembered:
            kept["settings", "session"] = dict(self.remembered)
        if self.twin.color_by.chosen:
            kept["styles", "color_by"] = {"column": self.twin.color_by.column}
        if self.twin.scenario:
            kept["styles", "scenario"] = {"id": self.twin.scenario}
        return kept

    def _displays(self) -> Kept:
        """Return how layers are shown; a layer that is not there (yet) keeps what was stored."""
        found = _of_kind(self.committed, "styles", DISPLAY)
        gone = [key for key in found if key[1].removeprefix(DISPLAY) not in self.sources]
        for key in gone:
            del found[key]
        for name, layer in self.twin.layers.items():
            found.pop(("styles", f"{DISPLAY}{name}"), None)
            if layer.display != PLAIN:
                found["styles", f"{DISPLAY}{name}"] = asdict(layer.display)
        return found

    def display(self, key: LayerId) -> Display:
        """Return how a layer that comes back is shown. Unknown or damaged entries are the usual."""
        said = self.committed.get(("styles", f"{DISPLAY}{key}"), {})
        usual: dict[str, Any] = asdict(PLAIN)
        try:
            return Display(**{x: type(usual[x])(said[x]) for x in usual if x in said})
        except (TypeError, ValueError):
            return PLAIN

    def _hidden(self) -> Kept:
        """Return the ids a person hid, per layer; where most are hidden, those still shown."""
        found: Kept = {}
        for key, layer in self.twin.layers.items():
            if layer.hidden is None:
                continue
            ids = layer.features.id[: len(layer.hidden)]
            most = 2 * int(layer.hidden.sum()) > len(layer.hidden)
            chosen = ids[~layer.hidden] if most else ids[layer.hidden]
            document = {"layer": key, "all_but" if most else "ids": chosen.tolist()}
            found["styles", f"{HIDDEN}{key}"] = document
        return found

    # -- opening and saving -------------------------------------------------------------------

    def load(self, path: Path, *, saved: bool = True) -> Project:
        """Open a project and put its records into the twin. Raises StoreError.

        ``saved`` False: it is unsaved work that was left behind, and stays unsaved.
        """
        store = open_project(path, who=self.actor)
        self.close()
        project = store.load()
        self.store, self.saved = store, saved
        self.sources = dict(project.records["sources"])
        self.overrides = dict(project.records["overrides"])
        self.committed = {
            (kind, uid): value
            for kind, part in project.records.items()
            for uid, value in part.items()
        }
        self.remembered.clear()
        self.remembered.update(project.records["settings"].get("session", {}))
        for edit in _records(project):
            edit.apply(self.twin)
        self.twin.put_records("orders", project.records["orders"])  # too many to tell of each
        return project

    def create(self, path: Path) -> None:
        """Start an empty project at a path. Raises StoreError."""
        self.store, self.saved = create_project(path, who=self.actor), True
        self.commit(({"action": "project.create", "object": path.name},))

    def save_as(self, path: Path) -> None:
        """Keep the project at another path from now on; unsaved work moves there. Raises StoreError."""
        if self.store is None and self.folder is None:
            self.create(path)
            return
        if self.store is None and self.folder is not None:
            self.store = new_autosave(self.folder, who=self.actor)
        assert self.store is not None
        self.commit(whole=True)
        before, was_saved = self.store, self.saved
        before.save_as(path)
        before.close()
        if not was_saved:
            before.path.unlink(missing_ok=True)
        self.store, self.saved = open_project(path, who=self.actor), True
        self.store.load()

    def journal(self) -> tuple[Entry, ...]:
        """Return the journal's entries, oldest first."""
        return () if self.store is None else self.store.journal()

    def close(self) -> None:
        """Commit what is not journalled and let go of the file."""
        if self.store is not None:
            try:
                self.commit(whole=True)
            except TwinError as error:
                self.report(str(self.store.path), error)
            self.store.close()
            if not self.saved and self._nothing_in_it():
                self.store.path.unlink(missing_ok=True)
            self.store = None

    def _nothing_in_it(self) -> bool:
        """Return whether losing the project would lose nothing; who edits is not content."""
        kinds = [kind for kind in DIRECT if kind != "parties"]
        records = any(self.twin.records[kind] for kind in kinds)
        return not (self.twin.layers or self.sources or self.overrides or records)

    # -- layers that come back ------------------------------------------------------------------

    def restore(self, layer: Layer) -> Edit | None:
        """Return what persons decided about a layer's objects, as one edit; None = nothing."""
        rows = layer.features.rows_by_id
        mine = [item for item in self.overrides.values() if item.source == layer.id]
        found = [(rows[item.object_id], item) for item in mine if item.object_id in rows]
        edits: list[Edit] = []
        said = self.committed.get(("styles", f"{HIDDEN}{layer.id}"))
        if said is not None:
            edits.append(_hide(layer, said))
        columns: dict[str, list[tuple[int, Any]]] = {}
        for row, item in found:
            for name, value in item.attributes.items():
                if name in layer.features.columns:
                    columns.setdefault(name, []).append((row, value))
        edits += [_cells(layer, name, cells) for name, cells in columns.items()]
        return Together(tuple(edits)) if edits else None


@contextmanager
def records_of(path: Path, author: str = "") -> Iterator[Keeper]:
    """Open a project for its records alone: nothing of its sources is read. Raises StoreError.

    ``Keeper.twin`` holds the records; what ``Keeper.do`` changes is committed.
    """
    keeper = Keeper(Twin(), _raised, author)
    project = keeper.load(path)
    frame = project.records["settings"].get("project", {})
    keeper.twin.title = str(frame.get("title", ""))
    keeper.twin.crs = str(frame.get("crs", ""))
    keeper.twin.vertical = str(frame.get("vertical", ""))
    try:
        yield keeper
    finally:
        if (
            keeper.store is not None
        ):  # no ``Keeper.close``: what is hidden in layers is not known here
            keeper.store.close()
            keeper.store = None


def _raised(_: str, error: TwinError) -> None:
    raise error


def _cells(layer: Layer, name: str, cells: list[tuple[int, Any]]) -> Edit:
    kind = layer.features.columns[name].dtype
    values = [value for _, value in cells]
    column = np.array(values, TEXT) if kind.kind == "T" else np.array(values).astype(kind)
    rows: Rows = np.array([row for row, _ in cells], np.int32)
    return SetCells(layer.id, name, rows, column, journal=False)


def _hide(layer: Layer, said: Mapping[str, Any]) -> Edit:
    named = set(said.get("ids", said.get("all_but", ())))
    ids = layer.features.id.tolist()
    inside = np.fromiter((key in named for key in ids), np.bool_, len(ids))
    rows = np.flatnonzero(inside if "ids" in said else ~inside).astype(np.int32)
    return SetHidden(layer.id, rows, True)


def _of_kind(kept: Kept, kind: str, prefix: str) -> Kept:
    return {
        key: value for key, value in kept.items() if key[0] == kind and key[1].startswith(prefix)
    }


def _parts(edit: Edit) -> tuple[Edit, ...]:
    if isinstance(edit, Together):
        return tuple(part for inner in edit.edits for part in _parts(inner))
    return (edit,)


def _differs(keeper: Keeper, key: Key, value: Any) -> bool:
    known = keeper.committed.get(key, keeper)
    return known is not value and bool(known != value)


def _plain(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        return str(value)
    return value.item() if isinstance(value, np.generic) else value


def _records(project: Project) -> list[Edit]:
    """Return the edits that put a project's records into a twin; none of them is journalled."""
    kept = project.records
    edits: list[Edit] = [
        SetRecord(kind, uid, value, journal=False)
        for kind in DIRECT
        if kind != "orders"
        for uid, value in kept[kind].items()
    ]
    rules = kept["settings"].get("rules", {})
    for number, item in enumerate(rules.get("absences", []), 1):
        times = {name: np.datetime64(item[name], "ms") for name in ("start", "end")}
        edits.append(SetRecord("absences", f"A{number:04d}", Absence(**{**item, **times}), False))
    aliases = rules.get("aliases", {})
    edits += [SetRecord("aliases", name, party, False) for name, party in aliases.items()]
    if "choices" in rules:
        edits.append(SetRecord("choices", "choices", Choices(**rules["choices"]), False))
    style = kept["styles"].get("color_by")
    if style is not None:
        edits.append(SetColorBy(ColorBy(str(style["column"]))))
    shown = kept["styles"].get("scenario", {}).get("id", "")
    if shown in kept["scenarios"]:
        edits.append(SetScenario(str(shown)))
    return edits
