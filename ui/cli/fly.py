"""The verb ``fly``: a film, or numbered pictures, of a route. Every frame waits until its tiles are in."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from twin.errors import UsageError
from twin.flythrough.clearance import LEAST
from twin.flythrough.flight import Flight, flight
from twin.flythrough.naming import missing
from twin.flythrough.placing import in_frame
from twin.flythrough.reading import read_route
from twin.messages import catalogue
from twin.presenting.currency import surveyed
from twin.problems import Problem
from twin.session import Session
from ui.cli.loading import opened
from ui.cli.looking import OWN, By, Size, Sse
from ui.cli.opening import RULES, SOURCE, TIME, AsJson, Opening, Paths, opening_options
from ui.cli.stopping import stoppable
from ui.film.clearing import lifted
from ui.film.encoding import Movie, ffmpeg
from ui.film.frames import Pictures, Sink
from ui.film.limits import check_room
from ui.film.making import Film
from ui.film.plan import LARGEST, RATES, SAMPLES, Plan
from ui.film.preflight import Preflight
from ui.presenting.line import line_of
from ui.wording import Wording

MOVIES = (".mp4",)

RouteFile = Annotated[Path, typer.Option("--route", help="The route, a JSON file.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="The film (.mp4), or a folder for pictures.")
]
Rate = Annotated[float, typer.Option(help="Frames a second.")]
Samples = Annotated[int, typer.Option(help="Draw 1, 2 or 4 times as fine and average.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a film that was stopped.")]
Check = Annotated[bool, typer.Option("--check", help="Only look for what would go wrong.")]
Captions = Annotated[bool, typer.Option(help="Burn the captions in.")]
Note = Annotated[str, typer.Option(help="A line at the lower right.")]
Clearance = Annotated[
    float, typer.Option(help="Stay so many metres above whatever is flown over; 0 = as drawn.")
]
Freshness = Annotated[
    bool, typer.Option("--freshness", help="Say how old the data is, at the lower right.")
]
Dark = Annotated[bool, typer.Option("--dark", help="Dark sky and ground.")]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made: where, how, of which opening."""

    route: Path
    out: Path | None
    plan: Plan
    color_by: str = ""
    resume: bool = False
    check: bool = False
    dark: bool = False
    clearance: float = LEAST
    freshness: bool = False
    opening: Opening = field(default_factory=Opening)


@opening_options(*TIME, *RULES, *SOURCE)
def fly(  # noqa: PLR0913  the options of a verb
    paths: Paths,
    route: RouteFile,
    opening: Opening,
    out: Out = None,
    fps: Rate = 30.0,
    size: Size = "1920x1080",
    supersample: Samples = 2,
    sse: Sse = 16.0,
    color_by: By = "",
    captions: Captions = True,
    note: Note = "",
    freshness: Freshness = False,
    dark: Dark = False,
    clearance: Clearance = LEAST,
    resume: Resume = False,
    check: Check = False,
    as_json: AsJson = False,
) -> None:
    """Make a film of a route, or numbered pictures; every frame waits until its tiles are in."""
    plan = Plan(
        _size(size), _rate(fps), _samples(supersample), sse, opening.lang if captions else "", note
    )
    wish = Wish(route, out, plan, color_by, resume, check, dark, clearance, freshness, opening)
    told = flown(paths, wish)
    print(json.dumps(told) if as_json else _line(told, opening.lang))


def flown(paths: Sequence[str], wish: Wish) -> dict[str, Any]:
    """Open, fly, write; return what ``--json`` prints. Raises TwinError."""
    if wish.out is None and not wish.check:
        raise UsageError(reason="--out names the film or the folder (or say --check)")
    started = time.perf_counter()
    plain, told = read_route(wish.route)
    session = opened(paths, wish.opening)
    try:
        if wish.color_by:
            session.run("view.color_by", column=OWN.get(wish.color_by, wish.color_by))
        placed, more = in_frame(plain, session.project)
        wish = noted(session, wish)
        way = flight(placed)
        found: tuple[Problem, ...] = ()
        if wish.clearance > 0:
            way, found = lifted(session, way, wish.clearance)
        warnings = (*told, *more, *found)
        open_done = time.perf_counter() - started
        if wish.check:
            return _checked(session, way, wish, warnings)
        warnings = (*warnings, *missing(placed, session.twin))
        _complain(warnings, wish.opening.lang)
        made = _made(session, way, wish)
    finally:
        session.close()
    made["seconds"]["open"] = round(open_done, 3)
    made["warnings"] = [{"code": x.code, "text": x.text} for x in warnings]
    return made


