"""Reading an IDS file: XML without entities, every fault named with its line.

Elements and attributes are checked against lists taken from the schema of IDS 1.0 and 1.1
(github.com/buildingSMART/IDS, Schema/ids.xsd); the order of elements is not insisted on.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from loaders.ifc.ids.model import (
    AttributeFacet,
    ClassificationFacet,
    EntityFacet,
    Facet,
    MaterialFacet,
    PartOfFacet,
    PropertyFacet,
    Restriction,
    Rules,
    Simple,
    Specification,
    Value,
)
from loaders.ifc.ids.patterns import Pattern, PatternError
from loaders.ifc.ids.values import is_number
from twin.errors import BrokenFile, NotFound, NotReadable, TooLarge

IDS = "{http://standards.buildingsmart.org/IDS}"
XS = "{http://www.w3.org/2001/XMLSchema}"
MOST_BYTES = 32 << 20
SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3_ADD2")
RELATIONS = (
    "IFCRELAGGREGATES",
    "IFCRELASSIGNSTOGROUP",
    "IFCRELCONTAINEDINSPATIALSTRUCTURE",
    "IFCRELNESTS",
    "IFCRELVOIDSELEMENT IFCRELFILLSELEMENT",
)
USAGES = {("1", "unbounded"): "required", ("0", "unbounded"): "optional", ("0", "0"): "prohibited"}
FACET_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "property": ("dataType", "uri"),
    "classification": ("uri",),
    "material": ("uri",),
    "partOf": ("relation",),
}
BOUNDS = ("minInclusive", "minExclusive", "maxInclusive", "maxExclusive")
LENGTHS = ("length", "minLength", "maxLength")
NUMBERS = ("xs:double", "xs:decimal", "xs:integer", "xs:float", "xs:int", "xs:long")


def read_rules(location: str) -> Rules:
    """Return what an IDS file says. Raises NotFound, NotReadable, TooLarge, BrokenFile (with the line)."""
    path = Path(location)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise TooLarge(location=location, what="the IDS", size=size, limit=MOST_BYTES)
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(location=location) from error
    except OSError as error:
        raise NotReadable(location=location, reason=error.strerror or str(error)) from error
    try:
        return _Reading(location).rules(_parsed(content))
    except _Fault as fault:
        reason = f"line {fault.line}: {fault.what}" if fault.line else fault.what
        raise BrokenFile(location=location, format="IDS", reason=reason) from fault


class _Fault(ValueError):
    def __init__(self, what: str, line: int | None) -> None:
        super().__init__(what)
        self.what, self.line = what, line


def _parsed(content: bytes) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root: Any = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise _Fault(f"no sound XML: {error.msg}", error.lineno) from error
    if root.getroottree().docinfo.doctype:
        raise _Fault("a DOCTYPE is refused: IDS needs none, and entities can do harm", 1)
    if root.tag != f"{IDS}ids":
        raise _Fault(f"the root is {_name(root)}, not ids of {IDS[1:-1]}", root.sourceline)
    return root


def _name(element: Any) -> str:
    return str(etree.QName(element).localname)


class _Reading:
    """One walk through a document; remembers what is odd on its way."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._anchored: list[tuple[int, str]] = []

    def rules(self, root: Any) -> Rules:
        _only(root, ("info", "specifications"))
        info = {
            _name(child): (child.text or "").strip()
            for child in _children(_child(root, "info"))
            if (child.text or "").strip()
        }
        if "title" not in info:
            raise _Fault("info needs a title", _child(root, "info").sourceline)
        holder = _child(root, "specifications")
        _only(holder, ("specification",))
        found = tuple(self._specification(child) for child in _children(holder))
        if not found:
            raise _Fault("there is no specification", holder.sourceline)
        return Rules(info, found, tuple(self._anchored))

    def _specification(self, element: Any) -> Specification:
        _only(element, ("applicability", "requirements"))
        _attributes(element, ("name", "ifcVersion", "identifier", "description", "instructions"))
        if "name" not in element.attrib:
            raise _Fault("a specification needs a name", element.sourceline)
        applies = _child(element, "applicability")
        wanted = element.find(f"{IDS}requirements")
        return Specification(
            element.get("name"), _schemas(element), _usage(applies),
            tuple(self._facets(applies, demanding=False)),
            () if wanted is None else tuple(self._facets(wanted, demanding=True)),
            element.get("identifier", ""), element.get("description", ""),
            element.get("instructions", ""), element.sourceline,
        )  # fmt: skip

    def _facets(self, holder: Any, *, demanding: bool) -> Iterator[Facet]:
        makers: dict[str, Callable[[Any, dict[str, Any]], Facet]] = {
            "entity": self._entity,
            "partOf": self._part_of,
            "classification": self._classification,
            "attribute": self._attribute,
            "property": self._property,
            "material": self._material,
        }
        own = ("description",) if demanding else ("minOccurs", "maxOccurs")
        _attributes(holder, own)
        for element in _children(holder):
            make = makers.get(_name(element)) if element.tag.startswith(IDS) else None
            if make is None:
                raise _Fault(f"{_name(element)} is no facet", element.sourceline)
            yield make(element, _common(element, demanding=demanding))

    def _entity(self, element: Any, common: dict[str, Any]) -> EntityFacet:
        _only(element, ("name", "predefinedType"))
        return EntityFacet(
            self._needed(element, "name"), self._given(element, "predefinedType"), **common
        )

    def _part_of(self, element: Any, common: dict[str, Any]) -> PartOfFacet:
        _only(element, ("entity",))
        relation = element.get("relation", "")
        if relation and relation not in RELATIONS:
            known = ", ".join(RELATIONS)
            raise _Fault(f"the relation {relation} is none of {known}", element.sourceline)
        whole = _child(element, "entity")
        return PartOfFacet(self._entity(whole, {"line": whole.sourceline}), relation, **common)

    def _classification(self, element: Any, common: dict[str, Any]) -> ClassificationFacet:
        _only(element, ("system", "value"))
        return ClassificationFacet(
            self._needed(element, "system"), self._given(element, "value"), **common
        )

    def _attribute(self, element: Any, common: dict[str, Any]) -> AttributeFacet:
        _only(element, ("name", "value"))
        return AttributeFacet(
            self._needed(element, "name"), self._given(element, "value"), **common
        )

    def _property(self, element: Any, common: dict[str, Any]) -> PropertyFacet:
        _only(element, ("propertySet", "baseName", "value"))
        kind = element.get("dataType", "")
        if kind != kind.upper():
            raise _Fault(f"dataType {kind} must be in capitals", element.sourceline)
        return PropertyFacet(
            self._needed(element, "propertySet"), self._needed(element, "baseName"),
            self._given(element, "value"), kind, **common,
        )  # fmt: skip

    def _material(self, element: Any, common: dict[str, Any]) -> MaterialFacet:
        _only(element, ("value",))
        return MaterialFacet(self._given(element, "value"), **common)

    def _needed(self, element: Any, name: str) -> Value:
        found = self._given(element, name)
        if found is None:
            raise _Fault(f"{_name(element)} needs {name}", element.sourceline)
        return found

    def _given(self, element: Any, name: str) -> Value | None:
        holder = element.find(f"{IDS}{name}")
        if holder is None:
            return None
        inside = _children(holder)
        if len(inside) != 1 or inside[0].tag not in (f"{IDS}simpleValue", f"{XS}restriction"):
            raise _Fault(f"{name} needs one simpleValue or one xs:restriction", holder.sourceline)
        if inside[0].tag == f"{IDS}simpleValue":
            return Simple(inside[0].text or "")
        return self._restriction(inside[0])

    def _restriction(self, element: Any) -> Restriction:
        base = _base(element)
        values: list[str] = []
        patterns: list[Pattern] = []
        bounds: list[tuple[str, str]] = []
        lengths: list[tuple[str, int]] = []
        for child in _children(element):
            name, text = _name(child), child.get("value")
            if name == "annotation":
                continue
            if text is None or not child.tag.startswith(XS):
                raise _Fault(f"{name} needs a value", child.sourceline)
            if name == "enumeration":
                values.append(text)
            elif name == "pattern":
                patterns.append(self._pattern(child, text))
            elif name in BOUNDS:
                bounds.append((name, _bound(child, base, text)))
            elif name in LENGTHS:
                lengths.append((name, _length(child, text)))
            else:
                raise _Fault(f"a restriction by {name} is not part of IDS", child.sourceline)
        return Restriction(base, tuple(values), tuple(patterns), tuple(bounds), tuple(lengths))

    def _pattern(self, element: Any, text: str) -> Pattern:
        if text.startswith("^") or (text.endswith("$") and not text.endswith("\\$")):
            self._anchored.append((element.sourceline, text))
        try:
            return Pattern(text)
        except PatternError as error:
            raise _Fault(f"the pattern {text[:60]!r}: {error}", element.sourceline) from error


