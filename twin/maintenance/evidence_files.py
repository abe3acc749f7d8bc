"""Evidence of change from tables and vector files: which column says what, rows to records, and what is wrong.

Permits, demolition records, complaints, newer footprints, differences of surface models, OSM and register
extracts. A row without a place, or for an object that is not there, is kept and listed (MAINTENANCE.md 1.4).
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.errors import UsageError
from twin.maintenance.date_shapes import Dates, read_dates, tell
from twin.maintenance.dates import as_texts
from twin.maintenance.evidence import EVIDENCE_P
from twin.maintenance.fields import normalised
from twin.maintenance.joining import keys_of
from twin.maintenance.telling import Told
from twin.observations import ASPECTS
from twin.ports import VectorTable
from twin.records import Evidence, Problem

OTHER = "other"
STATES = ("open", "consumed", "dismissed")
CORNERS = 2_000
"""Corners of one hint's geometry that are kept; a larger one is simplified to a tenth of a metre or 1e-6 degrees."""
NAMES: Mapping[str, str] = {
    "id": "evidence_id evidenceid permit_no permitno permit_id permitid case_no case_id casenumber zaaknummer "
    "aktenzeichen reference ref id gml_id @id osm_id fid objectid 编号 许可证号 案卷编号 受理号",
    "kind": "kind evidence_kind evidence type event event_type eventtype permit_type permittype category art soort "
    "werkzaamheden vorhaben change change_type changetype 类型 类别 事件 变化类型 证据类型 业务类型",
    "date": "event_date eventdate date completion_date completiondate date_completed completed demolition_date "
    "demolished_on issue_date issuedate date_issued issued_on decision_date dateofevent datum start_date startdate "
    "year timestamp @timestamp date_event 日期 事件日期 竣工日期 发证日期 拆除日期 发生时间 变化时间 影像时相",
    "reported": "reported reported_at reported_on received received_at date_received meldedatum melddatum "
    "submitted created_at 上报时间 登记日期 受理日期 举报时间",
    "p": "p p_change probability likelihood confidence score 概率 置信度 可信度",
    "object": "object_id objectid object building_id buildingid building gml_id identificatie bag_id pand_id egid "
    "uuid guid globalid uid feature_id 对象编号 建筑编号 房屋编号 对象标识",
    "source": "source bron quelle origin provider authority 来源 数据来源 审批机关",
    "note": "note notes remark remarks description comment comments bemerkung omschrijving toelichting text "
    "备注 说明 描述 内容",
    "aspect": "aspect 方面",
    "status": "status state 状态",
}  # fmt: skip
"""What a column may be called, by what it says; the surest names first."""
WORDS: tuple[tuple[str, str], ...] = (
    ("demolition", r"demol|abriss|abbruch|sloop|d[ée]moli|拆除|拆迁"),
    ("as_built", r"as.?built|竣工测量|竣工图"),
    ("permit_completed", r"complet|occupancy|gereed|fertigstell|ach[eè]v|竣工|验收"),
    ("dsm_diff", r"dsm|surface model|高程变化|表面模型"),
    ("lidar_diff", r"lidar|laser|point.?cloud|点云"),
    ("image_change", r"image|imagery|photo|luftbild|影像|卫片"),
    ("newer_footprint", r"newer.?footprint|footprint|outline|轮廓"),
    ("complaint", r"complain|melding|klacht|beschwerde|citizen|投诉|举报|反映"),
    ("renovation", r"renov|refurb|extension|alteration|umbau|anbau|verbouw|改建|扩建|翻建|改造"),
    ("permit_issued", r"permit|issued|vergunning|genehmig|permis|许可|审批|核发"),
    ("construction", r"construct|new.?build|neubau|nieuwbouw|erect|新建|在建|建设"),
    ("register_change", r"regist|kadaster|cadast|登记|地籍"),
    ("osm_edit", r"\bosm\b|openstreetmap"),
)  # fmt: skip
"""Kind of evidence -> words by which people call it, tried in this order."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a table says what ('' = none does)."""

    id: str = ""
    kind: str = ""
    date: str = ""
    reported: str = ""
    p: str = ""
    object: str = ""
    source: str = ""
    note: str = ""
    aspect: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Usual:
    """What holds for rows that say nothing: kind, event and source; ``crs`` where the file names none."""

    kind: str = ""
    event: str = ""
    source: str = ""
    crs: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceRead:
    """The records of a file, the columns they came from, what is wrong, and counts by what is missing."""

    records: tuple[Evidence, ...]
    columns: Columns
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def columns_of(table: VectorTable, known: frozenset[str] = frozenset()) -> Columns:
    """Return the columns by their names; the object's by its values where some name ``known`` ids."""
    by_name = {normalised(name): name for name in table.columns}
    found: dict[str, str] = {}
    for role, names in NAMES.items():
        free = [by_name[normalised(n)] for n in names.split() if normalised(n) in by_name]
        found[role] = next((name for name in free if name not in found.values()), "")
    hit = _object_column(table, known)
    if hit and hit != found["object"]:
        found = {role: "" if name == hit else name for role, name in found.items()}
        found["object"] = hit
    if not found["date"]:
        found["date"] = _dated_column(table, set(found.values()))
    return Columns(**found)


