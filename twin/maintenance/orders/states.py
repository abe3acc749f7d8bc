"""The state machine of work orders: which move is possible, who may make it, what it needs (MAINTENANCE.md 5).

``raised -> assigned -> in_progress -> delivered -> verified -> closed``; aside: ``rejected`` (back to
in_progress), ``cancelled`` and ``reopened`` (on to assigned). Nothing is skipped. Pure: orders in,
orders out.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from twin.errors import UsageError
from twin.maintenance.orders.records import Transition, WorkOrder
from twin.messages import text
from twin.records import Instant

STATES = (
    "raised", "assigned", "in_progress", "delivered", "verified", "closed", "rejected", "cancelled", "reopened",
)  # fmt: skip
DONE = frozenset({"closed", "cancelled"})
"""States in which nobody has anything to do any more."""
MOVES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "raised": ("assigned", "cancelled"),
        "assigned": ("in_progress", "cancelled"),
        "in_progress": ("delivered", "cancelled"),
        "delivered": ("verified", "rejected", "cancelled"),
        "rejected": ("in_progress", "cancelled"),
        "verified": ("closed",),
        "closed": ("reopened",),
        "reopened": ("assigned", "cancelled"),
        "cancelled": (),
    }
)
"""State -> the states that may follow it."""
_LEADS = frozenset({"custodian", "owner", "auditor"})
_WORKS = frozenset({"custodian", "processor", "assignee"})
_CHECKS = frozenset({"custodian", "auditor"})
ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "assigned": _LEADS,
        "in_progress": _WORKS,
        "delivered": _WORKS,
        "verified": _CHECKS,
        "rejected": _CHECKS,
        "closed": _LEADS,
        "cancelled": _LEADS,
        "reopened": _LEADS,
    }
)
"""State -> the roles that may bring an order into it; ``assignee`` is whoever has the order."""
REASONED = frozenset({"cancelled", "rejected", "reopened"})
"""States that need a reason."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a known party and its roles now. ``name`` is shown to people."""

    party: str
    roles: Set[str] = frozenset()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A wish: into which state, when, by whom, and what that state needs.

    ``assignee`` is a party that is known ('' = the one the order has); ``delivery`` the delivery's
    id; ``result`` what verification found; ``note`` the reason; ``four_eyes``: whoever delivered
    does not verify.
    """

    state: str
    at: Instant
    actor: Actor
    assignee: str = ""
    delivery: str = ""
    result: str = ""
    note: str = ""
    four_eyes: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a move is not possible: a code of the catalogue (``orders.refused.<code>``) and its parameters."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def said(self, language: str = "en") -> str:
        """Return the sentence in a language."""
        return text(f"orders.refused.{self.code}", language, **self.params)


def is_open(order: WorkOrder) -> bool:
    """Return whether somebody still has something to do."""
    return order.state not in DONE


def refusal(order: WorkOrder, move: Move) -> Refusal | None:
    """Return why a move is not possible; None = it is."""
    return _order_of_states(order, move) or _role(order, move) or _needs(order, move)


def _order_of_states(order: WorkOrder, move: Move) -> Refusal | None:
    if move.state not in STATES:
        return Refusal("unknown", {"state": move.state, "states": ", ".join(STATES)})
    if _handed_on(order, move) or move.state in MOVES.get(order.state, ()):
        return None
    after = ", ".join(MOVES.get(order.state, ())) or "-"
    return Refusal(
        "order",
        {"order": order.number, "state": order.state, "wanted": move.state, "after": after},
    )


def _handed_on(order: WorkOrder, move: Move) -> bool:
    """Return whether an assigned order is given to another party: no step, and the clock runs on."""
    same = order.state == move.state == "assigned"
    return same and move.assignee not in ("", order.assignee)


def _role(order: WorkOrder, move: Move) -> Refusal | None:
    actor = move.actor
    if not actor.party:
        return Refusal("nobody", {})
    roles = set(actor.roles)
    if actor.party == order.accountable:
        roles.add("custodian")
    if actor.party == order.assignee:
        roles.add("assignee")
    wanted = ROLES.get(move.state, frozenset())
    if roles & wanted:
        return None
    who = actor.name or actor.party
    return Refusal("role", {"party": who, "state": move.state, "roles": ", ".join(sorted(wanted))})


def _needs(order: WorkOrder, move: Move) -> Refusal | None:
    named = {"order": order.number}
    if move.state == "assigned" and not (move.assignee or order.assignee):
        return Refusal("no_party", named)
    if move.state == "delivered" and not (move.delivery or order.delivery):
        return Refusal("no_delivery", named)
    if move.state in REASONED and not move.note.strip():
        return Refusal("no_reason", {**named, "state": move.state})
    if move.state == "verified":
        if not (move.result or order.result):
            return Refusal("no_result", named)
        if move.four_eyes and move.actor.party == order.deliverer:
            who = move.actor.name or move.actor.party
            return Refusal("four_eyes", {**named, "party": who})
    return None


def moved(order: WorkOrder, move: Move) -> WorkOrder:
    """Return the order in its new state, its history one longer. Raises UsageError for what is not possible."""
    found = refusal(order, move)
    if found is not None:
        raise UsageError(reason=found.said())
    changes: dict[str, object] = {}
    about = ""
    if move.state == "assigned":
        about = move.assignee or order.assignee
        changes["assignee"] = about
    elif move.state == "delivered":
        about = move.delivery or order.delivery
        changes["delivery"] = about
    elif move.state == "verified":
        about = move.result or order.result
        changes["result"] = about
    elif move.state in ("rejected", "reopened"):
        changes["result"], changes["delivery"] = "", ""
        changes["reopened"] = order.reopened + (move.state == "reopened")
    line = Transition(move.state, move.at, move.actor.party, move.note.strip(), "", about)
    return _with(order, line, **changes)


def recorded(order: WorkOrder, line: Transition) -> WorkOrder:
    """Return the order with what something else than a person showed to have happened (a delivery).

    The arrows hold, the roles are not asked for. Raises UsageError.
    """
    if line.state not in MOVES.get(order.state, ()):
        after = ", ".join(MOVES.get(order.state, ())) or "-"
        facts = {"order": order.number, "state": order.state, "wanted": line.state, "after": after}
        raise UsageError(reason=Refusal("order", facts).said())
    return _with(order, line)


def assigned(order: WorkOrder, party: str, by: str, at: Instant, note: str = "") -> WorkOrder:
    """Return the order with another assignee and no other state: due date and escalation stand."""
    line = Transition(order.state, at, by, note.strip(), "assign", party)
    return _with(order, line, assignee=party)


def noted(order: WorkOrder, note: str, by: str, at: Instant) -> WorkOrder:
    """Return the order with a remark in its history. Raises UsageError for an empty one."""
    if not note.strip():
        raise UsageError(reason=text("orders.refused.no_note"))
    return _with(order, Transition(order.state, at, by, note.strip(), "note"))


def attached(order: WorkOrder, evidence: str, by: str, at: Instant) -> WorkOrder:
    """Return the order with one more piece of evidence; the same order where it has it already."""
    if evidence in order.evidence:
        return order
    line = Transition(order.state, at, by, "", "attach", evidence)
    return _with(order, line, evidence=(*order.evidence, evidence))


def _with(order: WorkOrder, line: Transition, **changes: object) -> WorkOrder:
    changes["state"] = line.state
    changes["transitions"] = (*order.transitions, line)
    changes["revision"] = order.revision + 1
    return replace(order, **changes)  # type: ignore[arg-type]
