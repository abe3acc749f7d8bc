"""What tiled terrain says of itself: layer.json, or the numbered folders where there is none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from loaders.terrain.grids import DEEPEST, GEODETIC, MERCATOR, Numbering, Place
from twin.errors import BrokenFile, NotSupported, OpenError
from twin.files import Folder, Root, read_reference, resolve

MOST_JSON = 64 << 20
MOST_PARENTS = 8
MOST_LISTED = 2_000_000
FORMATS = ("quantized-mesh-1", "heightmap-1.0")
PICTURES = (".png", ".webp", ".jpg", ".jpeg")
ENDINGS = (".terrain", ".terrain.gz", *PICTURES)

Ranges = tuple[tuple[int, int, int, int], ...]
"""West, south, east and north tiles of rectangles, all inclusive."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Where the tiles of one layer.json lie and which there are.

    ``templates`` are references with {z}/{x}/{y}, in the document ``document`` of the root; ``available``
    are the ranges of each level, () = not told. ``kind`` is mesh, heightmap or picture.
    """

    document: str
    templates: tuple[str, ...]
    kind: str
    numbering: Numbering
    available: tuple[Ranges, ...] = ()
    in_tiles: bool = False
    levels: tuple[int, int] = (0, DEEPEST)
    bounds: tuple[float, float, float, float] | None = None
    attribution: str = ""
    version: str = ""
    said: Mapping[str, str] | None = None

    def has(self, place: Place) -> bool | None:
        """Return whether there is a tile; None = it does not say."""
        if not self.levels[0] <= place.z <= self.levels[1]:
            return False
        if place.z < len(self.available):
            return within(self.available[place.z], place)
        return None if self.in_tiles or not self.available else False

    def below(self, place: Place) -> bool:
        """Return whether there is a tile here or anywhere below, as far as the layer says."""
        for z in range(place.z, len(self.available)):
            shift = z - place.z
            west, south = place.x << shift, place.y << shift
            east, north = west + (1 << shift) - 1, south + (1 << shift) - 1
            for w, s, e, n in self.available[z]:
                if w <= east and e >= west and s <= north and n >= south:
                    return True
        return False

    def reference(self, place: Place) -> str:
        """Return the reference of a tile in the layer's document."""
        text = self.templates[(place.x + place.y) % len(self.templates)]
        values = {
            "z": place.z, "x": place.x, "y": self.numbering.row(place), "version": self.version,
            "reverseY": (1 << place.z) - 1 - self.numbering.row(place),
        }  # fmt: skip
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text


def within(ranges: Ranges, place: Place) -> bool:
    """Return whether a tile lies in any of the rectangles."""
    return any(w <= place.x <= e and s <= place.y <= n for w, s, e, n in ranges)


def ranges_of(listed: Any, numbering: Numbering, z: int) -> Ranges:
    """Return the rectangles of one level as a document lists them; what is none is left out."""
    found = []
    for one in listed if isinstance(listed, list) else []:
        try:
            west, east = int(one["startX"]), int(one["endX"])
            rows = sorted(numbering.named(z, 0, int(one[key])).y for key in ("startY", "endY"))
        except (TypeError, KeyError, ValueError):
            continue
        found.append((west, rows[0], east, rows[1]))
    return tuple(found)


def read_layers(root: Root, document: str) -> tuple[Layer, ...]:
    """Return the layer of a document, then those it stands on (parentUrl). Raises OpenError."""
    found: list[Layer] = []
    seen: set[str] = set()
    while document not in seen and len(found) < MOST_PARENTS:
        seen.add(document)
        try:
            said = _read(root, document)
            found.append(_layer(root, document, said))
            parent = said.get("parentUrl")
            if not isinstance(parent, str) or not parent:
                break
            name = parent if parent.endswith(".json") else f"{parent.rstrip('/')}/layer.json"
            document = resolve(root, document, name)
        except OpenError:
            if not found:
                raise
            break  # what it stands on is not here: its own tiles are
    return tuple(found)


def _read(root: Root, document: str) -> Mapping[str, Any]:
    data = read_reference(root, document, MOST_JSON)
    try:
        said = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise _broken(root, document, str(error)) from error
    if not isinstance(said, dict):
        raise _broken(root, document, "it is no object")
    return said


def _broken(root: Root, document: str, reason: str) -> BrokenFile:
    return BrokenFile(location=f"{root.location}/{document}", format="layer.json", reason=reason)


