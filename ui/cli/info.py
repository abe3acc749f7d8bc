"""The verb ``info``: load everything and describe it, source by source, each in its own session."""

import sys
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import numpy as np
import orjson
import psutil
import typer

from twin.errors import CrsError, TwinError
from twin.explaining import explain, explained
from twin.features import weak
from twin.geometry import F64
from twin.georeference.crs import parse_crs
from twin.maintenance.exports.json import said
from twin.maintenance.mapping_files import mapping_text, read_mapping
from twin.maintenance.proposing import proposal_text, proposals
from twin.opening import PROJECT, expand
from twin.records import C_MIN, Problem, SourceRef
from twin.scene import Layer
from twin.session import Session
from ui.cli.loading import complain, fresh_session, settle, source_ref
from ui.cli.opening import RULES, SOURCE, AsJson, Opening, Paths, opening_options

MOST_PROBLEMS = 10_000
Explain = Annotated[bool, typer.Option("--explain", help="Explain each source in words.")]
RESOURCE: Any = None if sys.platform == "win32" else import_module("resource")


@opening_options(*RULES, *SOURCE, "sidecar")
def info_(
    paths: Paths,
    opening: Opening,
    as_json: AsJson = False,
    in_words: Explain = False,
) -> None:
    """Load everything and describe it."""
    document = described(paths, opening)
    told = [source.pop("explained") for source in document["sources"]]
    if in_words:
        print("\n".join(told), end="")
    elif as_json:
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        _print(document)
    if not document["sources"]:
        raise Nothing()


class Nothing(TwinError):
    """None of the inputs could be read; each was told already."""

    code = "nothing"
    template = "none of the inputs could be read."
    told = True


def described(paths: list[str], opening: Opening) -> dict[str, Any]:
    """Return the document of ``info --json``."""
    found: dict[str, Any] = {"sources": [], "errors": []}
    for path in paths:
        for ref in _refs(path, opening, found["errors"]):
            _describe(ref, opening, found)
    return found


def _refs(path: str, opening: Opening, errors: list[dict[str, str]]) -> list[SourceRef]:
    if path.lower().endswith(PROJECT):
        return [SourceRef(path)]
    session = fresh_session(opening)
    try:
        return list(expand(path, session.loaders))
    except TwinError as error:
        session.errors.append((path, error))
        complain(session)
        errors.append({"path": path, "code": error.full_code, "text": str(error)})
        return []
    finally:
        session.close()


def _describe(ref: SourceRef, opening: Opening, found: dict[str, Any]) -> None:
    begun = time.perf_counter()
    session = fresh_session(opening)
    try:
        session.open(ref.path, _merged(ref, opening))
        settle(session)
        session.index()
        for path in opening.sidecars:
            session.run("sidecar.add", path=path)
        settle(session)
        complain(session)
        for location, error in session.errors:
            found["errors"].append({"path": location, "code": error.full_code, "text": str(error)})
        seconds = round(time.perf_counter() - begun, 2)
        for layer in session.twin.layers.values():
            told = source_document(session, layer)
            told["explained"] = _in_words(session, layer)
            found["sources"].append({**told, "seconds": seconds, "peak_mb": peak_mb()})
    finally:
        session.close()


def _merged(ref: SourceRef, opening: Opening) -> SourceRef:
    said_ = source_ref(ref.path, opening)
    return SourceRef(
        ref.path,
        title=ref.title,
        dataset=ref.dataset,
        crs=ref.crs or said_.crs,
        vertical=ref.vertical or said_.vertical,
        lod=ref.lod or said_.lod,
        mapping=ref.mapping or said_.mapping,
        placement=ref.placement,
        custodian=ref.custodian,
        options=ref.options or said_.options,
    )


def source_document(session: Session, layer: Layer) -> dict[str, Any]:
    """Return what ``info --json`` says of one source, seconds and memory left out."""
    table, verdict = layer.features, layer.assessment
    stream = session.screen.streams[layer.id]
    triangles, points = stream.finest()
    if layer.about.points:  # its header says how many, and nobody need count them
        points = max(points, int(layer.about.fields.get("points", "0")))
    kinds = np.bincount(table.kind, minlength=len(table.kinds))
    dated = ~np.isnat(verdict.t_eff) & (verdict.confidence >= C_MIN)
    parties = np.bincount(verdict.custodian + 1, minlength=len(verdict.custodians) + 1)[1:]
    box = layer.bounds
    about = layer.about
    return {
        "path": layer.source.path,
        "format": about.format,
        "version": about.version,
        "crs": layer.source.crs or about.crs or None,
        "vertical_datum": _vertical(layer) or None,
        "objects": len(table),
        "objects_with_geometry": int(stream.drawn_rows(len(table)).sum()),
        "kinds": {name: int(n) for name, n in zip(table.kinds, kinds, strict=True) if n},
        "triangles": triangles,
        "points": points,
        "tiles": int(layer.tree.content.sum()),
        "bbox": [round(float(v), 3) for v in box] if np.isfinite(box).all() else None,
        "bbox_wgs84": _lonlat_box(session, box),
        "observed": {
            "known": int(dated.sum()),
            "unknown": int((~dated).sum()),
            "earliest": _iso(verdict.t_eff[dated].min()) if dated.any() else None,
            "latest": _iso(verdict.t_eff[dated].max()) if dated.any() else None,
        },
        "custodians": {
            name: int(n) for name, n in zip(verdict.custodians, parties, strict=True) if n
        },
        **_fields(layer, session.settings.language),
        "problems": _problems(layer.problems, session.settings.language),
    }


