"""A tileset as a source: open reads the root tileset.json, fetch one tile or one external tileset."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from loaders.tiles3d import fetching, tileset
from loaders.tiles3d.facts import extension_problems, facts, said, version
from loaders.tiles3d.objects import source_observations
from loaders.tiles3d.placement import system_of
from loaders.tiles3d.tileset import Tileset, Token
from twin.errors import BrokenFile
from twin.features import FeatureTable
from twin.files import Root, open_document, read_reference
from twin.geometry import box_of, empty_box
from twin.ports import Content, Feedback, Growth, Lane, Opened, Options
from twin.records import About
from twin.tiles import TileTree

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
        # A hostile file's numbers overflow; what is not finite is sorted out where it would be drawn.
        with np.errstate(all="ignore"):
            return self._open(feedback)

    def _open(self, feedback: Feedback) -> Opened:
        root, name = _start(self.location)
        data = read_reference(root, name, fetching.MAX_CONTENT)
        if bytes(data[:64]).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{":
            return self._single(root, name, feedback)
        json = tileset.load_any(data, f"{root.location}/{name}")
        if not tileset.is_tileset(json):
            if name.lower().endswith(".gltf") or "meshes" in json or "nodes" in json:
                return self._single(root, name, feedback)
            raise BrokenFile(
                location=self.location, format="3D Tiles", reason="there is no root tile"
            )
        found = tileset.parse(json, root, name, tileset.Above(np.eye(4)), feedback)
        feedback.progress(1.0)
        return self._opened(root, name, found)

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Return what one tile draws and brings, or the tree of an external tileset."""
        if not isinstance(token, Token) or not token.contents:
            return None
        root, _ = _start(self.location)
        with np.errstate(all="ignore"):
            return fetching.fetch(root, token, self.options.fields, feedback)

    def _opened(self, root: Root, name: str, found: Tileset) -> Opened:
        title = _title(root, name)
        crs, problems = system_of(found.tree, self.options.crs, title)
        return Opened(
            title=title,
            about=About(
                "tiles3d",
                version(found.json),
                crs,
                self.options.vertical,
                (),
                facts(found.json, found.schema),
            ),
            tree=found.tree,
            features=FeatureTable.empty(),
            observations=source_observations(said(found.json, found.schema), self.options.fields),
            problems=(*problems, *extension_problems(found.json, title), *found.problems),
            tokens=found.tokens,
        )

    def _single(self, root: Root, name: str, feedback: Feedback) -> Opened:
        """Open one b3dm, glb, pnts...: a tree of one tile around what it holds."""
        token = Token("", (name,), np.eye(4), "Y", ())
        content = fetching.single(root, token, self.options.fields)
        feedback.progress(1.0)
        boxes = np.array([box_of(item) for item in content.drawables] or [empty_box()])
        box = np.concatenate([boxes[:, :3].min(axis=0), boxes[:, 3:].max(axis=0)])
        tree = TileTree.single(box)
        crs, problems = system_of(tree, self.options.crs, _title(root, name))
        return Opened(
            title=_title(root, name),
            about=About("tiles3d", "", crs, self.options.vertical),
            tree=tree,
            features=FeatureTable.empty(),
            observations=source_observations({}, None),
            problems=problems,
            ready={0: content},
            tokens=(token,),
        )


def _start(location: str) -> tuple[Root, str]:
    return open_document(location, "tileset.json")


def _title(root: Root, name: str) -> str:
    """Return the folder's name for a tileset.json, else the file's."""
    last = name.rpartition("/")[2]
    folder = root.location.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return folder if last.lower() == "tileset.json" and folder else last
