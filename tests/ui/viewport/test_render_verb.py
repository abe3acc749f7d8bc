"""``render`` and ``pick`` on the sample city: the same view, the same answer, plain errors."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ui.cli import main

pytestmark = [pytest.mark.render, pytest.mark.slow]


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_render_writes_a_complete_picture_twice_the_same_and_pick_knows_its_pixels(
    sample_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    city = str(sample_models / "delft.city.json")
    camera = tmp_path / "camera.json"
    pictures = []
    for name in ("one.png", "two.png"):
        out = tmp_path / name
        assert main(["render", city, "--out", str(out), "--size", "320x240", "--json"]) == 0
        told = printed(capsys)
        assert told["complete"] is True
        assert told["size"] == [320, 240]
        assert told["tiles_selected"] == told["tiles_resident"]
        assert int(str(told["triangles"])) > 10_000
        pictures.append(np.asarray(Image.open(out)))
    assert pictures[0].shape == (240, 320, 3)
    assert (pictures[0] == pictures[1]).all()
    assert main(["pick", city, "--pixel", "200,130", "--size", "320x240", "--json"]) == 0
    seen = printed(capsys)
    thing = seen["object"]
    assert isinstance(thing, dict)
    world = np.array(seen["world"], float)
    box = np.array(thing["bounds"], float)
    assert (world >= box[:3] - 0.01).all()
    assert (world <= box[3:] + 0.01).all()
    camera.write_text(json.dumps({"eye": [*(world + np.array([0, 0, 80]))], "target": [*world]}))
    aimed = [
        "pick",
        city,
        "--view",
        str(camera),
        "--size",
        "321x241",
        "--pixel",
        "160,120",
        "--json",
    ]
    assert main(aimed) == 0
    again = printed(capsys)["object"]
    assert isinstance(again, dict)
    assert again["id"] == thing["id"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--size", "0x10"],
        ["--size", "axb"],
        ["--view", "sideways"],
        ["--view", "missing.json"],
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    wrong: list[str], sample_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "never.png"
    city = str(sample_models / "kiosk.city.json")
    assert main(["render", city, "--out", str(out), *wrong]) == 2
    told = capsys.readouterr().err.strip()
    assert told.startswith("error[")
    assert len(told.splitlines()) == 1
    assert not out.exists()


def test_a_pixel_outside_the_picture_is_refused(
    sample_models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    city = str(sample_models / "kiosk.city.json")
    assert main(["pick", city, "--pixel", "1280,10"]) == 2
    assert "1280 x 720" in capsys.readouterr().err


def test_a_section_cuts_the_picture_and_the_pick_looks_through_it(
    sample_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    city, size = str(sample_models / "delft.city.json"), ["--size", "320x240", "--json"]
    level = ["--section-plane", "84880,447580,2,0,0,1"]
    assert main(["render", city, "--out", str(tmp_path / "cut.png"), *size, *level]) == 0
    cut = printed(capsys)["cut"]
    assert isinstance(cut, dict)
    assert cut["planes"] == 1
    assert cut["objects"] > 100
    assert cut["area_m2"] > 1000
    script = tmp_path / "cut.txt"
    script.write_text(
        f'open path="{city}"\nsections.at title=Low height=2 id=low\n'
        "sections.hide id=low\nsave path=cut.twin.gpkg\n"
    )
    assert main(["run", str(script)]) == 0
    project = str(tmp_path / "cut.twin.gpkg")
    capsys.readouterr()
    pictures = []
    for number, chosen in enumerate(([], ["--section", "Low"], ["--section", "-"])):
        out = tmp_path / f"{number}.png"
        assert main(["render", project, "--out", str(out), *size, *chosen]) == 0
        pictures.append(printed(capsys)["cut"])
    assert pictures[0] == pictures[2] != pictures[1]
    assert pictures[1] == cut
    wrong = ["render", project, "--out", str(out), *size, "--section", "High"]
    assert main(wrong) == 2
    assert "Low" in capsys.readouterr().err
