"""A scene layer as a source: open reads the layer and its first nodes, fetch one node or the next."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from loaders.i3s.content import read_node
from loaders.i3s.layer import Layer
from loaders.i3s.nodes import Mesh, More, first_tree, more_tree
from loaders.i3s.objects import layer_observations
from loaders.i3s.scenes import layers_at
from twin.errors import OpenError
from twin.features import FeatureTable
from twin.ports import Content, Feedback, Growth, Lane, Opened, Options
from twin.records import About, Problem
from twin.tiles import TileTree

DEFAULT = Options()


@dataclass(frozen=True, slots=True)
class I3SSource:
    """A package, a layer's folder or address, or a service. Keeps nothing between calls."""

    location: str
    options: Options = DEFAULT
    lane: Lane = Lane.THREAD

    def open(self, feedback: Feedback) -> Opened:
        """Return the tree as far as the first nodes say; more grows when it is fetched."""
        feedback.progress(0.0, "3dSceneLayer.json")
        with np.errstate(all="ignore"):
            layers, problems = layers_at(self.location)
            layers, trees = self._trees(layers, problems, feedback)
        tree, tokens = _joined(trees)
        first = layers[0]
        feedback.progress(1.0)
        return Opened(
            title=first.title or PurePosixPath(self.location.replace("\\", "/")).stem,
            about=About(
                "i3s",
                first.version,
                self.options.crs or first.system.crs,
                self.options.vertical or first.system.vertical,
                (),
                _facts(layers),
            ),
            tree=tree,
            features=FeatureTable.empty(),
            observations=layer_observations(first),
            problems=(*problems, *(item for part in trees for item in part.problems)),
            tokens=tokens,
        )

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Return what one node draws and brings, or the nodes that were left for later."""
        with np.errstate(all="ignore"):
            if isinstance(token, More):
                return more_tree(token, feedback)
            return read_node(token) if isinstance(token, Mesh) else None

    def _trees(
        self, layers: list[Layer], problems: list[Problem], feedback: Feedback
    ) -> tuple[list[Layer], list[Growth]]:
        """Return the layers that stand in the first one's system, with their trees."""
        kept: list[Layer] = []
        trees: list[Growth] = []
        for layer in layers:
            if kept and layer.system != kept[0].system:
                text = f"{layer.title}: another coordinate system than {kept[0].title}"
                params = {"title": layer.title, "crs": layer.system.crs}
                problems.append(Problem("i3s.system", text, layer.title, params))
                continue
            try:
                trees.append(first_tree(layer, feedback))
                kept.append(layer)
            except OpenError as error:
                if len(layers) == 1:
                    raise
                text = str(error)
                problems.append(Problem(error.full_code, text, layer.title, dict(error.params)))
        if not kept:
            raise OpenError(location=self.location, reason="no layer in it can be read")
        return kept, trees


def _joined(trees: list[Growth]) -> tuple[TileTree, tuple[Any, ...]]:
    """Return one tree: the only one, or all under a root without a picture."""
    if len(trees) == 1:
        return trees[0].tree, tuple(trees[0].tokens)
    boxes = np.concatenate([part.tree.boxes()[:1] for part in trees])
    tree = TileTree.flat(boxes, float("inf"))
    tokens: list[Any] = [None] * len(tree)
    for number, part in enumerate(trees):
        tree = tree.grown(number + 1, part.tree)
        tokens += part.tokens
    return tree, tuple(tokens)


def _facts(layers: list[Layer]) -> dict[str, str]:
    """Return other facts worth showing: attribution, type, layers, the fields' readable names."""
    doc = layers[0].doc
    facts = {"layer_type": ", ".join(dict.fromkeys(layer.type for layer in layers))}
    if len(layers) > 1:
        facts["layers"] = ", ".join(layer.title for layer in layers)
    if isinstance(doc.get("copyrightText"), str) and doc["copyrightText"].strip():
        facts["attribution"] = doc["copyrightText"].strip()
    held = doc.get("fields")
    names = [
        f"{item['name']} = {item['alias']}"
        for item in (held if isinstance(held, list) else ())
        if isinstance(item, dict)
        and item.get("alias") not in (None, "", item.get("name"))
        and "name" in item
    ]
    if names:
        facts["aliases"] = "; ".join(names)
    return facts
