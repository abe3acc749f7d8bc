"""The verb ``analyse``: a question to the finest geometry, answered with its trust stamp."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from twin.analyses.registry import class_of, names, settings_listed
from twin.analyses.results import Result
from twin.analyses.wording import analysis_title, sentences, titled
from twin.errors import NotSaved, UsageError
from twin.jobs import Lane
from twin.messages import catalogue
from twin.result_files import Around, document, format_of, written
from twin.session import Session
from ui.cli.loading import opened, settle
from ui.cli.opening import RULES, SOURCE, TIME, AsJson, Opening, opening_options

_SETTING = re.compile(r"([a-z_][a-z0-9_]*)=(.*)", re.S)
Words = Annotated[
    list[str] | None,
    typer.Argument(help="The analysis, what to open, and its settings: NAME PATH... key=value..."),
]
Listed = Annotated[bool, typer.Option("--list", help="List the analyses with their settings.")]
ScenarioId = Annotated[
    str | None,
    typer.Option("--scenario", help="The scenario to ask about (default: the one seen)."),
]
AgainstId = Annotated[
    str | None,
    typer.Option("--against", help="Before and after: the scenario to compare with, or 'base'."),
]
Layer = Annotated[
    list[str] | None, typer.Option("--layer", help="Look at this layer alone; may be repeated.")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Write to a file: .json .csv .xlsx .gpkg .geojson")
]
Keep = Annotated[
    str, typer.Option("--keep", help="Keep the result in the project, by this title.")
]


@opening_options(*RULES, *SOURCE, *TIME, "run")
def analyse(  # noqa: PLR0913  the options of a verb
    opening: Opening,
    words: Words = None,
    listed: Listed = False,
    scenario: ScenarioId = None,
    against: AgainstId = None,
    layer: Layer = None,
    out: Out = None,
    keep: Keep = "",
    as_json: AsJson = False,
) -> None:
    """Ask an analysis about a city; the answer says how far to trust it."""
    if listed:
        print(json.dumps(listing(opening.lang)) if as_json else listing_text(opening.lang))
        return
    told = {"scenario": scenario, "against": "" if against == "base" else against}
    asking = Asking(told, layer or (), out, keep)
    print(_answer(words or [], asking, opening, as_json=as_json))


@dataclass(frozen=True)
class Asking:
    """What the options ask: scenarios by side, layers, the file to write, the title to keep it by."""

    scenarios: dict[str, str | None]
    layers: Sequence[str] = ()
    out: Path | None = None
    keep: str = ""


def _answer(words: Sequence[str], asking: Asking, opening: Opening, *, as_json: bool) -> str:
    """Open, ask, write; return what is printed. Raises what goes wrong."""
    name, paths, settings = split(words)
    class_of(name)
    form = "" if asking.out is None else format_of(asking.out)
    session = opened(paths, opening, index=False)
    try:
        result = asked(session, name, settings, asking.scenarios, asking.layers)
        if asking.keep:
            session.run("results.keep", id=result.id, title=asking.keep)
        around = around_of(session, result)
        if asking.out is not None:
            _write(asking.out, written(result, form, around))
        return (
            json.dumps(document(result, around), default=str) if as_json else text(result, around)
        )
    finally:
        session.close()


def split(words: Sequence[str]) -> tuple[str, list[str], dict[str, str]]:
    """Return the analysis, the paths and the settings of the words. Raises UsageError."""
    if not words:
        raise UsageError(reason="name an analysis and what to open; --list shows the analyses")
    paths: list[str] = []
    settings: dict[str, str] = {}
    for word in words[1:]:
        found = _SETTING.fullmatch(word)
        if found is None or Path(word).exists():
            paths.append(word)
        else:
            settings[found[1]] = found[2]
    if not paths:
        raise UsageError(reason=f"{words[0]}: name a file, folder, address or project to open")
    return words[0], paths, settings


def asked(
    session: Session,
    name: str,
    settings: dict[str, str],
    scenarios: dict[str, str | None],
    layers: Sequence[str] = (),
) -> Result:
    """Return the answer; it waits until all tiles are in. Raises what goes wrong."""
    inquiry = session.analyse(
        name, settings, scenarios["scenario"], against=scenarios["against"], layers=layers
    )
    inquiry.lane = Lane.THREAD  # no window to keep free
    while not inquiry.done:
        settle(session)
        session.drain()
    return session.awaited(inquiry)


def around_of(session: Session, result: Result) -> Around:
    """Return what the files of a result need of a session."""
    return Around(session.tables(result), session.settings.language)


def text(result: Result, around: Around) -> str:
    """Return a result for people: figures, tables cut short, the stamp."""
    words = around.words
    findings = result.answer(around.tables)
    lines = [result.title]
    for code, value in findings.figures.items():
        unit = findings.units.get(code, "")
        lines.append(f"  {titled('figure', code, words)}: {round(value, 3):,.10g} {unit}".rstrip())
    lines += [f"  {titled('sheet', x.name, words)}: {len(x.rows)}" for x in findings.sheets]
    lines += [f"  {titled('note', code, words)}" for code in findings.notes]
    lines.append(f"{words.text('stamp.title')}: {' '.join(sentences(result.stamp, words))}")
    return "\n".join(lines)


def listing(language: str) -> list[dict[str, Any]]:
    """Return the analyses with their settings as plain values."""
    words = catalogue(language)
    return [
        {"name": name, "title": analysis_title(name, words), "settings": settings_listed(name)}
        for name in names()
    ]


def listing_text(language: str) -> str:
    """Return the analyses with their settings for people."""
    lines = []
    wide = max(map(len, names()), default=0) + 2
    for one in listing(language):
        lines.append(f"{one['name']:<{wide}}{one['title']}")
        lines += [f"    {key}={value}" for key, value in one["settings"].items()]
    return "\n".join(lines)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise NotSaved(location=str(path), reason=error.strerror or str(error)) from error
