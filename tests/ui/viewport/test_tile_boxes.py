"""The names of tile boxes keep clear of plates and of one another."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from twin.figures import CORNERS, TileBox
from ui.theme import LIGHT
from ui.viewport import tile_boxes
from ui.viewport.camera import pose_of
from ui.viewport.tile_boxes import BoxLook, paint_boxes

pytestmark = pytest.mark.qt


def named(monkeypatch: pytest.MonkeyPatch, boxes: list[TileBox], taken: list[QRectF]) -> int:
    plates: list[QRectF] = []
    monkeypatch.setattr(tile_boxes, "paint_plate", lambda _, box, __: plates.append(box))
    picture = QImage(800, 600, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    view = pose_of(np.array([0.0, -60.0, 0.0]), np.zeros(3), 45.0).view((800, 600))
    words = "level {level}, error {error} m"
    paint_boxes(painter, BoxLook(LIGHT, words, taken), view, boxes, 1.0)
    painter.end()
    assert not any(a.intersects(b) for a in plates for b in plates if a is not b)
    return len(plates)


def test_a_name_that_would_lie_on_a_plate_or_on_another_name_is_left_out(
    monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    boxes = [TileBox(CORNERS * 10 + [x, 0, 0], "drawn", 2, 8.75) for x in (-20.0, 20.0)]
    assert named(monkeypatch, boxes, []) == 2
    assert named(monkeypatch, [*boxes, boxes[0]], []) == 2
    assert named(monkeypatch, boxes, [QRectF(0, 0, 400, 600)]) == 1