def _children(element: Any) -> list[Any]:
    return [child for child in element if isinstance(child.tag, str)]


def _only(element: Any, names: tuple[str, ...]) -> None:
    for child in _children(element):
        if child.tag not in {f"{IDS}{name}" for name in names}:
            what = f"{_name(child)} does not belong into {_name(element)}"
            raise _Fault(what, child.sourceline)


def _attributes(element: Any, names: tuple[str, ...]) -> None:
    for name in element.attrib:
        if name not in names and not name.startswith("{"):
            what = f"{_name(element)} has no attribute {name} in IDS 1.0"
            raise _Fault(what, element.sourceline)


def _child(element: Any, name: str) -> Any:
    found = element.find(f"{IDS}{name}")
    if found is None:
        raise _Fault(f"{_name(element)} needs {name}", element.sourceline)
    return found


def _schemas(element: Any) -> tuple[str, ...]:
    found = tuple(element.get("ifcVersion", "").split())
    unknown = [name for name in found if name not in SCHEMAS]
    if unknown or not found:
        said = unknown[0] if unknown else "nothing"
        what = f"ifcVersion says {said}, not {', '.join(SCHEMAS)}"
        raise _Fault(what, element.sourceline)
    return found


def _usage(applies: Any) -> str:
    least, most = applies.get("minOccurs", "1"), applies.get("maxOccurs", "1")
    if "maxOccurs" not in applies.attrib and least == "1":
        most = "unbounded"  # xs:occurs gives 1, which IDS does not allow: the usual meaning is all
    found = USAGES.get((least, most))
    if found is None:
        what = f"minOccurs={least} with maxOccurs={most} is none of 1/unbounded, 0/unbounded, 0/0"
        raise _Fault(what, applies.sourceline)
    return found


