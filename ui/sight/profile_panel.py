"""The dock of profiles: the drawing of the last one, copied and written as SVG, DXF, CSV or a picture."""

from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from twin.analyses.drawings import Drawing, as_csv, as_dxf, as_svg, drawing_of
from twin.analyses.results import Result
from twin.georeference import vertical_title
from twin.scene import Aspect
from ui.desk import Desk, Panel
from ui.panels.parts import icon_button, invitation, label
from ui.sight.profile_chart import ProfileChart, summary
from ui.theme import LIGHT

FILTERS = "SVG (*.svg);;DXF (*.dxf);;CSV (*.csv);;PNG (*.png)"
PICTURE = (2400, 900)
"""Pixels of a written picture."""


class ProfilePanel(Panel):
    """Shows the newest profile among the results."""

    watches = frozenset({Aspect.RESULTS, Aspect.LAYERS})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.result: Result | None = None
        self.drawing: Drawing | None = None
        self.told = label("", "t2", 11)
        self.chart = ProfileChart(desk)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(0)
        column.addWidget(self.told)
        column.addWidget(self.chart, 1)
        self.pages = QStackedLayout(self)
        self.pages.addWidget(invitation(desk, desk.say("profile.empty"), "sight.profile"))
        self.pages.addWidget(page)
        self.copying = self._tool("copy", "profile.copy", self.copy)
        self.exporting = self._tool("export", "profile.export", self.export)
        self.refresh(self.watches)

    def _tool(self, icon: str, words: str, do: object) -> QToolButton:
        made = icon_button(self.desk, icon, self.desk.say(words))
        made.clicked.connect(do)
        return made

    def tools(self) -> list[QWidget]:
        """Return the buttons of the title bar."""
        return [self.copying, self.exporting]

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Show the profile that is open, else the newest one."""
        session = self.desk.session
        kept = [one for one in session.results().values() if one.analysis == "profile"]
        open_ = [one for one in kept if one.id == self.desk.result]
        newest = [*kept, *open_][-1] if kept else None
        self.pages.setCurrentIndex(newest is not None)
        for button in (self.copying, self.exporting):
            button.setEnabled(newest is not None)
        if newest is self.result:
            return
        self.result, self.drawing = newest, None
        if newest is None:
            self.chart.show_drawing(None, "")
            return
        found = newest.answer(session.tables(newest))
        self.drawing = drawing_of(found, vertical_title(newest.stamp.vertical))
        sentence = summary(self.desk, list(found.figures.items()))
        self.told.setText(sentence)
        self.chart.show_drawing(self.drawing, sentence)

    def copy(self) -> None:
        """Put the drawing on the clipboard, as a picture and as its table."""
        if self.drawing is not None:
            mime = QMimeData()
            mime.setText(as_csv(self.drawing))
            mime.setImageData(self.chart.image(*PICTURE, LIGHT))
            QGuiApplication.clipboard().setMimeData(mime)
            self.desk.tell(self.desk.say("profile.copied"), "info")

    def export(self) -> None:
        """Ask where and write the drawing."""
        if self.drawing is None:
            return
        title = self.desk.say("profile.export")
        path, _ = QFileDialog.getSaveFileName(self, title, "profile.svg", FILTERS)
        if path:
            self.write(Path(path))

    def write(self, path: Path) -> None:
        """Write the drawing; what goes wrong is told."""
        drawing, ending = self.drawing, path.suffix.lower()
        assert drawing is not None
        heights = self.desk.say(
            "profile.above", datum=drawing.datum or self.desk.say("profile.no_datum")
        )
        try:
            if ending == ".png":
                self.chart.write_png(path, PICTURE, LIGHT)
            else:
                texts = {".dxf": as_dxf, ".csv": as_csv}
                make = texts.get(ending)
                told = (
                    as_svg(drawing, self.told.text(), heights) if make is None else make(drawing)
                )
                path.write_text(told, encoding="utf-8-sig" if ending == ".csv" else "utf-8")
        except OSError as error:
            self.desk.tell(
                self.desk.say("profile.failed", name=path.name, reason=str(error)), "error"
            )
            return
        self.desk.tell(self.desk.say("profile.written", name=path.name), "info")
