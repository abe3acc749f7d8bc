"""TOML files to Rules. Unknown keys, wrong types and dangling names are errors with file, place and reason."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from twin.errors import BrokenFile, NotFound, NotReadable
from twin.maintenance.area_files import AreasRead, UsualArea, area_columns, duties_from
from twin.maintenance.dates import parse_column
from twin.maintenance.intervals import parse_duration
from twin.maintenance.rule_tables import (
    ABSENCE,
    AREAS,
    EVIDENCE,
    PARTY,
    POLICY,
    RESPONSIBILITY,
    ZONE,
    Reading,
    Table,
    absence_of,
    evidence_of,
    party_of,
    policy_of,
    responsibility_of,
    zone_of,
)
from twin.maintenance.rules import CUSTODIAN_SWITCHES, Rules, again
from twin.maintenance.vector_files import read_vector
from twin.records import Party, Policy

MOST_BYTES = 64 << 20
"""A rule file larger than this is not read."""


def read_rules(
    policy: str | Path = "", custodians: str | Path = "", evidence: str | Path = ""
) -> Rules:
    """Return the rules of up to three TOML files ('' = none). Formats: ``twin.maintenance.rules``.

    Raises NotFound, NotReadable, or BrokenFile naming file, place and reason.
    """
    rules = Rules()
    if policy:
        rules = _with_policies(rules, _opened(str(policy), "policy"))
    if custodians:
        rules = _with_custodians(rules, _opened(str(custodians), "custodians"))
    if evidence:
        rules = _with_evidence(rules, _opened(str(evidence), "evidence"))
    return rules


def read_text(text: str, kind: str, location: str) -> Rules:
    """Return the rules of a TOML text of a kind (policy, custodians, evidence). Raises BrokenFile."""
    read = {"policy": _with_policies, "custodians": _with_custodians, "evidence": _with_evidence}
    return read[kind](Rules(), _File(location, kind, text))


def _opened(location: str, kind: str) -> "_File":
    path = Path(location)
    if not path.is_file():
        raise NotFound(location=location)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _broken(location, kind, f"it is larger than {MOST_BYTES >> 20} MB")
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise NotReadable(location=location, reason=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _broken(location, kind, str(error)) from error
    return _File(location, kind, text)


def _broken(location: str, kind: str, reason: str) -> BrokenFile:
    return BrokenFile(location=location, format=kind, reason=reason)


class _File(Reading):
    """One file being read: its document, and errors that name the place in it."""

    def __init__(self, location: str, kind: str, text: str) -> None:
        self.location, self.kind = location, kind
        try:
            self.document: Table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _broken(location, kind, str(error)) from error

    def wrong(self, place: str, reason: str) -> BrokenFile:
        return _broken(self.location, self.kind, f"{place}: {reason}" if place else reason)

    def tables(self, name: str, allowed: Mapping[str, Any]) -> list[tuple[str, Table]]:
        found = self.document.get(name, [])
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise self.wrong(name, f"must be written as [[{name}]]")
        tables = []
        for number, item in enumerate(found, 1):
            key = str(item.get("id") or item.get("party") or "")
            place = f"[[{name}]] {number}" + (f" ({key})" if key else "")
            self.check(place, item, allowed)
            tables.append((place, item))
        return tables

    def only(self, *names: str) -> None:
        for key in self.document:
            if key not in ("version", "settings", *names):
                raise self.wrong(f"[{key}]", f"unknown table; known: settings, {', '.join(names)}")
        if self.document.get("version", 1) != 1:
            raise self.wrong("version", "only version 1 is known")
        if not isinstance(self.document.get("settings", {}), dict):
            raise self.wrong("[settings]", "must be a table")


def _with_policies(rules: Rules, file: _File) -> Rules:
    file.only("policy", "zone")
    policies: list[Policy] = []
    for place, table in file.tables("policy", POLICY):
        policies.append(policy_of(file, place, table))
        if policies[-1].id in {policy.id for policy in policies[:-1]}:
            raise file.wrong(place, "the id occurs twice")
    zones = [zone_of(file, place, table) for place, table in file.tables("zone", ZONE)]
    if len({zone.id for zone in zones}) != len(zones):
        raise file.wrong("[[zone]]", "an id occurs twice")
    settings = file.document.get("settings", {})
    names = ("time_zone", "default_duration", "zone_column", "loa_column", "criticality_column")
    file.check("[settings]", settings, dict.fromkeys(names, str))
    if settings.get("default_duration"):
        file.tried(
            "[settings]", "default_duration", lambda: parse_duration(settings["default_duration"])
        )
    if settings.get("time_zone"):
        zone = settings["time_zone"]
        file.tried("[settings]", "time_zone", lambda: parse_column(["2020-01-01"], zone=zone))
    choices = replace(rules.choices, **settings)
    return replace(rules, policies=tuple(policies), zones=tuple(zones), choices=choices)


def _with_custodians(rules: Rules, file: _File) -> Rules:
    file.only("party", "responsibility", "absence", "areas")
    parties: list[Party] = []
    aliases = dict(rules.aliases)
    for place, table in file.tables("party", PARTY):
        party = party_of(file, place, table)
        key = again(party.id, {one.id for one in parties})
        parties.append(replace(party, id=key))
        for alias in table.get("aliases", ()):
            if aliases.get(str(alias)) != key:
                aliases[again(str(alias), aliases)] = key
    known = {party.id for party in parties}
    duties = [
        responsibility_of(file, place, table, known)
        for place, table in file.tables("responsibility", RESPONSIBILITY)
    ]
    absences = [
        absence_of(file, place, table, known) for place, table in file.tables("absence", ABSENCE)
    ]
    for place, table in file.tables("areas", AREAS):
        read = _areas(file, place, table, (parties, aliases))
        parties += read.parties
        duties += read.duties
    settings = file.document.get("settings", {})
    file.check("[settings]", settings, dict.fromkeys(CUSTODIAN_SWITCHES, bool))
    return replace(
        rules, parties=tuple(parties), responsibilities=tuple(duties), absences=tuple(absences),
        aliases=aliases, choices=replace(rules.choices, **settings),
    )  # fmt: skip


def _areas(
    file: _File, place: str, table: Table, known: tuple[list[Party], dict[str, str]]
) -> AreasRead:
    """Return the responsibilities of a vector file that lies beside the rules. Raises OpenError, BrokenFile."""
    file.need(place, table, "file")
    path = str(Path(file.location).parent / table["file"])
    usual = UsualArea(
        table.get("party", ""), table.get("role", "custodian"), table.get("kind", "*"),
        table.get("priority", 0), table.get("crs", ""),
    )  # fmt: skip

    def found() -> AreasRead:
        rows = read_vector(path, table.get("layer", ""))
        return duties_from(rows, path, area_columns(rows, table.get("columns", {})), known, usual)

    read: AreasRead = file.tried(place, "file", found)
    if not read.duties:
        why = read.problems[0].text if read.problems else "it has no rows"
        raise file.wrong(place, f"{table['file']}: no area could be used: {why}")
    return read


def _with_evidence(rules: Rules, file: _File) -> Rules:
    file.only("evidence")
    found = [evidence_of(file, place, table) for place, table in file.tables("evidence", EVIDENCE)]
    if len({item.id for item in found}) != len(found):
        raise file.wrong("[[evidence]]", "an id occurs twice")
    return replace(rules, evidence=tuple(found))
