"""One request to a server: pooled connections, bounded waits, tries again, redirects that stay at home."""

import atexit
import os
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from twin.errors import (
    BadAnswer,
    NotCached,
    NotFound,
    NotReadable,
    OtherHost,
    ServerRefused,
    TooLarge,
    TooSlow,
    Unreachable,
    WebPage,
)
from twin.files.access import Access, Patience
from twin.files.asking import check
from twin.files.keys import keys_for, shown

MOST_HOPS = 5
CONNECTIONS = 16
AGAIN = frozenset({429, 500, 502, 503, 504})
HOPS = frozenset({301, 302, 303, 307, 308})
_SLICE = 0.05
_CLIENTS: dict[tuple[int, str], Any] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: status, headers (names in lower case), body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def ask(address: str, access: Access, limit: int, headers: Mapping[str, str]) -> Answer:
    """Return the answer to a GET: 200, 206 or 304.

    What may pass is tried again: 429, 5xx, cut connections. Raises OpenError, Cancelled.
    """
    if access.offline:
        raise NotCached(location=shown(address))
    patience = access.patience
    for number in range(patience.tries):
        check()
        last = number + 1 == patience.tries
        try:
            answer = _followed(address, access, limit, headers)
        except _Cut as error:
            if last:
                raise BadAnswer(location=shown(address), reason=error.reason) from error
            _wait(patience, number, "")
            continue
        if answer.status not in AGAIN or last:
            break
        _wait(patience, number, answer.headers.get("retry-after", ""))
    return _accepted(address, answer)


class _Cut(Exception):
    """The connection ended before the answer did."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def pause_before(patience: Patience, number: int, retry_after: str, now: float) -> float:
    """Return the seconds to wait after try ``number`` (from 0): what the server says, capped; else
    doubled each time, with a random part so that many clients do not come back together."""
    said = -1.0
    with suppress(ValueError, TypeError, OverflowError):
        plain = retry_after.strip().isdecimal()
        said = (
            float(retry_after) if plain else parsedate_to_datetime(retry_after).timestamp() - now
        )
    if said >= 0:
        return min(said, patience.longest)
    most: float = min(patience.pause * 2.0**number, patience.longest)
    return most * random.uniform(0.5, 1.0)


def _wait(patience: Patience, number: int, retry_after: str) -> None:
    end = time.monotonic() + pause_before(patience, number, retry_after, time.time())
    while (left := end - time.monotonic()) > 0:
        check()
        time.sleep(min(left, _SLICE))


def _accepted(address: str, answer: Answer) -> Answer:
    place = shown(address)
    if answer.status in (200, 206, 304):
        return answer
    if answer.status in (404, 410):
        raise NotFound(location=place)
    advice = "Try again later."
    if answer.status in (401, 403):
        host = urlsplit(address).netloc.rpartition("@")[2]
        advice = f"It wants a key: citytwin keys set {host}"
    raise ServerRefused(location=place, status=answer.status, advice=advice)


def _followed(address: str, access: Access, limit: int, headers: Mapping[str, str]) -> Answer:
    """Return the first answer that is no redirect. Raises OpenError, _Cut."""
    here = address
    for _ in range(MOST_HOPS):
        answer = _once(here, access.patience, limit, headers)
        if answer.status not in HOPS or "location" not in answer.headers:
            return answer
        there = urljoin(here, answer.headers["location"])
        _vet(here, there, access)
        here = there
    raise BadAnswer(location=shown(address), reason="it leads from one redirect to the next")


def _vet(here: str, there: str, access: Access) -> None:
    """Refuse a redirect from https to http, or to a host that the user did not allow."""
    one, two = urlsplit(here), urlsplit(there)
    if two.scheme not in ("http", "https") or (one.scheme, two.scheme) == ("https", "http"):
        raise BadAnswer(
            location=shown(here), reason=f"it redirects from {one.scheme} to {two.scheme}"
        )
    upgraded = one.hostname == two.hostname and one.port is two.port is None
    if one.netloc != two.netloc and not upgraded and not access.allows(there):
        raise OtherHost(location=shown(here), address=shown(there), host=two.netloc)


def _once(address: str, patience: Patience, limit: int, headers: Mapping[str, str]) -> Answer:
    """Ask once. The whole answer has a time of its own: a server may dribble. Raises OpenError, _Cut."""
    http = import_module("httpx")
    begun = time.monotonic()
    times = http.Timeout(patience.read, connect=patience.connect, pool=patience.total)
    full, sent = _with_keys(address, headers)
    try:
        with _client(address).stream("GET", full, headers=sent, timeout=times) as answer:
            told = {name.lower(): value for name, value in answer.headers.items()}
            if "Range" in headers and answer.status_code == 200:
                reason = "it gives no parts of files. Download the archive and open the copy"
                raise BadAnswer(location=shown(address), reason=reason)
            if answer.status_code not in (200, 206):
                return Answer(answer.status_code, told)
            return Answer(answer.status_code, told, _body(answer, address, patience, limit, begun))
    except http.TimeoutException as error:
        seconds = round(time.monotonic() - begun, 1)
        raise TooSlow(location=shown(address), seconds=seconds) from error
    except (http.HTTPError, http.InvalidURL, http.StreamError, ValueError) as error:
        _translated(http, error, address)


def _translated(http: Any, error: Exception, address: str) -> NoReturn:
    """Raise what a library's error means: cut off (may pass), not reachable, not usable."""
    reason = str(error).partition("http")[0] or type(error).__name__
    if isinstance(error, http.ConnectError | http.ProxyError):
        raise Unreachable(location=shown(address), reason=reason) from error
    if isinstance(error, http.NetworkError | http.RemoteProtocolError):
        raise _Cut(f"it was cut off ({reason})") from error
    raise BadAnswer(location=shown(address), reason=reason) from error


