"""Versions of a city (CityGML 3): which snapshots an object belongs to, and what replaced what, and why."""

from dataclasses import dataclass, field

from loaders.citygml.elements import Element, id_of
from loaders.citygml.names import XLINK, local


@dataclass(slots=True)
class Versions:
    """What versions and the transitions between them say of objects, by gml:id."""

    said: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, element: Element) -> None:
        """Add a version or a transition."""
        name = local(element.tag)
        if name == "Version":
            tag = _text(element, "tag") or id_of(element)
            for child in element:
                if local(child.tag) == "versionMember":
                    self._put(_target(child), "version", tag)
        elif name == "VersionTransition":
            for inner in element.iter():
                if local(inner.tag) == "Transaction":
                    self._transaction(inner, _text(element, "reason"))

    def _transaction(self, element: Element, reason: str) -> None:
        """Say of the old object what became of it, and of the new one what it took the place of."""
        kind = _text(element, "type")
        sides = {local(child.tag): _target(child) for child in element}
        old, new = sides.get("oldFeature", ""), sides.get("newFeature", "")
        for key in (old, new):
            self._put(key, "transaction", kind)
            self._put(key, "transaction reason", reason)
        self._put(old, "replaced by", new)
        self._put(new, "replaces", old)

    def _put(self, key: str, name: str, value: str) -> None:
        if not key or not value:
            return
        values = self.said.setdefault(key, {})
        before = values.get(name)
        values[name] = value if before is None else f"{before}, {value}"


def _target(element: Element) -> str:
    """Return the id that a property links to, or that of the object in it."""
    href = element.get(XLINK)
    if href is not None:
        return href.removeprefix("#")
    return id_of(element[0]) if len(element) else ""


def _text(element: Element, name: str) -> str:
    for child in element:
        if local(child.tag) == name:
            return (child.text or "").strip()
    return ""
