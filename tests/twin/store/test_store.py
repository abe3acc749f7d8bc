"""The store's conformance suite: what every project file keeps its word on."""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twin.analyses.results import Input, Result, Stamp
from twin.analyses.scenarios import Scenario, ScenarioEdit
from twin.errors import ConflictError, NotFound, NotSaved, StoreError, StoreLocked, StoreNewer
from twin.exchange.bcf.model import (
    Attachment,
    ClippingPlane,
    Coloring,
    Comment,
    Component,
    Document,
    DocumentReference,
    Extensions,
    Frame,
    Hints,
    ModelFile,
    Perspective,
    Related,
    Scene,
    Snippet,
    StoredFile,
    Topic,
    Unknown,
    Viewpoint,
)
from twin.flythrough.records import Keyframe, Route
from twin.maintenance.bim.records import BimInput, BimSettings
from twin.maintenance.frequency.assumptions import Assumption
from twin.maintenance.orders.records import OrderObject, Transition, WorkOrder
from twin.maintenance.rules import Zone
from twin.maintenance.sidecar_records import Sidecar
from twin.presenting.records import Annotation, Story, StoryScene
from twin.records import (
    Bookmark,
    Dataset,
    DateField,
    Delivery,
    Evidence,
    FieldMapping,
    Link,
    Measurement,
    Party,
    Placement,
    Policy,
    Responsibility,
    Section,
    SectionPlane,
    SourceRef,
    Touched,
)
from twin.store import (
    KINDS,
    Override,
    ProjectFile,
    Put,
    Store,
    autosave,
    canonical,
    create_project,
    geopackage,
    is_share,
    left_behind,
    link,
    open_project,
    places,
    sweep,
)

DAY = np.datetime64("2025-03-01T12:00:00.123", "ms")
PERSON = Party("p-1", "Ada Example", organisation=False, email="ada@example.org", phone="1")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[ProjectFile]:
    found = create_project(tmp_path / "city.twin.gpkg", who="tester")
    yield found
    found.close()


def most_of_a_topic() -> Topic:
    camera = Perspective((1.0, 2.0, 3.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), 55.0, 1.5)
    scene = Scene(
        (Component("2_hQ1Rixj6lgHTra$L72O4"),), False, Hints(spaces=True), (Component("", "Revit", "3"),),
        (Coloring("FF0000", (Component("2_hQ1Rixj6lgHTra$L72O4"),)),), None, camera,
        planes=(ClippingPlane((0.0, 0.0, 1.0), (0.0, 0.0, 1.0)),),
        more=Unknown((("a", "b"),), ("<c></c>",)),
    )  # fmt: skip
    return Topic(
        "t-1", "A column", "Clash", "Open", "High", 3, ("A", "B"), due="2026-01-01T00:00:00Z",
        snippet=Snippet("JSON", "a.json", "s"), comments=(Comment("c-1", text="柱"),),
        viewpoints=(Viewpoint("v-1", "v.bcfv", "v.png", 0, scene), Viewpoint("v-2")),
        models=(ModelFile("a.ifc", external=False),), files=(Attachment("v.png", "ab", 3),),
        related=(Related("t-2"),), documents=(DocumentReference("d-1", "g"),),
    )  # fmt: skip


