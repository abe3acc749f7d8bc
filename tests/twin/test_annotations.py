"""Annotations and the files that views and marks are exchanged in: the Earth comes back to a millimetre."""

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.test_bookmarks import run, twin, with_views
from twin.edits import SetRecord
from twin.errors import BrokenFile, NotFound, TwinError, UsageError
from twin.exchange.bcf.model import Bcf, Bitmap, Line, Perspective, Scene, Topic, Viewpoint
from twin.exchange.bcf.writing import packed
from twin.georeference import ProjectFrame, undulation
from twin.messages import catalogue
from twin.presenting import kmz
from twin.presenting.carried import brought_in, heading_of, looked_at
from twin.presenting.exchange import Outside, export_views, import_views
from twin.presenting.looks import Look, shown, taken
from twin.presenting.records import Annotation
from twin.records import Bookmark
from twin.scene import Twin

DELFT = ProjectFrame.of("EPSG:28992", "EPSG:5709")
SPOT = (84500.0, 447500.0, 12.5)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
AT = "2026-01-01T00:00:00Z"
HERE = Outside(DELFT, lambda key: None)


def city() -> Twin:
    made = with_views()
    made.crs, made.vertical = DELFT.crs, DELFT.vertical
    return made


def full() -> Twin:
    made = city()
    eye, target = (84400.0, 447300.0, 150.0), SPOT
    view = Bookmark(
        "v", "Market <&> 集市", eye, target, fov=50.0, settings={"color_by": "kind"}, place=1.0
    )
    SetRecord("bookmarks", "v", view).apply(made)
    x, y, z = SPOT
    for kind, points in (("label", [SPOT]), ("arrow", [SPOT, (x + 5, y, z - 4)]),
                         ("line", [SPOT, (x, y + 30, z), (x, y + 30, z + 40)])):  # fmt: skip
        text = ";".join(",".join(map(str, p)) for p in points)
        run(made, "annotations.add", id=kind, kind=kind, points=text, text=f"{kind} “à”")
        run(made, "annotations.set", id=kind, field="color", value="#A0688A")
    return made


@pytest.mark.parametrize("ending", ["kml", "geojson"])
def test_views_and_marks_come_back_to_a_millimetre(tmp_path: Path, ending: str) -> None:
    made, path = full(), tmp_path / f"v.{ending}"
    done = export_views(made, HERE, path, AT)
    assert (done.views, done.marks, done.left_out) == (1, 3, [])
    assert path.read_bytes() == (export_views(made, HERE, path, AT), path.read_bytes())[1]
    found, _ = import_views(city(), HERE, path)
    fresh = city()
    brought_in(fresh, found).apply(fresh)
    view, before = fresh.records["bookmarks"]["v"], made.records["bookmarks"]["v"]
    assert (view.title, view.fov, view.settings) == (before.title, before.fov, before.settings)
    assert np.allclose(view.eye, before.eye, atol=2e-3)
    way = np.subtract(view.target, view.eye)
    wanted = np.subtract(before.target, before.eye)
    cosine = way @ wanted / np.linalg.norm(way) / np.linalg.norm(wanted)
    assert np.degrees(np.arccos(min(cosine, 1.0))) < 0.1  # KML keeps angles: a level is no sphere
    for key, mark in made.records["annotations"].items():
        again = fresh.records["annotations"][key]
        assert (again.kind, again.text, again.color) == (mark.kind, mark.text, mark.color)
        assert np.allclose(again.points, mark.points, atol=2e-3)
        assert (again.crs, again.vertical) == (mark.crs, mark.vertical)


def test_heights_are_what_the_formats_say(tmp_path: Path) -> None:
    """RFC 7946: above the ellipsoid; KML: above the sea (EGM96). Delft lies some 43 m above the ellipsoid."""
    made = full()
    export_views(made, HERE, tmp_path / "v.geojson", AT)
    export_views(made, HERE, tmp_path / "v.kml", AT)
    features = json.loads((tmp_path / "v.geojson").read_text())["features"]
    lon, lat, height = next(x for x in features if x["id"] == "label")["geometry"]["coordinates"]
    # by the published polynomials for RD (Schreutelkamp and Strang van Hees), to a ten-thousandth
    assert (lon, lat) == (pytest.approx(4.36030, abs=1e-4), pytest.approx(52.01138, abs=1e-4))
    assert 42 < height - SPOT[2] < 45
    text = (tmp_path / "v.kml").read_text()
    above_sea = float(re.findall(r"<coordinates>[\d.]+,[\d.]+,([\d.]+)</", text)[0])
    geoid = float(undulation(np.array([lon]), np.array([lat]))[0])
    assert above_sea == pytest.approx(height - geoid, abs=2e-3)
    assert "above sea level (EGM96)" in text


