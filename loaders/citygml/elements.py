"""Elements of a document: their ids and lines."""

from typing import Any

from lxml import etree

from loaders.citygml.names import IDS

Element = etree._Element
FARTHEST_LINE = 65535
"""libxml2 counts no further."""


def id_of(element: Element) -> str:
    """Return an element's gml:id, '' where it has none."""
    return (element.get(IDS[0]) or element.get(IDS[1]) or "").strip()


def line_of(element: Element) -> int:
    """Return the line on which an element begins, 0 where it is not known."""
    found: Any = element.sourceline
    return int(found) if found and found < FARTHEST_LINE else 0
