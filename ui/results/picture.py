"""The picture of the view with a result's stamp in it: as lines below the picture, and as text in the PNG."""

import json
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, QPixmap

from twin.analyses.results import Result
from twin.analyses.wording import sentences
from twin.errors import NotSaved
from twin.messages import Catalogue
from twin.result_files import stamp_document
from ui.theme import LIGHT, font

PAD, LINE = 12, 20


def stamped(picture: QPixmap, result: Result, words: Catalogue) -> QImage:
    """Return a picture with the title and the stamp of a result below it."""
    ratio = picture.devicePixelRatio()
    wide, high = picture.width() / ratio, picture.height() / ratio
    text = " ".join(sentences(result.stamp, words))
    system = " · ".join(
        x for x in (result.stamp.crs, result.stamp.vertical, result.stamp.program) if x
    )
    lines = [result.title, text, f"{system} · {result.stamp.fingerprint[:16]}"]
    below = 2 * PAD + LINE * len(lines)
    made = QImage(round(wide * ratio), round((high + below) * ratio), QImage.Format.Format_RGB32)
    made.setDevicePixelRatio(ratio)
    made.fill(QColor(LIGHT.panel))
    painter = QPainter(made)
    painter.drawPixmap(0, 0, picture)
    for number, words_ in enumerate(lines):
        painter.setFont(font(12, bold=number == 0))
        painter.setPen(QColor(LIGHT.t1 if number == 0 else LIGHT.t2))
        room = QRectF(PAD, high + PAD + number * LINE, wide - 2 * PAD, LINE)
        shown = painter.fontMetrics().elidedText(
            words_, Qt.TextElideMode.ElideRight, int(room.width())
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
    painter.end()
    return made


def write_picture(path: Path, picture: QPixmap, result: Result, words: Catalogue) -> None:
    """Write the stamped picture as PNG; the whole stamp is its text ``trust-stamp``. Raises NotSaved."""
    image = stamped(picture, result, words)
    writer = QImageWriter(str(path), b"png")
    writer.setText("trust-stamp", json.dumps(stamp_document(result, words), default=str))
    if not writer.write(image):
        raise NotSaved(location=str(path), reason=writer.errorString())
