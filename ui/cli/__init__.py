"""The command line: ``main`` finds the verb and loads only what it needs; results on stdout, the rest on stderr.

Exit codes: 0 done; 1 done, with findings the caller asked to fail on; 2 wrong usage or unreadable
input, said in one line ``error[CODE] FILE: what is wrong, and what to do``.
"""

import gc
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import typer

from twin.errors import TwinError, UsageError
from ui.cli.speech import error_text, language_of, said_in, speak, translated

VERBS = {
    "demo": ("ui.cli.demo", "open the sample city"),
    "open": ("ui.cli.open", "open the window"),
    "info": ("ui.cli.info", "load everything and describe it"),
    "render": ("ui.cli.render", "draw a picture off screen"),
    "fly": ("ui.cli.fly", "make a film of a route"),
    "pick": ("ui.cli.render", "tell the object seen at a pixel"),
    "measure": ("ui.cli.measure", "measure between points or objects"),
    "analyse": ("ui.cli.analyse", "ask the finest geometry, with a trust stamp"),
    "sun": ("ui.cli.sun", "where the sun stands over a day"),
    "objects": ("ui.cli.objects", "the object table"),
    "audit": ("ui.cli.audit", "the freshness audit"),
    "snapshot": ("ui.cli.snapshot", "store the totals of an audit for the trend"),
    "export": ("ui.cli.export", "objects as glTF or OBJ"),
    "diff": ("ui.cli.diff", "compare two deliveries"),
    "plan": ("ui.cli.plan", "how often to survey, which buildings need BIM"),
    "place": ("ui.cli.place", "where a model stands, and could stand"),
    "check": ("ui.cli.check", "the gate of a delivery, and rules for BIM (IDS)"),
    "import": ("ui.cli.project", "add sources to a project"),
    "bundle": ("ui.cli.bundle", "a project with all it shows, for offline"),
    "unbundle": ("ui.cli.bundle", "unpack a bundle"),
    "tiles": ("ui.cli.tiles", "numbered pictures of an area, for offline"),
    "evidence": ("ui.cli.evidence", "evidence of change: add, list, dismiss"),
    "journal": ("ui.cli.journal", "the journal of a project: check, export, erase a name"),
    "keys": ("ui.cli.keys", "keys that go to servers, kept in the keyring"),
    "bcf": ("ui.cli.bcf", "topics: list, convert, export"),
    "orders": ("ui.cli.orders", "work orders: issue, list, move, proposals, export"),
    "run": ("ui.cli.run", "run named commands from a script"),
}
"""Verb -> (module, one line of help). Each module has a function named like its verb (``VERB_``)."""


QUIET = logging.NullHandler()
INTERRUPTED = 130
"""What typer makes of Ctrl+C, without a word to the user."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code. A user sees no traceback without ``--debug``."""
    collecting = gc.isenabled()
    gc.disable()  # modules are no garbage: looking for it among them takes a fifth of the start
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    # tiles are decoded on several threads: those that BLAS starts beside them made it eight times slower
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    given = [word for word in given if word != "--debug"]
    before = dict(os.environ)
    if not debug:  # else Python writes what the log says of a bug, trace and all, to stderr
        logging.getLogger().addHandler(QUIET)
    try:
        given = _servers(given)
        return _dispatch(given, collecting)
    except TwinError as error:
        failure: BaseException = error
        if not getattr(error, "told", False):
            _complain(error.full_code, error_text(error, language_of(given)))
    except KeyboardInterrupt as error:
        failure = error
        _complain("cancelled", "interrupted")
    except Exception as error:  # noqa: BLE001  the outermost frame: no user sees a traceback
        failure = error
        told = getattr(error, "format_message", None)
        if told is not None:
            _complain("usage", said_in(str(told()), language_of(given)))
        else:
            _complain("internal", f"{type(error).__name__}: {error}. Run again with --debug.")
    finally:
        if collecting:
            gc.enable()
        os.environ.clear()
        os.environ.update(before)
    if debug:
        traceback.print_exception(failure)
    return 2


def _servers(given: list[str]) -> list[str]:
    """Return the words without ``--offline`` and ``--allow-host HOST``, which every verb takes: they
    are settings for this run. Raises UsageError."""
    left: list[str] = []
    hosts: list[str] = []
    words = iter(given)
    for word in words:
        name, _, value = word.partition("=")
        if word == "--offline":
            os.environ["CITYTWIN_OFFLINE"] = "1"
        elif name == "--allow-host":
            host = value or next(words, "")
            if not host:
                raise UsageError(reason="--allow-host needs a host")
            hosts.append(host)
        else:
            left.append(word)
    if hosts:
        before = os.environ.get("CITYTWIN_ALLOWED_HOSTS")
        os.environ["CITYTWIN_ALLOWED_HOSTS"] = ",".join(filter(None, (before, *hosts)))
    return left


def _dispatch(given: list[str], collecting: bool) -> int:
    if not given or given[0] in ("-h", "--help"):
        _help(language_of(given))
        return 0
    if given[0] == "--version":
        print(_version())
        return 0
    verb = given[0]
    if verb not in VERBS:
        raise UsageError(reason=f"there is no verb {verb!r}. Run: citytwin --help")
    module = import_module(VERBS[verb][0])
    gc.freeze()
    if collecting:
        gc.enable()
    app = getattr(module, f"{verb}_app", None)
    if app is None:
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.command(verb)(getattr(module, f"{verb}_", None) or getattr(module, verb))
    command = typer.main.get_command(app)
    if "--help" in given:
        speak(command, language_of(given))
    done = command.main(given[1:], f"citytwin {verb}", standalone_mode=False)
    if done == INTERRUPTED:
        raise KeyboardInterrupt
    return int(done) if isinstance(done, int) else 0


def _complain(code: str, text: str) -> None:
    print(f"error[{code}] {' '.join(text.split())}", file=sys.stderr)


FOOT = (
    ("--version", "say which version this is"),
    ("--debug", "show the traceback of an error"),
    ("--offline", "ask no server, use kept answers"),
    ("--allow-host HOST", "let sources name this host"),
)
"""What every verb takes, with one line of help."""


def _help(language: str) -> None:
    usage = "Usage: citytwin VERB [ARGUMENTS]    (citytwin VERB --help says more)"
    print(f"{translated(usage, language)}\n")
    for verb, (_, words) in VERBS.items():
        print(f"  {verb:<10}{translated(words, language)}")
    print()
    for option, words in FOOT:
        print(f"  {option:<18} {translated(words, language)}")


def _version() -> str:
    try:
        return version("citytwin")
    except PackageNotFoundError:
        return "not installed"
