"""WMTS capabilities (OGC 07-057r7): the layer, the style and the tiles of one matrix set.

An address may name a layer after '#': ``https://.../WMTSCapabilities.xml#ortho``; else the first that
has tiles in Web Mercator is taken, then one in degrees, then one in any system that PROJ knows
(``#set=NAME``, ``#ortho&set=NAME``: that matrix set). The document is read without entities and network.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from loaders.terrain.imagery.matrices import Matrices
from loaders.terrain.imagery.matrix_sets import (
    DEGREE,
    PIXEL,
    all_of,
    levels_of,
    system_of,
    text_of,
    unit_of,
)
from loaders.terrain.imagery.tiles import HALF, Grid, Tiles, datum_on, shifted
from twin.errors import BrokenFile, NotSupported
from twin.files import Folder, Root, Server, is_remote, open_root, read_reference, resolve

MOST_BYTES = 32 << 20
MERCATOR = re.compile(r"(?:EPSG:{1,2}(?:[\d.]*:)?|/EPSG/[^/]*/)(3857|900913)$")
DEGREES = re.compile(r"(?:EPSG:{1,2}(?:[\d.]*:)?|/EPSG/[^/]*/)4326$|CRS84$")
_NEAR = 1e-3
SET = "set="
"""What names a matrix set in an address."""


def is_capabilities(location: str) -> bool:
    """Return whether a location names WMTS capabilities."""
    text = location.partition("#")[0].lower()
    return "{" not in text and (
        "wmts" in text or "getcapabilities" in text or text.endswith((".xml", "/wmts"))
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """One way in which capabilities offer a layer: the document and its address, the layer, its link to a set, the set."""

    tree: Any
    address: str
    layer: Any
    link: Any
    cut: Any

    @property
    def template(self) -> str:
        """Return the template of its tiles, '' where there is none."""
        return _template(self.tree, self.layer, text_of(self.link, "TileMatrixSet"), self.address)

    @property
    def host(self) -> str:
        """Return the host of its tiles."""
        return (urlsplit(self.template).hostname or "").lower()

    @property
    def credit(self) -> str:
        """Return whose it is."""
        return text_of(self.tree, "ServiceProvider/ProviderName") or self.host

    @property
    def root(self) -> Root:
        """Return where its tiles lie. Raises OtherHost, OutsideRoot for a host that nobody allowed."""
        if is_remote(self.template):
            _allowed(self.address, self.template)
            return Server(self.template.partition("{")[0].rpartition("/")[0] + "/")
        if is_remote(self.address):
            return Server(self.address.partition("?")[0].rpartition("/")[0] + "/")
        return Folder(str(Path(self.address).parent))


def opened(location: str) -> Tiles | Matrices:
    """Return a layer of WMTS capabilities as imagery. Raises OpenError."""
    address, _, rest = location.partition("#")
    wanted = "&".join(x for x in rest.split("&") if not x.startswith(SET))
    cut = next((x.removeprefix(SET) for x in rest.split("&") if x.startswith(SET)), "")
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
        x
        for x in all_of(tree, "Contents/Layer")
        if not wanted or text_of(x, "Identifier") == wanted
    ]
    if not layers:
        names = ", ".join(text_of(x, "Identifier") for x in all_of(tree, "Contents/Layer")[:20])
        advice = f"Name one after '#': {names}." if names else "The document has no layers."
        raise NotSupported(location=location, what=f"the layer {wanted or '?'}", advice=advice)
    sets = {text_of(x, "Identifier"): x for x in all_of(tree, "Contents/TileMatrixSet")}
    offers = [
        Offer(tree, address, layer, link, sets[key])
        for layer in layers
        for link in all_of(layer, "TileMatrixSetLink")
        if (key := text_of(link, "TileMatrixSet")) in sets and cut in ("", key)
    ]
    return _chosen(offers, location)


def _chosen(offers: list[Offer], location: str) -> Tiles | Matrices:
    """Return the first offer that can be used: Web Mercator, degrees, then any system. Raises NotSupported."""
    for system in (MERCATOR, DEGREES):
        for offer in offers:
            usual = _tiles(offer, system)
            if usual is not None:
                return usual
    for offer in offers:
        found = _matrices(offer)
        if found is not None:
            return found
    names = ", ".join(dict.fromkeys(text_of(x.cut, "SupportedCRS") for x in offers)) or "-"
    advice = f"None of its systems is known, or their matrices are not sound: {names[:200]}."
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


def _tiles(offer: Offer, system: re.Pattern[str]) -> Tiles | None:
    """Return a layer's tiles in the usual cut of Web Mercator or degrees; None where it is another."""
    if not system.search(text_of(offer.cut, "SupportedCRS")):
        return None
    grid, names = _grid(offer.cut, degrees=system is DEGREES)
    template = offer.template if names else ""
    if not template:
        return None
    levels = (next(n for n, name in enumerate(names) if name), len(names) - 1)
    return Tiles(
        offer.root, template, levels, grid, offer.credit, shifted(offer.host), datum=datum_on(offer.host),
        names=tuple(names),
    )  # fmt: skip


