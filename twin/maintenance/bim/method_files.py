"""TOML files to a Method and to the rules of jurisdictions: unknown keys and wrong types are named with their place."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from twin.errors import BrokenFile, NotFound, NotReadable
from twin.maintenance.bim.inputs import NUMBERS
from twin.maintenance.bim.method import FIELDS, PARTS, CostRule, Method, Ramp, Use
from twin.maintenance.bim.triggers import CONDITIONS, FORCES, MARKS, Trigger

PRESETS = "presets"
MOST_BYTES = 4 << 20
"""A file larger than this is not read."""
MOST_WEIGHTINGS = 10_000
_TABLES = (
    "version", "title", "settings", "weights", "ramps", "heritage", "gap", "cost", "use", "fields", "assume",
)  # fmt: skip
_SETTINGS = ("currency", "min_score", "change", "weightings", "seed", "storey_m")
_RULE = ("pack", "id", "force", "projects", "mark", "source", "en", "zh", "when")
_Table = Mapping[str, Any]


@cache
def preset_text(name: str) -> str:
    """Return the text of a file that comes with the program: bim.toml or packs.toml."""
    return files("twin.maintenance.bim").joinpath(PRESETS, name).read_text("utf-8")


def read_method(location: str | Path = "") -> Method:
    """Return the method of a file ('' = the one that comes with the program).

    Raises NotFound, NotReadable, or BrokenFile naming file, place and reason.
    """
    own = tomllib.loads(preset_text("bim.toml"))
    if not location:
        return _method(own, "bim.toml")
    return method_of(_text(str(location)), str(location))


def method_of(text: str, location: str) -> Method:
    """Return the method of a text; what it leaves out is as in the preset. Raises BrokenFile."""
    own = tomllib.loads(preset_text("bim.toml"))
    given = _document(text, location)
    for key in given:
        if key not in _TABLES:
            raise _wrong(location, f"[{key}]: unknown; known: {', '.join(_TABLES)}")
    merged: dict[str, Any] = dict(own)
    for key, value in given.items():
        both = isinstance(value, dict) and isinstance(own.get(key), dict)
        merged[key] = {**own[key], **value} if both else value
    return _method(merged, location)


@cache
def read_packs() -> tuple[Trigger, ...]:
    """Return the rules of all jurisdictions that come with the program."""
    return packs_of(preset_text("packs.toml"), "packs.toml")


def pack_names() -> tuple[str, ...]:
    """Return the names of the packs, in the order of the file."""
    return tuple(dict.fromkeys(rule.pack for rule in read_packs()))


def packs_of(text: str, location: str) -> tuple[Trigger, ...]:
    """Return the rules of a text. Raises BrokenFile naming the rule and what is wrong."""
    document = _document(text, location)
    found = document.get("rule", [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise _wrong(location, "rule: must be written as [[rule]]")
    return tuple(_rule(item, location, number) for number, item in enumerate(found, 1))


def _rule(table: _Table, location: str, number: int) -> Trigger:
    place = f"[[rule]] {number} ({table.get('id', '')})"
    for key in table:
        if key not in _RULE:
            raise _wrong(location, f"{place}: unknown key {key!r}; known: {', '.join(_RULE)}")
    if table.get("force") not in FORCES or table.get("mark") not in MARKS:
        raise _wrong(location, f"{place}: force is one of {FORCES}, mark one of {MARKS}")
    for key in ("pack", "id", "source", "en", "zh"):
        if not isinstance(table.get(key), str) or not table[key]:
            raise _wrong(location, f"{place}: {key} is missing")
    lines = table.get("when", [])
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise _wrong(location, f"{place}: when must be a list of tables")
    for key in (key for line in lines for key in line):
        if key not in CONDITIONS:
            raise _wrong(
                location, f"{place}: unknown condition {key!r}; known: {', '.join(CONDITIONS)}"
            )
    return Trigger(
        table["pack"], table["id"], table["force"], table["mark"], table["source"],
        {"en": table["en"], "zh": table["zh"]}, tuple(lines), bool(table.get("projects")),
    )  # fmt: skip


def _method(table: _Table, location: str) -> Method:
    settings = _only(table, "settings", _SETTINGS, location)
    currency = settings["currency"]
    if not isinstance(currency, str) or not 1 <= len(currency) <= 8:
        raise _wrong(location, "[settings]: currency must be a short name, such as EUR")
    numbers = {
        key: _number(settings[key], f"[settings] {key}", location)
        for key in _SETTINGS
        if key != "currency"
    }
    if not 0 < numbers["change"] < 1 or not 1 <= numbers["weightings"] <= MOST_WEIGHTINGS:
        raise _wrong(
            location,
            f"[settings]: change lies within 0..1, weightings within 1..{MOST_WEIGHTINGS}",
        )
    if numbers["storey_m"] <= 0:
        raise _wrong(location, "[settings]: storey_m must be more than 0")
    heritage = _only(table, "heritage", ("grades", "landmark"), location)
    grades = heritage["grades"]
    if not isinstance(grades, list) or len(grades) != 3 or heritage["landmark"] not in (0, 1, 2):
        raise _wrong(location, "[heritage]: grades are three values, landmark is 0, 1 or 2")
    values = [_share(x, "[heritage] grades", location) for x in grades]
    gap = _only(table, "gap", ("none", "outdated", "current"), location)
    cost = _only(table, "cost", ("base_k", "per_m2", "least_k"), location)
    return Method(
        weights=_weights(table, location), ramps=_ramps(table, location), uses=_uses(table, location),
        heritage=(values[0], values[1], values[2]), landmark=int(heritage["landmark"]),
        gap={key: _share(x, f"[gap] {key}", location) for key, x in gap.items()},
        cost=CostRule(**{key: _number(x, f"[cost] {key}", location) for key, x in cost.items()}),
        currency=currency, min_score=numbers["min_score"], change=numbers["change"],
        weightings=int(numbers["weightings"]), seed=int(numbers["seed"]),
        storey_m=numbers["storey_m"],
        fields=_fields(table, location), assume=_assume(table, location), title=str(table.get("title", "")),
    )  # fmt: skip


def _weights(table: _Table, location: str) -> dict[str, float]:
    given = _only(table, "weights", PARTS, location)
    found = {part: _share(given[part], f"[weights] {part}", location) for part in PARTS}
    total = sum(found.values())
    if abs(total - 1.0) > 1e-6:
        raise _wrong(location, f"[weights]: they add up to {total:g}, not to 1")
    return {part: value / total for part, value in found.items()}


def _ramps(table: _Table, location: str) -> dict[str, Ramp]:
    found = {}
    for key, value in _only(table, "ramps", ("gfa", "height", "occupancy"), location).items():
        if not isinstance(value, list) or len(value) != 2:
            raise _wrong(location, f"[ramps] {key}: two figures, from and to")
        low, high = (_number(x, f"[ramps] {key}", location) for x in value)
        if low >= high or (key == "occupancy" and low <= 0):
            raise _wrong(
                location, f"[ramps] {key}: the second figure must be larger than the first"
            )
        name = "occ" if key == "occupancy" else key
        found[name] = Ramp(low, high, log=key == "occupancy")
    return found


def _uses(table: _Table, location: str) -> tuple[Use, ...]:
    given = table.get("use", [])
    if not isinstance(given, list) or not given:
        raise _wrong(location, "use: must be written as [[use]]")
    found: dict[str, Use] = {}
    for number, item in enumerate(given, 1):
        place = f"[[use]] {number}"
        if not isinstance(item, dict) or set(item) - {"id", "value", "words"}:
            raise _wrong(location, f"{place}: known keys are id, value, words")
        name = item.get("id")
        if not isinstance(name, str) or not name or name in found:
            raise _wrong(location, f"{place}: id is missing or occurs twice")
        words = item.get("words", [])
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise _wrong(location, f"{place}: words must be a list of texts")
        value = _share(item.get("value"), f"{place} value", location)
        found[name] = Use(name, value, tuple(word.lower() for word in words))
    return tuple(found.values())


def _fields(table: _Table, location: str) -> dict[str, tuple[str, ...]]:
    given = _only(table, "fields", FIELDS, location)
    for key, names in given.items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise _wrong(location, f"[fields] {key}: must be a list of names")
    return {key: tuple(names) for key, names in given.items()}


def _assume(table: _Table, location: str) -> dict[str, float]:
    given = _only(table, "assume", tuple(name for name in NUMBERS if name != "use"), location)
    return {key: _number(value, f"[assume] {key}", location) for key, value in given.items()}


def _only(table: _Table, name: str, known: tuple[str, ...], location: str) -> _Table:
    found = table.get(name, {})
    if not isinstance(found, dict):
        raise _wrong(location, f"[{name}]: must be a table")
    for key in found:
        if key not in known:
            raise _wrong(location, f"[{name}]: unknown key {key!r}; known: {', '.join(known)}")
    return found


def _number(value: Any, place: str, location: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise _wrong(location, f"{place} = {value!r} is no number")
    if value < 0:
        raise _wrong(location, f"{place} = {value!r} must not be negative")
    return float(value)


def _share(value: Any, place: str, location: str) -> float:
    found = _number(value, place, location)
    if found > 1:
        raise _wrong(location, f"{place} = {value!r} must lie between 0 and 1")
    return found


def _document(text: str, location: str) -> _Table:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(location, str(error)) from error
    if found.get("version", 1) != 1:
        raise _wrong(location, "version: only version 1 is known")
    return found


def _text(location: str) -> str:
    path = Path(location)
    if not path.is_file():
        raise NotFound(location=location)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _wrong(location, f"it is larger than {MOST_BYTES >> 20} MB")
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise NotReadable(location=location, reason=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _wrong(location, str(error)) from error


def _wrong(location: str, reason: str) -> BrokenFile:
    return BrokenFile(location=location, format="bim", reason=reason)