def _problems(found: Sequence[Problem], language: str) -> list[dict[str, str]]:
    return [
        {
            "code": p.code,
            "why": p.params.get("why", p.code),
            "text": said(p, language),
            "object": p.feature,
        }
        for p in found[:MOST_PROBLEMS]
    ]


def _fields(layer: Layer, language: str) -> dict[str, Any]:
    """Return which property is what: the mapping in use, and what could stand in one."""
    return {
        "weak_ids": int(weak(layer.features).sum()),
        "mapping": _mapping(layer.source),
        "proposed_mapping": [
            {
                "property": item.property,
                "role": item.role,
                "kind": item.kind or None,
                "confidence": round(item.confidence, 2),
                "reason": proposal_text(item, language),
                "raw": list(item.raw),
                "parsed": list(item.parsed),
            }
            for item in proposals(layer.features)
        ],
    }


def _mapping(ref: SourceRef) -> str | None:
    """Return the mapping in use as TOML text, None without one."""
    used = ref.fields or read_mapping(ref.mapping)
    return None if used is None else mapping_text(used)


def _in_words(session: Session, layer: Layer) -> str:
    stream, language = session.screen.streams[layer.id], session.settings.language
    return explained(layer.title, explain(layer, stream, session.project, language), language)


def _vertical(layer: Layer) -> str:
    """Return the vertical datum that is named: by the user, the source, or a compound system.

    A system that nobody knows names none; that it is unknown stands among the problems.
    """
    named = layer.source.vertical or layer.about.vertical
    try:
        return named or parse_crs(layer.source.crs or layer.about.crs).vertical
    except CrsError:
        return ""


def _iso(time_: np.datetime64) -> str:
    return f"{np.datetime_as_string(time_, 's')}Z"


def _lonlat_box(session: Session, box: F64) -> list[float] | None:
    if session.project is None or not np.isfinite(box).all():
        return None
    return [round(v, 7) for v in session.project.bbox_wgs84(box)]


def peak_mb() -> int:
    """Return the peak memory of this process and its largest worker so far, megabytes."""
    if RESOURCE is None:
        return int(getattr(psutil.Process().memory_info(), "peak_wset", 0) / 1e6)
    unit = 1.0 if sys.platform == "darwin" else 1024.0
    who = (RESOURCE.RUSAGE_SELF, RESOURCE.RUSAGE_CHILDREN)
    return round(float(sum(RESOURCE.getrusage(x).ru_maxrss for x in who)) * unit / 1e6)


def _print(document: dict[str, Any]) -> None:
    for source in document["sources"]:
        print(source["path"])
        kinds = ", ".join(f"{name} {n}" for name, n in source["kinds"].items())
        lines = {
            "format": f"{source['format']} {source['version']}",
            "system": f"{_system(source['crs'] or '')}, {source['vertical_datum'] or 'no vertical datum'}",
            "objects": f"{source['objects']} ({source['objects_with_geometry']} with geometry)",
            "kinds": kinds,
            "content": f"{source['triangles']} triangles, {source['points']} points, {source['tiles']} tiles",
            "dates": f"{source['observed']['known']} known, {source['observed']['unknown']} unknown",
            "problems": str(len(source["problems"])),
            "loaded": f"{source['seconds']} s, {source['peak_mb']} MB",
        }
        for name, text in lines.items():
            print(f"  {name:<10}{text}")


def _system(name: str) -> str:
    """Return a system as a person reads it: a definition by its number or title, the rest as it stands."""
    if "[" not in name:
        return name or "none named"
    try:
        found = parse_crs(name)
    except CrsError:
        return name.partition("[")[2].partition(",")[0].strip('" ') or name[:60]
    number = "" if "[" in found.horizontal else f"{found.horizontal} "
    return f"{number}{found.title}".strip() or "a system without a name"
