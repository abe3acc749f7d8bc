"""The verb ``diff`` on a city: what was done to it is what is found, although every id was made anew."""

import copy
import json
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from tests.ui.cli.test_diff import diff
from ui.cli import main

Capture = pytest.CaptureFixture[str]
CITY = Path(__file__).resolve().parents[2] / "data/delft_tiny.city.json"
City = dict[str, Any]


def corners(thing: City) -> set[int]:
    """Return the numbers of an object's vertices."""
    found: set[int] = set()

    def collect(part: Any) -> None:
        if isinstance(part, int):
            found.add(part)
        else:
            for one in part:
                collect(one)

    for geometry in thing["geometry"]:
        collect(geometry["boundaries"])
    return found


def rise(city: City, thing: City, metres: float) -> None:
    """Lift the roof of an object: its vertices above the lowest."""
    own = corners(thing)
    low = min(city["vertices"][i][2] for i in own)
    for i in own:
        if city["vertices"][i][2] > low + 500:
            city["vertices"][i][2] += round(1000 * metres)


def mutated() -> tuple[City, City, list[str]]:
    """Return a city, the same after a delivery (one roof raised, one house gone, one new), its houses."""
    old: City = json.loads(CITY.read_text(encoding="utf-8"))
    houses = [k for k, o in old["CityObjects"].items() if o["type"] == "Building"]
    new = copy.deepcopy(old)
    rise(new, new["CityObjects"][houses[0]], 2.5)
    del new["CityObjects"][houses[1]]
    fresh = copy.deepcopy(old["CityObjects"][houses[2]])
    start = len(new["vertices"])
    own = sorted(corners(fresh))
    new["vertices"] += [[x + 500_000, y, z] for x, y, z in (old["vertices"][i] for i in own)]
    for geometry in fresh["geometry"]:
        text = json.dumps(geometry["boundaries"])
        table = {i: start + k for k, i in enumerate(own)}
        geometry["boundaries"] = json.loads(
            "".join(str(table[int(t)]) if t.isdigit() else t for t in tokens(text))
        )
    fresh["attributes"] = {"identificatiebagpnd": "503100000099999"}
    new["CityObjects"]["fresh"] = fresh
    new["CityObjects"] = {f"new-{key}": value for key, value in new["CityObjects"].items()}
    return old, new, houses


def tokens(text: str) -> list[str]:
    """Return numbers and what stands between them."""
    found, number = [], ""
    for sign in text:
        if sign.isdigit():
            number += sign
        else:
            found += [number, sign] if number else [sign]
            number = ""
    return found


def test_what_was_done_to_a_city_is_found_and_nothing_else(
    tmp_path: Path, capsys: Capture
) -> None:
    old, new, houses = mutated()
    paths = tmp_path / "old.city.json", tmp_path / "new.city.json"
    for path, city in zip(paths, (old, new), strict=True):
        path.write_text(json.dumps(city), encoding="utf-8")
    found = diff(*paths, capsys)
    lines = {line["bucket"]: line for line in found["objects"] if line["bucket"] != "unchanged"}
    assert set(lines) == {"roof_changed", "removed", "new"}
    assert lines["roof_changed"]["old"] == [houses[0]]
    assert lines["roof_changed"]["d_roof"] == pytest.approx(2.5, abs=2e-3)
    assert lines["roof_changed"]["match"] == "key"
    assert lines["removed"]["old"] == [houses[1]]
    assert lines["new"]["new"] == ["new-fresh"]
    assert lines["new"]["new_keys"] == ["0503100000099999"]
    assert found["keys_made_anew"]
    assert found["vertical_datum"] == {"old": "EPSG:5709", "new": "EPSG:5709"}
    assert not found["vertical_shift_removed"]
    assert diff(*paths, capsys, "--tau", "3")["counts"]["old"]["roof_changed"] == 0
    forced = diff(*paths, capsys, "--key", "lokaalid")
    assert forced["matched_by"]["lokaalid"] == 20


def test_a_comparison_is_handed_on_as_a_package_with_equal_bytes(
    tmp_path: Path, capsys: Capture
) -> None:
    old, new, _ = mutated()
    paths = tmp_path / "old.city.json", tmp_path / "new.city.json"
    for path, city in zip(paths, (old, new), strict=True):
        path.write_text(json.dumps(city), encoding="utf-8")
    outs = [tmp_path / "a.gpkg", tmp_path / "b.gpkg"]
    for out in outs:
        said = ["--format", "gpkg", "--at", "2025-10-27", "--out", str(out)]
        assert main(["diff", *map(str, paths), *said]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    _, _, plans, _ = pyogrio.raw.read(outs[0], layer="changes")
    assert len(plans) == 22
    assert all(plan is not None for plan in plans)
    units = pyogrio.raw.read(outs[0], layer="units")
    assert len(units[2]) == 42


@pytest.mark.parametrize("wrong", [["--tau", "-1"], ["--iou", "1.5"], ["--min-area", "-3"]])
def test_thresholds_that_make_no_sense_are_one_line(wrong: list[str], capsys: Capture) -> None:
    assert main(["diff", str(CITY), str(CITY), *wrong]) == 2
    assert capsys.readouterr().err.startswith("error[usage] ")


def test_deliveries_in_tiles_are_compared_as_wholes_however_they_were_cut(
    tmp_path: Path, capsys: Capture
) -> None:
    old, new, houses = mutated()
    for name, city, cuts in (("old", old, 2), ("new", new, 3)):
        keys = list(city["CityObjects"])
        for k in range(cuts):
            part = dict(city, CityObjects={key: city["CityObjects"][key] for key in keys[k::cuts]})
            path = tmp_path / name / f"{k}.city.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(part), encoding="utf-8")
    found = diff(tmp_path / "old", tmp_path / "new", capsys)
    lines = {line["bucket"]: line for line in found["objects"] if line["bucket"] != "unchanged"}
    assert {bucket: line["old"] for bucket, line in lines.items()} == {
        "roof_changed": [houses[0]], "removed": [houses[1]], "new": [],
    }  # fmt: skip


def test_what_cannot_be_opened_is_named_and_ends_with_two(capsys: Capture) -> None:
    assert main(["diff", str(CITY), str(CITY.parent / "nothing.city.json")]) == 2
    assert capsys.readouterr().err.startswith("error[missing.file] ")
