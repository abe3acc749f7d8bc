"""What the sun costs a picture, and what a page to print costs beside its bare blocks; ratios of one run."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
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
from ui.viewport.detail import GRADES, Quality
from ui.viewport.look import Look

pytestmark = [pytest.mark.bench, pytest.mark.slow]
SUN = (-0.5, -0.6, 0.62449980)
ROUNDS = 7


def scene() -> tuple[Frame, View]:
    """Return 50 000 houses in 100 tiles, 700 000 triangles, and a view over them."""
    return city(10, 500), over_the_roofs().view((1280, 720))


def cpu(doings: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the processor milliseconds of the fastest round of each doing, all of them by turns.

    Other work on the machine counts less, and falls on all alike.
    """
    best = dict.fromkeys(doings, np.inf)
    for _ in range(ROUNDS):
        for name, do in doings.items():
            started = time.process_time()
            do()
            best[name] = min(best[name], (time.process_time() - started) * 1000)
    return best


def drawn_anew(canvas: Canvas, frame: Frame, view: View) -> None:
    """Draw a picture after its shadows, as when the sun has come to rest."""
    canvas.stage.leave_out(frozenset())
    canvas.draw(frame, view)


def under_way(canvas: Canvas, frame: Frame, view: View, hours: Iterator[int]) -> None:
    """Draw a picture of a sun that is played over the day, all triangles of it."""
    turn = 0.01 * next(hours)
    sun = (-0.78 * np.cos(turn), -0.78 * np.sin(turn), SUN[2])
    canvas.stage.set_look(replace(canvas.stage.look, sun=sun))
    canvas.stage.show(frame, view)
    canvas.draw(frame, view)


@pytest.mark.render
def test_a_picture_with_shadows_against_one_without() -> None:
    frame, view = scene()
    suns = {"even": None, "dusk": (0.8, 0.0, -0.6), "shadows": SUN, "moved sun": SUN}
    suns["played sun"] = SUN
    canvases = {name: Canvas(Look(edges=False, sun=sun)) for name, sun in suns.items()}
    canvases["played sun"].stage.thrift = GRADES["auto"].thrift(Quality())
    doings: dict[str, Callable[[], object]] = {}
    for name, canvas in canvases.items():
        settle(canvas.stage, frame, view)
        doings[name] = partial(canvas.draw, frame, view)
    doings["moved sun"] = partial(drawn_anew, canvases["moved sun"], frame, view)
    doings["played sun"] = partial(under_way, canvases["played sun"], frame, view, count())
    found = cpu(doings)
    ratios = {name: round(ms / found["even"], 2) for name, ms in found.items()}
    print(f"\n{ {k: round(v) for k, v in found.items()} } ms, ratios {ratios}")
    for canvas in canvases.values():
        canvas.close()


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
