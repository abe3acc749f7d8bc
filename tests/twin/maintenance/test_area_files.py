"""Areas from files: responsibilities and zones, parties known and new, what is left out said."""

from pathlib import Path
from typing import Any

import pytest

from tests.loaders.test_vector_tables import BOW, SQUARE, write
from twin.errors import BrokenFile, UsageError
from twin.maintenance.area_files import Parties, area_columns, duties_from, slug, zones_from
from twin.maintenance.rule_files import read_rules
from twin.maintenance.vector_files import read_vector
from twin.records import Party
from twin.session import Session
from twin.settings import load

NORTH = Party("north", "Gemeente Noord", email="n@x.example")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(
        tmp_path / "areas.gpkg",
        [SQUARE, BOW, SQUARE, "POINT (1 1)", SQUARE],
        beheerder=["gemeente noord", "测绘院", "N", "x", None],
        wijk=["A", "B", None, "D", "E"],
        priority=["1", "high", None, None, None],
        valid_from=["2020", "2021", None, None, None],
        valid_to=["2019", "2031-01-01", None, None, None],
    )


def test_rows_become_responsibilities_of_known_and_new_parties(file: Path) -> None:
    table = read_vector(str(file))
    read = duties_from(table, str(file), area_columns(table, {}), ([NORTH], {"N": "north"}))
    assert [(d.party, d.priority, d.scope, d.source) for d in read.duties] == [
        ("north", 1, "area", "areas.gpkg"), ("测绘院", 0, "area", "areas.gpkg"), ("north", 0, "area", "areas.gpkg"),
    ]  # fmt: skip
    assert [p.name for p in read.parties] == ["测绘院"]
    assert read.duties[0].crs == "EPSG:25832"
    assert str(read.duties[0].valid_from)[:4] == "2020"
    assert read.duties[0].valid_to is None
    assert {(p.code, p.feature) for p in read.problems} == {
        ("vector.mended", "2"), ("areas.period", "1"), ("areas.priority", "2"), ("areas.no_area", "4"),
        ("areas.no_party", "5"),
    }  # fmt: skip


def test_rows_become_zones(file: Path) -> None:
    table = read_vector(str(file))
    read = zones_from(table, str(file), area_columns(table, {"name": "wijk"}))
    assert [(z.id, z.name) for z in read.zones] == [("a", "A"), ("b", "B"), ("e", "E")]
    assert {p.code for p in read.problems} >= {"areas.no_area", "areas.no_name"}
    with pytest.raises(UsageError, match="columns: beheerder"):
        area_columns(table, {"name": "nothing"})


def test_custodians_name_a_file_of_areas(file: Path) -> None:
    toml = file.with_name("custodians.toml")
    toml.write_text(
        'version = 1\n[[areas]]\nfile = "areas.gpkg"\nkind = "Building"\ncolumns = { party = "wijk" }\n'
    )
    rules = read_rules(custodians=toml)
    assert [(d.party, d.kind) for d in rules.responsibilities] == [
        ("a", "Building"),
        ("b", "Building"),
        ("e", "Building"),
    ]
    assert len(rules.parties) == 3
    toml.write_text('version = 1\n[[areas]]\nfile = "areas.gpkg"\ncolumns = { party = "x" }\n')
    with pytest.raises(BrokenFile, match=r"\[\[areas\]\] 1.*no column 'x'"):
        read_rules(custodians=toml)


def test_the_command_takes_areas_in_again_without_doubling_them(file: Path) -> None:
    session = Session(load({}))
    records: Any = session.twin.records
    for _ in range(2):
        session.run("areas.import", path=str(file), columns="party=beheerder")
        assert len(records["responsibilities"]) == 3
        assert {p.name for p in records["parties"].values()} == {"gemeente noord", "测绘院", "N"}
    assert [error.code for _, error in session.errors] == ["rows.told"] * 2
    assert "Row 4 has no area" in str(session.errors[0][1])
    session.run("areas.import", path=str(file), into="zones", columns="name=wijk")
    assert len(records["zones"]) == 3
    session.undo()
    assert not records["zones"]
    for wrong in ({"into": "x"}, {"priority": "x"}, {"columns": "party"}):
        with pytest.raises(UsageError):
            session.run("areas.import", path=str(file), **wrong)
    session.close()


def test_names_become_ids_that_differ() -> None:
    parties = Parties([], {})
    assert [parties.id_of(name) for name in ("Bureau A", "Bureau-A", "bureau a", "!!")] == [
        "bureau-a", "bureau-a#2", "bureau-a", "party",
    ]  # fmt: skip
    assert slug("城市测绘 一处") == "城市测绘-一处"
