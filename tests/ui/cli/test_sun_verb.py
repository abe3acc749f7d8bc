"""The verb ``sun``: positions, rise and set; what is no place, no date, no zone."""

import json
from pathlib import Path

import pytest

from ui.cli import main

DELFT = Path(__file__).parents[3] / "sample_models" / "kiosk.city.json"


def _told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main(["sun", *words, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_the_day_of_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    told = _told(
        capsys, "--place", "4.3571,52.0116", "--date", "2026-12-22", "--zone", "Europe/Amsterdam"
    )
    assert str(told["rise"]).startswith("2026-12-22T08:48")
    assert str(told["set"]).startswith("2026-12-22T16:33")
    assert len(told["positions"]) == 24  # type: ignore[arg-type]


def test_the_place_of_a_city(capsys: pytest.CaptureFixture[str]) -> None:
    told = _told(capsys, str(DELFT), "--date", "winter_solstice", "--step", "30")
    assert told["place"]["lon"] == pytest.approx(4.36, abs=0.02)  # type: ignore[index]
    assert abs(told["place"]["true_north"]) < 2.0  # type: ignore[index]
    assert len(told["positions"]) == 48  # type: ignore[arg-type]


def test_at_the_pole_nothing_rises(capsys: pytest.CaptureFixture[str]) -> None:
    told = _told(capsys, "--place", "0,90", "--date", "2026-12-22")
    assert (told["rise"], told["state"], told["hours"]) == (None, "down", 0.0)
    assert main(["sun", "--place", "0,90", "--date", "2026-06-21", "--lang", "zh"]) == 0
    assert "太阳不落" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--place", "4"], "sun.place"), (["--place", "4,95"], "sun.place"), ([], "sun.place"),
     (["--place", "4,52", "--zone", "Mars"], "sun.zone"), (["--place", "4,52", "--date", "5000-01-01"], "sun.year"),
     (["--place", "4,52", "--date", "yesterday"], "sun.rule"), (["--place", "4,52", "--step", "0"], "sun.rule"),
     (["--place", "nan,52"], "sun.place"), (["--place", "4,52", "--step", "nan"], "sun.rule")],
)  # fmt: skip
def test_what_has_no_sun(words: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sun", *words]) == 2
    assert f"error[{code}]" in capsys.readouterr().err
