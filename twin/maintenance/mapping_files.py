"""TOML texts to mappings and back: which property of a source says what (``--mapping M.toml``).

**mapping.toml** - which property is what::

    id = "identificatie"      # an object's id: one row in all tiles and levels
    class = "function"        # its kind
    name = "label"
    custodian = "beheerder"
    height = "h_dak"          # metres; offered as the attribute "height"
    feature_ids = "buildings" # where a mesh has several sets of feature numbers: label, attribute,
                              #   number or class of the property table
    [[date]]                  # as many as there are
    field = "surveyed"
    kind = "captured"         # verified captured modelled registered published delivered file
    aspect = "height"         # optional: existence footprint height texture interior attributes

Names are those of the source, as ``citytwin info --json`` lists them. Keys may also stand under a
``[tiles3d]`` table. ``citytwin info --json`` proposes a mapping under ``proposed_mapping``; nothing
of it is applied by itself.
"""

import tomllib
from pathlib import Path
from typing import Any

import orjson

from twin.errors import BrokenFile, NotFound, NotReadable
from twin.observations import ASPECTS, KINDS, SPANS
from twin.records import DateField, FieldMapping

MOST_BYTES = 1 << 20
"""A mapping file larger than this is not read."""
NAMED = {"id": "id", "class": "kind", "name": "name", "custodian": "custodian",
         "height": "height", "feature_ids": "feature_ids"}  # fmt: skip
"""Key in the file -> field of FieldMapping."""


def read_mapping(path: str) -> FieldMapping | None:
    """Return the mapping in a TOML file ('' = none). Raises NotFound, NotReadable, BrokenFile."""
    if not path:
        return None
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(location=path) from error
    except OSError as error:
        raise NotReadable(location=path, reason=str(error)) from error
    if len(data) > MOST_BYTES:
        raise broken(path, f"more than {MOST_BYTES} bytes")
    try:
        return parse_mapping(data.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise broken(path, str(error)) from error


def parse_mapping(text: str, place: str) -> FieldMapping:
    """Return the mapping in a TOML text; ``place`` names it in errors. Raises BrokenFile."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise broken(place, str(error)) from error
    inner = found.get("tiles3d")
    found = inner if isinstance(inner, dict) else found
    unknown = set(found) - set(NAMED) - {"date", "kind"}
    if unknown:
        raise broken(place, f"unknown keys: {', '.join(sorted(unknown))}")
    dates = found.get("date", [])
    if isinstance(dates, str):
        dates = [{"field": dates, "kind": found.get("kind", "registered")}]
    elif "kind" in found:
        raise broken(place, 'kind stands with a date; the class of an object is "class"')
    if not isinstance(dates, list):
        raise broken(place, "dates are written as [[date]]")
    for key in NAMED:
        if not isinstance(found.get(key, ""), str | int):
            raise broken(place, f"{key} is not the name of a property")
    named = {into: str(found.get(key, "")) for key, into in NAMED.items()}
    return FieldMapping(**named, dates=tuple(_dated(place, item) for item in dates))


def mapping_text(mapping: FieldMapping) -> str:
    """Return the TOML text of a mapping; ``parse_mapping`` gives the same mapping again."""
    lines = [
        f"{key} = {_quoted(getattr(mapping, name))}"
        for key, name in NAMED.items()
        if getattr(mapping, name)
    ]
    for item in mapping.dates:
        lines += ["", "[[date]]", f"field = {_quoted(item.field)}", f"kind = {_quoted(item.kind)}"]
        if item.aspect:
            lines.append(f"aspect = {_quoted(item.aspect)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a TOML basic string: JSON's, with the one character that TOML escapes besides."""
    return orjson.dumps(text).decode().replace("\x7f", "\\u007f")


def _dated(place: str, item: Any) -> DateField:
    if not isinstance(item, dict) or not isinstance(item.get("field"), str) or not item["field"]:
        raise broken(place, "a [[date]] needs a field")
    kind, aspect = item.get("kind", "registered"), item.get("aspect", "")
    if kind not in (*KINDS, *SPANS) or (aspect and aspect not in ASPECTS):
        raise broken(place, f"date {item['field']}: kind {kind!r}, aspect {aspect!r}")
    return DateField(item["field"], kind, aspect)


def broken(place: str, reason: str) -> BrokenFile:
    """Return the error that says what is wrong with a mapping."""
    return BrokenFile(location=place, format="mapping", reason=reason)
