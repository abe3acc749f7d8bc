"""WMTS capabilities (OGC 07-057r7): the layer, the style and the tiles of one matrix set, as numbered tiles.

An address may name a layer after '#': ``https://.../WMTSCapabilities.xml#ortho``; else the first that
has tiles in Web Mercator is taken, then one in degrees. The document is read without entities and network.
"""

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from loaders.terrain.imagery.tiles import HALF, Grid, Tiles, datum_on, shifted
from twin.errors import BrokenFile, NotSupported
from twin.files import Folder, Server, is_remote, open_root, read_reference, resolve

MOST_BYTES = 32 << 20
MERCATOR = re.compile(r"(?:EPSG:{1,2}(?:[\d.]*:)?|/EPSG/[^/]*/)(3857|900913)$")
DEGREES = re.compile(r"(?:EPSG:{1,2}(?:[\d.]*:)?|/EPSG/[^/]*/)4326$|CRS84$")
PIXEL = 0.00028
"""Metres of a pixel by which scale denominators are meant."""
DEGREE = math.pi * 6378137.0 / 180
_NEAR = 1e-3


def is_capabilities(location: str) -> bool:
    """Return whether a location names WMTS capabilities."""
    text = location.partition("#")[0].lower()
    return "{" not in text and (
        "wmts" in text or "getcapabilities" in text or text.endswith((".xml", "/wmts"))
    )


def opened(location: str) -> Tiles:
    """Return a layer of WMTS capabilities as imagery. Raises OpenError."""
    address, _, wanted = location.partition("#")
    if (
        is_remote(address)
        and "getcapabilities" not in address.lower()
        and not address.lower().endswith(".xml")
    ):
        join = "&" if "?" in address else "?"
        address += f"{join}{urlencode({'service': 'WMTS', 'request': 'GetCapabilities', 'version': '1.0.0'})}"
    root, name = open_root(address)
    tree = _parsed(read_reference(root, name, MOST_BYTES), address)
    layers = [
        x for x in _all(tree, "Contents/Layer") if not wanted or _text(x, "Identifier") == wanted
    ]
    if not layers:
        names = ", ".join(_text(x, "Identifier") for x in _all(tree, "Contents/Layer")[:20])
        advice = f"Name one after '#': {names}." if names else "The document has no layers."
        raise NotSupported(location=location, what=f"the layer {wanted or '?'}", advice=advice)
    sets = {_text(x, "Identifier"): x for x in _all(tree, "Contents/TileMatrixSet")}
    for pattern in (MERCATOR, DEGREES):
        for layer in layers:
            found = _tiles(tree, layer, sets, pattern, address)
            if found is not None:
                return found
    advice = "Layers in Web Mercator or WGS 84 degrees whose levels halve are used."
    raise NotSupported(location=location, what="its way of cutting tiles", advice=advice)


