"""The sun is part of the look: settings and themes leave it where it is."""

from pytestqt.qtbot import QtBot

from twin.settings import Settings
from ui.theme import DARK, LIGHT
from ui.viewport.detail import GRADES, LAVISH, Quality
from ui.viewport.look import look_of
from ui.viewport.surface import Surface


def test_a_look_has_the_sun_it_is_given() -> None:
    assert look_of(Settings()).sun is None
    assert look_of(Settings(), sun=(0.0, 0.6, 0.8)).sun == (0.0, 0.6, 0.8)


def test_settings_and_theme_keep_the_sun(qtbot: QtBot) -> None:
    surface = Surface(lambda *_: None, LIGHT)
    qtbot.addWidget(surface)
    surface.set_sun((0.6, 0.0, 0.8))
    surface.apply_settings(Settings(edges=False))
    surface.set_theme(DARK)
    look = surface.look
    assert (look.sun, look.edges, look.dark) == ((0.6, 0.0, 0.8), False, True)
    surface.set_sun(None)
    assert surface.look.sun is None
    surface.close_canvas()


def test_a_sun_that_goes_on_is_drawn_fast_and_then_at_rest(qtbot: QtBot) -> None:
    surface = Surface(lambda *_: None, LIGHT)
    qtbot.addWidget(surface)
    surface.set_sun((0.6, 0.0, 0.8))
    assert not surface.hasty
    surface.set_sun((0.6, 0.1, 0.7))
    assert (surface.hasty, surface.moving) == (True, False)
    qtbot.waitUntil(lambda: not surface.hasty, timeout=5000)
    surface.close_canvas()


def test_quality_is_measured_or_fixed() -> None:
    slow = Quality()
    for _ in range(6):
        slow = slow.observed(1e6, 1e6, 500.0, 33.0)
    auto = GRADES["auto"].thrift(slow)
    assert (auto.edges, auto.few_maps, auto.shadow_side) == (False, True, 1024)
    quick = slow
    for _ in range(6):
        quick = quick.observed(1e5, 1e5, 4.0, 33.0)
    assert GRADES["auto"].thrift(quick).edges
    assert GRADES["auto"].moving_share(quick) == 1.0
    assert GRADES["high"].thrift(slow) == LAVISH
    assert [GRADES[x].moving_share(slow) for x in ("low", "medium", "high")] == [0.5, 0.75, 1.0]
    assert set(GRADES) == {"auto", "low", "medium", "high"}
