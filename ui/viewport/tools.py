"""A tool in hand: what a click, a drag and a key mean while it is taken, and what it paints.

The view asks the tool first; what the tool leaves alone moves the camera as ever. Places are
logical pixels of the widget. A tool knows no mouse buttons but the left one.
"""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

Held = frozenset[str]
"""Modifiers that are held: ``shift``, ``ctrl``, ``alt``."""
Painter = Callable[[QPainter], None]
"""Paints over the picture, in logical pixels, whether a tool is in hand or not."""


class ViewTool(Protocol):
    """What the view asks of the tool in hand. ``True`` = taken: the camera does not get it."""

    def press(self, at: QPointF, held: Held) -> bool:
        """Begin to drag something of the tool's own (a handle): ``drag`` and ``drop`` follow."""
        ...

    def drag(self, at: QPointF, held: Held) -> None:
        """Go on dragging."""
        ...

    def drop(self, at: QPointF, held: Held) -> None:
        """End dragging."""
        ...

    def move(self, at: QPointF, held: Held) -> None:
        """Follow the cursor while no button is down."""
        ...

    def click(self, at: QPointF, held: Held) -> bool:
        """Take a click (pressed and released in one place)."""
        ...

    def double_click(self, at: QPointF) -> bool:
        """Take a double click; its first click was told already."""
        ...

    def key(self, key: Qt.Key, held: Held) -> bool:
        """Take a key."""
        ...

    def paint(self, painter: QPainter) -> None:
        """Paint what belongs to the tool over the picture."""
        ...

    def stop(self) -> None:
        """End: the tool is put back."""
        ...


def held_of(event: QMouseEvent | QKeyEvent) -> Held:
    """Return the modifiers that are held."""
    held = event.modifiers()
    names = {
        "shift": Qt.KeyboardModifier.ShiftModifier,
        "ctrl": Qt.KeyboardModifier.ControlModifier,
        "alt": Qt.KeyboardModifier.AltModifier,
    }
    return frozenset(name for name, flag in names.items() if held & flag)


class Claims(QObject):
    """Lets the tool in hand have keys before they are shortcuts of the window: a tool may say
    ``claims(key, held)``. The watched view has its tool as ``hand``."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the key that the tool claims; it comes again as a pressed key."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        claims = getattr(getattr(watched, "hand", None), "claims", None)
        if claims is None or not claims(Qt.Key(event.key()), held_of(event)):
            return False
        event.accept()
        return True
