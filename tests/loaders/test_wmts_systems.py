"""WMTS in any coordinate system: the tile of a place, whatever the order of axes, the zone and the pixels meant."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from loaders.terrain.imagery import READER
from tests.conftest import DATA
from tests.loaders.test_imagery import look
from tests.twin.serving import serving
from twin.errors import NotSupported
from twin.files import access_of, use
from twin.georeference.frames import plane
from twin.jobs import Jobs
from twin.ports import SILENT
from twin.records import SourceRef
from twin.session import Session
from twin.settings import Settings

DEGREE = math.pi * 6378137 / 180
DOCUMENT = """<?xml version="1.0"?><Capabilities xmlns="http://www.opengis.net/wmts/1.0"
 xmlns:ows="http://www.opengis.net/ows/1.1"><Contents><Layer>{box}<ows:Identifier>ortho</ows:Identifier>
<Style><ows:Identifier>d</ows:Identifier></Style><Format>image/png</Format>
<TileMatrixSetLink><TileMatrixSet>s</TileMatrixSet>{limits}</TileMatrixSetLink>
<ResourceURL resourceType="tile" template="{{TileMatrix}}/{{TileCol}}/{{TileRow}}.png"/></Layer>
<TileMatrixSet><ows:Identifier>s</ows:Identifier><ows:SupportedCRS>{crs}</ows:SupportedCRS>{matrices}
</TileMatrixSet></Contents></Capabilities>"""
MATRIX = """<TileMatrix><ows:Identifier>{name}</ows:Identifier><ScaleDenominator>{scale}</ScaleDenominator>
<TopLeftCorner>{corner}</TopLeftCorner><TileWidth>{side}</TileWidth><TileHeight>{side}</TileHeight>
<MatrixWidth>{wide}</MatrixWidth><MatrixHeight>{high}</MatrixHeight></TileMatrix>"""


@dataclass(frozen=True)
class Set:
    """A matrix set in numbers: each level's metres or degrees a pixel; the corner as it is written."""

    crs: str
    said: str
    west: float
    north: float
    corner: str
    sizes: tuple[float, ...]
    place: tuple[float, float]
    unit: float = 1.0
    pixel: float = 0.00028
    side: int = 64
    many: int = 400


RD = Set(
    "EPSG:28992", "urn:ogc:def:crs:EPSG::28992", -285401.92, 903401.92, "-285401.92 903401.92",
    (215.04, 107.52, 53.76), (4.36, 52.01),
)  # fmt: skip
SETS = {
    "RD": RD,
    "RD by its address": Set(**{**RD.__dict__, "said": "http://www.opengis.net/def/crs/EPSG/0/28992"}),
    "Tianditu: latitude first, 96 dpi": Set(
        "EPSG:4490", "urn:ogc:def:crs:EPSG::4490", -180, 90, "90.0 -180.0",
        tuple(360 / 256 / 2**z for z in (10, 11)), (116.39, 39.91), DEGREE, 0.0254 / 96, 256, 2**11,
    ),
    "CGCS2000, but longitude first": Set(
        "EPSG:4490", "urn:ogc:def:crs:EPSG::4490", -180, 90, "-180 90",
        tuple(360 / 256 / 2**z for z in (10, 11)), (116.39, 39.91), DEGREE, 0.00028, 256, 2**11,
    ),
    "Gauss-Krueger, northing first": Set(
        "EPSG:4548", "urn:ogc:def:crs:EPSG::4548", 200_000, 5_000_000, "5000000 200000",
        (100.0, 50.0, 25.0), (116.8, 39.91),
    ),
    "Gauss-Krueger with its zone, but easting first": Set(
        "EPSG:4527", "EPSG:4527", 39_200_000, 5_000_000, "39200000 5000000",
        (100.0, 30.0), (117.2, 39.9),
    ),
    "ETRS89 UTM": Set(
        "EPSG:25832", "urn:ogc:def:crs:EPSG:6.18:25832", -46133.17, 6301219.54, "-46133.17 6301219.54",
        (600.0, 150.0), (9.18, 48.78),
    ),
    "feet": Set(
        "EPSG:2263", "urn:ogc:def:crs:EPSG::2263", 900_000, 280_000, "900000 280000",
        (100.0, 40.0), (-74.0, 40.7), 0.3048006096,
    ),
}  # fmt: skip


def color(z: int, x: int, y: int) -> tuple[int, int, int]:
    return (x * 11) % 256, (y * 17) % 256, 50 + z * 40


def served(folder: Path, cut: Set, *, levels: tuple[int, ...] | None = None, **more: str) -> str:
    """Write capabilities and the tiles round the place; return the document's path."""
    matrices = "".join(
        MATRIX.format(
            name=f"L{z}", scale=size * cut.unit / cut.pixel, corner=cut.corner, side=cut.side,
            wide=cut.many >> (len(cut.sizes) - 1 - z), high=cut.many >> (len(cut.sizes) - 1 - z),
        )
        for z, size in enumerate(cut.sizes)
    )  # fmt: skip
    said = {"box": "", "limits": "", **more}
    (folder / "wmts.xml").write_text(DOCUMENT.format(crs=cut.said, matrices=matrices, **said))
    for z in range(len(cut.sizes)) if levels is None else levels:
        column, row = index(cut, z)
        for x in (column - 1, column, column + 1):
            for y in (row - 1, row, row + 1):
                path = folder / f"L{z}" / str(x) / f"{y}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Picture.new("RGB", (cut.side, cut.side), color(z, x, y)).save(path)
    return str(folder / "wmts.xml")


