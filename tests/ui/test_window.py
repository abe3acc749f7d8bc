"""The real window, driven as a person would drive it."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QFile, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QHeaderView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.conftest import REPO
from tests.ui.conftest import WAIT, Make
from tests.ui.spoken import nameless, untranslated
from twin.observations import STATUSES
from twin.settings import autosave_folder
from twin.store import left_behind
from ui.app import App
from ui.panels.freshness_rows import COLUMNS
from ui.panels.freshness_table import KeyTable
from ui.panels.sheet_items import Field
from ui.recent import Recent, load_recent, remember
from ui.viewport.overlays import projected

pytestmark = pytest.mark.qt
STALE = STATUSES.index("stale")


def settle(app: App, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not app.window.stale and not app.window.waiting, timeout=WAIT)


def press(
    widget: QWidget, pos: QPoint, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, held, pos)


def one_building(app: App) -> int:
    layer = app.session.twin.layer("delft")
    found = (layer.assessment.status == STALE) & (layer.features["kind"] == "Building")
    return int(np.flatnonzero(found)[0])


def select(app: App, qtbot: QtBot, row: int) -> None:
    app.session.select({"delft": np.array([row], np.int32)})
    settle(app, qtbot)


def test_the_start_page_gives_way_to_the_city(make_app: Make, qtbot: QtBot) -> None:
    app = make_app()
    settle(app, qtbot)
    assert app.window.start.isVisible()
    assert not any(dock.isVisible() for dock in app.window.docks)
    app.window.handlers.open_demo()
    qtbot.waitUntil(lambda: not app.window.start.isVisible(), timeout=WAIT)
    assert all(dock.isVisible() for dock in app.window.docks)
    qtbot.waitUntil(lambda: app.view.shown.drawn > 0, timeout=WAIT)


def test_a_click_on_a_building_shows_its_passport(city: App, qtbot: QtBot) -> None:
    canvas = city.view.canvas
    hit = None
    for x in range(canvas.width() // 4, canvas.width() * 3 // 4, 7):
        hit = canvas.hit_at(x, canvas.height() // 2)
        if hit is not None and hit.layer == "delft_tileset" and hit.row >= 0:
            at = QPoint(x, canvas.height() // 2)
            break
    assert hit is not None
    press(canvas, at)
    qtbot.waitUntil(lambda: city.window.inspector.thing() is not None, timeout=WAIT)
    settle(city, qtbot)
    thing = city.window.inspector.thing()
    assert thing is not None
    drawn = city.session.twin.object(hit.layer, hit.row)
    assert (thing.layer.id, thing.id) == ("delft", drawn.id)  # the representation that is counted
    words = city.window.inspector.sheet.accessibleDescription()
    assert thing.id in words
    assert "Custodian: " in words
    assert "Effective date: " in words


def test_the_legend_filters_table_and_view_and_a_second_click_clears(
    city: App, qtbot: QtBot
) -> None:
    legend, table = city.window.legend, city.window.freshness.model
    whole = len(table.lines)
    number = next(i for i, x in enumerate(legend.entries) if x.key == "stale")
    at = QPoint(40, legend._top() + number * legend._entry + 5)
    press(legend, at)
    settle(city, qtbot)
    assert len(table.lines) == legend.entries[number].count < whole
    assert {table.status(i) for i in range(len(table.lines))} == {"stale"}
    press(legend, at, Qt.KeyboardModifier.AltModifier)
    settle(city, qtbot)
    press(legend, at)
    settle(city, qtbot)
    city.session.set_filter(())
    settle(city, qtbot)
    assert len(table.lines) == whole


def test_the_table_sorts_filters_groups_and_exports(city: App, qtbot: QtBot) -> None:
    panel = city.window.freshness
    panel.want(sort="updated", descending=False)
    dates = [panel.model.cell(i, "updated") for i in range(3)]
    years = [int(date[-4:]) for date in dates if date != "not stated"]
    assert years == sorted(years)
    panel.search.setText("bridge")
    assert {panel.model.cell(i, "class") for i in range(len(panel.model.lines))} == {"Bridge"}
    lines = [list(line) for line in panel.model.texts()]
    assert len(lines) == len(panel.model.lines) + 1
    assert len(lines[0]) == len(COLUMNS) + 1
    panel.search.setText("")
    panel.want(group="custodian")
    owners = [panel.model.cell(i, "custodian") for i in range(len(panel.model.lines))]
    assert owners == sorted(owners, key=owners.index)
    assert sum(a != b for a, b in itertools.pairwise(owners)) == len(set(owners)) - 1


def test_table_tree_and_view_follow_one_selection(city: App, qtbot: QtBot) -> None:
    row = one_building(city)
    select(city, qtbot, row)
    panel = city.window.freshness
    position = panel.table.currentIndex().row()
    assert position >= 0, (len(panel.model.lines), panel.model.position_of("delft", row))
    assert panel.model.at(position) == ("delft", row)
    tree = city.window.objects
    assert tree.model.at(tree.view.currentIndex().row()) == ("delft", row)
    panel.table.selectRow(0)
    settle(city, qtbot)
    layer, first = panel.model.at(0)
    assert city.session.selected[layer].tolist() == [first]


def test_hiding_is_undone_and_done_again_by_keys(city: App, qtbot: QtBot) -> None:
    row = one_building(city)
    select(city, qtbot, row)
    layer = city.session.twin.layer
    city.window.acts.do("objects.hide")
    assert layer("delft").is_hidden(row)
    settle(city, qtbot)
    assert city.window.toast.isVisible()
    city.window.acts.by_name["edit.undo"].trigger()
    assert not layer("delft").is_hidden(row)
    settle(city, qtbot)
    city.window.acts.by_name["edit.redo"].trigger()
    assert layer("delft").is_hidden(row)
    city.window.acts.do("objects.show_all")
    assert not layer("delft").is_hidden(row)


def words_of(city: App) -> frozenset[str]:
    """Words of the data: titles of layers, classes, parties."""
    found = {city.session.twin.title, "Amersfoort"}
    for layer in city.session.twin.layers.values():
        found |= {layer.title, layer.id, *layer.features.kinds}
    for name in ("parties", "policies"):
        for record in city.session.twin.records[name].values():
            found |= {record.id, getattr(record, "name", "")}
    return frozenset(found - {""})


def test_the_language_switches_live_and_keeps_the_selection(city: App, qtbot: QtBot) -> None:
    row = one_building(city)
    select(city, qtbot, row)
    city.window.handlers.change("language", "zh")
    qtbot.waitUntil(lambda: city.window.desk.words.language == "zh", timeout=WAIT)
    settle(city, qtbot)
    assert city.window.acts.by_name["objects.hide"].text() == "隐藏"
    thing = city.window.inspector.thing()
    assert thing is not None
    assert thing.row == row
    assert "现势性日期" in city.window.inspector.sheet.accessibleDescription()
    assert "\n".join(untranslated(city.window, words_of(city))) == ""
    assert "\n".join(nameless(city.window)) == ""
    city.window.handlers.change("language", "en")
    qtbot.waitUntil(lambda: city.window.desk.words.language == "en", timeout=WAIT)


def test_the_theme_switches_live(city: App, qtbot: QtBot) -> None:
    before = QApplication.palette().window().color()
    city.window.handlers.change("theme", "light")
    qtbot.waitUntil(lambda: city.window.desk.theme.name == "light", timeout=WAIT)
    assert QApplication.palette().window().color() != before


def test_a_file_that_cannot_be_opened_is_said_in_a_toast_that_stays(
    city: App, qtbot: QtBot
) -> None:
    city.window.handlers.open_path("missing.city.json")
    qtbot.waitUntil(city.window.toast.isVisible, timeout=WAIT)
    assert "missing.city.json" in city.window.toast.text.text()
    city.window.toast.pass_time(city.window.now + 3600)
    assert city.window.toast.isVisible()
    city.window.show_log()
    settle(city, qtbot)
    assert any(x.code == "missing.file" for x in city.window.log.model.entries)
    city.window.toast.dismiss()
    assert len(city.session.twin.layers) == 4


def test_colour_by_an_attribute_makes_a_legend_of_its_values(city: App, qtbot: QtBot) -> None:
    city.window.desk.run("view.color_by", column="kind")
    settle(city, qtbot)
    words = {city.window.legend.words(x) for x in city.window.legend.entries}
    assert {"Building", "Road"} <= words
    city.window.desk.run("view.color_by", column="freshness")


def test_the_as_of_strip_sets_the_instant_and_today_clears_it(city: App, qtbot: QtBot) -> None:
    strip = city.window.strip.as_of
    strip.line.choose(np.datetime64("2016-01-01"))
    settle(city, qtbot)
    assert str(city.session.as_of)[:10] == "2016-01-01"
    assert strip.property("past") is True
    strip._today()
    settle(city, qtbot)
    assert city.session.as_of is None
    qtbot.waitUntil(lambda: not city.session.jobs.pending, timeout=WAIT)


def test_the_palette_finds_commands_settings_and_objects(city: App, qtbot: QtBot) -> None:
    from ui.panels.command_palette import CommandPalette

    palette = CommandPalette(city.window.desk, city.window, city.window.choices())
    qtbot.addWidget(palette)
    palette.narrow("north up")
    assert palette.shown[0].text == "North up"
    palette.narrow("theme")
    assert any(x.icon == "settings" for x in palette.shown)
    table = city.session.twin.layer("delft").features
    palette.narrow(str(table.id[7]))
    palette.take()
    assert city.session.selected["delft"].tolist() == [7]


def test_rubber_band_takes_the_units_inside(city: App, qtbot: QtBot) -> None:
    canvas = city.view.canvas
    still = city.view.still  # a moving camera sees coarser tiles
    qtbot.waitUntil(lambda: still() and city.view.shown.complete, timeout=WAIT)
    width, height = canvas.view.size
    canvas.rubber.emit((0, 0, width, height), frozenset())
    settle(city, qtbot)
    chosen = city.session.selected["delft_tileset"]
    table = city.session.twin.layer("delft_tileset").features
    chosen = chosen[table["kind"][chosen] == "Building"]  # what this layer draws
    middle = (table.bounds[chosen, :3] + table.bounds[chosen, 3:]) / 2
    spots = projected(canvas.view, middle)
    assert len(chosen) > 20
    assert ((spots[:, 0] >= -5) & (spots[:, 0] <= width + 5)).all()


def test_escape_clears_the_selection_and_ends_walking_first(city: App, qtbot: QtBot) -> None:
    select(city, qtbot, one_building(city))
    city.view.walk(True)
    city.window.acts.do("select.clear")
    assert city.view.tool() == "explore"
    assert city.session.selected
    city.window.acts.do("select.clear")
    assert not city.session.selected


def test_every_icon_only_button_has_a_name_and_a_tooltip(city: App) -> None:

    nameless = [
        button.objectName() or button.toolTip()
        for button in city.window.findChildren(QToolButton)
        if button.property("kind") == "icon"
        and not (button.toolTip() and (button.accessibleName() or button.text()))
    ]
    assert not nameless


def test_layout_is_remembered_per_role(city: App, qtbot: QtBot) -> None:
    window = city.window
    window.docks[2].hide()
    window._choose_role("planner")
    settle(city, qtbot)
    assert not window.docks[3].isVisible()
    window._choose_role("custodian")
    settle(city, qtbot)
    assert not window.docks[2].isVisible()
    assert window.docks[3].isVisible()
    window.reset_layout()
    assert window.docks[2].isVisible()


def test_a_value_copies_on_click(city: App, qtbot: QtBot) -> None:
    select(city, qtbot, one_building(city))
    sheet = city.window.inspector.sheet
    y = next(y for y in range(0, sheet.height(), 5) if sheet.active_at(y)[1] is not None)
    field = sheet.active_at(y)[1]
    assert isinstance(field, Field)
    press = QMouseEvent(
        QEvent.Type.MouseButtonPress, QPointF(60, y), QPointF(sheet.mapToGlobal(QPoint(60, y))),
        Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    sheet.mousePressEvent(press)
    assert QApplication.clipboard().text() == field.value


def test_a_legend_swatch_shows_the_colour_of_its_class(city: App, qtbot: QtBot) -> None:
    city.window.desk.run("view.color_by", column="kind")
    settle(city, qtbot)
    legend = city.window.legend
    picture = legend.grab().toImage()
    ratio = picture.devicePixelRatio()
    for number, entry in enumerate(legend.entries[:3]):
        y = legend._top() + number * legend._entry + legend._entry / 2
        seen = picture.pixelColor(round(19 * ratio), round(y * ratio)).name()
        assert seen.upper() == entry.color


def test_work_that_was_never_saved_is_offered_again(make_app: Make, qtbot: QtBot) -> None:
    app = make_app()
    app.window.handlers.open_demo()
    qtbot.waitUntil(lambda: len(app.session.twin.layers) == 4, timeout=WAIT)
    app.close()
    again = make_app()
    settle(again, qtbot)
    buttons = again.window.start.findChildren(QToolButton)
    restore = [button for button in buttons if button.text() == "Restore"]
    assert len(restore) == 1
    restore[0].click()
    qtbot.waitUntil(lambda: len(again.session.twin.layers) == 4, timeout=WAIT)
    assert again.session.journal()


def test_restored_work_stays_unsaved_and_can_be_discarded(
    make_app: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    app.window.handlers.open_demo()
    qtbot.waitUntil(lambda: len(app.session.twin.layers) == 4, timeout=WAIT)
    app.close()
    again = make_app()
    settle(again, qtbot)
    link(again, "Restore").click()
    qtbot.waitUntil(lambda: len(again.session.twin.layers) == 4, timeout=WAIT)
    assert again.session.project_path is None
    settle(again, qtbot)
    assert again.window.status.saved.text() == "Not saved as a project"
    again.close()
    third = make_app()
    settle(third, qtbot)
    monkeypatch.setattr(QFile, "moveToTrash", lambda _: False)  # a system without a bin
    link(third, "Discard").click()
    folder = autosave_folder(third.session.settings)
    assert left_behind(folder) == ()
    assert not [x for x in third.window.start.findChildren(QToolButton) if x.text() == "Restore"
                and x.isVisible()]  # fmt: skip


def test_a_window_closed_without_content_leaves_nothing_behind(
    make_app: Make, qtbot: QtBot
) -> None:
    app = make_app()
    app.window.handlers.open_demo()
    qtbot.waitUntil(lambda: len(app.session.twin.layers) == 4, timeout=WAIT)
    app.window.handlers.close_all()
    for name in app.session.twin.records:
        app.session.twin.records[name].clear()
    app.close()
    assert left_behind(autosave_folder(app.session.settings)) == ()


def test_recent_locations_that_are_gone_are_found_again_or_forgotten(
    make_app: Make, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(Recent(str(tmp_path / "old.city.json"), "Old town"))
    app = make_app()
    settle(app, qtbot)
    assert not link(app, "Old town").isEnabled()
    new = tmp_path / "new.city.json"
    new.write_text("{}")
    found = staticmethod(lambda *_: (str(new), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", found)
    link(app, "Relocate…").click()
    assert [entry.path for entry in load_recent()] == [str(new)]
    assert link(app, "Old town").isEnabled()
    link(app, "Clear list").click()
    assert load_recent() == ()
    assert not app.window.start.before.clear.isVisible()


def test_only_what_could_be_opened_is_remembered(make_app: Make, qtbot: QtBot) -> None:
    app = make_app()
    settle(app, qtbot)
    sample = str(REPO / "sample_models" / "delft_tileset" / "tileset.json")
    app.window.handlers.open_path(sample)
    app.window.handlers.open_path("moved-away.city.json")
    qtbot.waitUntil(lambda: bool(app.session.errors and app.session.twin.layers), timeout=WAIT)
    app.window.close()
    assert [entry.path for entry in load_recent()] == [sample]


@pytest.mark.parametrize("width", [600, 700, 830, 1100])
def test_a_narrow_table_still_shows_when_something_is_due(
    city: App, qtbot: QtBot, width: int
) -> None:
    table = KeyTable()
    qtbot.addWidget(table)
    table.setModel(city.window.freshness.model)
    heads = table.horizontalHeader()
    heads.setMinimumSectionSize(56)
    heads.setSectionResizeMode(COLUMNS.index("object"), QHeaderView.ResizeMode.Stretch)
    table.resize(width, 200)
    table.show()
    qtbot.waitUntil(table.isVisible, timeout=WAIT)
    right = table.columnViewportPosition(COLUMNS.index("overdue")) + table.columnWidth(
        COLUMNS.index("overdue")
    )
    assert right <= table.viewport().width()
    assert table.columnWidth(COLUMNS.index("object")) >= 56
    assert table.isColumnHidden(COLUMNS.index("policy")) == (width < 900)


def link(app: App, text: str) -> QToolButton:
    """Return the button of the start page with these words."""
    buttons = app.window.start.findChildren(QToolButton)
    return next(x for x in buttons if x.text() == text and x.isVisible())
