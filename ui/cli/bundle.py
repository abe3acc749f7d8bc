"""The verbs ``bundle`` and ``unbundle``: a project with all it shows, to be opened without the network."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from twin.bundling import bundle as make_bundle
from twin.bundling import unpacked
from twin.files import access_of, use
from twin.messages import text
from twin.settings import load
from ui.cli.opening import AsJson, Lang

ProjectFile = Annotated[Path, typer.Argument(help="A project, P.twin.gpkg.")]
Out = Annotated[Path, typer.Option("--out", help="The archive F.twin.zip, or a new folder.")]
Archive = Annotated[Path, typer.Argument(help="A bundle, F.twin.zip.")]
Folder = Annotated[
    Path | None, typer.Option("--out", help="The folder to unpack into (default: beside it).")
]


def bundle_(project: ProjectFile, out: Out, as_json: AsJson = False, lang: Lang = "en") -> None:
    """Copy a project, its sources and their tiles into one place that needs no network."""
    use(access_of(load()))
    done = make_bundle(project, out)
    if as_json:
        said = {
            "out": str(done.path), "sources": done.sources, "files": done.files,
            "bytes": done.octets, "left_out": [{"what": x.what, "why": x.why} for x in done.left],
        }  # fmt: skip
        sys.stdout.buffer.write(orjson.dumps(said, option=orjson.OPT_INDENT_2) + b"\n")
        return
    megabytes = f"{done.octets / 1e6:.1f}"
    facts = {"path": done.path, "sources": done.sources, "files": done.files, "mb": megabytes}
    print(text("bundle.done", lang, **facts))
    for item in done.left:
        print(text("bundle.left", lang, what=item.what, why=item.why), file=sys.stderr)


def unbundle(archive: Archive, out: Folder = None, lang: Lang = "en") -> None:
    """Unpack a bundle and say where its project lies."""
    print(unpacked(archive, out))
