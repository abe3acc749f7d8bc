"""What the CityJSON loader promises, on small cities made here."""

import copy
import json
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loaders.cityjson import LOADER, reading
from loaders.cityjson.metadata import reference_system
from twin.errors import BrokenFile, NotFound, NotReadable, NotSupported, TooLarge
from twin.features import EXTRA
from twin.geometry import Instances, Lines, Mesh, Points, box_of, triangle_count
from twin.messages import LANGUAGES, catalogue
from twin.observations import KINDS, LEVELS, ROLES
from twin.ports import SILENT, Lane, Opened, Options, Probe

Json = dict[str, Any]

CUBE = [[0, 0, 0], [10, 0, 0], [10, 10, 0], [0, 10, 0], [0, 0, 10], [10, 0, 10], [10, 10, 10], [0, 10, 10]]  # fmt: skip
FACES = [[[0, 3, 2, 1]], [[4, 5, 6, 7]], [[0, 1, 5, 4]], [[1, 2, 6, 5]], [[2, 3, 7, 6]], [[3, 0, 4, 7]]]  # fmt: skip


def solid(lod: Any = "2", **more: Any) -> Json:
    """Return a cube as a Solid."""
    return {"type": "Solid", "lod": lod, "boundaries": [copy.deepcopy(FACES)], **more}


