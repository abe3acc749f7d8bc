"""CityGML: objects, levels, links, holes, systems, attributes and what is broken."""

import gzip
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loaders.citygml import LOADER
from loaders.citygml.reading import Document
from loaders.citygml.systems import system_of
from tests.conftest import DATA
from tests.loaders.citygml_files import SQUARE, building, model, opened, polygon, surfaces
from twin.errors import BrokenFile, NotSupported, TooLarge
from twin.features import EXTRA
from twin.geometry import Mesh
from twin.opening import probe
from twin.ports import SILENT, Opened, Probe

TOWN = DATA / "tiny_town.gml"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def run(text: str | bytes, **options: Any) -> Opened:
        path = tmp_path / "model.gml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return opened(path, **options)

    return run


def area(found: Opened, key: str = "") -> float:
    total = 0.0
    for content in found.ready.values():
        for mesh in content.drawables:
            assert isinstance(mesh, Mesh)
            corner = mesh.positions.astype(np.float64)[mesh.triangles]
            each = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
            mine = found.features.id[mesh.feature[mesh.triangles[:, 0]]]
            sizes = np.linalg.norm(each, axis=1) / 2
            total += float(sizes[[not key or item == key for item in mine]].sum())
    return total


def codes(found: Opened) -> list[str]:
    return [problem.code for problem in found.problems]


def test_a_town_has_its_objects_parts_levels_and_box() -> None:
    found = opened(TOWN)
    table = found.features
    assert table.id.tolist() == ["B1", "B1_1", "B1_2", "B2", "T1", "T2", "R1"]
    assert table.parent.tolist() == [-1, 0, 0, -1, -1, -1, -1]
    assert table["lod"].tolist() == ["", "2", "2", "1", "2", "2", "2"]
    assert found.about.lods == ("0", "1", "2")
    assert (found.about.crs, found.about.vertical) == ("EPSG:25832", "EPSG:7837")
    assert table.bounds[0].tolist() == [565000, 5933000, 10, 565016, 5933008, 16]
    assert found.problems == ()


def test_a_solid_that_links_to_its_walls_is_drawn_once_with_their_kinds() -> None:
    found = opened(TOWN)
    assert area(found, "B1_1") == pytest.approx(2 * 80 + 2 * 60 + 2 * 48)
    assert found.features.columns["WallSurface count"].tolist() == [0, 4, 4, 0, 0, 0, 0]
    assert found.features.columns["TrafficArea area"][6] == 180


def test_shapes_drawn_many_times_stand_where_their_matrix_puts_them() -> None:
    table = opened(TOWN).features
    assert table.bounds[4].tolist() == [565005, 5933020, 10, 565007, 5933022, 13]
    assert table.bounds[5].tolist() == [565025, 5933020, 10, 565027, 5933022, 13]


def test_a_footprint_with_a_hole_is_drawn_when_it_is_asked_for() -> None:
    found = opened(TOWN, lod="0")
    assert area(found, "B2") == pytest.approx(81 - 9)
    assert found.features["lod"].tolist()[1] == "2"  # what has no such level shows what it has


def test_keys_generics_address_and_dates_are_attributes() -> None:
    columns = opened(TOWN).features.columns
    assert columns["externalReference"][0] == "DEHHALKA00000001"
    assert columns["Gemeindeschluessel"][0] == "02500523"
    assert columns["rooms"][0] == 12
    assert columns["floor area"][0] == 128.5
    assert columns["address"][0] == "Marktweg 7, 20095 Hamburg"
    assert columns["function"][0] == "31001_2071"
    assert columns["height"][4] == 3.0


def test_dates_are_observed_by_what_they_say() -> None:
    found = opened(TOWN)
    said = found.observations
    seen = {
        (int(row), str(said.kinds[kind]) if hasattr(said, "kinds") else int(kind))
        for row, kind in zip(said.row, said.kind, strict=True)
    }
    assert len([row for row, _ in seen if row == 0]) == 2  # registered and captured
    assert found.features.created is not None
    assert str(found.features.created[0])[:10] == "2022-01-30"


