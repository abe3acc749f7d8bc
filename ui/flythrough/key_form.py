"""The form of a keyframe: name, time, ease, rest, field of view, roll; camera taken anew from the view."""

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from twin.flythrough.editing import GAP
from twin.flythrough.records import EASES
from ui.flythrough.control import Flythrough
from ui.flythrough.form import Form
from ui.panels.parts import mark


def edit_key(control: Flythrough, parent: QWidget, number: int) -> None:
    """Ask for what a keyframe is, and keep it as one step."""
    form = KeyForm(control, parent, number)
    if form.exec():
        control.set_key(number, **form.values())


class KeyForm(Form):
    """One keyframe. It stays between its neighbours."""

    def __init__(self, control: Flythrough, parent: QWidget, number: int) -> None:
        desk, route = control.desk, control.route
        assert route is not None
        say, key = desk.say, route.keyframes[number]
        super().__init__(
            desk, parent, say("flythrough.key_title", number=number + 1), say("flythrough.keep")
        )
        self.name = QLineEdit(key.title)
        self.name.setMaxLength(80)
        self.name.setPlaceholderText(say("flythrough.name_hint"))
        self.row(say("flythrough.name"), self.name)
        keys = route.keyframes
        least = keys[number - 1].t + keys[number - 1].hold + GAP if number else 0.0
        most = keys[number + 1].t - GAP if number + 1 < len(keys) else 86_400.0
        self.time = self.number(say("flythrough.time"), key.t, (least, most), " s")
        rest = most - key.t if number + 1 < len(keys) else 3600.0
        self.rest = self.number(say("flythrough.rest"), key.hold, (0.0, max(rest, 0.0)), " s")
        self.ease = QComboBox()
        for ease in EASES:
            self.ease.addItem(say(f"flythrough.ease.{ease}"), ease)
        self.ease.setCurrentIndex(EASES.index(key.ease))
        mark(desk, "chevron_down", self.ease)
        self.row(say("flythrough.leg"), self.ease)
        self.fov = self.number(say("flythrough.fov"), key.fov, (1.0, 170.0), "°", 1)
        self.roll = self.number(say("flythrough.roll"), key.roll, (-180.0, 180.0), "°", 1)
        if route.constant_speed and 0 < number < len(keys) - 1:
            self.time.setEnabled(False)
            self.time.setToolTip(say("flythrough.constant_time"))
        self.extra(say("flythrough.recapture"), lambda: self._again(control, number))

    def _again(self, control: Flythrough, number: int) -> None:
        self.reject()
        control.recapture(number)

    def values(self) -> dict[str, object]:
        """Return the fields as a person left them."""
        return {
            "title": self.name.text().strip(), "t": round(self.time.value(), 3),
            "hold": round(self.rest.value(), 3), "ease": self.ease.currentData(),
            "fov": self.fov.value(), "roll": self.roll.value(),
        }  # fmt: skip
