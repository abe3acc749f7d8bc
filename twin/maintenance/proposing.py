"""Guesses which property is what, from names and value shapes. A guess is shown, never applied.

Names are compared without case and punctuation; words of Dutch, German, French, English, Chinese and
Japanese data (BAG, 3DBAG, CityGML, ALKIS, PLATEAU, OSM, New York) are known.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from twin.features import Column, FeatureTable, absent, weak
from twin.geometry import Rows
from twin.maintenance.date_shapes import read_dates
from twin.maintenance.dates import as_texts, parse_column
from twin.maintenance.fields import meaning, normalised
from twin.maintenance.mapping import keys_of
from twin.messages import text
from twin.observations import KINDS, SPANS
from twin.records import DateField, FieldMapping

ROLES = ("id", "class", "name", "custodian", "height", "date")
MOST_ROWS = 20_000
"""Rows looked at, in the order of their ids: the shape of a column shows in a part of it."""
SAMPLES = 5
TAKEN = 0.5
"""Confidence from which a proposal stands in the proposed mapping."""
_WORDS = {
    "id": "gmlid globalid guid uuid uid id objectid oid fid featureid identifier ident identificatie "
    "identificatiebagpnd pandid bagid bagpandid lokaalid inspireid gebaeudeid gebäudeid objektid oi kennung "
    "identifikator bin bbl doittid buildingid bldgid buildingno identifiant idbatiment idrnb rnbid cleabs osmid "
    "wayid egid toid uprn ubn 编号 建筑编号 标识码 楼栋编号 房屋编号 建物id 識別子 識別番号 建物番号 buildingnumber",
    "class": "class klass category kind type function usage use buildingtype buildinguse buildingclass building "
    "objecttype featuretype citygmlclass gebruiksdoel functie soort typ art gebaeudefunktion gebäudefunktion "
    "funktion nutzung nature usage1 type classe landuse fn 类型 类别 用途 分类 建筑类型 房屋用途 建筑用途 分類 種別 種類 "
    "建物用途 gbdutype",
    "name": "name naam bezeichnung nom titre title label gmlname buildingname bldgname nomination 名称 建筑名称 楼名 "
    "名前 建物名称",
    "custodian": "verwalter zuständigestelle zustaendigestelle gestionnaire organisme 管理者 維持管理者 管理单位 "
    "維護單位 maintenanceparty operator",
    "height": "height measuredheight buildingheight hoogte hoehe höhe gebaeudehoehe gebäudehöhe hauteur heightroof "
    "relativehoogte hdak b3hdakmax 高度 建筑高度 楼高 房屋高度 高さ 計測高さ 計測高",
}  # fmt: skip
WORDS: Mapping[str, frozenset[str]] = {
    role: frozenset(words.split()) for role, words in _WORDS.items()
}
_DATE = re.compile(
    r"date|datum|dato|time|stamp|updated|stand$|jahr|jaar|année|annee|year|日期|时间|時間|年月日|日時|日付|年份|年度"
)
_KINDS = (
    ("verified", re.compile(r"verif|valid(at)?ed|check|inspect|control|prüf|pruef|核查|检查|確認|点検")),
    ("captured", re.compile(r"survey|captur|acquis|flight|flown|scan|measur|inwin|opname|vlucht|aufnahme|befliegung|"
                            r"lev[ée]|prisedevue|imag|photo|测量|采集|航摄|调查|測量|計測|調査|撮影")),
    ("modelled", re.compile(r"model|建模|モデル|作成")),
    ("published", re.compile(r"publ|veröffent|veroeffent|release|发布|公開|公表")),
    ("delivered", re.compile(r"deliver|lever|liefer|livr|交付|納品|提供")),
    ("file", re.compile(r"file|export|导出|出力")),
    ("registered", re.compile(r"regist|creat|edit|modif|mutat|änder|aender|aktual|updat|maj|更新|入库|修改|登録|登记")),
)  # fmt: skip
_SPANS = (
    (
        "valid_from",
        re.compile(
            r"(estimated|valid|exist).*(start|begin|from)|validfrom|begingeldig|gültigab|生效"
        ),
    ),
    (
        "valid_to",
        re.compile(r"(estimated|valid|exist).*(end|until|to)\b|validto|eindgeldig|gültigbis|失效"),
    ),
)
"""Names of the ends of an object's life in the world."""
_WORLD = re.compile(
    r"bouw|baujahr|construct|built|erected|start_?date|demol|abbruch|renov|sanier|建成|竣工|建造|築年|建築年|改造"
)
"""Names of events in the world: they are never the currency of the data."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A guess: ``property`` could be ``role`` (of ROLES); ``kind`` only for dates (KINDS).

    ``reason`` is a code of the catalogue (``proposal.<reason>``) with ``params``; ``raw`` are the first
    different values as they stand there, ``parsed`` what they are read as (dates: from/to).
    """

    property: str
    role: str
    kind: str = ""
    confidence: float = 0.0
    reason: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    raw: tuple[str, ...] = ()
    parsed: tuple[str, ...] = ()


