"""Commands on the rules by which the city is judged: whole files, presets, and single rules."""

from dataclasses import replace
from typing import Any

from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord, Together
from twin.errors import UsageError
from twin.judging import rules_edit, rules_of, with_file
from twin.maintenance.presets import preset
from twin.maintenance.rule_edits import (
    absence_with,
    choices_with,
    next_key,
    party_with,
    policy_with,
    responsibility_with,
    zone_with,
)
from twin.maintenance.rules import Choices, again, once
from twin.records import Policy


def _with_rules(context: Context, kind: str, path: str) -> Edit:
    return rules_edit(context.twin, with_file(rules_of(context.twin), kind, path))


@command("rules.policy")
def use_policy(context: Context, path: str) -> Edit:
    """Judge by the policies of a TOML file ("" = none)."""
    return _with_rules(context, "policy", path)


@command("rules.custodians")
def use_custodians(context: Context, path: str) -> Edit:
    """Take parties and responsibilities from a TOML file ("" = none)."""
    return _with_rules(context, "custodians", path)


@command("rules.evidence")
def use_evidence(context: Context, path: str) -> Edit:
    """Take evidence of change from a TOML file ("" = none)."""
    return _with_rules(context, "evidence", path)


@command("rules.preset")
def use_preset(context: Context, name: str) -> Edit:
    """Judge by the policies of a bundled example: european or chinese. They are examples to check."""
    rules = rules_of(context.twin)
    return rules_edit(context.twin, replace(rules, policies=preset(name).policies))


def _there(context: Context, kind: str, key: str, what: str) -> Any:
    """Return a record. Raises UsageError."""
    found = context.twin.records[kind].get(key)
    if found is None:
        listed = ", ".join(list(context.twin.records[kind])[:12]) or "none"
        raise UsageError(reason=f"there is no {what} {key!r}; there are: {listed}")
    return found


# -- policies ---------------------------------------------------------------------------------


@command("policy.set")
def set_policy(  # noqa: PLR0913  the arguments of a command
    context: Context, id: str, title: str | None = None, kind: str | None = None,
    zone: str | None = None, source: str | None = None, lod: str | None = None,
    loa: str | None = None, criticality: str | None = None, frequency: str | None = None,
    duration: str | None = None, warn_days: str | None = None, grace_days: str | None = None,
    required_aspects: str | None = None, c_min: str | None = None, severity: str | None = None,
    unit: str | None = None, rate: str | None = None,
) -> Edit:  # fmt: skip
    """Change a policy: what is said replaces what stood, "" puts back what is usual, the rest stays."""
    said = {k: v for k, v in locals().items() if k not in ("context", "id")}
    before: Policy = _there(context, "policies", id, "policy")
    return SetRecord("policies", id, policy_with(before, id, said))


@command("policy.add")
def add_policy(  # noqa: PLR0913  the arguments of a command
    context: Context, frequency: str, id: str = "", title: str | None = None,
    kind: str | None = None, zone: str | None = None, source: str | None = None,
    lod: str | None = None, loa: str | None = None, criticality: str | None = None,
    duration: str | None = None, warn_days: str | None = None, grace_days: str | None = None,
    required_aspects: str | None = None, c_min: str | None = None, severity: str | None = None,
    unit: str | None = None, rate: str | None = None,
) -> Edit:  # fmt: skip
    """Add a policy ("" as id: the next free one)."""
    said = {k: v for k, v in locals().items() if k not in ("context", "id")}
    key = id or next_key("P-", context.twin.records["policies"], 2)
    if key in context.twin.records["policies"]:
        raise UsageError(reason=f"there is a policy {key!r} already: change it with policy.set")
    return SetRecord("policies", key, policy_with(None, key, said))


@command("policy.remove")
def remove_policy(context: Context, id: str) -> Edit:
    """Remove a policy."""
    _there(context, "policies", id, "policy")
    return SetRecord("policies", id, None)


@command("policy.duplicate")
def duplicate_policy(context: Context, id: str, new: str = "") -> Edit:
    """Add a copy of a policy under another id ("" = the next free one)."""
    before: Policy = _there(context, "policies", id, "policy")
    key = new or next_key("P-", context.twin.records["policies"], 2)
    if key in context.twin.records["policies"]:
        raise UsageError(reason=f"there is a policy {key!r} already")
    return SetRecord("policies", key, replace(before, id=key))


@command("choices.set")
def set_choices(  # noqa: PLR0913  the arguments of a command
    context: Context, area_before_dataset: str | None = None, time_zone: str | None = None,
    default_duration: str | None = None, zone_column: str | None = None,
    loa_column: str | None = None, criticality_column: str | None = None,
    four_eyes: str | None = None,
) -> Edit:  # fmt: skip
    """Change the switches of the rules; "" puts back what is usual."""
    said = {k: v for k, v in locals().items() if k != "context"}
    before = context.twin.records["choices"].get("choices", Choices())
    return SetRecord("choices", "choices", choices_with(before, said))


# -- zones ------------------------------------------------------------------------------------


@command("zone.set")
def set_zone(
    context: Context, id: str = "", name: str | None = None, polygon: str | None = None,
    crs: str | None = None, source: str | None = None,
) -> Edit:  # fmt: skip
    """Add or change a zone: a part of the city by name, as WKT in a system ("" = the project's)."""
    said = {"name": name, "polygon": polygon, "crs": crs, "source": source}
    zones = context.twin.records["zones"]
    key = id or next_key("Z", zones, 3)
    if polygon is not None and crs is None:
        said["crs"] = context.twin.crs
    return SetRecord("zones", key, zone_with(zones.get(key), key, said))


