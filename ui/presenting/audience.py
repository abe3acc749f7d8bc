"""The audience's window: the picture of the view, shared and not drawn again, and the words over it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QScreen,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from ui.presenting.painting import fitted

SWIPE = 80.0
"""Logical pixels from which a drag over the audience's picture is a swipe."""
EDGES = 1 / 3
"""Shares of the width at the left and at the right where a tap goes back and on."""
LARGEST = (2560, 1440)
"""Device pixels of the picture at most: finer ones are stretched by the display."""
WINDOW = QSize(960, 540)

Paint = Callable[[QPainter, QRectF], None]


class AudienceWindow(QWidget):
    """Shows an image at 16:9 on black and what ``over`` paints; no cursor, no chrome."""

    def __init__(self, title: str) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.name(title)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(320, 180)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.setMouseTracking(True)
        self.image: QImage | None = None
        self.dark = False
        self.over: Paint = lambda painter, area: None
        self.on_step: Callable[[int], None] = lambda by: None
        self.on_point: Callable[[tuple[float, float]], None] = lambda place: None
        self.on_wheel: Callable[[float], None] = lambda notches: None
        self.on_close: Callable[[], None] = lambda: None
        self.on_size: Callable[[], None] = lambda: None
        self._pressed: QPointF | None = None

    def name(self, title: str) -> None:
        """Give the window another title."""
        self.setWindowTitle(title)
        self.setAccessibleName(title)

    def stand(self, screen: QScreen | None, *, alone: bool) -> None:
        """Fill a screen (None: stand in a window of its own); ``alone`` takes the keyboard too."""
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, not alone)
        if screen is None:
            self.resize(WINDOW)
            self.show()
            return
        if self.isVisible() and self.screen() is not screen:
            self.hide()  # a full window changes its display only while it is not shown
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.showFullScreen()
        if alone:
            self.activateWindow()

    @property
    def area(self) -> QRectF:
        """Return where the picture stands, logical pixels."""
        return fitted(QRectF(self.rect()))

    @property
    def pixels(self) -> tuple[int, int]:
        """Return the size of the picture in device pixels, even and at most LARGEST."""
        ratio = self.devicePixelRatioF()
        area = self.area
        wide = min(area.width() * ratio, LARGEST[0])
        tall = min(area.height() * ratio, LARGEST[1])
        return max(round(wide / 2) * 2, 2), max(round(tall / 2) * 2, 2)

    def show_image(self, image: QImage | None) -> None:
        """Show another picture."""
        self.image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint picture and words, or nothing at all."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        if not self.dark and self.image is not None:
            area = self.area
            if self.image.size() != area.size().toSize() * self.devicePixelRatioF():
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, self.image)
            self.over(painter, area)
        painter.end()

    # -- hands --------------------------------------------------------------------------------

    def _place(self, at: QPointF) -> tuple[float, float]:
        area = self.area
        x = (at.x() - area.left()) / max(area.width(), 1.0)
        y = (at.y() - area.top()) / max(area.height(), 1.0)
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point where the cursor is."""
        self.on_point(self._place(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a tap or a swipe."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go on or back: by a swipe, or by a tap at the right or the left."""
        begun, self._pressed = self._pressed, None
        if begun is not None:
            self.on_step(step_of(begun, event.position(), self.width()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the spotlight's size."""
        self.on_wheel(event.angleDelta().y() / 120.0)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say that the picture has another size now."""
        super().resizeEvent(event)
        self.on_size()

    def event(self, event: QEvent) -> bool:
        """Say that the picture has other pixels where the display has another scale."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.on_size()
        return super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the presentation when the window is closed."""
        event.accept()
        self.on_close()


def step_of(begun: QPointF, ended: QPointF, width: float) -> int:
    """Return 1 (on), -1 (back) or 0 of a press and a release over the picture."""
    across = ended.x() - begun.x()
    if abs(across) >= SWIPE and abs(across) > abs(ended.y() - begun.y()):
        return 1 if across < 0 else -1
    if abs(across) + abs(ended.y() - begun.y()) > SWIPE / 4:
        return 0
    share = ended.x() / max(width, 1.0)
    return -1 if share < EDGES else 1 if share > 1 - EDGES else 0