def one_of_each(folder: Path) -> dict[str, Any]:
    placement = Placement("demo", "EPSG:28992", 1.5, 2.5, 3.5, 45.0, 2.0, (1.0, 2.0, 3.0))
    return {
        "sources": SourceRef(
            str(folder / "data" / "城.city.json"), "City", "k-1", "EPSG:7415", "EPSG:5709", "2.2",
            str(folder / "map.toml"), placement, False, "ab" * 32, "p-2", uid="k-1",
            fields=FieldMapping("bag", dates=(DateField("seen", "captured", "height"),)),
        ),
        "overrides": Override("s-1", "b-1", {"year": 1999, "n": [1, None, "x"]}, True, placement, True),
        "parties": Party("p-2", "Gemeente", True, "desk", "a@b.nl", "2"),
        "responsibilities": Responsibility(
            "p-2", "custodian", "area", polygon="POLYGON((0 0,1 0,1 1,0 0))", crs="EPSG:28992",
            priority=3, valid_from=DAY, valid_to=None, source="file",
        ),
        "policies": Policy("r-1", "Building", frequency="annually", warn_days=30,
                           required_aspects=("height", "footprint"), unit=True, c_min=0.35),
        "assumptions": Assumption("r-1", 0.018, 120000.0, 50.0, 0.1, "EUR", "permits", 0.0135, 0.0235),
        "zones": Zone("z-1", "Centre", "POLYGON((0 0,1 0,1 1,0 0))", "EPSG:28992", "drawn"),
        "sidecars": Sidecar(
            "S001", "/x/survey.csv", "survey.csv", "delft", "", "key", "bag", "",
            (DateField("surveyed", "captured", "height"),), "holder", ("use", "area"),
        ),
        "evidence": Evidence("e-1", "permit", "b-1", event_lo=DAY, p_change=0.75),
        "datasets": Dataset("k-1", "Delft", "TU", "annually", "P1Y", (
            Delivery("d-1", "k-1", "https://x.example/a.json", "00", DAY, None, "gen"),
            Delivery("d-2", "k-1", "https://x.example/b.json", "11", None, DAY, ""),
        )),
        "orders": WorkOrder(
            "wo-1", (OrderObject("uid-1", "delft", "b-1", "Old hall"), OrderObject("uid-2")), "height", "stale",
            "raised", DAY, "r-1", "p-2", "p-3", number=7, priority=12.5, evidence=("E-1",), revision=2,
            transitions=(Transition("raised", DAY, "p-2"), Transition("raised", DAY, "p-2", "soon", "note")),
        ),
        "links": Link("same_as", "u1", "u2", "equal key", 0.9),
        "bookmarks": Bookmark("v-1", "Harbour", (1.0, 2.0, 3.0), (0.0, 0.0, 0.0),
                              settings={"hidden": ["a"], "color": {"by": "freshness"}}, place=2.5,
                              picture=b"\xff\xd8\0"),
        "stories": Story("t-1", "Old town", (StoryScene("c-1", "v-1", "Quay", "码头", minutes=2.5),), False, 1.0),
        "annotations": Annotation("n-1", "arrow", ((1.0, 2.0, 3.0), (1.0, 2.0, 0.0)), "Here", "why", "#112233",
                                  "ab", False, "EPSG:28992", "EPSG:5709", 3.0),
        "sections": Section("s-1", "Storey 1", (SectionPlane((1.0, 2.0, 3.0), (0.0, 0.0, 1.0)),)),
        "measurements": Measurement("m-1", "Eaves", "height", ((1.0, 2.0, 3.0), (1.0, 2.0, 9.5)),
                                    {"height": 6.5}, (Touched("l", "b1", "House"),), "EPSG:28992",
                                    "EPSG:5709", ("grid",)),
        "topics": most_of_a_topic(),
        "exchanges": Frame("p-1", "Station", Extensions(("Clash",)), (Document("g", "a.pdf"),),
                           (Attachment("documents/g", "ab", 3),)),
        "files": StoredFile("ab", b"\0\xff1"),
        "bim_settings": BimSettings(budget=1800, min_score=35.5, packs=("HK", "CN"), projects=True, method="a"),
        "bim_inputs": BimInput("uid-1", {"occupancy": 300.0, "cost": 12.5}, "must"),
        "scenarios": Scenario("S1", "Variant A", (
            ScenarioEdit("E1", "hide", "delft", ("b1", "b2")),
            ScenarioEdit("E2", "block", ring=((0.0, 0.0), (9.5, 0.0), (9.5, 9.0)), base=1.5, height=54.0, storeys=18),
        ), "as agreed"),
        "results": Result(
            "R1", "Sun", "sun", {"step": 10, "on": True}, "S1", "", ("delft",), {"figures": {"n": 3.0}},
            Stamp((Input("delft", "Delft", "/a", "ab", 3, 2, 1, False, "p", "", "c", ""),), "EPSG:28992",
                  made=DAY, used=3, overdue=1, late=(("delft", "b1"),), reach=(0.0, 1.0), fingerprint="f"),
        ),
        "routes": Route("r-1", "Round the block", (
            Keyframe(0.0, (1.0, 2.0, 3.0), (4.0, 5.0, 6.0), sun="2025-06-21T09:00:00Z", as_of="", layers={"bim": False},
                     highlight=("b1",), caption={"en": "Hello", "zh": "你好"}, extra={"mood": 1}),
            Keyframe(2.5, (1.0, 2.0, 9.0), (4.0, 5.0, 6.0), 30.0, 5.0, "hold", 0.5),
        ), "EPSG:28992", "EPSG:5709", True, True, {"note": {"a": [1]}}),
        "styles": {"by": "freshness", "colors": [[1, 2, 3]]},
        "settings": {"crs": "EPSG:28992", "n": 1.5, "none": None},
        "snapshots": {"at": "2025-01-01", "totals": {"fresh": 3}},
    }  # fmt: skip


