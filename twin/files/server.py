"""Documents of one server (``http``, ``https``), kept on disk; archives on it, read in parts."""

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from twin.errors import BadAnswer, NotCached, NotReadable, OtherHost, OutsideRoot, TooLarge
from twin.files import answers
from twin.files.access import current
from twin.files.addresses import LIMIT
from twin.files.asking import tell
from twin.files.keys import shown
from twin.files.web import ask, refused, with_query
from twin.records import Problem

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Server:
    """Documents of one server; other hosts only where the user allowed them."""

    location: str

    def names(self, address: str) -> tuple[str, ...]:
        """Return the reference as it is: a server decodes by itself."""
        return (address,)

    def read(self, address: str, limit: int = LIMIT) -> bytes:
        """Return the bytes of one address. Raises OpenError, Cancelled."""
        return document(full_address(self.location, self.location, address), limit)


def document(address: str, limit: int) -> bytes:
    """Return the bytes of an address: kept and fresh, kept and confirmed, or new.

    When the server is away or ill the kept copy is used, and told with its date.
    """
    access = current()
    held = None if access.folder is None else answers.find(access.folder, address)
    if held is not None and len(held[1]) > limit:
        raise TooLarge(
            location=shown(address), what="the kept answer", size=len(held[1]), limit=limit
        )
    if held is not None and (access.offline or time.time() < held[0].fresh_until):
        return held[1]
    if access.offline:
        raise NotCached(location=shown(address))
    try:
        answer = ask(address, access, limit, {} if held is None else held[0].conditions())
    except NotReadable as error:
        if held is None or not refused(error):
            raise
        _tell_stale(address, held[0].date, error)
        return held[1]
    body = answer.body
    if answer.status == 304:
        if held is None:
            raise BadAnswer(location=shown(address), reason="it answers 304 to nothing kept")
        body = held[1]
        confirmed = {"etag": held[0].etag, "last-modified": held[0].modified}
        answer = type(answer)(200, {**confirmed, **answer.headers})
    if access.folder is not None:
        answers.keep(access.folder, address, answer.headers, body, access.limit)
    return body


def _tell_stale(address: str, date: str, error: NotReadable) -> None:
    said = {"location": shown(address), "date": date, "reason": error.full_code}
    text = f"{said['location']}: the server cannot be used ({error.full_code}); the copy of {date} is shown."
    tell(Problem("server.stale", text, shown(address), said))


def full_address(location: str, document: str, reference: str) -> str:
    """Return the full address of a reference in a document; the document's query goes along.

    ``location`` is the root: its host may be asked, others where the user allowed them. Raises
    OutsideRoot, OtherHost.
    """
    try:
        base = urljoin(location, document)
        full = urljoin(base, reference)
        there = urlsplit(full)
        query = urlsplit(base).query
    except ValueError as error:
        raise OutsideRoot(location=shown(location), address=reference) from error
    if there.scheme not in ("http", "https"):
        raise OutsideRoot(location=shown(location), address=reference)
    if there.netloc != urlsplit(location).netloc:
        if not current().allows(full):
            raise OtherHost(location=shown(location), address=shown(full), host=there.netloc)
        return full
    return with_query(full, query)


class Parts(NamedTuple):
    """A file on a server, as a span: its bytes come by ranges. ``mark`` changes when the file does."""

    location: str
    size: int
    mark: str

    def at(self, offset: int, count: int) -> bytes:
        """Return so many bytes of the file. Raises OpenError."""
        if count <= 0:
            return b""
        data, size, mark = _part(self.location, offset, count)
        if (size, mark) != (self.size, self.mark):
            parts_of.cache_clear()
            reason = "the archive was changed on the server. Open it again"
            raise BadAnswer(location=shown(self.location), reason=reason)
        return data


@lru_cache(maxsize=64)
def parts_of(location: str) -> Parts:
    """Return the span of a file on a server, asked for once. Raises OpenError."""
    _, size, mark = _part(location, 0, 1)
    return Parts(location, size, mark)


def _part(location: str, offset: int, count: int) -> tuple[bytes, int, str]:
    """Return bytes of a file, its whole size, and its mark. Raises OpenError."""
    wanted = {"Range": f"bytes={offset}-{offset + count - 1}", "Accept-Encoding": "identity"}
    answer = ask(location, current(), count, wanted)
    told = _RANGE.fullmatch(answer.headers.get("content-range", "").strip())
    if answer.status != 206 or told is None:
        raise BadAnswer(location=shown(location), reason="it does not say which part it sends")
    first, last, size = map(int, told.groups())
    if (first, last + 1) != (offset, offset + count) or len(answer.body) != count:
        raise BadAnswer(location=shown(location), reason="it sends another part than asked for")
    mark = answer.headers.get("etag") or answer.headers.get("last-modified", "")
    return answer.body, size, mark
