"""A decision about a source opens it again; what persons decided of its objects stays."""

from pathlib import Path

import numpy as np

from tests.twin.test_session import session
from twin.edits import SetHidden
from twin.features import weak
from twin.messages import catalogue

MAP = 'class = "kind"\n[[date]]\nfield = "surveyed"\nkind = "captured"\n'


def test_a_mapping_is_an_edit_that_can_be_undone_and_stands_in_the_journal(
    tmp_path: Path, sample_models: Path
) -> None:
    city = session(tmp_path)
    city.open(str(sample_models / "delft_tileset" / "tileset.json"))
    city.index()
    key = next(iter(city.twin.layers))
    before = city.twin.layer(key)
    assert before.features.kinds == ("Feature",)
    assert not weak(before.features).any()
    city.save_as(tmp_path / "city.twin.gpkg")
    hidden = str(before.features.id[3])
    city.do("objects.hide", SetHidden(key, np.array([3], np.int32), True))
    city.run("layers.map", layer=key, text=MAP)
    city.index()
    mapped = city.twin.layer(key)
    assert "Building" in mapped.features.kinds
    assert sorted(mapped.features.id.tolist()) == sorted(before.features.id.tolist())
    assert mapped.hidden is not None
    assert mapped.features.id[mapped.hidden].tolist() == [hidden]
    assert city.history.undoable == "layers.map"
    assert any(entry["action"] == "layer.source" for entry in city.journal())
    assert catalogue("zh").has("command.layers.map")
    city.undo()
    city.index()
    assert city.twin.layer(key).features.kinds == ("Feature",)
    city.redo()
    city.index()
    assert "Building" in city.twin.layer(key).features.kinds
    city.close()
    again = session(tmp_path)
    again.open(str(tmp_path / "city.twin.gpkg"))
    again.index()
    assert "Building" in again.twin.layer(key).features.kinds
    again.close()
