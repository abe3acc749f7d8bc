"""From paths and what the options say of opening to a session with everything in it."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from twin.commands import parse
from twin.errors import TwinError, UsageError
from twin.files import lifted
from twin.georeference.crs import parse_crs
from twin.maintenance.rule_files import read_rules
from twin.messages import LANGUAGES
from twin.opening import manifest_of
from twin.options import check as check_options
from twin.options import parsed
from twin.records import SourceRef
from twin.session import Session, instant
from twin.settings import load
from ui.cli.opening import Opening
from ui.cli.speech import error_text


def fresh_session(opening: Opening) -> Session:
    """Return an empty session with the rules and instants of the options. Raises TwinError."""
    check(opening)
    session = Session(replace(load(), language=opening.lang))
    files = {
        name: getattr(opening, name)
        for name in ("policy", "custodians", "evidence")
        if getattr(opening, name) and not (name == "evidence" and evidence_table(opening))
    }
    if files:
        session.use_rules(read_rules(**files))
    session.set_instants(
        instant(opening.at) if opening.at else None,
        instant(opening.as_of) if opening.as_of else None,
        instant(opening.known_at) if opening.known_at else None,
    )
    return session


def evidence_table(opening: Opening) -> bool:
    """Return whether the evidence is a table or a vector file: read once the objects are known."""
    return bool(opening.evidence) and not opening.evidence.lower().endswith(".toml")


def check(opening: Opening) -> None:
    """Refuse what no source can answer to. Raises UsageError, CrsError."""
    if opening.lang not in LANGUAGES:
        raise UsageError(reason=f"--lang {opening.lang!r} is none of {', '.join(LANGUAGES)}")
    parse_crs(opening.crs, opening.vertical)


def source_ref(path: str, opening: Opening) -> SourceRef:
    """Return a location with the decisions of the options."""
    return SourceRef(
        path,
        crs=opening.crs,
        vertical=opening.vertical,
        lod=opening.lod,
        mapping=opening.mapping,
        options=parsed(opening.options),
        drape=lifted(opening.drape) if opening.drape else "",
    )


def opened(paths: Sequence[str], opening: Opening, *, index: bool = True) -> Session:
    """Return a session with everything open that can be; what cannot is said on stderr.

    ``index`` sees every tile, so that all objects are known. Raises the first error when nothing
    is left, UsageError for a wrong command of ``--run``.
    """
    session = fresh_session(opening)
    for path in paths:
        manifest = manifest_of(path)
        if manifest is None:
            session.open(path, source_ref(path, opening))
        else:
            _open_manifest(session, manifest, opening)
    settle(session)
    if index:
        session.index()
    complain(session)
    if not session.twin.layers:
        errors = session.errors
        session.close()
        raise Silent(errors[0][1]) if errors else UsageError(reason="nothing to open")
    follow(session, opening)
    told = len(session.errors)
    for path in opening.sidecars:
        session.run("sidecar.add", path=path)
    if evidence_table(opening):
        session.run("evidence.import", path=opening.evidence)
    for line in opening.run:
        name, arguments = parse(line)
        session.run(name, **arguments)
    complain(session, told)
    settle(session)
    return session


def open_more(session: Session, paths: Sequence[str], opening: Opening) -> None:
    """Open more into a session, all objects known; raises the first error when none of it can be opened."""
    before, told = set(session.twin.layers), len(session.errors)
    for path in paths:
        manifest = manifest_of(path)
        if manifest is None:
            session.open(path, source_ref(path, opening))
        else:
            _open_manifest(session, manifest, opening)
    settle(session)
    session.index()
    complain(session, told)
    if not set(session.twin.layers) - before:
        errors = session.errors[told:]
        raise Silent(errors[0][1]) if errors else UsageError(reason="nothing to open")


def follow(session: Session, opening: Opening) -> None:
    """Refuse choices that none of the open sources offers. Raises UsageError."""
    offered = [x for layer in session.twin.layers.values() for x in layer.about.options]
    check_options(parsed(opening.options), offered)


def _open_manifest(session: Session, manifest: Path, opening: Opening) -> None:
    """Open a manifest with its own rules and instant; what the options say comes first."""
    rules, at = session.rules, session.at
    session.open_manifest(manifest)
    if opening.policy or opening.custodians or opening.evidence:
        session.use_rules(rules)
    if opening.at:
        session.set_instants(at, session.as_of, session.known_at)


class Silent(UsageError):
    """Everything failed and was told already: end with exit code 2 and no further line."""

    told = True

    def __init__(self, error: TwinError) -> None:
        super().__init__(reason=str(error))


def complain(session: Session, since: int = 0) -> None:
    """Say on stderr, one line each, what could not be opened, from the ``since``-th on."""
    for _, error in session.errors[since:]:
        text = error_text(error, session.settings.language)
        print(f"error[{error.full_code}] {text}", file=sys.stderr)


def settle(session: Session) -> None:
    """Wait until nothing is under way; a progress line on stderr, only on a terminal."""
    if not sys.stderr.isatty():
        session.finish()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1.0)
        while not session.finish(0.1):
            jobs = session.jobs_running()
            if jobs:
                more = f"  (+{len(jobs) - 1})" if len(jobs) > 1 else ""
                share = jobs[0].progress
                total = None if share is None else 1.0
                words = f"{jobs[0].title}{more}"
                progress.update(task, description=words, total=total, completed=share or 0.0)
