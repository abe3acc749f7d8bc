"""Packs of tiles: what lies in a box, fetched once, gone on with, limited before the first request."""

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.terrain.imagery import READER
from loaders.terrain.imagery.tiles import HALF, opened
from tests.loaders.test_imagery import at, color, middle_of, ortho, spacing, write_tiles
from tests.twin.serving import says, serving
from twin.errors import BrokenFile, Cancelled, NotSupported, TooLarge, UsageError
from twin.files import access_of, use
from twin.ports import SILENT
from twin.settings import Settings
from twin.tile_packs import ATTRIBUTION, Area, checked, packed
from ui.cli import main

DELFT = (4.35, 52.0, 4.37, 52.012)


@settings(max_examples=40)
@given(
    st.floats(-179, 178), st.floats(-84, 83), st.floats(1e-4, 1), st.floats(1e-4, 1), st.integers(0, 12)
)  # fmt: skip
def test_the_tiles_of_a_box_hold_its_corners_and_no_tile_lies_beside(
    west: float, south: float, wide: float, high: float, z: int
) -> None:
    columns, rows = Area((west, south, west + wide, south + high), (z, z)).spans(z)
    size = 2 * HALF / 2**z
    x = [math.radians(v) * HALF / math.pi for v in (west, west + wide)]
    y = [math.asinh(math.tan(math.radians(v))) * HALF / math.pi for v in (south, south + high)]
    near = 1e-6
    assert -HALF + columns[0] * size <= x[0] + near <= -HALF + (columns[0] + 1) * size + 2 * near
    assert -HALF + columns[-1] * size <= x[1] + near
    assert x[1] <= -HALF + (columns[-1] + 1) * size + near
    assert HALF - (rows[0] + 1) * size <= y[1] + near <= HALF - rows[0] * size + 2 * near
    assert HALF - (rows[-1] + 1) * size <= y[0] + near
    assert y[0] <= HALF - rows[-1] * size + near


def test_tiles_by_hand_and_the_whole_earth() -> None:
    assert Area((-180, -90, 180, 90), (0, 2)).count == 1 + 4 + 16
    columns, rows = Area((4.35, 52.0, 4.36, 52.01), (12, 12)).spans(12)
    assert (list(columns), list(rows)) == ([2097], [1352])


@pytest.mark.parametrize(
    ("box", "levels"),
    [((5.0, 52, 4, 53), (1, 2)), ((0.0, 0, math.nan, 1), (1, 2)), ((0.0, 0, 1, 91), (1, 2)),
     ((0.0, 0, 1, 1), (3, 2)), ((0.0, 0, 1, 1), (0, 40))],
)  # fmt: skip
def test_what_is_no_area_is_refused(box: tuple[float, float, float, float], levels: tuple[int, int]) -> None:  # fmt: skip
    with pytest.raises(UsageError):
        Area(box, levels)


class Stops:
    """Cancels after some tiles."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.told: list[float] = []

    def progress(self, done: float, what: str = "") -> None:
        self.told.append(done)

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled(what="pack")


def test_a_pack_goes_on_where_it_was_cut_off_and_opens_like_any_folder(tmp_path: Path) -> None:
    area = Area(DELFT, (13, 15))
    for z in (13, 14, 15):
        columns, rows = area.spans(z)
        write_tiles(tmp_path / "served", z, columns, rows)
    gone = next(t for t in area.tiles() if t[0] == 15)
    (tmp_path / "served" / "{}/{}/{}.png".format(*gone)).unlink()
    use(access_of(Settings(answers_mb=0)))
    with serving() as server:
        server.folder(tmp_path / "served")
        found = checked(opened(server.base + "{z}/{x}/{y}.png"), area, "a")
        stops = Stops(3)
        with pytest.raises(Cancelled):
            packed(found, area, tmp_path / "pack", stops)
        assert stops.told == sorted(stops.told)
        asked = len(server.asked)
        assert asked == 3
        done = packed(found, area, tmp_path / "pack", SILENT)
        assert (done.kept, done.fetched, done.missing) == (3, area.count - 4, 1)
        assert len(server.asked) == area.count
    use(access_of(Settings()))
    assert not list((tmp_path / "pack").rglob("*.part"))
    pack = opened(str(tmp_path / "pack"))
    assert pack.credit == "127.0.0.1"
    last = list(area.tiles())[-1]
    there = middle_of(*last)
    colors = pack.colors(at(there), spacing(15, there[1]), SILENT)
    assert tuple(colors[0, 0, :3]) == color(*last)


def test_what_is_too_much_or_no_picture_is_said(tmp_path: Path) -> None:
    use(access_of(Settings(answers_mb=0)))
    with serving() as server:
        found = opened(server.base + "{z}/{x}/{y}.png")
        with pytest.raises(TooLarge, match="20000"):
            checked(found, Area(DELFT, (0, 22)), "a")
        with pytest.raises(UsageError, match="levels"):
            checked(found, Area(DELFT, (24, 25)), "a")
        assert not server.asked
        server.plan["/0/0/0.png"] = [says(b"sorry, no")]
        with pytest.raises(BrokenFile, match="picture"):
            packed(found, Area(DELFT, (0, 0)), tmp_path / "pack", SILENT)
    use(access_of(Settings()))
    assert not (tmp_path / "pack").exists()
    with pytest.raises(NotSupported, match="pack"):
        checked(READER.open(ortho(tmp_path / "a.tif"), SILENT), Area(DELFT, (1, 2)), "a.tif")


def test_the_verb_asks_for_the_terms_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tiles(tmp_path / "served", 13, *Area(DELFT, (13, 13)).spans(13))
    out = tmp_path / "pack"
    box = ",".join(map(str, DELFT))
    with serving() as server:
        server.folder(tmp_path / "served")
        words = ["tiles", server.base + "{z}/{x}/{y}.png", "--box", box, "--zoom", "13"]
        words += ["--out", str(out)]
        assert main(words) == 0
        told = capsys.readouterr()
        assert "terms of use" in told.out
        assert "127.0.0.1" in told.err
        assert not server.asked
        assert not out.exists()
        assert main([*words, "--accept-terms"]) == 0
        assert server.asked
    assert (out / ATTRIBUTION).read_text() == "127.0.0.1"
    assert str(out) in capsys.readouterr().out
