"""The credit line: at the bottom right, whole, and nowhere when nobody asks for it."""

import numpy as np
import pytest

from ui.cli.credit_line import undrawable, with_credits
from ui.lettering import FALLBACKS, _missing


@pytest.mark.parametrize("size", [(240, 320), (720, 1280), (1080, 1920)])
def test_credits_stand_at_the_bottom_right_and_leave_the_rest_alone(size: tuple[int, int]) -> None:
    plain = np.zeros((*size, 4), np.uint8)
    told = with_credits(plain, ("© City survey, CC BY 4.0", "© Aerial GmbH"))
    changed = np.argwhere(told.any(axis=2))
    assert len(changed)
    assert changed[:, 0].min() > size[0] * 0.6
    assert changed[:, 1].max() > size[1] * 0.95
    assert with_credits(plain, ()) is plain


def test_a_credit_in_a_script_that_no_font_has_is_said_and_latin_never_is() -> None:
    assert undrawable(("© City survey, CC BY 4.0 · Österreich",)) == ""
    assert undrawable(("a\U0010fffe b\U0010fffe",)) == "\U0010fffe"


def test_chinese_credits_are_drawn_where_the_system_has_a_font_for_them_and_said_where_not() -> (
    None
):
    credit = "数据来源：太仓市自然资源局 © 2024"
    one, other = (with_credits(np.zeros((720, 1280, 3), np.uint8), (x,)) for x in (credit, "数据"))
    assert (one != other).any()
    if any(_missing(name) is not None for name in FALLBACKS[:-1]):
        assert undrawable((credit,)) == ""
    else:
        assert set(undrawable((credit,))) >= set("数据来源")