def noted(session: Session, wish: Wish) -> Wish:
    """Return what is to be made with the line that says how old the data is, where that is wished."""
    found = surveyed(session.twin) if wish.freshness else None
    if found is None or wish.plan.note:
        return wish
    line = line_of(Wording(catalogue(wish.opening.lang)), found)
    return replace(wish, plan=replace(wish.plan, note=line))


def _checked(
    session: Session, way: Flight, wish: Wish, warnings: tuple[Problem, ...]
) -> dict[str, Any]:
    look = Preflight(session, way, wish.plan, warnings)
    try:
        with progress(wish.opening.lang) as tell:
            while not look.finished:
                look.step(0.05)
                tell(look.done, len(look.times))
    finally:
        look.close()
    _complain(look.warnings, wish.opening.lang)
    return {"check": True, **look.report()}


def _made(session: Session, way: Flight, wish: Wish) -> dict[str, Any]:
    assert wish.out is not None
    check_room(wish.plan, session)
    sink, program = sink_for(wish, way)
    film = Film(session, way, wish.plan, sink, wish.dark)
    kept, started = film.done, time.perf_counter()
    try:
        with progress(wish.opening.lang) as tell, stoppable() as check:
            while not film.finished:
                check()
                film.step(0.25)
                tell(film.done, film.total)
        out = film.finish()
    finally:
        film.close()
    spent = {name: round(value, 3) for name, value in asdict(film.spent).items()}
    return {
        "out": str(out),
        "encoder": Path(program).name or None,
        "size": list(wish.plan.size),
        "fps": wish.plan.fps,
        "duration": round(way.duration, 3),
        "frames": film.total,
        "resumed": kept,
        "tiles_failed": film.failed,
        "hashes": list(sink.hashes),
        "seconds": {**spent, "film": round(time.perf_counter() - started, 3)},
    }


def sink_for(wish: Wish, way: Flight) -> tuple[Sink, str]:
    """Return where the frames go and the encoder ('' = numbered pictures, said on stderr when unasked)."""
    assert wish.out is not None
    mark = wish.plan.fingerprint(way)
    if wish.out.suffix.lower() not in MOVIES:
        if wish.out.suffix and not wish.out.is_dir():
            raise UsageError(
                reason=f"--out {wish.out.name}: write a film as .mp4, or name a folder"
            )
        return Pictures(wish.out, mark, wish.resume), ""
    program = ffmpeg()
    if program:
        return Movie(wish.out, wish.plan, mark, program, wish.resume), program
    folder = wish.out.with_name(f"{wish.out.stem}_frames")
    words = catalogue(wish.opening.lang)
    print(words.text("film.no_encoder", folder=folder.name, fps=wish.plan.fps), file=sys.stderr)
    return Pictures(folder, mark, wish.resume), ""


@contextmanager
def progress(language: str) -> Iterator[Any]:
    """Show a bar on stderr, on a terminal only; yields what tells of done and total."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(catalogue(language).text("film.frames"), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _complain(warnings: Sequence[Problem], language: str) -> None:
    for problem in warnings:
        print(f"warning[{problem.code}] {problem.said(language)}", file=sys.stderr)


def _line(told: dict[str, Any], language: str) -> str:
    words = catalogue(language)
    if told.get("check"):
        ready = {True: "yes", False: "no", None: "unknown"}[told["offline"]]
        lines = [
            words.text("film.checked", frames=told["frames"], missing=told["tiles_missing"]),
            words.text(f"film.offline.{ready}"),
        ]
        lines += [entry["text"] for entry in told["missing"]]
        return "\n".join(lines)
    width, height = told["size"]
    return words.text(
        "film.made", out=told["out"], frames=told["frames"], width=width, height=height
    )


def _size(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) == 2 and all(part.isdecimal() for part in parts):
        width, height = int(parts[0]), int(parts[1])
        if 16 <= width <= LARGEST[0] and 16 <= height <= LARGEST[1]:
            return width, height
    raise UsageError(
        reason=f"--size {text!r}: write WIDTHxHEIGHT, 16x16 to {LARGEST[0]}x{LARGEST[1]}"
    )


def _rate(fps: float) -> float:
    if not RATES[0] <= fps <= RATES[1]:
        raise UsageError(reason=f"--fps {fps:g}: {RATES[0]:g} to {RATES[1]:g} are possible")
    return fps


def _samples(count: int) -> int:
    if count not in SAMPLES:
        raise UsageError(reason=f"--supersample {count}: 1, 2 or 4")
    return count
