"""The credit line of a picture: licences ask that whoever the data is from stands on it, in any script."""

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from twin.geometry import U8

FACE = Path(__file__).parent.parent / "assets" / "fonts" / "Inter-Regular.otf"
FALLBACKS = (
    "NotoSansSC-Regular.otf", "NotoSansSC-Regular.ttf", "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf", "SourceHanSansSC-Regular.otf", "msyh.ttc", "PingFang.ttc",
    "Hiragino Sans GB.ttc", "STHeiti Light.ttc", "wqy-microhei.ttc", "wqy-zenhei.ttc",
    "simhei.ttf", "simsun.ttc", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf",
    "Arial Unicode.ttf", "DejaVuSans.ttf",
)  # fmt: skip
"""Files of the systems' fonts that have what the bundled face lacks, in the order of preference."""
NOWHERE = "\U0010ffff"
"""No font has this character: what is drawn for it is the sign for a missing one."""
PLATE, INK = (251, 252, 253), (22, 32, 42)
LEAST = 64
"""Pictures lower than this, pixels, have no room for a line."""
Run = tuple[ImageFont.FreeTypeFont, str]


def with_credits(picture: U8, credits_: Sequence[str]) -> U8:
    """Return the picture u8(h, w, 3 or 4) with a line at the bottom right; itself without credits.

    What does not fit into one line goes on in another, up to a third of the picture.
    """
    height, width = picture.shape[:2]
    if not credits_ or height < LEAST:
        return picture
    size = int(np.clip(height // 60, 9, 28))
    image = Image.fromarray(np.ascontiguousarray(picture[..., :3]))
    pen = ImageDraw.Draw(image)
    lines = _lines(credits_, size, width - 4 * size)[: max(1, height // 3 // (size * 3 // 2))]
    wide = max(round(_length(line, size)) for line in lines)
    tall = len(lines) * size * 3 // 2
    left, top = width - wide - 2 * size, height - tall - size
    pen.rectangle((left, top, width - size // 2, height - size // 2), fill=PLATE)
    for number, line in enumerate(lines):
        x, base = left + size * 3 / 4, top + size * 6 // 5 + number * size * 3 // 2
        for face, text in _runs(line, size):
            pen.text((x, base), text, font=face, fill=INK, anchor="ls")
            x += face.getlength(text)
    return np.asarray(image, np.uint8)


def undrawable(credits_: Sequence[str]) -> str:
    """Return the characters, each once, that no font of this machine has."""
    found = dict.fromkeys(char for credit in credits_ for char in credit)
    return "".join(char for char in found if _file_with(char) is None)


def _lines(credits_: Sequence[str], size: int, room: float) -> list[str]:
    lines = [""]
    for credit in credits_:
        longer = f"{lines[-1]} · {credit}" if lines[-1] else credit
        if lines[-1] and _length(longer, size) > room:
            lines.append(credit)
        else:
            lines[-1] = longer
    return lines


def _length(text: str, size: int) -> float:
    return sum(face.getlength(run) for face, run in _runs(text, size))


def _runs(text: str, size: int) -> list[Run]:
    return runs_of(text, size, str(FACE))


def runs_of(text: str, size: int, first: str) -> list[Run]:
    """Return the text in pieces, each with a face of ``size`` pixels that has its characters.

    ``first`` is the file of the bundled face that is tried before all others.
    """
    return [
        (_face(first if name == str(FACE) else name, size), "".join(chars))
        for name, chars in groupby(text, lambda char: _file_with(char) or str(FACE))
    ]


@cache
def _face(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(name, size)


@cache
def _file_with(char: str) -> str | None:
    """Return the first font that has a character: the bundled one, then the system's; None = none."""
    return next((name for name in (str(FACE), *FALLBACKS) if _has(name, char)), None)


def _has(name: str, char: str) -> bool:
    missing = _missing(name)
    return missing is not None and (char.isspace() or _drawn(name, char) != missing)


@cache
def _missing(name: str) -> tuple[tuple[int, int], bytes] | None:
    """Return what a font draws for a character it lacks; None when the system has no such font."""
    try:
        return _drawn(name, NOWHERE)
    except OSError:
        return None


def _drawn(name: str, char: str) -> tuple[tuple[int, int], bytes]:
    mask = _face(name, 24).getmask(char)
    return mask.size, bytes(mask)
