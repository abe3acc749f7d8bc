"""The container: GLB chunks or JSON, buffers, buffer views. Every size is checked before use."""

import base64
import binascii
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any
from urllib.parse import unquote_to_bytes

import numpy as np
import orjson

from loaders._gltf import meshopt
from loaders._gltf.first_version import is_first, upgraded
from twin.errors import BrokenFile
from twin.records import Problem

Reader = Callable[[str], bytes]
"""Gives the bytes behind a reference that stands in the document. Raises OpenError."""
MAX_DECODED = 1 << 31
"""The most bytes one compressed buffer view may declare."""
MAX_RATIO = 1024
"""The most that meshopt packs into one byte (2 bits for 256 vertices)."""


@dataclass(slots=True)
class Document:
    """One glTF: its JSON, its binary chunk, and the way to what lies beside it.

    ``first``: it was written in version 1.0; the JSON is what that is in 2.0.
    """

    json: dict[str, Any]
    binary: bytes | memoryview
    location: str
    reader: Reader
    problems: list[Problem] = field(default_factory=list)
    first: bool = False
    _buffers: dict[int, memoryview] = field(default_factory=dict)
    _views: dict[int, memoryview] = field(default_factory=dict)

    def broken(self, reason: str) -> BrokenFile:
        """Return the error that says what is wrong where."""
        return BrokenFile(location=self.location, format="glTF", reason=reason)

    def report(self, code: str, text: str, **params: Any) -> None:
        """List a problem of this content; the same one is listed once."""
        problem = Problem(code, text, self.location, params)
        if problem not in self.problems:
            self.problems.append(problem)

    def item(self, kind: str, index: Any) -> dict[str, Any]:
        """Return ``json[kind][index]``. Raises BrokenFile where there is none."""
        items = self.json.get(kind)
        if isinstance(index, float) and index.is_integer():
            index = int(index)
        if not _is_index(index) or not isinstance(items, list) or index >= len(items):
            raise self.broken(f"{kind}[{index}] does not exist")
        found = items[index]
        if not isinstance(found, dict):
            raise self.broken(f"{kind}[{index}] is not an object")
        return found

    def integer(self, holder: dict[str, Any], key: str, default: int | None = None) -> int:
        """Return a non-negative integer member. Raises BrokenFile."""
        value = holder.get(key, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None or not _is_index(value):
            raise self.broken(f"{key} is {value!r}, not a count")
        return int(value)

    def numbers(self, holder: dict[str, Any], key: str, count: int) -> list[float] | None:
        """Return a member of ``count`` finite numbers, None where it is absent. Raises BrokenFile."""
        value = holder.get(key)
        if value is None:
            return None
        if not is_numbers(value, count):
            raise self.broken(f"{key} is not {count} finite numbers")
        return [float(v) for v in value]

    def extension(self, holder: dict[str, Any], name: str) -> dict[str, Any] | None:
        """Return an extension of an object, None where it has none of that name."""
        extensions = holder.get("extensions")
        found = extensions.get(name) if isinstance(extensions, dict) else None
        return found if isinstance(found, dict) else None

    def buffer(self, index: Any) -> memoryview:
        """Return the bytes of a buffer, no more than it declares."""
        if not _is_index(index):
            raise self.broken(f"buffers[{index}] does not exist")
        if index not in self._buffers:
            holder = self.item("buffers", index)
            length = self.integer(holder, "byteLength")
            uri = holder.get("uri")
            data = memoryview(self.binary) if uri is None else memoryview(self.reference(uri))
            if len(data) < length:
                raise self.broken(f"buffers[{index}] declares {length} bytes and has {len(data)}")
            self._buffers[index] = data[:length]
        return self._buffers[index]

    def packed(self, view: dict[str, Any]) -> dict[str, Any] | None:
        """Return how a buffer view is compressed, None where it is not."""
        found = self.extension(view, "EXT_meshopt_compression")
        return self.extension(view, "KHR_meshopt_compression") if found is None else found

    def view(self, index: Any) -> memoryview:
        """Return the bytes of a buffer view, unpacked if it is compressed."""
        holder = self.item("bufferViews", index)
        if index not in self._views:
            packed = self.packed(holder)
            if packed is not None:
                self._views[index] = self._meshopt(packed)
            else:
                self._views[index] = self._slice(holder, f"bufferViews[{index}]")
        return self._views[index]

    def stride(self, index: Any) -> int:
        """Return the declared stride of a buffer view, 0 for tightly packed."""
        holder = self.item("bufferViews", index)
        packed = self.packed(holder)
        return self.integer(packed if packed is not None else holder, "byteStride", 0)

    def reference(self, uri: Any) -> bytes:
        """Return the bytes behind a data URI or a file beside the document."""
        if not isinstance(uri, str):
            raise self.broken("a uri is not text")
        if uri[:5].lower() != "data:":
            return self.reader(uri)
        head, comma, body = uri.partition(",")
        if not comma:
            raise self.broken("a data URI has no comma")
        if not head.lower().endswith(";base64"):
            return unquote_to_bytes(body)
        try:
            return base64.b64decode(unquote_to_bytes(body), validate=False)
        except (binascii.Error, ValueError) as error:
            raise self.broken(f"a data URI is not base64: {error}") from error

    def schema(self, uri: str) -> Any:
        """Return the JSON behind a reference. Raises OpenError."""
        try:
            return orjson.loads(self.reference(uri))
        except ValueError as error:
            raise self.broken(f"{uri}: {error}") from error

    def _slice(self, holder: dict[str, Any], what: str) -> memoryview:
        data = self.buffer(holder.get("buffer"))
        start = self.integer(holder, "byteOffset", 0)
        length = self.integer(holder, "byteLength")
        if start + length > len(data):
            raise self.broken(f"{what} ends at {start + length} in a buffer of {len(data)} bytes")
        return data[start : start + length]

    def _meshopt(self, packed: dict[str, Any]) -> memoryview:
        data = self._slice(packed, "EXT_meshopt_compression")
        count, stride = self.integer(packed, "count"), self.integer(packed, "byteStride")
        if count * stride > min(MAX_DECODED, MAX_RATIO * (len(data) + 64)):
            raise self.broken(f"a compressed view declares {count * stride} bytes")
        mode, shape = str(packed.get("mode")), str(packed.get("filter", "NONE"))
        try:
            decoded = meshopt.decode(np.frombuffer(data, np.uint8), (count, stride), mode, shape)
        except ValueError as error:
            raise self.broken(f"meshopt: {error}") from error
        return np.ascontiguousarray(decoded).data


def parse(data: bytes | memoryview, location: str, reader: Reader) -> Document:
    """Return the document in GLB or glTF JSON bytes; version 1.0 is read as 2.0.

    Raises BrokenFile, NotSupported.
    """
    view = memoryview(data)
    if bytes(view[:4]) == b"glTF":
        return _parse_glb(view, location, reader)
    return _document(view, b"", location, reader)


def is_numbers(value: Any, count: int) -> bool:
    """Return whether a JSON value is a list of ``count`` finite numbers."""
    if type(value) is not list or len(value) != count:
        return False
    return all((type(v) is float and isfinite(v)) or type(v) is int for v in value)


def _is_index(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53


def _parse_glb(view: memoryview, location: str, reader: Reader) -> Document:
    if len(view) < 20:
        raise _broken(location, f"a GLB of {len(view)} bytes")
    version, total = struct.unpack_from("<II", view, 4)
    if version not in (1, 2):
        raise _broken(location, f"GLB version {version}")
    if total > len(view):
        raise _broken(location, f"the header declares {total} bytes, there are {len(view)}")
    if version == 1:
        return _parse_first(view[:total], location, reader)
    chunks: dict[bytes, memoryview] = {}
    at = 12
    while at + 8 <= total:
        size = struct.unpack_from("<I", view, at)[0]
        kind = bytes(view[at + 4 : at + 8])
        if at + 8 + size > total:
            raise _broken(
                location, f"a chunk at {at} declares {size} bytes, {total - at - 8} are left"
            )
        chunks.setdefault(kind, view[at + 8 : at + 8 + size])
        at += 8 + size
    if b"JSON" not in chunks:
        raise _broken(location, "there is no JSON chunk")
    return _document(chunks[b"JSON"], chunks.get(b"BIN\0", b""), location, reader)


def _parse_first(view: memoryview, location: str, reader: Reader) -> Document:
    """Return the document of a GLB of version 1: a header, one JSON text, and the rest is its buffer."""
    if len(view) < 20:
        raise _broken(location, f"the header declares {len(view)} bytes, less than itself")
    size, kind = struct.unpack_from("<II", view, 12)
    if kind != 0:
        raise _broken(location, f"the content has the format {kind}; 0, JSON, is the only one")
    if 20 + size > len(view):
        raise _broken(location, f"the JSON declares {size} bytes, {len(view) - 20} are left")
    return _document(view[20 : 20 + size], view[20 + size :], location, reader)


def _document(
    text: memoryview, binary: bytes | memoryview, location: str, reader: Reader
) -> Document:
    found = _json(text, location)
    if not is_first(found):
        _check_version(found, location)
        return Document(found, binary, location, reader)
    made, problems = upgraded(found, location, len(binary))
    return Document(made, binary, location, reader, problems, first=True)


def _json(data: memoryview, location: str) -> dict[str, Any]:
    text = bytes(data).rstrip(b"\0 \n\r\t").removeprefix(b"\xef\xbb\xbf")
    try:
        found = orjson.loads(text)
    except ValueError as error:
        raise _broken(location, f"JSON: {error}") from error
    if not isinstance(found, dict):
        raise _broken(location, "its JSON is not an object")
    return found


def _check_version(found: dict[str, Any], location: str) -> None:
    asset = found.get("asset")
    version = asset.get("version") if isinstance(asset, dict) else None
    if not isinstance(version, str) or not version.startswith("2."):
        raise _broken(location, f"asset.version is {version!r}, not 1.x or 2.x")


def _broken(location: str, reason: str) -> BrokenFile:
    return BrokenFile(location=location, format="glTF", reason=reason)
