"""``import --dataset``: a new delivery takes the place of the one before, which stays on record."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from twin.edits import Edit, SetRecord, SetSource, SetVisible, Together
from twin.errors import TwinError
from twin.jobs import SILENT
from twin.maintenance.deliveries import layers_of, partners, with_delivery
from twin.opening import sha256_of
from twin.options import parsed
from twin.records import Delivery, Instant
from twin.scene import Layer
from twin.session import Session
from ui.cli.loading import settle, source_ref
from ui.cli.opening import Opening


def deliver(session: Session, paths: Sequence[str], dataset: str, opening: Opening) -> int:
    """Open a delivery of a dataset; return how many layers came.

    Of layers that show the dataset already the address changes: id, colours, decisions and orders stay.
    A layer for which the delivery has no file is hidden.
    """
    before = layers_of(session.twin, dataset)
    if before:
        _remember(session, dataset, before, None)
    pairs, fresh, gone = partners(paths, before)
    for path, layer in pairs:
        session.swap(layer.id, path)
        settle(session)
        _decide(session, layer.id, opening)
    there = set(session.twin.layers)
    for path in fresh:
        session.open(path, replace(source_ref(path, opening), dataset=dataset))
    settle(session)
    if gone and set(session.twin.layers) - there:
        hidden: list[Edit] = [SetVisible(layer.id, False) for layer in gone]
        session.do("layers.hide", Together(tuple(hidden)))
    return len(set(session.twin.layers) - there)


def _decide(session: Session, key: str, opening: Opening) -> None:
    """Take over what the options say of a layer that has another address now."""
    wanted = {
        name: value
        for name in ("crs", "vertical", "lod", "mapping")
        if (value := getattr(opening, name))
    }
    options = parsed(opening.options)
    source = session.twin.layer(key).source
    changed = replace(source, **wanted, options=options or source.options)
    if changed != source:
        session.do("layers.source", SetSource(key, changed))
        settle(session)


def record(
    session: Session, paths: Sequence[str], dataset: str, received: Instant
) -> Delivery | None:
    """Put what was delivered on record; None where nothing of it was opened."""
    session.index()  # all objects count, also those of tiles that nobody looked at
    settle(session)
    wanted = {Path(path).absolute() for path in paths}
    shown = [
        layer
        for layer in layers_of(session.twin, dataset)
        if wanted & {place := Path(layer.source.path).absolute(), place.parent}
    ]
    return _remember(session, dataset, shown, received) if shown else None


def _remember(
    session: Session, dataset: str, layers: Sequence[Layer], received: Instant | None
) -> Delivery | None:
    """Record a delivery. With ``received`` None: only where none of the dataset is on record yet."""
    known = session.twin.records["datasets"].get(dataset)
    if received is None and known is not None and known.deliveries:
        return None
    hashed = [_hashed(layer) for layer in layers]
    found = with_delivery(session.twin, dataset, hashed, received)
    if found != known:
        session.do("deliveries.add", SetRecord("datasets", dataset, found))
    return found.deliveries[-1]


def _hashed(layer: Layer) -> Layer:
    if layer.source.sha256:
        return layer
    try:
        digest = sha256_of(layer.source.path, SILENT)
    except TwinError:
        return layer
    return replace(layer, source=replace(layer.source, sha256=digest))
