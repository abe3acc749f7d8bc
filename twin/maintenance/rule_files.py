"""TOML files to Rules. Unknown keys, wrong types and dangling names are errors with file, place and reason."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from twin.errors import BrokenFile, NotFound, NotReadable, UsageError
from twin.maintenance.dates import parse_column
from twin.maintenance.evidence import EVIDENCE_P
from twin.maintenance.intervals import parse_duration, read_frequency
from twin.maintenance.rules import Absence, Rules
from twin.observations import ASPECTS
from twin.records import Evidence, Instant, Party, Policy, Responsibility

MOST_BYTES = 64 << 20
"""A rule file larger than this is not read."""
CRITICALITIES = ("VERYHIGH", "HIGH", "MODERATE", "LOW", "VERYLOW")
SCOPES = ("object", "dataset", "area", "default")
EVIDENCE_STATES = ("open", "consumed", "dismissed")
_ROLE_SPELLINGS = {"steward": "custodian", "co-author": "coAuthor", "contact": "pointOfContact"}

_Table = Mapping[str, Any]
_POLICY: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("id", "title", "kind", "zone", "source", "lod", "loa", "criticality"), str),
    **dict.fromkeys(("frequency", "duration", "severity"), str),
    "warn_days": int, "grace_days": int, "required_aspects": list, "c_min": (int, float), "unit": bool,
}  # fmt: skip
_WHEN = (str, date, datetime, int)
_AREA: dict[str, type | tuple[type, ...]] = {"polygon": str, "ring": list, "box": list, "crs": str}
_RESPONSIBILITY: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("party", "role", "scope", "target", "kind", "theme", "lod", "source"), str),
    **_AREA, "priority": int, "valid_from": _WHEN, "valid_to": _WHEN,
}  # fmt: skip
_PARTY: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("id", "name", "position", "email", "phone"), str), "organisation": bool, "aliases": list,
}  # fmt: skip
_EVIDENCE: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("id", "kind", "object_id", "aspect", "source", "status", "note"), str),
    **_AREA, "event": _WHEN, "reported": _WHEN, "p_change": (int, float),
}  # fmt: skip
_ABSENCE: dict[str, type | tuple[type, ...]] = {
    "party": str,
    "substitute": str,
    "from": _WHEN,
    "to": _WHEN,
}


def read_rules(
    policy: str | Path = "", custodians: str | Path = "", evidence: str | Path = ""
) -> Rules:
    """Return the rules of up to three TOML files ('' = none). Formats: ``twin.maintenance.rules``.

    Raises NotFound, NotReadable, or BrokenFile naming file, place and reason.
    """
    rules = Rules()
    if policy:
        rules = _with_policies(rules, _File(str(policy), "policy"))
    if custodians:
        rules = _with_custodians(rules, _File(str(custodians), "custodians"))
    if evidence:
        rules = _with_evidence(rules, _File(str(evidence), "evidence"))
    return rules


class _File:
    """One file being read: its document, and errors that name the place in it."""

    def __init__(self, location: str, kind: str) -> None:
        self.location, self.kind = location, kind
        path = Path(location)
        if not path.is_file():
            raise NotFound(location=location)
        try:
            if path.stat().st_size > MOST_BYTES:
                raise self.wrong("", f"it is larger than {MOST_BYTES >> 20} MB")
            self.document: _Table = tomllib.loads(path.read_text("utf-8-sig"))
        except OSError as error:
            raise NotReadable(location=location, reason=error.strerror or str(error)) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise self.wrong("", str(error)) from error

    def wrong(self, place: str, reason: str) -> BrokenFile:
        return BrokenFile(
            location=self.location,
            format=self.kind,
            reason=f"{place}: {reason}" if place else reason,
        )

    def tables(self, name: str, allowed: Mapping[str, Any]) -> list[tuple[str, _Table]]:
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

    def check(self, place: str, table: _Table, allowed: Mapping[str, Any]) -> None:
        for key, value in table.items():
            if key not in allowed:
                raise self.wrong(place, f"unknown key {key!r}; known: {', '.join(allowed)}")
            fits = isinstance(value, allowed[key])
            if not fits or (isinstance(value, bool) and allowed[key] is not bool):
                raise self.wrong(place, f"{key} = {value!r} has the wrong type")

    def only(self, *names: str) -> None:
        for key in self.document:
            if key not in ("version", "settings", *names):
                raise self.wrong(f"[{key}]", f"unknown table; known: settings, {', '.join(names)}")
        if self.document.get("version", 1) != 1:
            raise self.wrong("version", "only version 1 is known")
        if not isinstance(self.document.get("settings", {}), dict):
            raise self.wrong("[settings]", "must be a table")

    def one_of(self, place: str, key: str, value: str, choices: tuple[str, ...]) -> str:
        if value not in choices:
            raise self.wrong(place, f"{key} = {value!r} must be one of {', '.join(choices)}")
        return value

    def need(self, place: str, table: _Table, *keys: str) -> None:
        for key in keys:
            if table.get(key) in (None, ""):
                raise self.wrong(place, f"{key} is missing")

    def interval(self, place: str, key: str, value: Any) -> tuple[Instant | None, Instant | None]:
        if value is None:
            return None, None
        parsed = parse_column([str(value)])
        if np.isnat(parsed.t_lo[0]):
            raise self.wrong(place, f"{key} = {value!r} is not a date")
        return parsed.t_lo[0], parsed.t_hi[0]

    def tried(self, place: str, key: str, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except UsageError as error:
            raise self.wrong(place, f"{key}: {error}") from error


def _with_policies(rules: Rules, file: _File) -> Rules:
    file.only("policy")
    policies: list[Policy] = []
    for place, table in file.tables("policy", _POLICY):
        policies.append(_policy(file, place, table))
        if policies[-1].id in {policy.id for policy in policies[:-1]}:
            raise file.wrong(place, "the id occurs twice")
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
    return replace(rules, policies=tuple(policies), choices=replace(rules.choices, **settings))


def _policy(file: _File, place: str, table: _Table) -> Policy:
    file.need(place, table, "id", "frequency")
    file.tried(
        place, "frequency", lambda: read_frequency(table["frequency"], table.get("duration", ""))
    )
    aspects = tuple(table.get("required_aspects", ()))
    for aspect in aspects:
        file.one_of(place, "required_aspects", aspect, ASPECTS)
    for key in ("criticality", "severity"):
        if key in table and table[key] != "*":
            file.one_of(place, key, table[key], CRITICALITIES)
    for key in ("warn_days", "grace_days"):
        if table.get(key, 0) < 0:
            raise file.wrong(place, f"{key} must not be negative")
    if not 0 <= table.get("c_min", 0.2) <= 1:
        raise file.wrong(place, "c_min must lie between 0 and 1")
    return Policy(
        **{**table, "required_aspects": aspects, "c_min": float(table.get("c_min", 0.2))}
    )


def _with_custodians(rules: Rules, file: _File) -> Rules:
    file.only("party", "responsibility", "absence")
    parties, aliases = [], dict(rules.aliases)
    for place, table in file.tables("party", _PARTY):
        file.need(place, table, "id")
        fields = {key: value for key, value in table.items() if key != "aliases"}
        parties.append(Party(**{"name": table["id"], **fields}))
        if parties[-1].id in {party.id for party in parties[:-1]}:
            raise file.wrong(place, "the id occurs twice")
        for alias in table.get("aliases", ()):
            if aliases.setdefault(str(alias), table["id"]) != table["id"]:
                raise file.wrong(
                    place, f"the alias {alias!r} belongs to {aliases[str(alias)]!r} already"
                )
    known = {party.id for party in parties}
    duties = [
        _responsibility(file, place, table, known)
        for place, table in file.tables("responsibility", _RESPONSIBILITY)
    ]
    absences = [
        _absence(file, place, table, known) for place, table in file.tables("absence", _ABSENCE)
    ]
    settings = file.document.get("settings", {})
    file.check("[settings]", settings, {"area_before_dataset": bool})
    return replace(
        rules, parties=tuple(parties), responsibilities=tuple(duties), absences=tuple(absences),
        aliases=aliases, choices=replace(rules.choices, **settings),
    )  # fmt: skip


def _known(file: _File, place: str, key: str, party: str, known: set[str]) -> str:
    if party not in known:
        raise file.wrong(place, f"{key} = {party!r} is no [[party]] of this file")
    return party


def _responsibility(file: _File, place: str, table: _Table, known: set[str]) -> Responsibility:
    file.need(place, table, "party", "scope")
    _known(file, place, "party", table["party"], known)
    scope = file.one_of(place, "scope", table["scope"], SCOPES)
    polygon = _polygon(file, place, table)
    if scope == "object":
        file.need(place, table, "target")
    if scope == "area" and not polygon and "=" not in table.get("target", ""):
        raise file.wrong(place, "an area needs polygon, ring or box, or target = 'COLUMN=PREFIX'")
    fields = {key: value for key, value in table.items() if key not in ("ring", "box", "role")}
    role = table.get("role", "custodian")
    return Responsibility(
        **{
            **fields,
            "role": _ROLE_SPELLINGS.get(role, role),
            "polygon": polygon,
            "valid_from": file.interval(place, "valid_from", table.get("valid_from"))[0],
            "valid_to": file.interval(place, "valid_to", table.get("valid_to"))[0],
        }
    )


def _absence(file: _File, place: str, table: _Table, known: set[str]) -> Absence:
    file.need(place, table, "party", "substitute", "from", "to")
    start = file.interval(place, "from", table["from"])[0]
    end = file.interval(place, "to", table["to"])[0]
    if start is None or end is None or not start < end:
        raise file.wrong(place, "to must come after from")
    party = _known(file, place, "party", table["party"], known)
    return Absence(
        party, _known(file, place, "substitute", table["substitute"], known), start, end
    )


def _with_evidence(rules: Rules, file: _File) -> Rules:
    file.only("evidence")
    found = [_evidence(file, place, table) for place, table in file.tables("evidence", _EVIDENCE)]
    if len({item.id for item in found}) != len(found):
        raise file.wrong("[[evidence]]", "an id occurs twice")
    return replace(rules, evidence=tuple(found))


def _evidence(file: _File, place: str, table: _Table) -> Evidence:
    file.need(place, table, "id", "kind", "event")
    polygon = _polygon(file, place, table)
    if not table.get("object_id") and not polygon:
        raise file.wrong(place, "object_id, polygon, ring or box is missing")
    if table.get("aspect"):
        file.one_of(place, "aspect", table["aspect"], ASPECTS)
    low, high = file.interval(place, "event", table["event"])
    p_change = float(table.get("p_change", EVIDENCE_P.get(table["kind"], 0.5)))
    if not 0 <= p_change <= 1:
        raise file.wrong(place, "p_change must lie between 0 and 1")
    texts = {
        key: table[key]
        for key in ("id", "kind", "object_id", "aspect", "source", "note", "crs")
        if key in table
    }
    return Evidence(
        **texts,
        polygon=polygon,
        event_lo=low,
        event_hi=high,
        reported=file.interval(place, "reported", table.get("reported"))[0],
        p_change=p_change,
        status=file.one_of(place, "status", table.get("status", "open"), EVIDENCE_STATES),
    )


def _polygon(file: _File, place: str, table: _Table) -> str:
    """Return the WKT of polygon, ring or box ('' = none), checked to be an area."""
    given = [key for key in ("polygon", "ring", "box") if table.get(key)]
    if not given:
        return ""
    if len(given) > 1:
        raise file.wrong(place, f"give one of {', '.join(given)}, not several")
    shape: Any
    try:
        if given[0] == "polygon":
            shape = shapely.from_wkt(table["polygon"])
        elif given[0] == "ring":
            shape = shapely.polygons(np.asarray(table["ring"], np.float64))
        else:
            shape = shapely.box(*np.asarray(table["box"], np.float64))
    except (shapely.errors.ShapelyError, ValueError, TypeError) as error:
        raise file.wrong(place, f"{given[0]}: {error}") from error
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise file.wrong(place, f"{given[0]} is not an area")
    if not shape.is_valid:
        raise file.wrong(place, f"{given[0]}: {shapely.is_valid_reason(shape)}")
    if not shape.area > 0:
        raise file.wrong(place, f"{given[0]} is not an area")
    return str(shape.wkt)
