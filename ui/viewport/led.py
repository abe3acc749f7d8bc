"""A surface whose camera may be led along a route: drawn by a clock, at a steady rate, never with a gap if asked.

While it is led, pictures are drawn when their time has come and at no other: what varies is how finely
they are drawn. What coming pictures need is brought to the graphics library before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from twin.settings import Settings
from twin.streaming import Frame
from twin.tiles import View
from ui.theme import Theme
from ui.viewport.camera import Pose
from ui.viewport.compared import ComparedSurface
from ui.viewport.reconcile import Key
from ui.viewport.surface import Picker

WORK = 0.45
"""Share of the time between two pictures that drawing one may take: the rest of the window lives too."""
UPLOAD = 0.15
"""Share of it that bringing new tiles to the graphics library may take."""
FORESEEN_MS = 3.0
"""Milliseconds a picture that stand-ins of coming pictures may take."""

Gaps = Callable[[frozenset[Key]], bool]
"""Whether the picture would show nothing where something is, with these tiles on the stage."""


@dataclass
class Lead:
    """How the camera is led: seconds between pictures, whether one is due, whether gaps are waited for.

    ``ahead`` are views to come, nearest first; ``waiting``: the last picture was put off for a gap.
    """

    period: float
    due: bool = False
    patient: bool = True
    waiting: bool = False
    ahead: Sequence[View] = ()
    pictures: int = 0
    gaps: int = 0
    worst: float = 0.0


class LedSurface(ComparedSurface):
    """``lead`` begins, ``stand`` puts the camera, ``release`` ends; ``gaps`` is asked before a picture."""

    def __init__(self, pick: Picker, theme: Theme, parent: QWidget | None = None) -> None:
        """Start with the camera in a person's hands."""
        super().__init__(pick, theme, parent)
        self.led: Lead | None = None
        self.kept: dict[str, object] = {}
        """What those who lead it remember while the window round it is built anew."""
        self.gaps: Gaps = lambda standing: False
        self._before: tuple[float, float] = (self._wished_ms, self._upload_ms)

    def apply_settings(self, settings: Settings) -> None:
        """Take over what the settings say; a camera that is led keeps its pace."""
        super().apply_settings(settings)
        self._before = (self._wished_ms, self._upload_ms)
        if self.led is not None:
            self.keep_pace(self.led.period)

    def lead(self, period: float, *, patient: bool = True) -> Lead:
        """Begin to lead the camera, a picture every ``period`` seconds; return how it goes."""
        if self.led is None:
            self._before = (self._wished_ms, self._upload_ms)
        self.led = Lead(period, patient=patient)
        self._canvas.stage.hurried = True
        self.keep_pace(period)
        return self.led

    def keep_pace(self, period: float) -> None:
        """Draw a picture every so many seconds from now on, as finely as that allows."""
        if self.led is not None:
            self.led.period = period
            self._wished_ms = 1000.0 * period * WORK
            self._upload_ms = max(1000.0 * period * UPLOAD, 2.0)

    def stand(self, pose: Pose, ahead: Sequence[View] = ()) -> None:
        """Put the camera somewhere; the picture is due."""
        if self.led is None:
            return
        self.navigator.pose = pose
        self.led.due, self.led.ahead = True, ahead
        self._touched()

    def put(self, pose: Pose) -> None:
        """Put the camera somewhere, at once."""
        self.navigator.fly(pose, 0.0)
        self._touched()

    def show_picture(self, picture: QImage | None) -> None:
        """Show another picture than the city's, without what is painted over it; None = the city again."""
        self.overlays_shown = picture is None
        if picture is not None:
            self._image = picture
            self.update()
        else:
            self.mark_dirty()

    def release(self) -> None:
        """Give the camera back; the picture is drawn finely as soon as it rests."""
        if self.led is None:
            return
        self.led = None
        self._canvas.stage.hurried = False
        self._wished_ms, self._upload_ms = self._before
        self._touched()

    @property
    def due(self) -> bool:
        """Return whether a picture may be drawn now: always, unless the camera is led."""
        return self.led is None or self.led.due

    @property
    def ahead(self) -> Sequence[View]:
        """Return the views to come."""
        return () if self.led is None else self.led.ahead

    @property
    def moving(self) -> bool:
        """Return whether the camera moves, is led, or has just moved: fast pictures."""
        return self.led is not None or super().moving

    def show_frame(self, frame: Frame) -> bool:
        """Draw the picture that is due; one with a gap waits where gaps are waited for."""
        led = self.led
        if led is None:
            return super().show_frame(frame)
        led.due = led.waiting = False
        drawn = super().show_frame(frame)
        led.pictures += drawn
        if led.ahead and not led.waiting:
            budget = self._quality.pace.budget(self._wished_ms)
            self._canvas.stage.prepare(led.ahead[0], budget, FORESEEN_MS)
        return drawn

    def _arriving(self, moving: bool) -> bool:
        """Put a picture with a gap off; count those that are shown all the same."""
        led = self.led
        if led is None:
            return super()._arriving(moving)
        if not self._gaping():
            return False
        led.waiting = led.patient and self._image is not None
        led.gaps += not led.waiting
        return led.waiting

    def _gaping(self) -> bool:
        """Return whether the picture has a gap though every tile that is here was brought on the stage.

        A picture that is a little late is noticed less than a hole.
        """
        stage, budget = self._canvas.stage, self._grade.budget(self._quality, self._wished_ms)
        while self.gaps(stage.standing):
            before = stage.counts.pending
            if not before:
                return True
            stage.show(self._frame, self.view, self._upload_ms, budget, self.ratio)
            if stage.counts.pending >= before:
                return True
        return False