def _layer(root: Root, document: str, said: Mapping[str, Any]) -> Layer:
    templates = said.get("tiles")
    texts = [x for x in templates if isinstance(x, str)] if isinstance(templates, list) else []
    if not texts:
        raise _broken(root, document, "it names no tiles")
    if not all("{x}" in x and "{y}" in x for x in texts):
        raise _broken(root, document, "its address of tiles has no {x} and {y}")
    kind = _kind(root, document, str(said.get("format", "")))
    numbering = _numbering(said)
    levels = said.get("available")
    available = tuple(
        ranges_of(listed, numbering, z)
        for z, listed in enumerate(levels if isinstance(levels, list) else [])
    )[: DEEPEST + 1]
    low, high = _number(said, "minzoom", 0), _number(said, "maxzoom", DEEPEST)
    named = {key: str(said[key]) for key in ("name", "description", "version") if said.get(key)}
    return Layer(
        document, tuple(texts), kind, numbering, available,
        in_tiles=bool(said.get("metadataAvailability")),
        levels=(low, max(low, high)) if not available else (low, DEEPEST),
        bounds=_bounds(said.get("bounds")), attribution=str(said.get("attribution") or ""),
        version=str(said.get("version", "")), said=named,
    )  # fmt: skip


def _kind(root: Root, document: str, name: str) -> str:
    if name.startswith(FORMATS[0]):
        return "mesh"
    if name == FORMATS[1]:
        return "heightmap"
    if not name:
        raise _broken(root, document, "it does not say the format of its tiles")
    advice = "Terrain tiles are quantized-mesh-1.x or heightmap-1.0."
    raise NotSupported(
        location=f"{root.location}/{document}", what=f"the format {name[:40]}", advice=advice
    )


def _numbering(said: Mapping[str, Any]) -> Numbering:
    mercator = str(said.get("projection", "EPSG:4326")) in ("EPSG:3857", "EPSG:900913")
    from_south = str(said.get("scheme", "tms")) != "slippyMap"
    return Numbering(MERCATOR if mercator else GEODETIC, from_south)


def _number(said: Mapping[str, Any], name: str, usual: int) -> int:
    value = said.get(name)
    return min(max(value, 0), DEEPEST) if type(value) is int else usual


def _bounds(listed: Any) -> tuple[float, float, float, float] | None:
    try:
        west, south, east, north = (float(x) for x in listed)
    except (TypeError, ValueError):
        return None
    sound = -360 <= west < east <= 360 and -90 <= south < north <= 90
    return (west, south, east, north) if sound else None


def listed_folder(folder: Path) -> tuple[str, dict[int, list[tuple[int, int]]]]:
    """Return the ending of the tiles in numbered folders z/x/y, and columns and rows of each level.

    Raises BrokenFile where there is none.
    """
    found: dict[int, list[tuple[int, int]]] = {}
    ending, count = "", 0
    for level in sorted(folder.iterdir()):
        if not (level.name.isdecimal() and int(level.name) <= DEEPEST and level.is_dir()):
            continue
        for column in level.iterdir():
            if not (column.name.isdecimal() and column.is_dir()):
                continue
            for tile in column.iterdir():
                stem, dot, rest = tile.name.partition(".")
                count += 1
                if count > MOST_LISTED or not stem.isdecimal() or dot + rest not in ENDINGS:
                    continue
                ending = ending or dot + rest
                found.setdefault(int(level.name), []).append((int(column.name), int(stem)))
    if not found:
        raise BrokenFile(
            location=str(folder), format="terrain", reason="no tile z/x/y lies in its folders"
        )
    return ending, found


def folder_layer(root: Folder, ending: str, tiles: Mapping[int, Iterable[tuple[int, int]]],
                 numbering: Numbering, kind: str) -> Layer:  # fmt: skip
    """Return the layer of numbered folders."""
    top = max(tiles)
    available: list[Ranges] = []
    for z in range(top + 1):
        places = [numbering.named(z, x, y) for x, y in tiles.get(z, ())]
        available.append(_rectangles([(p.x, p.y) for p in places if numbering.valid(p)]))
    return Layer(
        "",
        (f"{{z}}/{{x}}/{{y}}{ending}",),
        kind,
        numbering,
        tuple(available),
        levels=(min(tiles), top),
    )


def _rectangles(tiles: Sequence[tuple[int, int]]) -> Ranges:
    """Return columns of tiles that stand one above the other as rectangles."""
    found: list[tuple[int, int, int, int]] = []
    for x, y in sorted(tiles):
        if found and found[-1][0] == x and found[-1][3] == y - 1:
            found[-1] = (x, found[-1][1], x, y)
        else:
            found.append((x, y, x, y))
    return tuple(found)
