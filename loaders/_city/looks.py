"""Numbered looks: plain, colours, and pictures read from beside the file."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from loaders._city.beside import Beside
from loaders._city.problems import problem
from twin.errors import OpenError
from twin.geometry import PLAIN, U8, Image, Material
from twin.records import Problem

Look = tuple[Any, ...]
PICTURES = ("png", "jpg", "jpeg", "webp")
SURFACE_COLORS = {
    "RoofSurface": (0.44, 0.09, 0.06),
    "WallSurface": (0.72, 0.69, 0.62),
    "GroundSurface": (0.23, 0.22, 0.20),
    "Window": (0.18, 0.35, 0.50),
    "Door": (0.30, 0.16, 0.07),
    "WindowSurface": (0.18, 0.35, 0.50),
    "DoorSurface": (0.30, 0.16, 0.07),
    "WaterSurface": (0.10, 0.28, 0.50),
    "TrafficArea": (0.20, 0.20, 0.22),
    "AuxiliaryTrafficArea": (0.30, 0.33, 0.24),
}
"""Linear RGB by semantic surface, for ``Options.values['color'] = 'surface'``."""


@dataclass(slots=True)
class Looks:
    """All looks of a source: number 0 is plain, the others are made of what the file says."""

    beside: Beside
    format: str
    numbers: dict[Look, int] = field(default_factory=lambda: {("plain",): 0})
    materials: list[Material] = field(default_factory=lambda: [PLAIN])
    problems: list[Problem] = field(default_factory=list)
    images: dict[str, Image | None] = field(default_factory=dict)

    def surface(self, kind: str) -> int:
        """Return the look of a kind of semantic surface."""
        color = SURFACE_COLORS.get(kind, (0.6, 0.6, 0.6))
        return self._number(("surface", kind), Material(kind, (*color, 1.0)))

    def colored(self, color: tuple[float, float, float, float]) -> int:
        """Return the look of a plain colour: linear RGB and opacity."""
        mode = "blend" if color[3] < 1.0 else "opaque"
        return self._number(("material", color), Material("", color, alpha_mode=mode))

    def pictured_by(self, address: str, wrap: str) -> int:
        """Return the look of a picture beside the file; 0 where it cannot be had."""
        image = self._image(address)
        if image is None:
            return 0
        return self._number(("texture", address, wrap), Material(address, image=image, wrap=wrap))

    def is_picture(self, look: int) -> bool:
        """Return whether a look is a picture."""
        return self.materials[look].image is not None

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
        self.problems.append(problem(f"{self.format}.texture", address, reason=reason))


def linear(value: float) -> float:
    """Return an sRGB channel 0..1 as linear light (IEC 61966-2-1)."""
    value = min(max(value, 0.0), 1.0)
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
