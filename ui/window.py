"""The window: menu bar, tool bar, docks and the view in the middle; no logic, only where things stand."""

import time

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QMenuBar, QVBoxLayout, QWidget

from twin.scene import Aspect
from twin.session import Session
from ui import theme
from ui.actions import Actions
from ui.city_view import CityView
from ui.desk import Desk, Panel, count_selected
from ui.docks import bottom_dock, focus_next, inspector_dock, layers_dock, objects_dock, stand
from ui.handlers import Handlers
from ui.model_handlers import tell_carried
from ui.panels.command_palette import Choice
from ui.panels.freshness import FreshnessPanel
from ui.panels.inspector import Inspector
from ui.panels.layer_page import LayerPage
from ui.panels.log import LogPanel
from ui.panels.objects import ObjectsPanel
from ui.panels.plates import ColorByPlate, Legend, TilePlate
from ui.panels.start import StartPage
from ui.panels.status_bar import StatusBar
from ui.panels.stream_plate import StreamPlate
from ui.panels.tab_dock import TabDock
from ui.panels.toasts import Toast
from ui.roles import VERSION, Layouts
from ui.strips import Strips
from ui.toolbar import ToolBar
from ui.tools import Toolbox
from ui.unstyled import Unstyled
from ui.wording import Wording

ALL = frozenset(Aspect)
REFRESH_SECONDS = 0.012
ANEW = frozenset({"language", "theme"})
"""Settings that change every word or icon: the panels are made anew."""


