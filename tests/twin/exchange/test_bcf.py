"""BCF files as records and records as files: nothing of what a file says is lost."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.twin.exchange import bcf_files as made
from tests.twin.exchange.bcf_files import OTHER, PLATE, SPACE, TOPIC, VIEW, VIEW_2, WALL, component
from twin.exchange.bcf.model import (
    Bcf,
    Bitmap,
    ClippingPlane,
    Coloring,
    Component,
    Hints,
    Line,
    Perspective,
    Related,
    Scene,
    Topic,
)
from twin.exchange.bcf.reading import read
from twin.exchange.bcf.writing import packed, write

AT = "2026-11-26T12:00:00Z"
VISIBLE = '<Visibility DefaultVisibility="true"/>'


def again(found: Bcf, tmp_path: Path) -> Bcf:
    path = tmp_path / "again.bcf"
    write(path, found, AT)
    return read(str(path))


def same(first: Bcf, second: Bcf) -> bool:
    return (first.topics, first.frame, first.blobs) == (second.topics, second.frame, second.blobs)


def only(found: Bcf) -> Topic:
    assert [x.code for x in found.problems] == []
    assert len(found.topics) == 1
    return found.topics[0]


def scene_2(tmp_path: Path, inner: str) -> Scene:
    path = made.file_2(
        tmp_path / "a.bcf", made.topic_2(beside=made.view_list_2(VIEW)), {VIEW: inner}
    )
    found = read(str(path))
    assert same(found, again(found, tmp_path))
    scene = only(found).viewpoints[0].scene
    assert scene is not None
    return scene


def scene_3(tmp_path: Path, inner: str) -> Scene:
    path = made.file_3(
        tmp_path / "a.bcf", made.topic_3(after=made.view_list_3(VIEW)), {VIEW: inner}
    )
    found = read(str(path))
    assert same(found, again(found, tmp_path))
    scene = only(found).viewpoints[0].scene
    assert scene is not None
    return scene


# -- markup: the test cases of buildingSMART, topic by topic ------------------------------------


def test_the_least_a_topic_can_say_is_read(tmp_path: Path) -> None:
    found = read(str(made.file_2(tmp_path / "a.bcf", made.topic_2())))
    topic = only(found)
    assert (topic.guid, topic.title, topic.author) == (
        TOPIC,
        "A column stands in the way",
        "a@example.com",
    )
    assert found.version == "2.1"
    assert same(found, again(found, tmp_path))


MOST = (
    "<ReferenceLink>https://example.com/1</ReferenceLink><ReferenceLink>https://example.com/2</ReferenceLink>"
    "<Priority>High</Priority><Index>3</Index><Labels>Structural</Labels><Labels>IT</Labels>"
    "<ModifiedDate>2015-06-21T14:22:47+02:00</ModifiedDate><ModifiedAuthor>b@example.com</ModifiedAuthor>"
    "<DueDate>2016-10-02T14:22:47Z</DueDate><AssignedTo>c@example.com</AssignedTo><Stage>Start</Stage>"
    "<Description>Two lines\nof text &amp; more</Description>"
    '<BimSnippet SnippetType="JSON"><Reference>data.json</Reference>'
    "<ReferenceSchema>http://json-schema.org</ReferenceSchema></BimSnippet>"
    '<DocumentReference isExternal="true"><ReferencedDocument>https://example.com/spec</ReferencedDocument>'
    "<Description>Specification</Description></DocumentReference>"
    "<DocumentReference><ReferencedDocument>../rules.pdf</ReferencedDocument></DocumentReference>"
    f'<RelatedTopic Guid="{OTHER}"/>'
)
HEADER_2 = (
    '<Header><File IfcProject="0M6o7Znnv7hxsbWgeu7oQq" isExternal="false"><Filename>Pile.ifc</Filename>'
    "<Date>2014-10-27T16:27:27Z</Date><Reference>../Pile.ifc</Reference></File>"
    "<File><Filename>Frame.ifc</Filename></File></Header>"
)
COMMENTS_2 = (
    '<Comment Guid="07ccdba0-1736-47e1-807d-67dc6f3addaa"><Date>2015-08-31T12:40:17Z</Date>'
    "<Author>a@example.com</Author><Comment>Seen on site.</Comment></Comment>"
    '<Comment Guid="c2bb5bb0-773d-45dd-bdaa-19a216439ed3"><Date>2015-08-31T13:07:11Z</Date>'
    f'<Author>b@example.com</Author><Comment>Look here.</Comment><Viewpoint Guid="{VIEW}"/>'
    "<ModifiedDate>2015-08-31T16:07:11Z</ModifiedDate><ModifiedAuthor>b@example.com</ModifiedAuthor></Comment>"
)


def most(tmp_path: Path) -> Bcf:
    markup = made.topic_2(MOST, COMMENTS_2 + made.view_list_2(VIEW), HEADER_2)
    path = made.file_2(tmp_path / "a.bcf", markup, {VIEW: made.CAMERA_2}, **{"data.json": b"{}"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("rules.pdf", b"%PDF-1.4")
        archive.writestr("Pile.ifc", b"ISO-10303-21;")
    return read(str(path))


def test_everything_a_topic_of_21_can_say_is_read(tmp_path: Path) -> None:
    topic = only(most(tmp_path))
    assert topic.links == ("https://example.com/1", "https://example.com/2")
    assert (topic.priority, topic.index, topic.labels) == ("High", 3, ("Structural", "IT"))
    assert (topic.due, topic.assigned, topic.stage) == (
        "2016-10-02T14:22:47Z",
        "c@example.com",
        "Start",
    )
    assert topic.modified == "2015-06-21T14:22:47+02:00"
    assert topic.description == "Two lines\nof text & more"
    assert topic.snippet is not None
    assert (topic.snippet.type, topic.snippet.external) == ("JSON", False)
    assert topic.related == (Related(OTHER),)
    assert [(x.filename, x.external) for x in topic.models] == [
        ("Pile.ifc", False),
        ("Frame.ifc", True),
    ]
    assert [x.text for x in topic.comments] == ["Seen on site.", "Look here."]
    assert topic.comments[1].viewpoint == VIEW
    assert [x.name for x in topic.files] == [f"{VIEW}.png", "data.json"]


def test_a_document_inside_of_21_becomes_a_document_of_30(tmp_path: Path) -> None:
    found = most(tmp_path)
    outside, inside = only(found).documents
    assert (outside.url, outside.document) == ("https://example.com/spec", "")
    assert [x.filename for x in found.frame.documents] == ["rules.pdf"]
    assert inside.document == found.frame.documents[0].guid
    names = {x.name: found.blobs[x.sha256] for x in found.frame.files}
    assert names[f"documents/{inside.document}"] == b"%PDF-1.4"
    assert names["Pile.ifc"] == b"ISO-10303-21;"


def test_21_written_as_30_gives_the_same_records(tmp_path: Path) -> None:
    found = most(tmp_path)
    second = again(found, tmp_path)
    assert second.version == "3.0"
    assert same(found, second)
    assert second.problems == ()


def test_two_topics_that_know_each_other_are_read(tmp_path: Path) -> None:
    members = {
        "bcf.version": made.version("2.1"),
        f"{TOPIC}/markup.bcf": made.topic_2(f'<RelatedTopic Guid="{OTHER}"/>'),
        f"{OTHER.upper()}/markup.bcf": made.topic_2(
            f'<RelatedTopic Guid="{TOPIC.upper()}"/>', guid=OTHER.upper()
        ),
    }
    found = read(str(made.packed(tmp_path / "a.bcfzip", members)))
    assert {x.guid: x.related[0].guid for x in found.topics} == {TOPIC: OTHER, OTHER: TOPIC}
    assert same(found, again(found, tmp_path))


def test_several_viewpoints_without_comments_keep_their_order(tmp_path: Path) -> None:
    markup = made.topic_2(beside=made.view_list_2(VIEW_2, VIEW))
    views = {VIEW: made.CAMERA_2, VIEW_2: made.ORTHOGONAL_2}
    found = read(str(made.file_2(tmp_path / "a.bcf", markup, views)))
    assert [(x.guid, x.index) for x in only(found).viewpoints] == [(VIEW_2, 0), (VIEW, 1)]
    assert same(found, again(found, tmp_path))


def test_an_extension_schema_becomes_the_lists_of_30(tmp_path: Path) -> None:
    schema = (
        '<schema xmlns="http://www.w3.org/2001/XMLSchema"><redefine schemaLocation="markup.xsd">'
        '<simpleType name="TopicType"><restriction base="TopicType"><enumeration value="Clash"/>'
        '<enumeration value="Request"/></restriction></simpleType>'
        '<simpleType name="UserIdType"><restriction base="UserIdType"><enumeration value="a@example.com"/>'
        "</restriction></simpleType></redefine></schema>"
    )
    project = (
        '<ProjectExtension><Project ProjectId="p-1"><Name>Station</Name></Project>'
        "<ExtensionSchema>extensions.xsd</ExtensionSchema></ProjectExtension>"
    )
    members = {
        "bcf.version": made.version("2.1"),
        "project.bcfp": project,
        "extensions.xsd": schema,
        f"{TOPIC}/markup.bcf": made.topic_2(),
    }
    found = read(str(made.packed(tmp_path / "a.bcf", members)))
    assert (found.frame.project, found.frame.name) == ("p-1", "Station")
    assert found.frame.extensions.types == ("Clash", "Request")
    assert found.frame.extensions.users == ("a@example.com",)
    assert [x.name for x in found.frame.files] == ["extensions.xsd"]
    assert same(found, again(found, tmp_path))


def test_everything_a_topic_of_30_can_say_is_read_and_written_again(tmp_path: Path) -> None:
    before = "<ReferenceLinks><ReferenceLink>https://example.com</ReferenceLink></ReferenceLinks>"
    after = (
        "<DueDate>2022-01-01T00:00:00Z</DueDate><Stage>Design</Stage>"
        f'<DocumentReferences><DocumentReference Guid="{OTHER}"><DocumentGuid>{VIEW_2}</DocumentGuid>'
        "<Description>Plan</Description></DocumentReference></DocumentReferences>"
        f'<RelatedTopics><RelatedTopic Guid="{OTHER}"/></RelatedTopics>'
        '<Comments><Comment Guid="c045ef04-324d-4c36-9ac8-831f2a15c6d6"><Date>2021-02-17T09:16:04.160Z</Date>'
        f'<Author>a@example.com</Author><Viewpoint Guid="{VIEW}"/></Comment></Comments>'
        + made.view_list_3(VIEW)
    )
    markup = made.topic_3(before, after, attributes=' ServerAssignedId="6"').replace(
        "<CreationDate>", "<Labels><Label>A</Label><Label>B</Label></Labels><CreationDate>"
    )
    path = made.file_3(tmp_path / "a.bcf", markup, {VIEW: made.CAMERA_3})
    documents = f'<DocumentInfo><Documents><Document Guid="{VIEW_2}"><Filename>Plan.txt</Filename></Document></Documents></DocumentInfo>'
    project = '<ProjectInfo><Project ProjectId="p-1"><Name>Station</Name></Project></ProjectInfo>'
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("documents.xml", documents)
        archive.writestr("project.bcfp", project)
        archive.writestr(f"documents/{VIEW_2}", b"a plan")
    found = read(str(path))
    topic = only(found)
    assert (topic.server_id, topic.labels, topic.stage) == ("6", ("A", "B"), "Design")
    assert topic.documents[0].document == VIEW_2
    assert topic.comments[0].text == ""
    assert found.frame.documents[0].filename == "Plan.txt"
    assert same(found, again(found, tmp_path))


# -- scenes ------------------------------------------------------------------------------------


def test_a_perspective_camera_gets_the_proportions_of_its_snapshot(tmp_path: Path) -> None:
    camera = scene_2(tmp_path, made.CAMERA_2).perspective
    assert camera == Perspective(
        (12.5, -8.0, 3.25), (0.0, 1.0, -0.25), (0.0, 0.25, 1.0), 60.0, 1.5
    )
    assert scene_3(tmp_path, made.CAMERA_3).perspective == camera


def test_an_orthogonal_camera_keeps_its_height(tmp_path: Path) -> None:
    camera = scene_3(tmp_path, made.ORTHOGONAL_3).orthogonal
    assert camera is not None
    assert (camera.height, camera.aspect) == (21.75, 1.25)
    older = scene_2(tmp_path, made.ORTHOGONAL_2).orthogonal
    assert older is not None
    assert replace(older, aspect=1.25) == camera


def test_selected_components_are_read(tmp_path: Path) -> None:
    tool = "<Component><OriginatingSystem>Revit</OriginatingSystem><AuthoringToolId>314</AuthoringToolId></Component>"
    inner = f"<Components><Selection>{component(WALL)}{tool}</Selection>{VISIBLE}</Components>{made.CAMERA_2}"
    scene = scene_2(tmp_path, inner)
    assert scene.selection == (Component(WALL), Component("", "Revit", "314"))
    assert scene.visible is True


@pytest.mark.parametrize(
    ("guid", "default"), [(PLATE, True), (PLATE, False), (WALL, False), (SPACE, False)]
)
def test_parts_of_decomposed_objects_are_seen_or_hidden_by_exception(
    tmp_path: Path, guid: str, default: bool
) -> None:
    flag = str(default).lower()
    inner = f'<Components><Visibility DefaultVisibility="{flag}"><Exceptions>{component(guid)}</Exceptions></Visibility></Components>'
    for scene in (
        scene_2(tmp_path, inner + made.CAMERA_2),
        scene_3(tmp_path, inner + made.CAMERA_3),
    ):
        assert (scene.visible, scene.exceptions) == (default, (Component(guid),))


def test_hints_stand_elsewhere_in_21(tmp_path: Path) -> None:
    hints = '<ViewSetupHints SpacesVisible="true" SpaceBoundariesVisible="false" OpeningsVisible="true"/>'
    old = f"<Components>{hints}{VISIBLE}</Components>{made.CAMERA_2}"
    new = f'<Components><Visibility DefaultVisibility="true">{hints}</Visibility></Components>{made.CAMERA_3}'
    assert scene_2(tmp_path, old).hints == scene_3(tmp_path, new).hints == Hints(True, False, True)


def test_colours_are_read_from_both_versions(tmp_path: Path) -> None:
    color = (
        f'<Coloring><Color Color="3498DB">{component(WALL)}{component(PLATE)}</Color></Coloring>'
    )
    old = f"<Components>{VISIBLE}{color}</Components>{made.CAMERA_2}"
    new = color.replace('DB">', 'DB"><Components>').replace("</Color>", "</Components></Color>", 1)
    expected = (Coloring("3498DB", (Component(WALL), Component(PLATE))),)
    assert scene_2(tmp_path, old).coloring == expected
    assert (
        scene_3(tmp_path, f"<Components>{VISIBLE}{new}</Components>{made.CAMERA_3}").coloring
        == expected
    )


def vector(tag: str, x: float, y: float, z: float) -> str:
    return f"<{tag}><X>{x}</X><Y>{y}</Y><Z>{z}</Z></{tag}>"


def test_clipping_planes_and_lines_are_read(tmp_path: Path) -> None:
    plane = f"<ClippingPlane>{vector('Location', 1, 2, 3)}{vector('Direction', 0, 0, 1)}</ClippingPlane>"
    line = f"<Line>{vector('StartPoint', 0, 0, 0)}{vector('EndPoint', 1e-7, 5, 2.5)}</Line>"
    inner = f"{made.CAMERA_2}<Lines>{line}</Lines><ClippingPlanes>{plane}{plane}</ClippingPlanes>"
    scene = scene_2(tmp_path, inner)
    assert scene.planes == (ClippingPlane((1.0, 2.0, 3.0), (0.0, 0.0, 1.0)),) * 2
    assert scene.lines == (Line((0.0, 0.0, 0.0), (1e-7, 5.0, 2.5)),)


def test_bitmaps_are_read_from_both_versions(tmp_path: Path) -> None:
    rest = f"<Reference>note.png</Reference>{vector('Location', 1, 2, 3)}{vector('Normal', 0, 1, 0)}{vector('Up', 0, 0, 1)}<Height>2.5</Height>"
    old = f"{made.CAMERA_2}<Bitmap><Bitmap>PNG</Bitmap>{rest}</Bitmap>"
    new = f"{made.CAMERA_3}<Bitmaps><Bitmap><Format>png</Format>{rest}</Bitmap></Bitmaps>"
    expected = (Bitmap("png", "note.png", (1.0, 2.0, 3.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), 2.5),)
    assert scene_2(tmp_path, old).bitmaps == scene_3(tmp_path, new).bitmaps == expected


def test_a_viewpoint_that_nobody_lists_is_found_by_its_name(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {
        "bcf.version": made.version("2.1"),
        f"{TOPIC}/markup.bcf": made.topic_2(),
        f"{TOPIC}/viewpoint.bcfv": made.scene(made.CAMERA_2),
        f"{TOPIC}/snapshot.png": made.picture(),
    }
    found = read(str(made.packed(tmp_path / "a.bcf", members)))
    view = only(found).viewpoints[0]
    assert (view.snapshot, view.scene is not None) == ("snapshot.png", True)
    assert same(found, again(found, tmp_path))


# -- nothing is lost -----------------------------------------------------------------------------


def test_unknown_parts_are_kept_and_written_again(tmp_path: Path) -> None:
    after = (
        '<Cost currency="EUR">  12.5 <x:part xmlns:x="urn:x">a</x:part></Cost>'
        '<Comments><Comment Guid="c045ef04-324d-4c36-9ac8-831f2a15c6d6" mood="calm"><Date>2021-02-17T09:16:04Z</Date>'
        "<Author>a</Author><Comment>b</Comment><Likes>3</Likes></Comment><Thread>7</Thread></Comments>"
        "<Title>A second title</Title>" + made.view_list_3(VIEW)
    )
    odd = (
        "<Components><Selection><Component IfcGuid='0KkZ20so9BsO1d1hFcfLOl'><Weight>3</Weight></Component></Selection>"
        "<Visibility><Fog>1</Fog></Visibility></Components>"
        f"{made.CAMERA_3}<ClippingPlanes><ClippingPlane><Location><X>1</X></Location></ClippingPlane>"
        f"<ClippingPlane>{vector('Location', 1, 2, 3)}{vector('Direction', 0, 0, 1)}</ClippingPlane></ClippingPlanes>"
    )
    markup = made.topic_3(
        after=after, header='<Header own="1"><Note/></Header>', attributes=' own="2"'
    )
    path = made.file_3(tmp_path / "a.bcf", markup, {VIEW: odd}, **{"notes/own.txt": b"mine"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("vendor/settings.json", b"{}")
    found = read(str(path))
    second = again(found, tmp_path)
    assert same(found, second)
    with zipfile.ZipFile(tmp_path / "again.bcf") as archive:
        text = archive.read(f"{TOPIC}/markup.bcf").decode()
        view = archive.read(f"{TOPIC}/{VIEW}.bcfv").decode()
        names = archive.namelist()
    for kept in ('<Cost currency="EUR">  12.5 ', "<Likes>3</Likes>", 'mood="calm"', "<Thread>7</Thread>",
                 "A second title", 'own="1"', 'own="2"', "<Note/>"):  # fmt: skip
        assert kept in text
    assert "<Weight>3</Weight>" in view
    assert "<Fog>1</Fog>" in view
    assert view.count("<ClippingPlane>") == 2
    assert {"vendor/settings.json", f"{TOPIC}/notes/own.txt"} <= set(names)
    assert [x.code for x in found.problems] == ["bcf.value", "bcf.value"]


def test_equal_records_give_equal_bytes(tmp_path: Path) -> None:
    found = most(tmp_path)
    assert packed(found, AT) == packed(read(str(tmp_path / "a.bcf")), AT)
    assert packed(again(found, tmp_path), AT) == packed(found, AT)


def test_what_nobody_said_is_written_as_30_asks_and_read_as_nothing(tmp_path: Path) -> None:
    found = Bcf(topics=(Topic(TOPIC, "A title"),))
    second = again(found, tmp_path)
    assert second.topics == found.topics
    with zipfile.ZipFile(tmp_path / "again.bcf") as archive:
        text = archive.read(f"{TOPIC}/markup.bcf").decode()
    assert 'TopicStatus="Undefined"' in text
    assert "<CreationDate>0001-01-01T00:00:00Z</CreationDate>" in text


def test_letters_that_xml_cannot_hold_do_not_stop_the_writing(tmp_path: Path) -> None:
    topic = again(Bcf(topics=(Topic(TOPIC, "a\0b\x1f\ud800 柱"),)), tmp_path).topics[0]
    assert topic.title == "a?b?? 柱"