def proposals(table: FeatureTable) -> tuple[Proposal, ...]:
    """Return what the properties of a table could be, the surest first. Changes nothing."""
    found: list[Proposal] = []
    rows = looked_at(table)
    places = _places(table, rows)
    columns = {name: table.columns[name][rows] for name in table.names}
    for name in sorted(columns, key=lambda name: _first(columns[name])):
        found += _of_column(name, columns[name], places)
    return tuple(sorted(found, key=lambda item: (-item.confidence, ROLES.index(item.role))))


def looked_at(table: FeatureTable) -> Rows:
    """Return the rows a guess looks at, by their ids: tiles come in any order, the guess stays.

    Short ids go first, so that what is numbered within a tile is met from its first number on.
    """
    order = np.argsort(table.id, kind="stable")
    length = np.strings.str_len(table.id)[order]
    return order[np.argsort(length, kind="stable")][:MOST_ROWS].astype(np.int32)


def proposed(found: tuple[Proposal, ...]) -> FieldMapping:
    """Return the mapping that the sure proposals make: the surest of each role, every date."""
    best: dict[str, str] = {}
    for item in found:
        if item.confidence >= TAKEN and item.role != "date":
            best.setdefault(item.role, item.property)
    dates = tuple(
        DateField(item.property, item.kind)
        for item in found
        if item.role == "date" and item.confidence >= TAKEN
    )
    named = {"kind" if role == "class" else role: name for role, name in best.items()}
    return FieldMapping(**named, dates=dates)


def proposal_text(item: Proposal, language: str = "en") -> str:
    """Return the reason of a guess as a sentence."""
    return text(f"proposal.{item.reason}", language, name=item.property, **item.params)