@pytest.mark.parametrize(
    "solid_first", [True, False], ids=["solid before walls", "walls before solid"]
)
def test_links_lead_forward_and_back(read: Any, solid_first: bool) -> None:
    solid = "<bldg:lod2Solid><gml:Solid><gml:exterior><gml:CompositeSurface><gml:surfaceMember xlink:href='#p'/></gml:CompositeSurface></gml:exterior></gml:Solid></bldg:lod2Solid>"
    wall = f"<bldg:boundedBy><bldg:WallSurface>{surfaces(polygon(key='p'))}</bldg:WallSurface></bldg:boundedBy>"
    found = read(model(building(solid + wall if solid_first else wall + solid)))
    assert area(found) == pytest.approx(12)
    assert found.features.columns["WallSurface count"].tolist() == [1]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_links_lead_into_other_members(read: Any, order: tuple[int, int]) -> None:
    members = [building(surfaces(polygon(key="p")), "a"), building(surfaces("#p"), "b")]
    found = read(model(*(members[at] for at in order)))
    assert area(found, "a") == area(found, "b") == pytest.approx(12)
    assert codes(found) == ["crs.missing"]


def test_a_link_into_nothing_and_one_in_a_circle_are_listed(read: Any) -> None:
    circle = '<gml:OrientableSurface gml:id="o"><gml:baseSurface xlink:href="#o"/></gml:OrientableSurface>'
    found = read(model(building(surfaces("#nowhere"), "a"), building(surfaces(circle), "b")))
    assert ("citygml.link", "a") in [(p.code, p.feature) for p in found.problems]
    assert len(found.features) == 2


def test_an_oriented_surface_is_seen_from_behind(read: Any) -> None:
    turned = f'<gml:OrientableSurface orientation="-"><gml:baseSurface>{polygon()}</gml:baseSurface></gml:OrientableSurface>'
    up, down = (read(model(building(surfaces(item)))) for item in (polygon(), turned))
    for found, sign in ((up, 1), (down, -1)):
        mesh = found.ready[0].drawables[0]
        corner = mesh.positions[mesh.triangles[0]]
        assert np.sign(np.cross(corner[1] - corner[0], corner[2] - corner[0])[2]) == sign


@pytest.mark.parametrize(
    ("ring", "size"),
    [
        ("<gml:posList srsDimension='2'>0 0 4 0 4 3 0 3 0 0</gml:posList>", 12),
        ("<gml:pos>0 0 5</gml:pos><gml:pos>4 0 5</gml:pos><gml:pos>4 3 5</gml:pos><gml:pos>0 0 5</gml:pos>", 6),
        ("<gml:coordinates>0,0,5 4,0,5 4,3,5 0,0,5</gml:coordinates>", 6),
        ("".join(f"<gml:pointProperty><gml:Point><gml:pos>{p}</gml:pos></gml:Point></gml:pointProperty>" for p in ("0 0 1", "4 0 1", "4 3 1", "0 0 1")), 6),
    ],
    ids=["posList 2", "pos", "coordinates", "pointProperty"],
)  # fmt: skip
def test_every_spelling_of_a_ring_is_read(read: Any, ring: str, size: float) -> None:
    shape = f"<gml:Polygon><gml:exterior><gml:LinearRing>{ring}</gml:LinearRing></gml:exterior></gml:Polygon>"
    assert area(read(model(building(surfaces(shape))))) == pytest.approx(size)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 2 3 4 5", "citygml.ring.text"),
        ("", "citygml.ring.text"),
        ("0 0 0 4 0 x 4 3 0 0 0 0", "citygml.ring"),
        ("0 0 0 4 0 nan 4 3 0 0 0 0", "citygml.ring"),
        ("0 0 0 4 0 1e300 4 3 0 0 0 0", "citygml.ring"),
        ("0 0 0 4 0 0 4 3 0", "citygml.open"),
        ("0 0 0 4 0 0 0 0 0", "citygml.degenerate"),
    ],
)
def test_a_broken_ring_is_listed_with_its_line_and_its_neighbours_stay(
    read: Any, text: str, code: str
) -> None:
    bad = building(surfaces("\n" + polygon(text), polygon()), "bad")
    found = read(model(building(surfaces(polygon()), "good"), bad, srs="EPSG:25832"))
    listed = [p for p in found.problems if p.code == code]
    assert [(p.feature, p.params["line"]) for p in listed] == [("bad", 2)]
    assert area(found, "good") == pytest.approx(12)
    assert area(found, "bad") >= 12 - 1e-6


