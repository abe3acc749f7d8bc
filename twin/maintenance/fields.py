"""Field names of the field: what a column called so says about currency, lifespan, custody (MAINTENANCE.md 8).

Names are compared in lower case without namespace prefix and punctuation (``core:creationDate``,
``creation_date`` and ``creationdate`` are one); a longer path wins over its last part.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twin.features import Column, Times
from twin.geometry import Rows
from twin.maintenance.dates import Parsed, as_texts, parse_column
from twin.observations import FLAG_SENTINEL, FLAG_UNPARSED, ObservationList

log = logging.getLogger(__name__)

MOST_PARTIES = 20_000
"""A party column with more names than this is no list of organisations and is not claimed."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a field says. Empty = says nothing of that sort.

    ``kind``/``aspect`` make an observation (KINDS, ASPECTS); ``lifespan`` is one of created,
    terminated, valid_from, valid_to; ``role`` claims a party (ROLES); ``evidence`` is a kind of
    event in the world (construction, renovation, demolition), never currency. ``unit`` as in
    ``parse_column``. ``sure`` False: the name is also used for other things, so that a column
    counts only if most of its values are dates.
    """

    kind: str = ""
    aspect: str = ""
    lifespan: str = ""
    role: str = ""
    evidence: str = ""
    unit: str = ""
    sure: bool = True


def _each(names: str, meaning: Meaning) -> dict[str, Meaning]:
    return dict.fromkeys(names.split(), meaning)


FIELDS: Mapping[str, Meaning] = {
    # in the data set: CityGML creationDate, BGT, BAG/3DBAG, INSPIRE, 3DCityDB, Esri, IGN BD TOPO
    **_each("creationdate datecreation", Meaning("registered", lifespan="created")),
    **_each("tijdstipregistratie tijdstipregistratielv", Meaning("registered", lifespan="created")),
    **_each("beginlifespanversion", Meaning("registered", lifespan="created")),
    **_each("documentdatum", Meaning("registered", "footprint")),
    **_each(
        "lastmodificationdate lastmodifieddate lastmodified modifieddate modificationdate datemodification "
        "lastupdate lastupdated lastupdatedate updatedate updatedat dateupdated updated lasteditdate "
        "lastediteddate editdate dateofupdate datummutatie mutatiedatum letzteaenderung aktualisierung "
        "aktualizac aktualizace 更新日期 更新时间 入库时间 修改日期",
        Meaning("registered"),
    ),
    **_each("createdat createddate datecreated createdon entrydate", Meaning("registered")),
    **_each("zmena mutatie", Meaning("registered", sure=False)),
    # measured in the world
    **_each("b3pwdatum pwdatum", Meaning("captured", "height")),
    **_each("grundrissaktualitaet grundrissaktualität", Meaning("captured", "footprint")),
    **_each(
        "surveyyear surveydate surveyingyear lastsurvey datesurveyed capturedate capturedat acquisitiondate "
        "acquisitionyear dateacquisition dateofcapture flightdate vluchtdatum opnamedatum inwinningsdatum "
        "aufnahmedatum befliegungsdatum datetimeoriginal measuredat measurementdate scandate "
        "调查日期 测量日期 采集日期 航摄日期",
        Meaning("captured"),
    ),
    **_each("imagerydate imagedate photodate texturedate", Meaning("captured", "texture")),
    **_each(
        "psetconditionassessmentdate assessmentdate verifieddate dateverified lastverified checkdate "
        "inspectiondate lastinspection lastinspectiondate 核查日期 检查日期",
        Meaning("verified"),
    ),
    # in the authoring tool
    **_each(
        "ownerhistorylastmodifieddate ownerhistorycreationdate ifcownerhistorylastmodifieddate",
        Meaning("modelled", unit="s"),
    ),
    **_each("modelleddate modeldate datemodelled 建模日期", Meaning("modelled")),
    # published, delivered, file
    **_each("lvpublicatiedatum publicatiedatum publicationdate datepublished", Meaning("published")),
    **_each("releasedate dateofpublication publishedat 发布日期", Meaning("published")),
    **_each("serviceupdatetimestamplastupdate", Meaning("published", unit="ms")),
    **_each("referencedate datasetreferencedate deliverydate leverdatum", Meaning("delivered")),
    **_each("filecreationdate filedate exportdate", Meaning("file")),
    # lifespans only
    **_each("begingeldigheid validfrom gueltigvon validitybegins", Meaning(lifespan="valid_from")),
    **_each("eindgeldigheid validto gueltigbis validityends", Meaning(lifespan="valid_to")),
    **_each(
        "terminationdate eindregistratie tijdstipeindregistratie tijdstipeindregistratielv endlifespanversion",
        Meaning(lifespan="terminated"),
    ),
    # events in the world: evidence, not currency
    **_each(
        "yearofconstruction oorspronkelijkbouwjaar bouwjaar baujahr constructionyear yearbuilt builtyear "
        "dateofconstruction dateofconstructionend annoconstruction anneeconstruction psetbuildingcommonyearofconstruction "
        "startdate 建成年份 竣工日期 建造年份",
        Meaning(evidence="construction"),
    ),
    **_each(
        "yearoflastrefurbishment psetbuildingcommonyearoflastrefurbishment dateofrenovation yearofrenovation "
        "renovationdate 改造年份",
        Meaning(evidence="renovation"),
    ),
    **_each("yearofdemolition dateofdemolition demolitiondate", Meaning(evidence="demolition")),
    # parties
    **_each(
        "custodian steward bronhouder beheerder maintainer maintainedby managedby responsibleparty "
        "datacustodian maintenanceorganisation maintenanceorganization 维护单位 管理单位 责任单位 更新单位",
        Meaning(role="custodian"),
    ),
    **_each("owner eigenaar eigentuemer ownername owningorganisation 权属单位 产权单位", Meaning(role="owner")),
    **_each("pointofcontact contact contactname", Meaning(role="pointOfContact")),
    **_each("publisher distributor herausgeber resourceprovider", Meaning(role="publisher")),
    **_each("processor contractor updatingperson lastmodifyinguser", Meaning(role="processor")),
    **_each("author creator originator", Meaning(role="author")),
}  # fmt: skip
"""Normalised name -> meaning. What is not here says nothing about currency until a mapping names it."""

NOT_CURRENCY = frozenset(name for name, meaning in FIELDS.items() if not meaning.kind)
"""Well-known names that hold a date or a party but never the currency of the data."""

_PREFIX = re.compile(r"^[A-Za-z0-9]+:")
_PARTS = re.compile(r"[./|\\]|::")
_PUNCTUATION = re.compile(r"[\s_\-.:/|\\#+()\[\]]+")


def normalised(name: str) -> str:
    """Return a field name without case and punctuation."""
    return _PUNCTUATION.sub("", name.strip()).lower()


def meaning(name: str) -> Meaning | None:
    """Return what a field of this name says, or None when it is not well known.

    Looked up whole, then without its namespace prefix, then by the last part of a path.
    """
    for spelling in (name, _PREFIX.sub("", name.strip()), _PARTS.split(name)[-1]):
        found = FIELDS.get(normalised(spelling))
        if found is not None:
            return found
    return None


@dataclass(frozen=True, slots=True)
class Where:
    """Where observed columns stand: level (LEVELS), prefix of the field path, zone, PLATEAU's rule."""

    level: str = "object"
    prefix: str = ""
    zone: str = "UTC"
    plateau: bool = False