def test_an_unknown_datum_is_written_as_it_is_and_said(tmp_path: Path) -> None:
    made = full()
    frame = ProjectFrame.of("EPSG:28992")
    done = export_views(made, Outside(frame, lambda key: None), tmp_path / "v.geojson", AT)
    assert done.heights == "as_is"
    document = json.loads((tmp_path / "v.geojson").read_text())
    assert document["heights"] == "as in the project, datum unknown"
    assert document["features"][1]["geometry"]["coordinates"][2] == SPOT[2]


def test_bcf_carries_views_and_marks(tmp_path: Path) -> None:
    made, path = full(), tmp_path / "v.bcf"
    done = export_views(made, HERE, path, AT)
    assert (done.views, done.marks, len(done.left_out)) == (1, 3, 0)
    found, _ = import_views(made, HERE, path)
    assert len(found.views) == 1
    view, before = found.views[0], made.records["bookmarks"]["v"]
    assert view.title == before.title
    assert np.allclose(view.eye, before.eye, atol=1e-6)
    ways = [np.subtract(x.target, x.eye) for x in (view, before)]
    unit = [x / np.linalg.norm(x) for x in ways]
    assert np.allclose(unit[0], unit[1], atol=1e-9)
    assert view.fov == pytest.approx(before.fov)


def test_files_of_others_become_labels_lines_and_views(tmp_path: Path) -> None:
    kml = """<kml xmlns="http://earth.google.com/kml/2.1"><Document>
    <Placemark><name>Shop</name><Point><coordinates>4.358,52.012</coordinates></Point></Placemark>
    <Placemark><LookAt><longitude>4.358</longitude><latitude>52.012</latitude><range>200</range>
    <tilt>45</tilt></LookAt><name>View</name></Placemark>
    <Placemark><Polygon/></Placemark></Document></kml>"""
    (tmp_path / "a.kml").write_text(kml)
    found, _ = import_views(city(), HERE, tmp_path / "a.kml")
    assert [x.text for x in found.marks] == ["Shop"]
    assert [x.title for x in found.views] == ["View"]
    assert found.views[0].eye[2] - found.views[0].target[2] == pytest.approx(141.4, abs=0.5)
    assert len(found.left_out) == 1
    shapes = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"name": "Way"},
         "geometry": {"type": "LineString", "coordinates": [[4.358, 52.012], [4.359, 52.012]]}},
        {"type": "Feature", "properties": None, "geometry": {"type": "Polygon", "coordinates": []}},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [400, 52]}},
    ]}  # fmt: skip
    (tmp_path / "a.geojson").write_text(json.dumps(shapes))
    found, _ = import_views(city(), HERE, tmp_path / "a.geojson")
    assert [(x.kind, x.text) for x in found.marks] == [("line", "Way")]
    assert len(found.left_out) == 2


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml><name>&a;</name></kml>',
        "<kml", "<gpx/>", "", "\0\0",
    ],
)  # fmt: skip
def test_kml_that_is_none_or_wants_entities_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.kml").write_text(text)
    with pytest.raises(BrokenFile):
        import_views(city(), HERE, tmp_path / "a.kml")


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_truncated_and_changed_files_never_crash(data: st.DataObject) -> None:
    made = full()
    folder = Path(FOLDER[0])
    ending = data.draw(st.sampled_from(["kml", "geojson", "kmz"]))
    path = folder / f"x.{ending}"
    export_views(made, HERE, path, AT)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw)))])
    try:
        found, _ = import_views(made, HERE, path)
    except TwinError:
        return
    brought_in(made, found).apply(made)


FOLDER: list[str] = []


@pytest.fixture(autouse=True)
def _folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    FOLDER[:] = [str(tmp_path_factory.mktemp("files"))]


def test_without_a_system_or_with_a_wrong_name_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        export_views(full(), Outside(None, lambda key: None), tmp_path / "v.kml", AT)
    with pytest.raises(UsageError):
        export_views(full(), HERE, tmp_path / "v.txt", AT)
    with pytest.raises(UsageError):
        export_views(city(), HERE, tmp_path / "v.kml", AT)
    with pytest.raises(NotFound):
        import_views(city(), HERE, tmp_path / "gone.kml")
    assert list(tmp_path.iterdir()) == []


@given(st.floats(0, 359.9), st.floats(5, 175), st.floats(1, 3000))
def test_a_camera_s_angles_are_found_again(heading: float, tilt: float, far: float) -> None:
    eye = np.array([4.36, 52.0, 100.0])
    turn, slope, reach = heading_of(eye, looked_at(eye, heading, tilt, far))
    assert abs((turn - heading + 180) % 360 - 180) < 1e-3 + 1e-4 * far
    assert slope == pytest.approx(tilt, abs=1e-3)
    assert reach == pytest.approx(far, rel=1e-6)


