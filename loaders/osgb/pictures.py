"""Materials and pictures of OSGB states: picture files decoded, inline pixels upright."""

import struct
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np

from loaders._pictures import read_picture
from loaders.osgb.objects import Thing
from twin.errors import OpenError
from twin.geometry import Image, Material

DDS = b"DDS "
WRAPS = {0x2901: "repeat", 0x2900: "clamp", 0x812F: "clamp", 0x812D: "clamp", 0x8370: "mirror"}
CULL_FACE, LIGHTING, BLEND, TEXTURE = 0x0B44, 0x0B50, 0x0BE2, 0x0DE1
ON = 1
UNSIGNED_BYTE = 0x1401
CHANNELS: dict[int, tuple[int, tuple[int, ...]]] = {
    0x1907: (3, (0, 1, 2)),
    0x1908: (4, (0, 1, 2, 3)),
    0x1909: (1, (0, 0, 0)),
    0x190A: (2, (0, 0, 0, 1)),
    0x1903: (1, (0, 0, 0)),
    0x80E0: (3, (2, 1, 0)),
    0x80E1: (4, (2, 1, 0, 3)),
}
"""Pixel formats: channels as they are stored, and which of them are R, G, B (A)."""
BLOCKS = {0x83F0: b"DXT1", 0x83F1: b"DXT1", 0x83F2: b"DXT3", 0x83F3: b"DXT5"}
MOST_PIXELS = 1 << 26

Report = Callable[[str, str], None]


class Painter:
    """Makes materials of states; equal pictures of one file are one object."""

    def __init__(self, read: Callable[[str], bytes], report: Report) -> None:
        self._read, self._report = read, report
        self._images: dict[int, Image | None] = {}

    def material(self, states: tuple[Thing, ...], tint: Any, *, lit: bool) -> Material:
        """Return the material of states from the root down; ``tint`` is the overall colour or None."""
        modes: dict[int, int] = {}
        image, wrap, color = None, "repeat", (1.0, 1.0, 1.0, 1.0)
        for state in states:
            modes |= state.get("Modes") or {}
            texture = _texture(state)
            if texture is not None:
                found = texture.get("Image")
                image = None if found is None else self._image(found)
                wrap = WRAPS.get(texture.get("WrapS") or 0, "repeat")
            for item in state.things("States"):
                if item.kind == "osg::Material" and item.get("Diffuse") is not None:
                    color = _color(item.get("Diffuse"))
        if tint is not None:
            color = _color(tint)
        alone = image is not None and not lit  # a photograph is lit by the sun of its day
        return Material(
            color=(1.0, 1.0, 1.0, color[3]) if alone else color,
            image=image,
            alpha_mode="blend" if modes.get(BLEND, 0) & ON and color[3] < 1 else "opaque",
            double_sided=not modes.get(CULL_FACE, 0) & ON,
            unlit=alone or (LIGHTING in modes and not modes[LIGHTING] & ON),
            wrap=wrap,
        )

    def _image(self, thing: Thing) -> Image | None:
        key = id(thing)
        if key not in self._images:
            try:
                self._images[key] = self._fresh(thing)
            except OpenError as error:
                self._report("osgb.image", str(error.params.get("reason") or error))
                self._images[key] = None
        return self._images[key]

    def _fresh(self, thing: Thing) -> Image | None:
        if thing.get("Pixels"):
            return self._pixels(thing)
        data = thing.get("Encoded")
        if data is None:
            data = self._read(thing.get("FileName"))
        return self._decoded(data, thing.get("FileName"))

    def _pixels(self, thing: Thing) -> Image | None:
        """Return an inline picture: OpenSceneGraph's first row is the lowest."""
        width, height = int(thing.get("S")), int(thing.get("T"))
        data, form = thing.get("Pixels"), thing.get("PixelFormat") & 0xFFFFFFFF
        if not (width > 0 and height > 0 and width * height <= MOST_PIXELS):
            self._report("osgb.image", f"it is {width} x {height} pixels large")
            return None
        if form in BLOCKS:
            return self._decoded(_dds(width, height, BLOCKS[form], data), "inline")
        if form not in CHANNELS or thing.get("DataType") != UNSIGNED_BYTE:
            self._report("osgb.image", f"its pixel format is {form:#x}")
            return None
        channels, order = CHANNELS[form]
        packing = max(int(thing.get("Packing")), 1)
        row = -(-width * channels // packing) * packing
        if len(data) < row * (height - 1) + width * channels:
            self._report("osgb.image", "its pixels end too early")
            return None
        padded = np.zeros(row * height, np.uint8)
        part = np.frombuffer(data, np.uint8)[: row * height]
        padded[: len(part)] = part
        whole = padded.reshape(height, row)[:, : width * channels]
        pixels = whole.reshape(height, width, channels)[::-1][:, :, list(order)]
        return Image(key=_key(data), pixels=np.ascontiguousarray(pixels))

    def _decoded(self, data: bytes, name: str) -> Image:
        """Return a picture file as pixels; the first row of a DDS is the lowest. Raises OpenError."""
        found = read_picture(data, name)
        if found.pixels is None or not data.startswith(DDS):
            return found
        return replace(found, pixels=np.ascontiguousarray(found.pixels[::-1]))


def _texture(state: Thing) -> Thing | None:
    """Return the picture of the first texture unit."""
    units = state.get("UnitStates") or []
    for item in units[0] if units else ():
        if isinstance(item, Thing) and item.kind == "osg::Texture2D":
            return item
    return None


def _color(values: Any) -> tuple[float, float, float, float]:
    """Return a display colour as linear RGBA 0..1."""
    found = np.nan_to_num(np.clip(np.asarray(values, np.float64), 0.0, 1.0))
    low = found[:3] / 12.92
    high = ((found[:3] + 0.055) / 1.055) ** 2.4
    r, g, b = np.where(found[:3] <= 0.04045, low, high).tolist()
    return r, g, b, float(found[3]) if len(found) > 3 else 1.0


def _dds(width: int, height: int, code: bytes, data: bytes) -> bytes:
    """Return blocks as a DDS file, which the picture library can decode."""
    head = struct.pack("<4s7I44x", DDS, 124, 0x81007, height, width, len(data), 0, 1)
    form = struct.pack("<2I4s5I", 32, 4, code, 0, 0, 0, 0, 0)
    return head + form + struct.pack("<5I", 0x1000, 0, 0, 0, 0) + data


def _key(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()
