"""How a timeline looks: ruler, tracks, curve, diamonds, bars, playhead. QPainter only, only what is in sight."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from ui.flythrough.axis import Axis, clock, decimals_of
from ui.flythrough.score import Bar, Key, Score
from ui.theme import Theme, font

RULER = 28.0
DIAMOND = 6.0
TONES = {
    "dark": {
        "plain": ("#2B343F", "#E7EBF0"), "blue": ("#1F5A85", "#FFFFFF"), "violet": ("#3C3358", "#E7EBF0"),
        "rust": ("#5A2E1B", "#F3E4DC"), "green": ("#17413F", "#CDEDE9"),
    },
    "light": {
        "plain": ("#DDE3E9", "#16202A"), "blue": ("#BFDCEE", "#10304A"), "violet": ("#DCD4EF", "#2C2147"),
        "rust": ("#F2D6C6", "#4E2009"), "green": ("#C6E7E3", "#0B3A36"),
    },
}  # fmt: skip
"""Fill and text of the bars by theme; every pair has a contrast of 4.5:1 and more."""
SUN_LINE = {"dark": "#EAC865", "light": "#8A6300"}
"""The line of the sun's time. It is a line with words at it, never a status."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every part of the painting is given."""

    painter: QPainter
    theme: Theme
    axis: Axis
    score: Score
    area: QRectF

    def x(self, t: float) -> float:
        """Return the pixel of a time."""
        return self.axis.x(t)

    def words(self, box: QRectF, text: str, tone: str, pixels: int = 11) -> None:
        """Write a text into a box, elided at its right."""
        face = font(pixels)
        wide = box.width()
        if wide < 14:
            return
        shown = QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, wide)
        self.painter.setFont(face)
        self.painter.setPen(QColor(tone))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        self.painter.drawText(box, flags, shown)


def diamond(at: QPointF, size: float = DIAMOND) -> QPolygonF:
    """Return a diamond round a point."""
    x, y = at.x(), at.y()
    return QPolygonF(
        [QPointF(x, y - size), QPointF(x + size, y), QPointF(x, y + size), QPointF(x - size, y)]
    )


def paint_ruler(sheet: Sheet, selected: Collection[float] = ()) -> None:
    """Paint the times and the ticks between them."""
    painter, theme, axis = sheet.painter, sheet.theme, sheet.axis
    top, base = sheet.area.top(), sheet.area.top() + RULER
    written, ticked = axis.ticks()
    painter.setFont(font(11))
    decimals = decimals_of(axis.step())
    for t in ticked:
        x = round(sheet.x(t)) + 0.5
        painter.setPen(QColor(theme.line2))
        painter.drawLine(QPointF(x, base - 5), QPointF(x, base))
    for t in written:
        x = round(sheet.x(t)) + 0.5
        painter.setPen(QColor(theme.t3))
        painter.drawLine(QPointF(x, base - 12), QPointF(x, base))
        painter.setPen(QColor(theme.t2))
        painter.drawText(QPointF(x + 5, top + 15), clock(t, decimals))
    painter.setPen(QColor(theme.line))
    painter.drawLine(QPointF(sheet.area.left(), base), QPointF(sheet.area.right(), base))


def curve_of(sheet: Sheet, box: QRectF) -> QPolygonF:
    """Return the curve of the speed inside a box: as high as the fastest moment."""
    speed, axis = sheet.score.speed, sheet.axis
    if not len(speed):
        return QPolygonF()
    seen = speed[(speed[:, 0] >= axis.start - axis.span) & (speed[:, 0] <= axis.end + axis.span)]
    top = max(sheet.score.fastest, 1e-6)
    x = axis.left + (seen[:, 0] - axis.start) / axis.span * axis.width
    y = box.bottom() - np.clip(seen[:, 1] / top, 0.0, 1.0) * box.height()
    return QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])


def height_at(sheet: Sheet, box: QRectF, t: float) -> float:
    """Return the height of the curve at a time, pixels."""
    speed = sheet.score.speed
    if not len(speed):
        return box.center().y()
    share = float(np.interp(t, speed[:, 0], speed[:, 1])) / max(sheet.score.fastest, 1e-6)
    return float(box.bottom() - min(max(share, 0.0), 1.0) * box.height())


