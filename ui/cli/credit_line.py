"""The credit line of a picture: licences ask that whoever the data is from stands on it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from twin.geometry import U8

FACE = Path(__file__).parent.parent / "assets" / "fonts" / "Inter-Regular.otf"
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
    pen, face = ImageDraw.Draw(image), ImageFont.truetype(str(FACE), size)
    lines = _lines(credits_, face, width - 4 * size)[: max(1, height // 3 // (size * 3 // 2))]
    wide = max(round(face.getlength(line)) for line in lines)
    tall = len(lines) * size * 3 // 2
    left, top = width - wide - 2 * size, height - tall - size
    pen.rectangle((left, top, width - size // 2, height - size // 2), fill=PLATE)
    for number, line in enumerate(lines):
        place = (left + size * 3 // 4, top + size // 5 + number * size * 3 // 2)
        pen.text(place, line, font=face, fill=INK)
    return np.asarray(image, np.uint8)


def _lines(credits_: Sequence[str], face: ImageFont.FreeTypeFont, room: float) -> list[str]:
    lines = [""]
    for credit in credits_:
        longer = f"{lines[-1]} · {credit}" if lines[-1] else credit
        if lines[-1] and face.getlength(longer) > room:
            lines.append(credit)
        else:
            lines[-1] = longer
    return lines
