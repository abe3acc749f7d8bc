"""A presentation under way: the story is told, the view's picture is shared with the audience, keys do it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from twin.explaining import credits_of
from twin.presenting.stories import Told, caption_words, planned, story_of, told, words_of
from twin.scene import Aspect, Change
from ui.city_view import CityView
from ui.desk import Desk
from ui.presenting.audience import AudienceWindow
from ui.presenting.caption import FreshnessLine
from ui.presenting.displays import Displays
from ui.presenting.frame import LiveFrame
from ui.presenting.keys import DIGITS, KEYS, TakenKeys
from ui.presenting.painting import Words, paint_laser, paint_spotlight, paint_words
from ui.viewport.tools import Held

MARKS_HIGH = 640.0
"""Logical pixels of height of a picture whose marks have the size of those in the window."""


class Pointer:
    """The tool in hand while one points: the camera stays in the presenter's hands."""

    def __init__(self, presentation: "Presentation") -> None:
        self.presentation = presentation
        self.quiet = True

    def press(self, at: QPointF, held: Held) -> bool:
        """Leave drags to the camera."""
        return False

    def drag(self, at: QPointF, held: Held) -> None:
        """Nothing is dragged."""

    def drop(self, at: QPointF, held: Held) -> None:
        """Nothing is dropped."""

    def move(self, at: QPointF, held: Held) -> None:
        """Point where the cursor is."""
        canvas = self.presentation.view.canvas
        place = (at.x() / max(canvas.width(), 1), at.y() / max(canvas.height(), 1))
        self.presentation.point(place)

    def click(self, at: QPointF, held: Held) -> bool:
        """Take clicks: they would select what is pointed at."""
        return True

    def double_click(self, at: QPointF) -> bool:
        """Take double clicks: they would fly."""
        return True

    def key(self, key: Qt.Key, held: Held) -> bool:
        """Leave keys to the presentation."""
        return False

    def paint(self, painter: QPainter) -> None:
        """The presentation paints."""

    def stop(self) -> None:
        """Nothing is left behind."""


@dataclass
class Frozen:
    """What the audience goes on seeing: the picture and the words over it."""

    image: QImage | None
    words: Words


