"""How a node looks: material definitions (1.7) or the shared resource (1.6), and its picture."""

from collections.abc import Iterator
from typing import Any

from loaders._pictures import read_picture
from loaders.i3s.layer import Layer, dict_of
from loaders.i3s.nodes import Mesh
from loaders.i3s.package import PICTURE, SHARED
from twin.errors import OpenError
from twin.geometry import Image, Material
from twin.records import Problem

FORMATS = ("jpg", "jpeg", "png", "ktx2", "dds")
"""What is read, best first."""
CUTOFF = 0.25


def material_of(
    token: Mesh, node: dict[str, Any] | None, textured: bool, problems: list[Problem]
) -> Material:
    """Return a node's material.

    ``node`` is the node's document (1.6) or None (the token says all). A picture is read only where
    ``textured``: there are coordinates for it.
    """
    layer = token.layer
    if node is None:
        return _defined(layer, token, textured, problems)
    shared: dict[str, Any] = {}
    if node.get("sharedResource"):
        try:
            shared = layer.package.json(f"nodes/{token.key}/shared", SHARED)
        except OpenError as error:
            _report(problems, token, "i3s.material", error)
    return _shared(token, node, shared, textured, problems)


def _defined(layer: Layer, token: Mesh, textured: bool, problems: list[Problem]) -> Material:
    holder = layer.item("materialDefinitions", token.material)
    physical = dict_of(holder.get("pbrMetallicRoughness"))
    texture = dict_of(physical.get("baseColorTexture"))
    found = layer.item("textureSetDefinitions", texture.get("textureSetDefinitionId"))
    image = None
    if textured and found:
        address = f"nodes/{token.texture}/textures"
        image = _first(token, _names(found), address, problems)
    mode = str(holder.get("alphaMode", "opaque")).lower()
    cutoff = holder.get("alphaCutoff", CUTOFF)
    return Material(
        color=linear(physical.get("baseColorFactor")),
        image=image,
        alpha_mode=mode if mode in ("opaque", "mask", "blend") else "opaque",
        alpha_cutoff=float(cutoff) if isinstance(cutoff, int | float) else CUTOFF,
        double_sided=holder.get("doubleSided") is True or holder.get("cullFace") == "none",
    )


def _names(definition: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and format of a texture set, what can be read first."""
    held = definition.get("formats")
    items = [dict_of(item) for item in held] if isinstance(held, list) else []
    known = [(str(i.get("name")), str(i.get("format")).lower()) for i in items]
    yield from sorted(known, key=lambda pair: FORMATS.index(pair[1]) if pair[1] in FORMATS else 9)


def _shared(
    token: Mesh,
    node: dict[str, Any],
    shared: dict[str, Any],
    textured: bool,
    problems: list[Problem],
) -> Material:
    held = list(dict_of(shared.get("materialDefinitions")).values())
    params = dict_of(dict_of(held[0] if held else None).get("params"))
    data = node.get("textureData")
    names = [
        (reference.rpartition("/")[2], "jpg")
        for item in (data if isinstance(data, list) else ())
        if isinstance(reference := dict_of(item).get("href"), str)
    ]
    image = (
        _first(token, iter(names), f"nodes/{token.key}/textures", problems) if textured else None
    )
    diffuse, clear = params.get("diffuse"), params.get("transparency", 0.0)
    opacity = 1.0 - float(clear) if isinstance(clear, int | float) else 1.0
    color = [*diffuse[:3], opacity] if isinstance(diffuse, list) and len(diffuse) >= 3 else None
    return Material(
        color=linear(color),
        image=image,
        alpha_mode="blend"
        if opacity < 1.0 or params.get("renderMode") == "transparent"
        else "opaque",
        double_sided=params.get("cullFace", "none") == "none",
    )


def _first(
    token: Mesh, names: Iterator[tuple[str, str]], folder: str, problems: list[Problem]
) -> Image | None:
    """Return the first picture that can be read; the last reason is a problem if none can."""
    package = token.layer.package
    reason: OpenError | str | None = None
    for name, kind in names:
        if kind not in FORMATS:
            reason = reason or f"the format {kind} is not read"
            continue
        try:
            where = f"{folder}/{name}"
            return read_picture(package.read(where, PICTURE), package.where(where))
        except OpenError as error:
            reason = error
    if reason is not None:
        _report(problems, token, "i3s.picture", reason)
    return None


def linear(color: Any) -> tuple[float, float, float, float]:
    """Return an sRGB colour 0..1 (I3S's) with linear red, green and blue; white for none."""
    if not isinstance(color, list) or len(color) < 3:
        return (1.0, 1.0, 1.0, 1.0)
    held = [min(max(float(v), 0.0), 1.0) if isinstance(v, int | float) else 1.0 for v in color]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in held[:3])
    return (r, g, b, held[3] if len(held) > 3 else 1.0)


def _report(problems: list[Problem], token: Mesh, code: str, reason: OpenError | str) -> None:
    name = f"{token.layer.prefix}nodes/{token.key}"
    problems.append(Problem(code, f"{name}: {reason}", name, {"reason": str(reason)}))
