"""The tracks of a route act on the session while it is shown; what was there before comes back at the end.

What a route shows is no edit: nothing goes to the history or the journal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from twin.edits import SetColorBy, SetRecord, SetVisible
from twin.flythrough.naming import layer_named, rows_named, section_named
from twin.flythrough.state import State
from twin.scene import LayerId
from twin.session import Session
from twin.style import ColorBy

TRACKS = ("layers", "color_by", "as_of", "section", "highlight", "sun")
"""The tracks that change what the session shows; captions are painted over the view."""
LIT = (255, 178, 44)
"""The colour of what is highlighted."""


@dataclass(frozen=True, slots=True)
class Before:
    """What the session showed before a route did."""

    visible: Mapping[LayerId, bool]
    color_by: ColorBy
    as_of: Any
    known_at: Any
    sections: Mapping[str, bool]
    tints: Mapping[LayerId, Any]


class Acting:
    """Lets one route act on one session. ``muted`` tracks do nothing."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.muted: frozenset[str] = frozenset()
        self.before: Before | None = None
        self.shine: Callable[[Any], None] = lambda sun: None
        self._done: dict[str, Any] = {}

    @property
    def acting(self) -> bool:
        """Return whether the session shows what a route says."""
        return self.before is not None

    def act(self, now: State) -> None:
        """Show what a scene says; only what is different from before is touched."""
        if self.before is None:
            self._remember()
        said = {
            "layers": tuple(sorted(now.layers.items())), "color_by": now.color_by,
            "as_of": (now.as_of, now.known_at), "section": now.section,
            "highlight": now.highlight, "sun": now.sun,
        }  # fmt: skip
        for track in TRACKS:
            value = None if track in self.muted else said[track]
            if track not in self._done or self._done[track] != value:
                self._done[track] = value
                getattr(self, f"_{track}")(value)

    def end(self) -> None:
        """Show again what was there before."""
        if self.before is None:
            return
        for track in TRACKS:
            if self._done.get(track):
                getattr(self, f"_{track}")(None)
        self.before, self._done = None, {}

    def _remember(self) -> None:
        session, twin = self.session, self.session.twin
        sections = {key: one.visible for key, one in twin.records["sections"].items()}
        visible = {key: layer.visible for key, layer in twin.layers.items()}
        self.before = Before(
            visible, twin.color_by, session.as_of, session.known_at, sections, session.tints
        )
        self._done = dict.fromkeys(TRACKS)
        self._done |= {"as_of": (None, None), "layers": (), "highlight": ()}

    # -- the tracks ---------------------------------------------------------------------------

    def _layers(self, said: tuple[tuple[str, bool], ...] | None) -> None:
        twin, before = self.session.twin, self.before
        assert before is not None
        wanted = dict(before.visible)
        for name, shown in said or ():
            key = layer_named(twin, name)
            if key:
                wanted[key] = shown
        for key, shown in wanted.items():
            if key in twin.layers and twin.layers[key].visible != shown:
                SetVisible(key, shown).apply(twin)

    def _color_by(self, said: str | None) -> None:
        twin, before = self.session.twin, self.before
        assert before is not None
        column = "" if said in (None, "own") else str(said)
        wanted = before.color_by if said is None else replace(before.color_by, column=column)
        if twin.color_by != wanted:
            SetColorBy(wanted).apply(twin)

    def _as_of(self, said: tuple[Any, Any] | None) -> None:
        session, before = self.session, self.before
        assert before is not None
        as_of, known_at = said or (None, None)
        as_of = before.as_of if as_of is None else as_of
        known_at = before.known_at if known_at is None else known_at
        if (session.as_of, session.known_at) != (as_of, known_at):
            session.set_instants(as_of=as_of, known_at=known_at)

    def _section(self, said: str | None) -> None:
        twin, before = self.session.twin, self.before
        assert before is not None
        chosen = None if not said else section_named(twin, said)
        for key, one in list(twin.records["sections"].items()):
            shown = before.sections.get(key, one.visible)
            if said is not None:
                shown = chosen is not None and chosen.id == key
            if one.visible != shown:
                SetRecord("sections", key, replace(one, visible=shown)).apply(twin)

    def _highlight(self, said: tuple[str, ...] | None) -> None:
        before = self.before
        assert before is not None
        rows = rows_named(self.session.twin, said) if said else {}
        own = {key: [(some, LIT)] for key, some in rows.items()}
        self.session.tint(own or before.tints)

    def _sun(self, said: Any) -> None:
        self.shine(said)
