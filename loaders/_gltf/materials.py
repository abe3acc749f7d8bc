"""Materials and pictures. Each picture is decoded once, here on the worker, however many use it."""

from typing import Any

import numpy as np

from loaders._gltf.document import Document, is_numbers
from loaders._pictures import read_picture
from twin.errors import BrokenFile, OpenError
from twin.geometry import F32, PLAIN, Image, Material

WRAPS = {10497: "repeat", 33071: "clamp", 33648: "mirror"}
SOURCES = ("KHR_texture_basisu", "EXT_texture_webp", "EXT_texture_avif", "MSFT_texture_dds")
"""Extensions that name another picture, which is preferred to the plain one."""


class Painter:
    """Materials of one document by index, each read once, and where their picture's uv come from."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._materials: dict[int, tuple[Material, dict[str, Any] | None]] = {}
        self._images: dict[int, Image | None] = {}

    def material(self, index: int) -> Material:
        """Return a material; a missing one is glTF's default (white)."""
        return self._read(index)[0]

    def uv(self, index: int, uvs: dict[int, F32]) -> F32 | None:
        """Return the picture's coordinates, transformed and turned upright, None without a picture."""
        material, reference = self._read(index)
        if material.image is None or reference is None:
            return None
        move = self.document.extension(reference, "KHR_texture_transform") or {}
        which = move.get("texCoord", reference.get("texCoord", 0))
        found = uvs.get(which) if isinstance(which, int) else None
        if found is None:
            return None
        return _upright(found, move)

    def _read(self, index: int) -> tuple[Material, dict[str, Any] | None]:
        if index not in self._materials:
            try:
                self._materials[index] = (PLAIN, None) if index < 0 else self._fresh(index)
            except OpenError as error:
                text = f"a material is left out: {error}"
                self.document.report("gltf.material", text, reason=str(error))
                self._materials[index] = (PLAIN, None)
        return self._materials[index]

    def _fresh(self, index: int) -> tuple[Material, dict[str, Any] | None]:
        document = self.document
        holder = document.item("materials", index)
        color, reference = self._base(holder)
        mode = str(holder.get("alphaMode", "OPAQUE")).lower()
        cutoff = holder.get("alphaCutoff", 0.5)
        unlit = document.extension(holder, "KHR_materials_unlit") is not None
        glow = _glow(holder)
        if glow is not None and reference is None and color[:3] == (0.0, 0.0, 0.0):
            (color, reference), unlit = glow, True
        image, wrap = (None, "repeat") if reference is None else self._texture(reference)
        name = holder.get("name")
        material = Material(
            name=name if isinstance(name, str) else "",
            color=color,
            image=image,
            alpha_mode=mode if mode in ("opaque", "mask", "blend") else "opaque",
            alpha_cutoff=float(cutoff) if is_numbers([cutoff], 1) else 0.5,
            double_sided=holder.get("doubleSided") is True,
            unlit=unlit,
            wrap=wrap,
        )
        return material, reference

    def _base(
        self, holder: dict[str, Any]
    ) -> tuple[tuple[float, float, float, float], dict[str, Any] | None]:
        """Return the base colour and its picture from whichever description the material has."""
        specular = self.document.extension(holder, "KHR_materials_pbrSpecularGlossiness")
        techniques = self.document.extension(holder, "KHR_techniques_webgl")
        physical = holder.get("pbrMetallicRoughness")
        if isinstance(physical, dict):
            found, keys = physical, ("baseColorFactor", "baseColorTexture")
        elif specular is not None:
            found, keys = specular, ("diffuseFactor", "diffuseTexture")
        elif techniques is not None and isinstance(techniques.get("values"), dict):
            values = techniques["values"]
            color = "u_diffuse" if is_numbers(values.get("u_diffuse"), 4) else "u_color"
            found, keys = values, (color, "u_tex" if "u_tex" in values else "u_diffuse")
        else:
            found, keys = {}, ("", "")
        factor, reference = found.get(keys[0]), found.get(keys[1])
        color4 = [float(v) for v in factor] if factor and is_numbers(factor, 4) else [1.0] * 4
        r, g, b, a = (min(max(v, 0.0), 1.0) for v in color4)
        return (r, g, b, a), reference if isinstance(reference, dict) else None

    def _texture(self, reference: dict[str, Any]) -> tuple[Image | None, str]:
        document = self.document
        texture = document.item("textures", reference.get("index"))
        sampler = document.item("samplers", texture["sampler"]) if "sampler" in texture else {}
        wrap = WRAPS.get(sampler.get("wrapS", 10497), "repeat") if sampler else "repeat"
        named = [document.extension(texture, name) for name in SOURCES]
        sources = [found.get("source") for found in named if found is not None]
        for source in (*sources, texture.get("source")):
            if isinstance(source, int) and not isinstance(source, bool):
                image = self._image(source)
                if image is not None:
                    return image, wrap
        return None, wrap

    def _image(self, index: int) -> Image | None:
        if index not in self._images:
            try:
                self._images[index] = self._picture(index)
            except OpenError as error:
                self._images[index] = None
                self._missing(error)
        return self._images[index]

    def _missing(self, error: OpenError) -> None:
        """List a picture that is left out; what could be installed or asked for has its own code."""
        if isinstance(error, BrokenFile):
            text = f"a picture is missing: {error}"
            self.document.report("gltf.image", text, reason=str(error))
        else:
            self.document.report(error.full_code, str(error), **error.params)

    def _picture(self, index: int) -> Image:
        document = self.document
        holder = document.item("images", index)
        if holder.get("bufferView") is not None:
            data = bytes(document.view(holder["bufferView"]))
        else:
            data = document.reference(holder.get("uri"))
        return read_picture(data, f"{document.location}, images[{index}]")


def _glow(
    holder: dict[str, Any],
) -> tuple[tuple[float, float, float, float], dict[str, Any] | None] | None:
    """Return what a material shines with, None if it does not.

    Some converters put a photograph there and leave the base black, so that no light touches it.
    """
    factor = holder.get("emissiveFactor")
    if not factor or not is_numbers(factor, 3) or not any(factor):
        return None
    r, g, b = (min(max(float(v), 0.0), 1.0) for v in factor)
    reference = holder.get("emissiveTexture")
    return (r, g, b, 1.0), reference if isinstance(reference, dict) else None


def _upright(uv: F32, move: dict[str, Any]) -> F32:
    """Return uv after KHR_texture_transform, with v growing upwards (glTF's grows downwards)."""
    offset = move.get("offset") if is_numbers(move.get("offset"), 2) else [0.0, 0.0]
    scale = move.get("scale") if is_numbers(move.get("scale"), 2) else [1.0, 1.0]
    angle = float(move["rotation"]) if is_numbers([move.get("rotation")], 1) else 0.0
    found = np.empty_like(uv, shape=(len(uv), 2))
    if offset == [0.0, 0.0] and scale == [1.0, 1.0] and angle == 0.0:
        found[:, 0] = uv[:, 0]
        np.subtract(np.float32(1.0), uv[:, 1], out=found[:, 1])
        return found
    assert offset is not None
    assert scale is not None
    c, s = np.cos(angle), np.sin(angle)
    u, v = uv[:, 0] * scale[0], uv[:, 1] * scale[1]
    found[:, 0] = c * u + s * v + offset[0]
    found[:, 1] = 1.0 - (-s * u + c * v + offset[1])
    return found
