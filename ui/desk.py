"""What every panel is given: the session, the look, the words, and the way to say something back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QWidget

from twin.edits import SetHidden, Together
from twin.errors import TwinError
from twin.geometry import Rows
from twin.scene import Aspect, CityObject, LayerId
from twin.session import Session
from twin.shown import with_parts
from ui.panels.searching import Lowered
from ui.presenting.show import Show
from ui.theme import Theme, icon
from ui.wording import Wording


@dataclass
class Desk:
    """The panels' surroundings. ``act`` triggers a window action by name, ``tell`` shows a toast."""

    session: Session
    theme: Theme
    words: Wording
    act: Callable[..., None] = lambda name, *_: None
    tell: Callable[[str, str], None] = lambda text, kind: None
    panels: list["Panel"] = field(default_factory=list)
    layer: LayerId = ""
    """The layer whose page is shown."""
    result: str = ""
    """The result whose page is shown."""
    acting: str = ""
    """The party (id) as which a person acts on orders."""
    show: Show = field(default_factory=Show)
    """How a presentation stands."""
    lowered: Lowered = field(default_factory=dict)
    """Lower-case texts of the objects, for every search of the window."""

    def say(self, key: str, /, **params: object) -> str:
        """Return a text of the window."""
        return self.words.say(key, **params)

    def icon(self, name: str) -> QIcon:
        """Return an icon in the colours of the theme."""
        return icon(name, self.theme.t2, self.theme.accent_text)

    def title(self, thing: CityObject) -> str:
        """Return a readable title: the object's name, else its class and the beginning of its id."""
        if thing.name != thing.id:
            return thing.name
        short = thing.id if len(thing.id) <= 14 else f"{thing.id[:9]}…"
        return f"{self.kind(thing.kind)} {short}"

    def kind(self, kind: str) -> str:
        """Return a class in the language of the window, where the catalogue has it."""
        key = f"kind.{kind}"
        return self.words.catalogue.text(key) if self.words.catalogue.has(key) else kind

    def run(self, name: str, /, **arguments: Any) -> bool:
        """Run a command of the session; what goes wrong is told. Returns whether it went well."""
        try:
            self.session.run(name, **arguments)
        except TwinError as error:
            self.tell(self.error_text(error), "error")
            return False
        return True

    def error_text(self, error: TwinError) -> str:
        """Return an error's sentence in the language of the window."""
        key = f"error.{error.full_code}"
        if not self.words.catalogue.has(key):
            key = f"error.{error.code}"
        if self.words.catalogue.has(key):
            return self.words.catalogue.text(key, **error.params)
        return str(error)

    def alike(self, rows: Mapping[LayerId, Rows]) -> dict[LayerId, Rows]:
        """Return the rows with the other representations of the same objects (same dataset and id)."""
        layers = self.session.twin.layers
        found = {key: np.asarray(some, np.int32) for key, some in rows.items() if key in layers}
        for key, some in list(found.items()):
            mine = layers[key]
            for other in layers.values():
                if other.id == key or other.source.dataset != mine.source.dataset:
                    continue
                index = other.features.rows_by_id
                ids = [str(x) for x in mine.features.id[some]]
                more = np.array([index[x] for x in ids if x in index], np.int32)
                if len(more):
                    before = found.get(other.id, np.zeros(0, np.int32))
                    found[other.id] = np.union1d(before, more).astype(np.int32)
        return found

    def choose(self, rows: Mapping[LayerId, Rows], mode: str = "replace") -> None:
        """Select objects in all their representations."""
        self.session.select(self.alike(rows), mode)

    def select(self, layer: LayerId, row: int, mode: str = "replace") -> None:
        """Select one object."""
        self.choose({layer: np.array([row], np.int32)}, mode)

    def hide(self, rows: Mapping[LayerId, Rows], hidden: bool = True) -> None:
        """Hide (or show) objects with all their parts, as one step that can be undone."""
        twin = self.session.twin
        rows = self.alike(rows)
        edits = [
            SetHidden(key, with_parts(twin.layer(key).features, found), hidden)
            for key, found in rows.items()
        ]
        name = "objects.hide" if hidden else "objects.show"
        self.session.do(name, Together(tuple(edits)))

    def show_layer(self, layer: LayerId, visible: bool) -> None:
        """Show or hide a whole layer."""
        self.run("layers.show" if visible else "layers.hide", layer=layer)

    def journal(self) -> Sequence[dict[str, Any]]:
        """Return the entries of the project's journal."""
        return self.session.journal()

    @property
    def project_path(self) -> Path | None:
        """Return the file of the project; None while it was not saved by a person."""
        return self.session.project_path

    def only_selected(self) -> tuple[LayerId, int] | None:
        """Return the one selected object where it is counted, or None when none or many are."""
        found = self.counted_selected()
        if len(found) == 1 and len(found[0][1]) == 1:
            return found[0][0], int(found[0][1][0])
        return None

    def counted_selected(self) -> list[tuple[LayerId, Rows]]:
        """Return what is selected, each object once: other representations are left out."""
        found = []
        for key, rows in self.session.selected.items():
            layer = self.session.twin.layers.get(key)
            if layer is None:
                continue
            elsewhere = layer.counted_elsewhere
            own = rows[rows < len(layer.features)]
            if elsewhere is not None:
                own = own[~elsewhere[own]]
            if len(own):
                found.append((key, own))
        return found or [(key, rows) for key, rows in self.session.selected.items() if len(rows)]


class Panel(QWidget):
    """A part of the window that repaints when one of its aspects changed; it never edits."""

    watches: frozenset[Aspect] = frozenset()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setObjectName("panel")
        desk.panels.append(self)

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the twin again and repaint. Called at most once a tick."""

    def pass_time(self, now: float) -> None:
        """Follow what goes on without a change being told (work under way). Called every tick; cheap."""


def count_selected(desk: Desk) -> int:
    """Return how many objects are selected."""
    return sum(len(rows) for _, rows in desk.counted_selected())
