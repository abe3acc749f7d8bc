"""What the sun costs a picture, and what a page to print costs beside its bare blocks; ratios of one run."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.ui.viewport.frames import city, over_the_roofs
from twin.streaming import Frame
from twin.tiles import View
from ui.poster.making import poster
from ui.poster.sheet import Sheet
from ui.viewport.blocks import blocks
from ui.viewport.canvas import Canvas, settle
from ui.viewport.look import Look

pytestmark = [pytest.mark.bench, pytest.mark.slow]
SUN = (-0.5, -0.6, 0.62449980)
ROUNDS = 9


def scene() -> tuple[Frame, View]:
    """Return 50 000 houses in 100 tiles, 700 000 triangles, and a view over them."""
    return city(10, 500), over_the_roofs().view((1280, 720))


def cpu(do: Callable[[], object]) -> float:
    """Return the processor milliseconds of the fastest of some rounds: other work on the machine counts less."""
    best = np.inf
    for _ in range(ROUNDS):
        started = time.process_time()
        do()
        best = min(best, time.process_time() - started)
    return best * 1000


def drawn_anew(canvas: Canvas, frame: Frame, view: View) -> None:
    """Draw a picture after its shadows."""
    canvas.stage.leave_out(frozenset())
    canvas.draw(frame, view)


@pytest.mark.render
def test_a_picture_with_shadows_against_one_without() -> None:
    frame, view = scene()
    found: dict[str, float] = {}
    for name, sun in (("even", None), ("dusk", (0.8, 0.0, -0.6)), ("shadows", SUN)):
        canvas = Canvas(Look(edges=False, sun=sun))
        settle(canvas.stage, frame, view)
        canvas.draw(frame, view)
        found[name] = cpu(partial(canvas.draw, frame, view))
        if sun == SUN:
            found["moved sun"] = cpu(partial(drawn_anew, canvas, frame, view))
        canvas.close()
    ratios = {name: round(ms / found["even"], 2) for name, ms in found.items()}
    print(f"\n{ {k: round(v) for k, v in found.items()} } ms, ratios {ratios}")


@pytest.mark.render
def test_a_page_against_its_bare_blocks(tmp_path: Path) -> None:
    frame, _ = scene()
    view = over_the_roofs().view((4096, 2304))
    canvas = Canvas(Look(sun=SUN))
    settle(canvas.stage, frame, view, 2.0)
    next(blocks(canvas, frame, view))
    started = time.process_time()
    for _ in blocks(canvas, frame, view):
        pass
    bare = time.process_time() - started
    for ending in (".png", ".jpg", ".pdf"):
        started = time.process_time()
        for _ in poster(canvas, frame, view, Sheet(title="A"), tmp_path / f"a{ending}"):
            pass
        took = time.process_time() - started
        print(f"\n{ending}: {took:.1f} s, {took / bare:.2f} x the blocks alone ({bare:.1f} s)")
    canvas.close()
