"""The dialogs of terrain and imagery, over one window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.conftest import DATA
from tests.loaders.test_imagery import write_tiles
from tests.ui.conftest import WAIT
from twin.imagery import GCJ02
from twin.jobs import Jobs
from twin.scene import Layer
from twin.session import Session
from twin.settings import load
from twin.tile_packs import ATTRIBUTION, MOST, sized
from ui.app import App
from ui.packing import areas_of, begin
from ui.panels.crs_dialog import CrsDialog
from ui.panels.drape_dialog import DrapeDialog
from ui.panels.pack_dialog import PackDialog

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


DELFT = (4.35, 52.0, 4.37, 52.012)


def test_a_pack_is_counted_told_and_fetched(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    low, high = sized(DELFT)
    assert low < high <= 18
    served = tmp_path / "served"
    write_tiles(served, 13, range(4194, 4196), range(2705, 2706))
    write_tiles(served, 14, range(8389, 8391), range(5410, 5412))
    (served / ATTRIBUTION).write_text("Survey of Delft")
    desk = app.window.desk
    dialog = PackDialog(desk, app.window, str(served), {"Delft": DELFT})
    qtbot.waitUntil(lambda: dialog.imagery is not None, timeout=WAIT)
    assert (dialog.low.value(), dialog.high.value()) == (14, 14)  # the levels that are served
    assert "Survey of Delft" in dialog.whose.text()
    assert (dialog.go.isEnabled(), dialog.terms.isVisibleTo(dialog)) == (False, False)
    dialog.folder.setText(str(tmp_path / "pack"))
    assert dialog.go.isEnabled()
    wanted = dialog.wanted()
    assert wanted is not None
    assert str(wanted.area.count) in dialog.told.text()
    begin(desk, wanted)
    qtbot.waitUntil((tmp_path / "pack" / ATTRIBUTION).exists, timeout=WAIT)
    dialog.field.setText("https://tiles.invalid/{z}/{x}/{y}.png")
    assert (dialog.go.isEnabled(), dialog.terms.isVisibleTo(dialog)) == (False, True)
    dialog._look()
    qtbot.waitUntil(lambda: dialog.imagery is not None, timeout=WAIT)
    dialog.high.setValue(15)
    assert not dialog.go.isEnabled()  # the terms are not accepted yet
    dialog.terms.setChecked(True)
    assert dialog.go.isEnabled()
    dialog.high.setValue(22)
    assert not dialog.go.isEnabled()
    assert f"{MOST // 1000}" in dialog.told.text()
    dialog.deleteLater()
    assert areas_of(desk, app.view, "") == {}  # nothing open stands on Earth


def test_a_system_is_found_by_its_name_with_the_keyboard(
    app: App, layer: Layer, qtbot: QtBot
) -> None:
    dialog = CrsDialog(app.window.desk, app.window, layer)
    dialog.show()
    dialog.field.clear()
    QTest.keyClicks(dialog.field, "rd new")
    qtbot.waitUntil(lambda: dialog.search.ready, timeout=WAIT)
    dialog.search.look(dialog.field.text())
    qtbot.waitUntil(dialog.search.popup.isVisible, timeout=WAIT)
    first = dialog.search.model.item(0)
    assert "Amersfoort / RD New" in first.text()
    assert "metres" in first.text()
    QTest.keyClick(dialog.search.popup, Qt.Key.Key_Down)
    assert dialog.search.popup.currentIndex().row() == 0
    QTest.keyClick(dialog.search.popup, Qt.Key.Key_Return)
    assert dialog.crs() == "EPSG:28992"
    assert "Netherlands" in dialog.told.text()
    dialog.field.setText("EPSG:999999")
    assert (dialog.told.text(), bool(dialog.wrong.text())) == ("", True)
    dialog.close()
    dialog.deleteLater()
