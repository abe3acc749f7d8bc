"""Counts become final by themselves, in small portions, and only while nobody waits."""

from pathlib import Path

import pytest

from twin.indexing import AT_ONCE
from twin.jobs import Jobs
from twin.session import Session
from twin.settings import Settings


@pytest.fixture
def city(tmp_path: Path, sample_models: Path) -> Session:
    made = Session(Settings(cache_folder=str(tmp_path)), Jobs(inline=True))
    made.open(str(sample_models / "delft_tileset" / "tileset.json"))
    made.finish()
    return made


def only(city: Session) -> str:
    return next(iter(city.twin.layers))


def test_a_layer_at_rest_is_looked_through_until_its_counts_are_final(
    city: Session, tmp_path: Path, sample_models: Path
) -> None:
    assert city.twin.layer(only(city)).provisional
    told: list[float] = []
    most = 0
    while city.twin.layer(only(city)).provisional:
        city.index_quietly(True)
        most = max(most, len(city.screen.streams[only(city)].behind))
        running = [job for job in city.jobs_running() if job.title.startswith("Counting")]
        told += [job.progress or 0.0 for job in running]
        city.drain()
    city.index_quietly(True)
    assert 0 < most <= AT_ONCE
    assert told == sorted(told)
    assert not city.jobs_running()
    whole = Session(Settings(cache_folder=str(tmp_path)), Jobs(inline=True))
    whole.open(str(sample_models / "delft_tileset" / "tileset.json"))
    whole.index()
    same = whole.twin.layer(only(whole)).features
    assert sorted(city.twin.layer(only(city)).features.id) == sorted(same.id)


def test_nothing_is_asked_while_the_view_moves_or_other_work_waits(city: Session) -> None:
    stream = city.screen.streams[only(city)]
    city.index_quietly(False)
    assert not stream.pending
    city.jobs.submit(lambda _: None, lambda _: None)
    city.index_quietly(True)
    assert not stream.pending
    city.finish()
    city.index_quietly(True)
    assert stream.pending


def test_what_no_view_wants_is_not_broken_off_by_the_view(city: Session) -> None:
    stream = city.screen.streams[only(city)]
    city.index_quietly(True)
    asked = set(stream.behind)
    assert asked
    stream.request(0, city.intake.arrived(only(city)))
    assert asked <= set(stream.pending)


def test_cancelled_counting_is_not_begun_again(city: Session) -> None:
    city.index_quietly(True)
    (job,) = city.jobs_running()
    city.cancel(job.id)
    city.finish()
    for _ in range(3):
        city.index_quietly(True)
        city.drain()
    assert not city.jobs_running()
    assert city.twin.layer(only(city)).provisional
