"""The dialogs of terrain and imagery, over one window."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from tests.conftest import DATA
from twin.imagery import GCJ02
from twin.jobs import Jobs
from twin.scene import Layer
from twin.session import Session
from twin.settings import load
from ui.app import App
from ui.panels.drape_dialog import DrapeDialog

pytestmark = pytest.mark.qt
AMAP = "https://webst01.is.autonavi.com/{z}/{x}/{y}.png"


@pytest.fixture(scope="module")
def app(qapp: QApplication) -> Iterator[App]:
    """Show an empty window once."""
    made = App(load({"theme": "dark"}))
    made.show()
    yield made
    made.close()
    made.window.deleteLater()


@pytest.fixture(scope="module")
def layer() -> Layer:
    """Return a layer of terrain."""
    session = Session(jobs=Jobs(inline=True))
    session.open(str(DATA / "slope.tif"))
    session.finish()
    (found,) = session.twin.layers.values()
    session.close()
    return found


def test_a_shifted_provider_is_told_and_corrected_on_wish(app: App, layer: Layer) -> None:
    dialog = DrapeDialog(app.window.desk, app.window, layer)
    assert (dialog.go.isEnabled(), dialog.hint.text()) == (False, "")
    dialog.field.setText(AMAP)
    assert "GCJ-02" in dialog.hint.text()
    assert dialog.address() == AMAP  # never of itself
    dialog.datum.setCurrentIndex(dialog.datum.findData(GCJ02))
    assert dialog.address() == f"{AMAP}#datum=gcj02"
    assert "half a metre" in dialog.hint.text()
    assert dialog.go.isEnabled()
    dialog.before = dialog.address()
    dialog.field.setText(f"{AMAP} ")
    assert not dialog.go.isEnabled()
    dialog.deleteLater()
