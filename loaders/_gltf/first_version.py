"""glTF 1.0 as glTF 2.0: names become indices, strides move to the views, techniques become materials.

Only the JSON is rewritten; the bytes stay where they are, and every size is checked by the readers
of glTF 2.0. A name that leads nowhere stays a name, which those readers refuse with its place.
"""

from collections.abc import Iterator
from typing import Any

from twin.errors import BrokenFile, NotSupported
from twin.records import Problem

KINDS = (
    "accessors", "bufferViews", "buffers", "images", "materials", "meshes", "nodes", "samplers",
    "scenes", "textures",
)  # fmt: skip
"""What is named in version 1.0 and numbered in 2.0, as far as it is drawn."""
BODIES = ("binary_glTF", "KHR_binary_glTF", "CESIUM_binary_glTF")
"""Names of the buffer that lies in the GLB itself, and of the extensions that say so."""
QUANTIZED = "WEB3D_quantized_attributes"
ADVICE = "Ask for the content as glTF 2.0 (since 2017)."
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
SIZES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5124: 4, 5125: 4, 5126: 4}
RENAMED = {"TEXCOORD": "TEXCOORD_0", "COLOR": "COLOR_0"}
LOOKS = (
    "diffuse", "diffusetexture", "diffusetex", "tex", "texture", "basecolor", "basecolortexture",
    "color", "emission", "ambient",
)  # fmt: skip
"""Parameters that a surface's look is taken from, the first that is there; in lower case."""
GLOW = ("emission", "ambient")
BLEND, CULL_FACE = 3042, 2884
"""States of WebGL that a technique can enable."""


def is_first(json: dict[str, Any]) -> bool:
    """Return whether a document is written in glTF 1.0; the first ones have no version at all."""
    asset = json.get("asset")
    version = asset.get("version") if isinstance(asset, dict) else None
    if version is None:
        return isinstance(json.get("meshes"), dict)
    return str(version).split(".")[0] == "1"


def upgraded(
    json: dict[str, Any], location: str, body: int
) -> tuple[dict[str, Any], list[Problem]]:
    """Return a glTF 1.0 document as glTF 2.0, and what of it cannot be drawn as it was meant.

    ``body`` is the size in bytes of the binary part. Raises BrokenFile, NotSupported.
    """
    return _Upgrade(json, location).whole(body)


