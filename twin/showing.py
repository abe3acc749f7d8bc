"""What a session shows, taken and shown again as a whole: the twin by an edit, the rest by the session."""

from twin.errors import TwinError
from twin.presenting.looks import Look, Shown
from twin.session import Session


def look_of(session: Session) -> Look:
    """Return what is shown beside the twin: filter, instants, selection, sun, settings."""
    return Look(
        filter=session.filter,
        at=session.at,
        as_of=session.as_of,
        known_at=session.known_at,
        sun=session.sun_at,
        selected=session.selected,
        settings=session.settings,
        exploded=session.exploded,
    )


def show(session: Session, shown: Shown) -> None:
    """Show what a saved view shows, as one step where it edits; not the camera."""
    if shown.edit.edits:
        session.do("bookmarks.show", shown.edit)
    session.tint({})
    look, now = shown.look, look_of(session)
    if look.settings != now.settings:
        session.set_settings(look.settings)
    if look.filter != now.filter:
        session.set_filter(look.filter.keys, isolate=look.filter.isolate)
    if (look.at, look.as_of, look.known_at) != (now.at, now.as_of, now.known_at):
        session.set_instants(look.at, look.as_of, look.known_at)
    if look.sun != now.sun:
        _shine(session, look)
    for key in {*look.exploded, *now.exploded}:
        if look.exploded.get(key, 0.0) != now.exploded.get(key, 0.0):
            session.explode(key, look.exploded.get(key, 0.0))
    session.select(look.selected)


def _shine(session: Session, look: Look) -> None:
    """Let the view's sun shine; one that no sun can stand for leaves the light as it is."""
    try:
        session.set_sun(look.sun)
    except TwinError:
        return
