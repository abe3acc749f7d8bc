"""Secrets by host: kept in the platform's keyring, sent to that host alone, shown nowhere.

What a person types as ``?key=...`` is taken out of the address before anything can write it down, and
goes with every request to the host while the process lives. A key that is set stays in the keyring.
"""

import json
import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from twin.errors import UsageError
from twin.settings import settings_file

SERVICE = "citytwin"
SECRET = re.compile(r"key|token|secret|pass|sig|auth|session|credential", re.IGNORECASE)
"""Names of query values that are never shown."""
_NAME = re.compile(r"[A-Za-z0-9_.~-]+")


@dataclass(frozen=True, slots=True)
class Keys:
    """What goes with requests to one host."""

    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


_TYPED: dict[str, dict[str, str]] = {}


def lifted(location: str) -> str:
    """Return an address without its secrets; the process remembers them for its host."""
    parts = urlsplit(location)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    secret = {name: value for name, value in pairs if SECRET.search(name) and value}
    if not secret:
        return location
    _TYPED[parts.netloc.lower()] = {**_TYPED.get(parts.netloc.lower(), {}), **secret}
    rest = urlencode([pair for pair in pairs if pair[0] not in secret])
    return urlunsplit(parts._replace(query=rest))


def shown(address: str) -> str:
    """Return an address as it may be shown and kept: no password, no secret value."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address.partition("?")[0]
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    plain = [(name, "..." if SECRET.search(name) else value) for name, value in pairs]
    query = urlencode(plain, safe=".") if pairs != plain else parts.query
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query))


def keys_for(address: str) -> Keys:
    """Return what goes with a request to the host of an address: typed, environment, keyring."""
    parts = urlsplit(address)
    found: list[Keys] = []
    for host in dict.fromkeys((parts.hostname or "", parts.netloc.lower().rpartition("@")[2])):
        text = os.environ.get(variable(host))
        if host in kept():
            found.append(_from_keyring(host))
        if text:
            found.append(_of_text(text))
    typed = _TYPED.get(parts.netloc.lower(), {})
    headers = {name: value for keys in found for name, value in keys.headers.items()}
    query = {name: value for keys in found for name, value in keys.query.items()}
    return Keys(headers, {**query, **typed})


def variable(host: str) -> str:
    """Return the environment variable that stands for a host's key."""
    return "CITYTWIN_KEY_" + re.sub(r"[^A-Za-z0-9]", "_", host).upper()


def set_key(host: str, name: str, value: str, *, header: bool) -> None:
    """Keep a header or query value for a host in the keyring. Raises UsageError."""
    if not host or "/" in host or not _NAME.fullmatch(name) or not value or "\n" in value:
        raise UsageError(reason="a key needs a host, a plain name and a value of one line")
    host = host.lower()
    before = _from_keyring(host) if host in kept() else Keys()
    headers = {**before.headers, name: value} if header else before.headers
    query = before.query if header else {**before.query, name: value}
    text = json.dumps({"headers": headers, "query": query})
    _keyring(host, "set_password", text)
    names = [f"header {x}" for x in headers] + [f"query {x}" for x in query]
    _note({**kept(), host: names})


def delete_key(host: str) -> None:
    """Forget the keys of a host. Raises UsageError."""
    if host.lower() not in kept():
        raise UsageError(reason=f"no key is kept for {host}")
    _keyring(host.lower(), "delete_password")
    _note({name: what for name, what in kept().items() if name != host.lower()})


def kept() -> dict[str, list[str]]:
    """Return the hosts with keys and the names, never the values, of what goes there."""
    path = _list()
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else {}


def _list() -> Path:
    return settings_file().with_name("keys.json")


@lru_cache(maxsize=4)
def _read(path: Path, stamp: int) -> dict[str, list[str]]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): list(map(str, v)) for k, v in found.items()} if isinstance(found, dict) else {}


def _note(hosts: dict[str, list[str]]) -> None:
    path = _list()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(hosts, indent=1), "utf-8")
    draft.replace(path)
    _from_keyring.cache_clear()
    _read.cache_clear()


@lru_cache(maxsize=64)
def _from_keyring(host: str) -> Keys:
    """Return what the keyring has for a host; nothing where it is locked or gone."""
    try:
        found = json.loads(_keyring(host, "get_password") or "{}")
    except (UsageError, ValueError):
        return Keys()
    return Keys(dict(found.get("headers", {})), dict(found.get("query", {})))


def _keyring(host: str, verb: str, *more: str) -> Any:
    """Ask the platform's keyring. It is loaded when first needed: finding it takes a while."""
    errors = import_module("keyring.errors")
    try:
        return getattr(import_module("keyring"), verb)(SERVICE, host, *more)
    except errors.NoKeyringError:
        reason = (
            f"this machine has no keyring: set the environment variable {variable(host)} instead"
        )
    except errors.KeyringError as error:
        reason = f"the keyring refused ({type(error).__name__}): {variable(host)} can stand for it"
    raise UsageError(reason=f"{reason} (Name: value for a header, name=value for a query)")


def _of_text(text: str) -> Keys:
    """Return the keys in an environment variable: ``Name: value`` or ``name=value``, one a line."""
    headers, query = {}, {}
    for line in text.splitlines():
        head, colon, value = line.partition(":")
        if colon and _NAME.fullmatch(head.strip()):
            headers[head.strip()] = value.strip()
            continue
        name, equals, value = line.partition("=")
        if equals and _NAME.fullmatch(name.strip()):
            query[name.strip()] = value.strip()
    return Keys(headers, query)
