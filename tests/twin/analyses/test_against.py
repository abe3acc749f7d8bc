"""Before and after of the analyses on a scenario with one block: figures, tables and colours of the change."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.analyses.registry import names
from twin.jobs import Jobs
from twin.session import Session
from twin.settings import Settings

KIOSK = Path(__file__).resolve().parents[3] / "sample_models" / "kiosk.city.json"


@pytest.fixture(scope="module")
def city() -> Iterator[Session]:
    session = Session(Settings(), Jobs(inline=True))
    session.open(str(KIOSK))
    session.finish()
    x, y = session.twin.layer("kiosk").bounds[:2].tolist()
    session.run("scenarios.add", title="A", id="A")
    ring = f"{x - 20},{y};{x - 10},{y};{x - 10},{y + 10};{x - 20},{y + 10}"
    session.run("scenarios.block", ring=ring, height="30")
    yield session
    session.close()


def _settings(name: str, city: Session) -> dict[str, Any]:
    low, high = city.twin.layer("kiosk").bounds[:3], city.twin.layer("kiosk").bounds[3:]
    x, y, z = ((low + high) / 2).tolist()
    far, line = [x - 60, y, z], [[x - 60, y, z], [x + 40, y, z]]
    key = str(city.twin.layer("kiosk").features.id[0])
    told: dict[str, dict[str, Any]] = {
        "height_limit": {"height": 5.0}, "inclined_limit": {"point": [x, y, z], "slope": 1.0},
        "cone_limit": {"point": [x, y, z], "radius": 100.0},
        "approach_limit": {"threshold": far, "azimuth": 90.0, "inner_width": 40.0},
        "step_back_limit": {"front": line, "eaves": 2.0},
        "line_of_sight": {"eye": far, "target": [x + 40, y, z]},
        "viewshed": {"points": [far], "radius": 100.0, "grid": 20.0},
        "sky_view": {"points": [[x - 5, y + 5, z]], "rays": 64},
        "landmark_view": {"points": [far], "layer": "kiosk", "object": key},
        "view_corridor": {"points": [far], "target": [x, y, z], "width": 20.0},
        "profile": {"points": line}, "flood_level": {"level": z + 50},
        "sun_hours": {"spacing": 9.0, "step": 120.0, "only": []},
    }  # fmt: skip
    return told.get(name, {})


@pytest.mark.parametrize("name", [x for x in names() if x != "cut_fill"])
def test_every_analysis_tells_before_and_after(name: str, city: Session) -> None:
    asked = city.analyse(name, _settings(name, city), scenario="A", against="")
    result = city.awaited(asked)
    assert (result.scenario, result.against) == ("A", "")
    found = result.answer(city.tables(result))
    changes = [code for code in found.figures if code.endswith(":change")]
    assert changes
    for code in changes:
        bare = code.removesuffix(":change")
        told = found.figures[bare] - found.figures[f"{bare}:before"]
        assert found.figures[code] == pytest.approx(told, abs=1e-6)
    columns = {column for sheet in found.sheets for column in sheet.columns}
    assert not found.sheets or any(x.endswith(":change") for x in columns)
    for values in found.values:
        assert values.name.endswith(":change") or np.isfinite(values.numbers).any()
