"""Captions burnt into pictures: on a dark plate with a bar, in any script, the same on every run."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from twin.geometry import U8
from ui.lettering import FACE, runs_of

BOLD = FACE.with_name("Inter-SemiBold.otf")
PLATE, BAR = (14, 19, 25, 235), (63, 193, 176, 255)
TITLE_INK, TEXT_INK, NOTE_INK = (236, 239, 243), (205, 212, 220), (225, 230, 236)
DOT = (51, 147, 205, 255)
LINES = 4
"""Lines that a caption may have; the first is its title."""
WIDEST = 0.62
"""Share of the picture's width that a caption may take."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A piece of lettering: RGBA u8(h, w, 4) and where its top left corner stands in the picture, pixels."""

    pixels: U8
    left: int
    top: int

    def over(self, picture: U8, strength: float = 1.0) -> None:
        """Draw it over a picture u8(h, w, 3), in place; ``strength`` 0..1 fades it."""
        height, width = self.pixels.shape[:2]
        part = picture[self.top : self.top + height, self.left : self.left + width]
        mine = self.pixels[: part.shape[0], : part.shape[1]]
        alpha = mine[..., 3:].astype(np.int32) * round(strength * 256) // 256
        mixed = mine[..., :3] * alpha + part * (255 - alpha) + 127
        part[...] = mixed // 255


@lru_cache(maxsize=32)
def caption(text: str, size: tuple[int, int]) -> Sign | None:
    """Return the sign of a caption for pictures of ``size`` pixels: title, then smaller lines.

    Lines break at line ends and where the picture ends. None where there is nothing to say or no room.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    width, height = size
    title = round(height * 0.036)
    if not lines or title < 7:
        return None
    small, room = round(title * 0.58), width * WIDEST
    rows = [(part, title, str(BOLD)) for part in wrapped(lines[0], title, room, str(BOLD))]
    for line in lines[1:]:
        rows += [(part, small, str(FACE)) for part in wrapped(line, small, room, str(FACE))]
    rows = rows[:LINES]
    wide = round(max(_length(part, at, face) for part, at, face in rows))
    side, edge = round(title * 0.85), max(2, round(title * 0.12))
    tall = sum(round(at * 1.5) for _, at, _ in rows) + side
    image = Image.new("RGBA", (wide + 2 * side + edge, tall), PLATE)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, edge - 1, tall), fill=BAR)
    top = side / 2
    for part, at, face in rows:
        ink = TITLE_INK if at == title else TEXT_INK
        _write(pen, (edge + side, top + at * 1.15), part, at, face, ink)
        top += round(at * 1.5)
    return Sign(
        np.asarray(image, np.uint8), round(width * 0.05), height - tall - round(height * 0.085)
    )


@lru_cache(maxsize=8)
def note(text: str, size: tuple[int, int]) -> Sign | None:
    """Return the sign of one line at the lower right: how fresh the data is."""
    width, height = size
    letter = round(height * 0.0145)
    if not text or letter < 7:
        return None
    wide, tall = round(_length(text, letter, str(FACE))), round(letter * 2.4)
    image = Image.new("RGBA", (wide + letter * 4, tall), PLATE)
    pen = ImageDraw.Draw(image)
    middle, side = tall / 2, round(letter * 0.85)
    dot = Image.new("L", (side * 8, side * 8))
    ImageDraw.Draw(dot).ellipse((0, 0, side * 8 - 1, side * 8 - 1), fill=255)
    round_ = dot.resize((side, side), Image.Resampling.BOX)  # Pillow's own discs have steps
    image.paste(DOT, (letter - side // 2, round(middle - side / 2)), round_)
    _write(pen, (letter * 2, middle + letter * 0.36), text, letter, str(FACE), NOTE_INK)
    left = width - image.width - round(width * 0.025)
    return Sign(np.asarray(image, np.uint8), left, height - tall - round(height * 0.041))


def wrapped(text: str, size: int, room: float, face: str) -> list[str]:
    """Return the text in lines not wider than ``room`` pixels: at spaces, Chinese anywhere."""
    lines, line = [], ""
    for word in _words(text):
        if line and _length(line + word, size, face) > room:
            lines.append(line.rstrip())
            word = word.lstrip()
            line = ""
        line += word
    return [*lines, line.rstrip()] if line.strip() else lines


def _words(text: str) -> list[str]:
    """Return pieces between which a line may break: words with the space before them, Chinese signs alone."""
    found: list[str] = []
    for letter in text:
        wide = ord(letter) >= 0x2E80
        joins = found and not letter.isspace() and not wide and ord(found[-1][-1]) < 0x2E80
        closes = found and letter in "，。、；：？！）》”"
        if joins or closes:
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _length(text: str, size: int, face: str) -> float:
    return sum(font.getlength(run) for font, run in runs_of(text, size, face))


def _write(
    pen: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    face: str,
    ink: tuple[int, int, int],
) -> None:
    x, y = at
    for font, run in runs_of(text, size, face):
        pen.text((x, y), run, font=font, fill=ink, anchor="ls")
        x += font.getlength(run)