def test_a_project_file_is_a_store(project: ProjectFile) -> None:
    store: Store = project
    assert store.load().sequence == 0
    assert store.load().path.name == "city.twin.gpkg"


def test_every_kind_of_record_comes_back_as_it_was(project: ProjectFile, tmp_path: Path) -> None:
    values = one_of_each(tmp_path)
    assert set(values) == set(KINDS)
    done = project.commit([Put(kind, "k-1", value) for kind, value in values.items()], by="p-1")
    assert not done.conflicts
    project.close()
    again = open_project(tmp_path / "city.twin.gpkg")
    found = again.load()
    again.close()
    for kind, value in values.items():
        assert found.records[kind]["k-1"] == value, kind
        assert found.versions[kind, "k-1"] == 1


def test_the_schema_has_a_column_for_every_field(project: ProjectFile) -> None:
    sql = sqlite3.connect(project.path)
    for kind, record in KINDS.items():
        columns = {row[1] for row in sql.execute(f"PRAGMA table_info({kind})")}
        names = {"value"} if record is None else {item.name for item in fields(record)}
        names -= {"deliveries"} if kind == "datasets" else set()
        assert names | {"uid", "version", "changed_by", "changed_at", "deleted"} <= columns, kind
    sql.close()


def test_addresses_are_kept_relative_to_the_project(tmp_path: Path) -> None:
    project = create_project(tmp_path / "a" / "city.twin.gpkg")
    inside, beside = tmp_path / "a" / "data" / "x.json", tmp_path / "b" / "y.json"
    web = "https://example.org/tileset.json"
    project.commit(
        [Put("sources", str(i), SourceRef(str(p))) for i, p in enumerate((inside, beside, web))]
    )
    sql = sqlite3.connect(project.path)
    raw = [row[0] for row in sql.execute("SELECT path FROM sources")]
    sql.close()
    assert raw == ["data/x.json", "../b/y.json", web]
    project.close()
    shutil.move(tmp_path / "a", tmp_path / "b" / "moved")
    moved = open_project(tmp_path / "b" / "moved" / "city.twin.gpkg")
    found = moved.load().records["sources"]
    moved.close()
    assert found["0"].path == str(tmp_path / "b" / "moved" / "data" / "x.json")
    assert found["2"].path == web


def test_versions_count_and_deleted_records_are_gone(project: ProjectFile) -> None:
    order = WorkOrder("w")
    for state in ("raised", "assigned"):
        project.commit(
            [Put("orders", "w", replace(order, state=state))],
            by="p-1",
            at="2025-01-01T00:00:00.000Z",
        )
    assert project.load().versions["orders", "w"] == 2
    done = project.commit([Put("orders", "w", None)])
    assert done.versions["orders", "w"] == 3
    assert project.load().records["orders"] == {}
    project.commit([Put("orders", "w", order)])
    assert project.load().versions["orders", "w"] == 4


def test_deleting_what_is_not_there_changes_nothing(project: ProjectFile) -> None:
    assert project.commit([Put("orders", "none", None)]).versions == {}
    assert not project.commit([Put("orders", "none", WorkOrder("none"))]).conflicts


def test_a_conflict_is_a_value_with_both_sides_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "city.twin.gpkg"
    one = create_project(path)
    two = open_project(path)
    order = WorkOrder("w")
    one.commit([Put("orders", "w", order)])
    two.load()
    one.commit([Put("orders", "w", replace(order, state="assigned"))], by="p-1")
    done = two.commit(
        [Put("orders", "w", replace(order, state="cancelled")), Put("orders", "new", order)],
        [{"action": "x"}],
    )
    assert [c.uid for c in done.conflicts] == ["w"]
    conflict = done.conflicts[0]
    assert conflict.mine == replace(order, state="cancelled")
    assert conflict.theirs is not None
    assert (conflict.theirs.value.state, conflict.theirs.changed_by) == ("assigned", "p-1")
    assert isinstance(conflict.error(), ConflictError)
    assert "version 2, expected 1" in str(conflict.error())
    assert "new" not in two.load().records["orders"]  # all or nothing
    assert two.journal() == ()
    agreed = two.commit([Put("orders", "w", order)], expected_versions={("orders", "w"): 2})
    assert agreed.versions["orders", "w"] == 3
    two.close()
    one.close()


