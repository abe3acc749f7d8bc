"""What every verb that opens something is told, and the way it is given the options of opening.

The options are declared once, here; a verb names those it offers and gets them as one ``Opening``.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any

import typer

Paths = Annotated[list[str], typer.Argument(help="Files, folders, addresses or a project.")]
Policy = Annotated[str, typer.Option(help="Policy, a TOML file.")]
Custodians = Annotated[str, typer.Option(help="Custodians, a TOML file.")]
EvidenceFile = Annotated[
    str, typer.Option("--evidence", help="Evidence of change: TOML, a table or a vector file.")
]
SidecarFiles = Annotated[
    list[str] | None,
    typer.Option("--sidecar", help="A table that says more of the objects, by key."),
]
Mapping = Annotated[str, typer.Option(help="Names of fields, a TOML file.")]
System = Annotated[str, typer.Option(help="Coordinate system where none is named, EPSG:n.")]
Lod = Annotated[str, typer.Option(help="The level of detail wanted.")]
Choices = Annotated[
    list[str] | None, typer.Option("--option", help="A choice the format offers, name=value.")
]
Drape = Annotated[
    str,
    typer.Option(
        help="Imagery draped on terrain: GeoTIFF, folder z/x/y, address with {z}, {x}, {y}, or WMTS."
    ),
]
Lang = Annotated[str, typer.Option(help="en or zh.")]
At = Annotated[str, typer.Option("--at", help="Evaluation instant, ISO 8601 (default now).")]
AsOf = Annotated[str, typer.Option("--as-of", help="The city as it was then (valid time).")]
KnownAt = Annotated[str, typer.Option("--known-at", help="As we knew it then (transaction time).")]
Run = Annotated[
    list[str] | None, typer.Option("--run", help='A named command first: "COMMAND key=value".')
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@dataclass(frozen=True, slots=True)
class Opening:
    """What the options say about opening."""

    policy: str = ""
    custodians: str = ""
    evidence: str = ""
    mapping: str = ""
    crs: str = ""
    vertical: str = ""
    lod: str = ""
    lang: str = "en"
    at: str = ""
    as_of: str = ""
    known_at: str = ""
    run: Sequence[str] = field(default_factory=tuple)
    options: Sequence[str] = field(default_factory=tuple)
    sidecars: Sequence[str] = field(default_factory=tuple)
    drape: str = ""


OPTIONS: dict[str, tuple[Any, str]] = {
    "policy": (Policy, "policy"),
    "custodians": (Custodians, "custodians"),
    "evidence": (EvidenceFile, "evidence"),
    "mapping": (Mapping, "mapping"),
    "crs": (System, "crs"),
    "vertical": (System, "vertical"),
    "lod": (Lod, "lod"),
    "option": (Choices, "options"),
    "sidecar": (SidecarFiles, "sidecars"),
    "drape": (Drape, "drape"),
    "at": (At, "at"),
    "as_of": (AsOf, "as_of"),
    "known_at": (KnownAt, "known_at"),
    "run": (Run, "run"),
    "lang": (Lang, "lang"),
}
"""Option -> its type, and the field of ``Opening`` that it fills."""
LISTS = ("option", "sidecar", "run")
RULES = ("policy", "custodians")
SOURCE = ("mapping", "crs", "vertical", "lod", "option")
TIME = ("at", "as_of", "known_at")


def opening_options(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a verb these options of opening and ``--lang``; it gets them as its argument ``opening``."""
    offered = (*names, "lang")

    def dressed(verb: Callable[..., None]) -> Callable[..., None]:
        @wraps(verb)
        def told(**given: Any) -> None:
            said = {OPTIONS[name][1]: given.pop(name) for name in offered}
            filled: dict[str, Any] = {name: () if x is None else x for name, x in said.items()}
            verb(**given, opening=Opening(**filled))

        own = inspect.signature(verb).parameters.values()
        kept = [one for one in own if one.name != "opening"]
        more = [_parameter(name) for name in offered]
        told.__signature__ = inspect.Signature([*kept, *more])  # type: ignore[attr-defined]
        told.__annotations__ = {one.name: one.annotation for one in (*kept, *more)}
        return told

    return dressed


def _parameter(name: str) -> inspect.Parameter:
    default: Any = None if name in LISTS else "en" if name == "lang" else ""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(name, kind, default=default, annotation=OPTIONS[name][0])
