"""The documents and buffers of one layer, under whichever spelling the store has them.

A package calls ``nodes/3/geometries/0`` ``nodes/3/geometries/0.bin.gz``, an unpacked one leaves the
``.gz`` away, a mirrored service has no suffix or a folder with ``index.json``, a server no choice.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from twin.errors import BrokenFile, NotFound, OutsideRoot
from twin.files import Root, Server, read_reference, resolve

MAX_JSON = 64 << 20
"""The most bytes of one document."""
MAX_BUFFER = 512 << 20
"""The most bytes of one geometry, attribute or picture."""
JSON = (".json.gz", ".json", "", "/index.json", "/index.json.gz")
NODE = tuple(f"/3dNodeIndexDocument{end}" for end in JSON[:3]) + JSON
SHARED = tuple(f"/sharedResource{end}" for end in JSON[:3]) + JSON
LAYER = ("3dSceneLayer.json.gz", "3dSceneLayer.json", "index.json")
BINARY = (".bin.gz", ".bin", "", "/index.bin")
PICTURE = (
    ".jpg", ".jpeg", ".png", "", ".bin", ".ktx2", ".bin.dds.gz", ".bin.dds", ".bin.gz", ".jpg.gz", ".png.gz", ".ktx2.gz",
    "/index.jpg", "/index.png", "/index.bin",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Package:
    """Where one layer's resources lie: ``base`` is the layer's address below the root, '' or ``a/``."""

    root: Root
    base: str = ""

    @property
    def served(self) -> bool:
        """Return whether a service answers: its addresses have one spelling and cost a round trip."""
        return isinstance(self.root, Server)

    def where(self, address: str) -> str:
        """Return an address for messages."""
        return f"{self.root.location.rstrip('/')}/{self.base}{address}"

    def read(self, address: str, ends: tuple[str, ...], limit: int = MAX_BUFFER) -> bytes:
        """Return the bytes of a resource, unpacked. Raises OpenError; NotFound names the address."""
        for end in ("",) if self.served else ends:
            try:
                return read_reference(self.root, self.resolved(address + end), limit)
            except NotFound:
                continue
        raise NotFound(location=self.where(address))

    def json(self, address: str, ends: tuple[str, ...] = JSON) -> dict[str, Any]:
        """Return a document. Raises OpenError."""
        return as_object(self.read(address, ends, MAX_JSON), self.where(address))

    def resolved(self, address: str) -> str:
        """Return an address below the root. Raises OutsideRoot."""
        if address.startswith("/") or "\0" in address:
            raise OutsideRoot(location=self.root.location, address=address)
        return resolve(self.root, self.base, address)

    def layer(self) -> dict[str, Any]:
        """Return the layer's own document. Raises OpenError."""
        for name in () if self.served else LAYER:
            try:
                return self.json(name, ("",))
            except NotFound:
                continue
        if not self.base:
            raise NotFound(location=self.where(LAYER[1]))
        return self.json(f"../{self.base.rstrip('/').rpartition('/')[2]}")


def as_object(data: bytes, where: str) -> dict[str, Any]:
    """Return a JSON object. Raises BrokenFile."""
    try:
        found = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise BrokenFile(location=where, format="I3S", reason=f"JSON: {error}") from error
    if not isinstance(found, dict):
        raise BrokenFile(location=where, format="I3S", reason="the document is not an object")
    return found
