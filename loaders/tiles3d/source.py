"""A tileset as a source: open reads the root tileset.json, fetch one tile or one external tileset."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from loaders._gltf.document import Document
from loaders.tiles3d import tileset
from loaders.tiles3d.content import gather
from loaders.tiles3d.gathering import Gathering
from loaders.tiles3d.legacy import magic_of
from loaders.tiles3d.objects import (
    ID_NAMES,
    Mapping3D,
    observations_of,
    read_mapping,
    source_observations,
    table_of,
)
from loaders.tiles3d.tileset import Tileset, Token
from loaders.tiles3d.volumes import on_earth
from twin.errors import BrokenFile, OpenError
from twin.features import FeatureTable
from twin.files import Root, open_root, read_reference, resolve
from twin.geometry import box_of, empty_box
from twin.ports import Content, Feedback, Growth, Lane, Opened, Options
from twin.records import About, Problem
from twin.tiles import ADD, TileTree

MAX_CONTENT = 2 << 30
"""The most bytes of one content."""
MAX_TRAIL = 64
GEOCENTRIC = "EPSG:4978"
DEFAULT = Options()


@dataclass(frozen=True, slots=True)
class Tiles3DSource:
    """A tileset or a single content at a location. Keeps nothing between calls."""

    location: str
    options: Options = DEFAULT
    lane: Lane = Lane.THREAD

    def open(self, feedback: Feedback) -> Opened:
        """Return the tree of the root tileset; external ones grow when they are fetched."""
        feedback.progress(0.0, "tileset.json")
        mapping = read_mapping(self.options.mapping)
        root, name = _start(self.location)
        data = read_reference(root, name, MAX_CONTENT)
        if bytes(data[:64]).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{":
            return self._single(root, name, feedback)
        json = tileset.load_any(data, f"{root.location}/{name}")
        if not tileset.is_tileset(json):
            if "meshes" in json or "nodes" in json:
                return self._single(root, name, feedback)
            raise BrokenFile(
                location=self.location, format="3D Tiles", reason="there is no root tile"
            )
        found = tileset.parse(json, root, name, np.eye(4), ())
        feedback.progress(1.0)
        return self._opened(root, name, found, mapping)

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Return what one tile draws and brings, or the tree of an external tileset."""
        if not isinstance(token, Token) or not token.contents:
            return None
        root, _ = _start(self.location)
        mapping = read_mapping(self.options.mapping)
        return _fetch(root, token, mapping, feedback)

    def _opened(self, root: Root, name: str, found: Tileset, mapping: Mapping3D) -> Opened:
        crs, problems = _system(found.tree, self.options.crs, self.location)
        title = _title(root, name)
        return Opened(
            title=title,
            about=About(
                "tiles3d", _version(found.json), crs, self.options.vertical, (), _facts(found.json)
            ),
            tree=found.tree,
            features=FeatureTable.empty(),
            observations=source_observations(_said(found.json), mapping),
            problems=(*problems, *found.problems),
            tokens=found.tokens,
        )

    def _single(self, root: Root, name: str, feedback: Feedback) -> Opened:
        """Open one b3dm, glb, pnts...: a tree of one tile around what it holds."""
        token = Token("", (name,), np.eye(4), "Y", ())
        content = _fetch(root, token, read_mapping(self.options.mapping), feedback)
        if not isinstance(content, Content):
            raise BrokenFile(location=self.location, format="3D Tiles", reason="it is a tileset")
        if not content.drawables and content.problems:
            raise BrokenFile(
                location=self.location, format="3D Tiles", reason=content.problems[0].text
            )
        boxes = np.array([box_of(item) for item in content.drawables] or [empty_box()])
        box = np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)])
        tree = TileTree.single(box)
        crs, problems = _system(tree, self.options.crs, self.location)
        return Opened(
            title=_title(root, name),
            about=About("tiles3d", "", crs, self.options.vertical),
            tree=tree,
            features=FeatureTable.empty(),
            observations=source_observations({}, Mapping3D()),
            problems=problems,
            ready={0: content},
            tokens=(token,),
        )


def _start(location: str) -> tuple[Root, str]:
    root, name = open_root(location)
    return root, name or "tileset.json"


def _fetch(
    root: Root, token: Token, mapping: Mapping3D, feedback: Feedback
) -> Content | Growth | None:
    """Return a tile's contents together; trees among them become a growth."""
    found = Gathering(token.matrix, token.up, root.location)
    trees: list[Tileset] = []
    drawn: list[str] = []
    for address in token.contents:
        feedback.check()
        found.address = _short(address)
        found.location = f"{root.location}/{found.address}"
        try:
            data = _bytes(root, address)
            grown = _external(root, token, address, data)
            if grown is not None:
                trees.append(grown)
            elif not trees or len(token.contents) == 1:
                gather(found, memoryview(data), _reader(root, token, address))
                drawn.append(address)
            else:
                drawn.append(address)
        except OpenError as error:
            found.failed(error)
    if trees:
        drawn = [a for a in token.contents if a in drawn]
        return _growth(token, trees, drawn, tuple(found.problems))
    features = table_of(found, mapping)
    observations = observations_of(features.columns, token.metadata, mapping)
    return Content(tuple(found.drawables), features, observations, tuple(found.problems))


