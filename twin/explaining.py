"""What a layer is, as facts and as text: the window's page and ``citytwin info --explain`` say the same."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twin.errors import CrsError
from twin.files.keys import shown
from twin.geometry import Drawable, Instances
from twin.georeference import ProjectFrame
from twin.georeference.crs import parse_crs, vertical_title
from twin.imagery import datum_of
from twin.messages import Catalogue, catalogue
from twin.observations import KINDS
from twin.records import C_MIN, Problem
from twin.scene import Layer
from twin.streaming import Frame, Stream

SECTIONS = ("source", "place", "content", "dates", "custodians", "problems")
SHOWN_APART = (
    "generator", "tileset_version", "extensions_used", "extensions_required", "unsupported",
    "reference_date", "attribution",
)  # fmt: skip
"""Facts of a source that have words of their own, in the order they are shown."""
MOST = 12
"""Kinds, custodians and pictures beyond these are summed up."""
Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: ``key`` stands in the catalogue under ``explain.<key>`` unless ``named`` is given.

    ``value`` is a number, a text or None (not stated); with ``coded`` it is a code under
    ``explained.<value>``. ``unit`` goes after a number.
    """

    section: str
    key: str
    value: Value
    unit: str = ""
    named: str = ""
    coded: bool = False

    def label(self, words: Catalogue) -> str:
        """Return what the fact is about, in words."""
        if not self.named:
            return words.text(f"explain.{self.key}")
        known = f"explain_field.{self.named}"
        return words.text(known) if self.key == "field" and words.has(known) else self.named

    def text(self, words: Catalogue) -> str:
        """Return the value in words."""
        if self.value is None:
            return words.text("explained.nothing")
        if self.coded:
            return words.text(f"explained.{self.value}")
        if isinstance(self.value, float):
            shown = f"{self.value:,.1f}".replace(",", "\u2009").replace("-", "\u2212")
        elif isinstance(self.value, int):
            shown = f"{self.value:,}".replace(",", "\u2009")
        else:
            shown = self.value
        return f"{shown} {self.unit}" if self.unit else shown


@dataclass(frozen=True, slots=True)
class Group:
    """Problems of one code: how many, the sentence of the first, and where the first few are."""

    code: str
    count: int
    text: str
    places: tuple[str, ...]


def grouped(problems: Sequence[Problem], language: str) -> tuple[Group, ...]:
    """Return the problems by code, the most frequent first."""
    first: dict[str, Problem] = {}
    places: dict[str, list[str]] = {}
    for item in problems:
        first.setdefault(item.code, item)
        known = places.setdefault(item.code, [])
        if item.feature and len(known) < MOST:
            known.append(item.feature)
    return tuple(
        Group(code, count, first[code].said(language), tuple(places[code]))
        for code, count in Counter(item.code for item in problems).most_common()
    )


def explain(
    layer: Layer, stream: Stream, project: ProjectFrame | None, language: str = "en"
) -> tuple[Fact, ...]:
    """Return what is known of a layer, section by section."""
    return (
        *_source(layer),
        *_place(layer, project),
        *_content(layer, stream, language),
        *_dates(layer),
        *_custodians(layer),
        *(
            Fact("problems", x.code, x.text, named=f"{x.code} × {x.count}")
            for x in grouped(layer.problems, language)
        ),
    )


def _source(layer: Layer) -> Iterable[Fact]:
    about = layer.about
    yield Fact("source", "address", layer.source.path)
    if layer.source.drape:
        drape, datum = datum_of(layer.source.drape)
        yield Fact("source", "imagery", shown(drape))
        if datum:
            yield Fact("source", "imagery_datum", datum, coded=True)
    yield Fact("source", "format", f"{about.format} {about.version}".strip())
    said = dict(about.fields)
    said["attribution"] = layer.attribution
    for key in SHOWN_APART:
        value = said.pop(key, "")
        if value or key in ("generator", "extensions_used", "unsupported"):
            yield Fact("source", key, value or None)
    for name, value in said.items():
        if value:
            yield Fact("source", "field", value, named=name)
    if about.lods:
        yield Fact("source", "lods", ", ".join(about.lods))
    if layer.source.sha256:
        yield Fact("source", "fingerprint", layer.source.sha256[:16])


def _place(layer: Layer, project: ProjectFrame | None) -> Iterable[Fact]:
    about, ref = layer.about, layer.source
    yield Fact("place", "crs", _system(about.crs))
    yield Fact("place", "vertical", about.vertical or None)
    if ref.crs or ref.vertical:
        yield Fact("place", "decided", ", ".join(x for x in (ref.crs, ref.vertical) if x))
    yield Fact("place", "placed", _how_placed(layer, project), coded=True)
    yield Fact("place", "project", project.title if project is not None else None)
    if layer.display.height_offset:
        yield Fact("place", "height_offset", layer.display.height_offset, "m")
    box = layer.bounds
    if np.isfinite(box).all():
        datum = project.vertical if project is not None else ""
        yield Fact("place", "datum", vertical_title(datum) if datum else None)
        for axis, name in enumerate(("easting", "northing", "height")):
            low, high = (Fact("", "", float(box[axis + k])).text(catalogue("en")) for k in (0, 3))
            yield Fact("place", name, f"{low} – {high} m")


