"""Imagery: the colour of every place, whatever the tiling and the system; draped where terrain is."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Picture
from rasterio import Affine

from loaders.terrain import LOADER, gdal
from loaders.terrain.imagery import READER
from loaders.terrain.imagery.sampling import between
from loaders.terrain.imagery.tiles import HALF, Tiles, opened, shifted
from loaders.terrain.imagery.wmts import is_capabilities
from tests.conftest import DATA
from tests.loaders.terrain_files import hills, write
from tests.twin.serving import serving
from twin.draping import Draping, Header
from twin.errors import BrokenFile, NotSupported, OpenError, OutsideRoot, UsageError, WorkerCrashed
from twin.files import access_of, use
from twin.geometry import Mesh
from twin.georeference import parse_crs
from twin.georeference.frames import plane
from twin.jobs import Job, Jobs, Lane
from twin.ports import SILENT, Content, Growth, Options
from twin.records import SourceRef
from twin.session import Session
from twin.settings import Settings
from twin.tiles import TileTree, View

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")

BYTES = NDArray[np.uint8]


def color(z: int, x: int, y: int) -> tuple[int, int, int]:
    return (x * 7) % 256, (y * 5) % 256, z * 10


def write_tiles(folder: Path, z: int, xs: range, ys: range) -> str:
    for x in xs:
        for y in ys:
            path = folder / str(z) / str(x) / f"{y}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Picture.new("RGB", (256, 256), color(z, x, y)).save(path)
    return str(folder)


def middle_of(z: int, x: int, y: int) -> tuple[float, float]:
    size = 2 * HALF / 2**z
    return -HALF + (x + 0.5) * size, HALF - (y + 0.5) * size


def at(*places: tuple[float, float]) -> NDArray[np.float64]:
    return np.array(places)[None, :, :]


def spacing(z: int, y: float) -> float:
    return float(2 * HALF / 2.0**z / 256 / math.cosh(y / 6378137))


def test_a_folder_of_tiles_has_the_colour_of_each_place(tmp_path: Path) -> None:
    tiles = opened(write_tiles(tmp_path, 12, range(2100, 2103), range(1340, 1343)))
    one, other = middle_of(12, 2101, 1341), middle_of(12, 2102, 1342)
    away = middle_of(12, 2104, 1341)
    found = tiles.colors(at(one, other, away), spacing(12, one[1]), SILENT)
    assert tuple(found[0, 0]) == (*color(12, 2101, 1341), 255)
    assert tuple(found[0, 1]) == (*color(12, 2102, 1342), 255)
    assert found[0, 2, 3] == 0


def test_a_missing_tile_is_that_of_a_level_above(tmp_path: Path) -> None:
    write_tiles(tmp_path, 10, range(525, 526), range(335, 336))
    folder = write_tiles(tmp_path, 12, range(2100, 2101), range(1340, 1341))
    found = opened(folder).colors(at(middle_of(12, 2102, 1342)), spacing(12, 4e6), SILENT)
    assert tuple(found[0, 0]) == (*color(10, 525, 335), 255)


def test_a_server_is_asked_once_and_works_offline(tmp_path: Path) -> None:
    write_tiles(tmp_path / "tiles", 3, range(2, 4), range(2, 4))
    kept = Settings(cache_folder=str(tmp_path / "cache"))
    place = at(middle_of(3, 3, 3))
    with serving() as server:
        server.folder(tmp_path / "tiles")
        use(access_of(kept))
        tiles = opened(server.base + "{z}/{x}/{y}.png")
        assert tiles.credit == "127.0.0.1"
        first = tiles.colors(place, spacing(3, 0), SILENT)
        assert tuple(first[0, 0, :3]) == color(3, 3, 3)
        use(access_of(Settings(cache_folder=str(tmp_path / "cache"), offline=True)))
        before = len(server.asked)
        assert np.array_equal(tiles.colors(place, spacing(3, 0), SILENT), first)
        assert tiles.colors(at(middle_of(3, 7, 7)), spacing(3, 0), SILENT)[0, 0, 3] == 0
        assert len(server.asked) == before
    use(access_of(Settings()))


def test_rows_may_count_from_the_south_and_addresses_must_have_numbers(tmp_path: Path) -> None:
    assert opened(str(tmp_path / "{z}/{x}/{-y}.png")).reference(3, 1, 1) == "3/1/6.png"
    for wrong in ("a/{x}.png", str(tmp_path / "none"), str(DATA / "slope.tif.png")):
        with pytest.raises(OpenError):
            opened(wrong)


def test_chinese_hosts_are_known_to_be_shifted() -> None:
    assert [p.code for p in shifted("webst01.is.autonavi.com")] == ["imagery.gcj02"]
    assert [p.code for p in shifted("rt0.map.gtimg.com")] == ["imagery.gcj02"]
    assert [p.code for p in shifted("maponline0.bdimg.com")] == ["imagery.bd09"]
    assert shifted("tile.openstreetmap.org") == ()
    assert shifted("notamap.com") == ()


CAPABILITIES = """<?xml version="1.0"?>{doctype}
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1"
 xmlns:xlink="http://www.w3.org/1999/xlink">
