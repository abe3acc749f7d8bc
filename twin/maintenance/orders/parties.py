"""Parties as orders name them: by id, found by any spelling; what each may do now."""

from collections.abc import Mapping

from twin.errors import UsageError
from twin.maintenance.orders.states import Actor
from twin.maintenance.rules import Rules, within
from twin.messages import text
from twin.records import Instant

AS_BUILT = "as_built"
"""The kind of evidence during which the works, not the custodian, keep the data (MAINTENANCE.md 2)."""


def ids_of(rules: Rules) -> Mapping[str, str]:
    """Return every known spelling, case folded -> the party's id."""
    found: dict[str, str] = {}
    for party in rules.parties:
        for spelling in (party.id, party.name, party.email):
            if spelling:
                found.setdefault(spelling.casefold(), party.id)
    for alias, party_id in rules.aliases.items():
        found.setdefault(alias.casefold(), party_id)
    return found


def party_id(rules: Rules, name: str) -> str:
    """Return the id of a known party by id, name, e-mail or alias. Raises UsageError."""
    found = ids_of(rules).get(name.strip().casefold())
    if found is None:
        known = ", ".join(party.id for party in rules.parties[:12]) or "-"
        raise UsageError(reason=text("orders.refused.unknown_party", party=name, known=known))
    return found


def actor_of(rules: Rules, name: str, now: Instant) -> Actor:
    """Return a known party with the roles that it has anywhere now. Raises UsageError for a stranger.

    Whoever stands in for an absent party has its roles too.
    """
    party = party_id(rules, name)
    spelled = ids_of(rules)
    acts_for = {party}
    for absence in rules.absences:
        if within(now, absence.start, absence.end) and _is(spelled, absence.substitute, party):
            acts_for.add(spelled.get(absence.party.casefold(), absence.party))
    roles = {
        duty.role
        for duty in rules.responsibilities
        if spelled.get(duty.party.casefold(), duty.party) in acts_for
        and within(now, duty.valid_from, duty.valid_to)
    }
    shown = next((x.name for x in rules.parties if x.id == party and x.name), party)
    return Actor(party, frozenset(roles), shown)


def _is(spelled: Mapping[str, str], name: str, party: str) -> bool:
    return spelled.get(name.casefold(), name) == party