def test_ids_are_unique_and_missing_ones_are_made(read: Any) -> None:
    part = "<bldg:consistsOfBuildingPart><bldg:BuildingPart/></bldg:consistsOfBuildingPart>"
    found = read(model(building(part * 2, "a"), building("", "a"), "<bldg:Building/>"))
    assert found.features.id.tolist() == [
        "a",
        "a/BuildingPart",
        "a/BuildingPart#2",
        "a#2",
        "Building 5",
    ]
    assert "citygml.duplicate" in codes(found)


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE CityModel [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE CityModel SYSTEM "file:///etc/passwd">',
    ],
)
def test_a_document_type_is_refused(read: Any, head: str) -> None:
    with pytest.raises(NotSupported):
        read(model(building("<gml:name>&a;</gml:name>" if "ENTITY" in head else ""), head=head))


@pytest.mark.parametrize(
    "text", [b"", b"   ", b"no xml", b"<html/>", b"<CityModel><a></CityModel>", b"\xff\xfe\x00"]
)
def test_what_is_no_model_is_an_error_that_says_so(read: Any, text: bytes) -> None:
    with pytest.raises(BrokenFile):
        read(text)


def test_a_cut_file_says_how_much_was_whole(read: Any) -> None:
    whole = model(*(building(surfaces(polygon()), f"b{n}") for n in range(3)))
    with pytest.raises(BrokenFile, match="2 objects before it are whole"):
        read(whole[: whole.index('gml:id="b2"') + 20])


@pytest.mark.parametrize(
    ("name", "crs", "vertical"),
    [
        ("urn:adv:crs:ETRS89_UTM32*DE_DHHN92_NH", "EPSG:25832", "EPSG:5783"),
        ("urn:adv:crs:ETRS89_UTM33*DE_DHHN2016_NH", "EPSG:25833", "EPSG:7837"),
        ("urn:ogc:def:crs,crs:EPSG::25833,crs:EPSG::5783", "EPSG:25833", "EPSG:5783"),
        ("urn:ogc:def:crs:EPSG::28992", "EPSG:28992", ""),
        ("http://www.opengis.net/def/crs/EPSG/0/6697", "EPSG:6668", "EPSG:6695"),
        ("EPSG:31468", "EPSG:31468", ""),
        ("#local", "", ""),
    ],
)
def test_names_of_systems(read: Any, name: str, crs: str, vertical: str) -> None:
    found = read(model(building(surfaces(polygon())), srs=name))
    assert (found.about.crs, found.about.vertical) == (crs, vertical)
    assert codes(found) == ([] if crs else ["citygml.crs"])


