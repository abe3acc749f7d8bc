"""Small IDS files made from a few words, and the outcome of one for a file in memory.

A facet is (name, {child: value}, {attribute: text}); a value is a text or a ``Limits``.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from loaders.ifc.ids.document import read_rules
from loaders.ifc.ids.running import plain, run
from twin.checks.report import CheckReport
from twin.ports import SILENT

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<ids xmlns="http://standards.buildingsmart.org/IDS" xmlns:xs="http://www.w3.org/2001/XMLSchema">\n'
    "<info><title>Made for a test</title></info>\n<specifications>\n"
)
OCCURS = {"required": ("1", "unbounded"), "optional": ("0", "unbounded"), "prohibited": ("0", "0")}


@dataclass(frozen=True)
class Limits:
    """``xs:restriction`` by pairs of (kind, value)."""

    parts: tuple[tuple[str, str], ...]
    base: str = "xs:string"


def pattern(*texts: str) -> Limits:
    return Limits(tuple(("pattern", text) for text in texts))


def one_of(*texts: str, base: str = "xs:string") -> Limits:
    return Limits(tuple(("enumeration", text) for text in texts), base)


def within(**limits: str) -> Limits:
    return Limits(tuple(limits.items()), "xs:double")


Value = str | Limits


@dataclass(frozen=True)
class Facet:
    """One facet of a made IDS."""

    name: str
    values: dict[str, Value] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)


def entity(name: Value, predefined: Value | None = None) -> Facet:
    values = {"name": name} | ({} if predefined is None else {"predefinedType": predefined})
    return Facet("entity", values)


def attribute(name: Value, value: Value | None = None, cardinality: str = "required") -> Facet:
    values = {"name": name} | ({} if value is None else {"value": value})
    return Facet("attribute", values, {"cardinality": cardinality})


def classification(
    system: Value, value: Value | None = None, cardinality: str = "required"
) -> Facet:
    values = ({} if value is None else {"value": value}) | {"system": system}
    return Facet("classification", values, {"cardinality": cardinality})


def prop(
    group: Value, name: Value, kind: str = "", value: Value | None = None,
    cardinality: str = "required",
) -> Facet:  # fmt: skip
    values = {"propertySet": group, "baseName": name} | ({} if value is None else {"value": value})
    more = {"cardinality": cardinality} | ({"dataType": kind} if kind else {})
    return Facet("property", values, more)


def material(value: Value | None = None, cardinality: str = "required") -> Facet:
    return Facet(
        "material", {} if value is None else {"value": value}, {"cardinality": cardinality}
    )


def part_of(
    name: Value, relation: str = "", predefined: Value | None = None, cardinality: str = "required"
) -> Facet:
    values = dict(entity(name, predefined).values)
    more = {"cardinality": cardinality} | ({"relation": relation} if relation else {})
    return Facet("partOf", values, more)


def spelled(facet: Facet, *, demanding: bool) -> str:
    kept = {k: v for k, v in facet.attributes.items() if demanding or k != "cardinality"}
    said = "".join(f" {name}={quoteattr(text)}" for name, text in kept.items())
    inside = "".join(f"<{n}>{_value(v)}</{n}>" for n, v in facet.values.items())
    if facet.name == "partOf":
        inside = f"<entity>{inside}</entity>"
    return f"<{facet.name}{said}>{inside}</{facet.name}>\n"


def _value(value: Value) -> str:
    if isinstance(value, str):
        return f"<simpleValue>{escape(value)}</simpleValue>"
    parts = "".join(f"<xs:{kind} value={quoteattr(text)}/>" for kind, text in value.parts)
    return f'<xs:restriction base="{value.base}">{parts}</xs:restriction>'


def specification(
    applies: list[Facet], wanted: list[Facet], usage: str = "required",
    schemas: str = "IFC2X3 IFC4 IFC4X3_ADD2", name: str = "Rule",
) -> str:  # fmt: skip
    least, most = OCCURS[usage]
    first = "".join(spelled(facet, demanding=False) for facet in applies)
    then = "".join(spelled(facet, demanding=True) for facet in wanted)
    asked = f"<requirements>\n{then}</requirements>\n" if wanted else ""
    return (
        f"<specification name={quoteattr(name)} ifcVersion={quoteattr(schemas)}>\n"
        f'<applicability minOccurs="{least}" maxOccurs="{most}">\n{first}</applicability>\n'
        f"{asked}</specification>\n"
    )


def document(*specifications: str) -> str:
    return f"{HEAD}{''.join(specifications)}</specifications>\n</ids>\n"


def write(folder: Path, text: str, name: str = "rules.ids") -> str:
    path = folder / name
    path.write_text(text, "utf-8")
    return str(path)


def outcome(file: Any, folder: Path, *specifications: str) -> CheckReport:
    """Return the report of made rules on a file in memory."""
    rules = read_rules(write(folder, document(*specifications)))
    return run(file, rules, plain(SILENT), ("made.ifc", "rules.ids"))


def status(file: Any, folder: Path, applies: list[Facet], wanted: list[Facet]) -> str:
    """Return passed, failed or none of one required rule."""
    return outcome(file, folder, specification(applies, wanted)).results[0].status