def test_what_others_committed_is_told_by_sequence(tmp_path: Path) -> None:
    path = tmp_path / "city.twin.gpkg"
    one, two = create_project(path), open_project(path)
    start = two.load().sequence
    one.commit([Put("orders", "w", WorkOrder("w"))], [{"action": "orders.set"}], by="p-1")
    one.commit([Put("orders", "w", None)])
    news = two.since(start)
    assert [(r.kind, r.uid, r.version, r.deleted) for r in news.records] == [
        ("orders", "w", 2, True)
    ]
    assert [e.words["action"] for e in news.entries] == ["orders.set"]
    assert two.since(news.sequence) == replace(news, records=(), entries=())
    assert not two.commit([Put("orders", "w", WorkOrder("w"))]).conflicts
    one.close()
    two.close()


def test_a_broken_change_saves_nothing_of_its_commit(project: ProjectFile) -> None:
    good = Put("orders", "w", WorkOrder("w"))
    with pytest.raises(StoreError, match="keeps no 'nonsense'"):
        project.commit([good, Put("nonsense", "x", {})])
    with pytest.raises(StoreError, match="journal"):
        project.commit([good], [{"action": object()}])
    assert project.load().records["orders"] == {}
    assert not project.commit([good]).conflicts


# --- the journal ----------------------------------------------------------------------------------

VECTOR = [
    {"action": "raise", "actor": "auditor@example.org", "after": {"state": "raised"},
     "at": "2025-10-27T08:00:00Z", "object": "DEHHALKA70002kzP", "seq": 1, "wo": "WO-2025-0001"},
    {"action": "assign", "actor": "auditor@example.org",
     "after": {"assignee": "district-1", "state": "assigned"}, "at": "2025-10-27T08:05:00Z",
     "before": {"state": "raised"}, "object": "DEHHALKA70002kzP", "seq": 2, "wo": "WO-2025-0001"},
]  # fmt: skip
HASHES = [
    "a1d719f0cf4cb0102da89269c0d1c4a25006932a2203a9d168ec6b42f6387dc2",
    "778a06d380d093fad58b0e976da64b7da86758a6dea25e760f875c97bd513b7d",
]


def test_the_journal_gives_the_hashes_of_the_specification(project: ProjectFile) -> None:
    done = project.commit([], VECTOR)
    assert [entry.sha256 for entry in done.entries] == HASHES
    assert [entry.words for entry in project.journal()] == VECTOR
    assert project.verify().head == HASHES[-1]


@pytest.mark.shared
def test_the_vectors_of_the_specification_are_these(shared_data: Path) -> None:
    vectors = json.loads(
        (shared_data.parent / "spec" / "maintenance_vectors.json").read_text("utf-8")
    )
    previous = "0" * 64
    for vector, words in zip(vectors["audit_chain"], VECTOR, strict=True):
        assert canonical(words) == vector["canonical"]
        previous = link(previous, vector["canonical"])
        assert previous == vector["sha256"]


@settings(max_examples=50)
@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=8),
            st.text(max_size=8)
            | st.integers()
            | st.floats()
            | st.none()
            | st.lists(st.booleans(), max_size=3),
            max_size=4,
        ),
        max_size=5,
    )
)
def test_any_words_make_a_chain_that_can_be_recomputed(entries: list[dict[str, Any]]) -> None:
    previous = "0" * 64
    for words in entries:
        text = canonical(words)
        assert canonical(json.loads(text)) == text
        expected = hashlib.sha256((previous + text).encode()).hexdigest()
        previous = link(previous, text)
        assert previous == expected


def test_a_changed_or_missing_entry_is_found(project: ProjectFile) -> None:
    project.commit([], [{"action": "a", "n": n} for n in range(5)])
    assert project.verify()
    assert project.verify().entries == 5
    project.close()
    sql = sqlite3.connect(project.path)
    with pytest.raises(sqlite3.IntegrityError, match="only appended"):
        sql.execute("UPDATE journal SET canonical = '{}' WHERE seq = 3")
    sql.execute("DROP TRIGGER journal_stays")
    sql.execute(
        """UPDATE journal SET canonical = replace(canonical, '"n":2', '"n":9') WHERE seq = 3"""
    )
    sql.commit()
    sql.close()
    again = open_project(project.path)
    chain = again.verify()
    assert not chain
    assert chain.broken_at == 3
    again.close()
    sql = sqlite3.connect(project.path)
    sql.execute("DROP TRIGGER journal_keeps")
    sql.execute("DELETE FROM journal WHERE seq = 2")
    sql.commit()
    sql.close()
    again = open_project(project.path)
    assert again.verify().broken_at == 2
    again.close()


