"""A surface that can show two states of the city in one picture."""

import time
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from twin.geometry import U8
from twin.picking import Hit
from twin.streaming import Frame
from twin.tiles import View
from ui.theme import Theme
from ui.viewport.comparison import BLINK_SECONDS, Comparison, composed, pictures
from ui.viewport.overlays import qimage
from ui.viewport.surface import Picker, Surface


class ComparedSurface(Surface):
    """``compare`` says which layers only one of two pictures shows, and how the two are put together."""

    def __init__(self, pick: Picker, theme: Theme, parent: QWidget | None = None) -> None:
        """Start with one picture."""
        super().__init__(pick, theme, parent)
        self.comparison: Comparison | None = None
        self._pair: tuple[U8, U8] | None = None

    def compare(self, between: Comparison | None) -> None:
        """Show two states in one picture (None: one). What is drawn already is put together anew."""
        before, self.comparison = self.comparison, between
        if (
            before is not None
            and between is not None
            and self._pair is not None
            and (before.old, before.new) == (between.old, between.new)
        ):
            self._image = qimage(composed(self._pair, between), self.ratio)
            self.update()
            return
        self._pair = None
        self.mark_dirty()

    def advance(self) -> bool:
        """Let time pass; a blink changes sides."""
        moved = super().advance()
        between = self.comparison
        if between is not None and between.way == "blink":
            share = float(int(time.monotonic() / BLINK_SECONDS) % 2)
            if share != between.share:
                self.compare(replace(between, share=share))
        return moved

    def hit_at(self, x: float, y: float) -> Hit | None:
        """Return what is at a logical pixel of the widget, in the state that is shown there."""
        if self.comparison is None:
            return super().hit_at(x, y)
        left_out, own = self.comparison.at(x, float(self.width()))
        return self._pick(self.view, *self._device(own, y), left_out)

    def _picture(self, frame: Frame, view: View, scale: float) -> U8:
        if self.comparison is None:
            return super()._picture(frame, view, scale)
        self._pair = pictures(self._canvas, frame, view, scale, self.ratio, self.comparison)
        return composed(self._pair, self.comparison)
