"""One IFC file opened in a process of its own: seconds, and the most memory that the process had.

``python -m tests.bench.ifc_side MODE FILE [FOLDER]`` with MODE raw (parser and bare iterator of the
hybrid kernel), shapes (parser and all triangles, as web-ifc: no table), ours (opening, then every tile)
or cached (the same from the cache in FOLDER).
Libraries are loaded before the clock starts, as web-ifc's are.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import ifcopenshell.geom
import numpy as np
import psutil

from loaders.ifc import LOADER, makers, reading, shapes
from loaders.ifc.choosing import choose
from twin.geometry import triangle_count
from twin.opening import Cached
from twin.ports import SILENT, Content, Options, Source

SMALL = Path(__file__).parent.parent / "data" / "simple_wall.ifc"


def raw(location: str) -> dict[str, Any]:
    """Parse and run the bare iterator, with as many threads as the loader uses."""
    start = perf_counter()
    file = ifcopenshell.open(location)
    hidden = ["IfcSpace", "IfcOpeningElement"]
    iterator = ifcopenshell.geom.iterator(
        ifcopenshell.geom.settings(),
        file,
        shapes.THREADS,
        exclude=hidden,
        geometry_library=shapes.KERNEL,
    )
    drawn = sum(1 for element in iterator if len(element.geometry.faces))
    return {"complete": perf_counter() - start, "drawn": drawn}


def bare_shapes(location: str) -> dict[str, Any]:
    """Read a model and make all its triangles, and nothing else."""
    reading.forget()
    start = perf_counter()
    model = reading.read(location, SILENT)
    with shapes.quiet(model.file):
        steps = list(choose(model.file, {}).bodies)
        found, geometries = makers.start(model, steps, SILENT).take(steps, SILENT)
    drawn = {shape.step for shape in found if len(geometries[shape.geometry].triangles)}
    return {"complete": perf_counter() - start, "drawn": len(drawn)}


def whole(source: Source) -> dict[str, Any]:
    """Open a source and fetch every tile, in order."""
    start = perf_counter()
    found = source.open(SILENT)
    first = perf_counter() - start
    contents = list(found.ready.values())
    for tile in np.flatnonzero(found.tree.content).tolist():
        if tile not in found.ready:
            content = source.fetch(tile, found.tokens[tile], SILENT)
            contents += [content] if isinstance(content, Content) else []
    seconds = perf_counter() - start
    rows = [item.feature for content in contents for item in content.drawables]
    drawn = len(np.unique(np.concatenate(rows))) if rows else 0
    triangles = sum(triangle_count(content.drawables) for content in contents)
    return {"first": first, "complete": seconds, "drawn": drawn, "triangles": triangles}


def _run(mode: str, location: str, folder: str) -> dict[str, Any]:
    def ours(path: str) -> Source:
        return LOADER.source(path, Options())

    doing: dict[str, Callable[[str], dict[str, Any]]] = {
        "raw": raw,
        "shapes": bare_shapes,
        "ours": lambda path: whole(ours(path)),
        "cached": lambda path: whole(Cached(ours(path), folder)),
    }
    if mode == "cached":
        whole(Cached(ours(str(SMALL)), f"{folder}-small"))
        whole(Cached(ours(location), folder))
    else:
        doing[mode](str(SMALL))
    before = process_time()
    found = doing[mode](location)
    info = psutil.Process().memory_info()
    peak = getattr(info, "peak_wset", 0) or _most()
    return {**found, "cpu": process_time() - before, "peak_mb": peak / 1e6}


def _most() -> int:
    """Return the largest resident size so far, bytes (Linux)."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    (line,) = [line for line in lines if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    print(json.dumps(_run(sys.argv[1], sys.argv[2], (sys.argv[3:] or [""])[0])), flush=True)
