"""The credit line of a picture: licences ask that whoever the data is from stands on it, in any script."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from twin.geometry import U8
from ui import lettering
from ui.lettering import draw_text, length

PLATE, INK = (251, 252, 253), (22, 32, 42)
LEAST = 64
"""Pictures lower than this, pixels, have no room for a line."""


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
    wide = max(round(length(line, size)) for line in lines)
    tall = len(lines) * size * 3 // 2
    left, top = width - wide - 2 * size, height - tall - size
    pen.rectangle((left, top, width - size // 2, height - size // 2), fill=PLATE)
    for number, line in enumerate(lines):
        x, base = left + size * 3 / 4, top + size * 6 // 5 + number * size * 3 // 2
        draw_text(pen, (x, base), line, size, INK)
    return np.asarray(image, np.uint8)


def undrawable(credits_: Sequence[str]) -> str:
    """Return the characters, each once, that no font of this machine has."""
    return lettering.undrawable("".join(credits_))


def _lines(credits_: Sequence[str], size: int, room: float) -> list[str]:
    lines = [""]
    for credit in credits_:
        longer = f"{lines[-1]} · {credit}" if lines[-1] else credit
        if lines[-1] and length(longer, size) > room:
            lines.append(credit)
        else:
            lines[-1] = longer
    return lines
