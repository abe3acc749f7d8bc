"""Orders put into the twin, one or ten thousand in one step, with words for the journal."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from twin.edits import Edit
from twin.journal_words import plain
from twin.maintenance.orders.records import WorkOrder
from twin.scene import Twin

KIND = "orders"
_BRIEF = ("state", "number", "accountable", "assignee", "due", "reason", "aspect")
"""What the journal says of an order that is new or gone; all else stands in the order itself."""


@dataclass(frozen=True, slots=True)
class PutOrders:
    """Put orders (None: take away) in one step. ``action``, ``by`` (party id) and ``why`` are for the journal.

    ``by`` is who said to be acting: without a server that knows who sits at the keyboard it is
    claimed, not authenticated, and the journal says so.
    """

    action: str
    orders: Mapping[str, WorkOrder | None]
    by: str = ""
    why: str = ""
    journal: bool = True

    def apply(self, twin: Twin) -> Edit:
        """Put them; the inverse holds those before."""
        before = twin.put_records(KIND, self.orders)
        return PutOrders(self.action, before, self.by, self.why)

    def describe(self, twin: Twin) -> dict[str, Any]:
        """Say who did what to which order: only what differs, parties by id."""
        kept = twin.records[KIND]
        pairs = {key: changes(kept.get(key), order) for key, order in self.orders.items()}
        words: dict[str, Any] = {"action": self.action}
        if len(pairs) == 1:
            key, (before, after) = next(iter(pairs.items()))
            words |= {"object": key, "before": before, "after": after}
        else:
            words |= {
                "object": list(pairs),
                "before": {key: pair[0] for key, pair in pairs.items() if pair[0] is not None},
                "after": {key: pair[1] for key, pair in pairs.items()},
            }
        if self.by:
            words |= {"actor": self.by, "claimed": True}
        if self.why:
            words["why"] = self.why
        return words


def changes(
    before: WorkOrder | None, after: WorkOrder | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return what an order said before and says after, where that differs; new and gone ones in brief."""
    if before is None or after is None:
        return _brief(before), _brief(after)
    was, now = {}, {}
    for item in fields(WorkOrder):
        old, new = getattr(before, item.name), getattr(after, item.name)
        if item.name in ("transitions", "revision", "objects") or old == new:
            continue
        was[item.name], now[item.name] = _plainly(old), _plainly(new)
    lines = after.transitions[len(before.transitions) :]
    if lines and lines[-1].what:
        now[lines[-1].what] = lines[-1].about or lines[-1].note
    return was, now


def _plainly(value: Any) -> Any:
    return [plain(x) for x in value] if isinstance(value, tuple) else plain(value)


def _brief(order: WorkOrder | None) -> dict[str, Any] | None:
    if order is None:
        return None
    said = {name: plain(getattr(order, name)) for name in _BRIEF}
    return {**said, "objects": len(order.objects)}
