"""What is done with one model in the city."""

from collections.abc import Callable, Mapping

from twin.replacing import Thing
from ui.city_view import CityView
from ui.desk import Desk
from ui.panels.replace_dialog import ReplaceDialog


class ModelHandlers:
    """The functions behind the actions of a model, by name."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        return {"models.replace": self.replace}

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
