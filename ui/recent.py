"""What was open before: paths with title, time and status counts, in one small TOML file of the user."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from twin.settings import settings_file

MOST = 12


@dataclass(frozen=True, slots=True)
class Recent:
    """One opened location."""

    path: str
    title: str = ""
    opened_at: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


def recent_file() -> Path:
    """Return the path of the list (it need not exist)."""
    return settings_file().with_name("recent.toml")


def load_recent() -> tuple[Recent, ...]:
    """Return what was opened, newest first; a list that cannot be read is empty."""
    try:
        found = tomllib.loads(recent_file().read_text("utf-8")).get("recent", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ()
    return tuple(
        Recent(
            str(entry.get("path", "")),
            str(entry.get("title", "")),
            str(entry.get("opened_at", "")),
            {str(k): int(v) for k, v in dict(entry.get("counts", {})).items()},
        )
        for entry in found
        if isinstance(entry, dict) and entry.get("path")
    )


def remember(latest: Recent) -> None:
    """Put a location at the top of the list. Raises OSError where the folder cannot be written."""
    _write([latest, *(entry for entry in load_recent() if entry.path != latest.path)])


def moved(old: str, new: str) -> None:
    """Note that a location lies elsewhere now. Raises OSError like ``remember``."""
    _write([replace(x, path=new) if x.path == old else x for x in load_recent()])


def _write(entries: list[Recent]) -> None:
    lines: list[str] = []
    for entry in entries[:MOST]:
        lines += ["[[recent]]", f"path = {_text(entry.path)}", f"title = {_text(entry.title)}"]
        lines += [f"opened_at = {_text(entry.opened_at)}"]
        inner = ", ".join(f"{key} = {int(n)}" for key, n in entry.counts.items())
        lines += [f"counts = {{ {inner} }}", ""]
    path = recent_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text("\n".join(lines), "utf-8")
    draft.replace(path)


def forget_all() -> None:
    """Empty the list."""
    recent_file().unlink(missing_ok=True)


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else " " for c in escaped) + '"'