def _object_column(table: VectorTable, known: frozenset[str]) -> str:
    """Return the column of which most values are ids of objects ('' = hardly any is)."""
    best, chosen = 0, ""
    for name, values in table.columns.items():
        if known and values.dtype.kind in "Tiuf":
            hits = sum(key in known for key in keys_of(values) if key)
            if hits > best:
                best, chosen = hits, name
    return chosen if best >= max(1, 0.05 * len(table)) else ""


def _dated_column(table: VectorTable, taken: set[str]) -> str:
    for name, values in table.columns.items():
        if name not in taken and values.dtype.kind in "TM":
            parsed = read_dates(values[:500]).parsed
            if len(values) and (~np.isnat(parsed.t_lo)).sum() > 0.6 * len(parsed.t_lo):
                return name
    return ""


def with_columns(columns: Columns, said: Mapping[str, str], table: VectorTable) -> Columns:
    """Return columns with those that a person named (``date=issued``). Raises UsageError."""
    roles = [item.name for item in fields(Columns)]
    for role, name in said.items():
        if role not in roles:
            raise UsageError(reason=f"{role!r} is none of {', '.join(roles)}")
        if name and name not in table.columns:
            listed = ", ".join(table.columns)
            raise UsageError(reason=f"there is no column {name!r}; columns: {listed}")
    return replace(columns, **said)


def kind_of(said: str) -> str:
    """Return the kind of evidence that people call so ('' = nothing known)."""
    plain = normalised(said)
    for kind in EVIDENCE_P:
        if normalised(kind) == plain:
            return kind
    for kind, words in WORDS:
        if re.search(words, said, re.IGNORECASE):
            return kind
    return ""


def evidence_of(
    table: VectorTable, location: str, columns: Columns, usual: Usual, known: frozenset[str]
) -> EvidenceRead:
    """Return one record a row of a table. ``known`` are the ids of objects that are there (may be empty).

    Nothing is dropped but a row that repeats another of the same file: it is counted and listed.
    """
    told = Told()
    for item in table.problems:
        if item.code == "vector.no_crs" and usual.crs:
            told.file("evidence.crs_assumed", crs=usual.crs)
        elif item.code not in ("vector.no_place", "vector.more"):
            told.whole.append(item)
    rows = _Rows(table, location, columns, usual, told)
    found: dict[str, Evidence] = {}
    counts: Counter[str] = Counter()
    for row in range(len(table)):
        record = rows.record(row)
        if record.id in found:
            told.row("evidence.twice", int(table.keys[row]), key=record.id)
            counts["repeated"] += 1
            continue
        found[record.id] = record
        for what in missing(record, known):
            counts[what] += 1
            told.row(f"evidence.{what}", int(table.keys[row]), key=record.object_id)
    for name, count in rows.strange.items():
        told.file("evidence.kind_unknown", kind=name, count=count, p=_p(name))
    return EvidenceRead(tuple(found.values()), columns, told.problems(), dict(counts))


def missing(record: Evidence, known: frozenset[str] | set[str]) -> tuple[str, ...]:
    """Return why a hint cannot act: no_place, unknown_object, no_date (() = it can)."""
    found = []
    if not record.object_id and not record.polygon:
        found.append("no_place")
    if record.object_id and not record.polygon and known and record.object_id not in known:
        found.append("unknown_object")
    if record.event_lo is None:
        found.append("no_date")
    return tuple(found)


