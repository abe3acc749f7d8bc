"""Documents of one server (``http``, ``https``)."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urljoin, urlsplit

from twin.errors import NotFound, NotReadable, OutsideRoot, TooLarge
from twin.files.addresses import LIMIT


@dataclass(frozen=True, slots=True)
class Server:
    """Documents of one server (``http``, ``https``), by ranges where asked; same host only."""

    location: str
    timeout: float = 30.0

    def names(self, address: str) -> tuple[str, ...]:
        """Return the reference as it is: a server decodes by itself."""
        return (address,)

    def read(self, address: str, limit: int = LIMIT) -> bytes:
        """Return the bytes of one address; what grows over the limit is dropped."""
        client = _http()
        shown = urljoin(self.location, address)
        if urlsplit(shown)[:2] != urlsplit(self.location)[:2]:
            raise OutsideRoot(location=self.location, address=address)
        data = bytearray()
        try:
            with client.stream("GET", shown, timeout=self.timeout) as answer:
                if answer.status_code in (404, 410):
                    raise NotFound(location=shown)
                answer.raise_for_status()
                for block in answer.iter_bytes():
                    data += block
                    if len(data) > limit:
                        raise TooLarge(
                            location=shown, what="the answer", size=len(data), limit=limit
                        )
        except client.HTTPError as error:
            raise NotReadable(location=shown, reason=str(error) or type(error).__name__) from error
        return bytes(data)


def resolve_remote(root: Server, document: str, reference: str) -> str:
    """Return the full address of a reference on the same server. Raises OutsideRoot."""
    full = urljoin(urljoin(root.location, document), reference)
    here, there = urlsplit(root.location), urlsplit(full)
    if there.scheme not in ("http", "https") or there.netloc != here.netloc:
        raise OutsideRoot(location=root.location, address=reference)
    return full


def _http() -> Any:
    """Return httpx. Loaded when a server is really asked: it costs a tenth of a second at start."""
    return import_module("httpx")
