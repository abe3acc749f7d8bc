"""A quiet note on a layer whose objects say little of themselves: no dates, or ids that are only places."""

import numpy as np
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from twin.features import weak
from twin.scene import Layer
from ui.desk import Desk
from ui.panels.parts import label


class MappingHint(QWidget):
    """What is missing, and the way to the dialog where it can be said."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.undated, self.weak = (label("", "t2", 11, wrap=True) for _ in range(2))
        self.map = QToolButton()
        self.map.setProperty("kind", "link")
        self.map.setText(desk.say("layers.map"))
        self.map.clicked.connect(lambda: desk.act("layers.map", desk.layer))
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 4, 14, 12)
        column.setSpacing(6)
        column.addWidget(self.undated)
        column.addWidget(self.weak)
        column.addWidget(self.map)

    def show_layer(self, layer: Layer) -> None:
        """Say what is missing of the objects that are there; nothing missing, nothing shown."""
        total, count = len(layer.features), int(weak(layer.features).sum())
        undated = bool(total) and bool(np.isnat(layer.assessment.t_eff).all())
        numbers = {"count": self.desk.words.count(count), "total": self.desk.words.count(total)}
        self.undated.setText(self.desk.say("layer_page.undated"))
        self.weak.setText(self.desk.say("layer_page.weak_ids", **numbers))
        self.undated.setVisible(undated)
        self.weak.setVisible(count > 0)
        self.map.setVisible(bool(layer.features.names))
        self.setVisible(undated or count > 0)