def observe(
    observations: ObservationList,
    columns: Mapping[str, Column],
    rows: Rows | None = None,
    where: Where = Where(),
) -> tuple[str, ...]:
    """Add what a table's well-known columns say: dated observations and party claims.

    ``columns[name]`` has one value per entry of ``rows`` (default: row 0..n-1). The field path is
    ``where.prefix + name``. Values that were written but cannot be used are added with their flag,
    so that the passport can show them; missing values are not. Returns the names that were used.
    """
    used = []
    for name, column in columns.items():
        said = meaning(name)
        if said is None or not (said.kind or said.role) or not len(column):
            continue
        into = np.arange(len(column), dtype=np.int32) if rows is None else rows
        if said.role:
            done = _claim(observations, column, into, said.role, where.prefix + name, where.level)
        else:
            done = _observe_dates(observations, name, column, into, said, where)
        if done:
            used.append(name)
    return tuple(used)


def _observe_dates(
    observations: ObservationList,
    name: str,
    column: Column,
    rows: Rows,
    said: Meaning,
    where: Where,
) -> bool:
    parsed = parse_column(column, zone=where.zone, unit=said.unit, plateau=where.plateau)
    written = ~np.isnat(parsed.t_lo) | ((parsed.flags & (FLAG_SENTINEL | FLAG_UNPARSED)) != 0)
    if not written.any():
        return False
    if not said.sure and 2 * int((~np.isnat(parsed.t_lo)).sum()) <= int(written.sum()):
        return False
    at = np.flatnonzero(written)
    observations.add_column(
        rows[at],
        (parsed.t_lo[at], parsed.t_hi[at]),
        as_texts(column)[at],
        (said.kind, said.aspect, where.level, where.prefix + name),
        parsed.flags[at],
    )
    return True


def _claim(
    observations: ObservationList, column: Column, rows: Rows, role: str, path: str, level: str
) -> bool:
    texts = as_texts(column)
    names = [(item or "").strip() for item in texts.tolist()]
    at = np.flatnonzero(
        [bool(item) and item.lower() not in ("none", "nan", "null") for item in names]
    )
    distinct = {names[i] for i in at}
    if len(distinct) > MOST_PARTIES:
        log.warning("%s has %d different names: not read as parties", path, len(distinct))
        return False
    if len(at):
        observations.add_parties(rows[at], [names[i] for i in at], role, level, path)
    return bool(len(at))


def lifespans(
    columns: Mapping[str, Column], zone: str = "UTC", plateau: bool = False
) -> dict[str, Times]:
    """Return created, terminated, valid_from, valid_to (datetime64[ms](n)) as far as columns say them.

    Keyed by the fields of ``FeatureTable``. Several columns of one meaning fill each other's gaps in the
    order of ``FIELDS``. Ends are exclusive, as the next version's beginning equals them.
    """
    found: dict[str, Times] = {}
    ordered = sorted(columns, key=_place)
    for name in ordered:
        said = meaning(name)
        if said is None or not said.lifespan or not len(columns[name]):
            continue
        parsed: Parsed = parse_column(columns[name], zone=zone, unit=said.unit, plateau=plateau)
        times = parsed.t_lo
        if np.isnat(times).all():
            continue
        before = found.get(said.lifespan)
        found[said.lifespan] = (
            times if before is None else np.where(np.isnat(before), times, before)
        )
    return found


_ORDER = {name: place for place, name in enumerate(FIELDS)}


def _place(name: str) -> int:
    spelling = normalised(name)
    short = normalised(_PARTS.split(_PREFIX.sub("", name))[-1])
    return _ORDER.get(spelling, _ORDER.get(short, len(_ORDER)))


def evidence_columns(columns: Mapping[str, Column]) -> dict[str, str]:
    """Return column name -> kind of event for the columns that tell of events in the world."""
    found = {}
    for name in columns:
        said = meaning(name)
        if said is not None and said.evidence:
            found[name] = said.evidence
    return found
