"""The tool Section, driven as a person would: set by keys and clicks, dragged, typed, listed, undone."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import WAIT
from twin.records import Section
from twin.sections import extent_of, is_box, position
from ui.app import App
from ui.panels.sections import SectionsPanel, kind_of
from ui.section_options import letter
from ui.section_tool import SectionTool
from ui.viewport.handles import Grip, rounding

pytestmark = [pytest.mark.qt, pytest.mark.render]
LEFT, NONE, CTRL = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def saved(app: App) -> dict[str, Section]:
    return app.session.twin.records["sections"]


def calm(app: App, qtbot: QtBot) -> None:
    window, jobs = app.window, app.session.jobs
    qtbot.waitUntil(
        lambda: not (window.stale or window.waiting or jobs.pending) and app.view.still(),
        timeout=WAIT,
    )


@pytest.fixture
def tool(city: App, qtbot: QtBot) -> SectionTool:
    for key in list(saved(city)):
        city.window.desk.run("sections.remove", id=key)
    city.window.acts.do("tool.section")
    found = city.view.canvas.hand
    assert isinstance(found, SectionTool)
    return found


def grip_of(tool: SectionTool, kind: str, index: int = 0) -> tuple[Grip, QPoint]:
    tool.view.canvas.grab()
    return next(
        (grip, spot.toPoint())
        for grip, spot in tool._placed
        if (grip.kind, grip.index) == (kind, index)
    )


def dragged(
    tool: SectionTool, start: QPoint, end: QPoint, held: Qt.KeyboardModifier = NONE
) -> None:
    canvas = tool.view.canvas
    QTest.mouseMove(canvas, start)
    QTest.mousePress(canvas, LEFT, held, start)
    names = frozenset({"ctrl"}) if held == CTRL else frozenset()
    tool.drag(QPointF(end), names)
    QTest.mouseRelease(canvas, LEFT, held, end)


def test_x_sets_a_box_round_everything_and_its_sides_are_dragged(
    city: App, tool: SectionTool, qtbot: QtBot
) -> None:
    city.window.acts.do("sections.box")
    (section,) = saved(city).values()
    assert is_box(section)
    calm(city, qtbot)
    _, spot = grip_of(tool, "move", 5)
    before = city.view.canvas.navigator.pose
    dragged(tool, spot, spot + QPoint(0, 25))
    (after,) = saved(city).values()
    assert after.planes[5].point[2] < section.planes[5].point[2] - 0.5
    assert after.planes[0] == section.planes[0] or np.allclose(
        extent_of(after).low, extent_of(section).low
    )
    assert np.array_equal(city.view.canvas.navigator.pose.eye, before.eye)
    city.window.acts.do("edit.undo")
    assert list(saved(city).values()) == [section]


def test_a_plane_faces_the_camera_is_dragged_turned_typed_and_flipped(
    city: App, tool: SectionTool, qtbot: QtBot
) -> None:
    city.window.acts.do("sections.plane")
    (first,) = saved(city).values()
    assert first.planes[0].normal[2] == 0.0
    assert np.array(first.planes[0].normal) @ city.view.canvas.view.forward < 0
    calm(city, qtbot)
    grip, spot = grip_of(tool, "move")
    dragged(tool, spot, spot + QPoint(0, -30), CTRL)
    (moved,) = saved(city).values()
    value = position(moved, 0, tool.middle)
    step = rounding(city.view.canvas.view, grip.at)
    assert value < -step / 2
    assert value == pytest.approx(round(value / step) * step, abs=1e-6)
    _, spot = grip_of(tool, "turn")
    dragged(tool, spot, spot + QPoint(0, 30))
    (turned,) = saved(city).values()
    assert abs(np.array(turned.planes[0].normal) @ moved.planes[0].normal) < 0.999
    assert turned.planes[0].point == pytest.approx(moved.planes[0].point)
    assert tool.panel is not None
    tool.panel.field.setValue(12.5)
    (typed,) = saved(city).values()
    assert position(typed, 0, tool.middle) == pytest.approx(12.5)
    tool.panel.flip.click()
    (flipped,) = saved(city).values()
    assert np.allclose(flipped.planes[0].normal, -np.array(typed.planes[0].normal))
    tool.panel.align.click()
    (facing,) = saved(city).values()
    assert np.allclose(facing.planes[0].normal, -city.view.canvas.view.forward)
    assert not city.session.sectioning.draft
    tool.panel.clear.click()
    assert saved(city) == {}


def somewhere(tool: SectionTool) -> QPoint:
    canvas = tool.view.canvas
    for y in range(canvas.height() // 2, canvas.height() - 60, 7):
        for x in range(canvas.width() // 4, canvas.width() * 3 // 4, 9):
            hit = canvas.hit_at(x, y)
            if hit is not None and hit.row >= 0:
                return QPoint(x, y)
    raise AssertionError("nothing is in sight")


def test_the_first_click_sets_a_plane_on_the_face_that_is_clicked(
    city: App, tool: SectionTool, qtbot: QtBot
) -> None:
    assert tool.waiting == "through"
    calm(city, qtbot)
    spot = somewhere(tool)
    hit = tool.view.canvas.hit_at(spot.x(), spot.y())
    assert hit is not None
    QTest.mouseClick(tool.view.canvas, LEFT, NONE, spot)
    (section,) = saved(city).values()
    plane = section.planes[0]
    gap = (hit.world - np.array(plane.point)) @ np.array(plane.normal)
    assert gap == pytest.approx(-0.002, abs=1e-4)
    assert np.array(plane.normal) @ tool.view.canvas.view.ray(spot.x(), spot.y()) < 0
    assert tool.waiting == ""
    assert not tool.click(QPointF(spot), frozenset())  # the next one selects as ever
    assert len(saved(city)) == 1


def test_two_clicks_set_an_upright_plane_through_both(
    city: App, tool: SectionTool, qtbot: QtBot
) -> None:
    calm(city, qtbot)
    tool.wait_for("upright")
    one = somewhere(tool)
    two = one + QPoint(60, 5)
    spots = []
    for spot in (one, two):
        hit = tool.view.canvas.hit_at(spot.x(), spot.y())
        assert hit is not None
        spots.append(hit.world)
        QTest.mouseClick(tool.view.canvas, LEFT, NONE, spot)
    (section,) = saved(city).values()
    plane = section.planes[0]
    assert plane.normal[2] == 0.0
    for place in spots:
        assert abs((place - np.array(plane.point)) @ np.array(plane.normal)) < 1e-6


def test_a_level_plane_shows_its_height_and_the_sky_sets_nothing(
    city: App, tool: SectionTool, qtbot: QtBot
) -> None:
    calm(city, qtbot)
    tool.wait_for("level")
    before = city.view.canvas.navigator.pose
    QTest.mouseClick(tool.view.canvas, LEFT, NONE, QPoint(3, 3))
    assert saved(city) == {}
    spot = somewhere(tool)
    QTest.mouseClick(tool.view.canvas, LEFT, NONE, spot)
    (section,) = saved(city).values()
    assert tool.panel is not None
    assert tool.panel.field.value() == pytest.approx(section.planes[0].point[2], abs=0.006)
    assert section.planes[0].normal == (0.0, 0.0, 1.0)
    assert np.array_equal(before.eye, city.view.canvas.navigator.pose.eye)


def test_the_list_hides_names_takes_flies_and_removes(
    city: App, tool: SectionTool, qtbot: QtBot
) -> None:
    city.window.acts.do("sections.box")
    city.window.acts.do("sections.plane")
    panel = next(x for x in city.window.desk.panels if isinstance(x, SectionsPanel))
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2, timeout=WAIT)
    titles = [section.title for section in panel.model.sections]
    assert titles == ["Section A", "Section B"]
    calm(city, qtbot)
    assert "m²" in panel.foot.text()
    panel._eye(0)
    assert not saved(city)["section-1"].visible
    panel._do("sections.take", 0)
    assert saved(city)["section-1"].visible
    assert tool.current == "section-1"
    before = city.view.canvas.navigator.pose
    panel._do("sections.fly", 1)
    calm(city, qtbot)
    assert not np.array_equal(before.eye, city.view.canvas.navigator.pose.eye)
    names = [action.text() for action in panel.menu_of(1).actions()]
    assert "Flip" in names
    assert kind_of(panel.desk, panel.model.sections[0]).endswith(" m")
    panel.menu_of(1).actions()[-1].trigger()
    assert set(saved(city)) == {"section-1"}


def test_esc_puts_the_tool_back_and_the_section_goes_on_cutting(
    city: App, tool: SectionTool, qtbot: QtBot
) -> None:
    city.window.acts.do("sections.box")
    city.window.acts.do("select.clear")
    assert city.view.canvas.hand is None
    assert len(saved(city)) == 1
    calm(city, qtbot)
    assert len(city.view.shown.planes) == 6
    city.window.acts.do("tool.section")
    assert tool.current == "section-1"
    assert tool.waiting == ""


def test_a_rubber_band_leaves_out_what_is_cut_away(
    city: App, tool: SectionTool, qtbot: QtBot
) -> None:
    calm(city, qtbot)
    wide, tall = city.view.canvas.view.size
    whole = (0.0, 0.0, float(wide), float(tall))
    city.view._rubber(whole, frozenset())
    before = sum(len(rows) for rows in city.session.selected.values())
    city.session.select({}, "replace")
    city.window.acts.do("sections.plane")
    calm(city, qtbot)
    city.view._rubber(whole, frozenset())
    after = sum(len(rows) for rows in city.session.selected.values())
    assert 0 < after < before


def test_sections_are_lettered_like_columns_of_a_sheet() -> None:
    assert [letter(n) for n in (1, 2, 26, 27, 28, 52, 53)] == [
        "A",
        "B",
        "Z",
        "AA",
        "AB",
        "AZ",
        "BA",
    ]
