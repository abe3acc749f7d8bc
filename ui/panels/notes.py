"""The presenter's notes: elapsed, clock and plan, what is said in this scene, the next one, and the way on."""

import datetime
import time

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.presenting.stories import Told, planned, stories_of, story_of, told, words_of
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.parts import icon_button, label, line
from ui.presenting.painting import cut_round
from ui.theme import glyph_pixmap

CONTROL, TOUCH = 28, 36
"""Logical pixels of a control, and in the touch setting."""


class Thumbnail(QWidget):
    """A picture at 16:9 as wide as there is room; without one a quiet box."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.picture = QPixmap()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_picture(self, data: bytes) -> None:
        """Show another picture (a JPEG)."""
        self.picture = QPixmap()
        self.picture.loadFromData(data)
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Say that the height follows the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of 16:9."""
        return width * 9 // 16

    def sizeHint(self) -> QSize:
        """Return a size of 16:9."""
        return QSize(240, 135)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect())
        cut_round(painter, box, 5)
        painter.fillRect(box, QColor(self.desk.theme.win))
        if not self.picture.isNull():
            tall = self.picture.height() * self.width() // max(self.picture.width(), 1)
            painter.drawPixmap(
                QRect(0, (self.height() - tall) // 2, self.width(), tall), self.picture
            )
        painter.end()


class NotesPanel(Panel):
    """What only the presenter sees."""

    watches = frozenset({Aspect.VIEWS, Aspect.SETTINGS, Aspect.LAYERS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._shown: object = None
        self._second = -1
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_clock())
        column.addWidget(line())
        column.addWidget(self._make_text(), 1)
        column.addWidget(line())
        column.addWidget(self._make_next())
        self.refresh(self.watches)

    # -- made once ----------------------------------------------------------------------------

    def _make_clock(self) -> QWidget:
        say, made = self.desk.say, QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(4)
        row = QHBoxLayout()
        left, right = QVBoxLayout(), QVBoxLayout()
        self.elapsed = label("00:00", pixels=34, bold=True)
        self.clock = label("", pixels=20)
        left.addWidget(label(say("present.elapsed"), "t2"))
        left.addWidget(self.elapsed)
        flag = Qt.AlignmentFlag
        right.addStretch(1)
        right.addWidget(label(say("present.clock"), "t2"), 0, flag.AlignRight)
        right.addWidget(self.clock, 0, flag.AlignRight)
        row.addLayout(left)
        row.addStretch(1)
        row.addLayout(right)
        column.addLayout(row)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName(say("present.elapsed"))
        column.addSpacing(6)
        column.addWidget(self.bar)
        plan = QHBoxLayout()
        self.planned, self.left = label("", "t2"), label("", "t2")
        plan.addWidget(self.planned)
        plan.addStretch(1)
        plan.addWidget(self.left)
        column.addSpacing(4)
        column.addLayout(plan)
        return made

    def _make_text(self) -> QWidget:
        inside = QWidget()
        inside.setObjectName("panel")
        column = QVBoxLayout(inside)
        column.setContentsMargins(14, 14, 14, 14)
        column.setSpacing(10)
        self.title = label("", pixels=15, bold=True, wrap=True)
        self.notes = label("", "t1", 15, wrap=True)
        self.notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.title)
        column.addWidget(self.notes)
        column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("panel")
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setAccessibleName(self.desk.say("tab.notes"))
        area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return area

    def _make_next(self) -> QWidget:
        say, made = self.desk.say, QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        self.coming = label("", "t2")
        self.coming.setMinimumWidth(1)
        head.addWidget(self.coming, 1)
        key = label("→", "t2", 11)
        key.setObjectName("key")
        head.addWidget(key)
        column.addLayout(head)
        self.picture = Thumbnail(self.desk)
        self.picture.setMaximumHeight(200)
        column.addWidget(self.picture)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.back: QToolButton = icon_button(self.desk, "skip_previous", say("present.previous"))
        self.back.clicked.connect(lambda: self.desk.act("present.previous"))
        self.forth = QPushButton(say("present.next"))
        self.forth.setProperty("primary", True)
        self.forth.clicked.connect(self._on)
        self.stop = QPushButton(say("present.end"))
        self.stop.clicked.connect(lambda: self.desk.act("present.end"))
        row.addWidget(self.back)
        row.addWidget(self.forth, 1)
        row.addWidget(self.stop)
        column.addLayout(row)
        return made

    # -- shown --------------------------------------------------------------------------------

    def _on(self) -> None:
        self.desk.act("present.next" if self.desk.show.running else "present.start")

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the story again; the scene that is told stays."""
        session, show = self.desk.session, self.desk.show
        story = story_of(session.twin, show.story)
        scenes = told(session.twin, story)
        if show.running:
            show.renew(scenes)
            show.freshness = story.freshness
        else:
            show.scenes, show.number = scenes, -1
        show.planned = planned(story)
        tall = TOUCH if session.settings.touch else CONTROL
        for button in (self.back, self.forth, self.stop):
            button.setFixedHeight(tall)
        if Aspect.SETTINGS in aspects:
            self.desk.act("present.keys")
        self._shown = None
        self._show()

    def pass_time(self, now: float) -> None:
        """Follow the clock, a second at a time, and the scene."""
        self._show()
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._tell_time()

    def _tell_time(self) -> None:
        show, say = self.desk.show, self.desk.say
        gone = show.elapsed(time.monotonic()) if show.running else 0.0
        self.elapsed.setText(clock_text(gone))
        self.clock.setText(datetime.datetime.now().astimezone().strftime("%H:%M"))
        plan = show.planned * 60
        for part in (self.bar, self.planned, self.left):
            part.setVisible(plan > 0)
        if plan > 0:
            self.bar.setValue(round(1000 * min(gone / plan, 1.0)))
            self.planned.setText(say("present.planned", minutes=f"{show.planned:g}"))
            minutes, seconds = divmod(int(abs(plan - gone)), 60)
            key = "present.left" if gone <= plan else "present.over"
            self.left.setText(say(key, minutes=minutes, seconds=f"{seconds:02d}"))

    def _show(self) -> None:
        """Show the scene and the next one, where they are others than before."""
        show = self.desk.show
        now = (show.running, show.number, show.aside, id(show.scenes))
        if now == self._shown:
            return
        self._shown, say = now, self.desk.say
        scene, coming = show.scene, show.following
        self.title.setText(self._title(scene, show.number))
        self.notes.setText(self._notes(scene))
        self.coming.setText(
            say("present.coming", title=self._title(coming, show.number + 1))
            if coming is not None
            else say("present.last" if show.scenes else "present.nothing")
        )
        view = None if coming is None else coming.view
        self.picture.show_picture(b"" if view is None else view.picture)
        self.picture.setVisible(coming is not None)
        key = "present.next" if show.running else "present.begin"
        self.forth.setText(say(key))
        self.forth.setEnabled(not show.running or coming is not None)
        theme = self.desk.theme
        ink = theme.on_accent if self.forth.isEnabled() else theme.t3
        self.forth.setIcon(QIcon(glyph_pixmap("skip_next" if show.running else "play", ink, 16)))
        self.back.setEnabled(show.running and show.number > 0)
        self.stop.setEnabled(show.running)

    def _notes(self, scene: Told | None) -> str:
        if scene is None:
            known = stories_of(self.desk.session.twin)
            nothing = "present.empty_story" if known else "present.empty"
            return self.desk.say("present.before" if self.desk.show.scenes else nothing)
        return scene.scene.notes or self.desk.say("present.no_notes")

    def _title(self, scene: Told | None, number: int) -> str:
        if scene is None:
            return ""
        title = words_of(scene.scene, self.desk.words.language)[0]
        return f"{number + 1}. {title}"


def clock_text(seconds: float) -> str:
    """Return minutes and seconds, with hours once there are any."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"
