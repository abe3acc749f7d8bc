"""What an object's elements say besides geometry: attributes, generics, keys of registers, address."""

from typing import Any

from loaders.citygml.elements import Element
from loaders.citygml.names import is_extension, is_geometry, local, space

COUNTS = frozenset(("storeysAboveGround", "storeysBelowGround", "numberOfBuildingUnits"))
MEASURES = frozenset(
    (
        "measuredHeight",
        "averageHeight",
        "trunkDiameter",
        "crownDiameter",
        "averageHeightAboveGround",
    )
)
METRES = frozenset(
    (
        "m",
        "#m",
        "metre",
        "meter",
        "urn:adv:uom:m",
        "urn:ogc:def:uom:UCUM::m",
        "urn:ogc:def:uom:EPSG::9001",
    )
)
GENERIC = {
    "stringAttribute": str, "intAttribute": int, "doubleAttribute": float, "dateAttribute": str,
    "uriAttribute": str, "measureAttribute": float, "codeAttribute": str,
}  # fmt: skip
SKIPPED = frozenset(
    [
        "boundedBy",
        "appearance",
        "dynamizer",
        "generalizesTo",
        "relatedTo",
        "metaDataProperty",
        "lod",
        "featureID",
    ]
)
LINE = ("ThoroughfareName", "ThoroughfareNumber", "ThoroughfareNumberSuffix", "PremiseNumber")
PLACE = ("PostalCodeNumber", "LocalityName")
UNITS = {"m2": "m²", "m3": "m³", "sqm": "m²", "deg": "°", "degree": "°"}
"""Units as people write them. The first that a column is written in counts; others are kept beside the value."""
EXACT = 2**53


class Said:
    """The attributes of one object: plain ``values`` and their ``units``, ``rare`` nested ones, its ``names``."""

    __slots__ = ("names", "rare", "units", "values")

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.rare: dict[str, Any] = {}
        self.names: list[str] = []
        self.units: dict[str, str] = {}

    @property
    def name(self) -> str | None:
        """Return the object's name, else a line of its address."""
        address = self.values.get("address")
        return " / ".join(self.names) if self.names else address

    def put(self, name: str, value: Any) -> None:
        """Add a value; further ones of the same name are joined as text."""
        before = self.values.get(name)
        if before is None:
            self.values[name] = value
        elif str(value) not in str(before).split(", "):
            self.values[name] = f"{before}, {value}"


def read(element: Element, said: Said) -> None:
    """Add what one property element of an object says. Geometry and parts are not read here."""
    name = local(element.tag)
    if name in SKIPPED or is_geometry(name):
        return
    special = _SPECIAL.get(name)
    if special is not None:
        special(element, said)
    elif name in GENERIC:
        _generic(element, GENERIC[name], element.get("name") or "", said)
    elif len(element):
        _nested(element, said)
    else:
        text = (element.text or "").strip()
        if text:
            said.put(_called(element), _typed(element, name, text))
            _unit(element, _called(element), said)


def _called(element: Element) -> str:
    """Return an attribute's name: plain for CityGML's own, with its prefix for an extension's."""
    name, prefix = local(element.tag), element.prefix
    return f"{prefix}:{name}" if prefix and is_extension(space(str(element.tag))) else name


def _typed(element: Element, name: str, text: str) -> Any:
    if name in COUNTS:
        return _number(text, int)
    if name in MEASURES or (element.get("uom") and not element.get("codeSpace")):
        return _number(text, float)
    return text


def _number(text: str, kind: type) -> Any:
    """Return a number, or the text where it is none that can be kept exactly."""
    try:
        value = kind(text)
    except (ValueError, OverflowError):
        return text
    if isinstance(value, int):
        return value if abs(value) < EXACT else text
    return value if value == value and abs(value) != float("inf") else text


def _unit(element: Element, name: str, said: Said) -> None:
    unit = (element.get("uom") or "").strip()
    if unit:
        said.units[name] = "m" if unit in METRES else UNITS.get(unit.lower(), unit)


def _generic(element: Element, kind: type, name: str, said: Said, prefix: str = "") -> None:
    for child in element:
        if local(child.tag) == "value" and name:
            text = (child.text or "").strip()
            if text:
                called = prefix + name
                called = f"gen:{called}" if called in said.values else called
                said.put(called, text if kind is str else _number(text, kind))
                _unit(child, called, said)


def _generic_set(element: Element, said: Said) -> None:
    prefix = f"{element.get('name') or 'set'}."
    for child in element:
        kind = GENERIC.get(local(child.tag))
        if kind is not None:
            _generic(child, kind, child.get("name") or "", said, prefix)


def _generic_third(element: Element, said: Said, prefix: str = "") -> None:
    """Read a generic attribute of version 3: its name is an element too."""
    for child in element:
        tag = local(child.tag)
        name = _text_of(child, "name")
        if tag == "GenericAttributeSet":
            for inner in child:
                _generic_third(inner, said, f"{name or 'set'}.")
        else:
            kind = GENERIC.get(tag[:1].lower() + tag[1:], str)
            _generic(child, kind, name, said, prefix)


