"""What a changed rule would do, painted: counts now and then, in all and by class, and how many objects change."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from twin.maintenance.what_if import SHOWN, Counts
from twin.previewing import Preview
from ui.desk import Desk
from ui.panels.glyphs import BAR_ORDER, freshness_parts, paint_shares
from ui.theme import font
from ui.wording import DASH

ROW, HEAD = 22, 22


class PreviewTable(QWidget):
    """Lines of classes: a bar now, a bar then, and the counts that differ."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.preview: Preview | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def show_preview(self, preview: Preview | None) -> None:
        """Show another preview (None: nothing is changed)."""
        self.preview = preview
        self.setAccessibleName(" ".join(word for line in self.texts() for word in line))
        self.setMinimumHeight(HEAD + ROW * max(len(self.lines()), 1))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of all lines."""
        return QSize(280, HEAD + ROW * max(len(self.lines()), 1))

    def lines(self) -> list[tuple[str, Counts, Counts]]:
        """Return (name, counts now, counts then): all, then the classes that change most."""
        if self.preview is None:
            return []
        total = self.preview.total
        order = sorted(
            total.by_kind.items(), key=lambda x: (-int(abs(x[1][1] - x[1][0]).sum()), x[0])
        )
        every = self.desk.say("policies.all")
        return [(every, total.before, total.after)] + [
            (self.desk.kind(kind), *pair) for kind, pair in order
        ]

    def texts(self) -> Sequence[Sequence[str]]:
        """Return the lines as words, for readers of the screen and the clipboard."""
        return [
            [name, *(f"{self.desk.words.status(k)} {then[i]} ({then[i] - now[i]:+d})"
                     for i, k in enumerate(SHOWN) if now[i] or then[i])]
            for name, now, then in self.lines()
        ]  # fmt: skip

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the heads and the lines."""
        painter, theme = QPainter(self), self.desk.theme
        painter.setFont(font(11))
        lines, wide = self.lines(), self.width()
        name, number = min(int(wide * 0.3), 150), 74
        bar = max((wide - name - number - 36) / 2, 40)
        boxes = [
            (12, name - 12),
            (name + 4, bar),
            (name + bar + 12, bar),
            (wide - number - 12, number),
        ]
        heads = ("class", "now", "then", "change")
        painter.setPen(QColor(theme.t3))
        for key, (left, width) in zip(heads, boxes, strict=True):
            side = Qt.AlignmentFlag.AlignRight if key == "change" else Qt.AlignmentFlag.AlignLeft
            spot = QRectF(left, 0, width, HEAD)
            painter.drawText(
                spot, side | Qt.AlignmentFlag.AlignVCenter, self.desk.say(f"policies.head.{key}")
            )
        for place, (title, now, then) in enumerate(lines):
            top = HEAD + ROW * place
            painter.setFont(font(12, bold=place == 0))
            painter.setPen(QColor(theme.t1 if place == 0 else theme.t2))
            text = QFontMetrics(painter.font()).elidedText(
                title, Qt.TextElideMode.ElideRight, int(boxes[0][1])
            )
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRect(12, top, int(boxes[0][1]), ROW), middle, text)
            for counts, (left, width) in ((now, boxes[1]), (then, boxes[2])):
                parts = freshness_parts(dict(zip(SHOWN, counts.tolist(), strict=True)))
                paint_shares(painter, QRectF(left, top + 7, width, 8), parts, theme)
            self._late(painter, QRectF(boxes[3][0], top, number, ROW), now, then)
        painter.end()

    def _late(self, painter: QPainter, box: QRectF, now: Counts, then: Counts) -> None:
        """Paint how the number of stale and suspect objects changes."""
        late = [k for k, key in enumerate(SHOWN) if key in ("stale", "suspect")]
        change = int(then[late].sum() - now[late].sum())
        theme = self.desk.theme
        painter.setPen(QColor(theme.t3 if not change else theme.t1))
        sides = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(box, sides, self.desk.words.days(change) if change else "=")


def sentence(desk: Desk, preview: Preview) -> str:
    """Return the difference in words: how many objects change, and to what."""
    now, then = preview.total.before, preview.total.after
    parts = []
    for key in BAR_ORDER:
        change = int(then[SHOWN.index(key)] - now[SHOWN.index(key)])
        if change:
            parts.append(f"{desk.words.status(key)} {desk.words.days(change)}")
    count = desk.words.count(preview.count)
    if not preview.count:
        return desk.say("policies.no_change")
    return desk.say(
        "policies.change", count=count, parts=desk.say("policies.join").join(parts) or DASH
    )
