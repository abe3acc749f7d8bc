"""Frozen records: parties, responsibilities, policies, evidence, datasets."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twin.choices import Option
from twin.problems import Problem as Problem
from twin.problems import counted as counted

Instant = np.datetime64
"""An instant in UTC, millisecond precision (``datetime64[ms]``)."""


C_MIN = 0.20
"""Least confidence of a date that counts, unless a policy says otherwise (MAINTENANCE.md 1.3)."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a model stands, as an override in the project (never in the file).

    A source point p (metres, after the source's own units) goes to
    ``(easting, northing, height) + scale * Rz(rotation) @ (p - anchor)`` in ``crs``; rotation in
    degrees counter-clockwise seen from above. ``easting`` and ``northing`` count as ``crs`` does,
    ``height`` in metres; ``scale`` is free of units: a system in feet turns metres into feet by itself.
    """

    title: str
    crs: str
    easting: float
    northing: float
    height: float
    rotation: float = 0.0
    scale: float = 1.0
    anchor: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Route:
    """One way in which a file says where its model stands, and what became of it.

    ``name`` is the file's own (IfcMapConversion, IfcSite, geometry). ``state``: used, agrees, differs,
    default (a program wrote it, nobody else), open (its system is not named) or unusable.
    ``placement`` None = it names no place.
    ``said`` holds the values as they stand in the file. ``off`` metres and ``turned`` degrees (counter-
    clockwise) part it from the used route at the middle of the model; NaN = not comparable.
    """

    name: str
    state: str
    placement: Placement | None = None
    vertical: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    off: float = math.nan
    turned: float = math.nan


@dataclass(frozen=True, slots=True)
class About:
    """What a source says of itself. ``crs`` as 'EPSG:n', WKT or '' (missing); ``vertical`` alike.

    ``fields`` are other facts worth showing (generator, extensions, reference date, attribution).
    ``routes`` are all the ways in which it says where it stands; ``extent`` is the box f64(6) of its
    objects in its own coordinates, metres, objects far from the rest left out (() = not told);
    ``options`` are what may be decided. ``ground`` says that the source is terrain: what it draws is
    the ground that heights are measured from. ``points``: it draws nothing but points, which have no
    surface, and all of its objects are known before their points are.
    """

    format: str
    version: str = ""
    crs: str = ""
    vertical: str = ""
    lods: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    extent: tuple[float, ...] = ()
    options: tuple[Option, ...] = ()
    ground: bool = False
    points: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation or a person (persons are personal data). ``id`` is stable."""

    id: str
    name: str
    organisation: bool = True
    position: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Who answers for what (MAINTENANCE.md 2). ``scope``: object, dataset, area or default.

    ``target`` is an object id or dataset id; ``polygon`` is WKT in ``crs`` (area scope).
    """

    party: str
    role: str
    scope: str
    target: str = ""
    kind: str = "*"
    theme: str = "*"
    lod: str = "*"
    polygon: str = ""
    crs: str = ""
    priority: int = 0
    valid_from: Instant | None = None
    valid_to: Instant | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """One rule of how often (MAINTENANCE.md 1.1, 1.4). ``*`` matches anything.

    ``rate``: changes of an object in a year, as far as known (MAINTENANCE.md 3); None = the default.
    """

    id: str
    kind: str = "*"
    zone: str = "*"
    source: str = "*"
    lod: str = "*"
    loa: str = "*"
    criticality: str = "*"
    frequency: str = "unknown"
    duration: str = ""
    warn_days: int | None = None
    grace_days: int | None = None
    required_aspects: tuple[str, ...] = ()
    c_min: float = C_MIN
    severity: str = "MODERATE"
    unit: bool | None = None
    title: str = ""
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A hint that the world changed: event in [lo, hi), probability 0..1, on an object or an area."""

    id: str
    kind: str
    object_id: str = ""
    polygon: str = ""
    crs: str = ""
    aspect: str = ""
    event_lo: Instant | None = None
    event_hi: Instant | None = None
    reported: Instant | None = None
    p_change: float = 0.5
    source: str = ""
    status: str = "open"
    note: str = ""


@dataclass(frozen=True, slots=True)
class DateField:
    """A property that a mapping declares to be a date: its kind (KINDS), its aspect ('' = all)."""

    field: str
    kind: str = "registered"
    aspect: str = ""


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Which property of a source is what ('' = nobody said): names as the source spells them.

    ``feature_ids`` names the set of feature numbers that counts where a mesh has several: its label,
    its attribute, its number or the class of its property table.
    """

    id: str = ""
    kind: str = ""
    name: str = ""
    custodian: str = ""
    height: str = ""
    dates: tuple[DateField, ...] = ()
    feature_ids: str = ""


@dataclass(frozen=True, slots=True)
class Display:
    """How a layer is shown: kept in the project, never in the source.

    ``max_error`` pixels and ``budget_mb`` megabytes, 0 = as the settings say; ``opacity`` 0.05..1;
    ``height_offset`` metres added to every height as shown; ``color``: '' = as the city is coloured,
    'own' = own materials, '#RRGGBB' = one colour.
    """

    max_error: float = 0.0
    budget_mb: int = 0
    opacity: float = 1.0
    height_offset: float = 0.0
    color: str = ""


PLAIN = Display()
"""How a layer is shown when nobody said otherwise."""


@dataclass(frozen=True, slots=True)
class SourceRef:
    """A source by address, with what the user decided about it.

    ``path`` is relative to the project where possible; ``crs`` and ``vertical`` override what the
    file says (``EPSG:n``); ``dataset`` names the dataset whose delivery this is; ``mapping`` is the
    path of a mapping file; ``lod`` is the wanted level of detail; ``sha256`` the fingerprint;
    ``uid`` the layer's id once it is known, stable for the life of the project; ``only_kinds`` and
    ``without_kinds`` leave kinds of objects undrawn (another representation draws them); ``fields``
    is a mapping made in the project, which beats the file; ``options`` are choices among what the
    format offers, (name, value) sorted by name; ``drape`` is the address of imagery that lies on it.
    """

    path: str
    title: str = ""
    dataset: str = ""
    crs: str = ""
    vertical: str = ""
    lod: str = ""
    mapping: str = ""
    placement: Placement | None = None
    visible: bool = True
    sha256: str = ""
    custodian: str = ""
    uid: str = ""
    only_kinds: tuple[str, ...] = ()
    without_kinds: tuple[str, ...] = ()
    fields: FieldMapping | None = None
    options: tuple[tuple[str, str], ...] = ()
    drape: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a dataset: source, hash, times and coverage.

    ``source`` is the address, a line each where it has several files; ``coverage`` is WKT in ``crs``,
    '' = not known; ``vertical`` the datum of its heights; ``objects`` counts its maintained units.
    """

    id: str
    dataset: str
    source: str
    sha256: str = ""
    received: Instant | None = None
    reference_date: Instant | None = None
    generator: str = ""
    coverage: str = ""
    crs: str = ""
    vertical: str = ""
    objects: int = 0


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset with its ordered deliveries; the last is the current one."""

    id: str
    title: str
    publisher: str = ""
    frequency: str = "unknown"
    duration: str = ""
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A saved view: camera in the project frame, metres and degrees, and what makes the picture.

    ``settings`` says what is shown (``twin.presenting.looks``); ``place`` is where it stands in the list;
    ``picture`` is a small JPEG of it, empty where none was taken.
    """

    id: str
    title: str
    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    up: tuple[float, float, float] = (0.0, 0.0, 1.0)
    fov: float = 45.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    place: float = 0.0
    picture: bytes = b""


@dataclass(frozen=True, slots=True)
class SectionPlane:
    """A plane in the project frame, metres; what lies on the side of its unit ``normal`` is cut away."""

    point: tuple[float, float, float]
    normal: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Section:
    """A saved section: everything outside of the half spaces of all its planes is cut away.

    One plane cuts once; a box has six whose normals point outwards. Several visible sections all cut.
    """

    id: str
    title: str
    planes: tuple[SectionPlane, ...]
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Touched:
    """An object that a measurement touches: the layer's id, the object's id and its name then."""

    layer: str
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measured value that was kept. ``kind`` is one of ``twin.measuring.results.KINDS``.

    ``points`` in the project frame as it was: ``crs`` and ``vertical`` ('' = unknown); ``values`` by
    name in metres, square and cubic metres and degrees; ``notes`` are codes of what to bear in mind.
    """

    id: str
    title: str
    kind: str
    points: tuple[tuple[float, float, float], ...]
    values: Mapping[str, float] = field(default_factory=dict)
    objects: tuple[Touched, ...] = ()
    crs: str = ""
    vertical: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """``same_as`` or ``replaces`` between two object uids, with method and confidence 0..1."""

    kind: str
    first: str
    second: str
    method: str = ""
    confidence: float = 1.0
