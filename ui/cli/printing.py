"""The options of ``render`` that make a page to print, and how it is drawn: in blocks, however large."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from twin.messages import catalogue
from twin.session import Session
from twin.streaming import Frame
from twin.tiles import View
from ui.poster.facts import PLAIN, Beneath, sheet_of
from ui.poster.making import picture_size, poster
from ui.viewport.canvas import Canvas, settle
from ui.viewport.lens import line_ratio
from ui.viewport.look import Look
from ui.wording import Wording

ONE_PIECE = 4096
"""Pixels of a side up to which a plain picture is drawn in one piece."""

Legend = Annotated[bool, typer.Option("--legend", help="Put the legend beneath the picture.")]
Poster = Annotated[
    str,
    typer.Option(
        "--poster",
        help="Make a page to print with this title: legend, scale, north, dates, freshness, credits.",
    ),
]
Dpi = Annotated[float, typer.Option(help="Dots per inch of a page to print, 30 to 1200.")]
Seen = Callable[[tuple[int, int]], tuple[View, Frame]]


@dataclass(frozen=True, slots=True)
class Page:
    """What the options say of a page."""

    legend: bool = False
    title: str = ""
    dpi: float = 96.0

    def wanted(self, out: Path, size: tuple[int, int]) -> bool:
        """Return whether a page is asked for, or a picture that is not drawn in one piece."""
        return (
            self.legend
            or bool(self.title)
            or out.suffix.lower() != ".png"
            or max(size) > ONE_PIECE
        )

    @property
    def beneath(self) -> Beneath:
        """Return what stands beneath the picture."""
        if self.title:
            return Beneath(self.title)
        return Beneath(scale=False, north=False, freshness=False) if self.legend else PLAIN


def write_page(
    session: Session, page: Page, size: tuple[int, int], look: Look, seen: Seen, out: Path
) -> tuple[View, Frame]:
    """Draw and write a page of a size; ``seen`` returns camera and complete frame of a picture of a size.

    Raises UsageError, NotReadable.
    """
    words = Wording(catalogue(session.settings.language))
    view, frame = seen(size)
    sheet = sheet_of(session, words, page.beneath, view, frame, page.dpi)
    view, frame = seen(picture_size(size, sheet))
    sheet = sheet_of(session, words, page.beneath, view, frame, page.dpi)
    canvas = Canvas(look)
    try:
        settle(canvas.stage, frame, view, 2.0 * line_ratio(view.size))
        for _ in poster(canvas, frame, view, sheet, out, page.dpi):
            pass
    finally:
        canvas.close()
    return view, frame
