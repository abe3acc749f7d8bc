"""Appearances: which picture or colour a surface of an id wears, and where on the picture its rings lie.

They may stand anywhere in a file and speak of surfaces by id alone, so a file that has any is read
once for them, before its geometry.
"""

from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from loaders._city.looks import Looks, linear
from loaders.citygml.elements import Element
from loaders.citygml.names import local
from loaders.citygml.reading import Document
from loaders.citygml.streams import document as opened

MARKS = (b"ParameterizedTexture", b"X3DMaterial")
BLOCK = 1 << 20
WRAPS = {"mirror": "mirror", "clamp": "clamp", "border": "clamp", "none": "clamp"}
_DATA: Any = etree.XPath(
    "descendant-or-self::*[local-name()='ParameterizedTexture' or local-name()='X3DMaterial']"
)


@dataclass(slots=True)
class Appearances:
    """``look`` by the id of a surface, ``uv`` (text of pairs) by the id of a ring.

    Of several themes the first that the file tells counts for each surface; a picture goes before
    a colour.
    """

    looks: Looks
    look: dict[str, int] = field(default_factory=dict)
    uv: dict[str, str] = field(default_factory=dict)

    def add(self, member: Element) -> None:
        """Add what the textures and materials below an element say."""
        for data in _DATA(member):
            if local(data.tag) == "X3DMaterial":
                self._material(data)
            else:
                self._texture(data)

    def _material(self, data: Element) -> None:
        look = self.looks.colored(_color(data))
        for child in data:
            if local(child.tag) == "target":
                self.look.setdefault((child.text or "").strip().removeprefix("#"), look)

    def _texture(self, data: Element) -> None:
        wrap = WRAPS.get(_text(data, "wrapMode"), "repeat")
        look = self.looks.pictured_by(_text(data, "imageURI").replace("\\", "/"), wrap)
        if not look:
            return
        for child in data:
            if local(child.tag) in ("target", "textureParameterization"):
                target = child.get("uri") or _deep(child, "target")
                key = target.strip().removeprefix("#")
                if not self.looks.is_picture(self.look.get(key, 0)):
                    self.look[key] = look
                    self._coordinates(child)

    def _coordinates(self, target: Element) -> None:
        """Read the coordinates of rings: the ring's id is an attribute, in version 3 an element."""
        text = ""
        for element in target.iter():
            name = local(element.tag)
            if name == "textureCoordinates":
                text = element.text or ""
                ring = element.get("ring")
                if ring:
                    self.uv.setdefault(ring.removeprefix("#"), text)
            elif name == "ring" and text:
                self.uv.setdefault((element.text or "").strip().removeprefix("#"), text)


def appearances(document: Document, looks: Looks) -> Appearances | None:
    """Return the appearances of a file, None where it has none. Raises OpenError, Cancelled."""
    if not _has_any(document.location):
        return None
    found = Appearances(looks)
    again = Document(document.location, document.feedback)
    for member in again.everything():
        found.add(member)
    return found


def _has_any(location: str) -> bool:
    """Return whether a file names a texture or a material anywhere (UTF-8 and the like)."""
    longest = max(map(len, MARKS))
    with opened(location) as stream:
        kept = b""
        while block := stream.read(BLOCK):
            if any(mark in kept + block for mark in MARKS):
                return True
            kept = block[-longest:]
    return False


def _color(data: Element) -> tuple[float, float, float, float]:
    rgb = [linear(value) for value in _floats(_text(data, "diffuseColor"), 3, 0.8)]
    alpha = 1.0 - min(max(_floats(_text(data, "transparency"), 1, 0.0)[0], 0.0), 1.0)
    return rgb[0], rgb[1], rgb[2], alpha


def _floats(text: str, count: int, default: float) -> list[float]:
    try:
        found = [float(word) for word in text.split()]
    except ValueError:
        found = []
    sound = len(found) == count and all(value - value == 0 for value in found)
    return found if sound else [default] * count


def _text(element: Element, name: str) -> str:
    for child in element:
        if local(child.tag) == name:
            return (child.text or "").strip()
    return ""


def _deep(element: Element, name: str) -> str:
    for inner in element.iter():
        if local(inner.tag) == name and (inner.text or "").strip():
            return inner.text or ""
    return ""
