"""An element that kills its process is found, left out and listed; everything else is drawn."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from loaders.ifc import shapes, source
from loaders.ifc.careful import MOST_TRIES, Journal
from loaders.ifc.source import IfcSource
from tests.loaders.ifc_files import Building
from twin.errors import BrokenFile
from twin.jobs import Jobs
from twin.ports import Content, Feedback, Options, Probe, Source
from twin.session import Session
from twin.settings import Settings

DEADLY = "Deadly"


@dataclass(frozen=True, slots=True)
class Killing(IfcSource):
    """An IFC whose kernel ends the process at elements of a certain name, or at once."""

    def open(self, feedback: Feedback) -> Any:
        """Open with the deadly kernel."""
        _arm()
        if "atonce" in self.location:
            source.read = _die  # type: ignore[attr-defined,assignment]
        return IfcSource.open(self, feedback)

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | None:
        """Fetch with the deadly kernel."""
        _arm()
        return IfcSource.fetch(self, tile, token, feedback)


def _die(*anything: object) -> Any:
    os._exit(3)


def _arm() -> None:
    """Let the kernel end this process when it is asked for a deadly element."""
    real = getattr(shapes.start, "real", shapes.start)

    def start(file: Any, steps: Sequence[int], *args: Any, **named: Any) -> Any:
        if any(file.by_id(step)[2] == DEADLY for step in steps):
            os._exit(3)
        return real(file, steps, *args, **named)

    start.real = real  # type: ignore[attr-defined]
    shapes.start = start


@dataclass(frozen=True, slots=True)
class Loading:
    """Recognises ``*.ifc`` with the deadly kernel."""

    format: str = "ifc"
    suffixes: tuple[str, ...] = ("ifc",)
    version: str = "1"

    def recognise(self, probe: Probe) -> int:
        return 90 if probe.name.endswith(".ifc") else 0

    def source(self, location: str, options: Options) -> Source:
        return Killing(location, options)


def model(folder: Path, name: str, deadly: Sequence[int]) -> tuple[str, list[Any]]:
    """Return a model of 30 shapes that only a kernel makes, some of them deadly."""
    made = Building()
    make = made.file.create_entity
    axis = make("IfcAxis1Placement", made.origin, make("IfcDirection", (0.0, 1.0, 0.0)))
    frame = make("IfcAxis2Placement3D", made.origin)
    items = []
    for number in range(30):
        middle = make("IfcAxis2Placement2D", make("IfcCartesianPoint", (2.0 + 0.01 * number, 0.0)))
        area = make("IfcRectangleProfileDef", "AREA", None, middle, 1.0, 1.0)
        solid = make("IfcRevolvedAreaSolid", area, frame, axis, 1.5)
        title = DEADLY if number in deadly else f"Turned {number}"
        shape = made.body(solid)
        items.append(made.element("IfcMember", title, shape, (8.0 * number, 0.0, 0.0)))
    return made.write(folder, name), items


@pytest.mark.slow
def test_what_kills_the_kernel_is_found_and_listed_and_the_rest_is_drawn(tmp_path: Path) -> None:
    location, items = model(tmp_path, "turned.ifc", (3, 17))
    city = Session(Settings(cache_folder=str(tmp_path / "cache")), Jobs(2), {"ifc": Loading()})
    try:
        city.open(location)
        assert city.finish(120)
        assert not city.errors
        city.index()
        layer = city.twin.layer("turned")
        guilty = [p.feature for p in layer.problems if p.code == "ifc.kills_kernel"]
        assert sorted(guilty) == sorted(items[n].GlobalId for n in (3, 17))
        assert not [p for p in layer.problems if p.code == "tile.failed"]
        drawn = city.screen.streams["turned"].drawn_rows(len(layer.features))
        shown = {str(layer.features.id[row]) for row in drawn.nonzero()[0]}
        assert shown == {item.GlobalId for n, item in enumerate(items) if n not in (3, 17)}
        assert not list((tmp_path / "cache").glob("crashes-*"))
    finally:
        city.close()


@pytest.mark.slow
def test_a_file_that_kills_whatever_reads_it_is_given_up_soon(tmp_path: Path) -> None:
    location, _ = model(tmp_path, "atonce.ifc", ())
    city = Session(Settings(cache_folder=str(tmp_path / "cache")), Jobs(2), {"ifc": Loading()})
    try:
        city.open(location)
        assert city.finish(120)
        assert [type(error) for _, error in city.errors] == [BrokenFile]
    finally:
        city.close()


def test_a_journal_remembers_what_was_being_made_when_the_process_died(tmp_path: Path) -> None:
    first = Journal.at("a.ifc", "tile 1", str(tmp_path), 1)
    assert list(first.safe([1, 2])) == [1, 2]
    for step in first.safe([3, 4, 5]):
        if step == 4:
            break  # the process dies
    again = Journal.at("a.ifc", "tile 1", str(tmp_path), 2)
    assert again.guilty == [4]
    assert list(again.safe([3, 4, 5])) == [3, 5]
    with pytest.raises(BrokenFile, match="single element"):
        Journal.at("a.ifc", "tile 1", str(tmp_path), 3)
    assert Journal.at("a.ifc", "tile 2", str(tmp_path), 1).guilty == []


def test_a_source_gives_up_after_some_tries() -> None:
    again: IfcSource | None = IfcSource("a.ifc", Options())
    tries = 0
    while again is not None and (again := again.careful()):
        tries += 1
    assert tries == MOST_TRIES
    assert replace(IfcSource("a.ifc", Options()), attempt=2) != IfcSource("a.ifc", Options())
