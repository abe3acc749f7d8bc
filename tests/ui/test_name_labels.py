"""Names over the picture: none over another, the first ones first, at most so many."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from ui.app import App
from ui.city_view import CityView
from ui.name_labels import MOST, NameLabels, spread_plates
from ui.viewport.seen import Seen

AREA = QRectF(0, 0, 640, 400)


@settings(max_examples=30)
@given(st.integers(0, 400), st.integers(0, 99))
def test_plates_lie_apart_and_inside(count: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    at = chance.uniform(-20, 660, (count, 2)) * [1, 400 / 640]
    wide = chance.uniform(20, 120, count)
    taken = [QRectF(0, 0, 200, 60)]
    found = spread_plates(at, wide, AREA, taken)
    plates = [plate for _, plate in found]
    assert [i for i, _ in found] == sorted(i for i, _ in found)
    assert len(found) <= MOST
    assert all(AREA.contains(plate) for plate in plates)
    for number, plate in enumerate(plates):
        assert not any(plate.intersects(other) for other in [*taken, *plates[:number]])
    # a plate that is left out had no room: it is outside, or touches what came before it
    for i in sorted(set(range(count)) - {i for i, _ in found})[:20]:
        plate = QRectF(at[i, 0] - wide[i] / 2, at[i, 1] - 27, wide[i], 20)
        before = [*taken, *(p for j, p in found if j < i)]
        roomy = plate.adjusted(-4.1, -4.1, 4.1, 4.1)
        assert not AREA.contains(plate) or any(roomy.intersects(x) for x in before)


def test_no_more_than_so_many_are_shown() -> None:
    x, y = np.meshgrid(np.arange(20) * 30.0 + 20, np.arange(12) * 30.0 + 40)
    at = np.stack([x.ravel(), y.ravel()], axis=1)
    found = spread_plates(at, np.full(240, 20.0), AREA, ())
    assert [i for i, _ in found] == list(range(MOST))


def painted(labels: NameLabels, view: CityView) -> None:
    shot = QImage(view.canvas.size(), QImage.Format.Format_RGB32)
    shot.fill(0)
    painter = QPainter(shot)
    labels.paint(painter)
    painter.end()


def wanted(city: App) -> bool:
    return city.session.settings.labels


def test_names_of_the_city_are_painted_while_they_are_wanted(city: App) -> None:
    desk, view = city.window.desk, city.view
    found = [getattr(paint, "__self__", None) for paint in view.canvas.paintings]
    labels = next(owner for owner in found if isinstance(owner, NameLabels))
    desk.act("setting", "label_column", "id")
    desk.act("view.labels")
    assert wanted(city)
    painted(labels, view)
    assert 0 < len(labels.shown) <= MOST
    first = labels.shown
    view.canvas.grab()  # painting twice shows the same
    assert labels.shown == first
    # behind something near there are no names, and while the view moves it stays so
    at, canvas = view.canvas.view, view.canvas._canvas
    canvas.seen = Seen(at, np.zeros(at.size[::-1], np.float32), 0.1, 1e5)
    painted(labels, view)
    assert not labels.shown
    canvas.seen = None
    painted(labels, view)
    assert not labels.shown
    canvas.seen = Seen(at, np.ones(at.size[::-1], np.float32), 0.1, 1e5)
    painted(labels, view)
    assert labels.shown == first
    desk.act("view.labels")
    assert not wanted(city)
    desk.act("setting", "label_column", "")
