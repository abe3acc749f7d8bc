"""The strip beneath a printed picture: title, legend, scale, north, dates, freshness, credits. Numbers and PIL only."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from twin.geometry import U8
from ui.lettering import draw_text, length, wrapped

PAPER, INK, DIM, RULE = (251, 252, 253), (22, 32, 42), (70, 83, 97), (185, 195, 205)
HATCH = (213, 219, 226)
SMALLEST = 9
"""Pixels of the smallest letters."""
MOST_ROWS = 12
"""Entries of a legend beyond these are summed up."""


@dataclass(frozen=True, slots=True)
class Swatch:
    """One line of a legend: words, ``#RRGGBB``, ``plain``, ``hatch`` or ``outline``, and a number as text."""

    words: str
    color: str
    pattern: str = "plain"
    count: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands beneath a picture; whatever is empty is left out.

    ``scale`` is a bar as (metres, words, pixels of the picture), or None with ``scale_words`` saying why there is none.
    ``yaw`` is the direction of view, degrees clockwise from north (None = no arrow).
    """

    title: str = ""
    lines: tuple[str, ...] = ()
    legend_title: str = ""
    legend: tuple[Swatch, ...] = ()
    scale: tuple[float, str, float] | None = None
    scale_words: str = ""
    yaw: float | None = None
    north: str = "N"

    @property
    def empty(self) -> bool:
        """Return whether nothing stands beneath the picture."""
        said = (self.title, self.lines, self.legend, self.scale, self.scale_words)
        return not any(said) and self.yaw is None


def letters(width: int) -> int:
    """Return the height of letters of a picture of a width, pixels."""
    return max(SMALLEST, round(width / 118))


def strip_height(sheet: Sheet, width: int) -> int:
    """Return how many pixels high the strip beneath a picture is."""
    if sheet.empty:
        return 0
    size = letters(width)
    parts = (
        _words_height(sheet, size, width),
        _legend_height(sheet, size),
        _sides_height(sheet, size),
    )
    return max(parts) + 5 * size // 2


def strip(sheet: Sheet, width: int) -> U8:
    """Return the strip u8(h, width, 3)."""
    height, size = strip_height(sheet, width), letters(width)
    image = Image.new("RGB", (width, max(height, 1)), PAPER)
    pen = ImageDraw.Draw(image)
    pen.line((0, 0, width, 0), fill=RULE, width=max(1, size // 10))
    room = _columns(width, size)
    _draw_words(pen, sheet, size, room)
    _draw_legend(pen, sheet, size, room)
    _draw_sides(pen, sheet, size, room)
    return np.asarray(image, np.uint8)[:height]


def _columns(width: int, size: int) -> tuple[int, int, int, int]:
    """Return where words, legend and scale begin, and where the last ends."""
    margin = 2 * size
    return margin, round(width * 0.42), round(width * 0.78), width - margin


def _wrapped_lines(sheet: Sheet, size: int, room: float) -> list[str]:
    return [part for line in sheet.lines for part in wrapped(line, size, room)]


def _words_height(sheet: Sheet, size: int, width: int) -> int:
    left, right, *_ = _columns(width, size)
    rows = len(_wrapped_lines(sheet, size, right - left - 2 * size))
    titles = len(wrapped(sheet.title, 2 * size, right - left - 2 * size))
    return titles * 5 * size // 2 + rows * 3 * size // 2 + size // 2


def _draw_words(pen: ImageDraw.ImageDraw, sheet: Sheet, size: int, room: tuple[int, ...]) -> None:
    y, wide = 3 * size // 2, room[1] - room[0] - 2 * size
    for line in wrapped(sheet.title, 2 * size, wide):
        y += 2 * size
        draw_text(pen, (room[0], y), line, 2 * size, INK, strong=True)
        y += size // 2
    for line in _wrapped_lines(sheet, size, wide):
        y += 3 * size // 2
        draw_text(pen, (room[0], y), line, size, DIM)


def _legend_rows(sheet: Sheet) -> int:
    return -(-len(sheet.legend) // 2)


def _legend_height(sheet: Sheet, size: int) -> int:
    head = 2 * size if sheet.legend_title else 0
    return head + _legend_rows(sheet) * 3 * size // 2 + size // 2


def _draw_legend(pen: ImageDraw.ImageDraw, sheet: Sheet, size: int, room: tuple[int, ...]) -> None:
    y = 3 * size // 2
    if sheet.legend_title:
        y += size + size // 4
        draw_text(pen, (room[1], y), sheet.legend_title, size, INK, strong=True)
        y += size // 2
    rows, half = max(_legend_rows(sheet), 1), (room[2] - room[1] - 2 * size) // 2
    for number, entry in enumerate(sheet.legend):
        x = room[1] + (number // rows) * (half + size)
        base = y + (number % rows + 1) * 3 * size // 2
        _draw_swatch(pen, entry, (x, base - size + size // 8, size))
        count = length(entry.count, size)
        words = _fitting(entry.words, size, half - 2 * size - count)
        draw_text(pen, (x + 3 * size // 2, base), words, size, INK)
        draw_text(pen, (x + half - count, base), entry.count, size, DIM)


def _fitting(words: str, size: int, room: float) -> str:
    """Return the words, cut at the end where they are too long."""
    if length(words, size) <= room:
        return words
    while words and length(words + "…", size) > room:
        words = words[:-1]
    return words.rstrip() + "…"


def _draw_swatch(pen: ImageDraw.ImageDraw, entry: Swatch, at: tuple[int, int, int]) -> None:
    x, y, size = at
    line = max(1, size // 10)
    box = (x, y, x + size, y + size)
    if entry.pattern == "outline":
        pen.rectangle(box, outline=DIM, width=line)
        return
    pen.rectangle(box, fill=entry.color)
    if entry.pattern == "hatch":
        for shift in range(-size, size, max(3, size // 3)):
            ends = [
                (x + max(shift, 0), y + max(-shift, 0)),
                (x + min(size, size + shift), y + min(size, size - shift)),
            ]
            pen.line(
                [(ends[0][0], 2 * y + size - ends[0][1]), (ends[1][0], 2 * y + size - ends[1][1])],
                HATCH,
                line,
            )
    pen.rectangle(box, outline=DIM, width=max(1, line // 2))


def _sides_height(sheet: Sheet, size: int) -> int:
    arrow = 5 * size if sheet.yaw is not None else 0
    words = (
        3 * size // 2 * len(wrapped(sheet.scale_words, size, 16 * size))
        if sheet.scale_words
        else 0
    )
    return arrow + words + (3 * size if sheet.scale else 0) + size


def _draw_sides(pen: ImageDraw.ImageDraw, sheet: Sheet, size: int, room: tuple[int, ...]) -> None:
    y, x, line = 3 * size // 2, room[2], max(1, size // 8)
    if sheet.yaw is not None:
        _draw_north(pen, sheet, (x + 2 * size, y + 3 * size, size))
        y += 5 * size
    if sheet.scale is not None:
        _, words, pixels = sheet.scale
        y += size
        pen.line((x, y, x + pixels, y), fill=INK, width=line)
        for share, tall in ((0.0, 0.7), (0.5, 0.35), (1.0, 0.7)):
            at = x + share * pixels
            pen.line((at, y, at, y - tall * size), fill=INK, width=line)
        draw_text(pen, (x + pixels + size, y), words, size, INK)
        y += size
    for text in wrapped(sheet.scale_words, size, room[3] - x):
        y += 3 * size // 2
        draw_text(pen, (x, y), text, size, DIM)


def _draw_north(pen: ImageDraw.ImageDraw, sheet: Sheet, at: tuple[int, int, int]) -> None:
    """Draw a needle: its dark half points north, as the picture is seen from above."""
    x, y, size = at
    turn = np.radians(-(sheet.yaw or 0.0))

    def turned(right: float, up: float) -> tuple[float, float]:
        return (
            x + size * (right * np.cos(turn) + up * np.sin(turn)),
            y - size * (up * np.cos(turn) - right * np.sin(turn)),
        )

    pen.polygon([turned(0, 2), turned(0.6, 0), turned(-0.6, 0)], fill=INK)
    pen.polygon(
        [turned(0, -2), turned(0.6, 0), turned(-0.6, 0)], outline=DIM, width=max(1, size // 10)
    )
    middle = turned(0, 2.75)
    wide = length(sheet.north, size, strong=True)
    draw_text(
        pen, (middle[0] - wide / 2, middle[1] + size * 0.36), sheet.north, size, INK, strong=True
    )
