"""Rules of glTF 2.0 that its JSON alone can break: said with the place, once for a document.

Nothing is refused for them: what can be drawn is drawn, and the reader's own checks guard the arrays.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from loaders._gltf.accessors import TYPES, WIDTHS
from loaders._gltf.document import Document

TARGETS = {
    "bufferView": "bufferViews", "buffer": "buffers", "mesh": "meshes", "material": "materials",
    "camera": "cameras", "skin": "skins", "children": "nodes", "joints": "nodes",
    "skeleton": "nodes", "inverseBindMatrices": "accessors", "input": "accessors",
    "output": "accessors", "source": "images", "index": "textures", "scene": "scenes",
    "node": "nodes",
}  # fmt: skip
"""What a member points into, whoever has it."""
NEEDED = {
    "accessors": ("componentType", "count", "type"), "bufferViews": ("buffer", "byteLength"),
    "buffers": ("byteLength",), "meshes": ("primitives",), "primitives": ("attributes",),
    "animations": ("channels", "samplers"), "skins": ("joints",), "cameras": ("type",),
}  # fmt: skip
"""Members that the things in a list must have."""
LISTS = (
    "accessors", "animations", "bufferViews", "buffers", "cameras", "images", "materials", "meshes",
    "nodes", "samplers", "scenes", "skins", "textures",
)  # fmt: skip
DEEPEST = 64
"""How deep members and nodes are followed."""
MOST = 100
"""So many broken rules are counted, no more."""
LIMITS = {"byteStride": (4, 252), "byteLength": (1, 1 << 53), "count": (1, 1 << 53)}


class Broken(NamedTuple):
    """A rule that is broken, and where (a JSON pointer)."""

    place: str
    rule: str


def report_broken(document: Document) -> None:
    """List the first broken rule of a document and how many there are."""
    found: list[Broken] = []
    for item in broken_rules(document.json):
        found.append(item)
        if len(found) >= MOST:
            break
    if found:
        first = found[0]
        document.report(
            "gltf.rule", f"{first.place}: {first.rule} ({len(found)} rules broken)",
            place=first.place, rule=first.rule, count=len(found),
        )  # fmt: skip


def broken_rules(json: dict[str, Any]) -> Iterator[Broken]:
    """Yield the rules that a document's JSON breaks."""
    sizes = {}
    for name in LISTS:
        held = json.get(name)
        sizes[name] = len(held) if isinstance(held, list) else 0
        if name in json and not isinstance(held, list):
            yield Broken(f"/{name}", "is not a list")
        elif name in json and not held:
            yield Broken(f"/{name}", "is empty")
    yield from _extensions(json)
    yield from _walk(json, "", "", sizes)
    yield from _nodes(json)
    yield from _sizes(json)


def _extensions(json: dict[str, Any]) -> Iterator[Broken]:
    used, required = json.get("extensionsUsed"), json.get("extensionsRequired")
    for key, names in (("extensionsUsed", used), ("extensionsRequired", required)):
        if names is not None and not isinstance(names, list):
            yield Broken(f"/{key}", "is not a list")
        elif names and len({str(name) for name in names}) < len(names):
            yield Broken(f"/{key}", "names one twice")
    named = used if isinstance(used, list) else []
    for name in required if isinstance(required, list) else []:
        if name not in named:
            yield Broken("/extensionsRequired", f"{name} is not in extensionsUsed")


def _walk(value: Any, place: str, kind: str, sizes: dict[str, int]) -> Iterator[Broken]:
    """Yield what is wrong in a value that stands in the list or member ``kind``."""
    if place.count("/") > DEEPEST:
        return
    if isinstance(value, list):
        for i, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from _walk(item, f"{place}/{i}", kind, sizes)
            elif kind in NEEDED:
                yield Broken(f"{place}/{i}", "is not an object")
        return
    for key in NEEDED.get(kind, ()):
        if key not in value:
            yield Broken(place, f"lacks {key}")
    for key, item in value.items():
        if key not in ("extras", "extensions"):
            yield from _member(key, item, f"{place}/{key}", (kind, sizes))


def _member(
    key: str, item: Any, place: str, inside: tuple[str, dict[str, int]]
) -> Iterator[Broken]:
    kind, sizes = inside
    target = _target(key, kind)
    if target:
        yield from _references(item, place, sizes[target])
    elif isinstance(item, dict | list):
        yield from _walk(item, place, key, sizes)
    elif key in LIMITS:
        yield from _limits(item, place, LIMITS[key])


def _target(key: str, kind: str) -> str:
    """Return the list that a member points into, '' where it is no reference."""
    if kind == "attributes":
        return "accessors"
    if kind == "textures" and key == "sampler":
        return "samplers"
    if kind == "scenes" and key == "nodes":
        return "nodes"
    if kind == "primitives" and key == "indices":
        return "accessors"
    if key == "scene" and kind:
        return ""
    return TARGETS.get(key, "")


