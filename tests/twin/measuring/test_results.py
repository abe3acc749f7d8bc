"""What is kept of a measurement: values, units, notes, commands that can be undone, CSV."""

import csv
import io

import numpy as np
import pytest

from twin.commands import COMMANDS, Context, make
from twin.edits import History
from twin.errors import UsageError
from twin.georeference import grid_scale
from twin.measuring.results import (
    COLUMNS,
    DIMENSIONS,
    HEADLINE,
    KINDS,
    UNITS,
    csv_of,
    shown,
    values_of,
    with_lift,
    with_place,
)
from twin.measuring.wording import notes_of
from twin.messages import LANGUAGES, catalogue
from twin.records import Measurement, Touched
from twin.scene import Twin

DELFT = "84500,447600,2;84503,447604,14"


def kept(twin: Twin) -> dict[str, Measurement]:
    return twin.records["measurements"]


def city() -> tuple[Twin, History]:
    twin = Twin()
    twin.crs, twin.vertical = "EPSG:28992", "EPSG:5709"
    return twin, History(twin)


def do(history: History, twin: Twin, name: str, **arguments: str) -> None:
    history.do(name, make(name, Context(twin), arguments))


def test_a_measurement_is_kept_renamed_removed_and_taken_back() -> None:
    twin, history = city()
    do(history, twin, "measurements.add", id="m1", kind="distance", points=DELFT)
    found = kept(twin)["m1"]
    assert found.values["length"] == pytest.approx(13)
    assert found.values["plan"] == pytest.approx(5)
    assert (found.crs, found.vertical) == ("EPSG:28992", "EPSG:5709")
    do(history, twin, "measurements.rename", id="m1", title="Eaves")
    do(history, twin, "measurements.remove", id="m1")
    assert not kept(twin)
    history.undo()
    assert kept(twin)["m1"].title == "Eaves"
    history.undo()
    history.undo()
    assert not kept(twin)
    history.redo()
    assert kept(twin)["m1"] == found


@pytest.mark.parametrize(
    ("kind", "points"),
    [("distance", "0,0,0"), ("angle", DELFT), ("volume", DELFT), ("height", "1,2,x;1,2,3"),
     ("point", DELFT), ("distance", "0,0,0;nan,0,0")],
)  # fmt: skip
def test_what_cannot_be_measured_is_refused(kind: str, points: str) -> None:
    twin, history = city()
    with pytest.raises(UsageError):
        do(history, twin, "measurements.add", id="m", kind=kind, points=points)
    assert not kept(twin)


def test_a_measurement_nobody_knows_is_refused() -> None:
    twin, history = city()
    for name in ("measurements.remove", "measurements.rename"):
        with pytest.raises(UsageError):
            do(history, twin, name, id="gone", **({"title": "x"} if "rename" in name else {}))


def test_the_scale_of_the_grid_is_noted_where_it_matters() -> None:
    """RD's scale is 0.9999079 in Amersfoort's middle; UTM's on its central meridian 0.9996."""
    middle = grid_scale("EPSG:28992", np.array([155_000.0, 463_000.0, 0.0]))
    assert middle == pytest.approx(0.9999079, abs=1e-8)
    assert grid_scale("EPSG:25832", np.array([500_000.0, 5.5e6, 0])) == pytest.approx(0.9996)
    line = Measurement("m", "m", "distance", ((500_000.0, 5.5e6, 0), (500_001.0, 5.5e6, 0)),
                       {"length": 1.0}, crs="EPSG:25832")  # fmt: skip
    assert with_place(line).notes == ("scale",)
    local = Measurement("m", "m", "height", ((0.0, 0, 0), (0, 0, 1)), {"rise": 1.0})
    assert with_place(local).notes == ("no_crs", "no_datum")
    assert grid_scale("EPSG:4326", np.zeros(3)) is None


def test_heights_of_a_lifted_layer_say_so() -> None:
    up = Measurement(
        "m", "m", "height", ((0.0, 0, 0), (0, 0, 1)), {"rise": 1.0}, vertical="EPSG:5709"
    )
    assert with_lift(up, 12.5).values["lift"] == 12.5
    said = notes_of(with_lift(up, 12.5), "m", catalogue("en"))
    assert "12.500 m" in said[0]
    assert with_lift(up, 0.0) is up


def test_units_are_exact() -> None:
    assert shown("length", 0.3048, "ft").number == pytest.approx(1.0, rel=1e-15)
    assert (shown("length", 1.5, "mm").number, shown("length", 1.5, "mm").unit) == (1500.0, "mm")
    assert shown("area", 0.09290304, "ft").number == pytest.approx(1.0, rel=1e-12)
    assert shown("volume", 1.0, "mm").unit == "m³"
    assert shown("angle", 90.0, "ft").unit == "°"


def test_every_kind_has_its_words_its_headline_and_a_unit() -> None:
    for kind in KINDS:
        for unit in UNITS:
            assert shown(HEADLINE[kind], 1.0, unit).unit
    for language in LANGUAGES:
        words = catalogue(language)
        assert all(words.has(f"window.measure.kind.{kind}") for kind in KINDS)
        assert all(words.has(f"window.measure.value.{name}") for name in DIMENSIONS)


def test_csv_holds_every_value_and_no_formula() -> None:
    values = values_of("distance", np.array([[0.0, 0, 0], [3, 4, 12]]))
    one = Measurement("m1", "=SUM(A1)", "distance", ((0.0, 0, 0), (3.0, 4.0, 12.0)), values,
                      (Touched("l", "b1", "+house"),), "EPSG:28992", "EPSG:5709", ("scale",))  # fmt: skip
    row = next(csv.DictReader(io.StringIO(csv_of([one]))))
    assert tuple(row) == COLUMNS
    assert (row["length_m"], row["plan_m"], row["dz_m"]) == ("13.0000", "5.0000", "12.0000")
    assert (row["title"], row["objects"]) == ("'=SUM(A1)", "'+house")
    assert row["vertical"] == "NAP"


def test_the_commands_are_registered() -> None:
    assert {"measurements.add", "measurements.rename", "measurements.remove"} <= set(COMMANDS)
