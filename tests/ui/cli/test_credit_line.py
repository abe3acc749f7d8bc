"""The credit line: at the bottom right, whole, and nowhere when nobody asks for it."""

import numpy as np
import pytest

from ui.cli.credit_line import with_credits


@pytest.mark.parametrize("size", [(240, 320), (720, 1280), (1080, 1920)])
def test_credits_stand_at_the_bottom_right_and_leave_the_rest_alone(size: tuple[int, int]) -> None:
    plain = np.zeros((*size, 4), np.uint8)
    told = with_credits(plain, ("© City survey, CC BY 4.0", "© Aerial GmbH"))
    changed = np.argwhere(told.any(axis=2))
    assert len(changed)
    assert changed[:, 0].min() > size[0] * 0.6
    assert changed[:, 1].max() > size[1] * 0.95
    assert with_credits(plain, ()) is plain
