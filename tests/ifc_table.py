"""The table of every real IFC: what we read of each, beside what ifcopenshell counts and OpenCASCADE draws.

    python -m tests.ifc_table DATA [--malformed] [--slow] [--out TABLE.md]

DATA holds ``ifc/`` and ``malformed/buildingSMART_ifc-gherkin-rules/``. Each file is read in a worker
process, one that dies is a row like any other. Independent: products, property sets and storeys by
ifcopenshell's own functions, and the elements to which its iterator with the kernel opencascade gives
triangles; where we differ the row is marked with ``!``. Of the rule files of GRF it is said whether
we name a finding: ``fail-`` files should have one.
"""

import argparse
import json
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import ifcopenshell.geom
import ifcopenshell.util.element
import numpy as np

from loaders.ifc import LOADER, reading, shapes
from loaders.ifc.choosing import COLUMN, NEVER
from loaders.ifc.options import SWITCHES
from loaders.ifc.structure import of_types
from twin.errors import NotSupported, TwinError
from twin.features import EXTRA
from twin.jobs import Jobs, Outcome, allowance
from twin.ports import SILENT, Content, Feedback, Lane, Opened, Options

FOLDERS = ("ifc",)
RULES = "malformed/buildingSMART_ifc-gherkin-rules"
SLOW = "LINDEN"
"""Takes half a minute in any kernel that cuts openings."""
SECONDS = 600.0
READING = ("ifc.no_", "ifc.id_", "ifc.all_cut", "ifc.encoding", "ifc.not_", "ifc.zip", "ifc.kills")
"""Problems that are no findings about the place."""


@dataclass
class Row:
    """What is told of one file; ``differs`` are our differences from the independent counts."""

    name: str
    schema: str = ""
    refused: str = ""
    elements: int = 0
    drawn: int = 0
    exact: int = 0
    without: Counter[str] = field(default_factory=Counter)
    sets: int = 0
    storeys: int = 0
    place: str = "-"
    findings: Counter[str] = field(default_factory=Counter)
    dates: str = "-"
    seconds: float = 0.0
    differs: list[str] = field(default_factory=list)


def examined(path: Path, name: str, feedback: Feedback) -> Row:
    """Return the row of one file (in a worker process)."""
    row = Row(name)
    begun = time.perf_counter()
    try:
        found, contents = read(path)
    except NotSupported as error:
        row.refused = f"refused: {error.params['what']}"
        return row
    except TwinError as error:
        row.refused = f"refused: {error.full_code}: {error}"
        return row
    row.seconds = time.perf_counter() - begun
    with shapes.quiet(reading.read(str(path), SILENT).file):
        compare(row, path, found, contents)
    return row


def read(path: Path) -> tuple[Opened, list[Content]]:
    """Open a file and fetch every tile. Raises TwinError."""
    source = LOADER.source(str(path), Options())
    found = source.open(SILENT)
    contents = []
    for tile in np.flatnonzero(found.tree.content).tolist():
        content = found.ready.get(tile) or source.fetch(tile, found.tokens[tile], SILENT)
        if isinstance(content, Content):
            contents.append(content)
    return found, contents


def compare(row: Row, path: Path, found: Opened, contents: Sequence[Content]) -> None:
    """Fill a row, ours beside the independent counts."""
    table = found.features
    file = reading.read(str(path), SILENT).file
    row.schema, row.elements = file.schema_identifier, len(table)
    drawn = {str(table.id[r]) for c in contents for d in c.drawables for r in np.unique(d.feature)}
    row.drawn = len(drawn)
    problems = [*found.problems, *(p for c in contents for p in c.problems)]
    row.findings = Counter(p.code for p in problems)
    if COLUMN in table.columns:
        row.without = Counter(str(x) for x in table[COLUMN] if x is not None)
    row.without += Counter(p.code for c in contents for p in c.problems if p.feature not in drawn)
    row.storeys = int(sum(str(kind) == "IfcBuildingStorey" for kind in table["kind"]))
    row.place, row.dates = placed(found), dated(found)
    ours = names_of_properties(found)
    theirs = property_sets(file)
    row.sets = len({name for name in theirs if any(key.startswith(f"{name}.") for key in ours)})
    solid = exact(file)
    row.exact = len(solid)
    unexplained = len(table) - row.drawn - sum(row.without.values())
    counts = {
        "products": (len(table), len(file.by_type("IfcProduct"))),
        "storeys": (row.storeys, len(file.by_type("IfcBuildingStorey"))),
        "property sets": (row.sets, len(theirs)),
        "missing of opencascade's": (len(solid - drawn), 0),
        "without a reason": (unexplained, 0),
    }
    row.differs = [f"{what} {a} not {b}" for what, (a, b) in counts.items() if a != b]


def names_of_properties(found: Opened) -> set[str]:
    """Return the full names of all properties that any of our objects has."""
    table = found.features
    names = {name for name in table.columns if "." in name}
    if EXTRA in table.columns:
        for text in table[EXTRA]:
            names.update(json.loads(str(text)) if text is not None else ())
    return names


def property_sets(file: Any) -> set[str]:
    """Return the names of the sets with any value, by ifcopenshell's own function."""
    found: set[str] = set()
    for product in file.by_type("IfcProduct"):
        for name, values in ifcopenshell.util.element.get_psets(product).items():
            if any(value is not None for key, value in values.items() if key != "id"):
                found.add(name)
    return found


