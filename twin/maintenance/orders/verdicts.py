"""What a newer delivery means for an order: proposed, never performed (MAINTENANCE.md 5, the table)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from twin.errors import UsageError
from twin.maintenance.orders.records import Transition, WorkOrder
from twin.maintenance.orders.states import MOVES, Actor, Move, moved, recorded
from twin.maintenance.revisions.expected import ABSENT, EXPECTED, NONE, OTHER, UNSEEN
from twin.messages import text
from twin.records import Evidence, Instant

CLOSE, UNCHANGED, UNEXPECTED, DATE_MISSING, LOST, NOTHING, PARTLY = (
    "close", "unchanged", "unexpected", "date_missing", "lost", "nothing", "partly",
)  # fmt: skip
"""What is proposed: close; verified unchanged? and changed otherwise than expected?, which need a person;
delivered without a date: back to the custodian; raise a lost object; nothing; closed for a part only."""
SURE = 0.5
"""Least confidence of a date that counts as later (MAINTENANCE.md 5)."""
LEADS = {CLOSE: "closed", UNCHANGED: "verified", UNEXPECTED: "verified", DATE_MISSING: "rejected",
         PARTLY: "delivered"}  # fmt: skip
"""Proposal -> the state that accepting it leads to."""
_WAY = ("raised", "assigned", "in_progress", "delivered", "verified", "closed")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for an order because of a delivery. ``objects`` uid -> its own verdict."""

    order: str
    verdict: str
    base: str
    delivery: str
    objects: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """Return the state that accepting it leads to; '' = it raises an order of its own."""
        return LEADS.get(self.verdict, "")

    @property
    def needs_person(self) -> bool:
        """Return whether a person must look: it may be an old delivery written again."""
        return self.verdict != CLOSE


def is_later(
    dated: tuple[Instant, float], before: Instant, evidence: Sequence[Evidence] = ()
) -> bool:
    """Return whether a date is surely later than the evidence, without any than the date before.

    ``dated`` is the effective time and its confidence. Evidence is an interval: a date within it does
    not say which came first.
    """
    t_eff, confidence = dated
    if np.isnat(t_eff) or confidence < SURE - 1e-6:
        return False
    ends = [x.event_hi or x.event_lo for x in evidence if x.event_lo is not None]
    if ends:
        return bool(t_eff >= max(end for end in ends if end is not None))
    return bool(np.isnat(before) or t_eff > before)


def judged(change: str, later: bool, *, demolition: bool = False) -> str:
    """Return the verdict of the table: what was found in the delivery, and whether its date is later."""
    if change == UNSEEN:
        return NOTHING
    if change == ABSENT:
        return CLOSE if demolition else LOST
    if change == EXPECTED:
        return CLOSE if later or demolition else DATE_MISSING
    if change == OTHER:
        return UNEXPECTED if later else DATE_MISSING
    assert change == NONE
    return UNCHANGED if later else NOTHING


def together(verdicts: Sequence[str]) -> str:
    """Return what is proposed for an order of several objects: whatever asks for most care comes first."""
    found = Counter(verdicts)
    for verdict in (LOST, DATE_MISSING, UNEXPECTED):
        if found[verdict]:
            return verdict
    if found[NOTHING] == len(verdicts):
        return NOTHING
    if found[NOTHING]:
        return PARTLY
    return UNCHANGED if found[UNCHANGED] else CLOSE


def accepted(
    order: WorkOrder, proposal: Proposal, actor: Actor, at: Instant, *, four_eyes: bool = True
) -> WorkOrder:
    """Return the order as a party that accepts a proposal leaves it; every state on the way is in its history.

    What the delivery shows to have happened is recorded as the assignee's; assigning, verifying and
    closing are the actor's, under the same guards as by hand. Raises UsageError.
    """
    goal = proposal.state
    if not goal:
        raise UsageError(reason=text("orders.refused.no_state", verdict=proposal.verdict))
    why = text("orders.accepted", verdict=proposal.verdict, delivery=proposal.delivery)
    now = _delivered(order, proposal, actor, at, why)
    if goal == "delivered":
        return now
    move = Move(goal, at, actor, note=why, result=proposal.verdict, four_eyes=four_eyes)
    if goal == "rejected":
        back = moved(now, move)
        return replace(back, assignee=back.accountable or back.assignee)
    for state in _WAY[_WAY.index("verified") : _WAY.index(goal) + 1]:
        if now.state != state:
            now = moved(now, replace(move, state=state))
    return now


def _delivered(
    order: WorkOrder, proposal: Proposal, actor: Actor, at: Instant, why: str
) -> WorkOrder:
    """Bring an order into ``delivered`` by this delivery, unless it is further already."""
    now = order
    if now.state in ("delivered", "verified"):
        return now
    if now.state in ("raised", "reopened"):
        party = now.assignee or now.accountable or actor.party
        now = moved(now, Move("assigned", at, actor, party, note=why))
    works = "" if now.assignee == actor.party else now.assignee
    for state in ("in_progress", "delivered"):
        if state in MOVES[now.state]:
            now = recorded(now, Transition(state, at, works, why, "", proposal.delivery))
    if now.state != "delivered":
        raise UsageError(reason=text("orders.refused.over", order=order.number, state=order.state))
    return replace(now, delivery=proposal.delivery)
