"""What an address is: joined below its root, in every spelling, or refused because it leads outside."""

import re
import unicodedata
from typing import Protocol
from urllib.parse import unquote

from twin.errors import OutsideRoot

LIMIT = 4 << 30
"""The most bytes one read returns unless the caller says otherwise."""
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+-]*")
"""References that need no decoding: nearly all of them, and a tileset has a hundred thousand."""


class Root(Protocol):
    """Where the documents of one source lie. Implementations are frozen and picklable."""

    @property
    def location(self) -> str:
        """Return where it is, for messages."""
        ...

    def read(self, address: str, limit: int = LIMIT) -> bytes:
        """Return all bytes. Raises NotFound, NotReadable, OutsideRoot, TooLarge."""
        ...

    def names(self, address: str) -> tuple[str, ...]:
        """Return the spellings under which a reference may stand here, best first."""
        ...


def is_remote(location: str) -> bool:
    """Return whether a location is an address on a server."""
    return location.lower().startswith(("http://", "https://"))


def spellings(address: str) -> tuple[str, ...]:
    """Return the decoded spelling, then the literal one (some files are called ``a%2Bb``), each
    with accents joined and apart."""
    found: dict[str, None] = {}
    for text in (unquote(address), address):
        for form in (text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)):
            found.setdefault(form)
    return tuple(found)


def below(location: str, document: str, reference: str) -> str:
    """Return the address of a reference of a document below the root. Raises OutsideRoot."""
    if _PLAIN.fullmatch(reference) and ".." not in reference:
        return _joined(document, reference) or ""
    plain = reference.partition("#")[0].partition("?")[0].replace("\\", "/")
    decoded = unquote(plain)
    for spelling in (plain, decoded.replace("\\", "/")):
        head = spelling.partition("/")[0]
        if not spelling or spelling.startswith("/") or ":" in head or "\0" in spelling:
            raise OutsideRoot(location=location, address=reference)
        if _joined(document, spelling) is None:
            raise OutsideRoot(location=location, address=reference)
    return _joined(document, plain) or ""


def _joined(document: str, reference: str) -> str | None:
    """Return the normalised address, None if it leaves the root."""
    parts = document.split("/")[:-1]
    for part in reference.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