@pytest.mark.parametrize(
    ("name", "sample", "swapped"),
    [
        ("http://www.opengis.net/def/crs/EPSG/0/6697", (35.2, 139.7, 0), True),
        ("http://www.opengis.net/def/crs/EPSG/0/6697", (139.7, 35.2, 0), False),
        ("EPSG:4979", (-77.0, 38.8, 0), False),
        ("urn:ogc:def:crs:EPSG::4326", (48.0, 11.0, 0), True),
        ("EPSG:25832", (5e5, 5.6e6, 0), False),
        ("EPSG:25832", (0, 0, 0), False),
        ("urn:ogc:def:crs:EPSG::6677", (-36000, -6000, 0), False),  # both orders lie in Japan
        ("urn:ogc:def:crs:EPSG::3414", (30000, 28000, 0), False),
        ("urn:ogc:def:crs:EPSG::31468", (4490655, 5322005, 0), False),
        ("urn:ogc:def:crs:EPSG::31468", (5322005, 4490655, 0), True),
    ],
)
def test_the_order_of_axes(name: str, sample: tuple[float, ...], swapped: bool) -> None:
    assert system_of(name, np.array(sample)).swapped is swapped


def test_geometry_that_names_another_system_is_told(read: Any) -> None:
    same = polygon(more=' srsName="urn:ogc:def:crs:EPSG::25832"')
    other = polygon(more=' srsName="EPSG:31468"')
    found = read(model(building(surfaces(same, other)), srs="EPSG:25832"))
    assert [(p.code, p.params["crs"]) for p in found.problems] == [
        ("citygml.crs.mixed", "EPSG:31468")
    ]


def test_degrees_come_out_longitude_first_and_areas_in_square_metres(read: Any) -> None:
    step = 1e-4
    text = f"35 139 5 35 {139 + step} 5 {35 + step} {139 + step} 5 {35 + step} 139 5 35 139 5"
    wall = f"<bldg:boundedBy><bldg:RoofSurface>{surfaces(polygon(text))}</bldg:RoofSurface></bldg:boundedBy>"
    found = read(model(building(wall), srs="http://www.opengis.net/def/crs/EPSG/0/6697"))
    assert found.features.bounds[0, :2].tolist() == pytest.approx([139, 35])
    expected = (step * 111_319.49) ** 2 * np.cos(np.radians(35))
    assert found.features.columns["RoofSurface area"][0] == pytest.approx(expected, rel=1e-3)


def test_extensions_are_named_and_plateau_dates_are_partial(read: Any) -> None:
    inside = (
        "<creationDate>2020-01-01</creationDate><uro:buildingDetailAttribute><uro:BuildingDetailAttribute>"
        "<uro:surveyYear>2016</uro:surveyYear></uro:BuildingDetailAttribute></uro:buildingDetailAttribute>"
        "<bldg:yearOfConstruction>0001</bldg:yearOfConstruction>"
    )
    found = read(model(building(inside + surfaces(polygon()))))
    assert "geospatial.jp" in found.about.fields["extensions"]
    assert found.features.columns["uro:surveyYear"].tolist() == ["2016"]
    days = (found.observations.t_hi - found.observations.t_lo) / np.timedelta64(1, "D")
    assert sorted(days[found.observations.row == 0]) == [366, 366]


def test_repeated_data_types_are_kept_nested(read: Any) -> None:
    risk = "<uro:risk><uro:Risk><uro:rank>{}</uro:rank></uro:Risk></uro:risk>"
    found = read(model(building(risk.format(1) + risk.format(2))))
    assert '"uro:risk":[{"uro:rank":"1"},{"uro:rank":"2"}]' in found.features.columns[EXTRA][0]


def test_what_was_read_is_let_go_of(tmp_path: Path) -> None:
    path = tmp_path / "model.gml"
    path.write_text(model(*(building(surfaces(polygon()), f"b{n}") for n in range(1000))))
    left = []
    for member in Document(str(path), SILENT).members():
        root = member.getroottree().getroot()
        left.append(sum(1 for _ in root.iter()))
    assert len(left) == 1000
    assert max(left) < 2000  # of 10,000: the parser reads ahead by a block


def test_it_is_known_by_its_namespace_in_any_encoding() -> None:
    text = model(building(""))
    assert LOADER.recognise(Probe("a.xml", text.encode())) > 90
    assert LOADER.recognise(Probe("a.xml", text.encode("utf-16"))) > 90
    assert LOADER.recognise(Probe("a.xml", b"<metadata/>")) == 0
    assert SQUARE.count(" ") == 14


