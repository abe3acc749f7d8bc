"""A comparison as text, JSON or a table of cells: the same inputs give the same bytes."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from twin.features import FeatureTable
from twin.georeference import vertical_title
from twin.maintenance.revisions.records import BUCKETS, Pair, Revision
from twin.messages import catalogue
from twin.tables import Table, as_csv

MOST_LINES = 50
MOST_NAMES = 8
BY = ("id", "iou", "containment")
"""What objects were matched by that is no attribute."""
HEAD = (
    "bucket", "also", "class", "name", "old", "new", "old_key", "new_key", "match", "what", "attributes",
    "moved_m", "d_roof_m", "d_base_m", "iou", "area_old_m2", "area_new_m2",
)  # fmt: skip
"""The columns of the table."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison with what names its objects: titles and tables of both sides; ``failed`` tiles did not
    come."""

    revision: Revision
    titles: tuple[str, str]
    tables: tuple[FeatureTable, FeatureTable]
    failed: int = 0

    def ids(self, pair: Pair) -> tuple[list[str], list[str]]:
        """Return the ids of the old and of the new side of a line."""
        old, new = self.tables
        return [str(old.id[row]) for row in pair.old], [str(new.id[row]) for row in pair.new]

    def keys(self, pair: Pair) -> tuple[list[str | None], list[str | None]]:
        """Return the register's keys of the old and of the new side of a line; [] where none was used."""
        found = []
        for labels, rows in zip(self.revision.keys, (pair.old, pair.new), strict=True):
            found.append([] if labels is None else [labels[row] for row in rows])
        return found[0], found[1]

    def thing(self, pair: Pair) -> tuple[FeatureTable, int]:
        """Return the table and row that a line is read from: the new side's, else the old one's."""
        return (self.tables[1], pair.new[0]) if pair.new else (self.tables[0], pair.old[0])


def document(found: Compared, language: str = "en") -> dict[str, Any]:
    """Return the comparison as ``diff --format json`` prints it."""
    revision = found.revision
    return {
        "compared": dict(revision.compared),
        "not_compared": [
            {"what": what, "why": why, "objects": n or None}
            for what, why, n in blind_spots(found, language)
        ],
        "vertical_shift": {"roof": _number(revision.rise[0]), "base": _number(revision.rise[1])},
        "vertical_shift_removed": revision.levelled,
        "vertical_datum": dict(zip(("old", "new"), revision.datums, strict=True)),
        "shift": [_number(x) for x in revision.shift],
        "keys_made_anew": revision.anew,
        "matched_by": dict(revision.matched),
        "attributes_throughout": dict(revision.throughout),
        "attributes_of_one_side": list(revision.alone),
        "counts": {side: dict(counts) for side, counts in revision.counts.items()},
        "objects": [_line(found, pair) for pair in revision.pairs],
    }


def as_json(found: Compared, language: str = "en") -> bytes:
    """Return the comparison as one JSON document."""
    return orjson.dumps(document(found, language), option=orjson.OPT_APPEND_NEWLINE)


def _line(found: Compared, pair: Pair) -> dict[str, Any]:
    old, new = found.ids(pair)
    table, row = found.thing(pair)
    old_keys, new_keys = found.keys(pair)
    return {
        "old": old,
        "new": new,
        "old_keys": old_keys,
        "new_keys": new_keys,
        "bucket": pair.bucket,
        "also": list(pair.also),
        "kind": table.kinds[int(table.kind[row])],
        "match": pair.match or None,
        "attributes": list(pair.attributes),
        "shape": list(pair.shape),
        "moved": _number(pair.moved),
        "iou": _number(pair.iou),
        "d_roof": _number(pair.d_roof),
        "d_base": _number(pair.d_base),
        "area": [_number(x) for x in pair.area],
        "contained": [_number(x) for x in pair.contained],
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6) + 0.0


def blind_spots(found: Compared, language: str) -> Iterator[tuple[str, str, int]]:
    """Yield (what, why, number of objects or 0) of what the comparison says nothing about."""
    words = catalogue(language)
    spots = dict(found.revision.not_compared)
    if found.failed:
        spots["tiles"] = found.failed
    for code, n in spots.items():
        key = f"compare.blind.{code}"
        names = ", ".join(found.revision.alone[:MOST_NAMES])
        more = " …" if len(found.revision.alone) > MOST_NAMES else ""
        yield words.text(key), words.text(f"{key}_why", count=n, names=names + more), n


def cells(found: Compared, language: str = "en", *, changed_only: bool = True) -> list[list[Any]]:
    """Return the table, head first: one line an object, unchanged ones left out unless asked for."""
    words = catalogue(language)
    lines: list[list[Any]] = [[words.text(f"compare.head.{name}") for name in HEAD]]
    for pair in found.revision.pairs:
        if changed_only and pair.bucket == "unchanged":
            continue
        old, new = found.ids(pair)
        table, row = found.thing(pair)
        name = None if table.name is None else table.name[row]
        keys = [", ".join(key for key in side if key) for side in found.keys(pair)]
        lines.append(
            [
                words.text(f"window.legend.{pair.bucket}"),
                ", ".join(words.text(f"window.legend.{other}") for other in pair.also),
                table.kinds[int(table.kind[row])], name, ", ".join(old), ", ".join(new), *keys,
                pair.match, ", ".join(words.text(f"compare.shape.{x}") for x in pair.shape),
                ", ".join(pair.attributes),
                *map(_number, (pair.moved, pair.d_roof, pair.d_base, pair.iou, *pair.area)),
            ]
        )  # fmt: skip
    return lines


