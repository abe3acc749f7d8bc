"""Commands on work orders: raised, moved through their states, given to parties, remarked on."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord, Together
from twin.errors import UsageError
from twin.judging import rules_of
from twin.maintenance.dates import parse_column
from twin.maintenance.deliveries import current
from twin.maintenance.orders.choosing import WANTED, Asked, candidates, rows_of, units_of
from twin.maintenance.orders.edits import PutOrders
from twin.maintenance.orders.finding import order_of, orders_of
from twin.maintenance.orders.parties import actor_of, party_id
from twin.maintenance.orders.raising import GROUPS, Candidate, Raised, Wish, raise_orders
from twin.maintenance.orders.records import WorkOrder
from twin.maintenance.orders.states import ROLES, Actor, Move, assigned, attached, moved, noted
from twin.maintenance.orders.verdicts import LOST, Proposal, accepted
from twin.maintenance.placing import in_project
from twin.maintenance.rules import Rules
from twin.messages import text
from twin.observations import ASPECTS
from twin.records import Instant
from twin.scene import Twin

NOW = ""
"""As an instant: this moment."""


def instant_of(said: str) -> Instant:
    """Return the instant of an ISO 8601 text; '' = now. Raises UsageError."""
    if not said:
        return np.datetime64("now", "ms")
    found: Instant = parse_column([said]).t_lo[0]
    if np.isnat(found):
        raise UsageError(reason=text("orders.refused.date", date=said))
    return found


def _listed(said: str, known: tuple[str, ...], what: str) -> tuple[str, ...]:
    """Return the words of a list with commas. Raises UsageError for one that is not known."""
    words = tuple(dict.fromkeys(word.strip() for word in said.split(",") if word.strip()))
    for word in words:
        if word not in known:
            raise UsageError(reason=f"{what} {word!r} is none of {', '.join(known)}")
    return words


def raised_by(context: Context, asked: Asked, statuses: tuple[str, ...], wish: Wish) -> Raised:
    """Return the orders for what is selected (no statuses), or for all units with such a status."""
    twin = context.twin
    rules = in_project(rules_of(twin), twin.crs)[0]
    wish = replace(wish, policies={policy.id: policy for policy in rules.policies})
    found: list[Candidate] = []
    for key, layer in twin.layers.items():
        if statuses:
            rows = rows_of(layer, statuses)
        else:
            rows = units_of(layer, context.selected.get(key, np.zeros(0, np.int32)))
        base = current(twin, layer.source.dataset or key)
        found += (replace(x, base=base) for x in candidates(layer, rows, rules, asked))
    if not found and not statuses:
        raise UsageError(reason=text("orders.refused.nothing"))
    return raise_orders(found, twin.records["orders"], wish)


@command("orders.issue")
def issue(  # noqa: PLR0913  the arguments of a command
    context: Context,
    statuses: str = "",
    reason: str = "",
    aspect: str = "",
    title: str = "",
    due: str = "",
    assignee: str = "",
    note: str = "",
    group: str = ",".join(GROUPS),
    by: str = "",
    at: str = NOW,
) -> Edit:
    """Raise orders for what is selected, or in bulk for statuses ("stale,suspect"); what has one keeps it.

    ``group`` names what bulk orders are grouped by: custodian, district, deadline; "" = one each.
    """
    said = {"statuses": statuses, "reason": reason, "aspect": aspect, "title": title, "due": due,
            "assignee": assignee, "note": note, "group": group, "by": by, "at": at}  # fmt: skip
    found, wish = planned(context, said)
    return issued(found, wish.by, note)


def planned(context: Context, said: Mapping[str, str]) -> tuple[Raised, Wish]:
    """Return what ``orders.issue`` with such arguments would raise, and for whom. Raises UsageError."""
    rules = rules_of(context.twin)
    aspect, by, due, assignee = (said.get(x, "") for x in ("aspect", "by", "due", "assignee"))
    if aspect:
        _listed(aspect, ASPECTS, "aspect")
    wish = Wish(
        instant_of(said.get("at", NOW)), party_id(rules, by) if by else "", said.get("title", "").strip(),
        instant_of(due) if due else None, party_id(rules, assignee) if assignee else "",
        said.get("note", ""), _listed(said.get("group", ",".join(GROUPS)), GROUPS, "group"),
    )  # fmt: skip
    words = _listed(said.get("statuses", ""), WANTED, "status")
    return raised_by(context, Asked(said.get("reason", ""), aspect), words, wish), wish


def issued(found: Raised, by: str = "", why: str = "") -> Edit:
    """Return the step that puts raised orders, and those that got evidence, into the project."""
    return PutOrders("orders.issue", {x.id: x for x in (*found.new, *found.grown)}, by, why)


def _changed(
    context: Context, order: str, action: str, change: Callable[[WorkOrder], WorkOrder]
) -> PutOrders:
    """Return the step that changes orders (number, id or its beginning; several with commas)."""
    found = orders_of(context.twin.records["orders"], order)
    return PutOrders(action, {one.id: change(one) for one in found})


@command("orders.move")
def move(  # noqa: PLR0913  the arguments of a command
    context: Context,
    order: str,
    state: str,
    by: str = "",
    to: str = "",
    delivery: str = "",
    result: str = "",
    reason: str = "",
    at: str = NOW,
) -> Edit:
    """Bring orders into another state. ``by`` is a known party with the role; ``to`` the assignee."""
    twin = context.twin
    rules = rules_of(twin)
    step = Move(
        state, instant_of(at), _actor(context, rules, by, at), party_id(rules, to) if to else "",
        delivery, result, reason, rules.choices.four_eyes,
    )  # fmt: skip

    def change(one: WorkOrder) -> WorkOrder:
        if state == "assigned" and not to and one.assignee:
            return moved(one, replace(step, assignee=party_id(rules, one.assignee)))
        return moved(one, step)

    edit = _changed(context, order, "orders.move", change)
    edit = replace(edit, by=step.actor.party, why=reason)
    return with_evidence(twin, edit)


def _actor(context: Context, rules: Rules, by: str, at: str) -> Actor:
    return actor_of(rules, by or context.author, instant_of(at))


def with_evidence(twin: Twin, edit: PutOrders) -> Edit:
    """Return a step on orders with the evidence of those it closes marked as consumed."""
    closed = [x for x in edit.orders.values() if x is not None and x.state == "closed"]
    known = twin.records["evidence"]
    used = dict.fromkeys(name for order in closed for name in order.evidence)
    edits = [
        SetRecord("evidence", name, replace(known[name], status="consumed"))
        for name in used
        if name in known and known[name].status == "open"
    ]
    return Together((edit, *edits)) if edits else edit


@command("orders.accept")
def accept(  # noqa: PLR0913  the arguments of a command
    context: Context,
    order: str,
    verdict: str,
    delivery: str,
    by: str = "",
    lost: str = "",
    at: str = NOW,
) -> Edit:
    """Accept what is proposed for an order because of a delivery.

    ``lost`` are the uids of objects that are no longer there, with commas: an order about them is raised.
    """
    twin, rules, when = context.twin, rules_of(context.twin), instant_of(at)
    actor = _actor(context, rules, by, at)
    one = order_of(twin.records["orders"], order)
    proposal = Proposal(one.id, verdict, one.base, delivery)
    if verdict == LOST:
        return _lost(twin, one, set(lost.split(",")), actor, replace(Wish(when), by=actor.party))
    done = accepted(one, proposal, actor, when, four_eyes=rules.choices.four_eyes)
    edit = PutOrders("orders.accept", {one.id: done}, actor.party, f"{verdict}: {delivery}")
    return with_evidence(twin, edit)


def _lost(twin: Twin, one: WorkOrder, uids: set[str], actor: Actor, wish: Wish) -> Edit:
    """Return the step that raises an order about objects that are no longer there. Raises UsageError."""
    if not actor.roles & ROLES["cancelled"] and actor.party != one.accountable:
        wanted = ", ".join(sorted(ROLES["cancelled"]))
        facts = {"party": actor.name, "state": "raised", "roles": wanted}
        raise UsageError(reason=text("orders.refused.role", **facts))
    things = [
        Candidate(thing, LOST, "existence", one.accountable, one.accountable, one.district,
                  policy=one.policy, priority=one.priority, base=current(twin, _dataset(one)))
        for thing in one.objects
        if thing.uid in uids
    ]  # fmt: skip
    return issued(raise_orders(things, twin.records["orders"], wish), actor.party, LOST)


def _dataset(order: WorkOrder) -> str:
    return order.base.rpartition("/")[0]


@command("orders.assign")
def assign(
    context: Context, order: str, to: str, by: str = "", note: str = "", at: str = NOW
) -> Edit:
    """Give orders to another party; their state, due date and escalation stand."""
    rules = rules_of(context.twin)
    actor, party = _actor(context, rules, by, at), party_id(rules, to)
    when = instant_of(at)
    edit = _changed(
        context, order, "orders.assign", lambda one: assigned(one, party, actor.party, when, note)
    )
    return replace(edit, by=actor.party, why=note)


@command("orders.note")
def note_order(context: Context, order: str, note: str, by: str = "", at: str = NOW) -> Edit:
    """Add a remark to the history of orders."""
    actor = _actor(context, rules_of(context.twin), by, at)
    when = instant_of(at)
    edit = _changed(context, order, "orders.note", lambda one: noted(one, note, actor.party, when))
    return replace(edit, by=actor.party, why=note)


@command("orders.attach")
def attach(context: Context, order: str, evidence: str, by: str = "", at: str = NOW) -> Edit:
    """Attach a piece of evidence of the project to orders."""
    if evidence not in context.twin.records["evidence"]:
        raise UsageError(reason=text("orders.refused.no_evidence", evidence=evidence))
    actor = _actor(context, rules_of(context.twin), by, at)
    when = instant_of(at)
    edit = _changed(
        context, order, "orders.attach", lambda one: attached(one, evidence, actor.party, when)
    )
    return replace(edit, by=actor.party)


@command("orders.cancel")
def cancel(context: Context, order: str, reason: str, by: str = "", at: str = NOW) -> Edit:
    """Cancel orders; the reason is kept."""
    return move(context, order, "cancelled", by=by, reason=reason, at=at)


@command("orders.change")
def change_order(  # noqa: PLR0913  the arguments of a command
    context: Context,
    order: str,
    title: str | None = None,
    due: str | None = None,
    district: str | None = None,
    by: str = "",
    note: str = "",
    at: str = NOW,
) -> Edit:
    """Change what orders are called, when they are due, or where they belong."""
    changes: Mapping[str, object] = {
        name: value
        for name, value in (
            ("title", title),
            ("due", instant_of(due) if due else None),
            ("district", district),
        )
        if value is not None
    }
    if not changes:
        raise UsageError(reason=text("orders.refused.no_change"))
    actor = _actor(context, rules_of(context.twin), by, at)
    when = instant_of(at)
    said = note or ", ".join(f"{name}: {value}" for name, value in changes.items())

    def change(one: WorkOrder) -> WorkOrder:
        return replace(noted(one, said, actor.party, when), **changes)  # type: ignore[arg-type]

    return replace(_changed(context, order, "orders.change", change), by=actor.party, why=note)