def _body(answer: Any, address: str, patience: Patience, limit: int, begun: float) -> bytes:
    """Return the body, block by block: cancelled, too large and too slow are seen on the way."""
    data = bytearray()
    for block in answer.iter_bytes():  # as they come: a block size would wait until it is full
        data += block
        check()
        if len(data) > limit:
            size = int(answer.headers.get("content-length", 0) or len(data))
            raise TooLarge(location=shown(address), what="the answer", size=size, limit=limit)
        seconds = time.monotonic() - begun
        if seconds > patience.total + len(data) / patience.slowest:
            raise TooSlow(location=shown(address), seconds=round(seconds, 1))
    kind = answer.headers.get("content-type", "").lower()
    head = bytes(data[:256]).lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")) or (
        kind.startswith("text/html") and head[:1] == b"<"
    ):
        raise WebPage(location=shown(address))
    return bytes(data)


def _with_keys(address: str, headers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return the address and headers as they are sent; an address's own query comes first."""
    keys = keys_for(address)
    return with_query(address, urlencode(keys.query)), {**headers, **keys.headers}


def with_query(address: str, more: str) -> str:
    """Return an address with the query values of another that it does not have itself."""
    if not more:
        return address
    parts = urlsplit(address)
    own = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    extra = [pair for pair in parse_qsl(more, keep_blank_values=True) if pair[0] not in own]
    query = "&".join(filter(None, (parts.query, urlencode(extra))))
    return urlunsplit(parts._replace(query=query))


def _client(address: str) -> Any:
    """Return the process's client for a host: one pool of kept connections, shared by its threads.

    Made without a lock: of two made at once one is closed before it connected.
    """
    parts = urlsplit(address)
    key = (os.getpid(), f"{parts.scheme}://{parts.netloc}")
    found = _CLIENTS.get(key)
    if found is not None:
        return found
    http = import_module("httpx")
    limits = http.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    made = http.Client(
        limits=limits, http2=find_spec("h2") is not None, headers={"User-Agent": "CityTwin"}
    )
    kept = _CLIENTS.setdefault(key, made)
    if kept is not made:
        made.close()
    return kept


@atexit.register
def close_clients() -> None:
    """End the kept connections of this process."""
    for key in [key for key in _CLIENTS if key[0] == os.getpid()]:
        client = _CLIENTS.pop(key, None)
        if client is not None:
            client.close()


def refused(error: NotReadable) -> bool:
    """Return whether a kept answer may stand in: the server is away or ill, not unwilling."""
    ill = isinstance(error, ServerRefused) and int(error.params["status"]) in AGAIN
    return ill or isinstance(error, Unreachable | TooSlow | BadAnswer)