def _common(element: Any, *, demanding: bool) -> dict[str, Any]:
    """Return what all facets carry; its attributes are checked by kind and place."""
    name = _name(element)
    known = FACET_ATTRIBUTES.get(name, ())
    if demanding:
        known = (*known, "instructions") + (("cardinality",) if name != "entity" else ())
    _attributes(element, known)
    cardinality = element.get("cardinality", "required")
    allowed = ("required", "prohibited") + (("optional",) if name != "partOf" else ())
    if cardinality not in allowed:
        what = f"cardinality {cardinality} of {name} is none of {', '.join(allowed)}"
        raise _Fault(what, element.sourceline)
    return {
        "cardinality": cardinality,
        "instructions": element.get("instructions", ""),
        "line": element.sourceline,
    }


def _base(element: Any) -> str:
    """Return the base type as xs:name, whatever prefix the file uses."""
    found = element.get("base", "")
    prefix, colon, local = found.rpartition(":")
    if not local or element.nsmap.get(prefix if colon else None) != XS[1:-1]:
        raise _Fault(f"base={found!r} is no type of XML Schema", element.sourceline)
    return f"xs:{local}"


def _bound(element: Any, base: str, text: str) -> str:
    if base in NUMBERS and not is_number(text):
        raise _Fault(f"{text!r} is no number", element.sourceline)
    return text.strip()


def _length(element: Any, text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 9:
        raise _Fault(f"{text!r} is no length", element.sourceline)
    return int(text)