def city(objects: Json, version: str = "2.0", **more: Any) -> Json:
    """Return a document whose vertices are the corners of a cube of 10 units of 0.1 m in Delft."""
    return {
        "type": "CityJSON",
        "version": version,
        "transform": {"scale": [0.1, 0.1, 0.1], "translate": [84000.0, 447000.0, 0.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
        "CityObjects": objects,
        "vertices": copy.deepcopy(CUBE),
        **more,
    }


def building(*geometry: Json, **more: Any) -> Json:
    """Return a building with these geometries."""
    return {"type": "Building", "geometry": list(geometry), **more}


@pytest.fixture(params=["parsed at once", "numbers read from the text"])
def open_city(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Return a function that writes a document and opens it, both ways a document is read."""
    if request.param != "parsed at once":
        monkeypatch.setattr(reading, "SMALL", 0)

    def opened(document: Any, name: str = "a.city.json", **options: Any) -> Opened:
        path = tmp_path / name
        path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
        return LOADER.source(str(path), Options(**options)).open(SILENT)

    return opened


def meshes(opened: Opened) -> list[Mesh]:
    """Return all meshes that opening produced."""
    return [d for c in opened.ready.values() for d in c.drawables if isinstance(d, Mesh)]


def area(opened: Opened) -> float:
    """Return the area of all meshes."""
    total = 0.0
    for mesh in meshes(opened):
        corner = mesh.positions.astype(np.float64)[mesh.triangles]
        cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        total += float(np.linalg.norm(cross, axis=1).sum() / 2)
    return total


def codes(opened: Opened) -> list[str]:
    """Return the codes of all problems."""
    return [problem.code for problem in opened.problems]


@pytest.mark.parametrize("version", ["1.0", "1.1", "2.0"])
def test_a_cube_is_twelve_triangles_of_six_square_metres(open_city: Any, version: str) -> None:
    opened = open_city(city({"a": building(solid())}, version))
    assert opened.about.version == version
    assert opened.about.crs == "EPSG:7415"
    assert opened.features.id.tolist() == ["a"]
    assert opened.features["kind"].tolist() == ["Building"]
    (mesh,) = meshes(opened)
    assert len(mesh.triangles) == 12
    assert len(mesh.positions) == 8
    assert area(opened) == pytest.approx(6.0)
    assert opened.features.bounds[0].tolist() == [84000, 447000, 0, 84001, 447001, 1]
    assert opened.problems == ()


def test_the_edges_of_a_cube_are_twelve_without_the_diagonals(open_city: Any) -> None:
    (mesh,) = meshes(open_city(city({"a": building(solid())})))
    assert mesh.edges is not None
    length = np.linalg.norm(np.diff(mesh.positions[mesh.edges], axis=1)[:, 0], axis=1)
    assert len(length) == 12
    assert length == pytest.approx(1.0)


def test_seams_within_a_plane_are_no_edges(open_city: Any) -> None:
    halves = [[[0, 1, 2]], [[0, 2, 3]]]
    flat = {"type": "MultiSurface", "lod": "2", "boundaries": halves}
    (mesh,) = meshes(open_city(city({"a": building(flat)})))
    assert mesh.edges is not None
    assert len(mesh.edges) == 4


@pytest.mark.parametrize(
    ("kind", "boundaries", "expected"),
    [
        ("MultiSurface", FACES, 6.0),
        ("CompositeSurface", FACES[:2], 2.0),
        ("Solid", [FACES, FACES[:1]], 7.0),
        ("MultiSolid", [[FACES], [FACES]], 12.0),
        ("CompositeSolid", [[FACES]], 6.0),
        ("MultiSurface", [], 0.0),
        ("MultiSurface", [[[0, 1, 2, 3], [4, 5, 6]]], None),
    ],
)
def test_every_geometry_of_surfaces_is_drawn_whole(
    open_city: Any, kind: str, boundaries: list[Any], expected: float | None
) -> None:
    opened = open_city(city({"a": building({"type": kind, "lod": "1", "boundaries": boundaries})}))
    if expected is not None:
        assert area(opened) == pytest.approx(expected)


def test_points_and_lines_are_drawn_as_such(open_city: Any) -> None:
    points = {"type": "MultiPoint", "lod": "1", "boundaries": [0, 6]}
    lines = {"type": "MultiLineString", "lod": "1", "boundaries": [[0, 1, 2], [4, 5]]}
    opened = open_city(city({"a": building(points), "b": {"type": "Road", "geometry": [lines]}}))
    (content,) = opened.ready.values()
    found = {type(item): item for item in content.drawables}
    assert len(found[Points].positions) == 2
    line = found[Lines]
    assert isinstance(line, Lines)
    assert len(line.segments) == 3
    assert line.feature.tolist() == [1] * 5
    assert opened.features.bounds[0].tolist() == [84000, 447000, 0, 84001, 447001, 1]


def test_a_template_stays_one_mesh_at_all_its_places(open_city: Any) -> None:
    place: Json = {"type": "GeometryInstance", "template": 0, "boundaries": [6]}
    twice = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]
    moved = [1, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    templates = {
        "templates": [{"type": "MultiSurface", "lod": "3", "boundaries": [[[0, 1, 2]]]}],
        "vertices-templates": [[0, 0, 0], [1, 0, 0], [0, 1, 0]],
    }
    objects = {
        name: {"type": "Tree", "geometry": [{**place, "transformationMatrix": matrix}]}
        for name, matrix in (("a", twice), ("b", moved))
    }
    opened = open_city({**city(objects), "geometry-templates": templates})
    (item,) = (d for c in opened.ready.values() for d in c.drawables)
    assert isinstance(item, Instances)
    assert item.feature.tolist() == [0, 1]
    assert triangle_count((item,)) == 2
    assert opened.features.bounds[0].tolist() == [84001, 447001, 1, 84003, 447003, 1]
    assert opened.features.bounds[1].tolist() == [84006, 447001, 1, 84007, 447002, 1]
    assert opened.about.lods == ("3",)


def test_the_highest_level_of_detail_is_drawn_unless_another_is_wished_for(open_city: Any) -> None:
    flat = {"type": "MultiSurface", "lod": 0, "boundaries": FACES[:1]}
    objects = {
        "a": building(flat, solid("1.2"), solid("2.2", boundaries=[FACES[:5]])),
        "b": building(solid(1.2)),
        "c": building({**solid(), "lod": None}),
    }
    document = city(objects)
    finest = open_city(document)
    assert finest.features["lod"].tolist() == ["2.2", "1.2", ""]
    assert finest.about.lods == ("0", "1.2", "2.2")
    assert area(finest) == pytest.approx(5 + 6 + 6)
    assert open_city(document, lod="0").features["lod"].tolist() == ["0", "1.2", ""]
    assert open_city(document, lod="2").features["lod"].tolist() == ["2.2", "1.2", ""]
    assert open_city(document, lod="1.3").features["lod"].tolist() == ["1.2", "1.2", ""]


def test_parts_follow_their_parents_and_widen_their_bounds(open_city: Any) -> None:
    part = {"type": "BuildingPart", "parents": ["whole"], "geometry": [solid()]}
    objects = {
        "p2": part,
        "p1": part,
        "alone": building(),
        "whole": {"type": "Building", "children": ["p1", "p2"]},
        "group": {"type": "CityObjectGroup", "children": ["alone", "whole"]},
    }
    table = open_city(city(objects)).features
    parents = [None if p < 0 else table.id[p] for p in table.parent]
    assert dict(zip(table.id.tolist(), parents, strict=True)) == {
        "p1": "whole", "p2": "whole", "alone": None, "whole": None, "group": None,
    }  # fmt: skip
    assert (table.parent < np.arange(len(table))).all()
    assert table.bounds[table.row_of("whole")].tolist() == [84000, 447000, 0, 84001, 447001, 1]
    assert np.isinf(table.bounds[table.row_of("alone")]).all()


def test_a_footprint_is_not_drawn_under_the_parts_that_are(open_city: Any) -> None:
    flat = {"type": "MultiSurface", "lod": "0", "boundaries": FACES[:1]}
    objects = {
        "whole": building(flat, children=["part"]),
        "part": {"type": "BuildingPart", "parents": ["whole"], "geometry": [solid("2.2")]},
    }
    assert area(open_city(city(objects))) == pytest.approx(6)
    assert area(open_city(city({"whole": building(flat)}))) == pytest.approx(1)


def test_surface_types_become_counts_and_areas(open_city: Any) -> None:
    semantics = {
        "surfaces": [{"type": "GroundSurface"}, {"type": "RoofSurface"}, {"type": "WallSurface"}],
        "values": [[0, 1, 2, 2, 2, None]],
    }
    opened = open_city(city({"a": building(solid(semantics=semantics)), "b": building()}))
    assert opened.features["WallSurface count"].tolist() == [3, 0]
    assert opened.features["WallSurface area"][0] == pytest.approx(3)
    assert np.isnan(opened.features["RoofSurface area"][1])
    assert len(opened.features) == 2


def test_surfaces_can_be_coloured_by_their_type(open_city: Any) -> None:
    semantics = {"surfaces": [{"type": "RoofSurface"}], "values": [[None, 0, *[None] * 4]]}
    opened = open_city(
        city({"a": building(solid(semantics=semantics))}), values={"color": "surface"}
    )
    plain, roof = sorted(meshes(opened), key=lambda mesh: mesh.colors is not None)
    assert plain.colors is None
    assert roof.colors is not None
    assert len(roof.triangles) == 2
    assert (roof.colors[:, 0] > roof.colors[:, 1]).all()
    assert area(opened) == pytest.approx(6)


def test_materials_are_vertex_colours_of_one_mesh_and_glass_is_apart(open_city: Any) -> None:
    materials = [
        {"name": "red", "diffuseColor": [1.0, 0.0, 0.0]},
        {"name": "glass", "diffuseColor": [0.0, 0.0, 1.0], "transparency": 0.7},
    ]
    one = solid(material={"": {"values": [[0, 0, 1, None, None, None]]}})
    whole = solid(material={"theme": {"value": 0}})
    opened = open_city(
        city({"a": building(one), "b": building(whole)}, appearance={"materials": materials})
    )
    (glass,) = (mesh for mesh in meshes(opened) if mesh.material.alpha_mode == "blend")
    (red,) = (mesh for mesh in meshes(opened) if mesh.colors is not None)
    (plain,) = (mesh for mesh in meshes(opened) if mesh is not glass and mesh is not red)
    assert glass.material.color == pytest.approx((0, 0, 1, 0.3))
    assert len(glass.triangles) == 2
    assert red.colors is not None
    assert (red.colors == [255, 0, 0, 255]).all()
    assert len(red.triangles) == 2 * 2 + 12
    assert len(plain.triangles) == 3 * 2


def test_textures_lie_on_their_surfaces(open_city: Any, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "wall.png").write_bytes(b"not looked at")
    uv = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    values = [[[[0, 0, 1, 2, 3]], *[[[None]]] * 5]]
    appearance = {
        "textures": [{"type": "PNG", "image": "pictures/wall.png", "wrapMode": "clamp"}],
        "vertices-texture": uv,
    }
    geometry = solid(texture={"summer": {"values": values}})
    opened = open_city(city({"a": building(geometry)}, appearance=appearance))
    textured, plain = sorted(meshes(opened), key=lambda mesh: mesh.material.image is None)
    assert textured.material.image is not None
    assert textured.material.image.encoded == b"not looked at"
    assert textured.material.wrap == "clamp"
    assert textured.uv is not None
    place = {tuple(p): tuple(c) for p, c in zip(textured.positions + textured.origin, textured.uv, strict=True)}  # fmt: skip
    assert place[(84000, 447000, 0)] == (0, 0)
    assert place[(84000, 447001, 0)] == (1, 0)
    assert len(plain.triangles) == 10
    assert opened.problems == ()


@pytest.mark.parametrize(
    "address",
    [
        "../secret.png",
        "/etc/secret.png",
        "http://example.org/a.png",
        "C:\\a.png",
        "a/../../b.png",
        "..\\a.png",
    ],
)
def test_a_picture_outside_the_folder_is_refused(
    open_city: Any, tmp_path: Path, address: str
) -> None:
    (tmp_path.parent / "secret.png").write_bytes(b"secret")
    appearance = {"textures": [{"image": address}], "vertices-texture": [[0.0, 0.0]]}
    geometry = solid(texture={"x": {"values": [[[[0, 0, 0, 0, 0]], *[[[None]]] * 5]]}})
    opened = open_city(city({"a": building(geometry)}, appearance=appearance))
    assert codes(opened) == ["cityjson.texture"]
    assert "outside" in opened.problems[0].text
    assert area(opened) == pytest.approx(6)


def test_attributes_are_typed_columns_and_the_nested_go_into_one_text(open_city: Any) -> None:
    objects = {
        "a": building(attributes={"h": 3, "n": 7, "ok": True, "s": "x", "name": "Kerk", "deep": {"k": [1]}, "id": "own"}),
        "b": building(attributes={"h": 2.5, "n": 8, "ok": False, "s": None, "boundaries": [[1, 2]]}),
    }  # fmt: skip
    table = open_city(city(objects)).features
    assert table["h"].dtype == np.float64
    assert table["n"].dtype == np.int64
    assert table["ok"].dtype == np.bool_
    assert table["s"].tolist() == ["x", None]
    assert table.name is not None
    assert table.name.tolist() == ["Kerk", None]
    assert table["attributes.id"].tolist() == ["own", None]
    assert json.loads(table.columns[EXTRA][0]) == {"deep": {"k": [1]}}
    assert json.loads(table.columns[EXTRA][1]) == {"boundaries": [[1, 2]]}
    assert table.id.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    "address",
    [
        {"ThoroughfareName": "Oude Delft", "ThoroughfareNumber": "95", "LocalityName": "Delft"},
        [{"thoroughfareName": "Oude Delft", "thoroughfareNumber": 95, "locality": "Delft",
          "location": {"type": "MultiPoint", "boundaries": [0]}}],
    ],
)  # fmt: skip
def test_an_address_names_its_building(open_city: Any, address: Any) -> None:
    table = open_city(city({"a": building(address=address)})).features
    assert table.name is not None
    assert table.name.tolist() == ["Oude Delft 95, Delft"]
    assert json.loads(table.columns[EXTRA][0])["address"] == address


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("https://www.opengis.net/def/crs/EPSG/0/7415", "EPSG:7415"),
        ("http://www.opengis.net/def/crs/EPSG/0/28992", "EPSG:28992"),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84"),
        ("urn:ogc:def:crs:EPSG::7415", "EPSG:7415"),
        ("urn:ogc:def:crs:EPSG:6.9:2056", "EPSG:2056"),
        ("urn:ogc:def:crs,crs:EPSG::25832,crs:EPSG::7837", "EPSG:25832+7837"),
        ("EPSG:7415", "EPSG:7415"),
        ("epsg:7415 ", "EPSG:7415"),
        (7415, "EPSG:7415"),
        ("the usual one", ""),
        (None, ""),
        (True, ""),
    ],
)
def test_reference_systems_are_known_in_all_spellings(said: Any, expected: str) -> None:
    assert reference_system(said) == expected


@pytest.mark.parametrize(
    ("metadata", "code"),
    [({}, "crs.missing"), ({"referenceSystem": "?"}, "cityjson.crs"), (7, "crs.missing")],
)
def test_a_city_without_a_reference_system_says_so(
    open_city: Any, metadata: Any, code: str
) -> None:
    opened = open_city({**city({"a": building(solid())}), "metadata": metadata})
    assert opened.about.crs == ""
    assert codes(opened) == [code]
    assert area(opened) == pytest.approx(6)


def _observed(opened: Opened) -> set[tuple[str, str, str, int]]:
    o = opened.observations
    return {
        (KINDS[o.kind[i]], LEVELS[o.level[i]], o.paths[o.path[i]], int(o.row[i]))
        for i in range(len(o))
    }


def test_dates_and_contacts_are_observed_with_their_field(open_city: Any) -> None:
    contact = {
        "contactName": "Ann",
        "organization": "Delft",
        "emailAddress": "a@b.nl",
        "role": "custodian",
    }
    metadata = {"referenceDate": "2024-05-06", "pointOfContact": contact, "title": "Delft"}
    attributes = {
        "creationDate": "2014-07-09", "tijdstipregistratie": "2016-05-17T13:43:18.000",
        "b3_pw_datum": 2020, "bronhouder": "G0503", "terminationDate": "2030-01-01", "oorspronkelijkbouwjaar": 1898,
    }  # fmt: skip
    opened = open_city(city({"a": building(solid(), attributes=attributes)}, metadata=metadata))
    found = _observed(opened)
    assert ("registered", "object", "attributes.creationDate", 0) in found
    assert ("registered", "object", "attributes.tijdstipregistratie", 0) in found
    assert ("captured", "object", "attributes.b3_pw_datum", 0) in found
    assert ("delivered", "dataset", "metadata.referenceDate", -1) in found
    assert ("file", "file", "mtime", -1) in found
    assert not any("bouwjaar" in path for _, _, path, _ in found)
    o = opened.observations
    claims = {
        (o.parties[o.party[i]], ROLES[o.party_role[i]], o.paths[o.party_path[i]], int(o.party_row[i]))
        for i in range(len(o.party))
    }  # fmt: skip
    assert claims == {
        ("G0503", "custodian", "attributes.bronhouder", 0),
        ("Delft", "custodian", "metadata.pointOfContact", -1),
    }
    table = opened.features
    assert table.created is not None
    assert table.terminated is not None
    assert table.created[0] == np.datetime64("2014-07-09", "ms")
    assert table.terminated[0] == np.datetime64("2030-01-01", "ms")
    assert opened.title == "Delft"
    assert opened.about.fields["pointOfContact.emailAddress"] == "a@b.nl"


def test_a_sequence_is_the_same_city_as_its_document(open_city: Any) -> None:
    header = {**city({}), "vertices": []}
    features: list[Mapping[str, Any]] = [
        {"type": "CityJSONFeature", "id": key, "vertices": CUBE,
         "CityObjects": {key: building(solid(), attributes={"n": 1})}}
        for key in ("a", "b")
    ]  # fmt: skip
    lines = "\n".join(json.dumps(line) for line in [header, *features])
    opened = open_city(lines, "a.city.jsonl")
    assert opened.features.id.tolist() == ["a", "b"]
    assert area(opened) == pytest.approx(12)
    assert opened.problems == ()
    broken = open_city(lines + '\n{"type": "CityJSONFea', "b.city.jsonl")
    assert broken.features.id.tolist() == ["a", "b"]
    assert codes(broken) == ["cityjson.line"]
    assert broken.problems[0].feature == "line 4"


def test_a_zipped_city_is_read_with_its_pictures(tmp_path: Path) -> None:
    appearance = {"textures": [{"image": "t.png"}], "vertices-texture": [[0.0, 0.0]]}
    geometry = solid(texture={"x": {"values": [[[[0, 0, 0, 0, 0]], *[[[None]]] * 5]]}})
    path = tmp_path / "a.city.json.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        document = city({"a": building(geometry)}, appearance=appearance)
        archive.writestr("folder/a.city.json", json.dumps(document))
        archive.writestr("folder/t.png", b"pixels")
    opened = LOADER.source(str(path), Options()).open(SILENT)
    assert area(opened) == pytest.approx(6)
    assert [m.material.image.encoded for m in meshes(opened) if m.material.image] == [b"pixels"]


def test_a_zip_that_grows_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.city.json.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.city.json", b" " * (64 << 20))
    with pytest.raises(TooLarge):
        LOADER.source(str(path), Options()).open(SILENT)


def test_a_large_city_is_divided_into_tiles_that_hold_it_all(open_city: Any) -> None:
    objects, vertices = {}, []
    for k in range(4500):
        shift = [30 * (k % 70), 30 * (k // 70), 0]
        boundaries = [[[[i + 8 * k for i in ring] for ring in face] for face in FACES]]
        vertices += [[c + s for c, s in zip(v, shift, strict=True)] for v in CUBE]
        objects[f"o{k}"] = building({"type": "Solid", "lod": "1", "boundaries": boundaries})
    opened = open_city({**city(objects), "vertices": vertices})
    assert len(opened.ready) >= 2
    assert len(opened.tree) == len(opened.ready) + 1
    assert sum(triangle_count(c.drawables) for c in opened.ready.values()) == 4500 * 12
    boxes = opened.tree.boxes()
    for tile, content in opened.ready.items():
        for item in content.drawables:
            box = box_of(item)
            assert (box[:3] >= boxes[tile, :3] - 1e-3).all()
            assert (box[3:] <= boxes[tile, 3:] + 1e-3).all()
    rows = np.concatenate([np.unique(m.feature) for m in meshes(opened)])
    assert sorted(rows.tolist()) == list(range(4500))


def test_one_huge_object_is_divided_too(open_city: Any) -> None:
    n = 380
    vertices = [[x, y, (x * y) % 7] for x in range(n) for y in range(n)]
    corners = [(x * n + y, (x + 1) * n + y, (x + 1) * n + y + 1, x * n + y + 1) for x in range(n - 1) for y in range(n - 1)]  # fmt: skip
    boundaries = [[[a, b, c]] for a, b, c, _ in corners] + [[[a, c, d]] for a, _, c, d in corners]
    terrain = {"type": "CompositeSurface", "lod": "1", "boundaries": boundaries}
    opened = open_city(
        {**city({"t": {"type": "TINRelief", "geometry": [terrain]}}), "vertices": vertices}
    )
    assert len(opened.ready) > 1
    assert sum(triangle_count(c.drawables) for c in opened.ready.values()) == 2 * (n - 1) ** 2
    assert max(triangle_count(c.drawables) for c in opened.ready.values()) <= 70_000


def test_a_tile_that_was_let_go_of_can_be_fetched_again(tmp_path: Path) -> None:
    path = tmp_path / "a.city.json"
    path.write_text(json.dumps(city({"a": building(solid())})))
    source = pickle.loads(pickle.dumps(LOADER.source(str(path), Options())))
    assert source.lane is Lane.PROCESS
    content = source.fetch(0, None, SILENT)
    assert content is not None
    assert triangle_count(content.drawables) == 12
    assert source.fetch(5, None, SILENT) is None


@pytest.mark.parametrize(
    ("name", "head", "least"),
    [
        ("a.json", b'{"type": "CityJSON",', 90),
        ("a.json", b'{"CityObjects": {', 80),
        ("a.city.json", b"", 50),
        ("a.city.jsonl", b"garbage", 50),
        ("a.city.json.zip", b"PK\x03\x04", 50),
        ("a.json", b'{"asset": {"version": "1.0"}}', 0),
    ],
)
def test_a_location_is_recognised_by_content_and_name(name: str, head: bytes, least: int) -> None:
    found = LOADER.recognise(Probe(name, head))
    assert found >= least
    assert least or found < 50


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", BrokenFile),
        (b"  \n ", BrokenFile),
        (b"\x00\x01\x02", BrokenFile),
        (b"[1, 2]", BrokenFile),
        (b"{}", BrokenFile),
        (b'{"type": "FeatureCollection"}', BrokenFile),
        (b'{"type": "CityJSON", "version": "2.0", "CityObjects": [], "vertices": []}', BrokenFile),
        (b'{"type": "CityJSON", "version": "2.0", "transform": {"scale": [1]}}', BrokenFile),
        (b'{"type": "CityJSON", "version": "2.0", "transform": 5}', BrokenFile),
        (b'{"type": "CityJSON", "version": "0.9"}', NotSupported),
        (b'{"type": "CityJSONFeature", "id": "a"}', BrokenFile),
        (b'{"a":' + b"[" * 100_000, BrokenFile),
        (b"PK\x03\x04 and no more", BrokenFile),
    ],
)
def test_a_file_that_is_no_city_is_refused_with_the_place(
    tmp_path: Path, content: bytes, error: type[Exception]
) -> None:
    path = tmp_path / "a.city.json"
    path.write_bytes(content)
    with pytest.raises(error, match=r"a\.city\.json"):
        LOADER.source(str(path), Options()).open(SILENT)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        LOADER.source(str(tmp_path / "none.city.json"), Options()).open(SILENT)
    with pytest.raises(NotReadable):
        LOADER.source(str(tmp_path), Options()).open(SILENT)


def test_every_problem_has_its_words_in_every_language() -> None:
    for language in LANGUAGES:
        known = catalogue(language)
        source = Path(reading.__file__).parent
        for path in source.glob("*.py"):
            for part in path.read_text("utf-8").split('"')[1::2]:
                if part.startswith("cityjson.") and " " not in part:
                    assert known.has(f"problem.{part}"), (language, part)
