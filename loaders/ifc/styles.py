"""Colours of representation items and of materials, as the geometry kernel gives them.

The rules are those of ifcopenshell's mapping: the style of the item itself, else that of the single
material of the object, else that of its type's; of a style the first surface style that is not for the
back and has a shading. What these rules do not cover is ``UNSURE`` and left to the kernel.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np

from loaders.ifc.structure import by_type
from twin.geometry import Material


class _Unsure:
    """The mark of what only the kernel can tell."""


GREY = (0.7, 0.7, 0.7)
USUAL: Mapping[str, tuple[tuple[float, float, float], float]] = {
    "IfcSite": ((0.75, 0.8, 0.65), 0.0),
    "IfcSlab": ((0.4, 0.4, 0.4), 0.0),
    "IfcWallStandardCase": ((0.9, 0.9, 0.9), 0.0),
    "IfcWall": ((0.9, 0.9, 0.9), 0.0),
    "IfcWindow": ((0.75, 0.8, 0.75), 0.3),
    "IfcDoor": ((0.55, 0.3, 0.15), 0.0),
    "IfcBeam": ((0.75, 0.7, 0.7), 0.0),
    "IfcRailing": ((0.65, 0.6, 0.6), 0.0),
    "IfcMember": ((0.65, 0.6, 0.6), 0.0),
    "IfcPlate": ((0.8, 0.8, 0.8), 0.0),
}
"""Colour and transparency of what nothing is said about, by class: the kernel's (a test asks it)."""
UNSURE: Final = _Unsure()
Look = Material | None | _Unsure
"""A material, none, or not known here."""


def linear(shown: Sequence[float], through: float, name: str) -> Material:
    """Return a material in linear RGB; IFC writes colours as a screen shows them (sRGB)."""
    color = np.clip(np.nan_to_num(np.array(shown, np.float64)), 0.0, 1.0)
    light = np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)
    alpha = float(np.clip(1.0 - np.nan_to_num(through), 0.0, 1.0))
    red, green, blue = (round(float(c), 6) for c in light)
    mode = "blend" if alpha < 1.0 else "opaque"
    return Material(name, (red, green, blue, round(alpha, 6)), alpha_mode=mode)


class Styles:
    """The colours of one file; each style is read once."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self._shaded: dict[int, Look] = {}
        self._of_material: dict[int, Look] = {}

    def of_item(self, step: int) -> Look:
        """Return the look of a representation item by its own style."""
        return self._items.get(step)

    def of_product(self, product: Any) -> Material | _Unsure:
        """Return the look of what has no style of its own in a product."""
        look = self._assigned(product.id())
        if look is not None:
            return look
        kind = product.is_a()
        name = kind if kind in USUAL else "DefaultMaterial"
        color, through = USUAL.get(kind, (GREY, 0.0))
        return linear(color, through, name)

    def _assigned(self, step: int) -> Look:
        """Return the look of a product's material, else that of its type's."""
        material = self._single(step)
        if material is None:
            material = self._single(self._types.get(step, 0))
        if material is None:
            return None
        key = material.id()
        if key not in self._of_material:
            self._of_material[key] = self._material(key)
        return self._of_material[key]

    @cached_property
    def _items(self) -> Mapping[int, Look]:
        found: dict[int, Look] = {}
        for styled in self.file.by_type("IfcStyledItem"):
            item = styled.get_argument(0)
            if item is not None:
                key = item.id()
                found[key] = UNSURE if key in found else self._styled(styled)
        for name in ("IfcIndexedColourMap", "IfcTextureMap", "IfcIndexedTextureMap"):
            for painted in by_type(self.file, name):
                item = painted[0] if name == "IfcIndexedColourMap" else painted[1]
                if item is not None and hasattr(item, "id"):
                    found[item.id()] = UNSURE
        return found

    @cached_property
    def _materials(self) -> Mapping[int, list[Any]]:
        """Object or type -> what IfcRelAssociatesMaterial says of it."""
        found: dict[int, list[Any]] = {}
        for relation in self.file.by_type("IfcRelAssociatesMaterial"):
            for item in relation.get_argument(4) or ():
                found.setdefault(item.id(), []).append(relation.get_argument(5))
        return found

    @cached_property
    def _types(self) -> Mapping[int, int]:
        found: dict[int, int] = {}
        for relation in self.file.by_type("IfcRelDefinesByType"):
            kind = relation.get_argument(5)
            if kind is not None:
                for item in relation.get_argument(4) or ():
                    found.setdefault(item.id(), kind.id())
        return found

    @cached_property
    def _definitions(self) -> Mapping[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for definition in self.file.by_type("IfcMaterialDefinitionRepresentation"):
            found.setdefault(definition[3].id(), []).append(definition)
        return found

    def _single(self, step: int) -> Any:
        """Return the one IfcMaterial of an object, as the kernel counts them."""
        said = self._materials.get(step, ())
        found = said[0] if len(said) == 1 else None
        if found is None or found.is_a("IfcMaterial"):
            return found
        if found.is_a() in ("IfcMaterialLayerSetUsage", "IfcMaterialProfileSetUsage"):
            found = found[0]
        parts, at = {
            "IfcMaterialLayerSet": (0, 0),
            "IfcMaterialProfileSet": (2, 2),
            "IfcMaterialConstituentSet": (2, 2),
        }.get(found.is_a() if found is not None else "", (-1, -1))
        several = found[parts] if parts >= 0 else None
        return several[0][at] if several is not None and len(several) == 1 else None

    def _material(self, step: int) -> Look:
        """Return the look of a material by its definition."""
        for definition in self._definitions.get(step, ()):
            styled = [
                item
                for part in definition[2] or ()
                for item in part[3] or ()
                if item.is_a("IfcStyledItem")
            ]
            if len(styled) == 1:
                look = self._styled(styled[0])
                if look is not None:
                    return look
        return None

    def _styled(self, styled: Any) -> Look:
        """Return the look of an IfcStyledItem; None where it styles curves only."""
        looks = [
            self._surface(item)
            for style in styled.get_argument(1) or ()
            for item in (
                style[0] or () if style.is_a("IfcPresentationStyleAssignment") else (style,)
            )
            if item.is_a() == "IfcSurfaceStyle" and item[1] != "NEGATIVE"
        ]
        known = [look for look in looks if look is not UNSURE]
        return known[0] if known else (UNSURE if looks else None)

    def _surface(self, style: Any) -> Look:
        key = style.id()
        if key not in self._shaded:
            shadings = [item for item in style[2] if item.is_a("IfcSurfaceStyleShading")]
            self._shaded[key] = _shaded(shadings[0]) if len(shadings) == 1 else UNSURE
        return self._shaded[key]


def _shaded(shading: Any) -> Look:
    """Return the material of a shading or rendering."""
    color = shading[0]
    if color is None or not color.is_a("IfcColourRgb"):
        return UNSURE
    shown = [float(color[i]) for i in (1, 2, 3)]
    through = float((shading[1] if len(shading) > 1 else 0.0) or 0.0)
    if shading.is_a("IfcSurfaceStyleRendering") and shading[2] is not None:
        diffuse = shading[2]
        factors = diffuse if diffuse.is_a("IfcColourRgb") else [0.0] + [diffuse[0]] * 3
        shown = [value * float(factors[i + 1]) for i, value in enumerate(shown)]
    return linear(shown, through, f"{shading.is_a()}-{shading.id()}")
