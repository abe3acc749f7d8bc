"""Orders as BCF topics: one an order, with the state, who, until when, and a view of what it is about."""

from uuid import UUID, uuid5

import numpy as np

from twin.exchange.bcf.model import Bcf, Extensions, Frame, Hints, Scene, Topic, Viewpoint
from twin.geometry import Rows
from twin.maintenance.exports.order_calendar import description
from twin.maintenance.orders.book import Book, stamp
from twin.maintenance.orders.records import WorkOrder
from twin.scene import Layer, Twin
from twin.topics.links import MANY, component_of, is_building_model
from twin.topics.overview import overview
from twin.topics.places import Located, place_of

STATUS = {
    "raised": "Open",
    "assigned": "Open",
    "reopened": "Open",
    "in_progress": "InProgress",
    "rejected": "InProgress",
    "delivered": "Review",
    "verified": "Closed",
    "closed": "Closed",
    "cancelled": "Closed",
}
"""State -> TopicStatus (MAINTENANCE.md 5)."""
TYPE = "Request"
CANCELLED = "cancelled"
"""The label that tells a cancelled order from a closed one."""
URGENT = ((75.0, "Critical"), (50.0, "High"), (25.0, "Medium"), (0.0, "Low"))
"""From which priority of an order on a topic has which."""
VIEWS = UUID("7d1b5b0a-54a8-5b0e-9f30-3c2b8f2a6a11")
"""Namespace of the ids of viewpoints."""
NOBODY = "CityTwin"
"""Author of an order of which nobody said who raised it: BCF wants one."""


def as_bcf(book: Book, twin: Twin, located: Located) -> Bcf:
    """Return a topic for each order. Layers that are open lend the boxes for the views."""
    topics = tuple(
        _topic(book, order, twin, located)
        for order in sorted(book.orders, key=lambda x: (x.number, x.id))
    )
    users = sorted({x for topic in topics for x in (topic.assigned, topic.author) if x})
    labels = sorted({label for topic in topics for label in topic.labels})
    extensions = Extensions(
        types=(TYPE,), statuses=tuple(dict.fromkeys(STATUS.values())),
        priorities=tuple(name for _, name in URGENT), labels=tuple(labels), users=tuple(users),
    )  # fmt: skip
    return Bcf(topics, Frame(name=book.project, extensions=extensions))


def _topic(book: Book, order: WorkOrder, twin: Twin, located: Located) -> Topic:
    raised_by = order.transitions[0].by if order.transitions else ""
    labels = [x for x in (order.reason, order.aspect) if x]
    if order.state == "cancelled":
        labels.append(CANCELLED)
    view = _view(order, twin, located)
    return Topic(
        order.id, f"{order.number} {book.title(order)}", TYPE, STATUS[order.state],
        next(name for least, name in URGENT if order.priority >= least), None, tuple(labels),
        created=stamp(order.raised) or stamp(book.at), author=_named(book, raised_by) or NOBODY,
        modified=stamp(order.changed) if order.revision else "",
        modified_by=(_named(book, order.transitions[-1].by) or NOBODY) if order.revision else "",
        due=stamp(order.due), assigned=_named(book, order.assignee),
        description=description(book, order), viewpoints=() if view is None else (view,),
    )  # fmt: skip


def _named(book: Book, party: str) -> str:
    return book.email(party) or book.shown(party)


def _view(order: WorkOrder, twin: Twin, located: Located) -> Viewpoint | None:
    """Return a view of the first layer that has objects of the order with a known box."""
    for layer in twin.layers.values():
        rows = _rows(layer, order)
        if len(rows) and np.isfinite(layer.boxes(rows)).all(axis=1).any():
            guid = str(uuid5(VIEWS, order.id))
            place = place_of(twin, layer.id if is_building_model(layer) else "", located)
            chosen = tuple(component_of(layer, int(row)) for row in rows[:MANY])
            scene = Scene(chosen, True, Hints(), perspective=overview(layer, rows, place))
            return Viewpoint(guid, f"{guid}.bcfv", scene=scene)
    return None


def _rows(layer: Layer, order: WorkOrder) -> Rows:
    known = layer.features.rows_by_id
    ids = [x.id for x in order.objects if x.layer == layer.id]
    return np.array([known[key] for key in ids if key in known], np.int32)