class Window(QMainWindow):
    """One session in one window. ``tick`` is called by the composition root's timer."""

    def __init__(self, session: Session, view: CityView) -> None:
        super().__init__()
        self.session, self.view = session, view
        self.stale: set[Aspect] = set(ALL)
        self.now = 0.0
        self.setObjectName("citytwin")
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.resize(1280, 720)
        self.layouts = Layouts(self, session)
        self.layouts.restore_geometry()
        self._look = (session.settings.language, session.settings.theme)
        self._errors = 0
        self.docks: list[TabDock] = []
        self.waiting: dict[Panel, frozenset[Aspect]] = {}
        self.build()
        self._stop = session.twin.changed.connect(lambda change: self.stale.add(change.aspect))

    # -- building -----------------------------------------------------------------------------

    def build(self) -> None:
        """Make every panel (anew: another language or theme changes every word and icon)."""
        look = theme.chosen(self.session.settings.theme)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, look, self.session.settings.language)
        self.desk = Desk(self.session, look, Wording(self.session.words))
        self.desk.tell = lambda text, kind: self.toast.tell(text, kind, self.now)
        self.handlers = Handlers(self.desk, self, self.view)
        for action in self.actions():
            self.removeAction(action)
        self.toolbox = Toolbox(self.desk, self.view)
        table = {**self.handlers.table(), **self.toolbox.table(), "panel.log": self.show_log}
        self.acts = Actions(self.desk, self, table)
        self.desk.act = self.acts.do
        self._keys_of_the_view()
        self.view.dress(self.desk)
        self._make_docks()
        self._make_centre()
        self._make_bars()
        self.stale = set(ALL)
        self.waiting = {}
        self.layouts.show(self.docks)
        self._follow_city()
        self.unstyled = Unstyled(self.docks)

    def _keys_of_the_view(self) -> None:
        """Space plays only where the view has the keyboard: elsewhere it presses buttons."""
        widget = self.view.widget()
        for old in widget.actions():
            widget.removeAction(old)
        fly = self.acts.by_name["flythrough.play"]
        self.removeAction(fly)
        fly.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        widget.addAction(fly)

    def rebuild(self) -> None:
        """Build again and keep what stood where."""
        kept = self.saveState(VERSION)
        turned = [dock.tabs.currentIndex() for dock in self.docks]
        for dock in self.docks:
            self.removeDockWidget(dock)
            dock.setObjectName("")  # a state is restored by name: the old ones must not answer
            dock.deleteLater()
        for plate in (self.color_by, self.legend, self.tiles, self.hud, self.start, self.toast):
            plate.setParent(None)
            plate.deleteLater()
        self.build()
        self.restoreState(kept, VERSION)
        self.desk.act("present.resume")
        for dock, number in zip(self.docks, turned, strict=True):
            dock.tabs.setCurrentIndex(number)
        while self.stale or self.waiting:
            self.tick(self.now)

    def _make_docks(self) -> None:
        self.objects, self.inspector = ObjectsPanel(self.desk), Inspector(self.desk)
        self.layer_page = LayerPage(self.desk)
        self.freshness, self.log = FreshnessPanel(self.desk), LogPanel(self.desk)
        self.docks = [
            layers_dock(self.desk, self),
            objects_dock(self.desk, self, self.objects),
            inspector_dock(self.desk, self, self.inspector, self.layer_page),
            bottom_dock(self.desk, self, self.freshness, self.log),
        ]
        stand(self, self.docks)

    def _make_centre(self) -> None:
        widget = self.view.widget()
        centre = QWidget()
        centre.setObjectName("centre")
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(widget, 1)
        self.strip = Strips(self.desk)
        column.addWidget(self.strip)
        self.setCentralWidget(centre)
        centre.show()  # a state of docks is restored round a view that is to be seen
        self.color_by = ColorByPlate(self.desk, widget)
        self.legend = Legend(self.desk, widget)
        self.tiles = TilePlate(self.desk, widget)
        self.hud = StreamPlate(self.desk, widget)
        self.start = StartPage(self.desk, widget)
        self.toast = Toast(self.desk, widget)
        widget.installEventFilter(self)

    def _make_bars(self) -> None:
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = QMenuBar()
        self.bar.setFixedHeight(30)
        menus = self.acts.fill(self.bar)
        menus["window"].addSeparator()
        for dock in self.docks:
            menus["window"].addAction(dock.toggleViewAction())
        self.heading = QLabel(self.bar)
        self.heading.setProperty("tone", "t2")
        self.tools = ToolBar(self.desk, self.acts, self.toolbox, self._choose_role)
        column.addWidget(self.bar)
        column.addWidget(self.tools)
        self.setMenuWidget(head)
        foot = self.statusBar()
        for old in foot.findChildren(StatusBar):
            foot.removeWidget(old)
            old.deleteLater()
        foot.setSizeGripEnabled(False)
        foot.setFixedHeight(24)
        self.status = StatusBar(self.desk)
        foot.addWidget(self.status, 1)

    # -- living -------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Repaint what became stale since the last turn; called by the only timer."""
        self.now = now
        self.toast.pass_time(now)
        self.status.show_jobs(now)
        self.status.show_place(self.view.pointer())
        for panel in self.desk.panels:
            panel.pass_time(now)
        self.hud.show_frame(self.view.frame(), self.view.triangles(), now)
        self._show_tool()
        if self.start.isVisible():
            self.start.show_opening([job.title for job in self.session.jobs_running()])
        if self.stale:
            self._take_in()
        self._refresh_some()
        if not self.stale:
            self.unstyled.style_some(REFRESH_SECONDS)

    def _refresh_some(self) -> None:
        """Repaint waiting panels, as many as a short time allows; the others come next turn."""
        until = time.monotonic() + REFRESH_SECONDS
        arrange = bool(self.waiting)
        while self.waiting and time.monotonic() < until:
            panel = next(iter(self.waiting))
            panel.refresh(self.waiting.pop(panel))
        if arrange:
            self.arrange()

    def _take_in(self) -> None:
        aspects, self.stale = frozenset(self.stale), set()
        look = (self.session.settings.language, self.session.settings.theme)
        if Aspect.SETTINGS in aspects and look != self._look:
            self._look = look
            self.rebuild()
            return
        if aspects & {Aspect.LAYERS, Aspect.TOPICS}:
            self._follow_city()
        for panel in self.desk.panels:
            seen = aspects & panel.watches
            if seen:
                self.waiting[panel] = self.waiting.get(panel, frozenset()) | seen
        self._tell_errors()
        tell_carried(self.desk)
        if aspects & {Aspect.STYLE, Aspect.LAYERS}:
            self.color_by.retitle()
        chosen = count_selected(self.desk)
        left = ("layer", "week") if chosen == 1 else ("layer",)
        if Aspect.SELECTION in aspects and chosen and self.docks[2].shown in left:
            self.show_panel("passport")
        self.acts.enable(city=bool(self.session.twin.layers), selection=chosen > 0)
        self._title()

    def show_frame(self) -> None:
        """Say how complete the picture on the screen is."""
        frame = self.view.frame()
        self.tiles.show_frame(frame)
        self.hud.note(self.view.canvas.frame_ms)
        self.arrange()
        self.status.show_frame(frame, self.view.height(), self.view.fps())

    def _show_tool(self) -> None:
        walking, flying = self.view.tool() == "walk", self.view.flying()
        walk = self.acts.by_name["view.walk"]
        if walk.isChecked() != walking:
            walk.setChecked(walking)
            walk.setShortcut("" if walking else "W")  # while walking, W steps forward
        self.acts.by_name["view.fly_round"].setChecked(flying)
        settings = self.session.settings
        self.acts.by_name["debug.hud"].setChecked(settings.show_hud)
        self.acts.by_name["debug.boxes"].setChecked(settings.show_tile_boxes)
        self.tools.explore.setChecked(not (walking or flying or self.toolbox.name))

    def _tell_errors(self) -> None:
        errors = self.session.errors
        for _, error in errors[self._errors :]:
            self.desk.tell(self.desk.error_text(error), "error")
        self._errors = len(errors)
        while self.session.found_again:
            key, found, there_were = self.session.found_again.pop(0)
            title = self.session.twin.layers[key].title
            count, total = self.desk.words.count(found), self.desk.words.count(there_were)
            self.desk.tell(
                self.desk.say("swap.done", title=title, found=count, total=total), "undo"
            )

    def _follow_city(self) -> None:
        city = bool(self.session.twin.layers)
        work = city or bool(self.session.twin.records["topics"])
        changed = work != self.layouts.city
        if changed and not work:
            self.layouts.keep()
        self.layouts.city = work
        if changed:
            self.layouts.show(self.docks)
            if city and self.layouts.role == "custodian":
                self.show_panel("week")
        self.strip.setVisible(city and self.layouts.role != "presenter")
        self.start.setVisible(not city)
        self.arrange()
        self.color_by.setVisible(city)

    def _title(self) -> None:
        path = self.desk.project_path
        title = path.name if path else self.session.twin.title or self.desk.say("untitled")
        self.heading.setText(title)
        self.heading.adjustSize()
        self.setWindowTitle(f"{title} – CityTwin")

    def arrange(self) -> None:
        """Put the plates where they belong over the view."""
        widget = self.view.widget()
        size = widget.size()
        self.color_by.move(14, 14)
        self.legend.move(size.width() - self.legend.width() - 14, 14)
        self._arrange_numbers(size)
        self.tiles.lodge(size)
        self.view.set_plates([self.legend, self.color_by, self.tiles, self.hud])
        if self.start.isVisible() and self.start.size() != size:
            self.start.setGeometry(0, 0, size.width(), size.height())
        self.toast.place()
        middle = (self.width() - self.heading.width()) // 2
        self.heading.move(max(middle, 0), (30 - self.heading.height()) // 2)

    def _arrange_numbers(self, size: QSize) -> None:
        """Put the streaming numbers beside the legend; it folds where it leaves no room for plates."""
        beside = self.legend.x() - 14 - 12 if self.legend.isVisible() else size.width() - 28
        crowded = self.hud.isVisible() and self.legend.isVisible() and self.hud.least > beside
        self.legend.crowd(crowded or self.legend.full + 14 > size.height() - 46)
        top = self.legend.geometry().bottom() + 9 if crowded else 56
        self.hud.room = QSize(size.width() - 28 if crowded else beside, size.height() - top - 56)
        self.hud.move(14, top)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the plates in place when the view changes its size."""
        if event.type() == QEvent.Type.Resize:
            self.arrange()
        return super().eventFilter(watched, event)

    # -- what handlers ask for ----------------------------------------------------------------

    def _choose_role(self, role: str) -> None:
        self.layouts.turn(role, self.docks)
        self.handlers.change("workspace", role)
        self.tools.show_tool()
        self._follow_city()

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""
        if name == "layer":
            self.layer_page.show_layer()
        for dock in self.docks:
            dock.turn(name)

    def show_log(self, layer: str = "") -> None:
        """Show the log, of one layer when it is named."""
        self.log.show_kind("problem" if layer else "", layer)
        self.show_panel("log")

    def passport_text(self) -> str:
        """Return the passport of the selected object as text."""
        return self.inspector.passport_text()

    def choices(self) -> list[Choice]:
        """Return what the palette offers."""
        return self.acts.choices()

    def checked(self, name: str) -> bool:
        """Return whether a held action is down."""
        return self.acts.by_name[name].isChecked()

    def reset_layout(self) -> None:
        """Put the panels of the role back."""
        self.layouts.reset(self.docks)

    def next_dock(self) -> None:
        """Give the keyboard to the next dock, then the view, in reading order."""
        focus_next([self.view.widget(), *[d.stack for d in self.docks if d.isVisible()]])

    def turn_role(self, role: str) -> None:
        """Turn to another workspace, as the switch in the tool bar does."""
        self.tools.turn_role(role)

    def action(self, name: str) -> QAction:
        """Return a declared action."""
        return self.acts.by_name[name]

    def full(self, on: bool) -> None:
        """Fill the screen with the view, or come back."""
        if on:
            self.showFullScreen()
        else:
            self.showNormal()
        for dock in self.docks:
            dock.setVisible(self.layouts.city and not on)
        self.tools.setVisible(not on)
        self.statusBar().setVisible(not on)
        self.bar.setVisible(not on)
        if not on:
            self.layouts.show(self.docks)

    # -- coming and going ---------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        for url in event.mimeData().urls():
            self.handlers.open_path(url.toLocalFile() if url.isLocalFile() else url.toString())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout and what was open."""
        self.layouts.keep()
        self.handlers.note_recent()
        self._stop()
        event.accept()
