"""Every change as reversible data, and the history of them. Nothing else changes the twin."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.features import Column
from twin.geometry import Rows
from twin.journal_words import plain, plainly, said
from twin.records import Display, SourceRef
from twin.scene import Aspect, Layer, LayerId, Twin, with_hidden
from twin.style import ColorBy


class Edit(Protocol):
    """A delta with an exact inverse. ``journal`` = worth an entry in the journal."""

    @property
    def journal(self) -> bool:
        """Return whether the edit belongs into the journal."""
        ...

    def apply(self, twin: Twin) -> "Edit":
        """Change the twin and return the inverse."""
        ...

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Return the journal's words: objects by id, plain values. Called before ``apply``."""
        ...


@dataclass(frozen=True, slots=True)
class AddLayer:
    """Put a layer into the twin."""

    layer: Layer
    journal: bool = True

    def apply(self, twin: Twin) -> Edit:
        """Add it."""
        twin.put_layer(self.layer, Aspect.LAYERS)
        return RemoveLayer(self.layer.id)

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Name the source."""
        return {"action": "layer.add", "object": self.layer.id, "after": self.layer.source.path}


@dataclass(frozen=True, slots=True)
class RemoveLayer:
    """Take a layer out of the twin."""

    layer: LayerId
    journal: bool = True

    def apply(self, twin: Twin) -> Edit:
        """Remove it."""
        return AddLayer(twin.drop_layer(self.layer))

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Name the source."""
        path = twin.layer(self.layer).source.path
        return {"action": "layer.remove", "object": self.layer, "before": path}


@dataclass(frozen=True, slots=True)
class SetVisible:
    """Show or hide a whole layer."""

    layer: LayerId
    visible: bool
    journal: bool = False

    def apply(self, twin: Twin) -> Edit:
        """Set it."""
        layer = twin.layer(self.layer)
        twin.put_layer(replace(layer, visible=self.visible), Aspect.VISIBILITY)
        return SetVisible(self.layer, layer.visible)

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Not journalled; said for completeness."""
        return {"action": "layer.visible", "object": self.layer, "after": self.visible}


@dataclass(frozen=True, slots=True)
class SetTitle:
    """Rename a layer."""

    layer: LayerId
    title: str
    journal: bool = True

    def apply(self, twin: Twin) -> Edit:
        """Set it."""
        layer = twin.layer(self.layer)
        twin.put_layer(replace(layer, title=self.title), Aspect.LAYERS)
        return SetTitle(self.layer, layer.title)

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Say old and new title."""
        before = twin.layer(self.layer).title
        return {
            "action": "layer.title",
            "object": self.layer,
            "before": before,
            "after": self.title,
        }


@dataclass(frozen=True, slots=True)
class SetSource:
    """Change what a person decided about a layer's source: mapping, system, address.

    The workspace sees the difference, opens the source again and puts what comes in the layer's place.
    """

    layer: LayerId
    source: SourceRef
    journal: bool = True

    def apply(self, twin: Twin) -> Edit:
        """Set it; the inverse holds the source before."""
        layer = twin.layer(self.layer)
        twin.put_layer(replace(layer, source=self.source), Aspect.PROJECT)
        return SetSource(self.layer, layer.source)

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Say the fields that change."""
        before = twin.layer(self.layer).source
        changed = [
            item.name
            for item in fields(SourceRef)
            if getattr(before, item.name) != getattr(self.source, item.name)
        ]
        return {
            "action": "layer.source",
            "object": self.layer,
            "before": {name: plainly(getattr(before, name)) for name in changed},
            "after": {name: plainly(getattr(self.source, name)) for name in changed},
        }


@dataclass(frozen=True, slots=True)
class SetDisplay:
    """Show a layer otherwise: error, budget, opacity, height offset, colour."""

    layer: LayerId
    display: Display
    journal: bool = True

    def apply(self, twin: Twin) -> Edit:
        """Set it."""
        layer = twin.layer(self.layer)
        twin.put_layer(replace(layer, display=self.display), Aspect.DISPLAY)
        return SetDisplay(self.layer, layer.display)

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Say what was and what is."""
        before = asdict(twin.layer(self.layer).display)
        after = asdict(self.display)
        changed = [name for name in after if after[name] != before[name]]
        return {
            "action": "layer.display",
            "object": self.layer,
            "before": {name: before[name] for name in changed},
            "after": {name: after[name] for name in changed},
        }


@dataclass(frozen=True, slots=True)
class SetHidden:
    """Hide or show objects; ``hidden`` is one flag for all rows or one per row."""

    layer: LayerId
    rows: Rows
    hidden: NDArray[np.bool_] | bool
    journal: bool = False

    def apply(self, twin: Twin) -> Edit:
        """Set it; the inverse restores each row's own state."""
        layer = twin.layer(self.layer)
        before = np.zeros(len(self.rows), np.bool_)
        if layer.hidden is not None:
            known = self.rows < len(layer.hidden)
            before[known] = layer.hidden[self.rows[known]]
        wanted = np.broadcast_to(np.asarray(self.hidden, np.bool_), self.rows.shape)
        twin.put_layer(with_hidden(layer, self.rows, wanted), Aspect.VISIBILITY, self.rows)
        return SetHidden(self.layer, self.rows, before)

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Not journalled; said for completeness."""
        return {"action": "objects.hide", "object": self.layer, "after": len(self.rows)}


@dataclass(frozen=True, slots=True)
class SetCells:
    """Override attribute values of objects: ``columns[column][rows] = values``."""

    layer: LayerId
    column: str
    rows: Rows
    values: Column
    journal: bool = True

    def apply(self, twin: Twin) -> Edit:
        """Set the cells; the inverse holds the old ones."""
        layer = twin.layer(self.layer)
        before = layer.features[self.column][self.rows].copy()
        table = layer.features.with_cells(self.column, self.rows, self.values)
        twin.put_layer(replace(layer, features=table), Aspect.FEATURES, self.rows)
        return SetCells(self.layer, self.column, self.rows, before)

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Say column, ids, old and new values."""
        table = twin.layer(self.layer).features
        ids = [str(key) for key in table.id[self.rows]]
        return {
            "action": "cells.set",
            "object": ids,
            "before": {self.column: [plain(v) for v in table[self.column][self.rows]]},
            "after": {self.column: [plain(v) for v in self.values]},
        }