APPEARANCE = (
    '<appearanceMember><app:Appearance xmlns:app="http://www.opengis.net/citygml/appearance/2.0">'
    "<app:theme>a</app:theme><app:surfaceDataMember>{}</app:surfaceDataMember></app:Appearance></appearanceMember>"
)
TEXTURE = (
    "<app:ParameterizedTexture><app:imageURI>{}</app:imageURI><app:wrapMode>mirror</app:wrapMode>"
    '<app:target uri="#p"><app:TexCoordList><app:textureCoordinates ring="#r">{}</app:textureCoordinates>'
    "</app:TexCoordList></app:target></app:ParameterizedTexture>"
)
MATERIAL = (
    "<app:X3DMaterial><app:diffuseColor>1 0 0</app:diffuseColor><app:transparency>0.5</app:transparency>"
    "<app:target>#p</app:target></app:X3DMaterial>"
)
UV = "0 0 1 0 1 1 0 1 0 0"


def worn(data: str, *, at_end: bool) -> str:
    shape = polygon(key="p").replace("<gml:LinearRing>", '<gml:LinearRing gml:id="r">')
    text = model(building(surfaces(shape)), srs="EPSG:25832")
    said = APPEARANCE.format(data)
    if at_end:
        return text.replace("</CityModel>", said + "</CityModel>")
    return text.replace("<cityObjectMember>", said + "<cityObjectMember>", 1)


@pytest.mark.parametrize("at_end", [True, False])
def test_pictures_lie_on_their_surfaces_wherever_the_file_tells_of_them(
    read: Any, tmp_path: Path, at_end: bool
) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    found = read(worn(TEXTURE.format("a.png", UV), at_end=at_end))
    (mesh,) = found.ready[0].drawables
    assert found.problems == ()
    assert isinstance(mesh, Mesh)
    assert mesh.uv is not None
    assert mesh.material.image is not None
    assert mesh.material.wrap == "mirror"
    places = (mesh.positions + mesh.origin) / [4, 3, 1]
    assert np.allclose(mesh.uv, places[:, :2])


@pytest.mark.parametrize(
    ("address", "uv", "code"),
    [
        ("missing.png", UV, "citygml.texture"),
        ("../a.png", UV, "citygml.texture"),
        ("http://example.org/a.png", UV, "citygml.texture"),
        ("a.png", "0 0 1 0", "citygml.texture.values"),
        ("a.png", "", "citygml.texture.values"),
    ],
)
def test_a_picture_that_cannot_be_used_is_listed_and_the_surface_stays(
    read: Any, tmp_path: Path, address: str, uv: str, code: str
) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    found = read(worn(TEXTURE.format(address, uv), at_end=True))
    assert codes(found) == [code]
    assert area(found) == pytest.approx(12)
    assert found.ready[0].drawables[0].material.image is None


def test_a_material_is_a_colour_that_is_seen_through(read: Any) -> None:
    found = read(worn(MATERIAL, at_end=True))
    material = found.ready[0].drawables[0].material
    assert material.color == (1.0, 0.0, 0.0, 0.5)
    assert material.alpha_mode == "blend"


def test_columns_have_their_units() -> None:
    units = opened(TOWN).features.units
    assert units["measuredHeight"] == "m"
    assert units["floor area"] == "m²"


@pytest.mark.parametrize("said", ["0001-01-01", "0001", "9999-12-31"])
def test_a_placeholder_of_plateau_is_no_date(read: Any, said: str) -> None:
    found = read(model(building(f"<creationDate>{said}</creationDate>" + surfaces(polygon()))))
    mine = found.observations.row == 0
    assert np.isnat(found.observations.t_lo[mine]).all()
    assert found.features.created is None


