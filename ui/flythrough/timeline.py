"""The timeline as a widget: paints a score, and turns mouse and keys into what the panel is asked to do."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from ui.desk import Desk
from ui.flythrough.axis import Axis, clock, snapped
from ui.flythrough.band import banded, ranged
from ui.flythrough.board import paint_board
from ui.flythrough.deck import Chosen, Deck, Drag, Shown
from ui.flythrough.keys import CLAIMED, do_key
from ui.flythrough.painting import Sheet, paint_band, paint_playhead
from ui.flythrough.rows import Hit, Rows, hit
from ui.flythrough.score import Score
from ui.viewport.tools import held_of

SNAP_REACH = 6.0
"""Logical pixels within which a dragged thing falls in with a keyframe or the playhead."""
GAP = 0.05
"""Seconds that are left between two keyframes at least: equal times would be a jump."""


class Timeline(QWidget):
    """Ruler, playhead and eight tracks. ``deck`` does what a person asks for."""

    def __init__(self, desk: Desk, deck: Deck) -> None:
        super().__init__()
        self.desk, self.deck = desk, deck
        self.now = Shown()
        self.chosen = Chosen()
        self.axis_ = Axis()
        self.down = 0.0
        self.drag: Drag | None = None
        self.band = QRectF()
        self.keyboard = False
        self._board: QPixmap | None = None
        self.on_axis: Callable[[], None] = lambda: None
        self.setMinimumSize(240, RULER_AND_CAMERA)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(desk.say("flythrough.timeline"))
        self.setAccessibleDescription(desk.say("flythrough.timeline_keys"))

    # -- what it shows ------------------------------------------------------------------------

    @property
    def rows(self) -> Rows:
        """Return where the tracks lie."""
        return Rows(float(self.width()), float(self.height()), self.down)

    @property
    def axis(self) -> Axis:
        """Return the time axis in pixels of this widget."""
        return self.rows.axis(self.axis_)

    def set_axis(self, axis: Axis) -> None:
        """Show another stretch of time."""
        self.axis_ = axis
        self.on_axis()
        self.refresh()

    def show_score(self, score: Score) -> None:
        """Show a route; what is selected stays as far as it is still there."""
        fresh = not self.now.score.keys and score.keys
        longer = score.duration > self.now.score.duration and self._whole_seen()
        self.now = replace(self.now, score=score)
        numbers = frozenset(range(len(score.keys)))
        there = {(bar.track, bar.key) for bars in score.bars.values() for bar in bars}
        self.chosen.keys &= numbers
        self.chosen.bars &= there
        if fresh or longer or not score.keys:
            self.set_axis(self.axis.fitted(max(score.duration, 10.0)))
        self.refresh()

    def _whole_seen(self) -> bool:
        axis = self.axis
        return axis.start <= 0 and axis.end >= self.now.score.duration

    def set_time(self, t: float) -> None:
        """Put the playhead on a time; only the stripes it leaves and enters are painted again."""
        before, self.now.t = self.now.t, t
        axis = self.axis
        seen = axis.showing(t) if self.drag is None else axis
        if seen != axis:
            self.set_axis(seen)
            return
        if self.now.score.at(before) != self.now.score.at(t):
            self.refresh()
            return
        for x in (axis.x(before), axis.x(t)):
            self.update(round(x) - 9, 0, 18, self.height())

    # -- painting -----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Paint everything anew; ``update`` paints the playhead over what was painted before."""
        self._board = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tracks as they were painted last, and the playhead over them."""
        if self._board is None or self._board.size() != self.size() * self.devicePixelRatioF():
            self._board = self._painted_now()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._board)
        area = QRectF(self.rows.head, 0, self.width() - self.rows.head, self.height())
        painter.setClipRect(area)
        sheet = Sheet(painter, self.desk.theme, self.axis, self.now.score, area)
        paint_playhead(sheet, self.now.t, self.height())
        if self.drag is not None and self.drag.hit.part == "band":
            paint_band(sheet, self.band)
        painter.setClipping(False)
        if self.hasFocus() and self.keyboard:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.desk.theme.accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _painted_now(self) -> QPixmap:
        """Return the ruler, the tracks and their names, what is in sight of them."""
        ratio = self.devicePixelRatioF()
        board = QPixmap(self.size() * ratio)
        board.setDevicePixelRatio(ratio)
        painter = QPainter(board)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rows.head, 0, self.width() - self.rows.head, self.height())
        sheet = Sheet(painter, self.desk.theme, self.axis, self.previewed(), area)
        paint_board(sheet, self.desk, self.rows, self.now, self.chosen, self.focus_track())
        painter.end()
        return board

    def focus_track(self) -> str:
        """Return the track that keys act on, '' while the keyboard is elsewhere."""
        return self.now.track if self.hasFocus() and self.keyboard else ""

    def previewed(self) -> Score:
        """Return the score with what is being dragged where it would be dropped."""
        drag, score = self.drag, self.now.score
        if drag is None or not drag.moved:
            return score
        if drag.hit.part == "key":
            keys = tuple(
                replace(k, t=k.t + drag.shift) if k.number in self.chosen.keys else k
                for k in score.keys
            )
            last = max((k.t for k in keys), default=0.0)
            return replace(score, keys=keys, duration=max(last, score.duration))
        if drag.hit.bar is None:
            return score
        start, end = self.dropped(drag)
        track = drag.hit.track
        bars = tuple(
            replace(b, start=start, end=end) if b.key == drag.hit.key else b
            for b in score.bars[track]
        )
        return replace(score, bars={**score.bars, track: bars})

    def dropped(self, drag: Drag) -> tuple[float, float]:
        """Return where the dragged bar would begin and end."""
        bar = drag.hit.bar
        assert bar is not None
        if drag.hit.part == "start":
            return min(max(bar.start + drag.shift, 0.0), bar.end - GAP), bar.end
        if drag.hit.part == "end":
            return bar.start, max(bar.end + drag.shift, bar.start + GAP)
        start = max(bar.start + drag.shift, 0.0)
        return start, start + (bar.end - bar.start)

    # -- mouse --------------------------------------------------------------------------------

    def hit_at(self, at: QPointF) -> Hit:
        """Return what is under a point."""
        return hit(self.rows, self.axis, self.now.score, at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a thing, or scrub."""
        self.keyboard = False
        found, at = self.hit_at(event.position()), self.axis.t(event.position().x())
        if event.button() == Qt.MouseButton.MiddleButton:
            self.drag = Drag(Hit("pan"), event.position().x())
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if found.track:
            self.now.track = found.track
        if found.part == "eye":
            self.deck.mute(found.track)
            return
        held = held_of(event)
        if "shift" in held and found.part == "row":
            self.drag, self.band = Drag(Hit("band"), at), QRectF(event.position(), QSizeF())
            return
        if "shift" in held and found.part == "key":
            self.chosen.keys = ranged(self.chosen.keys, found.key)
        else:
            self._choose(found, "ctrl" in held or "shift" in held)
        if found.part != "head":
            self.drag = Drag(found, at)
        if found.part == "ruler":
            self.deck.scrub(snapped(at, 0.0, self.now.score.times(), self.axis.seconds(4)))
        self.refresh()

    def _choose(self, found: Hit, more: bool) -> None:
        """Select what was pressed; with Ctrl or Shift beside what is selected."""
        chosen = self.chosen
        if found.part == "key":
            if more:
                chosen.keys ^= {found.key}
            elif found.key not in chosen.keys:
                chosen.clear()
                chosen.keys = frozenset({found.key})
        elif found.bar is not None:
            one = (found.track, found.key)
            if more:
                chosen.bars ^= {one}
            elif one not in chosen.bars:
                chosen.clear()
                chosen.bars = frozenset({one})
        elif found.part == "row" and not more:
            chosen.clear()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on dragging, or show what can be taken."""
        at = event.position()
        if self.drag is None:
            self._show_cursor(self.hit_at(at))
        elif self.drag.hit.part == "pan":
            back = self.axis.seconds(self.drag.at - at.x())
            self.drag = replace(self.drag, at=at.x())
            self.set_axis(self.axis.scrolled(back, self.now.score.duration))
        elif self.drag.hit.part == "band":
            self.band.setBottomRight(at)
            ends = (self.band.topLeft(), self.band.bottomRight())
            found = banded(self.rows, self.axis, self.now.score, *ends)
            self.chosen.keys, self.chosen.bars = found
            self.refresh()
        elif self.drag.hit.part in ("ruler", "row"):
            near = self.axis.seconds(4)
            self.deck.scrub(snapped(self.axis.t(at.x()), 0.0, self.now.score.times(), near))
        else:
            self._drag_to(self.axis.t(at.x()), "alt" in held_of(event))

    def _drag_to(self, t: float, free: bool) -> None:
        drag = self.drag
        assert drag is not None
        if not drag.moved and abs(t - drag.at) < self.axis.seconds(3):
            return
        bar, key = drag.hit.bar, drag.hit.key
        base = self.now.score.keys[key].t if bar is None else bar.start
        base = bar.end if bar is not None and drag.hit.part == "end" else base
        wanted = base + t - drag.at
        if not free:
            own = [k.t for k in self.now.score.keys if bar is not None or k.number != key]
            near = self.axis.seconds(SNAP_REACH)
            wanted = snapped(wanted, self.now.snap, [*own, self.now.t], near)
        shift = wanted - base
        if bar is None:
            shift = self.allowed(shift)
        self.drag = replace(drag, shift=shift, moved=True)
        self.refresh()

    def allowed(self, shift: float) -> float:
        """Return as much of a shift as leaves the selected keyframes between their neighbours."""
        keys, chosen = self.now.score.keys, self.chosen.keys
        for number in sorted(chosen):
            if number == 0 or (number - 1 not in chosen):
                least = keys[number - 1].t + GAP if number else 0.0
                shift = max(shift, least - keys[number].t)
            if number + 1 < len(keys) and number + 1 not in chosen:
                shift = min(shift, keys[number + 1].t - GAP - keys[number].t)
        return shift

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop what was dragged."""
        drag, self.drag = self.drag, None
        if drag is None:
            return
        if drag.moved and drag.hit.part == "key":
            self.deck.move_keys(self.chosen.keys, drag.shift)
        elif drag.moved and drag.hit.bar is not None:
            self.deck.move_bar(drag.hit.track, drag.hit.key, *self.dropped(drag))
        elif drag.hit.part == "key":
            self.deck.scrub(self.now.score.keys[drag.hit.key].t)
        elif drag.hit.part == "row" and drag.hit.track == "camera":
            self.deck.scrub(drag.at)
        self.refresh()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what is under the cursor, or make something new there."""
        found, t = self.hit_at(event.position()), self.axis.t(event.position().x())
        if found.track and found.part not in ("eye", "head"):
            self.drag = None
            self.deck.edit(found.track, found.key, snapped(t, self.now.snap))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done here."""
        at = QPointF(event.pos())
        found = self.hit_at(at)
        self._choose(found, False)
        self.deck.menu(found, snapped(self.axis.t(at.x()), self.now.snap), event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll in time; with Ctrl zoom; with Shift, or over the names, through the tracks."""
        notches = event.angleDelta().y() / 120.0
        side = event.angleDelta().x() / 120.0
        held, length = event.modifiers(), self.now.score.duration
        if held & Qt.KeyboardModifier.ControlModifier:
            self.set_axis(self.axis.zoomed(event.position().x(), 0.8**notches, length))
        elif held & Qt.KeyboardModifier.ShiftModifier or event.position().x() < self.rows.head:
            self.scroll_down(-notches * self.rows.row)
        else:
            self.set_axis(self.axis.scrolled(-(notches + side) * self.axis.span / 8, length))
        event.accept()

    def scroll_down(self, pixels: float) -> None:
        """Scroll through the tracks."""
        self.down = min(max(self.down + pixels, 0.0), self.rows.over)
        self.refresh()

    def _show_cursor(self, found: Hit) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if found.part in ("start", "end"):
            shape = Qt.CursorShape.SizeHorCursor
        elif found.part in ("key", "bar", "eye"):
            shape = Qt.CursorShape.PointingHandCursor
        self.setCursor(shape)

    # -- keys, tips, size ---------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Claim keys before they are shortcuts of the window; say what is under the cursor."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (Qt.Key(event.key()), held_of(event)) in CLAIMED
        ):
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip(self, at: QPointF) -> str:
        """Return the words for what is under a point."""
        found = self.hit_at(at)
        if found.part == "eye":
            muted = found.track in self.now.muted
            return self.desk.say("flythrough.unmute" if muted else "flythrough.mute")
        if found.bar is not None:
            when = f"{clock(found.bar.start, 1)} – {clock(found.bar.end, 1)}"
            return f"{found.bar.text}\n{when}"
        if found.part == "key":
            key = self.now.score.keys[found.key]
            speed = self.desk.say(
                "flythrough.speed_at", speed=f"{self.now.score.speed_at(key.t):.1f}"
            )
            return f"{key.number + 1} {key.name}\n{clock(key.t, 1)}\n{speed}"
        return ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what a key means here."""
        self.keyboard = True
        if not do_key(self, Qt.Key(event.key()), held_of(event)):
            super().keyPressEvent(event)
        self.refresh()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring when the keyboard came here."""
        self.keyboard = event.reason() != Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the tracks in sight."""
        self.scroll_down(0.0)
        self.on_axis()
        super().resizeEvent(event)


RULER_AND_CAMERA = 84
"""Logical pixels that are the least a timeline is of use with."""