def test_half_characters_from_broken_files_are_kept_as_question_marks(
    project: ProjectFile,
) -> None:
    project.commit(
        [Put("orders", "w", WorkOrder("w", (OrderObject("a\ud800"),)))], [{"object": "a\ud800"}]
    )
    assert project.load().records["orders"]["w"].uids == ("a?",)
    assert project.verify()


# --- persons ---------------------------------------------------------------------------------------


def test_an_erased_person_leaves_no_byte_behind(project: ProjectFile) -> None:
    project.commit([Put("parties", "p-1", PERSON)], [{"action": "parties.set", "object": "p-1"}])
    assert project.load().records["parties"]["p-1"] == PERSON
    assert project.erase_person("p-1")
    assert not project.erase_person("p-1")
    left = project.load().records["parties"]["p-1"]
    assert (left.id, left.name, left.email) == ("p-1", "", "")
    project.close()
    data = project.path.read_bytes()
    assert b"Ada" not in data
    assert b"ada@example" not in data
    again = open_project(project.path)
    assert again.verify()
    again.close()


def test_a_deleted_person_is_erased_too(project: ProjectFile) -> None:
    project.commit([Put("parties", "p-1", PERSON)])
    project.commit([Put("parties", "p-1", None)])
    project.close()
    assert b"Ada" not in project.path.read_bytes()


# --- the file ---------------------------------------------------------------------------------------


def test_the_file_is_a_geopackage(project: ProjectFile) -> None:
    project.close()
    sql = sqlite3.connect(project.path)
    assert sql.execute("PRAGMA application_id").fetchone()[0] == int.from_bytes(b"GPKG", "big")
    assert sql.execute("PRAGMA user_version").fetchone()[0] == 10400
    assert sql.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert sql.execute("PRAGMA foreign_key_check").fetchall() == []
    systems = {row[0] for row in sql.execute("SELECT srs_id FROM gpkg_spatial_ref_sys")}
    assert systems == {-1, 0, 4326}
    tables = {row[0] for row in sql.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    listed = sql.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall()
    assert {name for name, _ in listed} <= tables
    assert {kind for _, kind in listed} == {"attributes"}
    for name, _ in listed:  # requirement 118: attributes have an integer key
        keys = [row for row in sql.execute(f"PRAGMA table_info({name})") if row[5]]
        assert [(key[2], key[5]) for key in keys] == [("INTEGER", 1)]
    sql.close()


def test_closing_leaves_one_file(project: ProjectFile) -> None:
    project.commit([Put("orders", "w", WorkOrder("w"))])
    assert project.path.with_name(project.path.name + "-wal").exists()
    project.close()
    project.close()
    assert [p.name for p in project.path.parent.iterdir()] == [project.path.name]
    with pytest.raises(StoreError, match="closed"):
        project.load()


def test_a_share_gets_a_rollback_journal_and_one_person_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "city.twin.gpkg"
    one = create_project(path, who="Ada", share=True)
    one.commit([Put("orders", "w", WorkOrder("w"))])
    assert not path.with_name(path.name + "-wal").exists()
    with pytest.raises(StoreLocked, match=r"Ada has had it open on .+ since 20"):
        open_project(path, who="Bob", share=True)
    one.close()
    two = open_project(path, who="Bob", share=True)
    three = open_project(path, who="Cem", share=True, take_over=True)
    three.close()
    two.close()


def test_a_session_whose_process_has_ended_does_not_lock(tmp_path: Path) -> None:
    path = tmp_path / "city.twin.gpkg"
    create_project(path, share=True).close()
    host = places.here()[0]
    sql = sqlite3.connect(path)
    sql.execute("INSERT INTO sessions (token, who, host, pid, started, since) VALUES ('t','X',?,?,?,'2020')",
                (host, 2**22 + 5, 1.0))  # fmt: skip
    sql.commit()
    sql.close()
    open_project(path, share=True).close()


def test_shares_are_told_from_local_disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Disk:
        def __init__(self, mountpoint: str, fstype: str) -> None:
            self.mountpoint, self.fstype, self.opts = mountpoint, fstype, "rw"

    disks = [Disk("/", "ext4"), Disk(str(tmp_path / "net"), "nfs4")]
    monkeypatch.setattr("psutil.disk_partitions", lambda **_: disks)
    assert is_share(tmp_path / "net" / "a.twin.gpkg")
    assert not is_share(tmp_path / "network" / "a.twin.gpkg")


def test_save_as_writes_a_whole_copy_whose_addresses_follow(tmp_path: Path) -> None:
    one = create_project(tmp_path / "a" / "city.twin.gpkg")
    one.commit(
        [Put("sources", "s", SourceRef(str(tmp_path / "x.json")))], [{"action": "layer.add"}]
    )
    target = tmp_path / "b" / "c" / "copy.twin.gpkg"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"old")
    one.save_as(target)
    two = open_project(target)
    assert two.load().records["sources"]["s"].path == str(tmp_path / "x.json")
    assert two.verify().head == one.verify().head
    sql = sqlite3.connect(target)
    assert sql.execute("SELECT path FROM sources").fetchone() == ("../../x.json",)
    sql.close()
    two.close()
    assert [p.name for p in target.parent.iterdir()] == [target.name]
    one.close()


