"""What is kept of each delivery of a dataset; the last one is the current one and is what is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

import numpy as np
import shapely

from twin.maintenance.dates import parse_column
from twin.records import Dataset, Delivery, Instant
from twin.scene import Layer, Twin

REFERENCES = ("reference_date", "referenceDate", "creation_date")
"""What a source calls the date that its data are of."""
GENERATORS = ("generator", "generated_by", "software", "application")
"""What a source calls the program that wrote it."""


def delivery_of(
    dataset: str, number: int, layers: Sequence[Layer], received: Instant | None
) -> Delivery:
    """Return what is kept of the delivery that some layers show (one file each); ``sha256`` as known.

    ``coverage`` is WKT in the layers' frame: the convex hull of their objects in plan.
    """
    first = layers[0]
    return Delivery(
        f"{dataset}/{number}", dataset, "\n".join(layer.source.path for layer in layers),
        first.source.sha256, received, _date(first.about.fields), _said(first.about.fields, GENERATORS),
        coverage_of(layers), "", first.source.vertical or first.about.vertical,
        sum(len(layer.assessment.unit_rows()) for layer in layers),
    )  # fmt: skip


def coverage_of(layers: Sequence[Layer]) -> str:
    """Return the convex hull of the objects of layers in plan as WKT to the centimetre, '' without any."""
    corners = []
    for layer in layers:
        boxes = layer.features.bounds
        boxes = boxes[np.isfinite(boxes).all(axis=1)]
        corners += [boxes[:, [0, 1]], boxes[:, [3, 4]], boxes[:, [0, 4]], boxes[:, [3, 1]]]
    points = np.concatenate(corners) if corners else np.zeros((0, 2))
    if not len(points):
        return ""
    hull = shapely.convex_hull(shapely.multipoints(np.round(points, 2)))
    return str(shapely.to_wkt(hull, rounding_precision=2))


def _date(fields: Mapping[str, str]) -> Instant | None:
    said = _said(fields, REFERENCES)
    found: Instant = parse_column([said]).t_lo[0] if said else np.datetime64("NaT", "ms")
    return None if np.isnat(found) else found


def _said(fields: Mapping[str, str], names: Sequence[str]) -> str:
    return next((fields[name] for name in names if fields.get(name)), "")


def sources_of(delivery: Delivery) -> tuple[str, ...]:
    """Return the addresses of a delivery's files."""
    return tuple(path for path in delivery.source.split("\n") if path)


def layers_of(twin: Twin, dataset: str) -> list[Layer]:
    """Return the layers that show a dataset."""
    return [x for x in twin.layers.values() if (x.source.dataset or x.id) == dataset]


def with_delivery(
    twin: Twin, dataset: str, layers: Sequence[Layer], received: Instant | None
) -> Dataset:
    """Return the dataset's record with one more delivery: what some layers show now.

    The same files with the same content again are no new delivery.
    """
    known: Dataset | None = twin.records["datasets"].get(dataset)
    kept = known or Dataset(dataset, layers[0].title)
    fresh = delivery_of(dataset, len(kept.deliveries) + 1, layers, received)
    fresh = replace(fresh, crs=twin.crs)
    last = kept.deliveries[-1] if kept.deliveries else None
    if (
        last is not None
        and fresh.sha256
        and (last.sha256, last.source) == (fresh.sha256, fresh.source)
    ):
        return kept
    return replace(kept, deliveries=(*kept.deliveries, fresh))


def current(twin: Twin, dataset: str) -> str:
    """Return the id of a dataset's current delivery, '' where none is on record."""
    known: Dataset | None = twin.records["datasets"].get(dataset)
    return known.deliveries[-1].id if known is not None and known.deliveries else ""


def partners(
    paths: Sequence[str], layers: Sequence[Layer]
) -> tuple[list[tuple[str, Layer]], list[str], list[Layer]]:
    """Return which file takes the place of which layer, the files that are new, the layers that go.

    By the name of the file; a single one takes the place of a single one, whatever their names.
    """
    if len(paths) == len(layers) == 1:
        return [(paths[0], layers[0])], [], []
    names = {PurePath(layer.source.path).name.casefold(): layer for layer in layers}
    pairs, fresh = [], []
    for path in paths:
        layer = names.pop(PurePath(path).name.casefold(), None)
        if layer is None:
            fresh.append(path)
        else:
            pairs.append((path, layer))
    return pairs, fresh, list(names.values()) if fresh else []
