"""The verb ``tiles``: numbered pictures of an area from a server into a folder, for offline."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from twin.errors import UsageError
from twin.files import access_of, is_remote, use
from twin.imagery import datum_of, reader
from twin.messages import text
from twin.ports import SILENT
from twin.settings import load
from twin.tile_packs import MOST, Area, checked, packed
from ui.cli.opening import AsJson, Lang

Address = Annotated[
    str, typer.Argument(help="An address with {z}, {x} and {y}, or WMTS capabilities.")
]
Box = Annotated[str, typer.Option(help="WEST,SOUTH,EAST,NORTH in degrees.")]
Zoom = Annotated[str, typer.Option(help="Levels, LOW-HIGH or one.")]
Folder = Annotated[Path, typer.Option("--out", help="The folder of the pack; one begun goes on.")]
Accept = Annotated[
    bool,
    typer.Option("--accept-terms", help="Fetch: the terms of use of the server allow a pack."),
]
Most = Annotated[int, typer.Option(help="The most tiles of a pack.")]


def tiles(  # noqa: PLR0913  the options of a verb
    address: Address,
    box: Box,
    zoom: Zoom,
    out: Folder,
    accept_terms: Accept = False,
    most: Most = MOST,
    as_json: AsJson = False,
    lang: Lang = "en",
) -> None:
    """Fetch the tiles of an area into a folder for offline; without --accept-terms only count them."""
    use(access_of(load()))
    area = Area(_box(box), _levels(zoom))
    plain, datum = datum_of(address)
    imagery = checked(reader().open(plain, SILENT), area, address, most)
    said: dict[str, Any] = {"tiles": area.count, "attribution": imagery.credit, "out": str(out)}
    for problem in imagery.problems:
        print(f"warning[{problem.code}] {problem.said(lang)}", file=sys.stderr)
    facts = {"count": area.count, "credit": imagery.credit or "-"}
    print(text("pack.asked", lang, **facts), file=sys.stderr)
    if is_remote(address) and not accept_terms:
        _show(said, text("pack.terms", lang), as_json)
        return
    with _progress() as bar:
        done = packed(imagery, area, out, bar, datum)
    _show({**said, **asdict(done)}, text("pack.done", lang, path=out, **_counts(done)), as_json)


def _counts(done: Any) -> dict[str, Any]:
    megabytes = f"{done.octets / 1e6:.1f}"
    return {
        "fetched": done.fetched,
        "kept": done.kept,
        "missing": done.missing,
        "mb": megabytes,
    }


def _show(said: dict[str, Any], line: str, as_json: bool) -> None:
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(said, option=orjson.OPT_INDENT_2) + b"\n")
        return
    print(line)


def _box(words: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in words.split(","))
    except ValueError as error:
        reason = "the box needs WEST,SOUTH,EAST,NORTH in degrees"
        raise UsageError(reason=reason) from error
    return west, south, east, north


def _levels(words: str) -> tuple[int, int]:
    low, _, high = words.partition("-")
    try:
        return int(low), int(high or low)
    except ValueError as error:
        raise UsageError(reason="levels are LOW-HIGH within 0 to 30") from error


@dataclass(frozen=True, slots=True)
class _Bar:
    """A feedback that moves a bar; Ctrl-C ends the verb, what was fetched stays."""

    bar: Any
    task: Any

    def progress(self, done: float, what: str = "") -> None:
        """Move the bar."""
        self.bar.update(self.task, completed=done, description=what)

    def check(self) -> None:
        """Go on."""


@contextmanager
def _progress() -> Iterator[Any]:
    """Show a bar on stderr, on a terminal only."""
    if not sys.stderr.isatty():
        yield SILENT
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar, bar.add_task("", total=1.0))
