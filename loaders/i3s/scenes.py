"""From a location to the layers in it: a package, a layer's folder, a service, a building's sublayers."""

from collections.abc import Iterator
from typing import Any

from loaders.i3s.layer import DRAWN, Layer, dict_of, layer_of
from loaders.i3s.package import LAYER, MAX_JSON, Package, as_object
from twin.errors import BrokenFile, NotFound, NotSupported, OpenError, WebPage
from twin.files import Root, Server, is_remote, open_root, read_reference
from twin.records import Problem

MOST_LAYERS = 256
DEEPEST = 16


def layers_at(location: str) -> tuple[list[Layer], list[Problem]]:
    """Return the layers that can be drawn, and a problem for each of the others. Raises OpenError."""
    problems: list[Problem] = []
    found: list[Layer] = []
    every = _documents(*open_root(location.rstrip("/") if is_remote(location) else location))
    for package, doc in every:
        alone = len(every) == 1
        try:
            found += drawn(package, doc, "" if alone else f"{package.base}", problems)
        except OpenError as error:
            if alone:
                raise
            problems.append(_problem(error, str(doc.get("name", package.base))))
    if not found:
        raise BrokenFile(location=location, format="I3S", reason="there is no layer to draw in it")
    return found, problems


def _documents(root: Root, name: str) -> list[tuple[Package, dict[str, Any]]]:
    """Return the layers' packages and documents at a location. Raises OpenError."""
    if isinstance(root, Server):
        return _served(root, name)
    if name and name not in LAYER:
        doc = as_object(read_reference(root, name, MAX_JSON), f"{root.location}/{name}")
        return [(Package(root), doc)]
    try:
        return [(Package(root), Package(root).layer())]
    except NotFound:
        pass
    for base in ("layers/", "SceneServer/layers/"):
        found = list(_numbered(root, base))
        if found:
            return found
    reason = "there is no layer document (3dSceneLayer.json, index.json, layers/0)"
    raise BrokenFile(location=root.location, format="I3S", reason=reason)


def _numbered(root: Root, base: str) -> Iterator[tuple[Package, dict[str, Any]]]:
    for number in range(MOST_LAYERS):
        package = Package(root, f"{base}{number}/")
        try:
            yield package, package.layer()
        except NotFound:
            return


def _served(root: Root, name: str) -> list[tuple[Package, dict[str, Any]]]:
    """Return the layer at an address, or all layers of a service."""
    doc = _asked(root, name)
    plain = name.partition("?")[0]
    held = doc.get("layers")
    if "layerType" in doc or not isinstance(held, list):
        return [(Package(root, f"{plain}/"), doc)]
    found = []
    for item in held[:MOST_LAYERS]:
        number = dict_of(item).get("id", 0)
        package = Package(root, f"{plain}/layers/{number}/")
        full = item if "store" in dict_of(item) else _asked(root, f"{plain}/layers/{number}")
        found.append((package, dict_of(full)))
    return found


def _asked(root: Root, name: str) -> dict[str, Any]:
    """Return a document of a server, which may show a page for people unless asked for JSON."""
    try:
        data = read_reference(root, name, MAX_JSON)
    except WebPage:
        if "f=" in name:
            raise
        more = f"{name}&f=json" if "?" in name else f"{name}?f=json"
        data = read_reference(root, more, MAX_JSON)
    return as_object(data, f"{root.location}{name}")


def drawn(
    package: Package, doc: dict[str, Any], prefix: str, problems: list[Problem]
) -> Iterator[Layer]:
    """Yield the layers of a document; those of a building one by one. Raises OpenError."""
    kind = str(doc.get("layerType", ""))
    if kind == "Building":
        yield from _building(package, doc, prefix, problems)
    elif kind in DRAWN:
        yield layer_of(package, doc, prefix=prefix)
    else:
        raise _refused(package, kind)


def _refused(package: Package, kind: str) -> NotSupported:
    what, advice = f"a layer of the type {kind or '?'}", "Ask for a mesh or point scene layer."
    if kind == "PointCloud":
        what = "a point cloud scene layer (LEPCC compression)"
        advice = "Ask for the points as LAS, LAZ or 3D Tiles."
    return NotSupported(location=package.where("").rstrip("/"), what=what, advice=advice)


def _building(
    package: Package, doc: dict[str, Any], prefix: str, problems: list[Problem]
) -> Iterator[Layer]:
    """Yield a building's sublayers that hold something; the overview repeats them and is left out."""
    every = list(_leaves(doc.get("sublayers"), 0))
    parts = [item for item in every if item.get("modelName") != "Overview"] or every
    for item in parts[:MOST_LAYERS]:
        if item.get("isEmpty") is True:
            continue
        number = item.get("id")
        title = str(item.get("name", number))
        inner = Package(package.root, f"{package.base}sublayers/{number}/")
        try:
            full = inner.layer()
            merged = {"spatialReference": doc.get("spatialReference"), **full}
            merged.setdefault("heightModelInfo", doc.get("heightModelInfo"))
            kind = str(merged.get("layerType") or item.get("layerType"))
            if kind not in DRAWN:
                raise _refused(inner, kind)
            word = str(item.get("modelName") or title)
            yield layer_of(inner, merged, word, f"{prefix}{number}/")
        except OpenError as error:
            problems.append(_problem(error, title))


def _leaves(held: Any, depth: int) -> Iterator[dict[str, Any]]:
    for item in held if isinstance(held, list) and depth < DEEPEST else ():
        if dict_of(item).get("layerType") == "group":
            yield from _leaves(item.get("sublayers"), depth + 1)
        elif dict_of(item).get("id") is not None:
            yield item


def _problem(error: OpenError, title: str) -> Problem:
    return Problem(error.full_code, str(error), title, dict(error.params))
