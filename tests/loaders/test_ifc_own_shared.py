"""Every element of every real file that is made without a kernel: what the kernel makes of it."""

import os
from pathlib import Path

import pytest

from tests.loaders.ifc_oracle import compared
from tests.loaders.test_ifc_shared import SLOW, models
from twin.errors import NotSupported

pytestmark = pytest.mark.shared
DOUBTFUL = "rect_collinear_cross"
"""Wrong on purpose: a face with a spike, of which the hybrid kernel drops a part and OpenCASCADE none."""


def test_what_is_made_without_a_kernel_is_what_the_kernel_makes(shared_data: Path) -> None:
    wrong: dict[str, list[str]] = {}
    made = refused = 0
    for path in models(shared_data):
        if SLOW in path.name:
            continue
        try:
            found = compared(path)
        except NotSupported:
            continue
        made += found.made
        refused += len(found.refused)
        if found.wrong and DOUBTFUL not in path.name:
            wrong[path.name] = found.wrong[:5]
    assert wrong == {}
    assert made > 800
    assert refused < made / 50


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("CITYTWIN_SLOW"), reason="over a minute: CITYTWIN_SLOW=1")
def test_a_thousand_cut_beams_are_what_the_kernel_makes(shared_data: Path) -> None:
    (path,) = [path for path in models(shared_data) if SLOW in path.name]
    found = compared(path)
    assert found.wrong == []
    assert found.made > 1000
    assert not found.refused
