"""Pages to print: blocks without seams, files of every kind, a strip that holds what is to stand beneath."""

import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.ui.viewport.frames import ORIGIN, city, over_the_roofs
from twin.errors import NotReadable, UsageError
from twin.geometry import U8
from twin.streaming import SELECTED, Frame
from twin.tiles import View
from ui.lettering import length, wrapped
from ui.poster.files import PictureFile
from ui.poster.making import picture_size, poster
from ui.poster.sheet import Sheet, Swatch, letters, strip, strip_height
from ui.viewport.blocks import block_count, blocks
from ui.viewport.canvas import Canvas, finished, settle
from ui.viewport.lens import lens_of, line_ratio
from ui.viewport.look import Look

FULL = Sheet(
    title="Delft, centre",
    lines=("Freshness on 27 Nov 2026", "Data: © City of Delft, CC BY 4.0"),
    legend_title="Freshness",
    legend=(Swatch("Fresh", "#3393CD", count="12"), Swatch("Unknown", "#6E747B", "hatch", "3")),
    scale=(100.0, "100 m", 80.0),
    scale_words="1 : 2 500 on level ground",
    yaw=30.0,
)


@pytest.fixture
def canvas() -> Iterator[Canvas]:
    found = Canvas(Look(sun=(-0.5, -0.5, 0.7071)))
    yield found
    found.close()


def shown(canvas: Canvas, size: tuple[int, int], marked: bool = False) -> tuple[Frame, View]:
    frame, view = city(2, 40), over_the_roofs().view(size)
    if marked:
        layer = frame.layers["a"]
        state = layer.state.copy()
        state[::5, 3] |= SELECTED
        frame = Frame({"a": replace(layer, state=state, version=9)})
    settle(canvas.stage, frame, view, 2.0)
    return frame, view


def together(canvas: Canvas, frame: Frame, view: View, side: int) -> U8:
    whole = np.zeros((view.size[1], view.size[0], 3), np.uint8)
    for block in blocks(canvas, frame, view, side):
        high, wide = block.pixels.shape[:2]
        whole[block.top : block.top + high, block.left : block.left + wide] = block.pixels
    return whole


@pytest.mark.render
@pytest.mark.parametrize("marked", [False, True])
def test_blocks_have_no_seams(canvas: Canvas, marked: bool) -> None:
    frame, view = shown(canvas, (301, 214), marked)
    one = together(canvas, frame, view, 512).astype(int)
    many = together(canvas, frame, view, 96).astype(int)
    apart = np.abs(one - many).max(axis=2)
    assert one.std() > 10
    # the same lines of sight through other numbers: a corner of a triangle may win another sample
    assert (apart > 12).mean() < 0.002
    rows = [y for top in range(96, 214, 96) for y in (top - 1, top)]
    columns = [x for left in range(96, 301, 96) for x in (left - 1, left)]
    assert apart[rows].mean() < 4 * apart.mean() + 0.1
    assert apart[:, columns].mean() < 4 * apart.mean() + 0.1


@pytest.mark.render
def test_a_still_larger_than_a_screen_has_the_lines_of_a_page(
    canvas: Canvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.viewport.lens.SCREEN", 107.0)
    frame, view = shown(canvas, (301, 214), marked=True)
    still = finished(canvas, frame, view)[..., :3].astype(int)
    apart = np.abs(still - together(canvas, frame, view, 512)).max(axis=2)
    assert (apart > 12).mean() < 0.002


def test_a_page_has_wider_outlines_and_no_more_of_them() -> None:
    box = np.concatenate([ORIGIN, ORIGIN + 90.0])[None]
    small, large = (
        lens_of(Look(), over_the_roofs().view(size), box, 1.0, 2.0)
        for size in ((1920, 1080), (7680, 4320))
    )
    assert large.edges == pytest.approx(small.edges)
    assert [line_ratio(size) for size in ((800, 600), (4320, 4320), (16384, 11585))] == [1, 4, 6]


@pytest.mark.render
@pytest.mark.parametrize("ending", [".png", ".jpg", ".pdf"])
def test_a_page_is_written_in_every_kind(canvas: Canvas, tmp_path: Path, ending: str) -> None:
    size = picture_size((300, 260), FULL)
    assert size == (300, 260 - strip_height(FULL, 300))
    frame, view = shown(canvas, size)
    out = tmp_path / f"page{ending}"
    shares = list(poster(canvas, frame, view, FULL, out, 150.0))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    if ending == ".pdf":
        data = out.read_bytes()
        assert data.startswith(b"%PDF")
        assert b"/MediaBox [ 0 0 144.0 124.8 ]" in data.replace(b"\n", b" ")
        return
    with Image.open(out) as page:
        assert page.size == (300, 260)
        assert page.info["dpi"][0] == pytest.approx(150, abs=0.1)
        pixels = np.asarray(page.convert("RGB"), int)
    drawn = together(canvas, frame, view, 1024)
    assert np.abs(pixels[: size[1]] - drawn).mean() < (0.01 if ending == ".png" else 4)


@pytest.mark.render
def test_a_page_left_early_leaves_no_file(canvas: Canvas, tmp_path: Path) -> None:
    frame, view = shown(canvas, (200, 100))
    making = poster(canvas, frame, view, Sheet(), tmp_path / "a.png")
    next(making)
    making.close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match="dots per inch"):
        next(poster(canvas, frame, view, Sheet(), tmp_path / "a.png", 5.0))
    with pytest.raises(UsageError, match="ends in"):
        next(poster(canvas, frame, view, Sheet(), tmp_path / "a.tif"))
    with pytest.raises(NotReadable):
        next(poster(canvas, frame, view, Sheet(), tmp_path / "none" / "a.png"))


@settings(max_examples=15)
@given(
    width=st.integers(1, 40),
    heights=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    seed=st.integers(0, 99),
)
def test_a_png_holds_exactly_what_was_written_in_strips(
    width: int, heights: list[int], seed: int
) -> None:

    chance = np.random.default_rng(seed)
    whole = chance.integers(0, 256, (sum(heights), width, 3), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "a.png"
        with PictureFile(out, (width, len(whole)), 300.0, "图") as file:
            for part in np.split(whole, np.cumsum(heights)[:-1]):
                file.add(part)
        with Image.open(out) as page:
            assert (np.asarray(page) == whole).all()
            assert page.info["Title"] == "图"
        assert zlib.crc32(out.read_bytes()[12:29]) == int.from_bytes(out.read_bytes()[29:33])


def test_a_strip_is_as_high_as_it_says_and_grows_with_the_page() -> None:
    assert strip_height(Sheet(), 1000) == 0
    for width in (640, 1920, 5000):
        found = strip(FULL, width)
        assert found.shape == (strip_height(FULL, width), width, 3)
        edge = letters(width) // 2
        assert (found[-edge:] == found[-1, 0]).all()
        assert (found[edge:, -edge:] == found[-1, 0]).all()
    with pytest.raises(UsageError):
        picture_size((400, 100), FULL)
    with pytest.raises(UsageError):
        picture_size((20_000, 100), Sheet())
    assert block_count((2049, 1024)) == 3


@settings(max_examples=25)
@given(st.text("ab 现势性 c", max_size=60), st.integers(40, 200))
def test_wrapped_lines_fit_and_lose_nothing(text: str, room: int) -> None:
    lines = wrapped(text, 12, room)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(length(line, 12) <= room or " " not in line for line in lines)
