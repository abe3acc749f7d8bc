"""What a CityJSON file says of itself: reference system in all spellings, dates, contact, extensions."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from loaders._city.dates import observe_file
from loaders._city.problems import problem
from loaders.cityjson.reading import Document, Json
from twin.features import Column, texts
from twin.maintenance.dates import parse_column
from twin.maintenance.fields import Where, observe
from twin.observations import ObservationList
from twin.records import About, Problem

_URL = re.compile(r"^https?://www\.opengis\.net/def/crs/(?P<who>[A-Za-z]+)/[^/]*/(?P<code>\w+)/?$")
_URN = re.compile(r"crs:(?P<who>[A-Za-z]+):[^:,]*:(?P<code>\w+)", re.IGNORECASE)
_SHORT = re.compile(r"^(?P<who>[A-Za-z]+)::?(?P<code>\d+)$")
PLAIN = ("title", "identifier", "fileIdentifier", "referenceDate", "datasetTitle")


def reference_system(said: Any) -> str:
    """Return 'EPSG:n' (or 'OGC:CRS84'; compound 'EPSG:n+m') for any spelling in the field, else ''."""
    if isinstance(said, int) and not isinstance(said, bool):
        return f"EPSG:{said}"
    if not isinstance(said, str):
        return ""
    said = said.strip()
    found = _URL.match(said) or _SHORT.match(said)
    if found:
        return f"{found['who'].upper()}:{found['code']}"
    parts = list(_URN.finditer(said))
    if not parts:
        return ""
    codes = "+".join(part["code"] for part in parts)
    return f"{parts[0]['who'].upper()}:{codes}"


def about(
    document: Document, title: str, lods: tuple[str, ...]
) -> tuple[About, tuple[Problem, ...]]:
    """Return what the file says of itself, and what is missing."""
    metadata = _mapping(document.header.get("metadata"))
    said = metadata.get("referenceSystem", _mapping(metadata.get("crs")).get("epsg"))
    crs = reference_system(said)
    problems: tuple[Problem, ...] = ()
    if said in (None, ""):
        problems = (problem("crs.missing", "", title=title),)
    elif not crs:
        problems = (problem("cityjson.crs", "", crs=str(said)),)
    fields = {name: str(metadata[name]) for name in PLAIN if metadata.get(name)}
    fields.update(_contact(metadata))
    if crs and str(said) != crs:
        fields["referenceSystem"] = str(said)
    extensions = _mapping(document.header.get("extensions"))
    if extensions:
        fields["extensions"] = ", ".join(extensions)
    fields.update(_extended(document.header))
    return About("cityjson", document.version, crs, "", lods, fields), problems


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _contact(metadata: Json) -> dict[str, str]:
    contact = _mapping(metadata.get("pointOfContact"))
    named = ("contactName", "organization", "emailAddress", "role", "website")
    return {f"pointOfContact.{key}": str(contact[key]) for key in named if contact.get(key)}


def _extended(header: Json) -> dict[str, str]:
    """Return the plain members of the metadata extension, wherever its versions put it."""
    found = {}
    metadata = _mapping(header.get("metadata"))
    for name in ("+metadata-extended", "metadata-extended"):
        for place in (header, metadata):
            for key, value in _mapping(place.get(name)).items():
                if isinstance(value, str | int | float):
                    found[f"{name}.{key}"] = str(value)
    return found


def observe_source(document: Document, observations: ObservationList) -> None:
    """Add the dates and the contact of the whole source: data set level; the file's own time."""
    metadata = _mapping(document.header.get("metadata"))
    _observe_date(metadata.get("referenceDate"), "metadata.referenceDate", observations)
    for name in ("+metadata-extended", "metadata-extended"):
        for place in (document.header, metadata):
            stamp = _mapping(place.get(name)).get("metadataDateStamp")
            _observe_date(stamp, f"{name}.metadataDateStamp", observations)
    _observe_contact(_mapping(metadata.get("pointOfContact")), observations)
    observe_file(document.location, observations)


def _observe_date(said: Any, path: str, observations: ObservationList) -> None:
    """Add a date of the data set: it says when the data were delivered, not when they were made."""
    if not isinstance(said, str) or not said.strip():
        return
    parsed = parse_column([said])
    labels = ("delivered", "", "dataset", path)
    whole = np.full(1, -1, np.int32)
    observations.add_column(whole, (parsed.t_lo, parsed.t_hi), texts([said]), labels, parsed.flags)


def _observe_contact(contact: Json, observations: ObservationList) -> None:
    """Claim the contact's party: custodian or owner only where the role says so, else contact."""
    organisation = contact.get("organization")
    name = organisation if isinstance(organisation, str) else contact.get("contactName")
    if not isinstance(name, str) or not name.strip():
        return
    role = str(contact.get("role", ""))
    known = role if role in ("custodian", "owner", "publisher", "processor", "author") else ""
    whole = np.full(1, -1, np.int32)
    path = "metadata.pointOfContact"
    observations.add_parties(whole, [name.strip()], known or "pointOfContact", "dataset", path)


def observe_objects(columns: Mapping[str, Column], observations: ObservationList) -> None:
    """Add what the objects' attributes say of dates and parties."""
    plain = {name: values for name, values in columns.items() if not name.startswith("_")}
    observe(observations, plain, None, Where("object", "attributes."))
