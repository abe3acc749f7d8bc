"""One rule changed by the words of a command: words to values, values over what stands, one record out."""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from twin.errors import UsageError
from twin.maintenance.dates import parse_column
from twin.maintenance.intervals import parse_duration
from twin.maintenance.rule_tables import (
    ABSENCE,
    PARTY,
    POLICY,
    RESPONSIBILITY,
    ZONE,
    Spoken,
    Types,
    absence_of,
    party_of,
    policy_of,
    responsibility_of,
    zone_of,
)
from twin.maintenance.rule_writing import (
    absence_table,
    party_table,
    policy_table,
    responsibility_table,
    zone_table,
)
from twin.maintenance.rules import CUSTODIAN_SWITCHES, Absence, Choices, Zone
from twin.records import Party, Policy, Responsibility

Said = Mapping[str, Any]
"""Arguments of a command: texts, or values from the window. None = not said, '' = as usual."""
ON, OFF = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
SPOKEN = Spoken()


def spoken(place: str, said: Said, types: Types) -> dict[str, Any]:
    """Return what was said as values of the types; '' and lists that are empty are left as None."""
    found: dict[str, Any] = {}
    for name, value in said.items():
        if value is None:
            continue
        found[name] = None if value == "" else _typed(place, name, value, types[name])
    return found


def _typed(place: str, name: str, value: Any, kind: Any) -> Any:
    if not isinstance(value, str):
        return list(value) if isinstance(value, tuple) else value
    if kind is list:
        return [part.strip() for part in re.split(r"[|,;]", value) if part.strip()]
    if kind is bool:
        word = value.strip().lower()
        if word not in (*ON, *OFF):
            raise UsageError(reason=f"{place}: {name} = {value!r} is neither true nor false")
        return word in ON
    if kind in (int, (int, float)):
        return _number(place, name, value, kind)
    return value.strip()


def _number(place: str, name: str, value: str, kind: Any) -> float:
    try:
        return int(value) if kind is int else float(value)
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise UsageError(reason=f"{place}: {name} = {value!r} is not {wanted}") from None


def _over(before: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with what was said in it; what was said to be as usual is taken out."""
    return {k: v for k, v in {**before, **said}.items() if v is not None}


def policy_with(before: Policy | None, key: str, said: Said) -> Policy:
    """Return a policy changed by what was said. Raises UsageError."""
    place = f"policy {key}"
    table = _over(
        {} if before is None else policy_table(before), spoken(place, said, POLICY) | {"id": key}
    )
    if (
        before is not None
        and said.get("frequency") is not None
        and said.get("duration") is None
        and said["frequency"] != before.frequency
        and said["frequency"] != "periodic"
    ):
        table.pop("duration", None)  # it belonged to the frequency that is gone
    SPOKEN.check(place, table, POLICY)
    return policy_of(SPOKEN, place, table)


def party_with(
    before: Party | None, key: str, said: Said, aliases: Mapping[str, str]
) -> tuple[Party, list[str]]:
    """Return a party changed by what was said, and the spellings it has then. Raises UsageError."""
    place = f"party {key}"
    old = {} if before is None else party_table(before, aliases)
    table = _over(old, spoken(place, said, PARTY)) | {"id": key}
    SPOKEN.check(place, table, PARTY)
    return party_of(SPOKEN, place, table), [str(x) for x in table.get("aliases", ())]


def responsibility_with(
    before: Responsibility | None, key: str, said: Said, known: Collection[str]
) -> Responsibility:
    """Return a responsibility changed by what was said. Raises UsageError."""
    place = f"responsibility {key}"
    old = {} if before is None else responsibility_table(before)
    table = _over(old, spoken(place, said, RESPONSIBILITY))
    SPOKEN.check(place, table, RESPONSIBILITY)
    return responsibility_of(SPOKEN, place, table, known)


def absence_with(before: Absence | None, key: str, said: Said, known: Collection[str]) -> Absence:
    """Return an absence changed by what was said. Raises UsageError."""
    place = f"absence {key}"
    old = {} if before is None else absence_table(before)
    table = _over(old, spoken(place, said, ABSENCE))
    found = absence_of(SPOKEN, place, table, known)
    if found.party == found.substitute:
        raise UsageError(reason=f"{place}: {found.party} cannot stand in for itself")
    return found


def zone_with(before: Zone | None, key: str, said: Said) -> Zone:
    """Return a zone changed by what was said. Raises UsageError."""
    place = f"zone {key}"
    old = {} if before is None else zone_table(before)
    return zone_of(SPOKEN, place, _over(old, spoken(place, said, ZONE)) | {"id": key})


def choices_with(before: Choices, said: Said) -> Choices:
    """Return the switches changed by what was said. Raises UsageError."""
    types: Types = {item.name: bool if item.type == "bool" else str for item in fields(Choices)}
    types = {**types, **dict.fromkeys(CUSTODIAN_SWITCHES, bool)}
    usual = asdict(Choices())
    words = spoken("choices", said, types)
    found = replace(before, **{k: usual[k] if v is None else v for k, v in words.items()})
    if found.default_duration:
        SPOKEN.tried("choices", "default_duration", lambda: parse_duration(found.default_duration))
    SPOKEN.tried(
        "choices", "time_zone", lambda: parse_column(["2020-01-01"], zone=found.time_zone)
    )
    return found


def next_key(prefix: str, taken: Collection[str], digits: int) -> str:
    """Return the next free key of a series: P-07 after P-06, R0012 after R0011."""
    numbers = [int(key[len(prefix) :]) for key in taken if key.removeprefix(prefix).isdigit()]
    return f"{prefix}{max(numbers, default=0) + 1:0{digits}d}"
