"""Pictures in GCJ-02: asked for at true places they show what lies there, and it is said."""

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from loaders.terrain.imagery import READER
from loaders.terrain.imagery.tiles import HALF
from tests.conftest import DATA
from tests.loaders.test_imagery import look, ortho
from twin.errors import NotSupported
from twin.explaining import explain
from twin.geometry import F64
from twin.georeference.gcj02 import to_gcj02
from twin.jobs import Jobs
from twin.ports import SILENT
from twin.records import SourceRef
from twin.session import Session
from twin.tile_packs import DATUM, Area, checked, packed

BEIJING = (116.39, 39.91)
Z = 15


def mercator(degrees: F64) -> F64:
    lon, lat = np.radians(degrees)
    return np.array([lon, np.arctanh(np.sin(lat))]) * HALF / math.pi


def shifted_tiles(folder: Path, spot: F64) -> str:
    """Write tiles of one level round a spot of the plane, in which only the pixel at the spot is white."""
    size = 2 * HALF / 2**Z
    column, row = (spot[0] + HALF) / size, (HALF - spot[1]) / size
    for x in range(int(column) - 1, int(column) + 2):
        for y in range(int(row) - 1, int(row) + 2):
            pixels = np.zeros((256, 256, 3), np.uint8)
            if (x, y) == (int(column), int(row)):
                pixels[int(row % 1 * 256), int(column % 1 * 256)] = 255
            path = folder / str(Z) / str(x) / f"{y}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Picture.fromarray(pixels).save(path)
    return str(folder)


def test_what_is_asked_for_at_a_true_place_is_found(tmp_path: Path) -> None:
    true = np.array(BEIJING)
    folder = shifted_tiles(tmp_path, mercator(to_gcj02(true)))
    place = mercator(true)[None, None, :]
    fine = 2 * HALF / 2**Z / 256 * 0.76
    assert READER.open(folder, SILENT).colors(place, fine, SILENT)[0, 0, 0] == 0
    found = READER.open(f"{folder}#datum=gcj02", SILENT)
    assert found.colors(place, fine, SILENT)[0, 0, 0] > 60  # between four pixels at most
    x0, y0, x1, y1 = found.extent
    assert x0 < place[0, 0, 0] < x1
    assert y0 < place[0, 0, 1] < y1
    assert [item.code for item in found.problems] == ["imagery.corrected"]
    assert found.credit.endswith("GCJ-02 → WGS 84")
    with pytest.raises(NotSupported, match="datum"):
        READER.open(f"{folder}#datum=bd09", SILENT)


def test_a_pack_remembers_its_datum(tmp_path: Path) -> None:
    folder = shifted_tiles(tmp_path / "served", mercator(np.array(BEIJING)))
    tiles = READER.open(folder, SILENT)
    area = Area((116.385, 39.905, 116.395, 39.915), (Z, Z))
    packed(checked(tiles, area, folder), area, tmp_path / "pack", SILENT, "gcj02")
    assert (tmp_path / "pack" / DATUM).read_text() == "gcj02"
    assert READER.datum(str(tmp_path / "pack")) == "gcj02"
    again = READER.open(str(tmp_path / "pack"), SILENT)
    assert [item.code for item in again.problems] == ["imagery.gcj02"]


def test_a_correction_is_seen_on_the_screen_and_among_the_facts(tmp_path: Path) -> None:
    session = Session(jobs=Jobs(inline=True))
    slope, picture = str(DATA / "slope.tif"), ortho(tmp_path / "a.tif")
    session.open(slope, SourceRef(slope, drape=f"{picture}#datum=gcj02"))
    session.open(picture, SourceRef(picture, options=(("datum", "gcj02"),)))
    session.finish()
    terrain, flat = session.twin.layers.values()
    for layer in (terrain, flat):
        assert "imagery.corrected" in [item.code for item in layer.problems]
    assert look(session)[1] == ("GCJ-02 → WGS 84",)
    stream = session.screen.streams[terrain.id]
    facts = {x.key: x.value for x in explain(terrain, stream, session.project)}
    assert (facts["imagery"], facts["imagery_datum"]) == (picture, "gcj02")
    session.close()
