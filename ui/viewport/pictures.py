"""Encoded or decoded pictures -> textures, from memory only; sizes are checked before decoding."""

import io
import warnings
from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np
from PIL import Image as Decoder
from PIL import UnidentifiedImageError
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkRenderingCore import vtkTexture

from twin.geometry import U8, Image

WRAPS = {
    "repeat": vtkTexture.Repeat,
    "mirror": vtkTexture.MirroredRepeat,
    "clamp": vtkTexture.ClampToEdge,
}
LARGEST = 4096
"""Longest side of a texture, pixels; larger pictures are made smaller."""
MOST_PIXELS = 16384 * 16384
"""A picture that declares more pixels is not decoded."""
ANISOTROPY = 1.0
"""VTK asks for 4, which doubles the frame time on software GL; pictures at rest are drawn twice as fine."""
UNREADABLE = (176, 178, 180)
"""What a picture that cannot be decoded looks like."""


class Pictures:
    """The textures of a stage: one for each picture and wrap, gone when no actor uses it any more."""

    def __init__(self) -> None:
        """Start empty."""
        self._known: WeakValueDictionary[tuple[int, str], vtkTexture] = WeakValueDictionary()
        self._held: WeakKeyDictionary[vtkTexture, Image] = WeakKeyDictionary()

    def texture(self, image: Image, wrap: str) -> vtkTexture:
        """Return the texture of a picture; the picture is held as long, so its id stays its own."""
        found = self._known.get((id(image), wrap))
        if found is None:
            found = picture_texture(image, wrap)
            self._known[id(image), wrap] = found
            self._held[found] = image
        return found


def picture_texture(image: Image, wrap: str) -> vtkTexture:
    """Return the picture as a mipmapped texture, first row at 0; what cannot be read is mid grey.

    Pixels that are decoded already are shared with it, not copied.
    """
    texture = vtkTexture()
    texture.SetInputData(_shared(decoded(image)))
    texture.SetColorModeToDirectScalars()
    texture.InterpolateOn()
    texture.MipmapOn()
    texture.SetMaximumAnisotropicFiltering(ANISOTROPY)
    texture.SetWrap(WRAPS.get(wrap, vtkTexture.Repeat))
    return texture


def decoded(image: Image) -> U8:
    """Return the pixels u8(h, w, 3 or 4), first row on top."""
    if image.pixels is not None:
        return image.pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Decoder.DecompressionBombWarning)
            with Decoder.open(io.BytesIO(image.encoded or b"")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    return _unreadable()
                picture.draft("RGB", (LARGEST, LARGEST))
                has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
                whole = picture.convert("RGBA" if has_alpha else "RGB")
    except (
        UnidentifiedImageError,
        Decoder.DecompressionBombError,
        OSError,
        ValueError,
        SyntaxError,
    ):
        return _unreadable()
    if max(whole.size) > LARGEST:
        whole.thumbnail((LARGEST, LARGEST))
    return np.asarray(whole, np.uint8)


def _unreadable() -> U8:
    return np.full((1, 1, 3), UNREADABLE, np.uint8)


def image_data(pixels: U8) -> vtkImageData:
    """Return VTK image data (first row at the bottom) of pixels with the first row on top."""
    return _shared(pixels[::-1])


def _shared(pixels: U8) -> vtkImageData:
    """Return VTK image data over the pixels themselves, where they lie in one piece."""
    height, width, channels = pixels.shape
    flat = np.ascontiguousarray(pixels).reshape(-1, channels)
    data = vtkImageData()
    data.SetDimensions(width, height, 1)
    data.GetPointData().SetScalars(numpy_to_vtk(flat))
    return data
