"""What an IDS 1.0 file says, as frozen records (buildingSMART IDS, Schema/ids.xsd)."""

from dataclasses import dataclass, field

from loaders.ifc.ids.patterns import Pattern


@dataclass(frozen=True, slots=True)
class Simple:
    """One value, as text; numbers and truth values are read when they are compared."""

    text: str


@dataclass(frozen=True, slots=True)
class Restriction:
    """``xs:restriction``: all kinds of limits must hold; of values and of patterns any one.

    ``bounds`` holds (name, text) of minInclusive, minExclusive, maxInclusive, maxExclusive;
    ``lengths`` holds (name, number) of length, minLength, maxLength.
    """

    base: str
    values: tuple[str, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    bounds: tuple[tuple[str, str], ...] = ()
    lengths: tuple[tuple[str, int], ...] = ()


Value = Simple | Restriction


@dataclass(frozen=True, slots=True)
class Facet:
    """One condition; ``cardinality`` is required, optional or prohibited."""

    cardinality: str = field(default="required", kw_only=True)
    instructions: str = field(default="", kw_only=True)
    line: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class EntityFacet(Facet):
    """The class of an object, upper case, and its predefined type."""

    name: Value
    predefined: Value | None = None


@dataclass(frozen=True, slots=True)
class AttributeFacet(Facet):
    """An attribute of the class itself."""

    name: Value
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class ClassificationFacet(Facet):
    """A reference into a classification system."""

    system: Value
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class PropertyFacet(Facet):
    """A property or quantity; ``kind`` is the IFC type in capitals, '' = any."""

    group: Value
    name: Value
    value: Value | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class MaterialFacet(Facet):
    """A material's name or category."""

    value: Value | None = None


@dataclass(frozen=True, slots=True)
class PartOfFacet(Facet):
    """A whole of some class; ``relation`` '' = by any relation."""

    whole: EntityFacet
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Specification:
    """What applies to whom; ``usage`` is required, optional or prohibited."""

    name: str
    schemas: tuple[str, ...]
    usage: str
    applicability: tuple[Facet, ...]
    requirements: tuple[Facet, ...]
    identifier: str = ""
    description: str = ""
    instructions: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """A whole IDS file. ``info`` holds title, author, date and the like where they are given."""

    info: dict[str, str]
    specifications: tuple[Specification, ...]
    anchored: tuple[tuple[int, str], ...] = ()
    """Line and text of patterns that begin with ^ or end with $: almost never what was meant."""
