"""Pictures to pixels: every container of the same picture gives the same pixels, bad ones an error."""

import struct
import sys
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Picture

from loaders import _pictures
from twin.errors import MissingDecoder, NotSupported, OpenError, TooLarge

R8G8B8, R8G8B8A8, B8G8R8A8, R16G16B16A16, ASTC = 29, 43, 50, 91, 158


def shades(width: int, height: int, channels: int = 3) -> NDArray[np.uint8]:
    return np.random.default_rng(width).integers(0, 256, (height, width, channels), np.uint8)


def saved(pixels: NDArray[np.uint8], kind: str, **options: object) -> bytes:
    stream = BytesIO()
    Picture.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def ktx2(pixels: NDArray[np.generic], vk_format: int, scheme: int = 0) -> bytes:
    """Return a KTX2 with all mip levels by dropping every other pixel."""
    levels = [pixels]
    while max(levels[-1].shape[:2]) > 1:
        levels.append(levels[-1][::2, ::2])
    height, width = pixels.shape[:2]
    head = struct.pack("<9I", vk_format, 1, width, height, 0, 0, 1, len(levels), scheme)
    head = b"\xabKTX 20\xbb\r\n\x1a\n" + head + bytes(32)
    at, index, body = 80 + 24 * len(levels), b"", b""
    for level in levels:
        raw = level.tobytes()
        packed = zlib.compress(raw) if scheme == 3 else raw
        index += struct.pack("<3Q", at + len(body), len(packed), len(raw))
        body += packed
    return head + index + body


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_lossless_pictures_come_back_as_they_were(kind: str, channels: int) -> None:
    pixels = shades(9, 5, channels)
    if channels == 4:
        pixels[..., 3] = 200
    data = saved(pixels, kind, **({"lossless": True} if kind == "WEBP" else {}))
    assert np.array_equal(_pictures.pixels(data, "x"), pixels)


@pytest.mark.parametrize("scheme", [0, 3])
def test_plain_ktx2_gives_its_pixels(scheme: int) -> None:
    pixels = shades(8, 4, 4)
    assert np.array_equal(_pictures.pixels(ktx2(pixels, R8G8B8A8, scheme), "x"), pixels)
    swapped = ktx2(pixels[..., [2, 1, 0, 3]], B8G8R8A8, scheme)
    assert np.array_equal(_pictures.pixels(swapped, "x"), pixels)
    wide = pixels.astype("<u2") * 257
    assert np.array_equal(_pictures.pixels(ktx2(wide, R16G16B16A16, scheme), "x"), pixels)


@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 80))
def test_no_side_is_longer_than_asked_for(width: int, height: int, most: int) -> None:
    pixels = shades(width, height)
    for data in (saved(pixels, "PNG"), saved(pixels, "JPEG"), ktx2(pixels, R8G8B8)):
        found = _pictures.pixels(data, "x", most)
        assert max(found.shape[:2]) <= most
        if max(width, height) <= most:
            assert found.shape == (height, width, 3)


def test_a_level_of_a_ktx2_is_taken_as_it_is() -> None:
    pixels = shades(64, 64)
    assert np.array_equal(_pictures.pixels(ktx2(pixels, R8G8B8), "x", 16), pixels[::4, ::4])


def test_grey_palette_and_deep_pictures_become_colours() -> None:
    grey = np.array([[0, 128], [255, 64]], np.uint8)
    expected = np.repeat(grey[..., None], 3, axis=2)
    assert np.array_equal(_pictures.pixels(saved(grey, "PNG"), "x"), expected)
    deep = grey.astype(np.uint16) * 257
    stream = BytesIO()
    Picture.fromarray(deep).save(stream, "PNG")
    assert np.array_equal(_pictures.pixels(stream.getvalue(), "x"), expected)


@given(st.integers(0, 400))
def test_half_a_picture_is_an_error_and_never_a_traceback(cut: int) -> None:
    for data in (saved(shades(16, 16), "PNG"), ktx2(shades(8, 8), R8G8B8)):
        if cut < len(data) - 300:
            with pytest.raises(OpenError):
                _pictures.pixels(data[:cut], "x")


def test_a_declared_size_is_checked_before_it_is_decoded() -> None:
    data = bytearray(saved(shades(4, 4), "PNG"))
    data[16:24] = struct.pack(">2I", 60000, 60000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    with pytest.raises(TooLarge):
        _pictures.pixels(bytes(data), "x")
    huge = bytearray(ktx2(shades(4, 4), R8G8B8))
    huge[20:28] = struct.pack("<2I", 1 << 20, 1 << 20)
    with pytest.raises(OpenError):
        _pictures.pixels(bytes(huge), "x", 1 << 20)


def test_a_format_of_the_graphics_card_alone_is_named() -> None:
    with pytest.raises(NotSupported, match="158"):
        _pictures.pixels(ktx2(shades(4, 4, 4), ASTC), "x")


def test_a_decoder_that_is_not_installed_is_named_with_the_way_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opengl_basisu", None)
    with pytest.raises(MissingDecoder, match="pip install opengl_basisu"):
        _pictures.pixels(ktx2(shades(4, 4, 4), 0), "x")
