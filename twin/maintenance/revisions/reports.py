"""A comparison as text, JSON or a table of cells: the same inputs give the same bytes."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from twin.features import FeatureTable
from twin.maintenance.revisions.classify import BUCKETS, Pair, Revision
from twin.messages import catalogue
from twin.tables import Table, as_csv

MOST_LINES = 50
HEAD = (
    "bucket", "also", "class", "name", "old", "new", "match", "what", "attributes", "moved_m", "d_roof_m",
    "d_base_m", "iou",
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
        rows = (pair.old, pair.new)
        return tuple(  # type: ignore[return-value]
            [str(table.id[row])] if row >= 0 else []
            for table, row in zip(self.tables, rows, strict=True)
        )

    def thing(self, pair: Pair) -> tuple[FeatureTable, int]:
        """Return the table and row that a line is read from: the new side's, else the old one's."""
        return (self.tables[1], pair.new) if pair.new >= 0 else (self.tables[0], pair.old)


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
        "shift": [_number(x) for x in revision.shift],
        "keys_made_anew": revision.anew,
        "counts": {side: dict(counts) for side, counts in revision.counts.items()},
        "objects": [_line(found, pair) for pair in revision.pairs],
    }


def as_json(found: Compared, language: str = "en") -> bytes:
    """Return the comparison as one JSON document."""
    return orjson.dumps(document(found, language), option=orjson.OPT_APPEND_NEWLINE)


def _line(found: Compared, pair: Pair) -> dict[str, Any]:
    old, new = found.ids(pair)
    table, row = found.thing(pair)
    return {
        "old": old,
        "new": new,
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
        yield words.text(key), words.text(f"{key}_why", count=n), n


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
        lines.append(
            [
                words.text(f"window.legend.{pair.bucket}"),
                ", ".join(words.text(f"window.legend.{other}") for other in pair.also),
                table.kinds[int(table.kind[row])], name, "".join(old), "".join(new),
                pair.match, ", ".join(words.text(f"compare.shape.{x}") for x in pair.shape),
                ", ".join(pair.attributes), *map(_number, (pair.moved, pair.d_roof, pair.d_base, pair.iou)),
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
    if any(revision.shift):
        x, y, z = (f"{value:+.3f}" for value in revision.shift)
        lines.append(words.text("compare.shift", x=x, y=y, z=z))
    if revision.anew:
        lines.append(words.text("compare.anew"))
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


def _counted(say: Any, revision: Revision) -> list[str]:
    lines = [f"{'':<26}{say('compare.old'):>10}{say('compare.new'):>10}"]
    for bucket in BUCKETS:
        old, new = (revision.counts[side][bucket] for side in ("old", "new"))
        if old or new:
            lines.append(f"{say(f'window.legend.{bucket}'):<26}{old:>10}{new:>10}")
    whole = say("compare.all")
    return [*lines, f"{whole:<26}{revision.compared['old']:>10}{revision.compared['new']:>10}"]


def _sentence(line: Sequence[Any]) -> str:
    bucket, also, kind, name, old, new, _, shape, attributes, moved, *_ = line
    said = f"{bucket}: {kind} {name or ''} {new or old}".replace("  ", " ")
    more = [text for text in (also, shape, attributes) if text]
    if moved and shape:
        more.append(f"{moved:.3f} m")
    return said + (f" ({'; '.join(more)})" if more else "")


FORMATS = {"json": as_json, "text": as_text, "csv": csv_of}
"""Name -> writer."""