def test_a_copy_over_itself_or_over_an_open_project_harms_nothing(tmp_path: Path) -> None:
    one, two = create_project(tmp_path / "a.twin.gpkg"), create_project(tmp_path / "b.twin.gpkg")
    one.commit([Put("orders", "w", WorkOrder("w"))])
    one.save_as(tmp_path / "a.twin.gpkg")
    with pytest.raises(NotSaved, match="open"):
        one.save_as(tmp_path / "b.twin.gpkg")
    two.close()
    one.save_as(tmp_path / "b.twin.gpkg")
    for project in (one, open_project(tmp_path / "b.twin.gpkg")):
        assert "w" in project.load().records["orders"]
        project.close()


def test_a_relative_address_counts_from_where_the_program_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    project = create_project(tmp_path / "p" / "a.twin.gpkg")
    project.commit([Put("sources", "s", SourceRef("data/x.json"))])
    assert project.load().records["sources"]["s"].path == str(tmp_path / "data" / "x.json")
    project.close()


def test_a_copy_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, project: ProjectFile
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(NotSaved):
        project.save_as(blocked / "copy.twin.gpkg")
    assert blocked.read_text() == "x"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "no such file"),
        (b"", "not a project"),
        (b"hello" * 100, "not a project"),
        (b"SQLite format 3\0", "not a project"),
    ],
)
def test_what_is_no_project_is_refused_untouched(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "x.twin.gpkg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises((StoreError, NotFound), match=reason):
        open_project(path)
    assert [p.name for p in tmp_path.iterdir()] == ([] if content is None else [path.name])
    if content is not None:
        assert path.read_bytes() == content


def test_a_foreign_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "x.twin.gpkg"
    sql = sqlite3.connect(path)
    sql.execute("CREATE TABLE t (a)")
    sql.commit()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="no GeoPackage"):
        open_project(path)
    assert path.read_bytes() == before
    sql.execute(f"PRAGMA application_id={0x47504B47}")
    sql.commit()
    sql.close()
    with pytest.raises(StoreError, match="GeoPackage of something else"):
        open_project(path)


def test_a_project_of_a_newer_version_is_refused_untouched(project: ProjectFile) -> None:
    project.close()
    sql = sqlite3.connect(project.path)
    sql.execute("UPDATE state SET value = 99 WHERE name = 'schema'")
    sql.commit()
    sql.close()
    before = project.path.read_bytes()
    with pytest.raises(StoreNewer, match="newer CityTwin"):
        open_project(project.path)
    assert project.path.read_bytes() == before


