"""Topics in a project: taken from files, changed, undone, kept, linked to objects, shown and captured."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.twin.exchange import bcf_files as made
from tests.twin.exchange.bcf_files import PLATE, TOPIC, VIEW, WALL
from twin.commands import Context, make
from twin.edits import AddLayer, History
from twin.errors import UsageError
from twin.exchange.bcf.model import (
    ClippingPlane,
    Coloring,
    Comment,
    Component,
    Extensions,
    ModelFile,
    Orthogonal,
    Perspective,
    Scene,
    Topic,
    Viewpoint,
)
from twin.exchange.bcf.reading import read
from twin.exchange.bcf.writing import write
from twin.features import FeatureTable, texts
from twin.geometry import F64
from twin.georeference import Crs, Georeference, ProjectFrame, parse_crs
from twin.jobs import Jobs
from twin.observations import Assessment, Observations
from twin.records import About, Section, SectionPlane, SourceRef
from twin.scene import Aspect, Change, Layer, Twin
from twin.session import Session
from twin.settings import Settings
from twin.shown import tinted
from twin.streaming import HATCH, OWN_COLOR, VISIBLE
from twin.tiles import TileTree, View
from twin.topics.capture import Seen, taken
from twin.topics.changes import allowed, exported, imported, merged, topics_of
from twin.topics.links import (
    component_of,
    is_building_model,
    missing_models,
    rows_of,
    unfound,
)
from twin.topics.views import applied, rgb_of

AT = "2026-11-26T12:00:00Z"
DOOR, SPACE = "0KkZ20so9BsO1d1hFcfLOl", "1hOSvn6df7F8_7GcBWlRGQ"
STAMP = {"author": "a@example.com", "at": AT}


def building(name: str = "duplex", *, at: tuple[float, float, float] = (0.0, 0, 0)) -> Layer:
    """A wall with a plate in it, a door and a space, in a box of ten metres."""
    ids, kinds = [WALL, PLATE, DOOR, SPACE], ("IfcWall", "IfcPlate", "IfcDoor", "IfcSpace")
    bounds = np.tile(np.array([*at, *(x + 10 for x in at)]), (4, 1))
    return _layer(name, f"{name}.ifc", "ifc", _table(ids, kinds, bounds, [-1, 0, -1, -1]))


def city() -> Layer:
    bounds = np.tile(np.array([0.0, 0, 0, 90, 90, 10]), (2, 1))
    return _layer(
        "city", "city.json", "cityjson", _table(["b 1", "b2"], ("Building",), bounds, [-1, -1])
    )


def _table(ids: list[str], kinds: tuple[str, ...], bounds: F64, parent: list[int]) -> FeatureTable:
    codes = (
        np.arange(len(ids), dtype=np.uint16) if len(kinds) > 1 else np.zeros(len(ids), np.uint16)
    )
    tags = texts([str(300 + i) for i in range(len(ids))])
    return FeatureTable(
        texts(ids), codes, kinds, np.array(parent, np.int32), bounds, columns={"Tag": tags}
    )


def _layer(key: str, path: str, kind: str, table: FeatureTable) -> Layer:
    return Layer(
        key, SourceRef(path), key, About(kind), TileTree.single(np.zeros(6)), table,
        Observations.empty(), Assessment.unknown(len(table)),
    )  # fmt: skip


def twin(*layers: Layer) -> Twin:
    found = Twin()
    for layer in layers:
        AddLayer(layer).apply(found)
    return found


def run(found: Twin, name: str, **arguments: str) -> History:
    history = History(found)
    history.do(name, make(name, Context(found), arguments))
    return history


def with_topic(found: Twin, **fields: str) -> Topic:
    run(found, "topics.add", title="A column", guid=TOPIC, **{**STAMP, **fields})
    return topics_of(found)[TOPIC]


# -- records -----------------------------------------------------------------------------------


def test_a_topic_is_added_commented_changed_and_closed() -> None:
    found = twin()
    topic = with_topic(found, type="Clash", labels="A, B", due="2026-12-01")
    assert (topic.created, topic.author, topic.labels) == (AT, "a@example.com", ("A", "B"))
    assert topic.due == "2026-12-01T00:00:00Z"
    run(found, "topics.comment", topic=TOPIC[:6], text="Seen.", author="b", at=AT)
    run(found, "topics.set", topic=TOPIC, field="priority", value="High", author="b", at=AT)
    run(found, "topics.close", topic=TOPIC, author="c", at="2026-11-27")
    after = topics_of(found)[TOPIC]
    assert [x.text for x in after.comments] == ["Seen."]
    assert (after.priority, after.status, after.modified_by) == ("High", "Closed", "c")
    assert after.modified == "2026-11-27T00:00:00Z"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("topics.comment", {"topic": "none", "text": "a"}),
        ("topics.comment", {"topic": TOPIC, "text": " "}),
        ("topics.comment", {"topic": TOPIC, "text": "a", "viewpoint": VIEW}),
        ("topics.set", {"topic": TOPIC, "field": "colour", "value": "red"}),
        ("topics.set", {"topic": TOPIC, "field": "due", "value": "soon"}),
        ("topics.set", {"topic": TOPIC, "field": "title", "value": " "}),
        ("topics.add", {"title": "A", "guid": TOPIC}),
        ("topics.add", {"title": " "}),
        ("topics.relink", {"topic": TOPIC, "old": WALL, "new": DOOR}),
        ("viewpoints.add", {"topic": TOPIC, "eye": "0,0,0", "target": "0,0,0"}),
        ("viewpoints.add", {"topic": TOPIC, "eye": "0,0,0", "target": "1,0,0", "fov": "200"}),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, arguments: dict[str, str]) -> None:
    found = twin()
    before = with_topic(found)
    with pytest.raises(UsageError):
        run(found, name, **arguments)
    assert topics_of(found) == {TOPIC: before}


def test_every_step_is_undone_exactly(tmp_path: Path) -> None:
    path = made.file_3(
        tmp_path / "a.bcf", made.topic_3(after=made.view_list_3(VIEW)), {VIEW: made.CAMERA_3}
    )
    found = twin(building())
    history = run(found, "bcf.import", path=str(path))
    before = {key: dict(some) for key, some in found.records.items()}
    for name, arguments in (
        ("topics.comment", {"text": "a"}),
        ("topics.relate", {"other": VIEW}),
        ("viewpoints.add", {"eye": "0,0,50", "target": "0,0,0"}),
        ("topics.delete", {}),
    ):
        history.do(name, make(name, Context(found), {"topic": TOPIC, **arguments}))
    assert found.records["topics"] == {}
    assert found.records["files"] == {}
    for _ in range(4):
        history.undo()
    assert found.records == before
    history.undo()
    assert not any(found.records[kind] for kind in ("topics", "files", "exchanges"))


def test_topics_do_not_make_the_city_judged_anew() -> None:
    found, heard = twin(), list[Change]()
    found.changed.connect(heard.append)
    with_topic(found)
    assert {x.aspect for x in heard} == {Aspect.TOPICS}


def test_a_file_taken_in_and_given_back_says_the_same(tmp_path: Path) -> None:
    path = made.file_3(
        tmp_path / "a.bcf",
        made.topic_3(after=made.view_list_3(VIEW)),
        {VIEW: made.CAMERA_3},
        **{"own.txt": b"mine"},
    )
    found = twin()
    first = read(str(path))
    imported(found, first).apply(found)
    write(tmp_path / "b.bcf", exported(found), AT)
    second = read(str(tmp_path / "b.bcf"))
    assert (first.topics, first.frame, first.blobs) == (second.topics, second.frame, second.blobs)


def test_a_topic_that_comes_back_brings_comments_and_keeps_ours() -> None:
    ours, theirs = (
        Comment("c-1", AT, "a", "ours"),
        Comment("c-2", "2026-11-25T00:00:00Z", "b", "theirs"),
    )
    mine = Topic(
        TOPIC,
        "Old title",
        comments=(ours,),
        viewpoints=(Viewpoint("v-1"),),
        modified="2026-11-01T00:00:00Z",
    )
    came = Topic(TOPIC, "New title", comments=(theirs,), modified="2026-12-01T00:00:00Z")
    both = merged(mine, came)
    assert both.title == "New title"
    assert both.comments == (theirs, ours)
    assert both.viewpoints == mine.viewpoints
    assert merged(came, mine).comments == both.comments


def test_topics_are_kept_in_the_project_and_the_journal_names_nobody(tmp_path: Path) -> None:
    path = made.file_3(
        tmp_path / "a.bcf", made.topic_3(after=made.view_list_3(VIEW)), {VIEW: made.CAMERA_3}
    )
    first = Session(Settings(cache_folder=str(tmp_path)), Jobs(inline=True))
    first.keeper.create(tmp_path / "p.twin.gpkg")
    first.open(str(path))
    first.finish()
    first.run("topics.comment", topic=TOPIC, text="Seen.", **STAMP)
    assert [x.topics[0].guid for _, x in first.topics_read] == [TOPIC]
    words = str(first.journal())
    assert "Seen." in words
    assert "a@example.com" not in words
    kept = {kind: dict(first.twin.records[kind]) for kind in ("topics", "files", "exchanges")}
    assert kept["files"]
    first.close()
    second = Session(Settings(cache_folder=str(tmp_path)), Jobs(inline=True))
    second.open_project(tmp_path / "p.twin.gpkg")
    assert {kind: second.twin.records[kind] for kind in kept} == kept
    second.close()


def test_a_file_that_cannot_be_read_is_reported_like_any_source(tmp_path: Path) -> None:
    (tmp_path / "a.bcfzip").write_bytes(b"no")
    session = Session(Settings(cache_folder=str(tmp_path)), Jobs(inline=True))
    session.open(str(tmp_path / "a.bcfzip"))
    session.finish()
    assert [error.full_code for _, error in session.errors] == ["broken.zip"]
    session.close()


def test_values_to_choose_are_those_allowed_and_those_in_use() -> None:
    found = twin()
    with_topic(found, status="Waiting")
    assert allowed(found, "status") == ("Open", "In Progress", "Resolved", "Closed", "Waiting")
    frame = replace(exported(found).frame, extensions=Extensions(statuses=("A", "B")))
    found.put_record("exchanges", "bcf", frame)
    assert allowed(found, "status") == ("A", "B", "Waiting")


# -- objects -----------------------------------------------------------------------------------


def test_an_object_is_found_by_its_ifcguid_in_every_layer() -> None:
    found = twin(city(), building(), building("second"))
    rows = rows_of(found, [Component(DOOR), Component("3vB2YO$MX4xv5uCqZZG05x")])
    assert {key: some.tolist() for key, some in rows.items()} == {"duplex": [2], "second": [2]}
    assert unfound(found, [Component(DOOR)]) == ()


def test_an_object_of_the_city_is_named_by_its_uid_and_found_again() -> None:
    layer = city()
    item = component_of(layer, 0)
    assert (item.ifc_guid, item.system) == ("", "CityTwin")
    assert item.tool_id.endswith(" b 1")
    other = replace(layer, source=replace(layer.source, dataset="another"))
    assert rows_of(twin(layer), [item])["city"].tolist() == [0]
    assert rows_of(twin(other), [item]) == {}
    assert (is_building_model(layer), is_building_model(building())) == (False, True)


def test_an_object_that_only_its_tool_names_is_found_by_its_tag() -> None:
    assert rows_of(twin(building()), [Component("", "Revit", "302")])["duplex"].tolist() == [2]


def test_a_topic_says_which_models_it_needs_and_in_any_order() -> None:
    scene = Scene((Component(DOOR),))
    topic = Topic(
        TOPIC,
        "A",
        models=(ModelFile("Duplex.ifc"), ModelFile("Other.ifc")),
        viewpoints=(Viewpoint(VIEW, scene=scene),),
    )
    found = twin(city())
    assert missing_models(found, topic) == ("Duplex.ifc", "Other.ifc")
    AddLayer(building("x")).apply(found)
    assert missing_models(found, topic) == ()
    lost = replace(
        topic, viewpoints=(Viewpoint(VIEW, scene=Scene((Component("3vB2YO$MX4xv5uCqZZG05x"),))),)
    )
    assert missing_models(found, lost) == ("Duplex.ifc", "Other.ifc")
    assert missing_models(found, replace(lost, models=())) == ("",)


# -- views -------------------------------------------------------------------------------------

DELFT = (84_990.0, 447_000.0, 3.0)
CAMERA = Perspective((20.0, -5.0, 3.0), (-1.0, 1.0, 0.0), (0.0, 0.0, 1.0), 50.0, 1.6)
TOPIC_OF_DOOR = Topic(TOPIC, "A")


def turned(crs: str = "EPSG:28992") -> Georeference:
    """A model turned by a quarter and moved to Delft."""
    frame = (
        0.0,
        -1.0,
        0.0,
        85_000.0,
        1.0,
        0.0,
        0.0,
        447_000.0,
        0.0,
        0.0,
        1.0,
        3.0,
        0.0,
        0.0,
        0.0,
        1.0,
    )
    return Georeference(parse_crs(crs), ProjectFrame.of("EPSG:28992"), frame)


def shown(found: Twin, scene: Scene, georeference: Georeference | None = None) -> list[list[str]]:
    """The ids that are hidden, by layer, once a viewpoint was applied."""
    applied(found, TOPIC_OF_DOOR, scene, lambda key: georeference).edit.apply(found)
    return [
        [] if x.hidden is None else x.features.id[x.hidden].tolist() for x in found.layers.values()
    ]


def test_a_camera_stands_in_the_coordinates_of_its_model() -> None:
    found = twin(building(at=DELFT))
    scene = Scene((Component(DOOR),), perspective=CAMERA)
    camera = applied(found, TOPIC_OF_DOOR, scene, lambda key: turned()).camera
    assert camera is not None
    assert np.allclose(camera.eye, [85_005.0, 447_020.0, 6.0])
    assert np.allclose(camera.direction, np.array([-1.0, -1, 0]) / np.sqrt(2))
    assert camera.field == 50.0


def test_a_layer_that_is_lifted_takes_its_cameras_along() -> None:
    layer = building()
    found = twin(replace(layer, display=replace(layer.display, height_offset=7.0)))
    camera = applied(found, TOPIC_OF_DOOR, Scene(perspective=CAMERA), lambda key: None).camera
    assert camera is not None
    assert camera.eye.tolist() == [20.0, -5.0, 10.0]


def test_map_coordinates_are_believed_where_only_they_make_sense() -> None:
    found = twin(building(at=(85_000.0, 447_000.0, 3.0)))
    mapped = replace(CAMERA, point=(85_020.0, 447_005.0, 6.0))
    camera = applied(found, TOPIC_OF_DOOR, Scene(perspective=mapped), lambda key: turned()).camera
    assert camera is not None
    assert np.allclose(camera.eye, mapped.point)


def test_a_view_becomes_a_viewpoint_and_the_same_view_again() -> None:
    for georeference in (None, turned(), turned("EPSG:25831")):
        at = DELFT if georeference is None else georeference.move(np.zeros((1, 3)))[0]
        found = twin(building(at=(float(at[0]), float(at[1]), float(at[2]))))
        found.put_record(
            "sections",
            "s",
            Section("s", "S", (SectionPlane((85_001.0, 447_002.0, 5.0), (0.6, 0.0, 0.8)),)),
        )
        forward = np.array([0.0, 0.8, -0.6])
        view = View(
            np.array([85_003.0, 447_004.0, 30.0]),
            forward,
            np.array([0.0, 0.6, 0.8]),
            45.0,
            (800, 400),
        )
        where = georeference
        seen = Seen(
            view,
            {"duplex": np.array([2], np.int32)},
            {"duplex": [(np.array([1], np.int32), (255, 0, 9))]},
        )
        scene = taken(found, None, seen, lambda key: where)  # noqa: B023
        again = applied(found, TOPIC_OF_DOOR, scene, lambda key: where)  # noqa: B023
        assert again.camera is not None
        assert np.allclose(again.camera.eye, view.eye, atol=1e-5)
        assert np.allclose(again.camera.direction, forward, atol=1e-6)
        assert (again.camera.field, again.camera.aspect) == (45.0, 2.0)
        assert again.selected["duplex"].tolist() == [2]
        assert [(x.tolist(), c) for x, c in again.tints["duplex"]] == [([1], (255, 0, 9))]
        again.edit.apply(found)
        plane = found.records["sections"]["viewpoint"].planes[0]
        assert np.allclose(plane.point, (85_001.0, 447_002.0, 5.0), atol=1e-5)
        assert np.allclose(plane.normal, (0.6, 0.0, 0.8), atol=1e-6)
        assert not found.records["sections"]["s"].visible


def test_an_orthogonal_camera_keeps_its_size_in_the_project() -> None:
    scene = Scene(orthogonal=Orthogonal((0.0, 0, 50), (0.0, 0, -1), (0.0, 1, 0), 20.0, 1.0))
    camera = applied(twin(building(at=DELFT)), TOPIC_OF_DOOR, scene, lambda key: turned()).camera
    assert camera is not None
    assert camera.height == pytest.approx(20.0)
    assert np.allclose(camera.up, [-1.0, 0.0, 0.0])


def test_one_part_alone_is_seen_and_the_city_round_it_stays() -> None:
    found = twin(city(), building())
    scene = Scene(visible=False, exceptions=(Component(PLATE),))
    assert shown(found, scene) == [[], [WALL, DOOR, SPACE]]


def test_a_whole_stands_for_its_parts() -> None:
    assert shown(twin(building()), Scene(visible=True, exceptions=(Component(WALL),))) == [
        [WALL, PLATE, SPACE]
    ]
    assert shown(twin(building()), Scene(visible=False, exceptions=(Component(WALL),))) == [
        [DOOR, SPACE]
    ]


def test_all_parts_but_one_are_seen() -> None:
    assert shown(twin(building()), Scene(visible=True, exceptions=(Component(PLATE),))) == [
        [PLATE, SPACE]
    ]


def test_a_viewpoint_that_says_nothing_of_visibility_shows_everything_again() -> None:
    found = twin(building())
    shown(found, Scene(visible=False))
    assert shown(found, Scene((Component(DOOR),))) == [[SPACE]]


def test_applying_a_viewpoint_is_one_step_that_is_undone() -> None:
    found = twin(building())
    plane = ClippingPlane((0.0, 0, 5), (0.0, 0, 1))
    edit = applied(
        found, TOPIC_OF_DOOR, Scene(visible=False, planes=(plane,)), lambda key: None
    ).edit
    history = History(found)
    history.do("viewpoints.show", edit)
    assert found.layer("duplex").is_hidden(0)
    assert found.records["sections"]["viewpoint"].planes[0].normal == (0.0, 0.0, 1.0)
    history.undo()
    assert not found.layer("duplex").is_hidden(0)
    assert found.records["sections"] == {}


def test_what_is_hidden_comes_with_a_viewpoint_in_the_shorter_list() -> None:
    found = twin(city(), building())
    view = View(np.zeros(3), np.array([0.0, 1, 0]), np.array([0.0, 0, 1]), 60.0, (4, 3))
    shown(found, Scene(visible=True, exceptions=(Component(DOOR),)))
    scene = taken(found, None, Seen(view), lambda key: None)
    assert (scene.visible, scene.exceptions) == (True, (Component(DOOR),))
    shown(found, Scene(visible=False, exceptions=(Component(DOOR),)))
    scene = taken(found, None, Seen(view), lambda key: None)
    assert scene.visible is False
    assert Component(DOOR) in scene.exceptions
    assert Component(WALL) not in scene.exceptions


def test_colours_beat_what_the_city_is_coloured_by() -> None:
    state = np.array([[1, 2, 3, VISIBLE | HATCH], [4, 5, 6, VISIBLE | OWN_COLOR]], np.uint8)
    found = tinted(state, [(np.array([1, 7], np.int32), (255, 0, 9))])
    assert found.tolist() == [[1, 2, 3, VISIBLE | HATCH], [255, 0, 9, VISIBLE]]
    assert rgb_of("80FF0009") == rgb_of("FF0009") == (255, 0, 9)
    assert rgb_of("x") == (128, 128, 128)


def test_coloured_objects_bring_their_parts() -> None:
    scene = Scene(coloring=(Coloring("FF0000", (Component(WALL),)),))
    tints = applied(twin(building()), TOPIC_OF_DOOR, scene, lambda key: None).tints
    assert tints["duplex"][0][0].tolist() == [0, 1]


def test_a_topic_is_relinked_to_what_stands_there_now() -> None:
    found = twin(building())
    view = Viewpoint(
        VIEW,
        "v.bcfv",
        scene=Scene((Component(WALL),), coloring=(Coloring("FF0000", (Component(WALL),)),)),
    )
    found.put_record("topics", TOPIC, replace(with_topic(found), viewpoints=(view,)))
    run(found, "topics.relink", topic=TOPIC, old=WALL, new=DOOR, **STAMP)
    scene = topics_of(found)[TOPIC].viewpoints[0].scene
    assert scene is not None
    assert {x.ifc_guid for x in scene.components()} == {DOOR}


def test_the_unknown_place_of_a_model_leaves_it_where_it_is() -> None:
    unknown = Georeference(Crs(), None)
    camera = applied(
        twin(building()), TOPIC_OF_DOOR, Scene(perspective=CAMERA), lambda key: unknown
    ).camera
    assert camera is not None
    assert camera.eye.tolist() == [20.0, -5.0, 3.0]
