"""What a tile takes in memory, and pictures that give up their finest levels to fit.

Counted for every tile in memory, drawn or not: its arrays three times (the tile's own, those handed
to the graphics library, its buffers), its pictures once as they are, and once more as textures with
four bytes a pixel and all smaller levels (a third more).
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from twin.geometry import U8, Drawable, Image, Instances, Lines, Mesh, Points

COPIES = 3
LEVELS = 4 / 3
PACKED = 10
"""Bytes of pixels for each byte of a picture that is still packed: an estimate."""


def pictures(drawables: Iterable[Drawable]) -> list[Image]:
    """Return the different pictures."""
    found = {}
    for item in drawables:
        image = _mesh_of(item).material.image
        if image is not None:
            found[id(image)] = image
    return list(found.values())


def weight(drawables: tuple[Drawable, ...]) -> int:
    """Return the bytes that drawables take: see the top of this file."""
    images = pictures(drawables)
    held = {id(image): image.nbytes for image in images}
    arrays = sum(item.nbytes - _shared(item, held) for item in drawables)
    return COPIES * arrays + sum(map(picture_weight, images))


def _mesh_of(item: Drawable) -> Mesh | Lines | Points:
    return item.mesh if isinstance(item, Instances) else item


def _shared(item: Drawable, held: dict[int, int]) -> int:
    image = _mesh_of(item).material.image
    return 0 if image is None else held[id(image)]


def picture_weight(image: Image) -> int:
    """Return the bytes of one picture, as held and as a texture."""
    if image.pixels is None:
        return int(image.nbytes * (1 + PACKED * (1 + LEVELS * 4 / 3)))
    height, width = image.pixels.shape[:2]
    return int(image.nbytes + height * width * 4 * LEVELS)


def bounded(drawables: tuple[Drawable, ...], most: float) -> tuple[Drawable, ...]:
    """Return drawables none of whose unpacked pictures takes more than ``most`` bytes."""
    large = [i for i in pictures(drawables) if i.pixels is not None and picture_weight(i) > most]
    if not large:
        return drawables
    smaller = {id(image): _smaller(image, most) for image in large}
    return tuple(_with_pictures(item, smaller) for item in drawables)


def _smaller(image: Image, most: float) -> Image:
    while (
        picture_weight(image) > most
        and image.pixels is not None
        and min(image.pixels.shape[:2]) > 1
    ):
        image = replace(image, pixels=halved(image.pixels))
    return image


def halved(pixels: U8) -> U8:
    """Return the next smaller level u8(h / 2, w / 2, c): the mean of two by two."""
    height, width = (max(n // 2, 1) for n in pixels.shape[:2])
    even = pixels[: 2 * height, : 2 * width].astype(np.uint16)
    sums = even[0::2, 0::2] + even[1::2, 0::2] + even[0::2, 1::2] + even[1::2, 1::2]
    return ((sums + 2) // 4).astype(np.uint8)


def _with_pictures(item: Drawable, smaller: dict[int, Image]) -> Drawable:
    image = _mesh_of(item).material.image
    if image is None or id(image) not in smaller:
        return item
    material = replace(_mesh_of(item).material, image=smaller[id(image)])
    if isinstance(item, Instances):
        return replace(item, mesh=replace(item.mesh, material=material))
    return replace(item, material=material)
