"""Areas from tables and vector files: polygons to responsibilities of parties, or to zones of the city.

Each row is one area. A party is found by its id, an alias or its name, else a new organisation is made of
the name; a row without an area or without a name is left out and listed (MAINTENANCE.md 2).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import shapely

from twin.errors import UsageError
from twin.maintenance.date_shapes import read_dates, tell
from twin.maintenance.dates import as_texts
from twin.maintenance.fields import normalised
from twin.maintenance.joining import keys_of
from twin.maintenance.rules import Zone
from twin.maintenance.telling import Told
from twin.ports import VectorTable
from twin.records import Instant, Party, Problem, Responsibility

NAMES: Mapping[str, str] = {
    "party": "party custodian steward maintainer responsible responsibleparty organisation organization org agency "
    "department owner authority bronhouder beheerder zustaendig behoerde 责任单位 维护单位 管理单位 负责单位 单位 部门",
    "name": "name zone district ward borough quarter neighbourhood bezirk stadtteil wijk buurt gemeente municipality "
    "gemeindename title label 名称 行政区 区划 街道 片区",
    "id": "id zone_id code key gid fid identificatie gemeindeschluessel ags gml_id 编号 代码 行政区代码",
    "kind": "kind class feature_class 要素类 类别",
    "role": "role rol rolle 角色",
    "priority": "priority prio prioriteit rang 优先级",
    "valid_from": "valid_from from begin start gueltigvon begingeldigheid 起始日期 生效日期",
    "valid_to": "valid_to until end gueltigbis eindgeldigheid 终止日期 失效日期",
    "email": "email e_mail mail 邮箱",
}  # fmt: skip
"""What a column may be called, by what it says."""
LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class AreaColumns:
    """Which column of a table says what ('' = none does)."""

    party: str = ""
    name: str = ""
    id: str = ""
    kind: str = ""
    role: str = ""
    priority: str = ""
    valid_from: str = ""
    valid_to: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class AreasRead:
    """New parties, responsibilities or zones of a file, the columns they came from, what is wrong."""

    parties: tuple[Party, ...] = ()
    duties: tuple[Responsibility, ...] = ()
    zones: tuple[Zone, ...] = ()
    columns: AreaColumns = field(default_factory=AreaColumns)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class UsualArea:
    """What holds for rows that say nothing; ``crs`` where the file names none."""

    party: str = ""
    role: str = "custodian"
    kind: str = "*"
    priority: int = 0
    crs: str = ""


PLAIN = UsualArea()


def area_columns(table: VectorTable, said: Mapping[str, str]) -> AreaColumns:
    """Return the columns by their names, those that a person named first. Raises UsageError."""
    by_name = {normalised(name): name for name in table.columns}
    found: dict[str, str] = {}
    for role, names in NAMES.items():
        free = [by_name[normalised(n)] for n in names.split() if normalised(n) in by_name]
        found[role] = next((name for name in free if name not in found.values()), "")
    roles = [item.name for item in fields(AreaColumns)]
    for role, name in said.items():
        if role not in roles:
            raise UsageError(reason=f"{role!r} is none of {', '.join(roles)}")
        if name and name not in table.columns:
            listed = ", ".join(table.columns) or "none"
            raise UsageError(reason=f"there is no column {name!r}; columns: {listed}")
    return AreaColumns(**{**found, **said})


def zones_from(
    table: VectorTable, location: str, columns: AreaColumns, usual: UsualArea = PLAIN
) -> AreasRead:
    """Return one zone a row, named by its name, else its id."""
    told = _told(table)
    source = _file(location)
    ids, names = (_texts(table, name) for name in (columns.id, columns.name))
    found: dict[str, Zone] = {}
    for row, polygon in _areas(table, told):
        name = names[row] or ids[row]
        if not name:
            told.row("areas.no_name", int(table.keys[row]))
            continue
        key = _unused(ids[row] or slug(name), found)
        crs = table.crs or usual.crs
        found[key] = Zone(key, name, polygon, crs, source)
    return AreasRead(zones=tuple(found.values()), columns=columns, problems=told.problems())


def duties_from(
    table: VectorTable,
    location: str,
    columns: AreaColumns,
    known: tuple[Sequence[Party], Mapping[str, str]],
    usual: UsualArea = PLAIN,
) -> AreasRead:
    """Return one responsibility a row. ``known``: the parties, and the aliases (spelling -> party id)."""
    told = _told(table)
    parties = Parties(*known)
    text = {item.name: _texts(table, getattr(columns, item.name)) for item in fields(columns)}
    times = {
        name: _times(table, getattr(columns, name), told) for name in ("valid_from", "valid_to")
    }
    crs, source = table.crs or usual.crs, _file(location)
    duties = []
    for row, polygon in _areas(table, told):
        who = (
            text["party"][row] or usual.party or ("" if columns.party else text["name"][row] or "")
        )
        if not who:
            told.row("areas.no_party", int(table.keys[row]))
            continue
        start, end = (times[name][row] for name in ("valid_from", "valid_to"))
        if start is not None and end is not None and not start < end:
            told.row("areas.period", int(table.keys[row]), party=who)
            end = None
        duties.append(
            Responsibility(
                parties.id_of(who, text["email"][row] or ""),
                text["role"][row] or usual.role, "area", "", text["kind"][row] or usual.kind,
                polygon=polygon, crs=crs, priority=_priority(text["priority"][row], usual, told, int(table.keys[row])),
                valid_from=start, valid_to=end, source=source,
            )
        )  # fmt: skip
    return AreasRead(tuple(parties.new), tuple(duties), (), columns, told.problems())


class Parties:
    """Parties by id, alias and name; who is not known becomes a new organisation."""

    def __init__(self, parties: Sequence[Party], aliases: Mapping[str, str]) -> None:
        self.by_word = {alias.casefold(): party for alias, party in aliases.items()}
        self.ids = {party.id for party in parties}
        self.new: list[Party] = []
        for party in parties:
            for word in (party.id, party.name, party.email):
                if word:
                    self.by_word.setdefault(word.casefold(), party.id)

    def id_of(self, said: str, email: str = "") -> str:
        """Return the id of the party that is called so, perhaps a new one."""
        found = self.by_word.get(said.casefold())
        if found is not None:
            return found
        key = _unused(slug(said), self.ids)
        self.ids.add(key)
        self.by_word[said.casefold()] = key
        self.new.append(Party(key, said, email=email))
        return key


def slug(name: str) -> str:
    """Return a name as an id: letters and digits of any script, the rest as hyphens."""
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-_")[:LONGEST_ID] or "party"


def _unused(key: str, taken: Collection[str]) -> str:
    free, number = key, 2
    while free in taken:
        free, number = f"{key}#{number}", number + 1
    return free


def _told(table: VectorTable) -> Told:
    told = Told()
    told.whole += [item for item in table.problems if item.code != "vector.no_place"]
    return told


def _file(location: str) -> str:
    return PurePosixPath(location.replace("\\", "/")).name


def _texts(table: VectorTable, name: str) -> list[str | None]:
    values = table.columns.get(name)
    return [None] * len(table) if values is None else keys_of(values)


def _times(table: VectorTable, name: str, told: Told) -> list[Instant | None]:
    values = table.columns.get(name)
    if values is None:
        return [None] * len(table)
    dates = read_dates(as_texts(values))
    tell(told, name, dates)
    return [None if np.isnat(time) else time for time in dates.parsed.t_lo]


def _priority(said: str | None, usual: UsualArea, told: Told, key: int) -> int:
    if said is None:
        return usual.priority
    try:
        return int(float(said))
    except ValueError:
        told.row("areas.priority", key, value=said[:40])
        return usual.priority


def _areas(table: VectorTable, told: Told) -> list[tuple[int, str]]:
    """Return (row, WKT) of the rows with an area; the others are told."""
    found: list[tuple[int, str]] = []
    shapes: Any = (
        np.full(len(table), None, object)
        if table.geometry is None
        else shapely.force_2d(table.geometry)
    )
    for row, shape in enumerate(shapes):
        if shape is None or shapely.get_dimensions(shape) < 2 or not shape.area > 0:
            told.row("areas.no_area", int(table.keys[row]))
            continue
        found.append((row, str(shapely.to_wkt(_only_areas(shape), rounding_precision=9))))
    return found


def _only_areas(shape: Any) -> Any:
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = [part for part in shapely.get_parts(shape) if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts)
