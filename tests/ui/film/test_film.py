"""Films: whole frames, the same on every run, nothing lost whatever stops them."""

import errno
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from tests.twin.flythrough.routes import key, route
from twin.flythrough.captions import strength
from twin.flythrough.flight import Flight, flight
from twin.flythrough.reading import write_route
from twin.flythrough.records import Route
from twin.flythrough.state import state
from twin.geometry import U8
from twin.jobs import Jobs
from twin.jobs.pipe import Pipe, ProgramEnded
from twin.session import Session
from twin.settings import Settings
from ui.cli import main
from ui.film import limits
from ui.film.encoding import Movie, ffmpeg
from ui.film.faults import DiskFull, EncoderEnded, NoRoom, OtherFilm, TooFine
from ui.film.frames import Pictures
from ui.film.lettering import caption, note, wrapped
from ui.film.limits import check_room, drawn_at_once
from ui.film.making import Film
from ui.film.plan import Plan
from ui.viewport.canvas import Canvas, finished, largest_side

pytestmark = pytest.mark.render
SMALL = Plan((96, 64), 4.0, 1)
MIDDLE = (85000.0, 447500.0, 0.0)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("cache")
    made = Session(Settings(cache_folder=str(folder)), Jobs(inline=True))
    made.open(str(tiny / "delft_tiny.city.json"))
    made.finish()
    yield made
    made.close()


def way(city: Session) -> Route:
    box = city.twin.bounds
    x, y, z = ((box[:3] + box[3:]) / 2).tolist()
    target = (x, y, z)
    return route(
        key(0, (x - 60, y - 60, z + 40), target=target, caption={"en": "Here", "zh": "这里"}),
        key(
            1,
            (x + 60, y - 60, z + 30),
            target=target,
            color_by="kind",
            layers={"delft_tiny": True},
        ),
        key(2, (x + 60, y + 60, z + 20), target=target, caption={}),
    )


@pytest.fixture
def flown(city: Session) -> Flight:
    return flight(way(city))


def make(city: Session, flown: Flight, sink: Any, frames: int = 10**6, plan: Plan = SMALL) -> Any:
    film = Film(city, flown, plan, sink)
    try:
        while not film.finished and film.done < frames:
            film.step(1.0)
        return film.finish() if film.finished else None
    finally:
        film.close()


def pictures(folder: Path, flown: Flight, **more: Any) -> Pictures:
    return Pictures(folder, SMALL.fingerprint(flown), **more)


def test_two_runs_and_one_that_was_stopped_give_the_same_frames(
    city: Session, flown: Flight, tmp_path: Path
) -> None:
    before = city.twin.color_by
    sinks = [pictures(tmp_path / name, flown) for name in "ab"]
    for sink in sinks:
        make(city, flown, sink)
    assert len(sinks[0].hashes) == 8
    assert sinks[0].hashes == sinks[1].hashes
    assert len(set(sinks[0].hashes)) == 8
    make(city, flown, pictures(tmp_path / "c", flown), 3)
    assert len(list((tmp_path / "c").glob("frame_*.png"))) == 3
    again = pictures(tmp_path / "c", flown, resume=True)
    assert again.done == 3
    make(city, flown, again)
    assert again.hashes == sinks[0].hashes
    files = [sorted((tmp_path / name).glob("frame_*.png")) for name in "abc"]
    assert len({tuple(file.read_bytes() for file in some) for some in files}) == 1
    assert city.twin.color_by == before
    assert city.history.undoable == "sources.open"


def test_a_frame_is_what_the_finished_view_shows(
    city: Session, flown: Flight, tmp_path: Path
) -> None:
    bare = Plan((96, 64), 4.0, 2, language="")
    make(city, flown, Pictures(tmp_path / "a", "x"), plan=bare)
    view = state(flown, 0.0).view((96, 64))
    canvas = Canvas()
    picture = finished(canvas, city.settle(view), view)
    canvas.close()
    with Image.open(tmp_path / "a" / "frame_000001.png") as image:
        assert np.array_equal(np.asarray(image), picture[..., :3])


def test_a_step_without_time_never_waits_and_never_draws_a_half(
    tiny: Path, tmp_path: Path
) -> None:
    made = Session(Settings(cache_folder=str(tmp_path)))
    made.open(str(tiny / "delft_tiny_tileset"))
    made.finish()
    flown = flight(way(made))
    film = Film(made, flown, SMALL, pictures(tmp_path / "a", flown))
    seen = []
    try:
        while not film.finished:
            if film.step():
                seen.append(made.screen.frame.complete)
    finally:
        film.close()
        made.close()
    assert seen == [True] * 8


