"""Appearances: CityJSON materials and textures -> numbered looks, pictures read from beside the file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders.cityjson.reading import Beside, Json, problem
from twin.errors import OpenError
from twin.geometry import F32, PLAIN, U8, Image, Material
from twin.records import Problem

Look = tuple[Any, ...]
WRAPS = {"mirror": "mirror", "clamp": "clamp", "border": "clamp"}
PICTURES = ("png", "jpg", "jpeg", "webp")
SURFACE_COLORS = {
    "RoofSurface": (0.44, 0.09, 0.06),
    "WallSurface": (0.72, 0.69, 0.62),
    "GroundSurface": (0.23, 0.22, 0.20),
    "Window": (0.18, 0.35, 0.50),
    "Door": (0.30, 0.16, 0.07),
    "WaterSurface": (0.10, 0.28, 0.50),
    "TrafficArea": (0.20, 0.20, 0.22),
    "AuxiliaryTrafficArea": (0.30, 0.33, 0.24),
}
"""Linear RGB by semantic surface, for ``Options.values['color'] = 'surface'``."""


@dataclass(slots=True)
class Looks:
    """All looks of a source: number 0 is plain, the others are made of what the file says."""

    beside: Beside
    numbers: dict[Look, int] = field(default_factory=lambda: {("plain",): 0})
    materials: list[Material] = field(default_factory=lambda: [PLAIN])
    problems: list[Problem] = field(default_factory=list)
    images: dict[str, Image | None] = field(default_factory=dict)

    def surface(self, kind: str) -> int:
        """Return the look of a kind of semantic surface."""
        color = SURFACE_COLORS.get(kind, (0.6, 0.6, 0.6))
        return self._number(("surface", kind), Material(kind, (*color, 1.0)))

    def material(self, said: Any) -> int:
        """Return the look of a CityJSON material object."""
        if not isinstance(said, dict):
            return 0
        rgb = tuple(_linear(v) for v in _floats(said.get("diffuseColor"), 3, 1.0))
        alpha = 1.0 - min(max(_floats([said.get("transparency", 0.0)], 1, 0.0)[0], 0.0), 1.0)
        mode = "blend" if alpha < 1.0 else "opaque"
        color = (rgb[0], rgb[1], rgb[2], alpha)
        return self._number(("material", color), Material("", color, alpha_mode=mode))

    def texture(self, said: Any) -> int:
        """Return the look of a CityJSON texture object; 0 where its picture cannot be had."""
        if not isinstance(said, dict):
            return 0
        address = str(said.get("image", ""))
        wrap = WRAPS.get(str(said.get("wrapMode", "")), "repeat")
        image = self._image(address)
        if image is None:
            return 0
        return self._number(("texture", address, wrap), Material(address, image=image, wrap=wrap))

    @property
    def pictured(self) -> NDArray[np.bool_]:
        """Return, for each look, whether it is a picture."""
        return np.array([material.image is not None for material in self.materials])

    @property
    def baked(self) -> NDArray[np.bool_]:
        """Return, for each look, whether it is a plain opaque colour: those share one drawable."""
        opaque = [material.alpha_mode == "opaque" for material in self.materials]
        return np.array(opaque) & ~self.pictured

    @property
    def colors(self) -> U8:
        """Return the colour of each look as display bytes (sRGB, IEC 61966-2-1) u8(n, 4)."""
        linear = np.array([material.color for material in self.materials])
        curve = np.where(
            linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055
        )
        curve[:, 3] = linear[:, 3]
        return np.asarray(np.round(curve * 255), np.uint8)

    def _number(self, key: Look, material: Material) -> int:
        found = self.numbers.setdefault(key, len(self.materials))
        if found == len(self.materials):
            self.materials.append(material)
        return found

    def _image(self, address: str) -> Image | None:
        if address not in self.images:
            self.images[address] = None
            if address.rpartition(".")[2].lower() not in PICTURES:
                self._tell(address, "it is not named as a JPEG, PNG or WebP picture")
            else:
                try:
                    self.images[address] = Image(address, encoded=self.beside.read(address))
                except OpenError as error:
                    self._tell(address, str(error))
        return self.images[address]

    def _tell(self, address: str, reason: str) -> None:
        self.problems.append(problem("cityjson.texture", address, reason=reason))


@dataclass(slots=True)
class FeatureLooks:
    """The materials and textures of one feature, numbered in all looks when first used."""

    looks: Looks
    appearance: Json
    known: dict[int | None, int] = field(default_factory=lambda: {None: 0})
    """The looks of the materials that were used, by their number in the feature."""
    _textures: dict[int, int] = field(default_factory=dict)
    _uv: F32 | None = None

    def material(self, index: int) -> int:
        """Return the look of the feature's i-th material. Raises IndexError when there is none."""
        return self.looks.material(_item(self.appearance.get("materials"), index))

    def texture(self, index: int) -> int:
        """Return the look of the feature's i-th texture. Raises IndexError when there is none."""
        found = self._textures.get(index)
        if found is None:
            found = self.looks.texture(_item(self.appearance.get("textures"), index))
            self._textures[index] = found
        return found

    @property
    def uv(self) -> F32:
        """Return the feature's texture coordinates f32(n, 2)."""
        if self._uv is None:
            raw = self.appearance.get("vertices-texture")
            pairs = [_floats(item, 2, np.nan) for item in raw] if isinstance(raw, list) else []
            with np.errstate(over="ignore"):
                self._uv = np.array(pairs, np.float64).astype(np.float32).reshape(-1, 2)
        return self._uv

    def theme(self, said: Any, default: str) -> Json:
        """Return the entry of the default theme, else the first, of a geometry's material or texture."""
        if not isinstance(said, dict) or not said:
            return {}
        if len(said) == 1:
            (found,) = said.values()
            return found if isinstance(found, dict) else {}
        found = said.get(str(self.appearance.get(default)), next(iter(said.values())))
        return found if isinstance(found, dict) else {}


def _item(items: Any, index: int) -> Any:
    if not isinstance(items, list) or not 0 <= index < len(items):
        raise IndexError(f"there is no entry {index} in the appearance")
    return items[index]


def _floats(values: Any, count: int, default: float) -> Sequence[float]:
    if isinstance(values, list) and len(values) >= count:
        part = values[:count]
        if all(isinstance(v, int | float) for v in part):
            return [float(v) for v in part]
    return [default] * count


def _linear(value: float) -> float:
    """Return an sRGB channel 0..1 as linear light (IEC 61966-2-1)."""
    value = min(max(value, 0.0), 1.0)
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def ring_uv(
    values: Sequence[Any], sizes: NDArray[np.int32], looks: FeatureLooks
) -> tuple[int, F32] | None:
    """Return the look and the coordinates f32(corners, 2) of one surface from its rings' entries.

    Each entry is ``[texture, uv, uv, ...]`` or ``[null]``. None: the surface has no texture.
    Raises ValueError or IndexError when the entry does not fit its ring.
    """
    first = values[0][0] if values and values[0] else None
    if first is None:
        return None
    look = looks.texture(first)
    numbers: list[int] = []
    for entry, size in zip(values, sizes, strict=True):
        if len(entry) != size + 1:
            raise ValueError(f"{len(entry) - 1} texture coordinates for {size} corners")
        numbers += entry[1:]
    at = np.array(numbers)
    if at.dtype.kind != "i" or at.min() < 0 or at.max() >= len(looks.uv):
        raise IndexError("a texture coordinate's number is out of range")
    return look, looks.uv[at]