@dataclass(frozen=True, slots=True)
class SetRecord:
    """Add, change (``record``) or remove (None) one record: party, policy, order, bookmark ..."""

    kind: str
    key: str
    record: Any | None
    journal: bool = True

    def apply(self, twin: Twin) -> Edit:
        """Put it; the inverse holds the one before."""
        return SetRecord(self.kind, self.key, twin.put_record(self.kind, self.key, self.record))

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Say which record; persons by id only."""
        before, after = said(self.kind, twin.records[self.kind].get(self.key), self.record)
        return {
            "action": f"{self.kind}.set" if self.record is not None else f"{self.kind}.remove",
            "object": self.key,
            "before": before,
            "after": after,
        }


@dataclass(frozen=True, slots=True)
class SetColorBy:
    """Colour the city by another column."""

    color_by: ColorBy
    journal: bool = False

    def apply(self, twin: Twin) -> Edit:
        """Set it."""
        return SetColorBy(twin.put_color_by(self.color_by))

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Not journalled; said for completeness."""
        return {"action": "view.color_by", "object": "", "after": self.color_by.column}


@dataclass(frozen=True, slots=True)
class SetScenario:
    """See another scenario; '' = the city as it stands."""

    scenario: str
    journal: bool = False

    def apply(self, twin: Twin) -> Edit:
        """Set it."""
        return SetScenario(twin.put_scenario(self.scenario))

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Not journalled; said for completeness."""
        return {"action": "scenarios.show", "object": self.scenario}


@dataclass(frozen=True, slots=True)
class Together:
    """Several edits as one step."""

    edits: tuple[Edit, ...]

    @property
    def journal(self) -> bool:
        """Return whether any part belongs into the journal."""
        return any(edit.journal for edit in self.edits)

    def apply(self, twin: Twin) -> Edit:
        """Apply in order; the inverse undoes in reverse order."""
        return Together(tuple(reversed([edit.apply(twin) for edit in self.edits])))

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Say every journalled part."""
        parts = [edit.describe(twin) for edit in self.edits if edit.journal]
        return {"action": "together", "object": "", "after": parts}


Recorder = Callable[[str, Edit, dict[str, Any]], None]
"""Called after each change with the verb (do, undo, redo), the edit and its description."""


class History:
    """Undo and redo: two lists of inverses, bounded by number of steps."""

    def __init__(self, twin: Twin, limit: int = 1000) -> None:
        """Start with nothing to undo."""
        self._twin = twin
        self._limit = limit
        self._undo: list[tuple[str, Edit]] = []
        self._redo: list[tuple[str, Edit]] = []
        self.record: Recorder | None = None

    def do(self, name: str, edit: Edit) -> None:
        """Apply an edit under the name of its command."""
        self._undo.append((name, self._apply("do", edit)))
        del self._undo[: -self._limit]
        self._redo.clear()

    def keep(self, edit: Edit) -> None:
        """Apply an edit that the program makes by itself: journalled, but no step to take back."""
        self._apply("do", edit)

    def undo(self) -> str:
        """Take back the last step; return its name ('' when there is none)."""
        return self._move("undo", self._undo, self._redo)

    def redo(self) -> str:
        """Do again what was taken back; return its name ('' when there is none)."""
        return self._move("redo", self._redo, self._undo)

    def _move(
        self, verb: str, source: list[tuple[str, Edit]], target: list[tuple[str, Edit]]
    ) -> str:
        if not source:
            return ""
        name, edit = source.pop()
        target.append((name, self._apply(verb, edit)))
        return name

    def _apply(self, verb: str, edit: Edit) -> Edit:
        words = edit.describe(self._twin) if edit.journal else {}
        inverse = edit.apply(self._twin)
        if edit.journal and self.record is not None:
            self.record(verb, edit, words)
        return inverse

    def forget_rows(self, layer: LayerId) -> None:
        """Drop the steps that name rows of a layer whose rows were numbered anew."""
        for steps in (self._undo, self._redo):
            kept = [(name, _without_rows(edit, layer)) for name, edit in steps]
            steps[:] = [(name, edit) for name, edit in kept if edit is not None]

    @property
    def undoable(self) -> str:
        """Return the name of the step that undo would take back ('' = none)."""
        return self._undo[-1][0] if self._undo else ""

    @property
    def redoable(self) -> str:
        """Return the name of the step that redo would do ('' = none)."""
        return self._redo[-1][0] if self._redo else ""


def _without_rows(edit: Edit, layer: LayerId) -> Edit | None:
    """Return an edit without its parts about rows of a layer; None when nothing is left."""
    if isinstance(edit, SetCells | SetHidden) and edit.layer == layer:
        return None
    if isinstance(edit, Together):
        parts = [part for one in edit.edits if (part := _without_rows(one, layer)) is not None]
        return Together(tuple(parts)) if parts else None
    return edit
