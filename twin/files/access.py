"""What a process may ask of servers, and how patiently: decided by the settings, one value."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from twin.settings import Settings, answers_folder


@dataclass(frozen=True, slots=True)
class Patience:
    """Bounds of waiting, seconds. An answer has ``total`` plus a second for every ``slowest`` bytes;
    a request is tried ``tries`` times, after ``pause`` doubled each time, never above ``longest``."""

    connect: float = 10.0
    read: float = 30.0
    total: float = 60.0
    slowest: int = 32_768
    tries: int = 4
    pause: float = 0.5
    longest: float = 20.0


@dataclass(frozen=True, slots=True)
class Access:
    """Hosts that documents of other hosts may name; offline; where answers are kept (None: nowhere)
    and how many bytes of them."""

    hosts: frozenset[str] = frozenset()
    offline: bool = False
    folder: Path | None = None
    limit: int = 0
    patience: Patience = field(default_factory=Patience)

    def allows(self, address: str) -> bool:
        """Return whether the user allowed the host of an address."""
        parts = urlsplit(address)
        return bool(self.hosts & {parts.netloc.lower(), (parts.hostname or "").lower()})


_HELD = [Access()]


def use(access: Access) -> None:
    """Let this hold for every server that the process asks from now on."""
    _HELD[0] = access


def current() -> Access:
    """Return what holds now."""
    return _HELD[0]


def access_of(settings: Settings) -> Access:
    """Return what the settings allow."""
    hosts = frozenset(x.strip().lower() for x in settings.allowed_hosts.split(",") if x.strip())
    folder = answers_folder(settings) if settings.answers_mb else None
    return Access(hosts, settings.offline, folder, settings.answers_mb << 20)
