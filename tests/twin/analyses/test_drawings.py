import csv
import io
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.twin.analyses.scenes import at, box, flat, study
from twin.analyses.drawings import Drawing, as_csv, as_dxf, as_svg, drawing_of, ticks
from twin.analyses.profile import Profile
from twin.jobs import SILENT


def drawing() -> Drawing:
    """A line of 100 m with ground and a house."""
    city = study([box(50, 0, 1, 60, 9, 21)], flat(-200, 200, 1.0))
    return drawing_of(Profile((at(-20, 4, 0), at(80, 4, 0))).run(city, SILENT), "NAP")


def test_a_drawing_holds_ground_and_shapes() -> None:
    found = drawing()
    assert found.length == pytest.approx(100)
    assert found.heights == pytest.approx((1, 21))
    assert len(found.ground) == 1
    name, shape = found.shapes[0]
    assert name == "b0"
    assert shape.min(axis=0) == pytest.approx((70, 1))


def test_svg_is_sound_and_in_metres() -> None:
    tree = ElementTree.fromstring(as_svg(drawing(), "A <-> B", "m above NAP"))
    polygons = [x for x in tree if x.tag.endswith("polygon")]
    corners = [tuple(map(float, p.split(","))) for p in polygons[0].get("points", "").split()]
    assert (70.0, -21.0) in corners


def test_dxf_has_each_corner_once() -> None:
    text = as_dxf(drawing())
    assert text.count("POLYLINE") == 2
    assert text.count("VERTEX") == 2 + 4
    assert text.endswith("EOF\n")


def test_csv_is_quoted() -> None:
    odd = Drawing(9, [], [('=1,"x"', np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 1.0]]))])
    rows = list(csv.reader(io.StringIO(as_csv(odd))))
    assert rows[1] == ["object", '\'=1,"x"', "1", "0.000", "1.000"]


def test_an_empty_drawing_is_one_too() -> None:
    empty = Drawing(50, [], [])
    assert empty.heights == pytest.approx((0, 10))
    assert as_svg(empty, "", "").startswith("<svg")
    assert as_dxf(empty)


def test_ticks_are_round() -> None:
    assert ticks(0, 100) == [0, 20, 40, 60, 80, 100]
    assert ticks(-3.2, 4.1) == [-3, -2, -1, 0, 1, 2, 3, 4]
    assert ticks(5, 5) == [5]
