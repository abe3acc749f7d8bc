"""The painted trend: the kept snapshots as stacked columns, the share of fresh units above each."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from twin.maintenance.trend import months
from twin.style import FRESHNESS
from ui.desk import Desk
from ui.panels.glyphs import BAR_ORDER, paint_shares
from ui.theme import font

SHOWN = 12
"""Months that the chart shows."""


class TrendChart(QWidget):
    """Stacked columns, one a month: what was stored then, not what today's rules would say."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.kept: Sequence[Mapping[str, Any]] = ()
        self.setMinimumHeight(88)
        self.setAccessibleName(desk.say("chart.trend"))

    def show_kept(self, snapshots: Mapping[str, Mapping[str, Any]]) -> None:
        """Show the last months of the stored snapshots."""
        self.kept = months(snapshots)[-SHOWN:]
        self.setAccessibleDescription(self._sentence())
        self.setToolTip(self._sentence())
        self.update()

    def _sentence(self) -> str:
        if not self.kept:
            return self.desk.say("chart.no_trend")
        return ", ".join(f"{str(item['at'])[:7]} {_share(item)}" for item in self.kept)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a column a month, its share above and the month below."""
        painter = QPainter(self)
        theme = self.desk.theme
        painter.setFont(font(11))
        if not self.kept:
            painter.setPen(QColor(theme.t3))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()).adjusted(12, 0, -12, 0), flags, self._sentence())
            painter.end()
            return
        area = QRectF(8, 20, self.width() - 16, self.height() - 44)
        step = area.width() / max(len(self.kept), 6)
        most = max(_count(item) for item in self.kept) or 1
        for number, item in enumerate(self.kept):
            left = area.left() + number * step
            self._column(painter, QRectF(left, area.top(), step, area.height()), item, most)
        painter.setPen(QColor(theme.line2))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.end()

    def _column(self, painter: QPainter, box: QRectF, item: Mapping[str, Any], most: int) -> None:
        theme, units = self.desk.theme, item["totals_units"]
        width = min(box.width() * 0.66, 36)
        left, y = box.center().x() - width / 2, box.bottom()
        for key in BAR_ORDER:
            n = 0 if key == "suspect" else int(units.get(key, 0))
            if not n:
                continue
            height = max(box.height() * n / most, 1.5)
            piece = QRectF(left, y - height, width, height)
            if key == "unknown":
                paint_shares(painter, piece, [(FRESHNESS[key], "hatch", 1.0)], theme)
            else:
                painter.fillRect(piece, QColor(FRESHNESS[key]))
            painter.fillRect(QRectF(left, y - height, width, 1), QColor(theme.panel))
            y -= height
        wide = QRectF(box.left() - 12, y - 16, box.width() + 24, 14)
        painter.setPen(QColor(theme.t2))
        painter.drawText(wide, Qt.AlignmentFlag.AlignCenter, _share(item))
        month = str(item["at"])[2:7] if box.width() < 52 else str(item["at"])[:7]
        spot = QRectF(box.left() - 12, box.bottom() + 4, box.width() + 24, 16)
        painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, month)
        if _rules_changed(self.kept, item):
            painter.setPen(QColor(theme.t3))
            painter.drawLine(QPointF(box.left(), box.top() - 4), QPointF(box.left(), box.bottom()))


def _count(item: Mapping[str, Any]) -> int:
    units = item["totals_units"]
    return sum(int(units.get(key, 0)) for key in BAR_ORDER if key != "suspect")


def _share(item: Mapping[str, Any]) -> str:
    """Return the share of fresh units as it was stored."""
    share = item.get("kpis", {}).get("fresh_share")
    return "–" if share is None else f"{100 * share:.0f} %"


def _rules_changed(kept: Sequence[Mapping[str, Any]], item: Mapping[str, Any]) -> bool:
    """Return whether the policies differ from those of the month before: a line parts the columns."""
    place = next(number for number, other in enumerate(kept) if other is item)
    return place > 0 and kept[place - 1].get("policy_sha256") != item.get("policy_sha256")