def test_an_older_project_is_migrated_in_one_step_or_not_at_all(
    project: ProjectFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.commit([Put("orders", "w", WorkOrder("w"))])
    project.close()
    first = geopackage.migrations()
    broken = (*first, "ALTER TABLE orders ADD COLUMN extra TEXT;\nCREATE TABLE orders (x);\n")
    monkeypatch.setattr(geopackage, "migrations", lambda: broken)
    with pytest.raises(StoreError):
        open_project(project.path)
    sql = sqlite3.connect(project.path)
    assert "extra" not in {row[1] for row in sql.execute("PRAGMA table_info(orders)")}
    sql.close()
    good = (*first, "ALTER TABLE orders ADD COLUMN extra TEXT;\n")
    monkeypatch.setattr(geopackage, "migrations", lambda: good)
    again = open_project(project.path)
    assert again.load().records["orders"]["w"] == WorkOrder("w")
    again.close()
    sql = sqlite3.connect(project.path)
    assert geopackage.schema_version(sql) == len(first) + 1
    sql.close()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_damaged_project_is_a_clear_error_or_opens(tmp_path: Path, data: st.DataObject) -> None:
    source = tmp_path / "good.twin.gpkg"
    if not source.exists():
        made = create_project(source)
        made.commit([Put(k, "k", v) for k, v in one_of_each(tmp_path).items()], VECTOR)
        made.close()
    content = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(1, 30))):
        content[data.draw(st.integers(100, len(content) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(100, len(content))) :]
    path = tmp_path / "bad.twin.gpkg"
    path.write_bytes(content)
    with suppress(StoreError):  # anything else fails the test
        project = open_project(path)
        try:
            project.load()
            project.verify()
        finally:
            project.close()


def test_a_project_is_not_made_over_another_file(tmp_path: Path) -> None:
    path = tmp_path / "x.twin.gpkg"
    path.write_text("mine")
    with pytest.raises(StoreError, match="already"):
        create_project(path)
    assert path.read_text() == "mine"


def test_unsaved_work_is_found_again_after_a_crash(tmp_path: Path) -> None:
    folder = tmp_path / "autosave"
    assert left_behind(folder) == ()
    running = autosave(folder, who="Ada")
    assert left_behind(folder) == ()  # its program runs
    crashed = autosave(folder)
    crashed.commit([Put("orders", "w", WorkOrder("w"))])
    sql = sqlite3.connect(crashed.path)
    sql.execute("UPDATE sessions SET pid = ?, started = 1.0", (2**22 + 5,))
    sql.commit()
    sql.close()
    (folder / "junk.autosave.gpkg").write_text("junk")
    assert left_behind(folder) == (crashed.path,)
    found = open_project(crashed.path)
    assert "w" in found.load().records["orders"]
    found.close()
    crashed.close()
    running.close()


def test_unsaved_work_is_kept_a_month_and_no_longer(tmp_path: Path) -> None:
    old, new = autosave(tmp_path, who="a"), autosave(tmp_path, who="a")
    old.close()
    new.close()
    month_ago = old.path.stat().st_mtime - 31 * 86_400
    os.utime(old.path, (month_ago, month_ago))
    assert sweep(tmp_path, 30) == (old.path,)
    assert left_behind(tmp_path) == (new.path,)


def test_orders_of_an_older_project_keep_their_object_and_get_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(geopackage.__file__).parent / "schema"
    names = sorted(path.name for path in folder.glob("*.sql"))
    scripts, old = geopackage.migrations(), names.index("0008_orders.sql")
    monkeypatch.setattr(geopackage, "migrations", lambda: scripts[:old])
    path = tmp_path / "old.twin.gpkg"
    geopackage.create(path)
    sql = sqlite3.connect(path)
    listed = "(uid, id, object_uid, aspect, reason, state, due, policy, accountable, assignee, delivery, title, version, changed_by, changed_at, deleted, sequence)"
    row = "('w-1', 'w-1', 'uid-1', 'height', 'stale', 'assigned', '2025-10-27T00:00:00.000Z', 'P', 'a', 'b', '', 'It''s', 3, 'x', '2025-01-01T00:00:00.000Z', 0, 1)"
    sql.execute(f"INSERT INTO orders {listed} VALUES {row}")
    sql.execute(
        f"INSERT INTO orders {listed} VALUES {row.replace('w-1', 'w-2').replace('uid-1', '')}"
    )
    sql.commit()
    sql.close()
    monkeypatch.setattr(geopackage, "migrations", lambda: scripts)
    again = open_project(path)
    found = again.load()
    again.close()
    first, second = found.records["orders"].values()
    assert first.uids == ("uid-1",)
    assert second.uids == ()
    assert (first.number, second.number) == (1, 2)
    assert (first.state, first.title, str(first.due)[:10]) == ("assigned", "It's", "2025-10-27")
    assert found.versions["orders", "w-1"] == 3
