"""Plain tables (of a file, of a command) to records of rules, every mistake told with place and reason."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely

from twin.errors import TwinError, UsageError
from twin.maintenance.dates import parse_column
from twin.maintenance.evidence import EVIDENCE_P
from twin.maintenance.intervals import read_frequency
from twin.maintenance.rules import Absence, Zone
from twin.observations import ASPECTS
from twin.records import Evidence, Instant, Party, Policy, Responsibility

CRITICALITIES = ("VERYHIGH", "HIGH", "MODERATE", "LOW", "VERYLOW")
SCOPES = ("object", "dataset", "area", "default")
EVIDENCE_STATES = ("open", "consumed", "dismissed")
_ROLE_SPELLINGS = {"steward": "custodian", "co-author": "coAuthor", "contact": "pointOfContact"}

Table = Mapping[str, Any]
Types = Mapping[str, type | tuple[type, ...]]
POLICY: Types = {
    **dict.fromkeys(("id", "title", "kind", "zone", "source", "lod", "loa", "criticality"), str),
    **dict.fromkeys(("frequency", "duration", "severity"), str),
    "warn_days": int, "grace_days": int, "required_aspects": list, "c_min": (int, float), "unit": bool,
    "rate": (int, float),
}  # fmt: skip
WHEN = (str, date, datetime, int)
AREA: Types = {"polygon": str, "ring": list, "box": list, "crs": str}
ZONE: Types = {**dict.fromkeys(("id", "name", "source"), str), **AREA}
RESPONSIBILITY: Types = {
    **dict.fromkeys(("party", "role", "scope", "target", "kind", "theme", "lod", "source"), str),
    **AREA, "priority": int, "valid_from": WHEN, "valid_to": WHEN,
}  # fmt: skip
PARTY: Types = {
    **dict.fromkeys(("id", "name", "position", "email", "phone"), str), "organisation": bool, "aliases": list,
}  # fmt: skip
AREAS: Types = {
    **dict.fromkeys(("file", "layer", "party", "role", "kind", "crs"), str),
    "columns": dict, "priority": int,
}  # fmt: skip
EVIDENCE: Types = {
    **dict.fromkeys(("id", "kind", "object_id", "aspect", "source", "status", "note"), str),
    **AREA, "event": WHEN, "reported": WHEN, "p_change": (int, float),
}  # fmt: skip
ABSENCE: Types = {"party": str, "substitute": str, "from": WHEN, "to": WHEN}


class Reading(ABC):
    """Whoever reads tables says how a mistake is told; the checks are the same for all."""

    @abstractmethod
    def wrong(self, place: str, reason: str) -> TwinError:
        """Return the error that names place and reason."""

    def check(self, place: str, table: Table, allowed: Types) -> None:
        """Raise for an unknown key or a value of another type."""
        for key, value in table.items():
            if key not in allowed:
                raise self.wrong(place, f"unknown key {key!r}; known: {', '.join(allowed)}")
            fits = isinstance(value, allowed[key])
            if not fits or (isinstance(value, bool) and allowed[key] is not bool):
                raise self.wrong(place, f"{key} = {value!r} has the wrong type")

    def one_of(self, place: str, key: str, value: str, choices: Collection[str]) -> str:
        """Return a value that is one of the choices."""
        if value not in choices:
            raise self.wrong(place, f"{key} = {value!r} must be one of {', '.join(choices)}")
        return value

    def need(self, place: str, table: Table, *keys: str) -> None:
        """Raise for a key that is not there or empty."""
        for key in keys:
            if table.get(key) in (None, ""):
                raise self.wrong(place, f"{key} is missing")

    def interval(self, place: str, key: str, value: Any) -> tuple[Instant | None, Instant | None]:
        """Return the half-open interval of a date (None = not given)."""
        if value in (None, ""):
            return None, None
        parsed = parse_column([str(value)])
        if np.isnat(parsed.t_lo[0]):
            raise self.wrong(place, f"{key} = {value!r} is not a date")
        return parsed.t_lo[0], parsed.t_hi[0]

    def tried(self, place: str, key: str, read: Callable[[], Any]) -> Any:
        """Return what a call gives; its UsageError is told with the place."""
        try:
            return read()
        except UsageError as error:
            raise self.wrong(place, f"{key}: {error}") from error

    def known(self, place: str, key: str, party: str, known: Collection[str]) -> str:
        """Return the id of a party that there is."""
        if party not in known:
            raise self.wrong(place, f"{key} = {party!r} is no [[party]] of this file")
        return party


class Spoken(Reading):
    """Tables that a command's arguments make: a mistake is a UsageError."""

    def wrong(self, place: str, reason: str) -> TwinError:
        """Return the error."""
        return UsageError(reason=f"{place}: {reason}")

    def known(self, place: str, key: str, party: str, known: Collection[str]) -> str:
        """Return the id of a party that there is."""
        if party not in known:
            listed = ", ".join(sorted(known)[:8]) or "none yet: add one with party.set"
            raise self.wrong(place, f"{key} = {party!r} is no party; parties: {listed}")
        return party


