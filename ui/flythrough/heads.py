"""The names of the tracks at the left of a timeline: icon, word, eye. QPainter only."""

from collections.abc import Collection

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor

from ui.desk import Desk
from ui.flythrough.painting import RULER, Sheet
from ui.flythrough.rows import Rows
from ui.flythrough.score import ICONS, TRACKS
from ui.theme import glyph_pixmap


def paint_heads(
    sheet: Sheet, desk: Desk, rows: Rows, shown: Collection[str], focus: str, fastest: float
) -> None:
    """Paint all names; ``shown`` are the tracks that act, ``focus`` the one with the keyboard."""
    painter, theme = sheet.painter, sheet.theme
    head = QRectF(0, 0, rows.head, rows.height)
    ground = QColor(theme.win if theme.dark else theme.panel)
    painter.setClipRect(QRectF(0, RULER, rows.head, rows.height - RULER))
    painter.fillRect(head, ground)
    for track in TRACKS:
        _paint_head(sheet, desk, rows, track, track in shown)
        box = rows.box(track)
        painter.setPen(QColor(theme.line))
        painter.drawLine(box.bottomLeft(), QPointF(rows.head, box.bottom()))
        if track == focus:
            painter.fillRect(QRectF(0, box.top() + 1, 3, box.height() - 1), QColor(theme.accent))
    camera = rows.box("camera")
    if camera.height() >= 56:
        words = desk.say("flythrough.speed", most=desk.words.count(round(fastest)))
        place = QRectF(40, camera.center().y() + 1, rows.head - 76, 16)
        sheet.words(place, words if sheet.score.keys else "", theme.t3)
    painter.setClipping(False)
    painter.fillRect(QRectF(0, 0, rows.head, RULER), ground)
    painter.setPen(QColor(theme.line))
    painter.drawLine(QPointF(0, RULER), QPointF(rows.head, RULER))
    painter.setPen(QColor(theme.line2))
    painter.drawLine(QPointF(rows.head, 0), QPointF(rows.head, rows.height))


def _paint_head(sheet: Sheet, desk: Desk, rows: Rows, track: str, shown: bool) -> None:
    painter, theme, box = sheet.painter, sheet.theme, rows.box(track)
    two_lines = track == "camera" and box.height() >= 56
    middle = box.center().y() - (9 if two_lines else 0)
    painter.drawPixmap(QPointF(14, middle - 8), glyph_pixmap(ICONS[track], theme.t2, 16))
    tone = theme.t1 if shown else theme.t3
    room = QRectF(40, middle - 9, rows.head - 76, 18)
    sheet.words(room, desk.say(f"flythrough.track.{track}"), tone, 12)
    eye = rows.eye(track)
    name = "shown" if shown else "hidden"
    painter.setRenderHint(painter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(eye.topLeft() + QPointF(1, 1), glyph_pixmap(name, theme.t2, 16))
    painter.setPen(Qt.PenStyle.NoPen)
