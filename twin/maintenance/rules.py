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
    zone = "*"                      # value of the zone column
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
    unit = true                     # these kinds are maintained units (false: they are not)

**custodians.toml** - who::

    version = 1
    [settings]
    area_before_dataset = false     # true: areas (R3) come before the dataset's custodian (R2)

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

Dates are texts or TOML dates; partial dates are intervals.
"""

from collections.abc import Mapping
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
class Choices:
    """Switches of the rules; see the module docstring."""

    area_before_dataset: bool = False
    time_zone: str = "UTC"
    default_duration: str = ""
    zone_column: str = "zone"
    loa_column: str = "loa"
    criticality_column: str = "criticality"


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that judges, none of what is judged: policies, parties, areas, evidence, switches.

    ``aliases``: spelling found in data -> party id.
    """

    policies: tuple[Policy, ...] = ()
    parties: tuple[Party, ...] = ()
    responsibilities: tuple[Responsibility, ...] = ()
    absences: tuple[Absence, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    choices: Choices = Choices()

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
            found.setdefault(alias.casefold(), by_id.get(party_id, party_id))
        return found


def within(now: Instant, start: Instant | None, end: Instant | None) -> bool:
    """Return whether start <= now < end, None = unbounded."""
    return (start is None or bool(start <= now)) and (end is None or bool(now < end))