def samples(column: Column) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the first different values of a column, raw, and read as dates (from/to, '' = none)."""
    texts = as_texts(column)
    first = list(dict.fromkeys(item for item in texts.tolist() if item))[:SAMPLES]
    parsed = read_dates(first).parsed
    spans = [
        "" if np.isnat(low) else f"{_short(low)}/{_short(high)}"
        for low, high in zip(parsed.t_lo, parsed.t_hi, strict=True)
    ]
    return tuple(first), tuple(spans)


def _short(instant: Any) -> str:
    return str(np.datetime_as_string(instant, "s")).removesuffix("T00:00:00")


def _first(column: Column) -> int:
    """Return where a column has its first value: columns of other tiles come after those of the first."""
    held = ~absent(column)
    return int(np.argmax(held)) if held.any() else len(held)


def _places(table: FeatureTable, rows: Rows) -> list[str]:
    """Return the tile of each row whose id is weak ('' = none): an id repeats from level to level."""
    loose = weak(table)[rows].tolist()
    keys = table.id[rows].tolist()
    return [
        key.rpartition("#")[0] if is_weak else "" for key, is_weak in zip(keys, loose, strict=True)
    ]


def _of_column(name: str, column: Column, places: list[str]) -> Iterator[Proposal]:
    texts = as_texts(column).tolist()
    held = [item for item in texts if item]
    if not held:
        return
    raw, spans = samples(column)
    word = normalised(name)
    said = meaning(name)
    for role in ("class", "name", "height"):
        if word in WORDS[role]:
            made = _by_word(name, role, column, held)
            if made is not None:
                yield _with(made, raw)
    if word in WORDS["custodian"] or (said is not None and said.role == "custodian"):
        sure = 0.9 if said is not None else 0.7
        yield Proposal(name, "custodian", "", sure, "word", {}, raw)
    identity = _identity(name, word, column, places)
    if identity is not None:
        yield _with(identity, raw)
    date = _date(name, column, spans)
    if date is not None:
        yield Proposal(name, "date", date[0], date[1], date[2], date[3], raw, spans)


def _with(made: Proposal, raw: tuple[str, ...]) -> Proposal:
    return Proposal(
        made.property, made.role, made.kind, made.confidence, made.reason, made.params, raw
    )


def _by_word(name: str, role: str, column: Column, held: list[str]) -> Proposal | None:
    distinct = len(set(held))
    params = {"distinct": distinct, "count": len(held)}
    if role == "class":
        few = distinct <= max(2, len(held) // 4) or distinct <= 40
        return Proposal(name, role, "", 0.75 if few else 0.3, "classes", params)
    if role == "height":
        numbers = column.dtype.kind in "iuf" or all(_is_number(text) for text in held[:100])
        return Proposal(name, role, "", 0.8, "word", params) if numbers else None
    return Proposal(name, role, "", 0.7, "word", params)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _identity(name: str, word: str, column: Column, places: list[str]) -> Proposal | None:
    """Return the guess that a column tells objects apart: different within each tile, no bare count."""
    keys = keys_of(column)
    pairs = [(place, key) for place, key in zip(places, keys, strict=True) if key is not None]
    if len(pairs) < 2 or (column.dtype.kind == "f" and not all(k.isdigit() for _, k in pairs)):
        return None
    distinct = len(set(pairs)) / len(pairs)
    tiles: dict[str, list[str]] = {}
    for place, key in pairs:
        tiles.setdefault(place, []).append(key)
    counting = all(
        held in ([str(i + k) for i in range(len(held))] for k in (0, 1)) for held in tiles.values()
    )
    params = {"distinct": len({key for _, key in pairs}), "count": len(pairs)}
    named = word in WORDS["id"]
    if distinct < 0.98 or counting:
        return Proposal(name, "id", "", 0.2, "repeats", params) if named else None
    if named:
        return Proposal(name, "id", "", 0.95 if distinct == 1.0 else 0.8, "word_unique", params)
    codes = column.dtype.kind != "f" and sum(map(_is_code, (k for _, k in pairs))) / len(pairs)
    return Proposal(name, "id", "", 0.55, "unique", params) if codes and codes > 0.9 else None


def _is_code(key: str) -> bool:
    """Return whether a value looks like an identifier: no blank, with digits, five characters or more."""
    return len(key) >= 5 and " " not in key and any(letter.isdigit() for letter in key)


def _date(
    name: str, column: Column, spans: tuple[str, ...]
) -> tuple[str, float, str, Mapping[str, Any]] | None:
    """Return (kind, confidence, reason, params) of a date column, None where it is none."""
    said = meaning(name)
    low = name.lower()
    if column.dtype.kind == "b" or _WORLD.search(low) or (said is not None and not said.kind):
        return None
    parsed = parse_column(column, unit="" if said is None else said.unit)
    written = np.array([bool(text) for text in as_texts(column).tolist()], np.bool_)
    usable = ~np.isnat(parsed.t_lo)
    share = float(usable[written].mean())
    if share < 0.5:
        return None
    params = {"share": round(100 * share)}
    if said is not None:
        return said.kind, 0.95 * share, "well_known", params
    worded = _DATE.search(low) is not None
    kind = next((kind for kind, words in (*_SPANS, *_KINDS) if words.search(low)), "")
    if worded or kind in SPANS:
        return kind or "registered", round((0.8 if kind else 0.6) * share, 2), "dates", params
    if column.dtype.kind in "iuf" or all(
        len(text) <= 4 or text.isdigit() for text in _held(column)
    ):
        return None  # numbers that could be days are more often something else
    assert not kind or kind in (*KINDS, *SPANS)
    return kind or "registered", round((0.7 if kind else 0.5) * share, 2), "shape", params


def _held(column: Column) -> list[str]:
    return [item for item in as_texts(column).tolist() if item][:200]