def table_of(found: Compared, language: str = "en") -> Table:
    """Return what changed as a table."""
    head, *rows = cells(found, language)
    return Table(catalogue(language).text("compare.sheet"), head, rows)


def csv_of(found: Compared, language: str = "en") -> bytes:
    """Return what changed as CSV."""
    return as_csv(table_of(found, language))


def as_text(found: Compared, language: str = "en") -> bytes:
    """Return the comparison in words: what was compared, counts, the first lines, and the blind spots."""
    words, revision = catalogue(language), found.revision
    lines = [words.text("compare.title", old=found.titles[0], new=found.titles[1]), ""]
    lines += _counted(words.text, revision)
    lines += noted(revision, language)
    table = cells(found, language)[1:]
    if table:
        lines += [
            "",
            words.text("compare.lines", shown=min(len(table), MOST_LINES), all=len(table)),
        ]
        lines += [f"  {_sentence(line)}" for line in table[:MOST_LINES]]
    lines += ["", words.text("compare.blind.title")]
    lines += [f"  {what}: {why}" for what, why, _ in blind_spots(found, language)]
    return ("\n".join(lines) + "\n").encode()


def _datums(revision: Revision, language: str) -> str:
    words = catalogue(language)
    old, new = (vertical_title(datum) for datum in revision.datums)
    if not old and not new:
        return words.text("compare.datums_none")
    if old == new:
        return words.text("compare.datums_same", name=old)
    unnamed = words.text("compare.unnamed")
    return words.text("compare.datums", old=old or unnamed, new=new or unnamed)


def noted(revision: Revision, language: str) -> list[str]:
    """Return in sentences what holds for the whole: shifts, datums, by what objects were matched."""
    words, lines = catalogue(language), []
    if any(revision.shift):
        x, y, z = (f"{value:+.3f}" for value in revision.shift)
        lines.append(words.text("compare.shift", x=x, y=y, z=z))
    if revision.cities:
        lines.append(_datums(revision, language))
        roof, base = (f"{value:+.4f}" for value in revision.rise)
        code = "levelled" if revision.levelled else "level"
        lines.append(words.text(f"compare.{code}", roof=roof, base=base))
    if revision.matched:
        by = ", ".join(
            f"{words.text(f'compare.by.{name}') if name in BY else name} {n}"
            for name, n in revision.matched.items()
        )
        lines.append(words.text("compare.matched", by=by))
    for name, n in revision.throughout.items():
        lines.append(words.text("compare.throughout", name=name, count=n))
    if revision.anew:
        lines.append(words.text("compare.anew_city" if revision.cities else "compare.anew"))
    return lines


def _counted(say: Any, revision: Revision) -> list[str]:
    lines = [f"{'':<26}{say('compare.old'):>10}{say('compare.new'):>10}"]
    for bucket in BUCKETS:
        old, new = (revision.counts[side][bucket] for side in ("old", "new"))
        if old or new:
            lines.append(f"{say(f'window.legend.{bucket}'):<26}{old:>10}{new:>10}")
    whole = say("compare.all")
    return [*lines, f"{whole:<26}{revision.compared['old']:>10}{revision.compared['new']:>10}"]


def _sentence(line: Sequence[Any]) -> str:
    cell = dict(zip(HEAD, line, strict=True))
    thing = cell["new_key"] or cell["old_key"] or cell["new"] or cell["old"]
    said = f"{cell['bucket']}: {cell['class']} {cell['name'] or ''} {thing}".replace("  ", " ")
    more = [cell[name] for name in ("also", "what", "attributes") if cell[name]]
    if cell["moved_m"] and cell["what"]:
        more.append(f"{cell['moved_m']:.3f} m")
    if cell["area_old_m2"] is not None or cell["area_new_m2"] is not None:
        more += _measured(cell)
    return said + (f" ({'; '.join(more)})" if more else "")


def _measured(cell: Mapping[str, Any]) -> list[str]:
    """Return the figures of a city's line in short: overlap, areas, rise of roof and base."""
    found = [f"IoU {cell['iou']:.4f}"] if cell["iou"] is not None else []
    areas = [cell[name] for name in ("area_old_m2", "area_new_m2")]
    found.append(" → ".join(f"{area:.2f}" for area in areas if area is not None) + " m²")
    if cell["d_roof_m"] is not None:
        found.append(f"Δ {cell['d_roof_m']:+.3f} / {cell['d_base_m']:+.3f} m")
    return found


FORMATS = {"json": as_json, "text": as_text, "csv": csv_of}
"""Name -> writer."""
