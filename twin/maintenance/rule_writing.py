"""Rules back to the TOML files they are read from: what is written and read again is equal."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from twin.maintenance.rules import CUSTODIAN_SWITCHES, Absence, Choices, Rules, Zone, once
from twin.records import Instant, Party, Policy, Responsibility

HEAD = "# Written by CityTwin. Format: docs/manual/rules.md.\nversion = 1\n"
_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\x08": "\\b",
    "\x0c": "\\f",
}


def policy_toml(rules: Rules) -> str:
    """Return policy.toml: switches, policies, zones."""
    usual = asdict(Choices())
    said = asdict(rules.choices)
    settings = {k: v for k, v in said.items() if v != usual[k] and k not in CUSTODIAN_SWITCHES}
    return _document(
        settings,
        [("policy", policy_table(policy)) for policy in rules.policies]
        + [("zone", zone_table(zone)) for zone in rules.zones],
    )


def custodians_toml(rules: Rules) -> str:
    """Return custodians.toml: the switch, parties with their aliases, responsibilities, absences."""
    usual, said = asdict(Choices()), asdict(rules.choices)
    settings = {name: said[name] for name in CUSTODIAN_SWITCHES if said[name] != usual[name]}
    return _document(
        settings,
        [("party", party_table(party, rules.aliases)) for party in rules.parties]
        + [("responsibility", responsibility_table(duty)) for duty in rules.responsibilities]
        + [("absence", absence_table(absence)) for absence in rules.absences],
    )


def _differing(record: Any, usual: Any, always: Iterable[str]) -> dict[str, Any]:
    """Return the fields that differ from the usual ones, and those that are always said."""
    names = [item.name for item in fields(record)]
    kept = set(always)
    return {
        name: getattr(record, name)
        for name in names
        if name in kept or getattr(record, name) != getattr(usual, name)
    }


def policy_table(policy: Policy) -> dict[str, Any]:
    """Return a policy as the table of a file; what is usual is left out."""
    table = _differing(policy, Policy(""), ("id", "frequency"))
    if "required_aspects" in table:
        table["required_aspects"] = list(policy.required_aspects)
    return table


def zone_table(zone: Zone) -> dict[str, Any]:
    """Return a zone as the table of a file."""
    return _differing(zone, Zone("", "", ""), ("id", "name", "polygon"))


def party_table(party: Party, aliases: Mapping[str, str]) -> dict[str, Any]:
    """Return a party as the table of a file, with its spellings in the data."""
    table = _differing(party, Party("", ""), ("id", "name"))
    spellings = [once(alias) for alias, owner in aliases.items() if owner == party.id]
    return {**table, "id": once(party.id), **({"aliases": spellings} if spellings else {})}


def responsibility_table(duty: Responsibility) -> dict[str, Any]:
    """Return a responsibility as the table of a file."""
    table = _differing(duty, Responsibility("", "custodian", ""), ("party", "role", "scope"))
    return {k: day(v) if isinstance(v, np.datetime64) else v for k, v in table.items()}


def absence_table(absence: Absence) -> dict[str, Any]:
    """Return an absence as the table of a file."""
    times = {"from": day(absence.start), "to": day(absence.end)}
    return {"party": absence.party, "substitute": absence.substitute, **times}


def day(instant: Instant) -> str:
    """Return an instant as ISO text in UTC, a midnight as its date."""
    midnight = instant == instant.astype("datetime64[D]")
    if midnight:
        return str(np.datetime_as_string(instant, unit="D"))
    return f"{np.datetime_as_string(instant, unit='ms')}Z"


def _document(settings: Mapping[str, Any], tables: list[tuple[str, dict[str, Any]]]) -> str:
    parts = [HEAD]
    if settings:
        parts.append("\n".join(["[settings]", *_lines(settings)]) + "\n")
    parts += ["\n".join([f"[[{name}]]", *_lines(table)]) + "\n" for name, table in tables]
    return "\n".join(parts)


def _lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in table.items() if value is not None]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return f'"{"".join(map(_letter, str(value)))}"'


def _letter(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    return letter if letter >= " " and letter != "\x7f" else f"\\u{ord(letter):04x}"