def _bytes(root: Root, address: str) -> bytes:
    if address[:5].lower() == "data:":
        return Document({}, b"", root.location, lambda _: b"").reference(address)
    return read_reference(root, address, MAX_CONTENT)


def _reader(root: Root, token: Token, address: str) -> Any:
    inside = token.document if address[:5].lower() == "data:" else address

    def read(reference: str) -> bytes:
        return read_reference(root, resolve(root, inside, reference), MAX_CONTENT)

    return read


def _external(root: Root, token: Token, address: str, data: bytes) -> Tileset | None:
    """Return the external tileset in a content, None where it is none. Raises OpenError."""
    if magic_of(data) or data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{":
        return None
    where = f"{root.location}/{_short(address)}"
    json = tileset.load_any(data, where)
    if not tileset.is_tileset(json):
        return None
    if address in token.trail or len(token.trail) > MAX_TRAIL:
        raise BrokenFile(
            location=where, format="3D Tiles", reason="a tileset that contains itself"
        )
    return tileset.parse(json, root, address, token.matrix, token.trail)


def _growth(
    token: Token, trees: list[Tileset], drawn: list[str], problems: tuple[Problem, ...]
) -> Growth:
    """Return the growth of one or several external tilesets, and what is drawn beside them."""
    if len(trees) == 1 and not drawn:
        only = trees[0]
        return Growth(only.tree, only.tokens, (*problems, *only.problems))
    boxes = np.concatenate([tree.tree.boxes()[:1] for tree in trees])
    top = TileTree.single(np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)]))
    count = len(trees)
    base = replace(
        top,
        center=np.repeat(top.center, 1 + count, axis=0),
        axes=np.repeat(top.axes, 1 + count, axis=0),
        error=np.full(1 + count, np.inf, np.float32),
        parent=np.array([-1] + [0] * count, np.int32),
        first=np.array([1] + [0] * count, np.int32),
        count=np.array([count] + [0] * count, np.int32),
        refine=np.full(1 + count, ADD, np.uint8),
        content=np.array([bool(drawn)] + [False] * count, np.bool_),
    )
    tokens: list[Token] = [token._replace(contents=tuple(drawn))]
    tokens += [token._replace(contents=())] * count
    for place, tree in enumerate(trees):
        base = base.grown(1 + place, tree.tree)
        tokens += tree.tokens
    every = [problem for tree in trees for problem in tree.problems]
    return Growth(base, tuple(tokens), (*problems, *every))


def _system(tree: TileTree, given: str, location: str) -> tuple[str, tuple[Problem, ...]]:
    """Return the coordinate system: geocentric if the root box meets the Earth's surface, else none."""
    if given:
        return given, ()
    if on_earth(tree.center[0], tree.axes[0]):
        return GEOCENTRIC, ()
    far = float(np.linalg.norm(tree.center[0])) / 1000
    text = (
        f"the tileset's coordinates are local ({far:.1f} km from the geocentre), not on the Earth: "
        "give it a place (coordinate system or placement)"
    )
    params = {"title": location, "distance_km": round(far, 1)}
    return "", (Problem("crs.missing", text, location, params),)


def _title(root: Root, name: str) -> str:
    """Return the folder's name for a tileset.json, else the file's."""
    last = name.rpartition("/")[2]
    folder = root.location.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return folder if last.lower() == "tileset.json" and folder else last


def _version(json: dict[str, Any]) -> str:
    asset = json.get("asset")
    found = asset.get("version") if isinstance(asset, dict) else None
    return found if isinstance(found, str) else ""


def _facts(json: dict[str, Any]) -> dict[str, str]:
    """Return other facts worth showing: generator, tileset version, extensions, identity rule."""
    asset = json.get("asset")
    asset = asset if isinstance(asset, dict) else {}
    facts = {
        key: tileset.as_text(asset[key])
        for key in ("generator", "generatetool", "tilesetVersion", "copyright", "extras")
        if asset.get(key)
    }
    used = json.get("extensionsUsed")
    if isinstance(used, list) and used:
        facts["extensions"] = ", ".join(str(item) for item in used)
    properties = json.get("properties")
    if isinstance(properties, dict) and properties:
        facts["properties"] = ", ".join(properties)
    facts["ids"] = (
        f"{', '.join(ID_NAMES)} where unique in a tile; else tile address # number (weak)"
    )
    return facts


def _said(json: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the tileset's own properties by field path: metadata (1.1), extras, asset extras."""
    groups: dict[str, dict[str, str]] = {}
    metadata = json.get("metadata")
    if not isinstance(metadata, dict):
        extensions = json.get("extensions")
        held = extensions.get("3DTILES_metadata") if isinstance(extensions, dict) else None
        metadata = held.get("tileset") if isinstance(held, dict) else None
    asset = json.get("asset")
    for prefix, found in (
        (
            "metadata.properties.",
            metadata.get("properties") if isinstance(metadata, dict) else None,
        ),
        ("extras.", json.get("extras")),
        ("asset.extras.", asset.get("extras") if isinstance(asset, dict) else None),
    ):
        if isinstance(found, dict):
            groups[prefix] = {
                str(k): tileset.as_text(v) for k, v in found.items() if v is not None
            }
    return groups


def _short(address: str) -> str:
    """Return an address for messages and ids; a data URI is not repeated."""
    return address if address[:5].lower() != "data:" else "data:"
