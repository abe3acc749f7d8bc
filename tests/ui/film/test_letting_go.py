"""A canvas that is closed leaves nothing behind."""

import gc
import weakref
from pathlib import Path

import pytest
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from tests.twin.flythrough.routes import key, route
from twin.flythrough.flight import flight
from twin.flythrough.state import state
from twin.jobs import Jobs
from twin.session import Session
from twin.settings import Settings
from ui.viewport.blending import blending
from ui.viewport.canvas import Canvas, finished

pytestmark = pytest.mark.render


def test_a_closed_canvas_lets_its_stage_and_tiles_go(tiny: Path, tmp_path: Path) -> None:
    city = Session(Settings(cache_folder=str(tmp_path)), Jobs(inline=True))
    city.open(str(tiny / "delft_tiny.city.json"))
    city.finish()
    x, y, z = city.twin.bounds[:3].tolist()
    flown = flight(
        route(
            key(0, (x - 60, y - 60, z + 60), target=(x, y, z)),
            key(1, (x, y, z + 60), target=(x, y, z)),
        )
    )
    view = state(flown, 0.0).view((48, 32))
    canvas = Canvas()
    finished(canvas, city.settle(view), view, fine=False)
    tiles = list(canvas.stage._tiles.values())
    assert tiles
    known = [weakref.ref(x) for x in (canvas.stage, canvas._window, canvas._renderer, *tiles)]
    del tiles
    canvas.close()
    del canvas
    gc.collect()
    assert [x() for x in known] == [None] * len(known)
    city.close()


def test_what_turns_blending_on_does_not_hold_the_renderer() -> None:
    renderer, mapper, actor = vtkRenderer(), vtkPolyDataMapper(), vtkActor()
    mapper.AddObserver("UpdateShaderEvent", blending(renderer))
    actor.SetMapper(mapper)
    renderer.AddActor(actor)
    known = weakref.ref(renderer)
    del renderer, mapper, actor
    gc.collect()
    assert known() is None
