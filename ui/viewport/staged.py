"""A surface whose picture is shown to others too: drawn once, in the size that they need.

While it is staged, the picture has the audience's pixels whatever the widget's size is. The widget has the same
shape, so that places over the picture only count in other units.
"""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from twin.streaming import Frame
from twin.tiles import View
from ui.theme import Theme
from ui.viewport.led import LedSurface
from ui.viewport.surface import Picker

MOST_FINE = 2_200_000
"""Pixels of a picture up to which a still one is drawn twice as fine."""

Over = Callable[[QPainter, QRectF], None]


class StagedSurface(LedSurface):
    """``stage`` gives the picture a size of its own, ``unstage`` takes it away; ``drawn`` is told of each picture."""

    def __init__(self, pick: Picker, theme: Theme, parent: QWidget | None = None) -> None:
        """Start as any surface: as large as the widget."""
        super().__init__(pick, theme, parent)
        self.staged: tuple[int, int] | None = None
        self.over: Over = lambda painter, area: None
        self.drawn: Callable[[], None] = lambda: None
        self.place = QSize()
        """Logical pixels that the widget would like to have; none = whatever there is."""

    def sizeHint(self) -> QSize:
        """Return the size that it would like to have."""
        return self.place if self.place.isValid() else super().sizeHint()

    @property
    def image(self) -> QImage | None:
        """Return the last picture, without what lies over it; None before the first."""
        return self._image

    def stage(self, pixels: tuple[int, int], over: Over, drawn: Callable[[], None]) -> None:
        """Draw pictures of so many pixels from now on; ``over`` paints what others see over them."""
        changed = pixels != self.staged
        self.staged, self.over, self.drawn = pixels, over, drawn
        self.overlays_shown = False
        if changed:
            self._touched()

    def unstage(self) -> None:
        """Be a surface as any other again."""
        if self.staged is not None:
            self.staged, self.overlays_shown = None, True
            self.over, self.drawn = (lambda painter, area: None), (lambda: None)
            self._touched()

    @property
    def ratio(self) -> float:
        """Return pixels of the picture per logical pixel of the widget."""
        if self.staged is None:
            return float(self.devicePixelRatioF())
        return self.staged[0] / max(self.width(), 1)

    @property
    def view(self) -> View:
        """Return the camera now, its size in pixels of the picture."""
        return super().view if self.staged is None else self.navigator.pose.view(self.staged)

    def _scale(self, moving: bool, whole: bool) -> float:
        if self.staged is None or moving or not whole:
            return super()._scale(moving, whole)
        return self._grade.finest if self.staged[0] * self.staged[1] <= MOST_FINE else 1.0

    def _draw(self, frame: Frame, view: View, scale: float) -> None:
        super()._draw(frame, view, scale)
        self.drawn()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, and what others see over it."""
        super().paintEvent(event)
        if self.staged is not None:
            painter = QPainter(self)
            self.over(painter, QRectF(self.rect()))
            painter.end()
