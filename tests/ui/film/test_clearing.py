"""A flight over a real block: lifted over its houses by their finest triangles."""

from pathlib import Path

import numpy as np

from tests.twin.flythrough.routes import key, route
from twin.flythrough.flight import flight
from twin.jobs import Jobs
from twin.session import Session
from twin.settings import Settings
from ui.film.clearing import lifted


def test_a_low_flight_is_lifted_over_the_houses(tiny: Path, tmp_path: Path) -> None:
    city = Session(Settings(cache_folder=str(tmp_path)), Jobs(inline=True))
    city.open(str(tiny / "delft_tiny.city.json"))
    city.finish()
    layer = next(iter(city.twin.layers.values()))
    boxes = layer.features.bounds
    tall = boxes[np.nanargmax(boxes[:, 5] - boxes[:, 2])]
    x, y = (tall[:2] + tall[3:5]) / 2
    z = float(tall[2]) + 1.0
    flown = flight(route(key(0, (x - 60, y, z)), key(9, (x + 60, y, z))))
    made, told = lifted(city, flown, 2.0)
    assert "route.lifted" in [x.code for x in told]
    top = float(made.camera(np.linspace(0, 9, 200)).eye[:, 2].max())
    assert z + 2 < top < tall[5] + 10
    assert city.answers == {}
    city.close()
