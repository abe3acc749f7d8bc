"""What a session says beneath a printed picture: legend, scale, dates, freshness, credits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin.explaining import credits_of
from twin.observations import STATUSES
from twin.session import Session
from twin.streaming import Frame
from twin.style import FRESHNESS, Entry
from twin.tiles import View
from ui.poster.sheet import MOST_ROWS, Sheet, Swatch, letters
from ui.viewport.camera import focus_distance
from ui.viewport.overlays import length_text, nice_length
from ui.wording import Wording

STRAIGHT_DOWN = -0.9995
"""A view whose direction falls more steeply than this has one scale on level ground."""
LATE = ("in_grace", "stale")


@dataclass(frozen=True, slots=True)
class Beneath:
    """What a person wants to stand beneath a picture."""

    title: str = ""
    legend: bool = True
    scale: bool = True
    north: bool = True
    dates: bool = True
    freshness: bool = True


PLAIN = Beneath("", legend=False, scale=False, north=False, dates=False, freshness=False)


def sheet_of(
    session: Session, words: Wording, wanted: Beneath, view: View, frame: Frame, dpi: float
) -> Sheet:
    """Return what stands beneath a picture of a view; credits always do."""
    lines: list[str] = []
    if wanted.dates:
        lines.append(_dates(session, words))
    if wanted.freshness:
        lines += _freshness(session, words)
    lines += _credits(session, words, frame)
    bar, scale_words = _scale(session, words, view, dpi) if wanted.scale else (None, "")
    forward = view.forward if abs(view.forward[2]) < 1 - 1e-9 else view.up
    column = session.twin.color_by.column
    return Sheet(
        title=wanted.title,
        lines=tuple(lines),
        legend_title=_column(words, column) if wanted.legend and column else "",
        legend=_legend(session, words) if wanted.legend else (),
        scale=bar,
        scale_words=scale_words,
        yaw=float(np.degrees(np.arctan2(forward[0], forward[1]))) if wanted.north else None,
        north=words.say("north"),
    )


def _column(words: Wording, column: str) -> str:
    key = f"color_by.{column.removeprefix('_')}"
    return words.say(key) if words.has(f"window.{key}") else column


def _legend(session: Session, words: Wording) -> tuple[Swatch, ...]:
    entries = [entry for entry in session.painting().entries if entry.count]
    shown = [_swatch(session, words, entry) for entry in entries[:MOST_ROWS]]
    rest = entries[MOST_ROWS:]
    if rest:
        number = words.count(sum(entry.count for entry in rest))
        more = words.say("poster.more", count=words.count(len(rest)))
        shown.append(Swatch(more, "#FFFFFF", "outline", number))
    return tuple(shown)


def _swatch(session: Session, words: Wording, entry: Entry) -> Swatch:
    if entry.key in FRESHNESS:
        said = words.status(entry.key)
    elif entry.label:
        kind = session.twin.color_by.column == "kind" and words.has(f"kind.{entry.label}")
        said = words.say(f"kind.{entry.label}") if kind else entry.label
    else:
        said = words.say(f"legend.{entry.key}")
    return Swatch(said, entry.color, entry.pattern, words.count(entry.count))


def _scale(
    session: Session, words: Wording, view: View, dpi: float
) -> tuple[tuple[float, str, float] | None, str]:
    """Return the bar on level ground for a view straight down; any other has no scale, and says so."""
    if view.forward[2] > STRAIGHT_DOWN:
        return None, words.say("poster.no_scale")
    boxes = np.array([x.bounds for x in session.twin.layers.values()]).reshape(-1, 6)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    depth = focus_distance(view, boxes)
    pixel = 2 * np.tan(np.radians(view.fov_y) / 2) * depth / view.size[1]
    metres = nice_length(pixel * 10 * letters(view.size[0]))
    number = round(
        pixel * dpi / 0.0254, -int(np.floor(np.log10(max(pixel * dpi / 0.0254, 1)))) + 2
    )
    said = words.say("poster.scale", number=words.count(int(number)), dpi=f"{dpi:g}")
    return (metres, length_text(metres), float(metres / pixel)), said


def _dates(session: Session, words: Wording) -> str:
    if session.as_of is None and session.known_at is None:
        return words.say("poster.at", date=words.date(session.at))
    known = session.known_at if session.known_at is not None else session.at
    of = session.as_of if session.as_of is not None else session.at
    return words.say("poster.as_of", of=words.date(of), known=words.date(known))


def _freshness(session: Session, words: Wording) -> Sequence[str]:
    """Return the line on how far the data may be trusted, counted over all objects that are judged."""
    parts = [
        x.assessment
        for x in session.twin.layers.values()
        if x.visible and x.assessment is not None
    ]
    if not parts:
        return ()
    status = np.concatenate([part.status for part in parts])
    dates = np.concatenate([part.t_eff for part in parts]).astype("datetime64[ms]")
    known = dates[~np.isnat(dates)].astype("datetime64[Y]")
    late = int(np.isin(status, [STATUSES.index(key) for key in LATE]).sum())
    undated = int(np.isnat(dates).sum())
    if not len(status):
        return ()
    years = ("-", "-") if not len(known) else (str(known.min()), str(known.max()))
    return (
        words.say(
            "poster.freshness" if len(known) else "poster.undated",
            objects=words.count(len(status)),
            first=years[0],
            last=years[1],
            late=words.count(late),
            undated=words.count(undated),
        ),
    )


def _credits(session: Session, words: Wording, frame: Frame) -> Sequence[str]:
    found = credits_of(session.twin.layers, frame)
    return (words.say("poster.credits", who=" · ".join(found)),) if found else ()