class Presentation:
    """Begun by ``start``, ended by ``end``; how it stands is ``desk.show``."""

    def __init__(self, desk: Desk, view: CityView, on_turn: Callable[[], None]) -> None:
        self.desk, self.view, self.on_turn = desk, view, on_turn
        self.show = desk.show
        self.window: AudienceWindow | None = None
        self.frozen: Frozen | None = None
        self.frame: LiveFrame | None = None
        self.freshness = FreshnessLine(desk)
        self.displays: Displays | None = None
        self.keys = TakenKeys(self.do)
        self._pointer = Pointer(self)

    def changed(self) -> None:
        """Paint both pictures anew, and let buttons say how it stands."""
        if self.window is not None:
            self.window.dark = self.show.black
        if self.frame is not None:
            self.frame.refresh()
        self.on_turn()
        self._repaint()

    def _repaint(self) -> None:
        if self.window is not None:
            self.window.update()
        self.view.canvas.update()

    # -- beginning and ending -----------------------------------------------------------------

    def start(self) -> None:
        """Open the audience's window and tell the first scene."""
        if self.window is not None:
            return
        session, own = self.desk.session, self.view.widget().window()
        story = story_of(session.twin, self.show.story)
        self.show.begin(told(session.twin, story), time.monotonic())
        self.show.planned, self.show.freshness = planned(story), story.freshness
        self.window = made = AudienceWindow(self.desk.say("present.window"))
        made.over = self._paint_audience
        made.on_step, made.on_point = self.step, self.point
        made.on_wheel = lambda notches: self.resize_spotlight(1.12**notches)
        made.on_close, made.on_size = self.end, self._share
        self.view.put_tool_back()
        self.frame = LiveFrame(self.desk, self.view.canvas)
        self.displays = Displays(session.settings.audience, own, made, self._displayed)
        self.displays.begin()
        self.show.display = self.displays.number
        self._share()
        self.take_keys()
        self.step(1)
        self.changed()

    def end(self) -> None:
        """Close the audience's window and give view and keys back."""
        made, self.window = self.window, None
        if made is None:
            return
        if self.displays is not None:
            self.displays.end()
            self.displays = None
        self.show.finish()
        self.desk.act("flythrough.stop")
        self.frozen = None
        self._point()
        self.take_keys()
        self.view.canvas.unstage()
        if self.frame is not None:
            self.frame.end()
            self.frame = None
        made.hide()
        made.deleteLater()
        self.changed()
        self.desk.session.twin.changed.emit(
            Change(Aspect.STYLE)
        )  # plates say themselves what is seen

    def _displayed(self, word: str, number: int) -> None:
        """Say where the audience's picture stands now."""
        self.show.display = number
        self.changed()
        self.desk.tell(self.desk.say(f"present.{word}", number=number), "info")

    # -- the window is made anew under it -----------------------------------------------------

    def leave_window(self, desk: Desk, on_turn: Callable[[], None]) -> None:
        """Let go of the panels of the window, which are made anew in other words; nothing ends."""
        self.desk.act("flythrough.rest")
        self.keys.give_back()
        if self.frame is not None:
            self.frame.end()
            self.frame = None
        desk.show = self.show
        self.desk, self.on_turn, self.freshness = desk, on_turn, FreshnessLine(desk)

    def come_back(self) -> None:
        """Go on in the window that was made anew."""
        self.take_keys()
        if self.window is not None:
            self.window.name(self.desk.say("present.window"))
            self.frame = LiveFrame(self.desk, self.view.canvas)
            self.changed()
        self.desk.act("flythrough.resume")

    def _share(self) -> None:
        if self.window is not None:
            self.show.pixels = self.window.pixels
            self.view.canvas.stage(self.show.pixels, self._paint_own, self._drawn)
            self.changed()

    def _drawn(self) -> None:
        """Hand the picture that was just drawn on; nothing is drawn for the audience alone."""
        if self.window is not None and self.frozen is None:
            self.window.show_image(self.view.canvas.image)
        if self.frame is not None:
            self.frame.show_tiles(self.view.frame())

    # -- keys ---------------------------------------------------------------------------------

    def take_keys(self) -> None:
        """Let keys speak to the presentation; in the presenter's workspace digits go to the bookmarks anyway."""
        digits = DIGITS if self.desk.session.settings.workspace == "presenter" else {}
        table = {**KEYS, **DIGITS} if self.window is not None else digits
        self.keys.take(self.view.widget().window(), table)

    def do(self, name: str) -> None:
        """Do what a key says."""
        if name.startswith("bookmark_"):
            self.go_to(int(name[-1]))
            return
        deeds: dict[str, Callable[[], None]] = {
            "next": lambda: self.step(1),
            "previous": lambda: self.step(-1),
            "black": self.blacken,
            "freeze": self.freeze,
            "laser": self.point_laser,
            "spotlight": self.point_spotlight,
            "larger": lambda: self.resize_spotlight(1.15),
            "smaller": lambda: self.resize_spotlight(1 / 1.15),
            "leave": self.leave,
            "pause": lambda: self.desk.act("flythrough.play"),
            "swap": self.swap,
        }
        deeds[name]()

    # -- what the presenter does --------------------------------------------------------------

    def step(self, by: int) -> None:
        """Go on or back by scenes."""
        if self.window is None or not by:
            return
        found = self.show.step(by)
        if found is not None:
            self._tell_scene(found)
        self.changed()

    def _tell_scene(self, found: Told) -> None:
        """End the route of the scene before; go to the view of this one, and fly its route from there."""
        self.desk.act("flythrough.stop")
        if found.view is not None:
            self.desk.act("bookmarks.go", found.view.id)
        else:
            self.desk.tell(self.desk.say("present.view_gone"), "info")
        if found.scene.route:
            self.desk.act("flythrough.fly", found.scene.route)

    def jump(self, number: int) -> None:
        """Tell the scene at a place of the story, 0 the first."""
        if self.window is not None and 0 <= number < len(self.show.scenes):
            self.step(number - self.show.number)

    def go_to(self, number: int) -> None:
        """Show a bookmark, while one presents beside the story: the next scene goes on where it was left."""
        if self.window is None:
            self.desk.act("bookmarks.number", number)
            return
        self.desk.act("flythrough.stop")
        self.desk.act("bookmarks.number", number)
        self.show.aside = True
        self.changed()

    def swap(self) -> None:
        """Let the audience's picture and the presenter's window change displays."""
        if self.displays is not None:
            self.displays.swap()

    def blacken(self) -> None:
        """Show the audience nothing, or something again."""
        self.show.black = not self.show.black
        self.changed()

    def freeze(self) -> None:
        """Let the audience keep its picture while the presenter goes on, or catch up."""
        if self.frozen is None:
            self.frozen = Frozen(self.view.canvas.image, self.words())
        else:
            self.frozen = None
            self._drawn()
        self.show.frozen = self.frozen is not None
        self.changed()

    def point_laser(self) -> None:
        """Take the laser pointer, or put it away."""
        self.show.laser = not self.show.laser
        self._point()

    def point_spotlight(self) -> None:
        """Dim all but what is pointed at, or no more."""
        self.show.spotlight = not self.show.spotlight
        self._point()

    def resize_spotlight(self, by: float) -> None:
        """Make the spotlight larger or smaller."""
        if self.show.spotlight:
            self.show.grow(by)
            self._repaint()

    def _point(self) -> None:
        pointing = self.show.laser or self.show.spotlight
        hand = self.view.canvas.hand
        if pointing and hand is not self._pointer:
            self.show.pointer = self.show.pointer or (0.5, 0.5)
            self.view.put_tool_back()
            self.view.take_tool(self._pointer)
        elif not pointing and hand is self._pointer:
            self.view.take_tool(None)
        shape = Qt.CursorShape.BlankCursor if pointing else Qt.CursorShape.ArrowCursor
        self.view.canvas.setCursor(shape)
        self.changed()

    def point(self, place: tuple[float, float]) -> None:
        """Point at a place in 0..1 of the picture."""
        if self.show.laser or self.show.spotlight:
            self.show.pointer = place
            self._repaint()

    def leave(self) -> None:
        """Put the pointer away; without one, end."""
        if self.show.laser or self.show.spotlight:
            self.show.laser = self.show.spotlight = False
            self._point()
        else:
            self.end()

    # -- painting -----------------------------------------------------------------------------

    def words(self) -> Words:
        """Return the words over the picture as the story has them now."""
        scene = None if self.show.aside else self.show.scene
        language = self.desk.words.language
        title, text = ("", "") if scene is None else words_of(scene.scene, language)
        if any(self.show.caption.values()):
            title, text = caption_words(self.show.caption, language)
        line, status = self.freshness.now() if self.show.freshness else ("", "")
        credits = " · ".join(credits_of(self.desk.session.twin.layers, self.view.frame()))
        return Words(title, text, line, status, credits)

    def _paint_own(self, painter: QPainter, area: QRectF) -> None:
        """Paint over the presenter's picture what the audience sees over its own."""
        self._paint(painter, area, self.words())

    def _paint_audience(self, painter: QPainter, area: QRectF) -> None:
        frozen = self.frozen
        self._paint(painter, area, self.words() if frozen is None else frozen.words)

    def _paint_marks(self, painter: QPainter, area: QRectF) -> None:
        """Paint the marks that stand in space; not over a picture that was frozen."""
        if self.frozen is None or self.show.pixels[0] == 0:
            painter.save()
            painter.translate(area.topLeft())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ratio = self.show.pixels[0] / max(area.width(), 1.0)
            self.view.marks(painter, ratio, (), area.height() / MARKS_HIGH)
            painter.restore()

    def _paint(self, painter: QPainter, area: QRectF, words: Words) -> None:
        """Paint spotlight, words and pointer: words stay legible beside the light."""
        pointer = self.show.pointer
        if pointer is not None and self.show.spotlight:
            paint_spotlight(painter, area, pointer, self.show.radius)
        self._paint_marks(painter, area)
        paint_words(painter, area, words)
        if pointer is not None and self.show.laser:
            paint_laser(painter, area, pointer)
