"""The example notebook runs, and selections become PolyData with the attributes of their objects."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from twin.session import Session

REPO = Path(__file__).resolve().parents[2]


@pytest.mark.render
def test_the_example_notebook_runs_cell_by_cell() -> None:
    book = nbformat.read(REPO / "docs" / "notebook.ipynb", as_version=4)
    scope: dict[str, object] = {}
    for cell in book.cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, f"<{cell.id}>", "exec"), scope)
    picture = scope["picture"]
    assert isinstance(picture, np.ndarray)
    assert picture.std() > 5


@pytest.mark.render
def test_a_selection_becomes_polydata_with_its_attributes() -> None:
    from ui.notebook import polydata

    session = Session()
    session.open(str(REPO / "sample_models" / "delft.city.json"))
    session.index()
    table = session.twin.layer("delft").features
    rows = np.flatnonzero(table["kind"] == "Bridge").astype(np.int32)
    mesh = polydata(session, {"delft": rows})
    session.close()
    assert set(mesh.cell_data["id"]) == {str(x) for x in table.id[rows]}
    assert set(mesh.cell_data["kind"]) == {"Bridge"}
    box = table.bounds[rows]
    found = mesh.points.astype(np.float64) + mesh.field_data["origin"]
    np.testing.assert_allclose(found.min(axis=0), box[:, :3].min(axis=0), atol=0.01)
    np.testing.assert_allclose(found.max(axis=0), box[:, 3:].max(axis=0), atol=0.01)
