"""XML that nobody vouches for: read without entities, without the network, without documents of old."""

from importlib import import_module
from typing import Any

from twin.errors import BrokenFile

LATER = "windows-1252"
"""What files are in that say UTF-8 and are not: most were made on Windows."""


def library() -> Any:
    """Return lxml's tree, loaded when the first document is read."""
    return import_module("lxml.etree")


def parsed(data: bytes, location: str, kind: str) -> tuple[Any, bool]:
    """Return a document's root and whether its encoding had to be guessed.

    Comments and processing instructions are dropped. Raises BrokenFile, also for a document type: no
    format read here has one, and what entities can do to a reader starts there.
    """
    found = _tried(data, "", location, kind)
    if found is not None:
        return found, False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        found = _tried(data, LATER, location, kind)
    if found is None:
        raise BrokenFile(location=location, format=kind, reason=_reason(data))
    return found, True


def _tried(data: bytes, encoding: str, location: str, kind: str) -> Any:
    tree = library()
    parser = tree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, dtd_validation=False,
        remove_comments=True, remove_pis=True, encoding=encoding or None,
    )  # fmt: skip
    try:
        root = tree.fromstring(data, parser)
    except (tree.XMLSyntaxError, ValueError, LookupError):
        return None
    if root.getroottree().docinfo.doctype:
        raise BrokenFile(location=location, format=kind, reason="it has a document type")
    return root


def _reason(data: bytes) -> str:
    """Return the parser's words about a document it refused."""
    tree = library()
    try:
        tree.fromstring(data, tree.XMLParser(resolve_entities=False, no_network=True))
    except tree.XMLSyntaxError as error:
        return str(error.msg or "it is empty")
    except (ValueError, LookupError) as error:
        return str(error)
    return "it is no XML"


def canonical(element: Any) -> str:
    """Return an element as text that does not depend on where it stood (exclusive canonical XML)."""
    tail, element.tail = element.tail, None
    try:
        found: bytes = library().tostring(element, method="c14n", exclusive=True)
    finally:
        element.tail = tail
    return found.decode()


def sound(text: str) -> str:
    """Return a text with what XML 1.0 cannot hold replaced by question marks."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(x if _allowed(ord(x)) else "?" for x in text)


def _allowed(code: int) -> bool:
    return (
        code in (9, 10, 13)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )
