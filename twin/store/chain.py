"""The journal's hash chain: sha256(previous hash + canonical JSON), from 64 zeros."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np

from twin.store.port import Chain

GENESIS = "0" * 64


def canonical(words: Mapping[str, Any]) -> str:
    """Return canonical JSON: sorted keys, no spaces, UTF-8 as it is; NaN and infinity become null."""
    return json.dumps(
        plain(words), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def link(previous: str, text: str) -> str:
    """Return the hash of one entry's canonical text after the previous hash."""
    return hashlib.sha256((previous + text).encode()).hexdigest()


def verify(entries: Iterable[tuple[int, str, str]]) -> Chain:
    """Return the verdict on (seq, canonical text, hash) in order."""
    head, count = GENESIS, 0
    for seq, text, found in entries:
        count += 1
        if seq != count:
            return Chain(count, head, count, f"entry {count} is missing")
        head = link(head, text)
        if head != found:
            return Chain(count, head, count, f"entry {count} does not have its hash")
    return Chain(count, head)


def plain(value: Any) -> Any:
    """Return a value as plain JSON: numpy, dataclasses and instants unpacked. Raises TypeError."""
    if isinstance(value, np.datetime64):
        return instant(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return sound(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {sound(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [
            plain(item)
            for item in (sorted(value) if isinstance(value, set | frozenset) else value)
        ]
    if is_dataclass(value):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no plain value")


def sound(text: str) -> str:
    """Return text that UTF-8 can hold: half characters from broken files become question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=4096)
def instant(value: np.datetime64) -> str | None:
    """Return ``YYYY-MM-DDTHH:MM:SS.sssZ`` (GeoPackage DATETIME), None for NaT."""
    if np.isnat(value):
        return None
    return str(np.datetime_as_string(value.astype("datetime64[ms]"), unit="ms")) + "Z"