def test_frames_of_another_film_are_not_mixed_in(
    city: Session, flown: Flight, tmp_path: Path
) -> None:
    make(city, flown, pictures(tmp_path, flown), 2)
    with pytest.raises(OtherFilm):
        Pictures(tmp_path, "another", resume=True)


def test_a_full_disk_keeps_the_frames_that_are_done(
    city: Session, flown: Flight, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = pictures(tmp_path, flown)
    make(city, flown, sink, 2)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(DiskFull, match="after 2 frames"):
        make(city, flown, pictures(tmp_path, flown, resume=True))
    monkeypatch.undo()
    again = pictures(tmp_path, flown, resume=True)
    make(city, flown, again)
    assert again.done == 8
    assert not list(tmp_path.glob("*.part"))


needs_ffmpeg = pytest.mark.skipif(not ffmpeg(), reason="no ffmpeg here")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let films be encoded in pieces of three frames."""
    monkeypatch.setattr("ui.film.encoding.PIECE", 0.75)


def movie(out: Path, flown: Flight, **more: Any) -> Movie:
    return Movie(out, SMALL, SMALL.fingerprint(flown), ffmpeg(), **more)


def until_it_ends(film: Film) -> None:
    while not film.finished:
        film.step(1.0)


def frames_of(film: Path) -> int:
    """Return how many frames a decoder finds."""
    raw = film.with_suffix(".gray")
    pipe = Pipe([ffmpeg(), "-loglevel", "error", "-i", str(film), "-f", "rawvideo", "-pix_fmt", "gray", str(raw)])  # fmt: skip
    pipe.finish()
    return raw.stat().st_size // (96 * 64)


@needs_ffmpeg
@pytest.mark.usefixtures("short")
def test_a_film_has_every_frame_and_nothing_else_is_left(
    city: Session, flown: Flight, tmp_path: Path
) -> None:
    for name in ("a.mp4", "b.mp4"):
        assert make(city, flown, movie(tmp_path / name, flown)) == tmp_path / name
    assert sorted(x.name for x in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert frames_of(tmp_path / "a.mp4") == 8


@needs_ffmpeg
@pytest.mark.usefixtures("short")
def test_an_encoder_that_is_killed_loses_nothing_and_the_film_goes_on(
    city: Session, flown: Flight, tmp_path: Path
) -> None:
    sink = movie(tmp_path / "a.mp4", flown)
    film = Film(city, flown, SMALL, sink)
    while film.done < 4:
        film.step(1.0)
    assert sink._pipe is not None
    sink._pipe._process.kill()
    sink._pipe._process.wait()
    with pytest.raises(EncoderEnded, match=r"3 frames are kept"):
        until_it_ends(film)
    film.close()
    assert not (tmp_path / "a.mp4").exists()
    again = movie(tmp_path / "a.mp4", flown, resume=True)
    assert again.done == 3
    make(city, flown, again)
    assert frames_of(tmp_path / "a.mp4") == 8


def test_a_program_that_cannot_start_or_fails_is_said() -> None:
    with pytest.raises(ProgramEnded):
        Pipe(["no-such-program-here"])
    if ffmpeg():
        pipe = Pipe([ffmpeg(), "-loglevel", "error", "-i", "nothing.here", "-f", "null", "-"])
        with pytest.raises(ProgramEnded, match="No such file"):
            pipe.finish()


def lit(sign_text: str, size: tuple[int, int] = (1280, 720)) -> U8:
    picture = np.full((size[1], size[0], 3), 128, np.uint8)
    sign = caption(sign_text, size)
    assert sign is not None
    sign.over(picture)
    return picture


def test_captions_stand_on_a_plate_in_the_lower_left_and_fade() -> None:
    picture = lit("The old town\nFour rows of houses")
    rows, columns = np.nonzero((picture != 128).any(axis=2))
    assert columns.min() == 64
    assert rows.max() < 720 * 0.93
    assert columns.max() < 700
    assert (picture > 200).any()
    faint = np.full((720, 1280, 3), 128, np.uint8)
    sign = caption("The old town\nFour rows of houses", (1280, 720))
    assert sign is not None
    sign.over(faint, 0.0)
    assert (faint == 128).all()
    assert caption(" ", (1280, 720)) is None
    assert note("Buildings surveyed 2021", (1280, 720)) is not None


def test_long_captions_break_between_words_and_between_chinese_signs() -> None:
    face = "ui/assets/fonts/Inter-Regular.otf"
    assert wrapped("one two three", 20, 80.0, str(Path(face).resolve())) == ["one two", "three"]
    lines = wrapped("飞行漫游" * 20, 20, 300.0, str(Path(face).resolve()))
    assert len(lines) > 3
    assert "".join(lines) == "飞行漫游" * 20


def test_a_caption_comes_and_goes_within_four_tenths_of_a_second(flown: Flight) -> None:
    assert [round(strength(flown, t), 2) for t in (0.0, 1.0, 1.8, 1.9)] == [1, 1, 0.5, 0.25]


def test_the_verb_flies_checks_and_refuses(
    tiny: Path, tmp_path: Path, city: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    write_route(way(city), tmp_path / "r.json")
    source, plan = (
        str(tiny / "delft_tiny.city.json"),
        ["--route", str(tmp_path / "r.json"), "--json"],
    )
    small = ["--size", "96x64", "--fps", "2", "--supersample", "1"]
    assert main(["fly", source, *plan, *small, "--out", str(tmp_path / "f")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["frames"], len(told["hashes"]), told["encoder"]) == (4, 4, None)
    assert told["warnings"][0]["code"] == "route.no_crs"
    assert main(["fly", source, *plan, "--check"]) == 0
    checked = json.loads(capsys.readouterr().out)
    assert (checked["offline"], checked["tiles_missing"]) == (True, 0)
    (tmp_path / "bad.json").write_text('{"keyframes": []}')
    for wrong in (
        [*plan, *small],
        [*plan, "--out", "x.avi"],
        [*plan, "--out", "x.mp4", "--size", "1x1"],
        ["--route", str(tmp_path / "bad.json"), "--out", "x.mp4"],
        ["--route", str(tmp_path / "gone.json"), "--out", "x.mp4"],
    ):
        assert main(["fly", source, *wrong]) == 2
        assert capsys.readouterr().err.count("error[") == 1


def test_without_an_encoder_pictures_are_written_and_it_is_said(
    tiny: Path,
    tmp_path: Path,
    city: Session,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ui.cli.fly.ffmpeg", lambda: "")
    write_route(way(city), tmp_path / "r.json")
    source, small = str(tiny / "delft_tiny.city.json"), ["--size", "96x64", "--fps", "1"]
    words = ["fly", source, "--route", str(tmp_path / "r.json"), *small, "--lang", "zh"]
    assert main([*words, "--out", str(tmp_path / "f.mp4")]) == 0
    out, err = capsys.readouterr()
    assert "f_frames" in out
    assert "ffmpeg" in err
    assert len(list((tmp_path / "f_frames").glob("*.png"))) == 2


def test_a_frame_that_cannot_be_drawn_is_refused_before_the_first(
    city: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert drawn_at_once(Plan((3840, 2160), supersample=2), points=False) == (3840, 2160)
    assert drawn_at_once(Plan((3840, 2160), supersample=4), points=False) == (7680, 4320)
    assert drawn_at_once(Plan((3840, 2160), supersample=2), points=True) == (7680, 4320)
    check_room(SMALL, city)
    assert largest_side() >= 4096
    monkeypatch.setattr(limits, "largest_side", lambda: 8192)
    with pytest.raises(TooFine) as told:
        check_room(Plan((7680, 4320), supersample=4), city)
    assert told.value.params["drawn"] == "15360 x 8640"
    free = type("Memory", (), {"available": 400 << 20, "total": 8 << 30})()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    with pytest.raises(NoRoom) as full:
        check_room(Plan((3840, 2160), supersample=2), city)
    assert (full.value.params["needed"], full.value.params["free"]) == (632, 360)
    write_route(way(city), tmp_path / "r.json")
    tiny_city = next(iter(city.twin.layers.values())).source.path
    said = ["fly", tiny_city, "--route", str(tmp_path / "r.json"), "--out", str(tmp_path / "f")]
    assert main([*said, "--size", "3840x2160", "--lang", "zh"]) == 2
    assert (
        "error[film.no_room] 3840 x 2160 以 2 倍精细度绘制约需 632 MB" in capsys.readouterr().err
    )
    assert not (tmp_path / "f").exists()