def spot(cut: Set) -> tuple[float, float]:
    x, y = plane("EPSG:4326", cut.crs)[0].transform(*cut.place)
    return float(x), float(y)


def index(cut: Set, z: int) -> tuple[int, int]:
    (x, y), span = spot(cut), cut.sizes[z] * cut.side
    return int((x - cut.west) / span), int((cut.north - y) / span)


def middle(cut: Set, z: int, column: int, row: int) -> tuple[float, float]:
    span = cut.sizes[z] * cut.side
    return cut.west + (column + 0.5) * span, cut.north - (row + 0.5) * span


@pytest.mark.parametrize("name", SETS)
def test_each_place_has_the_colour_of_its_tile(tmp_path: Path, name: str) -> None:
    cut = SETS[name]
    tiles = READER.open(served(tmp_path, cut), SILENT)
    assert tiles.crs == cut.crs
    assert tiles.finest == pytest.approx(cut.sizes[-1] * cut.unit, rel=1e-4)
    x0, y0, x1, y1 = tiles.extent
    x, y = spot(cut)
    assert x0 <= x <= x1
    assert y0 <= y <= y1
    for z, size in enumerate(cut.sizes):
        column, row = index(cut, z)
        for c, r in ((column, row), (column + 1, row - 1)):
            place = np.array(middle(cut, z, c, r))[None, None, :]
            found = tiles.colors(place, size * cut.unit, SILENT)
            assert tuple(found[0, 0]) == (*color(z, c, r), 255)


def test_what_a_level_lacks_comes_from_the_coarser_one(tmp_path: Path) -> None:
    tiles = READER.open(served(tmp_path, RD, levels=(1,)), SILENT)
    column, row = index(RD, 1)
    place = np.array(middle(RD, 1, column, row))[None, None, :]
    assert tuple(tiles.colors(place, RD.sizes[2], SILENT)[0, 0]) == (*color(1, column, row), 255)
    away = np.array([[[0.0, 800_000.0], [math.nan, 0.0]]])
    assert not tiles.colors(away, 50.0, SILENT).any()


def test_a_server_is_asked_only_within_the_limits(tmp_path: Path) -> None:
    column, row = index(RD, 2)
    limits = (
        "<TileMatrixSetLimits><TileMatrixLimits><TileMatrix>L2</TileMatrix>"
        f"<MinTileRow>{row}</MinTileRow><MaxTileRow>{row}</MaxTileRow>"
        f"<MinTileCol>{column}</MinTileCol><MaxTileCol>{column}</MaxTileCol>"
        "</TileMatrixLimits></TileMatrixSetLimits>"
    )
    box = (
        "<ows:WGS84BoundingBox><ows:LowerCorner>4.3 51.9</ows:LowerCorner>"
        "<ows:UpperCorner>4.4 52.1</ows:UpperCorner></ows:WGS84BoundingBox>"
    )
    served(tmp_path, RD, limits=limits, box=box)
    with serving() as server:
        server.folder(tmp_path)
        use(access_of(Settings(cache_folder=str(tmp_path / "cache"))))
        tiles = READER.open(server.base + "wmts.xml", SILENT)
        assert tiles.extent[2] - tiles.extent[0] < 8_000
        asked = len(server.asked)
        places = np.array([[middle(RD, 2, column + k, row) for k in (-1, 0, 1)]])
        found = tiles.colors(places, RD.sizes[2], SILENT)
        assert found[0, :, 3].tolist() == [0, 255, 0]
        assert len(server.asked) == asked + 1
    use(access_of(Settings()))


def test_systems_that_nobody_knows_are_named(tmp_path: Path) -> None:
    cut = Set(**{**RD.__dict__, "said": "urn:ogc:def:crs:LOCAL::1"})
    with pytest.raises(NotSupported, match="LOCAL"):
        READER.open(served(tmp_path, cut, levels=()), SILENT)
    with pytest.raises(NotSupported):
        READER.open(served(tmp_path, RD) + "#ortho&set=other", SILENT)
    for wrong in ("nan 5", "1 2 3", ""):
        with pytest.raises(NotSupported):
            READER.open(
                served(tmp_path, Set(**{**RD.__dict__, "corner": wrong}), levels=()), SILENT
            )


def test_a_national_grid_is_draped_on_terrain(tmp_path: Path) -> None:
    place = plane("EPSG:28992", "EPSG:4326")[0].transform(84_100.0, 447_430.0)
    cut = Set(**{**RD.__dict__, "place": place, "sizes": (6.72, 3.36), "many": 10_000})
    session = Session(jobs=Jobs(inline=True))
    slope = str(DATA / "slope.tif")
    session.open(slope, SourceRef(slope, drape=served(tmp_path, cut) + "#ortho&set=s"))
    session.finish()
    mesh, _ = look(session)
    assert mesh.material.image is not None
    pixels = mesh.material.image.pixels
    assert pixels is not None
    shown = {tuple(int(v) for v in row) for row in pixels.reshape(-1, 3)}
    column, row = index(cut, 1)
    assert color(1, column, row) in shown
    session.close()
