"""Writes docs/manual from what is declared: commands, settings, formats, errors, problems, rules, verbs.

Usage: python scripts/make_manual.py [--check]. With --check nothing is written; exit 1 when a page is out of date.
"""

import argparse
import dataclasses
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

import twin
from twin.choices import Option
from twin.commands import COMMANDS
from twin.errors import TwinError
from twin.messages import catalogue
from twin.ports import registered
from twin.settings import Settings

MANUAL = Path(__file__).resolve().parent.parent / "docs" / "manual"
NOTE = "<!-- Written by `make docs` from the declarations; do not edit. -->\n"


def cell(text: object) -> str:
    """Return a text fit for a table cell."""
    return str(text).replace("|", "\\|").replace("\n", " ").strip()


def table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell(x) for x in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """Return every command with its arguments."""
    rows: list[tuple[object, ...]] = []
    words = catalogue("en")
    for name, command in sorted(COMMANDS.items()):
        parameters = inspect.signature(command.make).parameters
        shown = [
            key if key in command.required else f"[{key}={parameters[key].default}]"
            for key in command.arguments
        ]
        title = words.text(f"command.{name}") if words.has(f"command.{name}") else name
        what = inspect.getdoc(command.make) or ""
        rows.append((f"`{name}`", title, " ".join(f"`{x}`" for x in shown), what.split("\n\n")[0]))
    return (
        "# Commands\n\nEverything a user can do to the city, by name: in the palette, in scripts "
        '(`citytwin run`, one a line), with `--run "NAME key=value"`, and in a notebook '
        '(`session.run("NAME key=value")`). Arguments in brackets have the default shown.\n\n'
        + table(("name", "title", "arguments", "what it does"), rows)
    )


def settings_page() -> str:
    """Return every setting with default, range and the ways to set it."""
    groups: dict[str, list[tuple[object, ...]]] = {}
    for entry in dataclasses.fields(Settings):
        meta = entry.metadata
        allowed = ", ".join(f"`{c}`" for c in meta["choices"])
        if meta["low"] is not None:
            allowed = f"{meta['low']:.10g} to {meta['high']:.10g}"
        row = (f"`{entry.name}`", f"`{entry.default!r}`", allowed, meta["help"])
        groups.setdefault(meta["group"], []).append(row)
    text = (
        "# Settings\n\nDefaults < `settings.toml` in the platform's configuration folder < the "
        "environment (`CITYTWIN_` and the name in capitals, `CITYTWIN_MAX_ERROR=8`) < the command line "
        "(`--set max_error=8`). In the window: the settings dialog.\n"
    )
    for group, rows in groups.items():
        text += f"\n## {group}\n\n" + table(("name", "default", "allowed", "what it does"), rows)
    return text


def formats_page() -> str:
    """Return every registered format with what its loader says of itself."""
    text = (
        "# Formats\n\nA location is recognised by its content first and its name second. Loaders are "
        "entry points (`citytwin.loaders`); another package can add one.\n"
    )
    for name, loader in sorted(registered("citytwin.loaders").items()):
        module = importlib.import_module(f"loaders.{name}")
        suffixes = ", ".join(f"`.{suffix}`" for suffix in loader.suffixes)
        text += f"\n## {name}\n\nName in `info`: `{loader.format}`. Files: {suffixes}.\n\n"
        text += (inspect.getdoc(module) or "").strip() + "\n"
        text += options_table(name, getattr(loader, "options", ()))
    return text


def options_table(name: str, options: tuple[Option, ...]) -> str:
    """Return what a person may decide about a source of a format."""
    if not options:
        return ""
    words = catalogue("en")
    rows: list[tuple[object, ...]] = [
        (
            f"`{option.name}`",
            ", ".join(f"`{choice}`" for choice in option.choices),
            words.text(f"option.{name}.{option.name}_tip"),
        )
        for option in options
    ]
    return (
        '\nOptions: `--option NAME=VALUE` for any verb that opens, `options = {NAME = "VALUE"}` in a '
        "manifest, the layer's page in the window. The first choice holds where nobody said.\n\n"
        + table(("name", "choices", "what it does"), rows)
    )


def every_error(root: type[TwinError] = TwinError) -> Iterator[type[TwinError]]:
    """Yield the whole tree of errors."""
    for kind in root.__subclasses__():
        yield kind
        yield from every_error(kind)


def errors_page() -> str:
    """Return every error and problem code with its text in both languages."""
    for module in pkgutil.walk_packages(twin.__path__, "twin."):
        importlib.import_module(module.name)
    registered("citytwin.loaders")
    for module_name, _ in importlib.import_module("ui.cli").VERBS.values():
        importlib.import_module(module_name)
    english, chinese = catalogue("en"), catalogue("zh")
    found = {kind.code: kind for kind in every_error()}
    rows: list[tuple[object, ...]] = []
    for code, kind in sorted(found.items()):
        shown = f"`{code}.<format>`" if code == "broken" else f"`{code}`"
        key = f"error.{code}"
        other = chinese.texts.get(key, "")
        about = (inspect.getdoc(kind) or "").split(" Params:")[0].split("\n\n")[0]
        rows.append((shown, about, english.texts.get(key, kind.template), other))
    text = (
        "# Codes\n\nAn **error** ends the work on one location; the command line prints "
        "`error[CODE] FILE: what is wrong, and what to do` and the others go on. A **problem** is "
        "something wrong with one object or tile: it is listed by `info`, counted in the audit, "
        "and its neighbours are unaffected. Codes are stable.\n\n## Errors\n\n"
    )
    text += table(("code", "when", "text", "中文"), rows)
    keys = sorted(key for key in english.texts if key.startswith("problem."))
    problems: list[tuple[object, ...]] = [
        (f"`{key.removeprefix('problem.')}`", english.texts[key], chinese.texts.get(key, ""))
        for key in keys
    ]
    return text + "\n## Problems\n\n" + table(("code", "text", "中文"), problems)


