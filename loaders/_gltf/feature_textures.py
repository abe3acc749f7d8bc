"""Feature numbers in a picture: one number a triangle, read at its middle.

The screen knows an object by a number at each vertex, so the picture is read once, at load, and not
kept: a triangle takes the number under its middle, and vertices between triangles of different
objects are doubled. Numbers that no middle meets (objects smaller than a triangle) are counted.
"""

import io
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from loaders._gltf.document import Document
from loaders._gltf.primitives import Part
from twin.geometry import F32, I32

MAX_PIXELS = 1 << 26
LETTERS = {"r": 0, "g": 1, "b": 2, "a": 3}
CLAMP, MIRROR = 33071, 33648


def sampled(document: Document, part: Part, texture: dict[str, Any], null: int | None) -> I32:
    """Return the number of each vertex; the part's vertices may become more. Raises OpenError."""
    which = texture.get("texCoord", 0)
    uv = part.uvs.get(which) if isinstance(which, int) else None
    if uv is None:
        raise document.broken(f"a feature picture without TEXCOORD_{which}")
    pixels, wraps = _pixels(document, texture.get("index"))
    ids = _decoded(document, pixels, texture.get("channels"))
    if null is not None:
        ids = np.where(ids == null, -1, ids)
    corners = uv[part.indices].astype(np.float64)
    faces = _nearest(ids, corners.mean(axis=1), wraps)
    there, shown = np.unique(ids[ids >= 0]), np.unique(faces[faces >= 0])
    hidden = len(np.setdiff1d(there, shown, assume_unique=True))
    if hidden:
        text = (
            f"{hidden} of {len(there)} numbers in a feature picture are under no triangle's middle"
        )
        document.report("gltf.feature_texels", text, hidden=hidden, count=len(there))
    return parted(part, faces)


def parted(part: Part, faces: I32) -> I32:
    """Give each element of a part its number: shared vertices are doubled. Returns i32(n)."""
    width = part.indices.shape[1]
    flat, numbers = part.indices.reshape(-1), np.repeat(faces, width)
    count = len(part.positions)
    span = int(faces.max(initial=-1)) + 2
    pairs, inverse = np.unique(flat.astype(np.int64) * span + numbers + 1, return_inverse=True)
    vertex, number = pairs // span, (pairs % span - 1).astype(np.int32)
    first = np.concatenate([[True], vertex[1:] != vertex[:-1]]) if len(vertex) else vertex > 0
    extra = vertex[~first]
    target = np.where(first, vertex, 0).astype(np.int32)
    target[~first] = count + np.arange(len(extra), dtype=np.int32)
    part.indices = target[inverse].reshape(-1, width)
    _lengthen(part, extra)
    found = np.full(count + len(extra), -1, np.int32)
    found[target] = number
    return found


def _lengthen(part: Part, extra: NDArray[np.int64]) -> None:
    """Append copies of some vertices with all that they carry."""
    if not len(extra):
        return
    part.positions = np.concatenate([part.positions, part.positions[extra]])
    if part.normals is not None:
        part.normals = np.concatenate([part.normals, part.normals[extra]])
    if part.colors is not None:
        part.colors = np.concatenate([part.colors, part.colors[extra]])
    part.uvs = {key: _longer(values, extra) for key, values in part.uvs.items()}
    part.numbers = {
        key: np.concatenate([values, values[extra]]) for key, values in part.numbers.items()
    }


def _longer(values: F32, extra: NDArray[np.int64]) -> F32:
    return np.concatenate([values, values[extra]])


def _pixels(document: Document, index: Any) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Return a texture's pixels u8(h, w, channels) and how it goes on beyond its edges."""
    texture = document.item("textures", index)
    sampler = document.item("samplers", texture["sampler"]) if "sampler" in texture else {}
    holder = document.item("images", texture.get("source"))
    if holder.get("bufferView") is not None:
        data = bytes(document.view(holder["bufferView"]))
    else:
        data = document.reference(holder.get("uri"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise document.broken(f"a picture of {picture.width} x {picture.height}")
                plain = picture.mode in ("L", "LA", "RGB", "RGBA")
                found = np.asarray(picture if plain else picture.convert("RGBA"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError,
            Image.DecompressionBombWarning) as error:  # fmt: skip
        raise document.broken(f"a feature picture: {error}") from error
    pixels = found[:, :, None] if found.ndim == 2 else found
    return pixels, (sampler.get("wrapS", 10497), sampler.get("wrapT", 10497))


def _decoded(document: Document, pixels: NDArray[np.uint8], channels: Any) -> NDArray[np.int64]:
    """Return the number of each pixel i64(h, w): the channels, least significant first."""
    if isinstance(channels, str):
        channels = [LETTERS.get(letter) for letter in channels]
    grey = pixels.shape[2] < 3
    if not isinstance(channels, list) or not 0 < len(channels) <= 4:
        raise document.broken(f"channels are {channels!r}")
    ids = np.zeros(pixels.shape[:2], np.int64)
    for place, channel in enumerate(channels):
        if not isinstance(channel, int) or isinstance(channel, bool) or not 0 <= channel < 4:
            raise document.broken(f"a channel is {channel!r}")
        at = (
            (1 if pixels.shape[2] == 2 else -1)
            if grey and channel == 3
            else 0
            if grey
            else channel
        )
        plane = pixels[:, :, at] if 0 <= at < pixels.shape[2] else np.uint8(255)
        ids |= np.asarray(plane, np.int64) << (8 * place)
    return np.where(ids < 2**31 - 1, ids, -1)


def _nearest(ids: NDArray[np.int64], uv: NDArray[np.float64], wraps: tuple[int, int]) -> I32:
    """Return the numbers i32(k) under places (k, 2); v grows downwards, as in glTF."""
    height, width = ids.shape
    column = _wrapped(uv[:, 0], width, wraps[0])
    row = _wrapped(uv[:, 1], height, wraps[1])
    return ids[row, column].astype(np.int32)


def _wrapped(place: NDArray[np.float64], size: int, wrap: int) -> NDArray[np.int64]:
    place = np.nan_to_num(place, posinf=0.0, neginf=0.0)
    if wrap == CLAMP:
        inside = np.clip(place, 0.0, 1.0)
    elif wrap == MIRROR:
        inside = 1.0 - np.abs(np.mod(place, 2.0) - 1.0)
    else:
        inside = np.mod(place, 1.0)
    return np.clip((inside * size).astype(np.int64), 0, size - 1)
