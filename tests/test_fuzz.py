"""A fixed 25 broken files per loader; `make fuzz` runs 500."""

from pathlib import Path

import pytest

from tests.fuzz import SAMPLES, cases
from tests.mutations import broken
from twin.ports import registered


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_broken_file_gives_an_error_or_what_could_be_read(name: str, tmp_path: Path) -> None:
    guilty = [verdict for verdict in cases(name, range(25), tmp_path) if not verdict.lawful]
    assert not guilty


def test_every_loader_is_fuzzed() -> None:
    assert set(SAMPLES) == set(registered("citytwin.loaders"))


def test_a_mutation_is_the_same_every_time(tmp_path: Path) -> None:
    for number in (7, 8, 9):
        one, two = tmp_path / f"{number}a", tmp_path / f"{number}b"
        one.mkdir()
        two.mkdir()
        first, _ = broken(SAMPLES["cityjson"], number, one)
        second, _ = broken(SAMPLES["cityjson"], number, two)
        assert first.read_bytes() == second.read_bytes()
        assert first.read_bytes() != SAMPLES["cityjson"].read_bytes()
