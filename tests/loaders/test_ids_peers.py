"""IDS: the same outcome as ifctester on real models, but where buildingSMART's documentation says otherwise."""

from pathlib import Path

import pytest

from tests.conftest import REPO
from tests.ids_agreement import compare, peer_python

PEER = peer_python()
MODEL = REPO.parent / "shared/data/ifc/andrewisen_bim-whale/SimpleWall/IFC/SimpleWall.ifc"


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(PEER is None, reason="no interpreter with ifctester (IDS_PEER_PYTHON)")
@pytest.mark.skipif(not MODEL.exists(), reason="no shared data")
def test_every_difference_to_ifctester_is_explained_by_the_documentation(tmp_path: Path) -> None:
    assert PEER is not None
    total, found = compare(str(MODEL), PEER, tmp_path)
    assert total > 1000
    assert [one for one in found if not one.explained] == []
    assert len(found) < total / 20
