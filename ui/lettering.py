"""Letters in pictures that Qt does not paint: each piece of a text with a font that has its characters."""

from functools import cache
from itertools import groupby
from pathlib import Path

from PIL import ImageDraw, ImageFont

FONTS = Path(__file__).parent / "assets" / "fonts"
FACE, STRONG = FONTS / "Inter-Regular.otf", FONTS / "Inter-SemiBold.otf"
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
Run = tuple[ImageFont.FreeTypeFont, str]


def undrawable(text: str) -> str:
    """Return the characters, each once, that no font of this machine has."""
    return "".join(char for char in dict.fromkeys(text) if _file_with(char) is None)


def length(text: str, size: int, *, strong: bool = False) -> float:
    """Return the pixels that a text is long."""
    return sum(face.getlength(run) for face, run in runs(text, size, strong=strong))


def runs(text: str, size: int, *, strong: bool = False) -> list[Run]:
    """Return the text in pieces, each with a face that has its characters."""
    return runs_of(text, size, str(STRONG if strong else FACE))


def runs_of(text: str, size: int, first: str) -> list[Run]:
    """Return the text in pieces, each with a face of ``size`` pixels that has its characters.

    ``first`` is the file of the bundled face that is tried before all others.
    """
    return [
        (_face(first if name == str(FACE) else name, size), "".join(chars))
        for name, chars in groupby(text, lambda char: _file_with(char) or str(FACE))
    ]


def draw_text(
    pen: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    ink: tuple[int, int, int],
    *,
    strong: bool = False,
) -> float:
    """Draw a text from the left end of its base line; return where it ends."""
    x, base = at
    for face, run in runs(text, size, strong=strong):
        pen.text((x, base), run, font=face, fill=ink, anchor="ls")
        x += face.getlength(run)
    return x


def wrapped(text: str, size: int, room: float) -> list[str]:
    """Return the lines of a text that are at most ``room`` pixels long, broken at blanks or between Chinese characters."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1].strip() and length(lines[-1] + piece.rstrip(), size) > room:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return [line.strip() for line in lines if line.strip()]


def _pieces(text: str) -> list[str]:
    """Return the parts of a text that stay together."""
    pieces = [""]
    for char in text:
        pieces[-1] += char
        if char == " " or ord(char) > 0x2E80:
            pieces.append("")
    return pieces


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
