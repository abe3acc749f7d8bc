"""The verb ``run``: named commands from a script, one a line; ``open`` and ``audit`` among them."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from twin.commands import parse
from twin.errors import NotFound, NotReadable, UsageError
from twin.maintenance.exports import written
from twin.maintenance.exports.options import Options
from twin.maintenance.rule_files import read_rules
from twin.session import Session, instant
from ui.cli.audit import put
from ui.cli.loading import Silent, complain, fresh_session, settle
from ui.cli.opening import Lang, Opening

Script = Annotated[Path, typer.Argument(help="A text file; # begins a comment.")]


def run_(script: Script, lang: Lang = "en") -> None:
    """Run the commands of a script. Paths in it are relative to it.

    Besides the named commands: ``open path=``, ``rules policy= custodians= evidence=``, ``at date=``,
    ``audit format= out=``, ``save path=``.
    """
    try:
        lines = script.read_text("utf-8").splitlines()
    except FileNotFoundError as error:
        raise NotFound(location=str(script)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise NotReadable(location=str(script), reason=str(error)) from error
    session = fresh_session(Opening(lang=lang))
    try:
        for number, line in enumerate(lines, 1):
            bare = line.strip()
            if bare and not bare.startswith("#"):
                step(session, bare, script.parent, f"{script}:{number}")
    finally:
        session.close()


def step(session: Session, line: str, folder: Path, where: str) -> None:
    """Do one line of a script. Raises UsageError naming the place."""
    name, arguments = parse(line)
    try:
        if name in OWN:
            OWN[name](session, folder, **arguments)
        else:
            told = len(session.errors)
            session.run(name, **_beside(folder, arguments))
            complain(session, told)
        settle(session)
    except Silent:
        raise
    except TypeError as error:
        raise UsageError(reason=f"{where}: {name}: wrong arguments") from error
    except UsageError as error:
        raise UsageError(reason=f"{where}: {error}") from error


def _beside(folder: Path, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments of a named command with the path of a file that lies beside the script."""
    path = str(arguments.get("path", ""))
    return (
        {**arguments, "path": str(folder / path)}
        if path and (folder / path).exists()
        else arguments
    )


def _open(session: Session, folder: Path, path: str) -> None:
    before = len(session.errors)
    session.open(path if "://" in path else str(folder / path))
    settle(session)
    session.index()
    if len(session.errors) > before:
        complain(session)
        raise Silent(session.errors[-1][1])


def _rules(session: Session, folder: Path, **files: str) -> None:
    session.use_rules(read_rules(**{name: str(folder / path) for name, path in files.items()}))


def _at(session: Session, folder: Path, date: str) -> None:
    session.set_instants(instant(date), session.as_of, session.known_at)


def _audit(session: Session, folder: Path, format: str = "text", out: str = "") -> None:
    options = Options(language=session.settings.language)
    put(written(session.audit(), format, options), folder / out if out else None)
    sys.stdout.flush()


def _save(session: Session, folder: Path, path: str) -> None:
    session.save_as(folder / path)


OWN: dict[str, Any] = {
    "open": _open,
    "rules": _rules,
    "at": _at,
    "audit": _audit,
    "save": _save,
}
