"""Which story is told: the stories to choose from, and what is done with them."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QToolButton, QWidget

from twin.edits import SetRecord
from twin.presenting.records import Story
from twin.presenting.stories import OWN, own_story, stories_of, story_of
from ui.desk import Desk
from ui.flythrough.form import Form
from ui.panels.parts import ElidedBox, icon_button, offer

MOST_LETTERS = 120
"""Letters of a title."""


class StoryBar(QWidget):
    """A box of the stories and a menu; ``on_choice`` is called when another one is in hand."""

    def __init__(self, desk: Desk, on_choice: Callable[[], None]) -> None:
        super().__init__()
        self.desk, self.on_choice = desk, on_choice
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 0)
        self.box = ElidedBox(desk, desk.say("scenes.stories"), 220)
        self.box.activated.connect(lambda at: self.choose(str(self.box.itemData(at))))
        row.addWidget(self.box)
        row.addStretch(1)
        self.more: QToolButton = icon_button(desk, "more", desk.say("more"))
        self.more.clicked.connect(self._open)
        row.addWidget(self.more)

    @property
    def story(self) -> Story:
        """Return the story in hand."""
        return story_of(self.desk.session.twin, self.desk.show.story)

    def refresh(self) -> None:
        """Show the stories there are; one that was removed gives way to the first."""
        known = stories_of(self.desk.session.twin)
        self.setVisible(bool(known))
        if self.desk.show.story not in {x.id for x in known}:
            self.desk.show.story = OWN
        entries = [(x.id, x.title) for x in known]
        if entries != [
            (self.box.itemData(n), self.box.itemText(n)) for n in range(self.box.count())
        ]:
            self.box.clear()
            for key, title in entries:
                self.box.addItem(title, key)
        self.box.setCurrentIndex(self.box.findData(self.story.id))

    def follow(self, running: bool) -> None:
        """Keep the story in hand while it is told."""
        if self.box.isEnabled() == running:
            self.box.setEnabled(not running)
            self.more.setEnabled(not running)

    def choose(self, key: str) -> None:
        """Take another story in hand."""
        if key != self.story.id:
            self.desk.show.story = key
            self.on_choice()

    def menu(self) -> QMenu:
        """Return what is done with stories."""
        menu, say = QMenu(self), self.desk.say
        offer(menu, say("scenes.new"), self._new)
        offer(menu, say("scenes.write"), self.write)
        if self.story.id != OWN:
            menu.addSeparator()
            offer(menu, say("scenes.rename"), self._rename)
            offer(menu, say("scenes.remove_story"), self.remove)
        return menu

    def _open(self) -> None:
        self.menu().exec(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def write(self) -> None:
        """Make a story of the saved views, to be changed from now on."""
        twin = self.desk.session.twin
        self._add(own_story(twin), twin.title or self.desk.say("scenes.story"))

    def begin(self, title: str) -> None:
        """Begin a story without scenes."""
        self._add(Story(OWN, ""), title)

    def rename(self, title: str) -> None:
        """Give the story in hand another title."""
        if title.strip() and title.strip() != self.story.title:
            self.desk.run("stories.rename", id=self.story.id, title=title)

    def remove(self) -> None:
        """Remove the story in hand; its saved views stay, and it can be undone."""
        gone = self.story
        if gone.id != OWN and self.desk.run("stories.remove", id=gone.id):
            self.desk.tell(self.desk.say("scenes.story_removed", title=gone.title), "undo")

    def _add(self, story: Story, title: str) -> None:
        known = stories_of(self.desk.session.twin)
        key, place = uuid4().hex[:12], max((x.place for x in known), default=0.0) + 1
        made = replace(story, id=key, title=self._free(title), place=place)
        self.desk.session.do("stories.add", SetRecord("stories", key, made))
        self.choose(key)

    def _free(self, title: str) -> str:
        """Return the title with a number where another story has it."""
        taken = {x.title for x in stories_of(self.desk.session.twin)}
        names = [title, *(f"{title} {n}" for n in range(2, len(taken) + 3))]
        return next(x for x in names if x not in taken)

    def _new(self) -> None:
        title = self._ask("scenes.new", self._free(self.desk.say("scenes.story")))
        if title:
            self.begin(title)

    def _rename(self) -> None:
        self.rename(self._ask("scenes.rename", self.story.title))

    def _ask(self, key: str, now: str) -> str:
        """Ask for a title; '' where that was given up."""
        say = self.desk.say
        form = Form(self.desk, self.window(), say(key), say("flythrough.keep"))
        field = QLineEdit(now)
        field.setMaxLength(MOST_LETTERS)
        field.selectAll()
        form.row(say("flythrough.name"), field)
        return field.text().strip() if form.exec() else ""