# -- commands ---------------------------------------------------------------------------------


def test_pictures_are_kept_in_the_project_and_go_with_the_last_mark(tmp_path: Path) -> None:
    made, path = city(), tmp_path / "photo.png"
    path.write_bytes(PNG)
    for key in "ab":
        run(made, "annotations.add", id=key, kind="picture", points="1,2,3", picture=str(path))
    assert len(made.records["files"]) == 1
    run(made, "annotations.remove", id="a")
    assert len(made.records["files"]) == 1
    run(made, "annotations.remove", id="b")
    assert made.records["files"] == {}


def test_a_bookmark_shows_the_marks_that_it_showed() -> None:
    made = twin()
    for key in "ab":
        run(made, "annotations.add", id=key, kind="label", points="1,2,3", text=key)
    run(made, "annotations.set", id="b", field="visible", value="off")
    kept = Bookmark("v", "V", (0, 0, 9), (0, 0, 0), settings=taken(made, Look()))
    for key, on in (("a", "off"), ("b", "on")):
        run(made, "annotations.set", id=key, field="visible", value=on)
    shown(made, Look(), kept).edit.apply(made)
    marks: dict[str, Annotation] = made.records["annotations"]
    assert (marks["a"].visible, marks["b"].visible) == (True, False)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("annotations.add", {"id": "a", "kind": "label", "points": "1,2,3"}),
        ("annotations.add", {"id": "n", "kind": "star", "points": "1,2,3"}),
        ("annotations.add", {"id": "n", "kind": "arrow", "points": "1,2,3"}),
        ("annotations.add", {"id": "n", "kind": "label", "points": "1,2,inf"}),
        ("annotations.add", {"id": "n", "kind": "picture", "points": "1,2,3"}),
        (
            "annotations.add",
            {"id": "n", "kind": "picture", "points": "1,2,3", "picture": "gone.png"},
        ),
        (
            "annotations.add",
            {"id": "n", "kind": "picture", "points": "1,2,3", "picture": __file__},
        ),
        ("annotations.set", {"id": "a", "field": "kind", "value": "line"}),
        ("annotations.set", {"id": "a", "field": "color", "value": "red"}),
        ("annotations.set", {"id": "a", "field": "visible", "value": "maybe"}),
        ("annotations.set", {"id": "a", "field": "points", "value": "1,2,3;4,5,6"}),
        ("annotations.remove", {"id": "gone"}),
    ],
)
def test_what_a_mark_cannot_be_is_said(name: str, arguments: dict[str, str]) -> None:
    made = twin()
    run(made, "annotations.add", id="a", kind="label", points="1,2,3", text="x")
    before = dict(made.records["annotations"])
    with pytest.raises(TwinError):
        run(made, name, **arguments)
    assert made.records["annotations"] == before


# -- pictures in archives ---------------------------------------------------------------------


def pictured(folder: Path) -> Twin:
    made, path = full(), folder / "photo.png"
    path.write_bytes(PNG)
    point = ",".join(map(str, SPOT))
    run(
        made,
        "annotations.add",
        id="p",
        kind="picture",
        points=point,
        text="Wall",
        picture=str(path),
    )
    run(made, "annotations.set", id="p", field="note", value="cracked <here>")
    return made


@pytest.mark.parametrize("ending", ["kmz", "bcf"])
def test_pictures_and_all_marks_come_back(tmp_path: Path, ending: str) -> None:
    made, path = pictured(tmp_path), tmp_path / f"v.{ending}"
    done = export_views(made, HERE, path, AT)
    assert (done.views, done.marks, done.left_out) == (1, 4, [])
    assert path.read_bytes() == (export_views(made, HERE, path, AT), path.read_bytes())[1]
    found, _ = import_views(city(), HERE, path)
    assert (len(found.views), found.left_out) == (1, [])
    fresh = city()
    brought_in(fresh, found).apply(fresh)
    assert [x.data for x in fresh.records["files"].values()] == [PNG]
    marks = sorted(made.records["annotations"].values(), key=lambda x: x.place)
    again = sorted(fresh.records["annotations"].values(), key=lambda x: x.place)
    for mark, other in zip(marks, again, strict=True):
        assert (other.kind, other.text, other.note, other.color, other.picture) == (
            mark.kind, mark.text, mark.note, mark.color, mark.picture,
        )  # fmt: skip
        assert np.allclose(other.points, mark.points, atol=2e-3)
        assert other.crs == mark.crs