def curve_box(row: QRectF) -> QRectF:
    """Return the part of the camera's row in which the curve lies: names stand above it."""
    return row.adjusted(0, min(24.0, row.height() * 0.42), 0, -10)


def paint_camera(sheet: Sheet, row: QRectF, selected: Collection[int], here: int) -> None:
    """Paint the stretches between keyframes, their names, the curve of the speed and the diamonds."""
    painter, theme, score = sheet.painter, sheet.theme, sheet.score
    keys = sheet.score.between(sheet.axis.start, sheet.axis.end)
    for key in keys:
        _paint_stretch(sheet, row, key, here)
    inside = curve_box(row)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent_text), 1.6))
    painter.drawPolyline(curve_of(sheet, inside))
    for key in keys:
        at = QPointF(sheet.x(key.t), height_at(sheet, inside, key.t))
        chosen = key.number in selected
        painter.setPen(QPen(QColor(theme.win), 1.2))
        painter.setBrush(QColor(theme.accent_text if chosen else theme.t1))
        painter.drawPolygon(diamond(at, DIAMOND + (1.2 if chosen else 0.0)))
    for start, end in score.holes:
        box = QRectF(sheet.x(start), row.bottom() - 4, max(sheet.x(end) - sheet.x(start), 3), 4)
        painter.fillRect(box, QColor(theme.caution_edge))


def _paint_stretch(sheet: Sheet, row: QRectF, key: Key, here: int) -> None:
    score, theme, painter = sheet.score, sheet.theme, sheet.painter
    last = key.number + 1 >= len(score.keys)
    end = score.duration if last else score.keys[key.number + 1].t
    left, right = sheet.x(key.t), sheet.x(end)
    box = QRectF(left, row.top(), max(right - left, 0.0), row.height())
    if key.number == here and not last:
        painter.fillRect(box, QColor(theme.selection))
    elif not last:
        painter.fillRect(box, QColor(theme.panel if theme.dark else theme.raised))
    painter.setPen(QColor(theme.line))
    painter.drawLine(QPointF(left, row.top()), QPointF(left, row.bottom()))
    text = f"{key.number + 1} {key.name}".strip()
    if last:
        wide = QFontMetricsF(font(11)).horizontalAdvance(text)
        before = sheet.x(score.keys[key.number - 1].t) if key.number else left - wide - 40
        place = QRectF(left - wide - 6, row.top() + 3, wide + 4, 16)
        if place.left() > before + 40:
            sheet.words(place, text, theme.t2)
        return
    room = box.width() - 8
    if key.number + 2 == len(score.keys):  # the last name stands at the right end of this stretch
        after = score.keys[-1]
        face = QFontMetricsF(font(11))
        room -= face.horizontalAdvance(f"{after.number + 1} {after.name}") + 8
    sheet.words(QRectF(left + 6, row.top() + 3, room, 16), text, theme.t2)


def paint_bars(
    sheet: Sheet, row: QRectF, track: str, selected: Collection[tuple[str, int]]
) -> None:
    """Paint a track of bars."""
    for bar in sheet.score.on(track, sheet.axis.start, sheet.axis.end):
        if bar.point:
            continue
        _paint_bar(sheet, bar_box(sheet.axis, row, bar), bar, (track, bar.key) in selected)


def bar_box(axis: Axis, row: QRectF, bar: Bar) -> QRectF:
    """Return where a bar lies in its row."""
    gap = 4.0 if row.height() >= 30 else 3.0
    left, right = axis.x(bar.start), axis.x(bar.end)
    wide = max(right - left - 1.0, 3.0)
    return QRectF(left, row.top() + gap, wide, row.height() - 2 * gap)


def _paint_bar(sheet: Sheet, box: QRectF, bar: Bar, selected: bool) -> None:
    fill, text = TONES[sheet.theme.name].get(bar.tone, TONES[sheet.theme.name]["plain"])
    painter = sheet.painter
    edge = QPen(QColor(sheet.theme.accent_text), 2) if selected else QPen(Qt.PenStyle.NoPen)
    painter.setPen(edge)
    painter.setBrush(QColor(fill))
    painter.drawRoundedRect(box, 3, 3)
    left = max(box.left(), sheet.axis.left) + 8
    sheet.words(QRectF(left, box.top(), box.right() - left - 6, box.height()), bar.text, text)