@command("zone.remove")
def remove_zone(context: Context, id: str) -> Edit:
    """Remove a zone."""
    _there(context, "zones", id, "zone")
    return SetRecord("zones", id, None)


# -- parties ----------------------------------------------------------------------------------


@command("party.set")
def set_party(  # noqa: PLR0913  the arguments of a command
    context: Context, id: str, name: str | None = None, organisation: str | None = None,
    position: str | None = None, email: str | None = None, phone: str | None = None,
    aliases: str | None = None,
) -> Edit:  # fmt: skip
    """Add or change a party; ``organisation=no`` marks a person, ``aliases`` are "a|b"."""
    said = {k: v for k, v in locals().items() if k not in ("context", "id")}
    records = context.twin.records
    party, spellings = party_with(records["parties"].get(id), id, said, records["aliases"])
    edits: list[Edit] = [SetRecord("parties", id, party)]
    mine = [alias for alias, owner in records["aliases"].items() if owner == id]
    kept = {once(alias) for alias in mine}
    edits += [SetRecord("aliases", a, None) for a in mine if once(a) not in spellings]
    taken = set(records["aliases"])
    edits += [SetRecord("aliases", again(s, taken), id) for s in spellings if s not in kept]
    return Together(tuple(edits))


@command("party.remove")
def remove_party(context: Context, id: str) -> Edit:
    """Remove a party that answers for nothing any more."""
    _there(context, "parties", id, "party")
    records = context.twin.records
    held = [key for key, d in records["responsibilities"].items() if d.party == id]
    held += [key for key, a in records["absences"].items() if id in (a.party, a.substitute)]
    if held:
        named = ", ".join(held[:6])
        raise UsageError(
            reason=f"{id} still stands in {named}: give these to another party, or use party.merge"
        )
    edits = [
        SetRecord("aliases", a, None) for a, owner in records["aliases"].items() if owner == id
    ]
    return Together((*edits, SetRecord("parties", id, None)))


@command("party.merge")
def merge_party(context: Context, id: str, into: str) -> Edit:
    """Make one party of two: duties, absences and spellings of the first go to the second."""
    gone, kept = (_there(context, "parties", key, "party") for key in (id, into))
    if id == into:
        raise UsageError(reason=f"{id} cannot be merged into itself")
    records = context.twin.records
    edits: list[Edit] = []
    for key, duty in records["responsibilities"].items():
        if duty.party == id:
            edits.append(SetRecord("responsibilities", key, replace(duty, party=into)))
    for key, absence in records["absences"].items():
        names = {n: into for n in ("party", "substitute") if getattr(absence, n) == id}
        after = replace(absence, **names)
        if names:
            gone_too = after.party == after.substitute
            edits.append(SetRecord("absences", key, None if gone_too else after))
    for alias, owner in records["aliases"].items():
        if owner == id:
            same = records["aliases"].get(once(alias)) == into
            edits.append(SetRecord("aliases", alias, None if same else into))
    new = {once(id), gone.name} - {once(into), kept.name, *records["aliases"]}
    edits += [SetRecord("aliases", word, into) for word in sorted(new)]
    return Together((*edits, SetRecord("parties", id, None)))


# -- responsibilities -------------------------------------------------------------------------


@command("responsibility.set")
def set_responsibility(  # noqa: PLR0913  the arguments of a command
    context: Context, id: str = "", party: str | None = None, scope: str | None = None,
    role: str | None = None, target: str | None = None, kind: str | None = None,
    theme: str | None = None, lod: str | None = None, polygon: str | None = None,
    crs: str | None = None, priority: str | None = None, valid_from: str | None = None,
    valid_to: str | None = None, source: str | None = None,
) -> Edit:  # fmt: skip
    """Add ("" as id) or change who answers for what; a polygon is WKT in ``crs`` (project's if not said)."""
    said = {k: v for k, v in locals().items() if k not in ("context", "id")}
    duties = context.twin.records["responsibilities"]
    key = id or next_key("R", duties, 4)
    if polygon and crs is None:
        said["crs"] = context.twin.crs
    found = responsibility_with(duties.get(key), key, said, context.twin.records["parties"])
    return SetRecord("responsibilities", key, found)


@command("responsibility.remove")
def remove_responsibility(context: Context, id: str) -> Edit:
    """Remove who answers for what."""
    _there(context, "responsibilities", id, "responsibility")
    return SetRecord("responsibilities", id, None)


@command("absence.set")
def set_absence(
    context: Context, id: str = "", party: str | None = None, substitute: str | None = None,
    start: str | None = None, end: str | None = None,
) -> Edit:  # fmt: skip
    """Add ("" as id) or change that a party is away from ``start`` until (not with) ``end``."""
    said = {"party": party, "substitute": substitute, "from": start, "to": end}
    records = context.twin.records
    key = id or next_key("A", records["absences"], 4)
    found = absence_with(records["absences"].get(key), key, said, records["parties"])
    return SetRecord("absences", key, found)


@command("absence.remove")
def remove_absence(context: Context, id: str) -> Edit:
    """Remove an absence."""
    _there(context, "absences", id, "absence")
    return SetRecord("absences", id, None)
