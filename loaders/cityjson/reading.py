"""Bytes -> parsed CityJSON: a document or a sequence of features, plain or in a zip. Files are untrusted."""

import ctypes
import re
import sys
import warnings
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from loaders._city.beside import inflated
from loaders._city.problems import problem
from loaders.cityjson.cutting import FORGED, Cut, cut
from twin.errors import BrokenFile, NotFound, NotReadable, NotSupported, TooLarge
from twin.records import Problem

Json = dict[str, Any]
LARGEST = 8 * 2**30
"""No document above this size is read into memory."""
VERSIONS = ("1.0", "1.1", "2.0")
SMALL = 2**20
"""Smaller documents are parsed in one go."""
CUT = b'"vertices are parsed apart"'
MEMBERS = (".city.jsonl", ".city.json", ".jsonl", ".json")
_NOT_A_NUMBER = re.compile(rb"(?<=[\[,:\s])-?(?:NaN|Infinity)(?=[\s,\]}])")


@dataclass(frozen=True, slots=True)
class Feature:
    """Objects that share a vertex list: a whole CityJSON document or one line of a sequence."""

    objects: Json
    vertices: Any
    appearance: Json


@dataclass(slots=True)
class Document:
    """An opened file: its first object (metadata, transform, templates) and the features to come."""

    location: str
    header: Json
    lines: list[bytes] = field(default_factory=list)
    first_line: int = 0
    problems: list[Problem] = field(default_factory=list)
    cuts: Cut = field(default_factory=Cut)

    @property
    def version(self) -> str:
        """Return the version as 'major.minor'."""
        return ".".join(str(self.header.get("version", "")).split(".")[:2])

    def features(self) -> Iterator[Feature]:
        """Yield the features once; what has been yielded is not kept here."""
        if self.header.get("CityObjects"):
            yield Feature(
                _mapping(self.header.pop("CityObjects")),
                self.header.pop("vertices", []),
                _mapping(self.header.get("appearance")),
            )
        for at, line in enumerate(self.lines):
            found = self._feature(line, at + self.first_line)
            if found is not None:
                yield found
        self.lines = []

    def _feature(self, line: bytes, number: int) -> Feature | None:
        if not line.strip():
            return None
        try:
            found = parsed(line, self.location, self.problems)
        except BrokenFile as error:
            self._tell("cityjson.line", f"line {number}", reason=error.params["reason"])
            return None
        if not isinstance(found, dict) or found.get("type") != "CityJSONFeature":
            self._tell("cityjson.line", f"line {number}", reason="it is not a CityJSONFeature")
            return None
        own = str(found.get("id", ""))
        objects = _mapping(found.get("CityObjects"))
        if own and own not in objects:
            self._tell("cityjson.feature.id", own)
        return Feature(objects, found.get("vertices", []), _mapping(found.get("appearance")))

    def _tell(self, code: str, feature: str, **params: Any) -> None:
        self.problems.append(problem(code, feature, **params))


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def opened(location: str) -> Document:
    """Read a location and parse its first object. Raises OpenError."""
    data = _read(location)
    if not data or data.isspace():
        raise BrokenFile(location=location, format="CityJSON", reason="the file is empty")
    problems: list[Problem] = []
    end = data.find(b"\n")
    head = data[:end] if end >= 0 else data
    if end >= 0 and _is_complete(head) and not data[end:].isspace():
        document = Document(location, _header(parsed(head, location, problems), location))
        document.lines, document.first_line = data.split(b"\n")[1:], 2
    else:
        whole = [data]
        del data, head
        document = _document(location, whole)
    document.problems += problems
    _check_version(document)
    return document


def _cut(data: bytes) -> tuple[bytes, NDArray[Any]] | None:
    """Return a document without its vertices, and the vertices; None when they cannot be told apart.

    The parser needs nine to fourteen times the text while it works; vertices are a fourth of a
    city's text, and as numbers they are small before the rest begins.
    """
    begin = data.rfind(b'"vertices"')
    opening = data.find(b"[", begin)
    if begin < 0 or opening < 0 or data[begin + 10 : opening].strip() != b":":
        return None
    ends = [at for at in (data.find(mark, opening) for mark in (b'"', b"}", b"{")) if at >= 0]
    closing = data.rfind(b"]", opening, min(ends, default=opening))
    if closing < 0:
        return None
    said = data[opening : closing + 1]
    try:
        vertices = _whole_numbers(said)
        if vertices is None:
            vertices = numbers_of(orjson.loads(said))
    except (orjson.JSONDecodeError, TypeError, ValueError, OverflowError):
        return None
    return b"".join((data[:opening], CUT, data[closing + 1 :])), vertices


def _document(location: str, data: list[bytes]) -> Document:
    """Return the document in ``data`` (emptied, so that the text is gone before the parsing)."""
    problems: list[Problem] = []
    parts = _cut(data[0]) if len(data[0]) > SMALL and FORGED not in data[0] else None
    if parts is not None:
        data.clear()
        rest, vertices = parts
        cuts, rest = cut(rest)
        try:
            found = orjson.loads(rest)
        except orjson.JSONDecodeError:
            found = None
        if isinstance(found, dict) and found.get("vertices") == CUT[1:-1].decode():
            found["vertices"] = vertices
            return Document(location, _header(found, location), cuts=cuts)
        data.append(_read(location))
    found = parsed(data.pop(), location, problems)
    return Document(location, _header(found, location), problems=problems)


