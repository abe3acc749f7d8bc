"""What is done with one model in the city, and with objects as meshes."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QFileDialog

from twin.errors import TwinError
from twin.replacing import Thing
from ui.city_view import CityView
from ui.desk import Desk
from ui.panels.replace_dialog import ReplaceDialog

FILTERS = "glTF (*.glb);;OBJ (*.obj)"


class ModelHandlers:
    """The functions behind the actions of a model, by name."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        return {"models.replace": self.replace, "objects.export": self.export}

    def export(self) -> None:
        """Ask where and write what is selected as meshes."""
        title = self.desk.say("action.objects.export")
        path, _ = QFileDialog.getSaveFileName(self.view.widget(), title, "selection.glb", FILTERS)
        if not path:
            return
        rows = {key: np.asarray(found, np.int32) for key, found in self.desk.counted_selected()}
        try:
            self.desk.session.carry(rows, Path(path))
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")

    def replace(self) -> None:
        """Show the selected model (else the only one) against the city object it could replace."""
        model = self._model()
        if model is None:
            self.desk.tell(self.desk.say("replace.none"), "info")
            return
        ReplaceDialog(self.desk, self.view.widget().window(), model).exec()

    def _model(self) -> Thing | None:
        layers = self.desk.session.twin.layers
        chosen = self.desk.only_selected()
        if chosen is not None and layers[chosen[0]].unit_kinds:
            key, row = chosen
            return Thing(key, int(layers[key].assessment.unit[row]))
        models = [
            x for x in layers.values() if x.unit_kinds and len(x.assessment.unit_rows()) == 1
        ]
        if len(models) != 1:
            return None
        return Thing(models[0].id, int(models[0].assessment.unit_rows()[0]))


def model_table(desk: Desk, shell: object, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions behind the actions of a model."""
    return ModelHandlers(desk, view).table()


def tell_carried(desk: Desk) -> None:
    """Say what came of writing objects, once."""
    work = desk.session.carried
    if work is None or not work.done:
        return
    desk.session.carried = None
    if work.error is not None:
        desk.tell(desk.error_text(work.error), "error")
    else:
        count = desk.words.count(work.count or 0)
        desk.tell(desk.say("carried", count=count, path=str(work.path)), "info")
