"""What the window shows of an order: its glyph, its words, where its objects are; computed once a change."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twin.features import FeatureTable
from twin.geometry import F64, Rows
from twin.identity import UNSTEADY, uids
from twin.maintenance.orders.attaching import stable_uids
from twin.maintenance.orders.due import days_late
from twin.maintenance.orders.records import OrderObject, WorkOrder
from twin.maintenance.orders.states import is_open
from twin.maintenance.orders.wording import order_title, reason_word, state_word
from twin.observations import STATUSES
from twin.records import Instant
from twin.scene import Layer, LayerId, Twin
from ui.wording import Wording

LANES: Mapping[str, tuple[str, ...]] = {
    "raised": ("raised", "reopened"),
    "assigned": ("assigned",),
    "in_progress": ("in_progress", "rejected"),
    "delivered": ("delivered",),
    "verified": ("verified",),
    "closed": ("closed", "cancelled"),
}
"""Columns of the board -> the states that stand in them."""
LANE_OF = {state: lane for lane, states in LANES.items() for state in states}
HANDED_IN = frozenset({"delivered", "verified"})
"""States in which the data is there, so that nobody is late with it."""
NEVER = np.datetime64("9999-12-31", "ms")


@dataclass(frozen=True, slots=True)
class Facts:
    """One order in words. ``glyph`` is a status key; ``late`` whole days; ``when`` says due or done."""

    order: WorkOrder
    glyph: str
    title: str
    count: str
    party: str
    assignee: str
    when: str
    late: int
    state: str
    reason: str
    lane: str

    @property
    def number(self) -> str:
        """Return the order's number as people say it."""
        return str(self.order.number)

    @property
    def text(self) -> str:
        """Return everything that a search looks through."""
        parts = (self.number, self.title, self.party, self.assignee, self.state, self.reason)
        names = (f"{item.name} {item.id}" for item in self.order.objects[:50])
        return " ".join((*parts, self.order.district, *names)).casefold()


def facts_of(order: WorkOrder, names: Mapping[str, str], words: Wording, now: Instant) -> Facts:
    """Return an order in words; ``names`` are parties' names by id."""
    language = words.language
    late = days_late(order, now) if order.state not in HANDED_IN else 0
    nobody = words.say("nobody")
    return Facts(
        order,
        glyph_of(order),
        order_title(order, language),
        _count(order, words),
        names.get(order.accountable, order.accountable) or nobody,
        names.get(order.assignee, order.assignee),
        _when(order, late, words),
        late,
        state_word(order.state, language),
        reason_word(order.reason, language),
        LANE_OF.get(order.state, "raised"),
    )


def _count(order: WorkOrder, words: Wording) -> str:
    if len(order.objects) == 1:
        return words.say("orders_panel.object")
    return words.say("orders_panel.objects", count=words.count(len(order.objects)))


def glyph_of(order: WorkOrder) -> str:
    """Return the status whose glyph stands for an order: what was wrong, or fresh once it is verified."""
    if order.state in ("verified", "closed"):
        return "fresh"
    if order.state == "cancelled":
        return "event_driven"
    return order.reason if order.reason in STATUSES else "suspect"


def _when(order: WorkOrder, late: int, words: Wording) -> str:
    say = words.say
    if late:
        return say("orders_panel.late", days=words.count(late))
    if not is_open(order) or order.state in HANDED_IN:
        state = state_word(order.state, words.language)
        return say("orders_panel.done", state=state, date=words.date(order.changed))
    if order.due is None or np.isnat(order.due):
        return say("orders_panel.no_due")
    return say("orders_panel.due", date=words.date(order.due))


def urgency(one: Facts) -> tuple[object, ...]:
    """Return the sort key within a lane: the earliest due first; of what is done, the latest first."""
    order = one.order
    if not is_open(order):
        changed = order.changed
        return (1, 0 if np.isnat(changed) else -int(changed.astype(np.int64)), order.number)
    due = NEVER if order.due is None or np.isnat(order.due) else order.due
    return (0, int(due.astype("datetime64[ms]").astype(np.int64)), -order.priority, order.number)


def party_names(twin: Twin) -> dict[str, str]:
    """Return the names of the parties by id."""
    return {key: party.name or key for key, party in twin.records["parties"].items()}


class Places:
    """Where the objects of orders are now: by id, and where ids are made anew by the key of a register."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self._known: dict[LayerId, tuple[FeatureTable, dict[str, int]]] = {}

    def rows_of(self, order: WorkOrder) -> dict[LayerId, Rows]:
        """Return the rows of an order's objects by layer."""
        found: dict[LayerId, list[int]] = {}
        for item in order.objects:
            place = self._place(item)
            if place is not None:
                found.setdefault(place[0], []).append(place[1])
        return {key: np.array(sorted(set(rows)), np.int32) for key, rows in found.items()}

    def _place(self, item: OrderObject) -> tuple[LayerId, int] | None:
        own = self.twin.layers.get(item.layer)
        candidates = [own] if own is not None else []
        candidates += [layer for layer in self.twin.layers.values() if layer is not own]
        for layer in candidates:
            if layer.about.format in UNSTEADY:
                row = self._keys(layer).get(item.uid)
            else:
                row = layer.features.rows_by_id.get(item.id)
                if row is not None and layer is not own and not _same(layer, item):
                    row = None
            if row is not None:
                return layer.id, row
        return None

    def _keys(self, layer: Layer) -> dict[str, int]:
        """Return stable uid -> row of a layer whose ids are made anew, kept while its table stands."""
        known = self._known.get(layer.id)
        if known is None or known[0] is not layer.features:
            units = layer.assessment.unit_rows()
            names = stable_uids(layer, units)
            places = dict(zip(names, units.tolist(), strict=True))
            known = self._known[layer.id] = (layer.features, places)
        return known[1]


def _same(layer: Layer, item: OrderObject) -> bool:
    return bool(uids(layer.source.dataset or layer.id, [item.id])[0] == item.uid)


def top_of(twin: Twin, rows: Mapping[LayerId, Rows]) -> F64 | None:
    """Return the point f64(3) above the first object of a selection that has a place."""
    for key, some in rows.items():
        boxes = twin.layer(key).boxes(some)
        known = boxes[np.isfinite(boxes).all(axis=1)]
        if len(known):
            box = known[0]
            return np.array([(box[0] + box[3]) / 2, (box[1] + box[4]) / 2, box[5]])
    return None