class _Rows:
    """The columns of a table as they are needed row by row."""

    def __init__(
        self, table: VectorTable, location: str, columns: Columns, usual: Usual, told: Told
    ) -> None:
        self.table, self.told, self.usual = table, told, usual
        self.texts = {
            item.name: self._texts(getattr(columns, item.name)) for item in fields(Columns)
        }
        self.dates = self._dates(columns.date, usual.event)
        self.reported = self._dates(columns.reported, "")
        self.stem = PurePosixPath(location.replace("\\", "/")).stem
        self.source = usual.source or PurePosixPath(location.replace("\\", "/")).name
        self.file_kind = usual.kind or kind_of(self.stem) or OTHER
        self.strange: Counter[str] = Counter()
        self.crs = table.crs or usual.crs
        self.shapes = _shapes(table, self.crs)

    def _texts(self, name: str) -> list[str | None]:
        values = self.table.columns.get(name)
        return [None] * len(self.table) if values is None else keys_of(values)

    def _dates(self, name: str, usual: str) -> Dates:
        values = self.table.columns.get(name)
        said = [None] * len(self.table) if values is None else as_texts(values).tolist()
        dates = read_dates([text or usual or None for text in said])
        if values is not None:
            tell(self.told, name, dates)
        return dates

    def record(self, row: int) -> Evidence:
        """Return the record of a row."""
        kind = self._kind(row)
        low, high, _ = self.dates.parsed
        reported = self.reported.parsed.t_lo[row]
        text = {name: values[row] or "" for name, values in self.texts.items()}
        aspect = text["aspect"].lower()
        status = text["status"].lower()
        record = Evidence(
            id="",
            kind=kind,
            object_id=text["object"],
            polygon=self.shapes[row],
            crs=self.crs if self.shapes[row] else "",
            aspect=aspect if aspect in ASPECTS else "",
            event_lo=None if np.isnat(low[row]) else low[row],
            event_hi=None if np.isnat(high[row]) else high[row],
            reported=None if np.isnat(reported) else reported,
            p_change=self._chance(row, kind),
            source=text["source"] or self.source,
            status=status if status in STATES else "open",
            note=text["note"],
        )
        return replace(record, id=text["id"] or _own_id(record))

    def _kind(self, row: int) -> str:
        said = self.texts["kind"][row]
        if said is None:
            return self.file_kind
        found = kind_of(said)
        if found:
            return found
        kind = self.usual.kind or said[:60]
        self.strange[kind] += kind not in EVIDENCE_P
        return kind

    def _chance(self, row: int, kind: str) -> float:
        said = self.texts["p"][row]
        if said is None:
            return _p(kind)
        try:
            value = float(said.rstrip("% ").replace(",", "."))
        except ValueError:
            value = float("nan")
        value = value / 100 if said.endswith("%") or 1 < value <= 100 else value
        if not 0 <= value <= 1:
            self.told.row("evidence.p", int(self.table.keys[row]), value=said[:40], usual=_p(kind))
            return _p(kind)
        return value


def _p(kind: str) -> float:
    return EVIDENCE_P.get(kind, 0.5)


def _own_id(record: Evidence) -> str:
    """Return an id made of what a record says: the same row of another day is the same evidence."""
    parts = (record.kind, record.object_id, str(record.event_lo), record.polygon, record.source)
    digest = hashlib.sha256("\x1f".join((*parts, record.note)).encode()).hexdigest()
    return f"E-{digest[:10]}"


def _shapes(table: VectorTable, crs: str) -> list[str]:
    """Return the geometry of each row as WKT ('' = none); one with very many corners is simplified."""
    if table.geometry is None:
        return [""] * len(table)
    shapes: NDArray[Any] = shapely.force_2d(table.geometry)
    large = shapely.get_num_coordinates(shapes) > CORNERS
    tolerance = 1e-6 if _small(shapes) else 0.1
    shapes[large] = shapely.simplify(shapes[large], tolerance)
    texts = shapely.to_wkt(shapes, rounding_precision=8 if tolerance < 0.1 else 3)
    return [str(text) if text is not None else "" for text in np.asarray(texts).tolist()]


def _small(shapes: NDArray[Any]) -> bool:
    """Return whether coordinates can be degrees."""
    bounds = shapely.total_bounds(shapes)
    return bool(np.isfinite(bounds).all() and (np.abs(bounds) <= 360).all())