class _Upgrade:
    """One document on its way from names to indices."""

    def __init__(self, json: dict[str, Any], location: str) -> None:
        self.json = json
        self.location = location
        self.problems: list[Problem] = []
        self.indices: dict[str, dict[str, int]] = {}
        self.lists: dict[str, list[Any]] = {}
        for kind in KINDS:
            held = json.get(kind, {})
            if not isinstance(held, dict):
                raise self.broken(f"{kind} is not an object of named things, as glTF 1.0 has it")
            self.indices[kind] = {name: index for index, name in enumerate(held)}
            self.lists[kind] = [dict(v) if isinstance(v, dict) else v for v in held.values()]

    def broken(self, reason: str) -> BrokenFile:
        return BrokenFile(location=self.location, format="glTF", reason=reason)

    def whole(self, body: int) -> tuple[dict[str, Any], list[Problem]]:
        """Return the document of version 2.0 and the problems."""
        self._accessors()
        for mesh in self._each("meshes"):
            primitives = mesh.get("primitives")
            if isinstance(primitives, list):
                mesh["primitives"] = [self._primitive(p) for p in primitives]
        self._nodes()
        for name, material in zip(self.indices["materials"], self.lists["materials"], strict=True):
            if isinstance(material, dict):
                self._material(name, material)
        self._pictures()
        self._sizes(body)
        made: dict[str, Any] = {kind: held for kind, held in self.lists.items() if held}
        made["asset"] = {**_object(self.json.get("asset")), "version": "2.0"}
        if "scene" in self.json:
            made["scene"] = self.index("scenes", self.json["scene"])
        used = self.json.get("extensionsUsed")
        # Version 1.0 does not say which extensions a reader must know.
        made["extensionsRequired"] = [
            name for name in (used if isinstance(used, list) else []) if name not in BODIES
        ]
        for key in ("extensions", "extras", "extensionsUsed"):
            if key in self.json:
                made[key] = self.json[key]
        return made, self.problems

    def index(self, kind: str, name: Any) -> Any:
        """Return the index of a named thing; what is not there comes back as text."""
        return self.indices[kind].get(name, name) if isinstance(name, str) else repr(name)

    def _each(self, kind: str) -> Iterator[dict[str, Any]]:
        return (item for item in list(self.lists[kind]) if isinstance(item, dict))

    def _point(self, holder: dict[str, Any], key: str, kind: str) -> None:
        """Replace a name by its index where the member is there."""
        if key in holder:
            holder[key] = self.index(kind, holder[key])

    def _accessors(self) -> None:
        """Give the views the strides of the accessors: a view that has several is repeated."""
        views = self.lists["bufferViews"]
        for view in self._each("bufferViews"):
            self._point(view, "buffer", "buffers")
            view.pop("byteStride", None)
        grows = {
            at for at, v in enumerate(views) if isinstance(v, dict) and not v.get("byteLength")
        }
        strided: dict[tuple[int, int], int] = {}
        for accessor in self._each("accessors"):
            if QUANTIZED in _object(accessor.get("extensions")):
                raise NotSupported(location=self.location, what=QUANTIZED, advice=ADVICE)
            at = self.index("bufferViews", accessor.get("bufferView"))
            stride = accessor.pop("byteStride", 0)
            if type(stride) is not int or not 0 <= stride <= 255:
                raise self.broken(f"byteStride is {stride!r}, not 0 to 255")
            if isinstance(at, int) and isinstance(views[at], dict) and stride:
                if (at, stride) not in strided:
                    strided[at, stride] = len(views)
                    grows |= {len(views)} if at in grows else set()
                    views.append({**views[at], "byteStride": stride})
                at = strided[at, stride]
            accessor["bufferView"] = at
            if at in grows:  # version 1.0 does not demand a length
                views[at]["byteLength"] = max(
                    _count(views[at].get("byteLength")), _end(accessor, stride)
                )

    def _primitive(self, found: Any) -> Any:
        if not isinstance(found, dict):
            return found
        made = dict(found)
        attributes = found.get("attributes")
        if isinstance(attributes, dict):
            made["attributes"] = {
                RENAMED.get(name, name): self.index("accessors", accessor)
                for name, accessor in attributes.items()
            }
            colour = made["attributes"].get("COLOR_0")
            if isinstance(colour, int) and isinstance(self.lists["accessors"][colour], dict):
                self.lists["accessors"][colour]["normalized"] = True  # 1.0 has no such member
        self._point(made, "indices", "accessors")
        self._point(made, "material", "materials")
        if isinstance(made.get("material"), str):
            self._plain(made["material"], "there is no such material")
        return made

    def _nodes(self) -> None:
        """Point nodes at children and meshes; each mesh but an only one gets a node of its own."""
        nodes = self.lists["nodes"]
        for node in self._each("nodes"):
            meshes, children = node.pop("meshes", []), node.get("children", [])
            if not isinstance(meshes, list) or not isinstance(children, list):
                raise self.broken("a node's meshes or children are not a list")
            found = [self.index("meshes", name) for name in meshes]
            below = [self.index("nodes", name) for name in children]
            if len(found) == 1:
                node["mesh"] = found[0]
            else:
                below += range(len(nodes), len(nodes) + len(found))
                nodes += [{"mesh": mesh} for mesh in found]
            node["children"] = below
        for scene in self._each("scenes"):
            names = scene.get("nodes")
            if isinstance(names, list):
                scene["nodes"] = [self.index("nodes", name) for name in names]

    def _pictures(self) -> None:
        for texture in self._each("textures"):
            self._point(texture, "sampler", "samplers")
            self._point(texture, "source", "images")
        for image in self._each("images"):
            for name in BODIES:
                held = _object(_object(image.get("extensions")).get(name))
                if "bufferView" in held:
                    image["bufferView"] = self.index("bufferViews", held["bufferView"])
                    image.pop("uri", None)

    def _material(self, name: str, material: dict[str, Any]) -> None:
        """Give a material what its technique, or KHR_materials_common, says of its base colour."""
        common = _object(_object(material.get("extensions")).get("KHR_materials_common"))
        technique = _object(
            _object(self.json.get("techniques")).get(str(material.get("technique")))
        )
        values = _defaults(technique) | _object(material.get("values"))
        values |= _object(common.get("values"))
        source, look = self._look(values)
        if look is not None:
            material["pbrMetallicRoughness"] = look
        elif material.get("technique") or common:
            self._plain(name, "its colour is in a shader")
        enabled = _object(technique.get("states")).get("enable", [])
        enabled = enabled if isinstance(enabled, list) else []
        clear = values.get("transparency", 1.0)
        if look is not None and type(clear) in (int, float) and 0 <= clear < 1:
            look["baseColorFactor"][3] *= clear
            enabled = [*enabled, BLEND]
        flags = {**values, **common}
        if flags.get("transparent") is True or BLEND in enabled:
            material["alphaMode"] = "BLEND"
        if flags.get("doubleSided") is True or (technique and CULL_FACE not in enabled):
            material["doubleSided"] = True
        if source in GLOW or common.get("technique") == "CONSTANT":
            material["extensions"] = {"KHR_materials_unlit": {}}

    def _look(self, values: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
        """Return the parameter that colours a surface and its base colour, None without any."""
        held = {name.lower().removeprefix("u_"): value for name, value in values.items()}
        colour: tuple[str, dict[str, Any] | None] = ("", None)
        for name in LOOKS:
            value = held.get(name)
            value = value[0] if isinstance(value, list) and len(value) == 1 else value
            if isinstance(value, str) and value in self.indices["textures"]:
                texture = {"index": self.indices["textures"][value]}
                return name, {"baseColorFactor": [1.0] * 4, "baseColorTexture": texture}
            factor = _colour(value)
            if colour[1] is None and factor is not None:
                colour = name, {"baseColorFactor": factor}
        return colour

    def _plain(self, name: str, reason: str) -> None:
        text = f"the material {name} is drawn plainly: {reason}"
        problem = Problem("gltf.shader", text, self.location, {"name": name, "reason": reason})
        if problem not in self.problems:
            self.problems.append(problem)

    def _sizes(self, body: int) -> None:
        """Give buffers the sizes they need not declare in version 1.0, and find the binary one."""
        ends: dict[Any, int] = {}
        for view in self._each("bufferViews"):
            end = _count(view.get("byteOffset")) + _count(view.get("byteLength"))
            ends[view.get("buffer")] = max(ends.get(view.get("buffer"), 0), end)
        for name, index in self.indices["buffers"].items():
            buffer = self.lists["buffers"][index]
            if not isinstance(buffer, dict):
                continue
            if name in BODIES:
                buffer.pop("uri", None)  # a placeholder stands there
                buffer["byteLength"] = buffer.get("byteLength") or body
            elif not buffer.get("byteLength"):
                buffer["byteLength"] = ends.get(index, 0)


def _object(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _count(value: Any) -> int:
    return value if type(value) is int and value >= 0 else 0


def _element(accessor: dict[str, Any]) -> int:
    """Return the bytes of one element, 0 where its type is none; the reader refuses that."""
    kind, component = accessor.get("type"), accessor.get("componentType")
    if not isinstance(kind, str) or not isinstance(component, int):
        return 0
    return WIDTHS.get(kind, 0) * SIZES.get(component, 0)


def _end(accessor: dict[str, Any], stride: int) -> int:
    """Return where an accessor ends in its view, bytes."""
    size, count = _element(accessor), _count(accessor.get("count"))
    return _count(accessor.get("byteOffset")) + max(count - 1, 0) * (stride or size) + size


def _defaults(technique: dict[str, Any]) -> dict[str, Any]:
    """Return the values that a technique gives where a material has none."""
    parameters = _object(technique.get("parameters")).items()
    return {k: v["value"] for k, v in parameters if isinstance(v, dict) and "value" in v}


def _colour(value: Any) -> list[float] | None:
    """Return a colour's four channels, None where a value is no colour."""
    if not isinstance(value, list) or len(value) not in (3, 4):
        return None
    if not all(type(v) in (int, float) for v in value):
        return None
    return [float(v) for v in value] + [1.0] * (4 - len(value))
