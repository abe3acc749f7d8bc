"""The sun is part of the look: settings and themes leave it where it is."""

from pytestqt.qtbot import QtBot

from twin.settings import Settings
from ui.theme import DARK, LIGHT
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
