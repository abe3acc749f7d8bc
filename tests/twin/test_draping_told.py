"""A picture that a worker could not make is told, and its tile is drawn bare."""

from pathlib import Path
from typing import Any, cast

import numpy as np

from twin.draping import Draping
from twin.geometry import Mesh
from twin.ports import SILENT, Content


def test_a_tile_without_the_picture_it_was_to_have_says_so(tmp_path: Path) -> None:
    corners = np.array([[0, 0, 0], [10, 0, 0], [0, 10, 0]], np.float32)
    ground = Mesh(np.zeros(3), corners, np.array([[0, 1, 2]], np.int32), np.full(3, -1, np.int32))
    draping = Draping(cast("Any", None), "EPSG:28992", str(tmp_path), here=False)
    found = draping(Content((ground,)), "7", SILENT)
    assert isinstance(found, Content)
    assert [one.code for one in found.problems] == ["imagery.unread"]
    assert "7" in found.problems[0].text
    assert found.drawables == (ground,)
