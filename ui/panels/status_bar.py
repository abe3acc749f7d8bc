"""The status bar: place and height with their systems, camera, objects, stale share, tiles, fps, jobs, saved."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QProgressBar, QToolButton, QWidget

from twin.geometry import F64
from twin.scene import Aspect
from twin.streaming import Frame
from ui.desk import Desk, Panel, count_selected
from ui.panels.glyphs import paint_status
from ui.panels.object_rows import counted, own_units
from ui.panels.parts import label, line, offer
from ui.theme import font

ROOMY = 1100
"""Logical pixels from which there is room to say that nothing runs."""


class Glyph(QWidget):
    """A status glyph of its own."""

    def __init__(self, desk: Desk, status: str) -> None:
        super().__init__()
        self.desk, self.status = desk, status
        self.setFixedSize(QSize(12, 12))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        paint_status(painter, QPointF(0, 0), self.status, self.desk.theme, 11)
        painter.end()


class Cell(QLabel):
    """A piece of the bar with the divider after it; without words both are gone."""

    def __init__(self) -> None:
        super().__init__()
        self.setFont(font(11))
        self.setProperty("tone", "t2")
        self.edge = line(vertical=True)

    def say(self, text: str) -> None:
        """Show a text."""
        if text != self.text() or self.isHidden() == bool(text):
            self.setText(text)
            self.setVisible(bool(text))
            self.edge.setVisible(bool(text))


class StatusBar(Panel):
    """One line of 24 px; it never asks for attention."""

    watches = frozenset(
        {Aspect.LAYERS, Aspect.FEATURES, Aspect.ASSESSMENT, Aspect.SELECTION, Aspect.PROJECT,
         Aspect.VISIBILITY}
    )  # fmt: skip

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.setObjectName("statusbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(24)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(12, 0, 12, 0)
        self.row.setSpacing(10)
        self.place = self._cell(desk.say("status_bar.place"))
        self.system = self._cell(desk.say("status_bar.system"))
        self.camera = self._cell(desk.say("status_bar.camera_tip"))
        self.objects = self._cell(desk.say("status_bar.objects_tip"))
        self.stale_glyph = Glyph(desk, "stale")
        self.row.addWidget(self.stale_glyph)
        self.stale = self._cell(desk.say("status_bar.stale_tip"))
        self.tiles = self._cell(desk.say("status_bar.tiles_tip"))
        self.failed = self._link("", lambda: desk.act("layers.retry"))
        self.failed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.failed.setToolTip(desk.say("status_bar.failed_tip"))
        self.failed.hide()
        self.row.addWidget(self.failed)
        self.fps = self._cell(desk.say("status_bar.fps_tip"))
        self.row.addStretch(1)
        self.job = label("", "t2", 11)
        self.bar = QProgressBar()
        self.bar.setFixedWidth(120)
        self.bar.setTextVisible(False)
        self.percent = label("", "t2", 11)
        self.cancel = self._link(desk.say("cancel"), self._cancel)
        self.more = self._link("", self._list)
        for widget in (self.job, self.bar, self.percent, self.cancel, self.more):
            self.row.addWidget(widget)
        self.row.addWidget(line(vertical=True))
        self.saved = label("", "t2", 11)
        self.row.addWidget(self.saved)
        self._told = 0.0
        self.refresh(self.watches)
        self.show_jobs()

    def _cell(self, tip: str) -> "Cell":
        made = Cell()
        made.setToolTip(tip)
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.row.addWidget(made)
        self.row.addWidget(made.edge)
        return made

    def _link(self, text: str, done: Callable[[], None]) -> QToolButton:
        made = QToolButton()
        made.setProperty("kind", "link")
        made.setText(text)
        made.clicked.connect(lambda _=False: done())
        return made

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Count again."""
        session, say, words = self.desk.session, self.desk.say, self.desk.words
        layers = [x for x in session.twin.layers.values() if x.visible]
        total: dict[str, int] = {}
        for layer in layers:
            for key, n in counted(layer.assessment, own_units(layer)).items():
                total[key] = total.get(key, 0) + n
        units = sum(total.values())
        judged = units - total.get("retired", 0)
        chosen = count_selected(self.desk)
        self.objects.say(say("status_bar.objects", count=words.count(units)) + (
            say("status_bar.selected", count=words.count(chosen)) if chosen else ""
        ))  # fmt: skip
        self.stale.say(say("status_bar.stale", share=words.percent(total.get("stale", 0), judged)))
        self.stale_glyph.setVisible(bool(units))
        if not units:
            self.stale.say("")
        if session.twin.layers:
            self.system.say(self._system())
            tip, project = say("status_bar.system"), session.project
            self.system.setToolTip(f"{tip}\n{project.crs}" if project is not None else tip)
        else:
            self.system.say(say("status_bar.no_data"))
            for cell in (self.place, self.camera, self.objects, self.tiles, self.fps):
                cell.say("")
            self.failed.hide()
        path = self.desk.project_path
        saved = say("status_bar.saved", name=path.name) if path else say("status_bar.unsaved")
        self.saved.setText(saved if session.twin.layers else "")

    def _system(self) -> str:
        """Return code and title of the project's system; a missing datum is said."""
        project, say = self.desk.session.project, self.desk.say
        if project is None:
            return f"{say('status_bar.no_crs')} · {say('status_bar.no_datum')}"
        datum = "" if project.vertical else f" · {say('status_bar.no_datum')}"
        code = "" if "[" in project.crs else f"{project.crs}  "  # a definition is in the tooltip
        title = project.title if code or project.title else say("status_bar.unnamed_crs")
        return f"{code}{title}{datum}"

    def show_place(self, point: F64 | None) -> None:
        """Show where the pointer is, in the project's system."""
        if point is None:
            return
        metres = self.desk.words.metres
        ground = float(self.desk.session.ground(point[None, :2])[0])
        above = ""
        if np.isfinite(ground):
            above = self.desk.say("ground.pointer", height=metres(point[2] - ground, 2))
        place = f"E {metres(point[0])}  N {metres(point[1])}  h {metres(point[2], 2)} m"
        self.place.say(f"{place}{above}")

    def show_frame(self, frame: Frame, height: float | None, fps: float) -> None:
        """Show tiles, camera height and frames a second."""
        if not self.desk.session.twin.layers:
            return
        say, words = self.desk.say, self.desk.words
        self.tiles.say(say("status_bar.tiles", drawn=words.count(frame.drawn),
                             wanted=words.count(frame.wanted)))  # fmt: skip
        self.failed.setVisible(bool(frame.failed))
        self.failed.setText(say("status_bar.failed", count=words.count(frame.failed)))
        if height is not None and np.isfinite(height):
            self.camera.say(say("status_bar.camera", height=words.metres(height, 0)))
        if fps > 0:
            self.fps.say(f"{min(round(fps), 60)} fps")

    def show_jobs(self, now: float = 0.0) -> None:
        """Show what runs; progress moves at most ten times a second."""
        if now and now - self._told < 0.1:
            return
        self._told = now
        jobs = list(self.desk.session.jobs_running())
        one = jobs[0] if len(jobs) == 1 else None
        say, words = self.desk.say, self.desk.words
        idle = say("status_bar.no_jobs") if self.width() >= ROOMY else ""
        self.job.setText(idle if not jobs else one.title if one else "")
        known = one is not None and one.progress is not None
        self.bar.setVisible(known)
        self.percent.setVisible(one is not None)
        self.cancel.setVisible(one is not None)
        self.more.setVisible(len(jobs) > 1)
        self.more.setText(say("status_bar.jobs", count=words.count(len(jobs))))
        if one is None:
            return
        if one.progress is not None:
            self.bar.setValue(round(100 * one.progress))
            self.percent.setText(words.percent(one.progress, 1.0))
        else:
            self.percent.setText(one.what)

    def _cancel(self) -> None:
        for job in list(self.desk.session.jobs_running())[:1]:
            self.desk.session.cancel(job.id)

    def _list(self) -> None:
        menu = QMenu(self)
        for job in self.desk.session.jobs_running():
            share = "" if job.progress is None else self.desk.words.percent(job.progress, 1.0)
            text = self.desk.say("status_bar.cancel_job", title=job.title, share=share)
            offer(menu, text, partial(self.desk.session.cancel, job.id))
        menu.exec(self.more.mapToGlobal(QPointF(0, 0).toPoint()))
