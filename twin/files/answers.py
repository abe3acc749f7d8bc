"""Answers of servers kept on disk: one file each, written whole or not at all, the unused go first.

A file is one line of JSON (address, validators, dates, length, check sum), then the body. Its name is
the hash of the address without secrets. Several processes may read, write and evict at once: a file
that does not fit its own line counts as absent.
"""

import hashlib
import json
import os
import tempfile
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from twin.files.keys import SECRET

SUFFIX = ".answer"
MOST_LINE = 16_384


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept answer: what it may be asked again with, until when it is fresh (seconds since 1970)."""

    address: str
    etag: str
    modified: str
    stored: float
    fresh_until: float
    length: int
    crc: int

    def conditions(self) -> dict[str, str]:
        """Return the headers that ask whether it changed."""
        pairs = (("If-None-Match", self.etag), ("If-Modified-Since", self.modified))
        return {name: value for name, value in pairs if value}

    @property
    def date(self) -> str:
        """Return when the server last confirmed it, ISO 8601."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.stored))


def find(folder: Path, address: str) -> tuple[Kept, bytes] | None:
    """Return the kept answer of an address, None where there is none that is whole."""
    path = _path(folder, address)
    try:
        with path.open("rb") as stream:
            kept = Kept(**json.loads(stream.readline(MOST_LINE)))
            if kept.length != path.stat().st_size - stream.tell():
                return None
            body = stream.read(kept.length)
    except (OSError, ValueError, TypeError):
        return None
    if zlib.crc32(body) != kept.crc or kept.address != plain(address):
        return None
    with suppress(OSError):
        os.utime(path)
    return kept, body


def keep(folder: Path, address: str, headers: Mapping[str, str], body: bytes, limit: int) -> None:
    """Keep an answer, as long as the server says. A disk that refuses is no reason to fail."""
    said = _control(headers.get("cache-control", ""))
    if "no-store" in said or len(body) > limit // 4:
        return
    now = time.time()
    age = 0.0
    if "no-cache" not in said:
        with suppress(ValueError):
            age = max(0.0, float(said.get("max-age", "0")))
    kept = Kept(
        plain(address), headers.get("etag", ""), headers.get("last-modified", ""), now, now + age,
        len(body), zlib.crc32(body),
    )  # fmt: skip
    line = json.dumps(asdict(kept)).encode() + b"\n"
    if len(line) <= MOST_LINE:
        with suppress(OSError):
            _write(_path(folder, address), line, body)


def evict(folder: Path, limit: int) -> None:
    """Remove the longest unused answers until the rest fits."""
    found = []
    with suppress(OSError):
        for path in folder.glob(f"*/*{SUFFIX}"):
            with suppress(OSError):
                stat = path.stat()
                found.append((stat.st_mtime, stat.st_size, path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= limit:
            return
        with suppress(OSError):
            path.unlink(missing_ok=True)
            total -= size


def plain(address: str) -> str:
    """Return an address without its secrets and fragment: what an answer is known by."""
    base, _, query = address.partition("#")[0].partition("?")
    parts = [part for part in query.split("&") if not SECRET.search(part.partition("=")[0])]
    head, found, rest = base.partition("://")
    host, slash, path = rest.partition("/")
    base = f"{head}{found}{host.rpartition('@')[2]}{slash}{path}"
    return f"{base}?{'&'.join(parts)}" if any(parts) else base


def _path(folder: Path, address: str) -> Path:
    name = hashlib.sha256(plain(address).encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return folder / name[:2] / f"{name}{SUFFIX}"


def _write(path: Path, line: bytes, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(line)
            stream.write(body)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


def _control(text: str) -> dict[str, str]:
    words = (word.strip().partition("=") for word in text.lower().split(","))
    return {name: value.strip('" ') for name, _, value in words if name}
