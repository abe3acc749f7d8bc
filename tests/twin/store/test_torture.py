"""kill -9 while a project is saved: it opens with the state before or after, never in between."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.torture.writer import COPY
from twin.store import ProjectFile, create_project, open_project

ROUNDS = int(os.environ.get("CITYTWIN_TORTURE", "5"))
REPO = Path(__file__).resolve().parents[3]


def whole(project: ProjectFile) -> int:
    """Return the number of the last commit after checking that all of it, and only it, is there."""
    found = project.load()
    orders, policies, parties = (found.records[k] for k in ("orders", "policies", "parties"))
    last = int(orders["last"].state) if orders else 0
    numbers = set(range(1, last + 1))
    assert {int(key[3:]) for key in orders if key != "last"} == numbers
    assert {int(key[2:]) for key in policies} == numbers
    assert {int(key[2:]) for key in parties} == numbers
    assert found.sequence == last
    chain = project.verify()
    assert chain
    assert chain.entries == last
    assert all(party.name == "A. Person" for party in parties.values())
    return last


@pytest.mark.slow
def test_a_project_killed_while_saving_opens_with_the_state_before_or_after(
    tmp_path: Path,
) -> None:
    path = tmp_path / "city.twin.gpkg"
    create_project(path).close()
    chance = random.Random(7)
    last = 0
    for _ in range(ROUNDS):
        environment = {**os.environ, "PYTHONPATH": str(REPO)}
        with subprocess.Popen(
            [sys.executable, "-m", "tests.torture.writer", str(path), str(last + 1)],
            stdout=subprocess.PIPE, env=environment, cwd=tmp_path, text=True,
        ) as writer:  # fmt: skip
            assert writer.stdout is not None
            told = last
            for _ in range(chance.randint(1, 25)):
                told = int(writer.stdout.readline())
            writer.kill()
            rest = writer.stdout.read().split()
            told = int(rest[-1]) if rest else told
        project = open_project(path)
        last = whole(project)
        project.close()
        assert last in (told, told + 1)  # what was told is kept; at most one more was on its way
        copy = tmp_path / COPY
        if copy.exists():
            saved = open_project(copy)
            assert whole(saved) % 10 == 0
            saved.close()
        assert {p.name for p in tmp_path.iterdir() if not p.name.endswith(".draft")} <= {
            path.name, COPY,
        }  # fmt: skip
    assert last >= ROUNDS