def exact(file: Any) -> set[str]:
    """Return the GlobalIds to which opencascade gives triangles, what is hidden left out."""
    kinds = [*NEVER, *(kind for kinds in SWITCHES.values() for kind in kinds)]
    hidden = of_types(file, [*kinds, "IfcAlignment", "IfcAlignmentSegment"])
    steps = [p for p in file.by_type("IfcProduct") if p.id() not in hidden and p[6] is not None]
    if not steps:
        return set()
    settings = ifcopenshell.geom.settings()
    iterator = ifcopenshell.geom.iterator(
        settings, file, 2, include=steps, geometry_library="opencascade"
    )
    return {element.guid for element in iterator if len(element.geometry.faces)}


def placed(found: Opened) -> str:
    """Return route, system, E N H and rotation of the route that is used."""
    for route in found.about.routes:
        place = route.placement
        if route.state == "used" and place is not None:
            numbers = f"{place.easting:.2f} {place.northing:.2f} {place.height:.2f}"
            return f"{route.name} {place.crs or '?'} {numbers} {place.rotation:.3f}°"
    frame = found.frame
    if frame is None:
        return "-"
    angle = math.degrees(math.atan2(frame[1, 0], frame[0, 0]))
    return f"{found.about.crs or '?'} {' '.join(f'{x:.2f}' for x in frame[:3, 3])} {angle:.3f}°"


def dated(found: Opened) -> str:
    """Return how many of the dates found say something, and from when to when."""
    said = found.observations
    times = said.t_lo[~np.isnat(said.t_lo)]
    if not len(times):
        return f"0 of {len(said.row)}"
    span = f"{str(times.min())[:10]}..{str(times.max())[:10]}"
    return f"{len(times)} of {len(said.row)}, {span}"


def files(data: Path, malformed: bool) -> list[tuple[str, Path]]:
    """Return name and path of every IFC under DATA, folders that only look like one left out."""
    folders = (*FOLDERS, RULES) if malformed else FOLDERS
    return [
        (path.relative_to(data).as_posix(), path)
        for folder in folders
        for path in sorted((data / folder).rglob("*"))
        if path.suffix.lower() in (".ifc", ".ifczip") and path.is_file()
    ]


def table(rows: Sequence[Row]) -> str:
    """Return the table as Markdown, and the sums below it."""
    head = (
        "| file | schema | elements | drawn | opencascade | without, by reason | sets | storeys "
        "| placed | findings | dates | s | differs |\n|" + "---|" * 13
    )
    return "\n".join([head, *map(line, rows), "", *summary(rows)])


def line(row: Row) -> str:
    """Return a row of the table."""
    name = "/".join(row.name.split("/")[-2:])
    if row.refused:
        return f"| {name} | {row.refused} |" + " |" * 11
    cells = (
        name, row.schema, row.elements, row.drawn, row.exact, listed(row.without), row.sets,
        row.storeys, row.place, listed(row.findings), row.dates, f"{row.seconds:.1f}",
        " ".join(f"! {what}" for what in row.differs),
    )  # fmt: skip
    return "| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |"


def listed(counts: Counter[str]) -> str:
    """Return counts as text, the most first."""
    return ", ".join(f"{count} {what}" for what, count in counts.most_common()) or "-"


def summary(rows: Sequence[Row]) -> list[str]:
    """Return sums, and of the rule files whether we name what is wrong with the place."""
    read_ = [row for row in rows if not row.refused]
    refused = Counter(row.refused[:60] for row in rows if row.refused)
    without = sum((row.without for row in read_), Counter[str]())
    lines = [
        f"{len(rows)} files: {len(read_)} read, {len(rows) - len(read_)} refused: {listed(refused)}",
        f"{sum(r.elements for r in read_)} elements, {sum(r.drawn for r in read_)} drawn, "
        f"{sum(r.exact for r in read_)} with triangles by opencascade; without: {listed(without)}",
        f"{sum(bool(row.differs) for row in read_)} files differ from the independent counts; "
        f"{sum(row.seconds for row in read_):.1f} s of reading",
    ]
    for row in read_:
        rule = row.name.split("/")[-1]
        if "-grf" in rule:
            told = [code for code in row.findings if not code.startswith(READING)]
            lines.append(f"{rule}: {'named: ' + ', '.join(told) if told else 'nothing named'}")
    return lines


def main() -> None:
    """Examine every file and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--malformed", action="store_true", help="the rule files too")
    parser.add_argument("--slow", action="store_true", help=f"{SLOW} too")
    parser.add_argument("--out", type=Path, help="write the table here")
    given = parser.parse_args()
    jobs, rows = Jobs(2, most=allowance(0)), []
    try:
        for name, path in files(given.data, given.malformed):
            if SLOW in name and not given.slow:
                continue
            ended: list[Outcome] = []
            jobs.submit(partial(examined, path, name), ended.append, Lane.PROCESS, key="table")
            if not jobs.finish(SECONDS) or ended[0].value is None:
                said = str(ended[0].error) if ended else f"more than {SECONDS:g} s"
                ended = [Outcome(Row(name, refused=f"failed: {said}"))]
            rows.append(ended[0].value)
    finally:
        jobs.close()
    text = table(rows)
    if given.out:
        given.out.write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