<ows:ServiceProvider><ows:ProviderName>{provider}</ows:ProviderName></ows:ServiceProvider>
{operation}
<Contents><Layer><ows:Identifier>ortho</ows:Identifier>
<Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style><Format>image/png</Format>
<TileMatrixSetLink><TileMatrixSet>web</TileMatrixSet></TileMatrixSetLink>{resource}</Layer>
<TileMatrixSet><ows:Identifier>web</ows:Identifier><ows:SupportedCRS>urn:ogc:def:crs:EPSG::3857</ows:SupportedCRS>
{matrices}</TileMatrixSet></Contents></Capabilities>"""
MATRIX = """<TileMatrix><ows:Identifier>L{z}</ows:Identifier><ScaleDenominator>{scale}</ScaleDenominator>
<TopLeftCorner>-20037508.3427892 20037508.3427892</TopLeftCorner><TileWidth>256</TileWidth>
<TileHeight>256</TileHeight><MatrixWidth>{n}</MatrixWidth><MatrixHeight>{n}</MatrixHeight></TileMatrix>"""


def capabilities(path: Path, template: str, **more: str) -> str:
    matrices = "".join(
        MATRIX.format(z=z, scale=559082264.0287178 / 2**z, n=2**z) for z in range(5)
    )
    resource = (
        f'<ResourceURL format="image/png" resourceType="tile" template="{template}"/>'
        if template
        else ""
    )
    said = {"doctype": "", "provider": "Survey", "operation": "", **more}
    path.write_text(CAPABILITIES.format(resource=resource, matrices=matrices, **said))
    return str(path)


def test_capabilities_name_tiles_levels_and_provider(tmp_path: Path) -> None:
    write_tiles(tmp_path, 3, range(2, 4), range(2, 4))
    (tmp_path / "3").rename(tmp_path / "L3")
    template = "{TileMatrix}/{TileCol}/{TileRow}.png"
    found = READER.open(capabilities(tmp_path / "wmts.xml", template), SILENT)
    assert isinstance(found, Tiles)
    assert found.credit == "Survey"
    assert tuple(
        found.colors(at(middle_of(3, 3, 2)), spacing(3, middle_of(3, 3, 2)[1]), SILENT)[0, 0, :3]
    ) == color(3, 3, 2)
    assert is_capabilities("https://example.org/service?request=GetCapabilities")


def test_capabilities_may_ask_by_key_and_value(tmp_path: Path) -> None:
    operation = (
        '<ows:OperationsMetadata><ows:Operation name="GetTile"><ows:DCP><ows:HTTP>'
        '<ows:Get xlink:href="{}"/></ows:HTTP></ows:DCP></ows:Operation></ows:OperationsMetadata>'
    )
    with serving() as server:
        capabilities(tmp_path / "c.xml", "", operation=operation.format(server.base + "tile?"))
        server.folder(tmp_path)
        found = READER.open(server.base + "c.xml", SILENT)
        assert isinstance(found, Tiles)
        found.read(3, 1, 2)
        assert "tilematrix=L3&tilerow=2&tilecol=1" in server.asked[-1][0]


def test_capabilities_reach_no_other_host_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(OutsideRoot):
        READER.open(
            capabilities(
                tmp_path / "a.xml", "https://other.example/{TileMatrix}/{TileRow}/{TileCol}"
            ),
            SILENT,
        )
    (tmp_path / "secret").write_text("hidden")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    path = capabilities(
        tmp_path / "b.xml", "{TileMatrix}/{TileRow}/{TileCol}", doctype=doctype, provider="&e;"
    )
    assert READER.open(path, SILENT).credit != "hidden"
    (tmp_path / "c.xml").write_text("<html/>")
    with pytest.raises(BrokenFile):
        READER.open(str(tmp_path / "c.xml"), SILENT)


def ortho(path: Path, blue: int = 9, **more: Any) -> str:
    """Write a picture whose red tells the column and green the row, 100 x 80 pixels of 4 m."""
    rows, columns = np.mgrid[:80, :100].astype(np.uint8)
    bands = np.stack([columns * 2, rows * 3, np.full_like(rows, blue)])
    return write(path, bands, transform=Affine(4, 0, 84_000, 0, -4, 447_520), **more)


def test_a_picture_has_its_colours_at_its_places_and_none_beside(tmp_path: Path) -> None:
    found = READER.open(ortho(tmp_path / "a.tif"), SILENT)
    assert found.finest == pytest.approx(4.0)
    colors = found.colors(at((84_042, 447_498), (84_044, 447_496), (83_000, 447_498)), 4.0, SILENT)
    assert tuple(colors[0, 0]) == (20, 15, 9, 255)
    assert tuple(colors[0, 1]) == (21, 17, 9, 255)
    assert colors[0, 2, 3] == 0


def test_web_mercator_of_a_geotiff_is_a_system_like_any_other(tmp_path: Path) -> None:
    name = ortho(tmp_path / "a.tif", crs="EPSG:3857")  # its WKT 1 seems to name a grid file
    assert READER.open(name, SILENT).crs == "EPSG:3857"
    heights = write(tmp_path / "b.tif", hills(9, 9), crs="EPSG:3857")
    for location, known in ((name, "imagery"), (heights, "terrain")):
        about = LOADER.source(location, Options()).open(SILENT).about
        assert about.format == known
        assert parse_crs(about.crs).horizontal == "EPSG:3857"


def test_what_is_no_data_is_see_through(tmp_path: Path) -> None:
    found = READER.open(ortho(tmp_path / "a.tif", 0, nodata=0), SILENT)
    assert found.colors(at((84_002, 447_518)), 4.0, SILENT)[0, 0, 3] < 255
    with pytest.raises(NotSupported, match="place"):
        READER.open(write(tmp_path / "b.tif", np.zeros((3, 9, 9), np.uint8), crs=None), SILENT)
    with pytest.raises(NotSupported, match="heights"):
        READER.open(write(tmp_path / "c.tif", hills(9, 9)), SILENT)


@settings(max_examples=20)
@given(st.integers(0, 999))
def test_colours_lie_between_those_of_the_neighbours(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (5, 6, 4)).astype(np.uint8)
    picture[..., 3] = 255
    rows, columns = rng.uniform(0, 4, (3, 7)), rng.uniform(0, 5, (3, 7))
    found = between(picture, rows, columns, np.ones((3, 7), np.bool_))
    for n, (row, column) in enumerate(zip(rows.ravel(), columns.ravel(), strict=True)):
        near = (
            picture[int(row) : int(row) + 2, int(column) : int(column) + 2]
            .reshape(-1, 4)
            .astype(int)
        )
        pixel = found.reshape(-1, 4)[n]
        assert (pixel >= near.min(axis=0) - 1).all()
        assert (pixel <= near.max(axis=0) + 1).all()


def test_every_vertex_gets_the_colour_of_its_place_in_another_system(tmp_path: Path) -> None:
    imagery = READER.open(ortho(tmp_path / "a.tif"), SILENT)
    there = plane("EPSG:28992", "EPSG:25831")[0]
    rd = np.random.default_rng(3).uniform((84_020, 447_220), (84_380, 447_500), (60, 2))
    x, y = there.transform(rd[:, 0], rd[:, 1])
    origin = np.array([x.mean(), y.mean(), 0.0])
    positions = np.stack([x, y, np.zeros(60)], 1) - origin
    mesh = Mesh(
        origin,
        positions.astype(np.float32),
        np.array([[0, 1, 2]], np.int32),
        np.full(60, -1, np.int32),
    )
    draping = Draping(imagery, "EPSG:25831", str(tmp_path / "kept"))
    found = draping(Content((mesh,)), "t", SILENT)
    assert isinstance(found, Content)
    (dressed,) = found.drawables
    assert isinstance(dressed, Mesh)
    assert dressed.uv is not None
    assert dressed.material.image is not None
    pixels = dressed.material.image.pixels
    assert pixels is not None
    high, wide = pixels.shape[:2]
    column = np.clip((dressed.uv[:, 0] * wide).astype(int), 0, wide - 1)
    row = np.clip(((1 - dressed.uv[:, 1]) * high).astype(int), 0, high - 1)
    expected = np.stack([(rd[:, 0] - 84_002) / 4 * 2, (447_518 - rd[:, 1]) / 4 * 3], 1)
    assert np.abs(pixels[row, column, :2] - expected).max() <= 4  # two pixels of the imagery
    again = draping(Content((mesh,)), "t", SILENT)
    assert isinstance(again, Content)


def test_tiles_are_refined_until_their_pictures_are_as_fine_as_the_imagery(tmp_path: Path) -> None:
    imagery = READER.open(ortho(tmp_path / "a.tif"), SILENT)
    draping = Draping(imagery, "EPSG:28992", "")
    tree = TileTree.flat(np.array([[0.0, 0, 0, 50_000, 50_000, 9], [0.0, 0, 0, 900, 900, 9]]))
    grown = draping(Growth(tree, ()), "t", SILENT)
    assert isinstance(grown, Growth)
    assert grown.tree.error[0] == np.inf
    assert grown.tree.error[1:].tolist() == [0, 0]  # no picture comes that far
    boxes = np.array([[0.0, 0, 0, 50_000, 50_000, 9], [80_000.0, 447_000, 0, 90_000, 457_000, 9]])
    tokens = ("", "a", "b", "more-0.0.0")
    boxes = np.concatenate([boxes, boxes[1:]])
    tree, below = draping.refined(TileTree.flat(boxes), tokens)
    assert below == (*tokens, "b~+")  # divided where the picture is, and where there is a surface
    assert (tree.error[2], tree.count[2]) == (pytest.approx(16 * 10_000 / 1024), 1)


def look(session: Session) -> tuple[Mesh, tuple[str, ...]]:
    box = session.twin.bounds
    middle = (box[:3] + box[3:]) / 2
    eye = middle + np.array([0.0, 0, 400])
    frame = session.settle(
        View(eye, np.array([0.0, 0, -1]), np.array([0.0, 1, 0]), 50.0, (320, 240))
    )
    tile = next(iter(frame.layers[next(iter(session.twin.layers))].tiles.values()))
    mesh = tile.drawables[0]
    assert isinstance(mesh, Mesh)
    return mesh, tile.credits


def test_imagery_is_draped_by_a_command_and_taken_off_by_undo(tmp_path: Path) -> None:
    session = Session(jobs=Jobs(inline=True))
    session.open(str(DATA / "slope.tif"))
    session.finish()
    (layer,) = session.twin.layers
    bare, _ = look(session)
    picture = ortho(tmp_path / "a.tif", tags={"TIFFTAG_COPYRIGHT": "Flown by Survey"})
    session.run("layers.drape", layer=layer, imagery=picture)
    session.finish()
    dressed, credits = look(session)
    assert dressed.material.image is not None
    assert credits == ("Flown by Survey",)
    project = tmp_path / "a.twin.gpkg"
    session.save_as(project)
    again = Session(jobs=Jobs(inline=True))
    again.open_project(project)
    again.finish()
    assert again.twin.layer(layer).source.drape == picture
    again.close()
    session.undo()
    session.finish()
    assert look(session)[0].material == bare.material
    session.run("layers.drape", layer=layer, imagery=str(tmp_path / "none"))
    session.finish()
    assert look(session)[0].material.image is None
    assert "imagery.unusable" in [p.code for p in session.twin.layer(layer).problems]
    session.close()


class Elsewhere(Jobs):
    """Runs work inline and writes down what would run in a worker process; such work fails where it is told to."""

    def __init__(self, *, crash: bool) -> None:
        super().__init__(inline=True)
        self.crash = crash
        self.inside = False
        self.headers = 0

    def submit(
        self, work: Any, done: Any, lane: Lane = Lane.THREAD, *, title: str = "", key: str = "", quiet: bool = False,
    ) -> Job:  # fmt: skip
        def run(feedback: Any) -> Any:
            self.inside = lane is Lane.PROCESS
            self.headers += isinstance(work, Header) and self.inside
            try:
                if isinstance(work, Header) and self.crash:
                    raise WorkerCrashed(what=title, reason="signal 11")
                return work(feedback)
            finally:
                self.inside = False

        return super().submit(run, done, lane, title=title, key=key, quiet=quiet)


@pytest.mark.parametrize("crash", [False, True])
def test_a_picture_of_the_library_is_opened_in_workers_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crash: bool
) -> None:
    jobs = Elsewhere(crash=crash)
    read = gdal.opened

    def watched(location: str, **more: Any) -> Any:
        assert jobs.inside, "the library read a file on a thread of this process"
        return read(location, **more)

    monkeypatch.setattr(gdal, "opened", watched)
    session = Session(jobs=jobs)
    picture = ortho(tmp_path / "a.tif")
    session.open(picture)
    slope = str(DATA / "slope.tif")
    session.open(slope, SourceRef(slope, drape=picture))
    session.finish()
    assert jobs.headers == 2
    codes = [p.code for layer in session.twin.layers.values() for p in layer.problems]
    assert codes.count("imagery.unusable") == (2 if crash else 0)
    assert len(session.twin.layers) == 2
    session.close()


def test_only_terrain_is_draped() -> None:
    session = Session(jobs=Jobs(inline=True))
    session.open(str(DATA / "delft_tiny.city.json"))
    session.finish()
    (layer,) = session.twin.layers
    with pytest.raises(UsageError, match="terrain"):
        session.run("layers.drape", layer=layer, imagery="a.tif")
    session.close()


def test_without_terrain_pictures_lie_flat(tmp_path: Path) -> None:
    session = Session(jobs=Jobs(inline=True))
    session.open(ortho(tmp_path / "a.tif", tags={"TIFFTAG_COPYRIGHT": "Flown by Survey"}))
    session.finish()
    (layer,) = session.twin.layers.values()
    assert layer.about.format == "imagery"
    mesh, credits = look(session)
    assert mesh.material.image is not None
    assert credits == ("Flown by Survey",)
    assert np.isnan(session.ground(np.array([[84_100.0, 447_400.0]]))).all()
    session.close()


def test_a_folder_of_pictures_is_a_flat_layer_of_its_own(tmp_path: Path) -> None:
    session = Session(jobs=Jobs(inline=True))
    session.open(write_tiles(tmp_path, 15, range(16800, 16802), range(10790, 10792)))
    session.finish()
    mesh, _ = look(session)
    assert mesh.material.image is not None
    pixels = mesh.material.image.pixels
    assert pixels is not None
    assert (pixels[..., 2] == 150).mean() > 0.9  # corners lie beside: the plane is turned here
    session.close()