def _references(item: Any, place: str, size: int) -> Iterator[Broken]:
    many = item if isinstance(item, list) else [item]
    if not many:
        yield Broken(place, "is empty")
    if isinstance(item, list) and len(set(map(str, many))) < len(many):
        yield Broken(place, "names one twice")
    for number in many:
        if (
            not isinstance(number, int | float)
            or isinstance(number, bool)
            or not float(number).is_integer()
        ):
            yield Broken(place, f"{number!r} is no index")
        elif not 0 <= number < size:
            yield Broken(place, f"{number} does not exist, there are {size}")


def _limits(item: Any, place: str, limits: tuple[int, int]) -> Iterator[Broken]:
    low, high = limits
    if not isinstance(item, int | float) or isinstance(item, bool):
        yield Broken(place, f"{item!r} is no number")
    elif not low <= item <= high:
        yield Broken(place, f"{item} is not within {low} to {high}")


def _nodes(json: dict[str, Any]) -> Iterator[Broken]:
    """Yield nodes that are placed twice over: by a matrix and by parts, or by two parents."""
    nodes = json.get("nodes")
    parents: dict[Any, int] = {}
    for i, node in enumerate(nodes if isinstance(nodes, list) else []):
        if not isinstance(node, dict):
            yield Broken(f"/nodes/{i}", "is not an object")
            continue
        if "matrix" in node and {"translation", "rotation", "scale"} & node.keys():
            yield Broken(f"/nodes/{i}", "has a matrix and its parts")
        children = node.get("children")
        for child in children if isinstance(children, list) else []:
            if isinstance(child, int) and parents.setdefault(child, i) != i:
                yield Broken(f"/nodes/{child}", "hangs in two nodes")
    rings = (i for i in parents if _hangs_in_itself(i, parents))
    for i in rings:
        yield Broken(f"/nodes/{i}", "hangs in itself")
        return


def _hangs_in_itself(node: Any, parents: dict[Any, int]) -> bool:
    above = parents.get(node)
    for _ in range(DEEPEST):
        if above is None or above == node:
            break
        above = parents.get(above)
    return bool(above == node)


def _sizes(json: dict[str, Any]) -> Iterator[Broken]:
    """Yield views that leave their buffer and accessors that leave their view."""
    buffers = [_sound(item) for item in _list(json, "buffers")]
    views = [_sound(item) for item in _list(json, "bufferViews")]
    for i, view in enumerate(views):
        owner = _at(buffers, view.get("buffer"))
        need = _count(view, "byteOffset") + _count(view, "byteLength")
        if owner and need > _count(owner, "byteLength"):
            yield Broken(f"/bufferViews/{i}", f"ends at {need} of its buffer's bytes")
        if _count(view, "byteStride") % 4:
            yield Broken(f"/bufferViews/{i}/byteStride", "is no multiple of 4")
    for i, item in enumerate(map(_sound, _list(json, "accessors"))):
        yield from _accessor(item, f"/accessors/{i}", _at(views, item.get("bufferView")))


def _accessor(item: dict[str, Any], place: str, view: dict[str, Any] | None) -> Iterator[Broken]:
    kind = TYPES.get(_count(item, "componentType"))
    width = WIDTHS.get(str(item.get("type")))
    if kind is None or width is None:
        yield Broken(place, "has no known componentType and type")
        return
    offset, count = _count(item, "byteOffset"), _count(item, "count")
    if _count(_sound(item.get("sparse")), "count") > count:
        yield Broken(f"{place}/sparse/count", f"is more than {count}")
    if item.get("normalized") is True and (kind.kind == "f" or kind.itemsize > 2):
        yield Broken(f"{place}/normalized", "is for integers of one or two bytes")
    if view is None:
        if "byteOffset" in item and "bufferView" not in item:
            yield Broken(place, "has a byteOffset and no bufferView")
        return
    size = kind.itemsize * width
    stride = _count(view, "byteStride") or size
    if stride < size:
        yield Broken(place, f"has {size} bytes an element in a stride of {stride}")
    if (offset + _count(view, "byteOffset")) % kind.itemsize or stride % kind.itemsize:
        yield Broken(place, f"does not lie at a multiple of {kind.itemsize} bytes")
    if (
        "extensions" not in view
        and count
        and offset + (count - 1) * stride + size > _count(view, "byteLength")
    ):
        yield Broken(place, f"needs more bytes than its view's {_count(view, 'byteLength')}")


def _list(json: dict[str, Any], name: str) -> list[Any]:
    found = json.get(name)
    return found if isinstance(found, list) else []


def _sound(item: Any) -> dict[str, Any]:
    return item if isinstance(item, dict) else {}


def _at(items: list[dict[str, Any]], index: Any) -> dict[str, Any] | None:
    return items[index] if isinstance(index, int) and 0 <= index < len(items) else None


def _count(item: dict[str, Any], key: str) -> int:
    found = item.get(key, 0)
    return found if isinstance(found, int) else 0
