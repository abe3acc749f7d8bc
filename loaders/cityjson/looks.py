"""Appearances: CityJSON materials and textures -> numbered looks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._city.looks import Looks, linear
from loaders.cityjson.reading import Json
from twin.geometry import F32

WRAPS = {"mirror": "mirror", "clamp": "clamp", "border": "clamp"}


def material(looks: Looks, said: Any) -> int:
    """Return the look of a CityJSON material object."""
    if not isinstance(said, dict):
        return 0
    rgb = tuple(linear(v) for v in _floats(said.get("diffuseColor"), 3, 1.0))
    alpha = 1.0 - min(max(_floats([said.get("transparency", 0.0)], 1, 0.0)[0], 0.0), 1.0)
    return looks.colored((rgb[0], rgb[1], rgb[2], alpha))


def texture(looks: Looks, said: Any) -> int:
    """Return the look of a CityJSON texture object; 0 where its picture cannot be had."""
    if not isinstance(said, dict):
        return 0
    wrap = WRAPS.get(str(said.get("wrapMode", "")), "repeat")
    return looks.pictured_by(str(said.get("image", "")), wrap)


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
        return material(self.looks, _item(self.appearance.get("materials"), index))

    def texture(self, index: int) -> int:
        """Return the look of the feature's i-th texture. Raises IndexError when there is none."""
        found = self._textures.get(index)
        if found is None:
            found = texture(self.looks, _item(self.appearance.get("textures"), index))
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
