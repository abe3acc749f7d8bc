"""One scene layer as its document describes it: what every node of it needs to be read."""

from dataclasses import dataclass, field
from typing import Any

from loaders.i3s.package import Package
from loaders.i3s.systems import System, system_of

DRAWN = ("3DObject", "IntegratedMesh", "Point")


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer's document with its place. Plain data, shared by all tokens of the layer.

    ``kind`` names its objects; ``prefix`` stands before their ids where several layers are one
    source.
    """

    package: Package
    doc: dict[str, Any]
    system: System
    kind: str = "Feature"
    prefix: str = ""
    columns: tuple[dict[str, Any], ...] = field(default=())

    @property
    def type(self) -> str:
        """Return the layer type (3DObject, IntegratedMesh, ...)."""
        return str(self.doc.get("layerType", ""))

    @property
    def title(self) -> str:
        """Return the readable name."""
        return str(self.doc.get("name") or self.doc.get("alias") or "")

    @property
    def version(self) -> str:
        """Return the version of I3S, '' where the layer does not say."""
        return str(dict_of(self.doc.get("store")).get("version", ""))

    @property
    def per_page(self) -> int:
        """Return how many nodes a node page holds, 0 where nodes are documents of their own (1.6)."""
        pages = self.doc.get("nodePages")
        if not isinstance(pages, dict):
            pages = dict_of(dict_of(self.doc.get("store")).get("index"))
            pages = {"nodesPerPage": pages.get("nodesPerPage", pages.get("nodePerIndexBlock"))}
        found = pages.get("nodesPerPage")
        return found if isinstance(found, int) and 0 < found <= 1 << 16 else 0

    @property
    def metric(self) -> str:
        """Return what the thresholds in node pages measure."""
        return str(dict_of(self.doc.get("nodePages")).get("lodSelectionMetricType", ""))

    def item(self, name: str, index: Any) -> dict[str, Any]:
        """Return an entry of one of the document's lists, {} where there is none."""
        found = self.doc.get(name)
        if isinstance(found, list) and isinstance(index, int) and 0 <= index < len(found):
            return dict_of(found[index])
        return {}


def layer_of(
    package: Package, doc: dict[str, Any], kind: str = "Feature", prefix: str = ""
) -> Layer:
    """Return a layer with the fields that its nodes store."""
    stored = doc.get("attributeStorageInfo")
    columns = tuple(item for item in stored if _stored(item)) if isinstance(stored, list) else ()
    return Layer(package, doc, system_of(doc), kind, prefix, columns)


def _stored(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and isinstance(item.get("key"), str)
        and isinstance(item.get("name"), str)
    )


def dict_of(value: Any) -> dict[str, Any]:
    """Return a JSON object, {} for anything else."""
    return value if isinstance(value, dict) else {}
