"""Who is who across deliveries and formats: stable uids, and links between representations."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID, uuid5

import numpy as np

from twin.features import Bool
from twin.records import Link

NAMESPACE = UUID("6b1c0a3e-1d4f-5b2a-9a77-2f5f0d6c8e11")
"""The namespace of dataset ids that are not UUIDs themselves."""

_SCHEMES = (
    ("bag.pand", re.compile(r"^(?:NL\.IMBAG\.Pand\.)?(\d{4}10\d{10})$", re.I), str),
    ("uuid", re.compile(r"^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$", re.I), str.lower),
    ("uuid", re.compile(r"^(?:UUID_|GUID_|ID_)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$", re.I),
     str.lower),
)  # fmt: skip

UNSTEADY = frozenset({"citygml", "tiles3d", "i3s", "osgb"})
"""Formats whose own ids need not be kept from one delivery to the next (MAINTENANCE.md 7.2)."""


def known_scheme(key: str) -> tuple[str, str]:
    """Return (scheme, plain key) of an id: spellings of one identifier give one answer.

    Schemes: ``bag.pand`` (Dutch building, with or without its prefix), ``uuid``, else ``id`` with the
    key as it stands.
    """
    plain = key.strip()
    for scheme, pattern, fold in _SCHEMES:
        if found := pattern.match(plain):
            return scheme, fold(found[1])
    return "id", plain


@lru_cache(maxsize=256)
def namespace(dataset: str) -> UUID:
    """Return the namespace of a dataset: its id when that is a UUID, else derived from it."""
    try:
        return UUID(dataset)
    except ValueError:
        return uuid5(NAMESPACE, dataset)


def uid(dataset: str, key: str, scheme: str = "") -> str:
    """Return the stable uid of an object: UUIDv5(dataset id, ``scheme:key``).

    Without a scheme the key's own is recognised (``known_scheme``). The same object keeps its uid
    in every delivery and format of the dataset.
    """
    plain = (scheme, key) if scheme else known_scheme(key)
    return str(uuid5(namespace(dataset), f"{plain[0]}:{plain[1]}"))


def uids(dataset: str, keys: Iterable[str], scheme: str = "") -> list[str]:
    """Return the uids of many keys, in order (~4 s per million)."""
    return [uid(dataset, str(key), scheme) for key in keys]


@dataclass(frozen=True, slots=True)
class Representation:
    """One layer's objects for comparison: its dataset and the keys of its rows, in row order."""

    layer: str
    dataset: str
    keys: Sequence[str]

    def plain(self) -> list[tuple[str, str, str]]:
        """Return (dataset, scheme, key) of each row: equal exactly when the uid is equal."""
        return [(self.dataset, *known_scheme(str(key))) for key in self.keys]


def counted_elsewhere(layers: Sequence[Representation]) -> Mapping[str, Bool]:
    """Return bool(n) per layer: rows whose uid an earlier layer counts already.

    Layers without a dataset are never compared: equal keys of strangers mean nothing.
    """
    seen: dict[tuple[str, str, str], str] = {}
    found: dict[str, Bool] = {}
    for layer in layers:
        rows = np.zeros(len(layer.keys), np.bool_)
        if layer.dataset:
            plain = layer.plain()
            for row, key in enumerate(plain):
                rows[row] = seen.get(key, layer.layer) != layer.layer
            for key in plain:
                seen.setdefault(key, layer.layer)
        found[layer.layer] = rows
    return found


def same_as(first: Representation, second: Representation) -> tuple[Link, ...]:
    """Return ``same_as`` links between objects of two datasets that bear the same key.

    Within one dataset equal keys are one uid already and need no link.
    """
    if first.dataset == second.dataset:
        return ()
    return _linked("same_as", first, second, "equal key")


def replaces(
    old: Representation, new: Representation, pairs: Iterable[tuple[str, str]], method: str
) -> tuple[Link, ...]:
    """Return ``replaces`` links (new object, old object) for pairs of keys (new, old)."""
    return tuple(
        Link("replaces", uid(new.dataset, fresh), uid(old.dataset, gone), method)
        for fresh, gone in pairs
    )


def _linked(
    kind: str, first: Representation, second: Representation, method: str
) -> tuple[Link, ...]:
    others = {key[1:]: str(raw) for key, raw in zip(second.plain(), second.keys, strict=True)}
    found = []
    for key, raw in zip(first.plain(), first.keys, strict=True):
        if key[1:] in others:
            ends = uid(first.dataset, str(raw)), uid(second.dataset, others[key[1:]])
            found.append(Link(kind, *ends, method))
    return tuple(found)