def policy_of(reading: Reading, place: str, table: Table) -> Policy:
    """Return a policy."""
    reading.need(place, table, "id", "frequency")
    reading.tried(
        place, "frequency", lambda: read_frequency(table["frequency"], table.get("duration", ""))
    )
    aspects = tuple(table.get("required_aspects", ()))
    for aspect in aspects:
        reading.one_of(place, "required_aspects", aspect, ASPECTS)
    for key in ("criticality", "severity"):
        if key in table and table[key] != "*":
            reading.one_of(place, key, table[key], CRITICALITIES)
    for key in ("warn_days", "grace_days"):
        if table.get(key, 0) < 0:
            raise reading.wrong(place, f"{key} must not be negative")
    if not 0 <= table.get("c_min", 0.2) <= 1:
        raise reading.wrong(place, "c_min must lie between 0 and 1")
    if not 0 <= table.get("rate", 0) <= 365:
        raise reading.wrong(place, "rate must lie between 0 and 365 changes a year")
    return Policy(
        **{**table, "required_aspects": aspects, "c_min": float(table.get("c_min", 0.2))}
    )


def party_of(reading: Reading, place: str, table: Table) -> Party:
    """Return a party; its aliases are not part of the record."""
    reading.need(place, table, "id")
    fields = {key: value for key, value in table.items() if key != "aliases"}
    return Party(**{**fields, "name": table.get("name") or table["id"]})


def responsibility_of(
    reading: Reading, place: str, table: Table, known: Collection[str]
) -> Responsibility:
    """Return a responsibility of one of the ``known`` parties."""
    reading.need(place, table, "party", "scope")
    reading.known(place, "party", table["party"], known)
    scope = reading.one_of(place, "scope", table["scope"], SCOPES)
    polygon = polygon_of(reading, place, table)
    if scope == "object":
        reading.need(place, table, "target")
    if scope == "area" and not polygon and "=" not in table.get("target", ""):
        raise reading.wrong(
            place, "an area needs polygon, ring or box, or target = 'COLUMN=PREFIX'"
        )
    fields = {key: value for key, value in table.items() if key not in ("ring", "box", "role")}
    role = table.get("role", "custodian")
    start = reading.interval(place, "valid_from", table.get("valid_from"))[0]
    end = reading.interval(place, "valid_to", table.get("valid_to"))[0]
    if start is not None and end is not None and not start < end:
        raise reading.wrong(place, "valid_to must come after valid_from")
    spelled = {"role": _ROLE_SPELLINGS.get(role, role), "polygon": polygon}
    return Responsibility(**{**fields, **spelled, "valid_from": start, "valid_to": end})


def absence_of(reading: Reading, place: str, table: Table, known: Collection[str]) -> Absence:
    """Return an absence of one of the ``known`` parties."""
    reading.need(place, table, "party", "substitute", "from", "to")
    start = reading.interval(place, "from", table["from"])[0]
    end = reading.interval(place, "to", table["to"])[0]
    if start is None or end is None or not start < end:
        raise reading.wrong(place, "to must come after from")
    party = reading.known(place, "party", table["party"], known)
    return Absence(
        party, reading.known(place, "substitute", table["substitute"], known), start, end
    )


def zone_of(reading: Reading, place: str, table: Table) -> Zone:
    """Return a zone; its name is its id where none is given."""
    reading.need(place, table, "id")
    polygon = polygon_of(reading, place, table)
    if not polygon:
        raise reading.wrong(place, "polygon, ring or box is missing")
    name = table.get("name") or table["id"]
    return Zone(table["id"], name, polygon, table.get("crs", ""), table.get("source", ""))


def evidence_of(reading: Reading, place: str, table: Table) -> Evidence:
    """Return a hint that something changed."""
    reading.need(place, table, "id", "kind", "event")
    polygon = polygon_of(reading, place, table)
    if not table.get("object_id") and not polygon:
        raise reading.wrong(place, "object_id, polygon, ring or box is missing")
    if table.get("aspect"):
        reading.one_of(place, "aspect", table["aspect"], ASPECTS)
    low, high = reading.interval(place, "event", table["event"])
    p_change = float(table.get("p_change", EVIDENCE_P.get(table["kind"], 0.5)))
    if not 0 <= p_change <= 1:
        raise reading.wrong(place, "p_change must lie between 0 and 1")
    names = ("id", "kind", "object_id", "aspect", "source", "note", "crs")
    texts = {key: table[key] for key in names if key in table}
    return Evidence(
        **texts,
        polygon=polygon,
        event_lo=low,
        event_hi=high,
        reported=reading.interval(place, "reported", table.get("reported"))[0],
        p_change=p_change,
        status=reading.one_of(place, "status", table.get("status", "open"), EVIDENCE_STATES),
    )


def polygon_of(reading: Reading, place: str, table: Table) -> str:
    """Return the WKT of polygon, ring or box ('' = none). One that crosses itself stays as it was said:
    it is mended where it is used, and listed."""
    given = [key for key in ("polygon", "ring", "box") if table.get(key)]
    if not given:
        return ""
    if len(given) > 1:
        raise reading.wrong(place, f"give one of {', '.join(given)}, not several")
    shape: Any
    try:
        if given[0] == "polygon":
            shape = shapely.from_wkt(table["polygon"])
        elif given[0] == "ring":
            shape = shapely.polygons(np.asarray(table["ring"], np.float64))
        else:
            shape = shapely.box(*np.asarray(table["box"], np.float64))
    except (shapely.errors.ShapelyError, ValueError, TypeError) as error:
        raise reading.wrong(place, f"{given[0]}: {error}") from error
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise reading.wrong(place, f"{given[0]} is not an area")
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise reading.wrong(place, f"{given[0]} has a coordinate that is no number")
    if not shape.is_valid and not shapely.make_valid(shape).area > 0:
        raise reading.wrong(place, f"{given[0]}: {shapely.is_valid_reason(shape)}")
    if shape.is_valid and not shape.area > 0:
        raise reading.wrong(place, f"{given[0]} is not an area")
    return str(shape.wkt)
