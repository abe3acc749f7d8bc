"""What only BCF 2.1 says, said as 3.0 says it.

* Comments, viewpoints and header move into the topic (``shapes`` does that).
* A document inside of the archive becomes a document of the file: its bytes move to
  ``documents/<guid>``, the guid is made from its place; an external one becomes a ``Url``.
* A camera gets the proportions of its snapshot; without one they are 1.
* The values that the extension schema allows become lists; the schema stays in the archive as a file.
* A visibility without ``DefaultVisibility`` means visible, as in the programs that wrote such files.
"""

import posixpath
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from twin.exchange.bcf.binding import Reader
from twin.exchange.bcf.model import (
    Document,
    DocumentReference,
    Extensions,
    Scene,
    Topic,
    Viewpoint,
)
from twin.exchange.bcf.shapes import Markup, OldReference

PLACES = uuid5(NAMESPACE_URL, "https://citytwin.example/bcf/places")
"""Namespace of guids made from where something stands in an archive."""
LISTS = {
    "TopicType": "types", "TopicStatus": "statuses", "TopicLabel": "labels", "Priority": "priorities",
    "SnippetType": "snippets", "UserIdType": "users", "Stage": "stages",
}  # fmt: skip
"""Simple types of an extension schema and the lists they fill."""
_XSD = "{http://www.w3.org/2001/XMLSchema}"


@dataclass
class Moved:
    """Documents that topics of one file refer to, and what became of their files."""

    reader: Reader
    size: Callable[[str], int | None]
    documents: dict[str, Document] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    def upgraded(self, markup: Markup, folder: str) -> Topic:
        """Return the topic of a document of 2.1; ``folder`` is where it stands."""
        references = tuple(self._reference(x, folder, n) for n, x in enumerate(_old(markup.topic)))
        return replace(
            markup.topic,
            models=markup.models,
            comments=markup.comments,
            viewpoints=markup.viewpoints,
            documents=references,
            outside=markup.more,
        )

    def _reference(self, old: OldReference, folder: str, number: int) -> DocumentReference:
        guid = old.guid or str(uuid5(PLACES, f"{folder}/{number}/{old.target}"))
        new = DocumentReference(guid, description=old.description, more=old.more)
        place = posixpath.normpath(posixpath.join(folder, old.target.replace("\\", "/")))
        if old.external or not old.target:
            return replace(new, url=old.target)
        if self.size(place) is None:
            self.reader.said("document", folder, name=old.target)
            return replace(new, url=old.target)
        document = str(uuid5(PLACES, place))
        self.documents[document] = Document(document, posixpath.basename(place), old.description)
        self.sources[place] = f"documents/{document}"
        return replace(new, document=document)


def _old(topic: Topic) -> tuple[OldReference, ...]:
    """Return a topic's references as the table of 2.1 has read them."""
    found: tuple[Any, ...] = topic.documents
    return found


def framed(viewpoint: Viewpoint, snapshot: bytes | None) -> Viewpoint:
    """Return a viewpoint whose camera has the proportions of its picture."""
    size = png_size(snapshot or b"")
    if viewpoint.scene is None or size is None:
        return viewpoint
    changes: dict[str, Any] = {
        name: replace(camera, aspect=size[0] / size[1])
        for name in ("perspective", "orthogonal")
        if (camera := getattr(viewpoint.scene, name)) is not None and camera.aspect == 1.0
    }
    scene: Scene = replace(viewpoint.scene, **changes)
    return replace(viewpoint, scene=scene)


def png_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG by its head; None for what is none."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or len(data) < 24:
        return None
    width, height = struct.unpack_from(">2I", data, 16)
    return (width, height) if width and height else None


def allowed(schema: Any) -> Extensions:
    """Return the lists of an extension schema (its root element)."""
    found: dict[str, Any] = {}
    for declared in schema.iter(f"{_XSD}simpleType"):
        name = LISTS.get(declared.get("name", ""))
        if name is not None:
            values = [x.get("value", "") for x in declared.iter(f"{_XSD}enumeration")]
            found[name] = tuple(value for value in values if value)
    return Extensions(**found)
