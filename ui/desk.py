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
from twin.scene import Aspect, LayerId
from twin.session import Session
from twin.shown import with_parts
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

    def say(self, key: str, /, **params: object) -> str:
        """Return a text of the window."""
        return self.words.say(key, **params)

    def icon(self, name: str) -> QIcon:
        """Return an icon in the colours of the theme."""
        return icon(name, self.theme.t2, self.theme.accent_text)

    def run(self, name: str, **arguments: Any) -> bool:
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

    def select(self, layer: LayerId, row: int, mode: str = "replace") -> None:
        """Select one object."""
        self.session.select({layer: np.array([row], np.int32)}, mode)

    def hide(self, rows: Mapping[LayerId, Rows], hidden: bool = True) -> None:
        """Hide (or show) objects with all their parts, as one step that can be undone."""
        twin = self.session.twin
        edits = [
            SetHidden(key, with_parts(twin.layer(key).features, found), hidden)
            for key, found in rows.items()
        ]
        name = "objects.hide" if hidden else "objects.show"
        self.session.history.do(name, Together(tuple(edits)))

    def show_layer(self, layer: LayerId, visible: bool) -> None:
        """Show or hide a whole layer."""
        self.run("layers.show" if visible else "layers.hide", layer=layer)

    def journal(self) -> Sequence[dict[str, Any]]:
        """Return the entries of the project's journal."""
        return getattr(self.session, "journal", list)()

    @property
    def project_path(self) -> Path | None:
        """Return the file of the project; None while it was not saved by a person."""
        found: Path | None = getattr(self.session, "project_path", None)
        return found

    def only_selected(self) -> tuple[LayerId, int] | None:
        """Return the one selected object, or None when none or many are."""
        found = [(layer, rows) for layer, rows in self.session.selected.items() if len(rows)]
        if len(found) == 1 and len(found[0][1]) == 1:
            return found[0][0], int(found[0][1][0])
        return None


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


def count_selected(selected: Mapping[LayerId, Rows]) -> int:
    """Return how many objects are selected."""
    return sum(len(rows) for rows in selected.values())