def _parsed(data: bytes, location: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        tree = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenFile(location=location, format="WMTS", reason=str(error)) from error
    if etree.QName(tree).localname != "Capabilities":
        reason = "it is no document of capabilities"
        raise BrokenFile(location=location, format="WMTS", reason=reason)
    return tree


def _all(node: Any, path: str) -> list[Any]:
    steps = "/".join(f"*[local-name()='{step}']" for step in path.split("/"))
    return list(node.xpath(steps))


def _text(node: Any, path: str) -> str:
    found = _all(node, path)
    return (found[0].text or "").strip() if found else ""


def _tiles(
    tree: Any, layer: Any, sets: dict[str, Any], system: re.Pattern[str], address: str
) -> Tiles | None:
    for link in _all(layer, "TileMatrixSetLink"):
        key = _text(link, "TileMatrixSet")
        cut = sets.get(key)
        if cut is None or not system.search(_text(cut, "SupportedCRS")):
            continue
        grid, names = _grid(cut, degrees=system is DEGREES)
        if not names:
            continue
        template = _template(tree, layer, key, address)
        if not template:
            continue
        root = Server(template.partition("{")[0].rpartition("/")[0] + "/")
        credit = _text(tree, "ServiceProvider/ProviderName") or (urlsplit(template).hostname or "")
        host = (urlsplit(template).hostname or "").lower()
        levels = (next(n for n, name in enumerate(names) if name), len(names) - 1)
        told = shifted(host)
        made = Tiles(
            root, template, levels, grid, credit, told, datum=datum_on(host), names=tuple(names)
        )
        if is_remote(template):
            _allowed(address, template)
            return made
        if is_remote(address):
            base = address.partition("?")[0].rpartition("/")[0] + "/"
            return replace(made, root=Server(base))
        return replace(made, root=Folder(str(Path(address).parent)))
    return None


def _allowed(address: str, template: str) -> None:
    """Refuse tiles on a host that neither the user named nor allowed. Raises OtherHost, OutsideRoot."""
    root, name = open_root(address)
    resolve(root, name, re.sub(r"\{[^{}]*\}", "0", template))


def _grid(cut: Any, *, degrees: bool) -> tuple[Grid, list[str]]:
    """Return how tiles are cut and the name of each level; no names where the levels do not halve."""
    whole = 360.0 if degrees else 2 * HALF
    names: list[str] = []
    side = 256
    for matrix in _all(cut, "TileMatrix"):
        try:
            scale = float(_text(matrix, "ScaleDenominator"))
            side = int(_text(matrix, "TileWidth"))
            corner = [float(x) for x in _text(matrix, "TopLeftCorner").split()]
        except ValueError:
            return Grid(), []
        width = scale * PIXEL * side / (DEGREE if degrees else 1.0)
        level = math.log2((whole / 2 if degrees else whole) / width) if width > 0 else math.nan
        at = max(abs(x) for x in corner) if len(corner) == 2 else math.nan
        near = abs(at - whole / 2) < _NEAR * whole
        if (
            not (math.isfinite(level) and near)
            or abs(level - round(level)) > 0.01
            or round(level) not in range(31)
        ):
            continue
        names += [""] * (round(level) + 1 - len(names))
        names[round(level)] = _text(matrix, "Identifier")
    if not 0 < side <= 4096:
        return Grid(), []
    if degrees:
        return Grid("EPSG:4326", -180.0, 90.0, 180.0, DEGREE, side), names
    return Grid(side=side), names


def _template(tree: Any, layer: Any, matrix_set: str, address: str) -> str:
    """Return the template of a layer's tiles: RESTful, else by key and value; '' where there is none."""
    styles = _all(layer, "Style")
    usual = [x for x in styles if x.get("isDefault") == "true"] or styles
    style = _text(usual[0], "Identifier") if usual else ""
    formats = [(x.text or "").strip() for x in _all(layer, "Format")]
    chosen = next(
        (x for x in ("image/jpeg", "image/png") if x in formats),
        formats[0] if formats else "image/png",
    )
    for resource in _all(layer, "ResourceURL"):
        if resource.get("resourceType") == "tile" and resource.get("template"):
            text = str(resource.get("template"))
            return _filled(text, style, matrix_set)
    for get in tree.xpath("//*[local-name()='Operation'][@name='GetTile']//*[local-name()='Get']"):
        base = next((value for name, value in get.attrib.items() if name.endswith("href")), "")
        if base:
            said = {
                "service": "WMTS", "request": "GetTile", "version": "1.0.0", "layer": _text(layer, "Identifier"),
                "style": style, "tilematrixset": matrix_set, "format": chosen,
            }  # fmt: skip
            join = "" if base.endswith(("?", "&")) else "&" if "?" in base else "?"
            return f"{base}{join}{urlencode(said)}&tilematrix={{z}}&tilerow={{y}}&tilecol={{x}}"
    return ""


def _filled(template: str, style: str, matrix_set: str) -> str:
    values = {
        "Style": style,
        "style": style,
        "TileMatrixSet": matrix_set,
        "TileMatrix": "{z}",
        "TileRow": "{y}",
        "TileCol": "{x}",
    }
    lowered = {name.lower(): value for name, value in values.items()}

    def named(found: re.Match[str]) -> str:
        return lowered.get(found[1].lower(), "default")

    return re.sub(r"\{([^{}]*)\}", named, template)