def test_a_kml_without_an_archive_says_that_pictures_stay(tmp_path: Path) -> None:
    done = export_views(pictured(tmp_path), HERE, tmp_path / "v.kml", AT)
    assert (done.marks, done.left_out) == (4, ["picture"])
    found, _ = import_views(city(), HERE, tmp_path / "v.kml")
    assert [(x.kind, x.note) for x in found.marks][-1] == ("label", "cracked <here>")


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


SHOP = """<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>Shop</name>
<description><![CDATA[<b>x</b><img width='1' src='{at}'/>]]></description>
<Point><coordinates>4.358,52.012</coordinates></Point></Placemark></kml>"""


@pytest.mark.parametrize(
    ("at", "kind"),
    [("pics/a.jpg", "picture"), ("../secret.jpg", "label"), ("/etc/passwd", "label"),
     ("file:///etc/passwd", "label"), ("https://example.org/a.jpg", "label"),
     ("pics/gone.jpg", "label"), ("pics/text.jpg", "label"), ("pics/../../x.jpg", "label")],
)  # fmt: skip
def test_a_picture_is_taken_from_the_archive_alone(tmp_path: Path, at: str, kind: str) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"\xff\xd8\xff secret")
    members = {"d/other.kml": SHOP.format(at=at).encode(), "d/pics/a.jpg": b"\xff\xd8\xff\0",
               "d/pics/text.jpg": b"text", "../secret.jpg": b"\xff\xd8\xff\0"}  # fmt: skip
    found, _ = import_views(city(), HERE, zipped(tmp_path / "a.kmz", members))
    assert [(x.kind, x.text) for x in found.marks] == [(kind, "Shop")]
    assert (len(found.files), len(found.left_out)) == ((1, 0) if kind == "picture" else (0, 1))


def test_archives_that_are_none_or_declare_too_much_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = zipped(tmp_path / "a.kmz", {"doc.kml": SHOP.format(at="a.jpg").encode()}).read_bytes()
    for name, data in (("none", b"PK"), ("cut", whole[:-30]), ("text", b"hello" * 50)):
        (tmp_path / f"{name}.kmz").write_bytes(data)
        with pytest.raises(TwinError):
            import_views(city(), HERE, tmp_path / f"{name}.kmz")
    with pytest.raises(BrokenFile, match="no KML"):
        import_views(city(), HERE, zipped(tmp_path / "b.kmz", {"../doc.kml": b"", "a.txt": b""}))
    with pytest.raises(NotFound):
        import_views(city(), HERE, tmp_path / "gone.kmz")
    monkeypatch.setattr(kmz, "PICTURE_BYTES", 3)
    members = {"doc.kml": SHOP.format(at="a.jpg").encode(), "a.jpg": b"\xff\xd8\xff\0"}
    found, _ = import_views(city(), HERE, zipped(tmp_path / "c.kmz", members))
    assert (found.marks[0].kind, len(found.left_out)) == ("label", 1)


def test_lines_of_other_programs_become_measured_lines(tmp_path: Path) -> None:
    """A topic of another program: a chain of two lines, a single one, and a picture that is missing."""
    eye = Perspective((0.0, 0.0, 50.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    lines = (Line((0, 0, 0), (4, 0, 0)), Line((4, 0, 0), (4, 3, 0)), Line((9, 9, 9), (9, 9, 8)))
    gone = Bitmap("png", "gone.png", (1, 1, 1), (0, 1, 0), (0, 0, 1))
    scene = Scene(perspective=eye, lines=lines, bitmaps=(gone,))
    guid = "6f2c1b5e-1111-4222-8333-444455556666"
    view = Viewpoint(guid, "v.bcfv", "", 0, scene)
    topic = Topic(guid, "Clash", "Issue", "Open", created=AT, author="x", viewpoints=(view,))
    (tmp_path / "o.bcf").write_bytes(packed(Bcf((topic,)), AT))
    found, _ = import_views(city(), HERE, tmp_path / "o.bcf")
    assert [x.title for x in found.views] == ["Clash"]
    assert [(x.kind, x.text, len(x.points)) for x in found.marks] == [
        ("line", "Clash", 3), ("line", "Clash", 2)
    ]  # fmt: skip
    assert len({x.id for x in found.marks}) == 2
    assert len(found.left_out) == 1


def test_all_reasons_for_leaving_out_have_words_in_both_languages() -> None:
    said = re.findall(
        r'(?:left\.append\(|left = \[|left \+= \[)"([^"]+)"|MISSING = "([^"]+)"',
        "".join(x.read_text("utf-8") for x in Path(kmz.__file__).parent.glob("*.py")),
    )
    slugs = [re.sub("[^a-z]+", "_", (a or b).lower()) for a, b in said]
    keys = [f"window.annotate.why.{x}" for x in slugs]
    assert len(keys) >= 8
    for language in ("en", "zh"):
        assert [x for x in keys if not catalogue(language).has(x)] == []