def _whole_numbers(said: bytes) -> NDArray[np.int64] | None:
    """Return ``[[x,y,z],...]`` of whole numbers as i64(n, 3); None when it is anything else.

    Five times faster than parsing to objects first. What is left without the digits must be the
    brackets and commas of n triples, and every number must be read.
    """
    count = said.count(b"[") - 1
    frame = said.translate(None, b"0123456789- \t\r\n")
    if count < 1 or frame != b"[" + b"[,,]," * (count - 1) + b"[,,]]":
        return None
    try:
        with warnings.catch_warnings(action="error"):
            flat = np.fromstring(said.translate(None, b"[]"), np.int64, sep=",")
    except (ValueError, DeprecationWarning):
        return None
    if len(flat) != 3 * count or flat.max() == 2**63 - 1 or flat.min() == -(2**63):
        return None
    return flat.reshape(-1, 3)


def numbers_of(raw: Any) -> NDArray[Any]:
    """Return vertices as i64 or f64 (n, 3). Raises TypeError, ValueError or OverflowError for any others."""
    if not isinstance(raw, list) or (raw and set(map(len, raw)) != {3}):
        raise ValueError("a vertex without three coordinates")
    try:
        flat: NDArray[Any] = np.frombuffer(array("q", chain.from_iterable(raw)), np.int64)
    except (TypeError, OverflowError):
        flat = np.frombuffer(array("d", chain.from_iterable(raw)), np.float64)
    return flat.reshape(-1, 3)


def give_back() -> None:
    """Give the memory of a large parsed document back to the system.

    orjson keeps the last 2,048 keys, and object ids are keys: a few scattered texts then hold a
    third of the parsed city (measured: 3.3 times the file, 0.3 after reading other keys). The C
    library on Linux keeps what it was given until it is asked.
    """
    orjson.loads(b"{%s}" % b",".join(b'"%d":0' % number for number in range(20_000)))
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def _is_complete(line: bytes) -> bool:
    """Return whether a first line is an object by itself: then the file is a sequence."""
    line = line.strip()
    return line.startswith(b"{") and line.endswith(b"}") and b'"CityJSON' in line


def parsed(data: bytes, location: str, problems: list[Problem]) -> Any:
    """Return parsed JSON; bare NaN and Infinity become null with a problem. Raises BrokenFile."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        repaired, count = _NOT_A_NUMBER.subn(b"null", data)
        if count:
            try:
                found = orjson.loads(repaired)
            except orjson.JSONDecodeError:
                pass
            else:
                problems.append(problem("cityjson.nan", "", count=count))
                return found
        reason = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise BrokenFile(location=location, format="CityJSON", reason=reason) from error


def _header(found: Any, location: str) -> Json:
    if not isinstance(found, dict):
        reason = f"the outermost value is a {type(found).__name__}, not an object"
        raise BrokenFile(location=location, format="CityJSON", reason=reason)
    kind = found.get("type")
    if kind == "CityJSONFeature":
        reason = "it starts with a CityJSONFeature; the first line must be the CityJSON object with the transform"
        raise BrokenFile(location=location, format="CityJSON", reason=reason)
    if kind != "CityJSON":
        reason = f'its "type" is {kind!r}, not "CityJSON"'
        raise BrokenFile(location=location, format="CityJSON", reason=reason)
    if "CityObjects" in found and not isinstance(found["CityObjects"], dict):
        raise BrokenFile(
            location=location, format="CityJSON", reason='"CityObjects" is not an object'
        )
    return found


def _check_version(document: Document) -> None:
    version = document.version
    if version in VERSIONS:
        return
    if version.startswith("0."):
        raise NotSupported(
            location=document.location,
            what=f"CityJSON {version}",
            advice="Upgrade it first, for example with cjio.",
        )
    document.problems.append(
        problem("cityjson.version", "", version=version or "-", known=", ".join(VERSIONS))
    )


def _read(location: str) -> bytes:
    data = _bytes(location)
    return data[3:] if data.startswith(b"\xef\xbb\xbf") else data


def _bytes(location: str) -> bytes:
    path = Path(location)
    try:
        if path.is_dir():
            raise NotReadable(location=location, reason="it is a folder")
        size = path.stat().st_size
        if size > LARGEST:
            raise TooLarge(location=location, what="the file", size=size, limit=LARGEST)
        with path.open("rb") as file:
            if file.read(4) == b"PK\x03\x04":
                return _member(location)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(location=location) from error
    except (OSError, ValueError) as error:
        raise NotReadable(location=location, reason=str(error)) from error


def _member(location: str) -> bytes:
    """Return the one CityJSON document inside a zip."""
    try:
        with zipfile.ZipFile(location) as archive:
            names = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
            fitting = [n for suffix in MEMBERS for n in names if n.lower().endswith(suffix)]
            if not fitting:
                reason = "the archive holds no .json or .jsonl file"
                raise BrokenFile(location=location, format="CityJSON", reason=reason)
            return inflated(archive, fitting[0], location, LARGEST)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise BrokenFile(
            location=location, format="CityJSON", reason=f"the archive: {error}"
        ) from error