def _matrices(offer: Offer) -> Matrices | None:
    """Return a layer's tiles in a cut of any system; None where PROJ does not know it."""
    crs = system_of(offer.cut)
    if crs is None:
        return None
    levels, extent = levels_of(offer.cut, offer.link, crs, offer.layer)
    template = offer.template if levels else ""
    if not template:
        return None
    return Matrices(
        offer.root, template, crs.horizontal, unit_of(crs), levels, extent, offer.credit,
        shifted(offer.host), datum_on(offer.host),
    )  # fmt: skip


def _allowed(address: str, template: str) -> None:
    """Refuse tiles on a host that neither the user named nor allowed. Raises OtherHost, OutsideRoot."""
    root, name = open_root(address)
    resolve(root, name, re.sub(r"\{[^{}]*\}", "0", template))


def _grid(cut: Any, *, degrees: bool) -> tuple[Grid, list[str]]:
    """Return how tiles are cut and the name of each level; no names where the levels do not halve."""
    whole = 360.0 if degrees else 2 * HALF
    names: list[str] = []
    side = 256
    for matrix in all_of(cut, "TileMatrix"):
        try:
            scale = float(text_of(matrix, "ScaleDenominator"))
            side = int(text_of(matrix, "TileWidth"))
            corner = [float(x) for x in text_of(matrix, "TopLeftCorner").split()]
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
        names[round(level)] = text_of(matrix, "Identifier")
    if not 0 < side <= 4096:
        return Grid(), []
    if degrees:
        return Grid("EPSG:4326", -180.0, 90.0, 180.0, DEGREE, side), names
    return Grid(side=side), names


def _template(tree: Any, layer: Any, matrix_set: str, address: str) -> str:
    """Return the template of a layer's tiles: RESTful, else by key and value; '' where there is none."""
    styles = all_of(layer, "Style")
    usual = [x for x in styles if x.get("isDefault") == "true"] or styles
    style = text_of(usual[0], "Identifier") if usual else ""
    formats = [(x.text or "").strip() for x in all_of(layer, "Format")]
    chosen = next(
        (x for x in ("image/jpeg", "image/png") if x in formats),
        formats[0] if formats else "image/png",
    )
    for resource in all_of(layer, "ResourceURL"):
        if resource.get("resourceType") == "tile" and resource.get("template"):
            text = str(resource.get("template"))
            return _filled(text, style, matrix_set)
    for get in tree.xpath("//*[local-name()='Operation'][@name='GetTile']//*[local-name()='Get']"):
        base = next((value for name, value in get.attrib.items() if name.endswith("href")), "")
        if base:
            said = {
                "service": "WMTS", "request": "GetTile", "version": "1.0.0", "layer": text_of(layer, "Identifier"),
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
