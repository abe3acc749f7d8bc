"""The whole of a timeline but its playhead: names, ruler, tracks. QPainter only."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from ui.desk import Desk
from ui.flythrough.deck import Chosen, Shown
from ui.flythrough.heads import paint_heads
from ui.flythrough.painting import (
    RULER,
    Sheet,
    paint_bars,
    paint_camera,
    paint_line,
    paint_points,
    paint_ruler,
)
from ui.flythrough.rows import Rows
from ui.flythrough.score import TRACKS


def paint_board(
    sheet: Sheet, desk: Desk, rows: Rows, now: Shown, chosen: Chosen, focus: str
) -> None:
    """Paint names, ruler and tracks; ``focus`` is the track that has the keyboard."""
    painter, theme = sheet.painter, sheet.theme
    whole = QRectF(0, 0, rows.width, rows.height)
    painter.fillRect(whole, QColor(theme.win if theme.dark else theme.panel))
    painter.setClipRect(QRectF(rows.head, RULER, rows.width, rows.height))
    _paint_tracks(sheet, rows, now, chosen)
    painter.setClipRect(sheet.area)
    paint_ruler(sheet)
    painter.setClipping(False)
    shown = frozenset(TRACKS) - now.muted
    paint_heads(sheet, desk, rows, shown, focus, now.score.fastest)


def _paint_tracks(sheet: Sheet, rows: Rows, now: Shown, chosen: Chosen) -> None:
    here = now.score.at(now.t)
    for track in TRACKS:
        row = rows.box(track)
        if track == "camera":
            paint_camera(sheet, row, chosen.keys, here)
        elif track == "sun":
            paint_line(sheet, row, track, chosen.bars)
        elif track == "as_of":
            paint_points(sheet, row, track, chosen.bars)
        else:
            paint_bars(sheet, row, track, chosen.bars)
        sheet.painter.setPen(QColor(sheet.theme.line))
        sheet.painter.drawLine(row.bottomLeft(), row.bottomRight())
