"""OSGB by files written here: every version, packing and spelling; trees, pictures, places, bad input."""

import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.osgb import LOADER
from loaders.osgb.metadata import elements
from loaders.osgb.objects import placed_bound, read
from loaders.osgb.outline import SWITCH, Outline
from tests.loaders import osgb_files as make
from tests.loaders.osgb_files import FOREVER
from twin.errors import BrokenFile, NotFound, NotSupported, OpenError
from twin.geometry import Lines, Mesh, Points, triangle_count
from twin.georeference import open_in
from twin.opening import probe
from twin.ports import SILENT, Content, Growth, Opened, Options, Probe
from twin.selection import select
from twin.tiles import ADD, REPLACE, TileTree, View

FORMS = st.fixed_dictionaries(
    {
        "version": st.sampled_from(make.VERSIONS[1:]),
        "brackets": st.booleans(),
        "packed": st.booleans(),
        "order": st.sampled_from("<>"),
        "domains": st.booleans(),
        "schema": st.booleans(),
    }
)


def write(folder: Path, name: str, root: make.Obj, **form: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(make.scene(root, **form))
    return path


def opened(location: Path, **options: Any) -> Opened:
    return LOADER.source(str(location), Options(**options)).open(SILENT)


def walk(location: Path) -> tuple[TileTree, dict[int, Content], list[Any]]:
    """Return the whole tree, every content and every problem."""
    source = LOADER.source(str(location), Options())
    found = source.open(SILENT)
    tree, tokens, problems = found.tree, list(found.tokens), list(found.problems)
    contents: dict[int, Content] = {}
    tile = 0
    while tile < len(tree):
        got = source.fetch(tile, tokens[tile], SILENT) if tree.content[tile] else None
        if isinstance(got, Growth):
            tree = tree.grown(tile, got.tree)
            tokens += got.tokens
        elif got is not None:
            contents[tile] = got
        problems += () if got is None else got.problems
        tile += 1
    return tree, contents, [p for p in problems if p.code != "crs.missing"]


def drawn(location: Path) -> list[Any]:
    _, contents, problems = walk(location)
    assert not problems
    return [item for content in contents.values() for item in content.drawables]


def positions(mesh: Any) -> Any:
    return mesh.positions.astype(float) + mesh.origin


# --- the format -----------------------------------------------------------------------------------


@given(FORMS)
def test_every_version_and_packing_says_the_same(form: dict[str, Any]) -> None:
    shared = make.photo()
    shape = make.geometry(state=shared, colors=(np.ones((1, 4)), "f4", 1))
    again = make.geometry(make.QUAD + 20, state=shared)
    finer = make.paged([(0, 50.0, make.geode(shape)), (50.0, FOREVER, "b.osgb")])
    thing, reader = read(make.scene(make.group(finer, make.geode(again)), **form), "a")
    assert reader.octets.at == len(reader.octets.data)
    outline = Outline()
    top = outline.of(thing)
    assert [len(part.shape.get("Vertex").get("Values")) for part in outline.parts] == [4, 4]
    assert outline.parts[0].states[-1] is outline.parts[1].states[-1]
    assert np.allclose(outline.parts[1].box, [20, 20, 20, 30, 30, 21])
    loose, lod = top.children
    assert loose.parts == (1,)
    assert lod.error == pytest.approx(2 * 10 / 50 * SWITCH)
    assert [knot.file for knot in lod.children] == ["b.osgb"]


@given(FORMS)
def test_the_head_of_a_file_tells_where_it_is(form: dict[str, Any]) -> None:
    bulk = make.geode(*[make.geometry(state=make.photo()) for _ in range(9)])
    root = make.paged([(0, 9.0, bulk), (9.0, FOREVER, "b.osgb")], sphere=(1.0, 2.0, 3.0, 4.0))
    assert placed_bound(make.scene(root, **form)[:1000], "a") == (1.0, 2.0, 3.0, 4.0)


@given(st.sampled_from(make.VERSIONS[1:]))
def test_brackets_lead_past_what_is_not_known(version: int) -> None:
    shape = make.geode(make.geometry())
    root = make.group(make.unknown(), shape, callback=make.unknown("osg::AnimationCallback"))
    thing, reader = read(make.scene(root, version, brackets=True), "a")
    assert thing is not None
    assert [child.kind for child in thing.things("Children")] == ["osg::Geode"]
    assert reader.skipped == {"osgSim::Impostor": 1, "osg::AnimationCallback": 1}


def test_an_unknown_class_without_brackets_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a.osgb", make.group(make.unknown()))
    with pytest.raises(NotSupported, match=r"osgSim::Impostor.* at byte \d+.*osgconv"):
        opened(path)


@pytest.mark.parametrize("version", [80, 112, 161])
def test_an_array_of_doubles_and_a_matrix_keep_their_digits(version: int, tmp_path: Path) -> None:
    far = np.array([[4e6, 5e6, 6e6]]) + make.QUAD / 1000
    matrix = np.eye(4)
    matrix[:3, :3] = [[0, -1, 0], [1, 0, 0], [0, 0, 2]]
    matrix[:3, 3] = 100, 200, 300
    shape = make.geode(make.geometry(far, dtype="f8"))
    (mesh,) = drawn(write(tmp_path, "a.osgb", make.moved(matrix, shape), version=version))
    expected = far @ matrix[:3, :3].T + matrix[:3, 3]
    assert np.abs(positions(mesh) - expected).max() < 1e-5


PRIMITIVES = [
    ((4, [0, 1, 2, 0, 2, 3], "u1"), 2),
    ((4, [0, 1, 2, 0, 2, 3], "u4"), 2),
    ((4, (1, 3), ""), 1),
    ((5, [0, 1, 3, 2], "u2"), 2),
    ((6, [0, 1, 2, 3], "u2"), 2),
    ((7, (0, 4), ""), 2),
    ((8, [0, 1, 3, 2], "u2"), 2),
    ((9, [0, 1, 2, 3], "u2"), 2),
    ((6, [0, 4], "n"), 2),
    ((7, [0, 4], "n"), 2),
]


@pytest.mark.parametrize("version", [91, 100, 161])
@pytest.mark.parametrize(("primitive", "count"), PRIMITIVES, ids=[str(p[0]) for p in PRIMITIVES])
def test_every_primitive_set_gives_its_triangles(
    version: int, primitive: Any, count: int, tmp_path: Path
) -> None:
    shape = make.geode(make.geometry(primitives=(primitive,)))
    (mesh,) = drawn(write(tmp_path, "a.osgb", shape, version=version))
    assert isinstance(mesh, Mesh)
    assert len(mesh.triangles) == count
    a, b, c = (positions(mesh)[mesh.triangles[:, k]] for k in range(3))
    assert (np.cross(b - a, c - a)[:, 2] > 0).all()  # every one faces up as the quad does


def test_lines_and_points_are_drawn_too(tmp_path: Path) -> None:
    parts = ((1, (0, 4), ""), (0, [2, 3], "u2"))
    found = drawn(write(tmp_path, "a.osgb", make.geode(make.geometry(primitives=parts))))
    lines, points = sorted(found, key=lambda item: type(item).__name__)
    assert isinstance(lines, Lines)
    assert isinstance(points, Points)
    assert len(lines.segments) == 2
    assert np.allclose(positions(points), make.QUAD[2:])


@pytest.mark.parametrize("version", [80, 131, 161])
def test_colours_are_one_for_all_or_one_a_vertex(version: int, tmp_path: Path) -> None:
    bright = np.array([[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [9, 9, 9, 128]])
    each = make.geometry(uv=None, colors=(bright, "u1", 4))
    one = make.geometry(uv=None, colors=(np.array([[1.0, 0, 0, 1]]), "f4", 1))
    found = drawn(write(tmp_path, "a.osgb", make.geode(each, one), version=version))
    assert np.array_equal(found[0].colors, bright)
    assert found[1].colors is None
    assert found[1].material.color == (1.0, 0.0, 0.0, 1.0)


# --- pictures -------------------------------------------------------------------------------------


def pictured(image: Any, tmp_path: Path, **form: Any) -> Any:
    state = make.state(texture=make.texture(image))
    (mesh,) = drawn(write(tmp_path, "a.osgb", make.geode(make.geometry(state=state)), **form))
    assert mesh.material.unlit
    return mesh


def upright(mesh: Any) -> bool:
    """Return whether a picture's upper half is red and its lower half blue."""
    red, blue = mesh.material.image.pixels[0, 0], mesh.material.image.pixels[-1, 0]
    return bool(red[0] > 200 > 60 > red[2] and blue[2] > 200 > 60 > blue[0])


@pytest.mark.parametrize("version", [80, 96, 131, 161])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_an_inline_file_is_decoded_upright_and_v_grows_upwards(
    version: int, form: str, tmp_path: Path
) -> None:
    data = make.encoded(form)
    mesh = pictured(make.picture_file(data), tmp_path, version=version)
    assert upright(mesh)
    assert mesh.material.wrap == "clamp"
    assert np.array_equal(mesh.uv, make.QUAD_UV)


@pytest.mark.parametrize("packing", [1, 4])
def test_inline_pixels_are_turned_upright(packing: int, tmp_path: Path) -> None:
    row = b"\0\0\xff" * 3 + bytes(-9 % packing)  # the lowest row first: blue, then red
    data = row + row.replace(b"\0\0\xff", b"\xff\0\0")
    mesh = pictured(make.picture_pixels(data, (3, 2), packing=packing), tmp_path)
    assert mesh.material.image.pixels.tolist() == [[[255, 0, 0]] * 3, [[0, 0, 255]] * 3]


def test_compressed_blocks_are_decoded(tmp_path: Path) -> None:
    red = struct.pack("<HHI", 0xF800, 0, 0)  # one block of 4 x 4, all of the first colour
    mesh = pictured(make.picture_pixels(red, (4, 4), form=0x83F0), tmp_path)
    assert mesh.material.image.pixels.shape == (4, 4, 4)
    assert (mesh.material.image.pixels == [255, 0, 0, 255]).all()


def test_a_picture_beside_the_file_is_found_by_its_chinese_name(tmp_path: Path) -> None:
    (tmp_path / "贴图").mkdir()
    (tmp_path / "贴图" / "瓦片.JPG").write_bytes(make.encoded())
    mesh = pictured(make.picture_beside("贴图\\瓦片.jpg".encode("gbk")), tmp_path)
    assert upright(mesh)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\a.jpg", "no.jpg"])
def test_a_picture_that_is_not_there_or_outside_is_told(name: str, tmp_path: Path) -> None:
    state = make.state(texture=make.texture(make.picture_beside(name)))
    path = write(tmp_path / "x", "a.osgb", make.geode(make.geometry(state=state)))
    _, contents, problems = walk(path)
    assert [p.code for p in problems] == ["osgb.image"]
    assert triangle_count(contents[0].drawables) == 2


# --- the tree -------------------------------------------------------------------------------------


def block(folder: Path, tiles: int = 2, levels: int = 2) -> Path:
    """Write a block: each tile's root names one finer file, which holds two PagedLODs."""
    (folder / "Data").mkdir(parents=True)
    (folder / "metadata.xml").write_bytes(make.metadata())
    for number in range(tiles):
        name = f"Tile_+{number:03}_+000"
        at = make.QUAD + np.array([20.0 * number, 0, 0])
        inner = folder / "Data" / name
        sphere = (20.0 * number + 5, 5.0, 0.0, 8.0)
        coarse = make.geode(make.geometry(at, state=make.photo()))
        root = make.paged(
            [(0, 40.0, coarse), (40.0, FOREVER, f"{name}_L17_0.osgb")], sphere=sphere
        )
        write(inner, f"{name}.osgb", root)
        if levels > 1:
            halves = [
                make.paged(
                    [
                        (0, 80.0, make.geode(make.geometry(at * [0.5, 1, 1] + [5 * k, 0, 0]))),
                        (80.0, FOREVER, f"{name}_L18_0{k}.osgb"),
                    ],
                    sphere=sphere,
                )
                for k in range(2)
            ]
            write(inner, f"{name}_L17_0.osgb", make.group(*halves))
    return folder


def test_a_block_is_a_tile_for_each_root_and_an_object_each(tmp_path: Path) -> None:
    found = opened(block(tmp_path / "b", 3))
    assert found.features.id.tolist() == ["Tile_+000_+000", "Tile_+001_+000", "Tile_+002_+000"]
    assert len(found.tree) == 4
    assert found.tree.content.tolist() == [False, True, True, True]
    assert np.allclose(found.tree.center[1:, 0], [5, 25, 45])
    assert found.frame is not None
    assert found.frame[:3, 3].tolist() == [500000, 2490000, 10]


@pytest.mark.parametrize(
    "inside", ["", "Data", "Data/Tile_+000_+000", "Data/Tile_+001_+000/Tile_+001_+000.osgb"]
)
def test_a_part_of_a_block_knows_the_system_of_the_whole(inside: str, tmp_path: Path) -> None:
    found = opened(block(tmp_path / "b") / inside)
    assert found.about.crs == "EPSG:4547"
    assert not [p for p in found.problems if p.code != "osgb.finest"]


def test_every_lod_of_a_file_refines_by_itself(tmp_path: Path) -> None:
    tree, contents, problems = walk(block(tmp_path / "b", 1))
    # root file -> its coarse geometry -> the finer file -> a group of two tiles
    assert [p.code for p in problems] == ["osgb.finest"]
    assert problems[0].params["count"] == 2
    drawing = sorted(contents)
    assert [triangle_count(contents[tile].drawables) for tile in drawing] == [2, 2, 2]
    coarse, left, right = drawing
    assert tree.refine[coarse] == REPLACE
    group = tree.parent[left]
    assert tree.parent[right] == group
    assert tree.refine[group] == ADD
    assert not tree.content[group]
    assert tree.error[coarse] == pytest.approx(2 * 8 / 40 * SWITCH)
    assert tree.count[left] == 0  # what was not delivered is no tile: it stays drawn


def test_tiles_change_where_their_range_says_at_the_default_screen_error(tmp_path: Path) -> None:
    tree, _, _ = walk(block(tmp_path / "b", 1))
    coarse = int(np.flatnonzero(np.isclose(tree.error, 6.4))[0])
    half = np.radians(45 / 2)
    scale = 1000 / (2 * np.tan(half))
    meant = 2 * 8 / 40 * scale  # the distance at which a sphere of radius 8 is 40 pixels wide
    for factor, refined in ((0.9, True), (1.1, False)):
        top = tree.center[coarse][2] + tree.axes[coarse][2, 2]
        eye = np.array([5.0, 5.0, top + meant * factor])
        view = View(eye, np.array([0, 0, -1.0]), np.array([0, 1.0, 0]), 45.0, (1000, 1000))
        chosen = select(tree, view, tree.content, np.zeros(0, np.int32)).draw
        assert (coarse not in chosen) == refined


def test_nothing_drawn_before_leaves_a_hole_while_finer_files_come(tmp_path: Path) -> None:
    folder = block(tmp_path / "b", 1)
    source = LOADER.source(str(folder), Options())
    found = source.open(SILENT)
    tree, tokens, resident = found.tree, list(found.tokens), np.zeros(len(found.tree), np.bool_)
    eye = np.array([5.0, 5.0, 6.0])
    view = View(eye, np.array([0, 0, -1.0]), np.array([0, 1.0, 0]), 90.0, (1000, 1000))
    drawn = np.zeros(0, np.int32)
    counts = []
    while True:
        chosen = select(tree, view, resident, drawn)
        drawn = chosen.draw
        counts.append(len(drawn))
        if not len(chosen.fetch):
            break
        tile = int(chosen.fetch[0])
        got = source.fetch(tile, tokens[tile], SILENT)
        if isinstance(got, Growth):
            tree, tokens = tree.grown(tile, got.tree), [*tokens, *got.tokens]
            resident = np.concatenate([resident, np.zeros(len(got.tree), np.bool_)])
        else:
            resident[tile] = True
    first = counts.index(1)
    assert all(counts[first:])
    assert counts[-1] == 2


def test_ranges_may_be_distances_and_there_may_be_three_levels(tmp_path: Path) -> None:
    shapes = [make.geode(make.geometry(make.QUAD + np.array([0, 0, k]))) for k in range(3)]
    lod = make.paged(
        [(0, 100.0, shapes[2]), (100.0, 400.0, shapes[1]), (400.0, FOREVER, shapes[0])], mode=0
    )
    tree, contents, _ = walk(write(tmp_path, "a.osgb", lod))
    heights = [float(positions(contents[tile].drawables[0])[0, 2]) for tile in (0, 1, 2)]
    assert heights == [0, 1, 2]
    assert tree.parent.tolist() == [-1, 0, 1]
    assert tree.error[0] == pytest.approx(4 * tree.error[1])
    assert tree.error[2] == 0


def test_a_broken_or_cyclic_finer_file_leaves_the_coarser_one(tmp_path: Path) -> None:
    for data, code in ((b"no", "broken.osgb"), (b"", "broken.osgb"), (None, "broken.osgb")):
        folder = block(tmp_path / f"b{data!r}", 1)
        finer = folder / "Data/Tile_+000_+000/Tile_+000_+000_L17_0.osgb"
        root = finer.with_name("Tile_+000_+000.osgb")
        finer.write_bytes(root.read_bytes() if data is None else data)
        _, contents, problems = walk(folder)
        assert [p.code for p in problems] == [code]
        assert {triangle_count(c.drawables) for c in contents.values()} == {2}


def test_a_file_in_an_archive_finds_its_neighbours_and_misses_none(tmp_path: Path) -> None:
    folder = block(tmp_path / "b", 1) / "Data" / "Tile_+000_+000"
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"b/{path.name}")
    tree, contents, problems = walk(tmp_path / "b.zip" / "b" / "Tile_+000_+000.osgb")
    assert [p.code for p in problems] == ["osgb.finest"] * 2
    assert len(contents) == 5  # both halves again, for what should have replaced them
    assert (tree.count[list(contents)] <= 1).all()


@pytest.mark.parametrize(
    "name", ["../../../secret.osgb", "/secret.osgb", "C:\\s.osgb", "a\0.osgb"]
)
def test_a_child_outside_the_block_is_refused(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "b" / "c" / "d"
    write(tmp_path, "secret.osgb", make.geode(make.geometry()))
    lod = make.paged([(0, 9.0, make.geode(make.geometry())), (9.0, FOREVER, name)])
    tree, contents, problems = walk(write(folder, "a.osgb", lod))
    assert len(tree) == len(contents) == 1
    assert [p.code for p in problems] == ["osgb.child", "osgb.finest"]


def test_names_are_found_whatever_their_code_page_capitals_and_slashes(tmp_path: Path) -> None:
    folder = tmp_path / "倾斜摄影" / "Data" / "瓦片_1"
    lod = make.paged(
        [
            (0, 9.0, make.geode(make.geometry())),
            (9.0, FOREVER, "细 节#1\\层%41.osgb".encode("gbk")),
        ]
    )
    write(folder, "瓦片_1.OSGB", lod)
    write(folder / "细 节#1", "层%41.OSGB", make.geode(make.geometry(make.QUAD + 1)))
    _, contents, problems = walk(tmp_path / "倾斜摄影")
    assert not problems
    assert len(contents) == 2
    assert opened(tmp_path / "倾斜摄影").features.id.tolist() == ["瓦片_1"]


def test_loose_files_are_roots_unless_another_is_above_them(tmp_path: Path) -> None:
    for name in ("A.osgb", "A_L15_0.osgb", "A_L16_00t1.osgb", "B_L22_0.osgb"):
        write(tmp_path, name, make.geode(make.geometry()))
    assert opened(tmp_path).features.id.tolist() == ["A", "B_L22_0"]


def test_an_empty_node_draws_nothing(tmp_path: Path) -> None:
    tree, contents, problems = walk(
        write(tmp_path, "a.osgb", make.Obj("osg::Node", make.Writer.node))
    )
    assert len(tree) == 1
    assert not contents
    assert not problems


def test_shared_nodes_cannot_multiply_without_end(tmp_path: Path) -> None:
    node = make.geode(make.geometry())
    for _ in range(30):
        node = make.group(node, node)
    thing, _ = read(make.scene(node), "a")
    outline = Outline()
    outline.of(thing)
    assert len(outline.parts) < 50_000


def test_an_object_inside_itself_is_drawn_once(tmp_path: Path) -> None:
    items: list[make.Obj] = [make.geode(make.geometry())]

    def inside(w: make.Writer) -> None:
        w.node()
        w.children(items)

    loop = make.Obj("osg::Group", inside)
    items.append(loop)
    _, contents, problems = walk(write(tmp_path, "a.osgb", loop))
    assert [p.code for p in problems] == ["osgb.cycle"]
    assert triangle_count(contents[0].drawables) == 2


# --- where it is ----------------------------------------------------------------------------------

WRONG = """PROJCS["LOCAL0", GEOGCS["CGCS2000", DATUM["China_2000", SPHEROID["CGCS2000",6378137,
298.257222101]], PRIMEM["Greenwich",0], UNIT["degree",0.0174532925199433]],
PROJECTION["Transverse_Mercator"], PARAMETER["latitude_of_origin",0],
PARAMETER["central_meridian",113.37], PARAMETER["scale_factor",1], PARAMETER["false_easting",500000],
PARAMETER["false_northing",90], UNIT["metre",1], AUTHORITY["EPSG","4547"]]"""


def placed(folder: Path, srs: str, **options: Any) -> Any:
    folder = block(folder, 1)
    (folder / "metadata.xml").write_bytes(make.metadata(srs, "10,20,0"))
    source = LOADER.source(str(folder), Options(**options))
    return open_in(source, Options(**options), None, SILENT)


@given(st.floats(-80, 80), st.floats(-179, 179))
def test_a_tangent_plane_lands_where_it_says(
    tmp_path_factory: pytest.TempPathFactory, lat: float, lon: float
) -> None:
    standing = placed(tmp_path_factory.mktemp("enu") / "b", f"ENU:{lat:.9f},{lon:.9f}")
    assert not [
        p
        for p in standing.opened.problems
        if p.code not in ("osgb.finest", "crs.chosen.geocentric")
    ]
    west, south, east, north = standing.project.bbox_wgs84(standing.opened.features.box)
    metre = 1 / 111_000
    assert abs((south + north) / 2 - (lat + 25 * metre)) < 3 * metre
    assert abs((west + east) / 2 - (lon + 15 * metre / np.cos(np.radians(lat)))) < 20 * metre


def test_a_wrong_number_on_a_definition_is_explained_and_the_definition_used(
    tmp_path: Path,
) -> None:
    found = placed(tmp_path / "b", WRONG).opened
    (told,) = [p for p in found.problems if p.code == "osgb.crs_tag"]
    assert "EPSG:4547" in told.text
    assert "false northing 90 (0)" in told.text
    assert "113.37 (114)" in told.text
    right = placed(tmp_path / "c", "EPSG:4547").opened
    assert not [p for p in right.problems if p.code == "osgb.crs_tag"]


@pytest.mark.parametrize("srs", ["", "Local Coordinates"])
def test_a_block_without_a_system_says_what_to_do(srs: str, tmp_path: Path) -> None:
    found = placed(tmp_path / "b", srs).opened
    (told,) = [p for p in found.problems if "crs" in p.code]
    assert told.code == "crs.missing"
    assert "metadata.xml" in told.text
    given = placed(tmp_path / "c", srs, crs="EPSG:4547")
    assert given.project is not None
    assert "crs.missing" not in [p.code for p in given.opened.problems]
    assert given.opened.features.box[0] > 0


def test_degrees_are_no_place_for_a_model_in_metres(tmp_path: Path) -> None:
    codes = [p.code for p in placed(tmp_path / "b", "EPSG:4326").opened.problems]
    assert codes[:2] == ["osgb.degrees", "crs.missing"]


def test_a_system_nobody_knows_is_told_and_the_model_stays(tmp_path: Path) -> None:
    standing = placed(tmp_path / "b", "EPSG:999999")
    assert standing.project is None
    assert "crs.unknown" in [p.code for p in standing.opened.problems]


HOSTILE = [
    b"<ModelMetadata><SRS>EPSG:1</ModelMetadata>",
    b"",
    b'<!DOCTYPE a [<!ENTITY x "y">]><a><SRS>&x;</SRS></a>',
    b"<a>" * 100 + b"</a>" * 100,
    b"\xff\xfe<\0",
    bytes(2 << 20),
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_metadata_that_cannot_be_read_is_a_problem(data: bytes, tmp_path: Path) -> None:
    folder = block(tmp_path / "b", 1)
    (folder / "metadata.xml").write_bytes(data)
    codes = [p.code for p in opened(folder).problems]
    assert "crs.missing" in codes


@pytest.mark.parametrize("code", ["gbk", "utf-8", "utf-16"])
def test_metadata_may_be_in_any_code_page(code: str) -> None:
    text = f'<?xml version="1.0" encoding="{code}"?><a><!-- 坐标 --><SRS>EPSG:4547</SRS><b>广东</b></a>'
    assert elements(text.encode(code)) == {"SRS": "EPSG:4547", "b": "广东"}


# --- bad input ------------------------------------------------------------------------------------


@given(FORMS, st.integers(0, 10**6))
def test_every_cut_is_an_error_that_names_the_place(form: dict[str, Any], cut: int) -> None:
    data = make.scene(make.geode(make.geometry(state=make.photo())), **form)
    with pytest.raises(OpenError, match=r"^a:"):
        read(data[: cut % len(data)], "a")


@given(FORMS, st.randoms(use_true_random=False))
def test_a_damaged_file_is_refused_or_read_in_part(
    tmp_path_factory: pytest.TempPathFactory, form: dict[str, Any], chance: Any
) -> None:
    shape = make.geode(make.geometry(state=make.photo(), normals=make.QUAD))
    lod = make.paged([(0, 9.0, shape), (9.0, FOREVER, "a.osgb")])
    data = bytearray(make.scene(make.group(lod, make.moved(np.eye(4), shape)), **form))
    for _ in range(chance.choice((1, 3, 20))):
        at = chance.randrange(len(data))
        value = chance.choice((0, 1, 2**31 - 1, 2**32 - 1, 0x7FC00000, chance.randrange(2**32)))
        data[at : at + 4] = struct.pack("<I", value)
    path = tmp_path_factory.getbasetemp() / "damaged.osgb"
    path.write_bytes(data)
    try:
        _, contents, _ = walk(path)
    except OpenError:
        return
    for content in contents.values():
        assert all(np.isfinite(item.origin).all() for item in content.drawables)  # type: ignore[union-attr]


def test_hostile_counts_take_no_memory(tmp_path: Path) -> None:
    data = make.scene(make.geode(make.geometry()))
    for at in range(20, len(data) - 4):
        for value in (0x7FFFFFFF, 0xFFFFFFFF):
            broken = data[:at] + struct.pack("<I", value) + data[at + 4 :]
            try:
                read(broken, "a")
            except OpenError:
                continue


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.osgb.octets.MOST_PLAIN", 1 << 20)
    head = make.scene(make.group(), packed=True)
    start = head.index(b"zlib") + 4
    bomb = head[:start] + zlib.compress(bytes(1 << 22))
    with pytest.raises(OpenError, match="more than the 1048576"):
        read(bomb, "a")


def test_other_content_is_told_apart(tmp_path: Path) -> None:
    scene = make.scene(make.group())
    with pytest.raises(NotSupported, match="type 2"):
        read(scene[:8] + struct.pack("<I", 2) + scene[12:], "a")
    with pytest.raises(NotSupported, match="lz4"):
        read(scene[:20] + b"\3\0\0\0lz4" + scene[25:], "a")
    with pytest.raises(BrokenFile):
        read(b"glTF" + scene, "a")
    (tmp_path / "Tile_x").mkdir()
    with pytest.raises(NotFound):
        opened(tmp_path)


def test_bad_vertices_and_indices_are_counted_and_left_out(tmp_path: Path) -> None:
    points = make.QUAD.copy()
    points[3, 2] = np.nan
    shapes = make.geode(
        make.geometry(points), make.geometry(primitives=((4, [0, 1, 2, 0, 2, 77], "u1"),))
    )
    _, contents, problems = walk(write(tmp_path, "a.osgb", shapes))
    assert sorted(p.code for p in problems) == ["osgb.index", "osgb.not_finite"]
    assert triangle_count(contents[0].drawables) == 2
    for item in contents[0].drawables:
        assert np.isfinite(item.positions).all()  # type: ignore[union-attr]


def test_a_file_is_known_by_its_first_bytes_and_a_block_by_its_names(tmp_path: Path) -> None:
    path = write(tmp_path, "a.bin", make.group())
    assert LOADER.recognise(probe(str(path))) == 95
    assert LOADER.recognise(probe(str(block(tmp_path / "b")))) == 80
    assert LOADER.recognise(probe(str(tmp_path / "b" / "Data"))) == 50
    assert LOADER.recognise(Probe("x", is_folder=True, names=("a.json",))) == 0
