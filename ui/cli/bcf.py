"""The verb ``bcf``: topics of a BCF file or a project listed, converted to BCF 3.0, exported."""

import datetime
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from twin.errors import UsageError
from twin.exchange.bcf.binding import time_of
from twin.exchange.bcf.model import Bcf, Topic
from twin.exchange.bcf.reading import read
from twin.exchange.bcf.writing import write
from twin.opening import PROJECT
from twin.scene import Twin
from twin.store.project_file import open_project
from twin.topics.changes import exported, topic_of
from ui.cli.opening import AsJson, Lang

File = Annotated[str, typer.Argument(help="A BCF file or a project.")]
Source = Annotated[str, typer.Argument(help="A BCF 2.1 or 3.0 file.")]
Project = Annotated[str, typer.Argument(help="A project, P.twin.gpkg.")]
Out = Annotated[Path, typer.Argument(help="The BCF 3.0 file to write.")]
At = Annotated[str, typer.Option("--at", help="The time of the file's members (default now).")]
Topics = Annotated[
    list[str] | None, typer.Option("--topic", help="Only this topic (its guid or its beginning).")
]

bcf_app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
KINDS = ("topics", "exchanges", "files")


@bcf_app.callback()
def _bcf() -> None:
    """List, convert and export topics (BIM Collaboration Format)."""


@bcf_app.command("list")
def list_(file: File, as_json: AsJson = False, lang: Lang = "en") -> None:
    """List the topics of a BCF file or a project; what is wrong with the file goes to stderr."""
    found = _opened(file)
    _complain(found, lang)
    if as_json:
        print(orjson.dumps(_document(file, found)).decode())
        return
    for topic in found.topics:
        due = topic.due[:10] or "-"
        words = (topic.status or "-", topic.type or "-", topic.priority or "-", due,
                 topic.assigned or "-")  # fmt: skip
        counts = f"{len(topic.comments)} comments, {len(topic.viewpoints)} viewpoints"
        print(f"{topic.guid[:8]}  {'  '.join(words)}  {topic.title}  ({counts})")
    print(f"{len(found.topics)} topics, BCF {found.version}")


@bcf_app.command("convert")
def convert(
    file: Source, out: Out, at: At = "", as_json: AsJson = False, lang: Lang = "en"
) -> None:
    """Write a BCF file as BCF 3.0; what it holds beyond the standard is kept."""
    if out.exists() and Path(file).exists() and out.samefile(file):
        raise UsageError(reason=f"{out}: the file that is read is never written; name another")
    found = read(file)
    _complain(found, lang)
    _write(out, found, at, as_json)


@bcf_app.command("export")
def export(
    project: Project, out: Out, topic: Topics = None, at: At = "", as_json: AsJson = False
) -> None:
    """Write the topics of a project (all, or those named) as BCF 3.0."""
    twin = _twin(project)
    guids = [topic_of(twin, name).guid for name in topic or ()]
    _write(out, exported(twin, guids), at, as_json)


def _opened(path: str) -> Bcf:
    return exported(_twin(path)) if path.lower().endswith(PROJECT) else read(path)


def _twin(path: str) -> Twin:
    """Return a twin with the topics of a project and nothing else. Raises StoreError."""
    store = open_project(Path(path))
    try:
        kept = store.load().records
    finally:
        store.close()
    twin = Twin()
    for kind in KINDS:
        twin.records[kind].update(kept[kind])
    return twin


def _write(out: Path, bcf: Bcf, at: str, as_json: bool) -> None:
    if out.suffix.lower() not in (".bcf", ".bcfzip"):
        raise UsageError(reason=f"{out}: the name of a BCF file ends with .bcf")
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    write(out, bcf, time_of(at) if at else now)
    told = {"path": str(out), "version": "3.0", "topics": len(bcf.topics)}
    print(orjson.dumps(told).decode() if as_json else f"{out}: {len(bcf.topics)} topics, BCF 3.0")


def _complain(bcf: Bcf, lang: str) -> None:
    for problem in bcf.problems:
        print(f"problem[{problem.code}] {' '.join(problem.said(lang).split())}", file=sys.stderr)


def _document(path: str, bcf: Bcf) -> dict[str, Any]:
    return {
        "path": path,
        "version": bcf.version,
        "project": bcf.frame.name,
        "topics": [_told(topic) for topic in bcf.topics],
        "problems": [{"code": x.code, "text": x.said("en")} for x in bcf.problems],
    }


def _told(topic: Topic) -> dict[str, Any]:
    names = ("guid", "title", "type", "status", "priority", "assigned", "due", "created", "author",
             "modified", "stage", "description", "server_id")  # fmt: skip
    found: dict[str, Any] = {name: getattr(topic, name) for name in names}
    found["labels"] = list(topic.labels)
    found["related"] = [x.guid for x in topic.related]
    found["models"] = [x.filename or x.reference for x in topic.models]
    found["comments"] = [
        {"guid": x.guid, "date": x.date, "author": x.author, "text": x.text, "viewpoint": x.viewpoint}
        for x in topic.comments
    ]  # fmt: skip
    found["viewpoints"] = [
        {"guid": x.guid, "snapshot": x.snapshot, "objects": _objects(topic, x.guid)}
        for x in topic.viewpoints
    ]
    return found


def _objects(topic: Topic, guid: str) -> Sequence[str]:
    view = topic.viewpoint(guid)
    scene = None if view is None else view.scene
    return [] if scene is None else [x.ifc_guid or x.tool_id for x in scene.selection]
