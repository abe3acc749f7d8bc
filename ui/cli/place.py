"""The verb ``place``: where a model stands and why, where it could stand, and a copy that says so."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import orjson
import typer

from twin.commands.placing import words_of
from twin.errors import UsageError
from twin.exporting import export_placed
from twin.jobs import Lane, Outcome
from twin.messages import catalogue
from twin.records import Placement, Problem, Route
from twin.scene import Layer
from twin.session import Session
from twin.siting import Candidate, around, length, propose
from twin.standing import findings, heights_of, standing, told_around, verdict
from ui.cli.loading import opened, settle
from ui.cli.opening import AsJson, Lang, Opening

Model = Annotated[str, typer.Argument(help="The model to place.")]
Beside = Annotated[
    list[str] | None, typer.Argument(help="What stands around: files, folders, a project.")
]
System = Annotated[str, typer.Option("--crs", help="Place it in this system, EPSG:n.")]
Number = Annotated[str, typer.Option(help="A number of the placement.")]
Vertical = Annotated[str, typer.Option(help="Vertical datum of its heights, EPSG:n.")]
Use = Annotated[int, typer.Option("--use", help="Place it as candidate N (1 = the first).")]
Export = Annotated[str, typer.Option("--export", help="Write a copy that stands there by itself.")]


@dataclass(frozen=True, slots=True)
class Report:
    """What is printed about one layer."""

    layer: Layer
    candidates: tuple[Candidate, ...]
    told: tuple[Problem, ...]
    language: str

    def plain(self) -> dict[str, Any]:
        """Return everything as plain values."""
        layer, place = self.layer, standing(self.layer)
        return {
            "layer": layer.id,
            "path": layer.source.path,
            "verdict": verdict(layer).said(self.language),
            "placement": _plain_placement(place),
            "routes": [self._route(route) for route in layer.about.routes],
            "findings": [{"code": p.code, "text": p.said(self.language)} for p in self.told],
            "candidates": [self._candidate(item) for item in self.candidates],
        }

    def _route(self, route: Route) -> dict[str, Any]:
        return {
            "name": route.name,
            "state": route.state,
            "said": dict(route.said),
            "vertical": route.vertical,
            "placement": _plain_placement(route.placement),
            "metres_off": _number(route.off),
            "degrees_off": _number(route.turned),
        }

    def _candidate(self, item: Candidate) -> dict[str, Any]:
        return {
            "key": item.key,
            "confidence": round(item.confidence, 2),
            "placement": _plain_placement(item.placement),
            "nearest_metres": _number(item.nearest),
            "metres_off": _number(item.off),
            "reasons": [reason.said(self.language) for reason in item.reasons],
        }

    def lines(self) -> list[str]:
        """Return the same as lines for people."""
        words = catalogue(self.language)
        lines = [self.layer.title, verdict(self.layer).said(self.language), ""]
        lines.append(words.text("place.routes"))
        for route in self.layer.about.routes:
            state = words.text(f"place.state_{route.state}")
            said = ", ".join(f"{name} {value}" for name, value in route.said.items())
            off = "" if not math.isfinite(route.off) else f"  ({length(route.off)})"
            lines.append(f"  {route.name}: {state}{off}  {said}")
        lines += ["", words.text("place.findings")]
        lines += [f"  {p.code}: {p.said(self.language)}" for p in self.told]
        lines += ["", words.text("place.candidates")]
        for number, item in enumerate(self.candidates, 1):
            place = item.placement
            where = f"{place.crs} {place.easting:.3f} {place.northing:.3f} {place.height:.3f}"
            turned = f"{place.rotation:.4f}° × {place.scale:g}"
            lines.append(f"  {number}. {item.confidence:.0%}  {where}  {turned}")
            lines += [f"       {reason.said(self.language)}" for reason in item.reasons]
        return lines


def place(  # noqa: PLR0913  the options of a verb
    model: Model,
    beside: Beside = None,
    crs: System = "",
    easting: Number = "",
    northing: Number = "",
    height: Number = "0",
    rotation: Number = "0",
    scale: Number = "1",
    vertical: Vertical = "",
    use: Use = 0,
    export: Export = "",
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Tell where a model stands, by which route and what is odd; place it elsewhere; write a copy."""
    typed = {"crs": crs, "easting": easting, "northing": northing}
    if any(typed.values()) and not all(typed.values()):
        raise UsageError(reason="a placement needs --crs, --easting and --northing")
    session = opened([model, *(beside or ())], Opening(vertical=vertical, lang=lang), index=False)
    try:
        key = next((k for k, x in session.twin.layers.items() if x.source.path == model), "")
        if not key:
            raise UsageError(reason=f"{model} was not opened")
        if crs:
            more = {"height": height, "rotation": rotation, "scale": scale}
            session.run("layers.place", layer=key, **typed, **more)
        elif use:
            _choose(session, key, use, lang)
        settle(session)
        _print(report_of(session, key, lang), as_json=as_json)
        if export:
            _export(session, key, export)
    finally:
        session.close()


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        print(orjson.dumps(report.plain(), option=orjson.OPT_INDENT_2).decode())
    else:
        print("\n".join(report.lines()))


def report_of(session: Session, key: str, language: str) -> Report:
    """Return what is known of where a layer stands and could stand."""
    layer = session.twin.layer(key)
    there = around(session.twin.layers.values(), key, session.project)
    found = propose(layer.about, layer.problems, there, layer.source.placement)
    return Report(layer, found, (*told_around(layer, there), *findings(layer)), language)


def _choose(session: Session, key: str, number: int, language: str) -> None:
    candidates = report_of(session, key, language).candidates
    if not 1 <= number <= len(candidates):
        raise UsageError(reason=f"--use {number}: there are {len(candidates)} candidates")
    session.run("layers.place", layer=key, **words_of(candidates[number - 1].placement))


def _export(session: Session, key: str, target: str) -> None:
    """Write the copy in a worker. Raises what the exporter raises, UsageError for no placement."""
    layer = session.twin.layer(key)
    placement = standing(layer)
    if placement is None or not placement.crs:
        raise UsageError(reason="it stands nowhere yet: give --crs, --easting and --northing")
    placed = (placement, heights_of(layer, session.project))
    work = partial(export_placed, layer.about.format, layer.source.path, target, placed)
    outcomes: list[Outcome] = []
    session.jobs.submit(work, outcomes.append, Lane.PROCESS, title=target)
    settle(session)
    if outcomes[0].error is not None:
        raise outcomes[0].error


def _plain_placement(place: Placement | None) -> dict[str, Any] | None:
    if place is None:
        return None
    names = ("crs", "easting", "northing", "height", "rotation", "scale", "anchor")
    return {name: getattr(place, name) for name in names}


def _number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