def paint_line(
    sheet: Sheet, row: QRectF, track: str, selected: Collection[tuple[str, int]]
) -> None:
    """Paint a track whose value moves: a line through dots, a word at each."""
    painter, theme = sheet.painter, sheet.theme
    bars = list(sheet.score.bars.get(track, ()))
    if not bars:
        return
    ink = QColor(SUN_LINE[theme.name])
    places = [QPointF(sheet.x(bar.start), _level(row, bar)) for bar in bars]
    painter.setPen(QPen(ink, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    end = QPointF(sheet.x(sheet.score.duration), places[-1].y())
    painter.drawPolyline(QPolygonF([*places, end]))
    for number, (bar, at) in enumerate(zip(bars, places, strict=True)):
        chosen = (track, bar.key) in selected
        painter.setPen(QPen(QColor(theme.t1 if chosen else theme.win), 1.2))
        painter.setBrush(ink)
        painter.drawPolygon(diamond(at, 4.5 if not chosen else 6.0))
        after = places[number + 1].x() if number + 1 < len(places) else end.x()
        above = at.y() > row.center().y()
        top = max(at.y() - 15, row.top() + 1) if above else min(at.y() + 2, row.bottom() - 14)
        face = QFontMetricsF(font(11))
        room = min(face.horizontalAdvance(bar.text) + 1, after - at.x() - 14)
        place = QRectF(at.x() + 8, top, room, 13)
        if room >= 14:  # in a low row the line would go through the words
            painter.fillRect(
                place.adjusted(-4, 0, 4, 1), QColor(theme.win if theme.dark else theme.panel)
            )
        sheet.words(place, bar.text, theme.t1, 11)


def _level(row: QRectF, bar: Bar) -> float:
    share = 0.5 if bar.level is None else bar.level
    return row.bottom() - 6 - share * (row.height() - 12)


def paint_points(
    sheet: Sheet, row: QRectF, track: str, selected: Collection[tuple[str, int]]
) -> None:
    """Paint a track of instants: a diamond, its word, a faint line to the next."""
    painter, theme, middle = sheet.painter, sheet.theme, row.center().y()
    bars = list(sheet.score.bars.get(track, ()))
    for number, bar in enumerate(bars):
        at = QPointF(sheet.x(bar.start), middle)
        follows = number + 1 < len(bars)
        after = sheet.x(bars[number + 1].start) if follows else sheet.x(sheet.score.duration)
        wide = min(QFontMetricsF(font(11)).horizontalAdvance(bar.text) + 4, after - at.x() - 18)
        if follows and after - 8 > at.x() + wide + 16:
            painter.setPen(QPen(QColor(theme.line2), 1.2))
            painter.drawLine(QPointF(at.x() + wide + 16, middle), QPointF(after - 8, middle))
        chosen = (track, bar.key) in selected
        painter.setPen(QPen(QColor(theme.win), 1.2))
        painter.setBrush(QColor(theme.accent_text if chosen else theme.t1))
        painter.drawPolygon(diamond(at, 5.5 if chosen else 4.5))
        sheet.words(QRectF(at.x() + 10, row.top(), wide, row.height()), bar.text, theme.t1, 11)


def paint_band(sheet: Sheet, box: QRectF) -> None:
    """Paint the band that selects what it touches."""
    fill = QColor(sheet.theme.accent)
    fill.setAlpha(50)
    sheet.painter.setPen(QPen(QColor(sheet.theme.accent_text), 1.2))
    sheet.painter.setBrush(fill)
    sheet.painter.drawRect(box.normalized())


def paint_playhead(sheet: Sheet, t: float, bottom: float) -> None:
    """Paint where the route stands: a handle in the ruler and a line through the tracks."""
    x = sheet.x(t)
    if not sheet.axis.left - 8 <= x <= sheet.area.right() + 8:
        return
    painter, theme = sheet.painter, sheet.theme
    ink = QColor(theme.t1)
    painter.setPen(QPen(ink, 1.4))
    top = sheet.area.top() + 6
    painter.drawLine(QPointF(x, top + 14), QPointF(x, bottom))
    painter.setPen(QPen(QColor(theme.win), 1))
    painter.setBrush(ink)
    painter.drawPolygon(
        QPolygonF(
            [QPointF(x - 7, top), QPointF(x + 7, top), QPointF(x + 7, top + 10),
             QPointF(x, top + 18), QPointF(x - 7, top + 10)]
        )
    )  # fmt: skip
