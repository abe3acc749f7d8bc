"""The verb ``export``: objects as meshes for other programs; it starts without Qt and VTK."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from twin.errors import UsageError
from twin.geometry import Rows
from twin.session import Session
from ui.cli.loading import opened, settle
from ui.cli.objects import Condition, matching, parse_where, with_rare
from ui.cli.opening import Opening, Paths, opening_options

Out = Annotated[Path, typer.Option("--out", help="A file that ends in .glb or .obj.")]


@opening_options("mapping", "crs", "vertical", "lod", "run")
def export_(
    paths: Paths,
    out: Out,
    opening: Opening,
    where: Condition = "",
) -> None:
    """Write objects as glTF (GLB) or OBJ."""
    session = opened(paths, opening)
    try:
        print(f"{carried(session, where, out)} objects: {out}")
    finally:
        session.close()


def carried(session: Session, where: str, out: Path) -> int:
    """Write the objects that fulfil a condition; return how many had a surface. Raises TwinError."""
    conditions = parse_where(where)
    asked = [condition.column for condition in conditions]
    rows: dict[str, Rows] = {
        key: np.flatnonzero(matching(with_rare(layer, asked), conditions)).astype(np.int32)
        for key, layer in session.twin.layers.items()
    }
    rows = {key: found for key, found in rows.items() if len(found)}
    if not rows:
        raise UsageError(reason="no object fulfils the condition")
    work = session.carrying(rows, out)
    while not work.done:
        work.step()
        settle(session)
    if work.error is not None:
        raise work.error
    return work.count or 0