def _name(element: Element, said: Said) -> None:
    text = (element.text or "").strip()
    if text:
        said.names.append(text)


def _identifier(element: Element, said: Said) -> None:
    text = (element.text or "").strip()
    if text:
        said.put("identifier", text)
        if element.get("codeSpace"):
            said.rare["identifier codeSpace"] = element.get("codeSpace")


def _reference(element: Element, said: Said) -> None:
    """Read a key in a register: the first in a column of its own, the others beside it."""
    system = _deep_text(element, ("informationSystem",))
    key = _deep_text(element, ("name", "uri", "targetResource"))
    if not key:
        return
    if "externalReference" not in said.values:
        said.values["externalReference"] = key
        if system:
            said.values["informationSystem"] = system
    else:
        more = said.rare.setdefault("externalReferences", [])
        more.append({"informationSystem": system, "name": key})


def _height(element: Element, said: Said) -> None:
    """Read a height of version 3: the first counts, the others are kept as they are."""
    if not len(element):  # of a plant, in version 2
        text = (element.text or "").strip()
        if text:
            said.put("height", _number(text, float))
            _unit(element, "height", said)
        return
    value = _deep_text(element, ("value",))
    for inner in element.iter():
        if local(inner.tag) == "value":
            _unit(inner, "height", said)
    if "height" not in said.values and value:
        said.values["height"] = _number(value, float)
    for inner in element:
        said.rare.setdefault("heights", []).append(_leaves(inner))


def _address(element: Element, said: Said) -> None:
    """Read an address as one line; xAL 2 has a name for every part, xAL 3 says its type beside it."""
    found: dict[str, str] = {}
    for inner in element.iter():
        text = (inner.text or "").strip()
        if not text or len(inner) or not isinstance(inner.tag, str):
            continue
        name = local(inner.tag)
        if name in ("NameElement", "Number", "Identifier"):
            above = inner.getparent()
            name = _XAL3.get((local(above.tag) if above is not None else "", name), "")
        if name.endswith(("Name", "Number", "Suffix")):
            found.setdefault(name, text)
    street = " ".join(found[part] for part in LINE if part in found)
    place = " ".join(found[part] for part in PLACE if part in found)
    line = ", ".join(part for part in (street, place) if part)
    if line:
        said.put("address", line)
    if found:
        said.rare.setdefault("addresses", []).append(found)


_XAL3 = {
    ("Thoroughfare", "NameElement"): "ThoroughfareName", ("Thoroughfare", "Number"): "ThoroughfareNumber",
    ("Locality", "NameElement"): "LocalityName", ("PostCode", "Identifier"): "PostalCodeNumber",
    ("Country", "NameElement"): "CountryName", ("AdministrativeArea", "NameElement"): "AdministrativeAreaName",
}  # fmt: skip


def _nested(element: Element, said: Said) -> None:
    """Read a data type: its leaves become attributes, those of repeated ones are kept nested."""
    name = _called(element)
    leaves = _leaves(element)
    above = element.getparent()
    again = above is not None and sum(child.tag == element.tag for child in above) > 1
    if again or any(isinstance(value, dict | list) for value in leaves.values()):
        if leaves:
            said.rare.setdefault(name, []).append(leaves)
        return
    for key, value in leaves.items():
        said.put(key if key not in said.values else f"{name}.{key}", value)


def _leaves(element: Element, depth: int = 0) -> dict[str, Any]:
    """Return name -> value of all leaves below, geometry left out; what occurs again is a list."""
    found: dict[str, Any] = {}
    for child in element:
        if not isinstance(child.tag, str) or depth > 8:
            continue
        name = local(child.tag)
        if is_geometry(name) or name in SKIPPED or ("/gml" in space(child.tag) and len(child)):
            continue
        if len(child):
            for key, value in _leaves(child, depth + 1).items():
                _again(found, key, value)
        elif (child.text or "").strip():
            _again(found, _called(child), _typed(child, name, (child.text or "").strip()))
    return found


def _again(found: dict[str, Any], key: str, value: Any) -> None:
    if key not in found:
        found[key] = value
    elif isinstance(found[key], list):
        found[key].append(value)
    else:
        found[key] = [found[key], value]


def _text_of(element: Element, name: str) -> str:
    for child in element:
        if local(child.tag) == name:
            return (child.text or "").strip()
    return ""


def _deep_text(element: Element, names: tuple[str, ...]) -> str:
    for inner in element.iter():
        if isinstance(inner.tag, str) and local(inner.tag) in names and (inner.text or "").strip():
            return (inner.text or "").strip()
    return ""


_SPECIAL = {
    "name": _name, "identifier": _identifier, "externalReference": _reference, "address": _address,
    "genericAttributeSet": _generic_set, "genericAttribute": _generic_third, "height": _height,
}  # fmt: skip