def test_a_wish_for_a_level_is_met_by_the_nearest(read: Any) -> None:
    small, large = (
        surfaces(polygon(), level=1),
        surfaces(polygon("0 0 0 8 0 0 8 3 0 0 3 0 0 0 0"), level=3),
    )
    text = model(building(small + large, "a"), building(small, "b"))
    assert read(text).features["lod"].tolist() == ["3", "1"]
    assert read(text, lod="2").features["lod"].tolist() == ["1", "1"]
    assert read(text).about.lods == ("1", "3")


def test_a_level_that_holds_nothing_gives_way_to_the_next(read: Any) -> None:
    empty = "<bldg:lod4MultiSurface><gml:MultiSurface/></bldg:lod4MultiSurface>"
    found = read(model(building(surfaces(polygon()) + empty)))
    assert found.features["lod"].tolist() == ["2"]
    assert area(found) == pytest.approx(12)


def test_a_coarse_whole_gives_way_to_its_finer_parts(read: Any) -> None:
    part = f"<bldg:BuildingPart gml:id='p'>{surfaces(polygon())}</bldg:BuildingPart>"
    inside = f"<bldg:consistsOfBuildingPart>{part}</bldg:consistsOfBuildingPart>"
    text = model(building(surfaces(polygon(), level=1) + inside, "a"))
    assert read(text).features["lod"].tolist() == ["", "2"]
    assert area(read(text)) == pytest.approx(12)
    assert read(text, lod="1").features["lod"].tolist() == ["1", "2"]


def test_lines_and_points_are_drawn_where_there_are_no_surfaces(read: Any) -> None:
    line = "<tran:lod0Network xmlns:tran='t'><gml:LineString><gml:posList>0 0 0 5 0 0 5 5 0</gml:posList></gml:LineString></tran:lod0Network>"
    point = "<veg:lod1Geometry><gml:MultiPoint><gml:pointMember><gml:Point><gml:pos>1 2 3</gml:pos></gml:Point></gml:pointMember></gml:MultiPoint></veg:lod1Geometry>"
    found = read(model(building(line, "l"), building(point, "p")))
    assert (
        sorted(type(item).__name__ for item in found.ready[0].drawables) == ["Lines", "Points"]
        or len(found.ready) == 2
    )
    assert found.features.bounds.tolist() == [[0, 0, 0, 5, 5, 0], [1, 2, 3, 1, 2, 3]]


def packed(path: Path, names: Sequence[str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, TOWN.read_bytes())
    return path


def test_a_packed_document_is_the_document(tmp_path: Path) -> None:
    (tmp_path / "a.gml.gz").write_bytes(gzip.compress(TOWN.read_bytes()))
    zipped = packed(tmp_path / "a.zip", ["udx/a.gml", "metadata.xml"])
    plain = opened(TOWN).features
    for path in (tmp_path / "a.gml.gz", zipped):
        assert LOADER.recognise(probe(str(path))) > 0
        found = opened(path).features
        assert found.id.tolist() == plain.id.tolist()
        assert np.array_equal(found.bounds, plain.bounds)


def test_an_archive_of_many_documents_asks_to_be_unpacked(tmp_path: Path) -> None:
    with pytest.raises(NotSupported, match="2 documents"):
        opened(packed(tmp_path / "a.zip", ["a.gml", "b.gml"]))


@pytest.mark.parametrize("keep", [30, 200, -10])
def test_a_broken_archive_is_an_error(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.gml.gz"
    path.write_bytes(gzip.compress(TOWN.read_bytes())[:keep])
    with pytest.raises(BrokenFile):
        opened(path)


def test_a_document_that_grows_without_end_is_not_read_on(tmp_path: Path) -> None:
    path = tmp_path / "a.gml.gz"
    text = model(building("")).replace("</CityModel>", " " * 30_000_000 + "</CityModel>")
    path.write_bytes(gzip.compress(text.encode()))
    with pytest.raises(TooLarge):
        opened(path)
