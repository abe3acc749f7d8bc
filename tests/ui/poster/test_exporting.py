"""Pages from the window: what the dialog says is drawn, and a page that is cancelled leaves nothing."""

from pathlib import Path

from PIL import Image
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from ui.app import App
from ui.poster.dialog import PageDialog
from ui.poster.exporting import PageExport, Wish
from ui.poster.facts import Beneath


def test_a_page_of_the_view_is_drawn_and_another_is_cancelled(
    city: App, qtbot: QtBot, tmp_path: Path
) -> None:
    desk, view = city.window.desk, city.view
    dialog = PageDialog(desk, view.widget())
    dialog.headline.setText("Delft")
    dialog.paper.setCurrentIndex(dialog.paper.findData("a4"))
    assert dialog.page == (3508, 2480)
    assert dialog.dpi.value() == 300
    assert dialog.beneath == Beneath("Delft")
    out, other = tmp_path / "a.png", tmp_path / "b.png"
    making = PageExport(desk, view, Wish((640, 480), 150.0, Beneath("Delft"), out))
    assert any(job.title == making.job.title for job in desk.session.jobs.running())
    qtbot.waitUntil(out.exists, timeout=WAIT)
    with Image.open(out) as page:
        assert page.size == (640, 480)
        assert page.info["dpi"][0] > 149
    cancelled = PageExport(desk, view, Wish((4000, 3000), 150.0, Beneath(), other))
    cancelled.job.cancel()
    qtbot.waitUntil(lambda: cancelled.over, timeout=WAIT)
    qtbot.wait(50)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