def _system(named: str) -> str | None:
    """Return a system as a person reads it: a code as it stands, a definition by its title."""
    if "[" not in named:
        return named or None
    try:
        return parse_crs(named).title or named
    except CrsError:
        return named


def _how_placed(layer: Layer, project: ProjectFrame | None) -> str:
    """Return the code of how the layer came to where it stands."""
    if layer.source.placement is not None:
        return "placement"
    named = layer.source.crs or layer.about.crs
    if not named or project is None:
        return "no_system"
    if layer.source.crs:
        return "assigned"
    try:
        return "own" if parse_crs(named).horizontal == project.crs else "moved"
    except CrsError:
        return "no_system"


def _content(layer: Layer, stream: Stream, language: str) -> Iterable[Fact]:
    table, words = layer.features, catalogue(language)
    rows = stream.drawn_rows(len(table))
    content = int((layer.tree.content & ~layer.tree.repeating()).sum())
    partly = layer.provisional or bool(len(stream.uncounted()))
    yield Fact("content", "objects_known" if partly else "objects", len(table))
    yield Fact("content", "with_geometry", int(rows.sum()))
    counts = Counter(dict(enumerate(np.bincount(table.kind, minlength=len(table.kinds)).tolist())))
    for code, count in counts.most_common(MOST):
        key = f"kind.{table.kinds[code]}" if code < len(table.kinds) else ""
        if count:
            yield Fact("content", "kind", count, named=words.text(key).removeprefix("kind."))
    yield Fact("content", "tiles", content)
    yield Fact("content", "tiles_seen", content - len(stream.uncounted()))
    yield Fact("content", "tiles_here", len(stream.resident))
    yield Fact("content", "tiles_failed", len(stream.failed))
    triangles, points = stream.finest()
    yield Fact("content", "triangles_seen" if partly else "triangles", triangles)
    if points:
        yield Fact("content", "points", points)
    drawables = [item for tile in stream.resident.values() for item in tile.drawables]
    yield Fact("content", "textures", len(_pictures(drawables)))
    yield Fact("content", "memory", stream.nbytes / 2**20, "MB")
    yield Fact("content", "cache", "cached" if stream.cached is not None else "direct", coded=True)


def _pictures(drawables: Iterable[Drawable]) -> set[int]:
    found = set()
    for item in drawables:
        material = item.mesh.material if isinstance(item, Instances) else item.material
        if material.image is not None:
            found.add(id(material.image))
    return found


def _dates(layer: Layer) -> Iterable[Fact]:
    verdict = layer.assessment
    dated = ~np.isnat(verdict.t_eff) & (verdict.confidence >= C_MIN)
    yield Fact("dates", "known", int(dated.sum()))
    yield Fact("dates", "unknown", int((~dated).sum()))
    if dated.any():
        times = verdict.t_eff[dated]
        yield Fact("dates", "earliest", str(times.min().astype("datetime64[D]")))
        yield Fact("dates", "latest", str(times.max().astype("datetime64[D]")))
        kinds = np.bincount(verdict.t_kind[dated], minlength=len(KINDS))
        for number, name in enumerate(KINDS):
            if kinds[number]:
                yield Fact("dates", f"by_{name}", int(kinds[number]))


def _custodians(layer: Layer) -> Iterable[Fact]:
    verdict = layer.assessment
    parties = np.bincount(verdict.custodian + 1, minlength=len(verdict.custodians) + 1)
    for number in np.argsort(-parties[1:], kind="stable")[:MOST]:
        if parties[1 + number]:
            name = verdict.custodians[int(number)]
            yield Fact("custodians", "custodian", int(parties[1 + number]), named=name)
    yield Fact("custodians", "nobody", int(parties[0]))


def explained(title: str, facts: Sequence[Fact], language: str = "en") -> str:
    """Return the facts as text: Markdown, a heading a section, a line a fact."""
    words = catalogue(language)
    lines = [f"# {title}"]
    for section in SECTIONS:
        found = [fact for fact in facts if fact.section == section]
        if found:
            lines += ["", f"## {words.text(f'explain.section_{section}')}", ""]
            lines += [f"- {x.label(words)}: {x.text(words)}" for x in found]
    return "\n".join([*lines, ""])


def credits_of(layers: Mapping[str, Layer], frame: Frame) -> tuple[str, ...]:
    """Return whom the picture is from: visible layers first, then what the drawn tiles say; each once."""
    found: dict[str, None] = {}
    for key, layer in layers.items():
        if layer.visible:
            found.update(dict.fromkeys(_parts(layer.attribution)))
            part = frame.layers.get(key)
            for tile in part.tiles.values() if part is not None else ():
                for credit in tile.credits:
                    found.update(dict.fromkeys(_parts(credit)))
    return tuple(found)


def _parts(credit: str) -> list[str]:
    """Return the single attributions of a text: glTF files list them with semicolons."""
    return [part for one in credit.split(";") if (part := " ".join(one.split()))]


def problem_rows(layers: Iterable[Layer], language: str) -> list[dict[str, Any]]:
    """Return every problem as a row for a file: layer, address, code, place, text."""
    return [
        {
            "layer": layer.title, "address": layer.source.path, "code": item.code,
            "place": item.feature, "text": item.said(language),
        }
        for layer in layers
        for item in layer.problems
    ]  # fmt: skip
