"""A layer with a memory budget of its own keeps it, grows coarser for it, and comes to rest."""

from pathlib import Path

import numpy as np
import pytest

from tests.twin.test_session import session
from twin.tiles import View


@pytest.mark.shared
def test_a_layer_keeps_its_own_memory_budget_and_comes_to_rest(
    tmp_path: Path, shared_data: Path
) -> None:
    city = session(tmp_path)
    folder = "3dtiles/NASA_3DTilesRendererJS/example/public/data/tileset.json"
    city.open(str(shared_data / folder))
    city.finish()
    key = next(iter(city.twin.layers))
    stream = city.screen.streams[key]
    middle = (city.twin.bounds[:3] + city.twin.bounds[3:]) / 2
    eye = middle + np.array([0.0, -400.0, 0.0])
    view = View(eye, np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]), 45.0, (1280, 720))
    errors = []
    for budget in ("auto", "30", "16"):
        city.run("layers.display", layer=key, budget_mb=budget, max_error="4")
        frame = city.settle(view)
        assert frame.complete
        assert frame.drawn
        assert budget == "auto" or stream.nbytes <= int(budget) * 2**20
        errors.append(stream.coarser)
    assert errors == sorted(errors)
    city.run("layers.display", layer=key, budget_mb="auto")
    city.settle(view)
    assert stream.coarser == errors[0]
    city.close()
