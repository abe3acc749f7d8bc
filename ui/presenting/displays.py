"""Where the audience's picture stands: on which display, and what happens when displays come, go or are swapped."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from ui.presenting.audience import AudienceWindow

IN_WINDOW, NOWHERE = 0, -1
"""Numbers that stand for no display: a window of its own, and none at all while a display is missing."""

Tell = Callable[[str, int], None]


class Displays:
    """Puts the audience's window onto a display, other than the presenter's where there is one.

    ``choice`` is the setting: auto, window, or display_1 to display_3. ``tell`` gets a word
    (``moved``, ``waits``, ``swapped``, ``covers``, ``windowed``) and the number of the display, 1 the first.
    """

    def __init__(self, choice: str, own: QWidget, audience: AudienceWindow, tell: Tell) -> None:
        self.choice, self.own, self.audience, self.tell = choice, own, audience, tell
        self.screens: Callable[[], Sequence[QScreen]] = QGuiApplication.screens
        self.screen: QScreen | None = None
        self.covers = False
        self._stood: dict[str, QRect] = {}
        """Where the presenter's window stood, by the name of the display."""

    @property
    def number(self) -> int:
        """Return the number of the audience's display, IN_WINDOW, or NOWHERE while there is none for it."""
        if self.choice == "window":
            return IN_WINDOW
        return NOWHERE if self.screen is None else self.number_of(self.screen)

    def number_of(self, screen: QScreen) -> int:
        """Return the number of a display, 1 the first; NOWHERE for one that is gone."""
        known = list(self.screens())
        return known.index(screen) + 1 if screen in known else NOWHERE

    def begin(self) -> None:
        """Show the audience's window where the setting says, and follow the displays from now on."""
        if self.choice == "window":
            self.audience.stand(None, alone=False)
        else:
            wanted, alone = audience_screen(self.choice, self.own.screen(), self.screens())
            self._stand(wanted, covers=alone)
        app = application()
        app.screenAdded.connect(self.follow)
        app.screenRemoved.connect(self.follow)

    def end(self) -> None:
        """Follow no displays any more."""
        app = application()
        app.screenAdded.disconnect(self.follow)
        app.screenRemoved.disconnect(self.follow)
        self._leave()

    def follow(self, _screen: object = None) -> None:
        """Keep the audience's display while it is there; else take another one, or wait for one.

        The presenter's display is never covered because another one went away.
        """
        if self.choice == "window":
            return
        own = self.own.screen()
        others = [x for x in self.screens() if x is not own]
        if self.screen in others or (self.covers and not others):
            return
        if others:
            wanted, _ = audience_screen(self.choice, own, self.screens())
            self._stand(wanted if wanted in others else others[0], covers=False)
            self.tell("moved", self.number)
        elif self.screen is not None:
            self._hide()
            self.tell("waits", NOWHERE)

    def swap(self) -> None:
        """Let the two windows change displays; with one display the audience's picture covers it, or no more."""
        own = self.own.screen()
        if self.choice == "window":
            self.tell("windowed", IN_WINDOW)
        elif self.screen is None:
            self._stand(own, covers=True)
            self.tell("covers", self.number)
        elif self.screen is own and len(self.screens()) == 1:
            self._hide()
            self.tell("waits", NOWHERE)
        else:
            theirs = next((x for x in self.screens() if x is not own), own)
            theirs = theirs if self.screen is own else self.screen
            self.audience.hide()
            self._stood[own.name()] = self.own.geometry()
            bring(self.own, theirs, self._stood.get(theirs.name()))
            self._stand(own, covers=False)
            self.tell("swapped", self.number)

    def _stand(self, screen: QScreen | None, *, covers: bool) -> None:
        self._leave()
        self.screen, self.covers = screen, covers
        if screen is None:
            self.audience.hide()
            return
        screen.geometryChanged.connect(self._fill)
        self.audience.stand(screen, alone=covers)

    def _fill(self, _box: QRect) -> None:
        """Fill the display again: it has another size or place."""
        if self.screen is not None and self.audience.isVisible():
            self.audience.setGeometry(self.screen.geometry())

    def _hide(self) -> None:
        self._leave()
        self.screen, self.covers = None, False
        self.audience.hide()

    def _leave(self) -> None:
        if self.screen is not None and self.screen in self.screens():
            self.screen.geometryChanged.disconnect(self._fill)


def audience_screen(
    choice: str, own: QScreen | None, screens: Sequence[QScreen]
) -> tuple[QScreen | None, bool]:
    """Return the audience's screen and whether it is the presenter's own; None where there is none at all."""
    if not screens:
        return None, False
    wanted = int(choice[-1]) - 1 if choice.startswith("display_") else -1
    if not 0 <= wanted < len(screens):
        wanted = next((n for n, x in enumerate(screens) if x is not own), 0)
    found = screens[wanted]
    return found, found is own or len(screens) == 1


def bring(window: QWidget, screen: QScreen, stood: QRect | None = None) -> None:
    """Move a window to another display: large or full as it was, where it ``stood`` there, else in the middle."""
    state = window.windowState()
    if state & (Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen):
        window.showNormal()
    room = screen.availableGeometry()
    box = QRect(room.topLeft(), window.size().boundedTo(room.size()))
    box.moveCenter(room.center())
    if stood is not None and room.contains(stood):
        box = stood
    window.setScreen(screen)
    window.setGeometry(box)
    window.setWindowState(state)


def application() -> QGuiApplication:
    """Return the application, which knows of displays that come and go."""
    found = QGuiApplication.instance()
    assert isinstance(found, QGuiApplication)
    return found
