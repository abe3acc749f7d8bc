"""The page of one topic: its picture, what is said of it, its objects; comment and status at hand."""

import hashlib
from functools import partial

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QIcon, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from twin.exchange.bcf.model import Topic, Viewpoint
from twin.topics.changes import allowed, file_of, topics_of
from twin.topics.links import missing_models
from ui.desk import Desk
from ui.panels.parts import Elided, copy_text, icon_button, label, mark, offer
from ui.panels.sheet import Sheet
from ui.panels.sheet_items import Field, Link
from ui.panels.topic_sheet import items_of, view_name

PICTURE, SMALL = QSize(208, 117), QSize(128, 72)
"""Logical pixels of a viewpoint's picture, and where the page is narrow."""
NARROW = 560
MOST_LINES = 80
"""Lines that a description or a comment may have on the page."""


class TopicPage(QWidget):
    """Shows the topic with the guid ``topic``; ``refresh`` reads it again."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.topic = ""
        self.view = ""
        self._pictures: dict[str, QPixmap] = {}
        self.title = Elided(pixels=13, bold=True)
        self.status = self._make_status()
        self.more = icon_button(desk, "more", desk.say("more"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.sheet = Sheet(desk.theme)
        self.sheet.wraps = True
        self.sheet.most = MOST_LINES
        self.sheet.on_copy = self._copied
        self.sheet.on_follow = self._follow
        self.sheet.on_reach = lambda y: self.pane.ensureVisible(0, y, 0, 40)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(self._note())
        column.addLayout(self._body(), 1)
        column.addWidget(self._foot())

    # -- building -----------------------------------------------------------------------------

    def _make_status(self) -> QComboBox:
        made = QComboBox()
        made.setMinimumWidth(128)
        made.setAccessibleName(self.desk.say("topics.column.status"))
        made.activated.connect(lambda _: self._set("status", str(made.currentData())))
        mark(self.desk, "chevron_down", made)
        return made

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(14, 8, 10, 6)
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        head.addWidget(self.status)
        head.addWidget(self.more)
        return head

    def _note(self) -> QWidget:
        self.note = QFrame()
        self.note.setObjectName("note")
        self.note.setProperty("kind", "caution")
        self.missing = label("", "t1", wrap=True)
        open_ = QToolButton()
        open_.setProperty("kind", "link")
        open_.setText(self.desk.say("topics.open_model"))
        open_.clicked.connect(lambda: self.desk.act("file.open"))
        row = QHBoxLayout(self.note)
        row.setContentsMargins(10, 5, 8, 5)
        row.addWidget(self.missing, 1)
        row.addWidget(open_)
        holder = QWidget()
        around = QHBoxLayout(holder)
        around.setContentsMargins(14, 0, 10, 6)
        around.addWidget(self.note)
        self.noted = holder
        return holder

    def _body(self) -> QHBoxLayout:
        self.picture = QToolButton()
        self.picture.setObjectName("viewpoint")
        self.picture.setAccessibleName(self.desk.say("topics.fly"))
        self.picture.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.picture.clicked.connect(self._fly)
        self.name = label("", "t3", 11)
        self.steps = [
            icon_button(self.desk, x, self.desk.say(f"topics.{x}")) for x in ("back", "forth")
        ]
        for step, button in zip((-1, 1), self.steps, strict=True):
            button.clicked.connect(partial(self._step, step))
        row = QHBoxLayout()
        row.addWidget(self.steps[0])
        row.addStretch(1)
        row.addWidget(self.name)
        row.addStretch(1)
        row.addWidget(self.steps[1])
        side = QVBoxLayout()
        side.setContentsMargins(14, 0, 8, 6)
        side.setSpacing(2)
        side.addWidget(self.picture)
        side.addLayout(row)
        side.addStretch(1)
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.addLayout(side)
        body.addWidget(self._pane(), 1)
        return body

    def _pane(self) -> QScrollArea:
        self.pane = QScrollArea()
        self.pane.setObjectName("panel")
        self.pane.setWidgetResizable(True)
        self.pane.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget()
        holder.setObjectName("panel")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.sheet)
        inner.addStretch(1)
        self.pane.setWidget(holder)
        return self.pane

    def _foot(self) -> QWidget:
        foot = QWidget()
        foot.setObjectName("footer")
        self.words = QLineEdit()
        self.words.setPlaceholderText(self.desk.say("topics.write"))
        self.words.setAccessibleName(self.desk.say("topics.write"))
        self.words.returnPressed.connect(self._comment)
        self.with_view = icon_button(self.desk, "camera", self.desk.say("topics.with_view"))
        self.with_view.setCheckable(True)
        send = QPushButton(self.desk.say("topics.comment"))
        send.setProperty("primary", True)
        send.clicked.connect(self._comment)
        row = QHBoxLayout(foot)
        row.setContentsMargins(14, 7, 10, 7)
        row.setSpacing(8)
        row.addWidget(send)
        row.addWidget(self.words, 1)
        row.addWidget(self.with_view)
        return foot

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the words their room where there is little."""
        size = SMALL if event.size().width() < NARROW else PICTURE
        self.picture.setIconSize(size)
        self.picture.setFixedSize(size + QSize(4, 4))
        self.name.setMaximumWidth(size.width() - 60)
        super().resizeEvent(event)

    # -- showing ------------------------------------------------------------------------------

    def found(self) -> Topic | None:
        """Return the topic that is shown."""
        return topics_of(self.desk.session.twin).get(self.topic)

    def show_topic(self, guid: str) -> None:
        """Show another topic, at its first viewpoint."""
        if guid != self.topic:
            self.topic, self.view = guid, ""
            self.words.clear()
            self.pane.verticalScrollBar().setValue(0)
        self.refresh()

    def refresh(self) -> None:
        """Read the topic again."""
        topic = self.found()
        if topic is None:
            return
        self.title.show_text(topic.title or self.desk.say("topics.untitled"))
        self.status.clear()
        for value in dict.fromkeys([*allowed(self.desk.session.twin, "status"), topic.status]):
            self.status.addItem(value or self.desk.say("not_stated"), value)
        self.status.setCurrentIndex(self.status.findData(topic.status))
        self._fill_menu(topic)
        self._fill_note(topic)
        self._fill_picture(topic)
        self.sheet.show_items(items_of(self.desk, topic))

    def _fill_menu(self, topic: Topic) -> None:
        menu = QMenu(self.more)
        say, act = self.desk.say, self.desk.act
        offer(menu, say("topics.select_objects"), partial(act, "topics.select", topic.guid))
        offer(menu, say("topics.take"), partial(act, "topics.take", topic.guid))
        menu.addSeparator()
        offer(menu, say("topics.export_one"), partial(act, "topics.export", topic.guid))
        offer(menu, say("topics.copy_guid"), partial(copy_text, topic.guid))
        menu.addSeparator()
        offer(menu, say("topics.delete"), partial(act, "topics.delete", topic.guid))
        old = self.more.menu()
        self.more.setMenu(menu)
        if old is not None:
            old.deleteLater()

    def _fill_note(self, topic: Topic) -> None:
        names = missing_models(self.desk.session.twin, topic)
        self.noted.setVisible(bool(names))
        if names:
            known = ", ".join(filter(None, names))
            key = "topics.missing" if known else "topics.missing_unnamed"
            self.missing.setText(self.desk.say(key, names=known))

    def _fill_picture(self, topic: Topic) -> None:
        view = self._current(topic)
        several = len(topic.viewpoints) > 1
        for button in self.steps:
            button.setVisible(several)
        self.picture.setEnabled(view is not None)
        self.name.setText("" if view is None else view_name(self.desk, topic, view))
        shown = None if view is None else self._pixmap(topic, view)
        self.picture.setIcon(QIcon() if shown is None else QIcon(shown))
        empty = "topics.no_viewpoint" if view is None else "topics.no_picture"
        self.picture.setText(self.desk.say(empty) if shown is None else "")
        words = self.desk.say("topics.fly" if view is not None else "topics.no_viewpoint")
        self.picture.setToolTip(words)
        self.picture.setAccessibleName(words)

    def _current(self, topic: Topic) -> Viewpoint | None:
        return topic.viewpoint(self.view) or (topic.viewpoints[0] if topic.viewpoints else None)

    def _pixmap(self, topic: Topic, view: Viewpoint) -> QPixmap | None:
        data = file_of(self.desk.session.twin, topic, view.snapshot) if view.snapshot else None
        if data is None:
            return None
        key = hashlib.sha256(data).hexdigest()
        if key not in self._pictures:
            ratio = self.devicePixelRatioF()
            made = QPixmap()
            made.loadFromData(data)
            if not made.isNull():
                made = made.scaled(
                    PICTURE * ratio,
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
                made.setDevicePixelRatio(ratio)
            self._pictures[key] = made
        found = self._pictures[key]
        return None if found.isNull() else found

    # -- what people do -----------------------------------------------------------------------

    def _step(self, step: int) -> None:
        topic = self.found()
        if topic is None or not topic.viewpoints:
            return
        view = self._current(topic)
        at = topic.viewpoints.index(view) if view is not None else 0
        self.view = topic.viewpoints[(at + step) % len(topic.viewpoints)].guid
        self._fill_picture(topic)
        self._fly()

    def _fly(self) -> None:
        topic = self.found()
        view = None if topic is None else self._current(topic)
        if topic is not None and view is not None:
            self.desk.act("topics.show", topic.guid, view.guid)

    def _set(self, field: str, value: str) -> None:
        topic = self.found()
        if topic is not None and getattr(topic, field) != value:
            self.desk.run("topics.set", topic=topic.guid, field=field, value=value)

    def _comment(self) -> None:
        text = self.words.text().strip()
        if text and self.topic:
            self.words.clear()
            self.desk.act("topics.comment", self.topic, text, self.with_view.isChecked())
            self.with_view.setChecked(False)

    def _follow(self, link: Link) -> None:
        kind, _, rest = link.uri.partition(":")
        if link.layer:
            self.desk.select(link.layer, link.row)
        elif kind == "viewpoint":
            self.view = rest
            self.refresh()
            self._fly()
        elif kind == "topic":
            self.desk.act("topics.open", rest)
        else:
            QDesktopServices.openUrl(QUrl(link.uri))

    def _copied(self, item: Field | Link) -> None:
        copy_text(item.whole)
        self.desk.tell(self.desk.say("copied", text=item.whole), "info")
