"""Pictures to pixels, on the worker that fetches the tile. Sizes are checked before decoding.

JPEG is decoded at an eighth, a quarter or a half where that is large enough: it costs as much less.
"""

import io
from hashlib import blake2b

import numpy as np
from PIL import Image as Decoder
from PIL import UnidentifiedImageError

from loaders._ktx2 import SIGNATURE, read_ktx2
from twin.errors import BrokenFile, TooLarge
from twin.geometry import U8, Image

LARGEST = 4096
"""Longest side of a texture, pixels; larger pictures are made smaller."""
MOST_PIXELS = 1 << 27
"""A picture that is still larger after what its format can spare is not decoded."""
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "DDS", "GIF", "BMP")
Decoder.MAX_IMAGE_PIXELS = (
    None  # the limit is MOST_PIXELS: Pillow's warning is not safe on threads
)
BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError, EOFError)


def read_picture(data: bytes, location: str, most: int = LARGEST) -> Image:
    """Return a picture as pixels, its longest side at most ``most``.

    JPEG, PNG, WebP, AVIF, DDS, GIF, BMP and KTX2. Raises BrokenFile, TooLarge, NotSupported,
    MissingDecoder.
    """
    key = blake2b(data, digest_size=16).hexdigest()
    return Image(key=key, pixels=pixels(data, location, most))


def pixels(data: bytes, location: str, most: int = LARGEST) -> U8:
    """Return the pixels u8(h, w, 3 | 4), first row on top. Raises as ``read_picture``."""
    if data.startswith(SIGNATURE[:7]):
        found = read_ktx2(data, location, most)
        if max(found.shape[:2]) <= most:
            return found
        return _smaller(Decoder.fromarray(found), most)
    try:
        with Decoder.open(io.BytesIO(data), formats=FORMATS) as picture:
            picture.draft("RGB", (most, most))
            if picture.width * picture.height > MOST_PIXELS:
                raise TooLarge(
                    location=location, what="a picture (pixels)",
                    size=picture.width * picture.height, limit=MOST_PIXELS,
                )  # fmt: skip
            return _smaller(_colored(picture), most)
    except BROKEN as error:
        raise BrokenFile(location=location, format="picture", reason=str(error)) from error


def _colored(picture: Decoder.Image) -> Decoder.Image:
    """Return it as RGB, or RGBA where it has an alpha channel."""
    if picture.mode.startswith("I") or picture.mode == "F":
        high = np.asarray(picture).astype(np.float64) / 257.0
        picture = Decoder.fromarray(np.clip(high, 0, 255).astype(np.uint8))
    see_through = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    return picture.convert("RGBA" if see_through else "RGB")


def _smaller(picture: Decoder.Image, most: int) -> U8:
    if max(picture.size) > most:
        picture.thumbnail((most, most), Decoder.Resampling.BOX)
    return np.asarray(picture, np.uint8)