def rules_page() -> str:
    """Return the three rule files as their reader documents them."""
    doc = inspect.getdoc(importlib.import_module("twin.maintenance.rules")) or ""
    parts = re.split(r"\n\*\*(\w+\.toml)\*\* - ([^\n]*?)::\n", doc)
    text = (
        "# Rule files\n\nWho must update what, how often, and what hints at change: three TOML files, "
        "given by `--policy`, `--custodians` and `--evidence`, or named by a project. "
        "`sample_models/` holds one of each.\n"
    )
    for name, what, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        block, _, rest = re.sub(r"\n(?=\S)", "\n\0", body, count=1).partition("\0")
        text += f"\n## {name}: {what}\n\n```toml\n{textwrap.dedent(block).strip()}\n```\n"
        text += f"\n{rest.strip()}\n" if rest.strip() else ""
    return text


def verb(name: str, module: str) -> Any:
    """Return the click command of a verb, made as the command line makes it."""
    found = importlib.import_module(module)
    app = getattr(found, f"{name}_app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command(name)(getattr(found, f"{name}_", None) or getattr(found, name))
    return typer.main.get_command(app)


def verb_text(command: Any, name: str) -> str:
    """Return a verb, and its own verbs, with usage and options."""
    inner = getattr(command, "commands", {})
    text = f"\n## citytwin {name}\n\n"
    if command.help:
        text += inspect.cleandoc(command.help).split("\f")[0].strip() + "\n\n"
    if inner:
        return text + "".join(verb_text(inner[key], f"{name} {key}") for key in inner)
    words = [
        f"[{p.name.upper()}]" if not p.required else p.name.upper()
        for p in command.params
        if p.param_type_name == "argument"
    ]
    text += f"`{' '.join(['citytwin', name, *words, '[OPTIONS]'])}`\n\n"
    rows: list[tuple[object, ...]] = [
        (", ".join(f"`{x}`" for x in (*p.opts, *p.secondary_opts)), getattr(p, "help", "") or "")
        for p in command.params
        if p.name != "help"
    ]
    return text + (table(("argument or option", "what"), rows) if rows else "")


def verbs_page() -> str:
    """Return every verb of the command line with its help."""
    cli = importlib.import_module("ui.cli")
    text = (
        "# Command line\n\n`citytwin VERB ...`; `python -m ui` is the same. Results on stdout, progress and "
        "errors on stderr. Exit codes: 0 done; 1 done, with findings that `--fail-on` asked about; "
        "2 wrong usage or unreadable input, said in one line `error[CODE] FILE: what is wrong, and what "
        "to do` (`--debug` adds the traceback).\n\nEvery verb takes `--offline` (no server is asked; kept answers "
        "are used) and `--allow-host HOST` (sources of other hosts may name it; may be repeated).\n"
    )
    return text + "".join(
        verb_text(verb(name, module), name) for name, (module, _) in cli.VERBS.items()
    )


def window_page() -> str:
    """Return every action of the window with its keys, and the mouse habits."""
    words = catalogue("en")
    declared = importlib.import_module("ui.actions").ACTIONS
    rows: list[tuple[object, ...]] = [
        (
            words.text(f"window.action.{action.name}").replace("&", ""),
            ", ".join(f"`{key}`" for key in action.keys),
            {"": "", "city": "a city", "selection": "a selection"}[action.needs],
        )
        for action in declared
    ]
    names = [
        c
        for f in dataclasses.fields(Settings)
        if f.name == "navigation"
        for c in f.metadata["choices"]
    ]
    habits: list[tuple[object, ...]] = [
        (words.text(f"window.habit.{name}"), f"`{name}`", words.text(f"window.habit.{name}_words"))
        for name in names
    ]
    return (
        "# The window\n\nEvery action is in a menu, in the command palette (`Ctrl+K`) and, where it has "
        "keys, on the cheat sheet (`F1`). A click selects an object, Ctrl and Shift add to the selection; "
        "the freshness table and the view select together; a count in the legend filters.\n\n"
        "![The window in Chinese, light: a selected building and its passport]"
        "(../images/window-zh.png)\n\n"
        "The page of a layer (`L`) says how it is shown, what it is and what is wrong with it. `F3` shows "
        "what streaming does, in numbers, `Shift+F3` the boxes of the tiles; a click on the count of failed "
        "tiles in the status bar asks for them again.\n\n"
        "![A tileset while it streams: its page, the numbers and the boxes](../images/streaming.png)\n\n"
        "## Actions\n\n" + table(("action", "keys", "needs"), rows) + "\n## Mouse habits\n\n"
        "Chosen in the settings (`navigation`). The wheel zooms to the cursor in all of them.\n\n"
        + table(("habit", "setting", "what the buttons do"), habits)
    )


PAGES: dict[str, Callable[[], str]] = {
    "window.md": window_page,
    "command-line.md": verbs_page,
    "commands.md": commands_page,
    "settings.md": settings_page,
    "formats.md": formats_page,
    "rules.md": rules_page,
    "codes.md": errors_page,
}


def main() -> int:
    """Write the pages, or say which are out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    late = []
    for name, make in PAGES.items():
        text = NOTE + "\n" + make().rstrip() + "\n"
        path = MANUAL / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        late.append(name)
        if not check:
            path.write_text(text, encoding="utf-8")
    print(("out of date: " if check else "written: ") + (", ".join(late) or "nothing"))
    return int(bool(late) and check)


if __name__ == "__main__":
    sys.exit(main())
