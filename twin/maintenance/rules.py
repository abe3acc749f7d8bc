"""The rules as one value, and how they are read from TOML files. Every mistake names file, place, reason.

**policy.toml** - how often::

    version = 1
    [settings]                      # all optional
    time_zone = "Europe/Amsterdam"  # zone of dates that name none (IANA), default UTC
    default_duration = "P1Y"        # for a policy whose frequency is unknown; default: none
    zone_column = "district"        # columns that hold zone, loa and criticality of an object;
    loa_column = "loa"              #   defaults: zone, loa, criticality
    criticality_column = "criticality"

    [[policy]]
    id = "P-01"                     # required, stable: stored with every status
    title = "Buildings: every five years"
    kind = "Building|BuildingPart"  # what it matches; all default to "*". Shell patterns, "|" = or
    zone = "*"                      # value of the zone column, or name of the [[zone]] it lies in
    source = "*"                    # source name or dataset id
    lod = "*"
    loa = "*"
    criticality = "*"               # VERYHIGH, HIGH, MODERATE, LOW, VERYLOW
    frequency = "annually"          # ISO 19115 code, EU code (ANNUAL), or a duration (R/P1Y)
    duration = "P5Y"                # needed by "periodic", else overrides the code's own
    warn_days = 30                  # default: a fifth of the interval
    grace_days = 14                 # default: a tenth of the interval
    required_aspects = ["footprint", "height"]   # default: any one date suffices
    c_min = 0.2                     # confidence below which the status is unknown
    severity = "MODERATE"
    rate = 0.018                    # changes of an object in a year, for the probability that it is out of date
    unit = true                     # these kinds are maintained units (false: they are not)

    [[zone]]                        # a part of the city: where an object has no value in the zone column,
    id = "centre"                   #   and beside it, its zone is the name of the zone that covers most of
    name = "Old town"               #   its footprint
    polygon = "POLYGON ((...))"     # WKT, or ring = [[x, y], ...], or box = [minx, miny, maxx, maxy]
    crs = "EPSG:7415"               # of the polygon; "" = the project's

**custodians.toml** - who::

    version = 1
    [settings]
    area_before_dataset = false     # true: areas (R3) come before the dataset's custodian (R2)
    four_eyes = true                # whoever delivered an update does not verify it

    [[party]]
    id = "delft"                    # required
    name = "Gemeente Delft"
    email = "geo@delft.example"     # also: position, phone, organisation = false for a person
    aliases = ["G0503"]             # spellings of this party in the data

    [[responsibility]]
    party = "delft"                 # a party id
    role = "custodian"              # ISO 19115 role; "steward" is read as custodian
    scope = "area"                  # object, dataset, area, default
    target = ""                     # object: id; dataset: dataset id, title or source name ("" = every one);
                                    # area: "COLUMN=PREFIX" instead of a polygon (Gemeindeschluessel=02)
    kind = "Building*"              # filters, shell patterns: kind, theme (= aspect of the kind), lod
    polygon = "POLYGON ((...))"     # WKT, or ring = [[x, y], ...], or box = [minx, miny, maxx, maxy]
    crs = "EPSG:7415"               # of the polygon; "" = the project's
    priority = 0                    # higher wins
    valid_from = "2020"             # half-open
    valid_to = "2030"

    [[areas]]                       # responsibilities from the polygons of a vector file beside this one
    file = "areas.gpkg"             # GeoJSON, GeoPackage, Shapefile, FlatGeobuf, CSV with WKT
    layer = ""                      # of the file
    columns = { party = "beheerder" }   # by default found by their names: party, kind, role, priority,
                                    #   valid_from, valid_to, email; who is not known yet is added
    kind = "*"                      # for rows that say nothing; so party, role, priority, crs

    [[absence]]
    party = "delft"
    from = "2025-07-01"
    to = "2025-09-01"               # exclusive
    substitute = "province"

**evidence.toml** - hints that the world changed::

    version = 1
    [[evidence]]
    id = "E-1"
    kind = "permit_completed"       # see EVIDENCE_P for the default probabilities
    object_id = "b31bdab79..."      # or polygon / ring / box with crs
    aspect = ""                     # "" touches every aspect
    event = "2024-05"               # date or interval of the event; reported = when it was told
    p_change = 0.95
    source = "permits 2024"
    status = "open"                 # open, consumed, dismissed

Dates are texts or TOML dates; partial dates are intervals. A polygon that crosses itself is kept as it
stands, mended where it is used, and listed; a party or alias that stands twice is kept as ``name#2`` and
listed.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from twin.records import Evidence, Instant, Party, Policy, Responsibility


@dataclass(frozen=True, slots=True)
class Absence:
    """A party that cannot act in [from, to) and who stands in."""

    party: str
    substitute: str
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the city by name, which policies match and the board counts by: WKT in ``crs``."""

    id: str
    name: str
    polygon: str
    crs: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """Switches of the rules; see the module docstring."""

    area_before_dataset: bool = False
    time_zone: str = "UTC"
    default_duration: str = ""
    zone_column: str = "zone"
    loa_column: str = "loa"
    criticality_column: str = "criticality"
    four_eyes: bool = True


CUSTODIAN_SWITCHES = ("area_before_dataset", "four_eyes")
"""The switches that stand in the custodians' file."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that judges, none of what is judged: policies, zones, parties, areas, evidence, switches.

    ``aliases``: spelling found in data -> party id.
    """

    policies: tuple[Policy, ...] = ()
    parties: tuple[Party, ...] = ()
    responsibilities: tuple[Responsibility, ...] = ()
    absences: tuple[Absence, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    choices: Choices = Choices()
    zones: tuple[Zone, ...] = ()

    def party_of(self, name: str) -> str:
        """Return the display name of a party by id, alias, e-mail or name; an unknown one is its name."""
        known = self.names()
        return known.get(name, known.get(name.casefold(), name))

    def names(self) -> dict[str, str]:
        """Return every known spelling -> display name."""
        by_id = {party.id: party.name or party.id for party in self.parties}
        found: dict[str, str] = {}
        for party in self.parties:
            shown = by_id[party.id]
            for spelling in (party.id, party.name, party.email):
                if spelling:
                    found.setdefault(spelling.casefold(), shown)
        for alias, party_id in self.aliases.items():
            found.setdefault(once(alias).casefold(), by_id.get(party_id, party_id))
        return found


def within(now: Instant, start: Instant | None, end: Instant | None) -> bool:
    """Return whether start <= now < end, None = unbounded."""
    return (start is None or bool(start <= now)) and (end is None or bool(now < end))


def again(key: str, taken: Container[str]) -> str:
    """Return a key that is not taken: ``key``, else ``key#2``, ``key#3`` ..."""
    number, found = 1, key
    while found in taken:
        number += 1
        found = f"{key}#{number}"
    return found


def once(key: str) -> str:
    """Return a key as it was said before ``again`` told it from another one."""
    said, mark, number = key.rpartition("#")
    return said if mark and number.isdigit() and int(number) > 1 else key
