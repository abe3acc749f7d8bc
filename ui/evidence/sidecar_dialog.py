"""Say what the columns of a table beside the city are: key, dates with their kind, custodian, attributes."""

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from twin.features import FeatureTable, encode, texts
from twin.geometry import empty_box
from twin.maintenance.sidecar import guessed
from twin.maintenance.sidecar_records import Sidecar
from twin.observations import Assessment, Observations
from twin.ports import VectorTable
from twin.records import About, FieldMapping, SourceRef
from twin.scene import Layer, Twin
from twin.tiles import TileTree
from ui.desk import Desk
from ui.panels.mapping_dialog import MappingDialog
from ui.panels.parts import label, mark


class SidecarDialog(MappingDialog):
    """A line for each column: raw texts, role, how a date is read; the identifying one is the key."""

    def __init__(self, desk: Desk, parent: QWidget, path: str, table: VectorTable) -> None:
        self.path, self.read = path, table
        self.guess = _guess(desk.session.twin, path, table)
        super().__init__(desk, parent, _as_layer(path, table))
        self.setWindowTitle(desk.say("sidecar.title"))

    def _before(self) -> FieldMapping:
        """Begin with what was found out."""
        return FieldMapping(
            id=self.guess.key, custodian=self.guess.custodian, dates=self.guess.dates
        )

    def _head(self) -> QVBoxLayout:
        head = super()._head()
        say = self.desk.say
        self.target = QComboBox()
        self.target.setAccessibleName(say("sidecar.layer"))
        self.target.addItem(say("sidecar.every"), "")
        for key, layer in self.desk.session.twin.layers.items():
            self.target.addItem(layer.title, key)
        self.target.setFixedWidth(260)
        mark(self.desk, "chevron_down", self.target)
        self.place = QCheckBox(say("sidecar.by_place"))
        self.place.setEnabled(self.read.geometry is not None)
        if not self.place.isEnabled():
            self.place.setToolTip(say("sidecar.no_geometry"))
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(label(say("sidecar.layer"), "t2"))
        row.addWidget(self.target)
        row.addWidget(self.place)
        row.addStretch(1)
        head.addSpacing(6)
        head.addLayout(row)
        return head

    def arguments(self) -> dict[str, str]:
        """Return the arguments of ``sidecar.add``."""
        said = self.mapping()
        dates = ",".join(f"{item.field}:{item.kind}:{item.aspect}" for item in said.dates)
        by = "place" if self.place.isChecked() else "key"
        return {
            "path": self.path, "layer": str(self.target.currentData()), "table": self.read.layer if self.read.layers else "",
            "by": by, "key": said.id, "dates": dates, "custodian": said.custodian,
        }  # fmt: skip

    def _apply(self) -> None:
        if self.desk.run("sidecar.add", **self.arguments()):
            name = Path(self.path).name
            self.desk.tell(self.desk.say("sidecar.joined", file=name), "undo")
            self.accept()


def _guess(twin: Twin, path: str, table: VectorTable) -> Sidecar:
    """Return key, dates and custodian as they are found out with the layer of which most objects are named."""
    plain = Sidecar("", path)
    for layer in twin.layers.values():
        found = guessed(table, plain, layer.features)
        if found.key:
            return found
    return guessed(table, plain, FeatureTable.empty())


def _as_layer(path: str, table: VectorTable) -> Layer:
    """Return a table in the form that the form of a mapping looks at."""
    n = len(table)
    kind, kinds = encode(["row"] * n)
    boxes = np.tile(empty_box(), (n, 1))
    features = FeatureTable(
        texts([str(key) for key in table.keys]), kind, kinds, np.full(n, -1, np.int32), boxes,
        columns=dict(table.columns),
    )  # fmt: skip
    name = Path(path).name
    return Layer(
        "", SourceRef(path), name, About("table"), TileTree.flat(np.zeros((0, 6))), features,
        Observations.empty(), Assessment.unknown(n),
    )  # fmt: skip
