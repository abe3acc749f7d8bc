"""What is done with rules beside the panels: files written, switches asked for, examples used."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from twin.judging import rules_of
from twin.maintenance.rule_writing import custodians_toml, policy_toml
from twin.maintenance.rules import Choices, Rules
from ui.city_view import CityView
from ui.desk import Desk
from ui.panels.parts import label, line
from ui.panels.who_dialog import WhoDialog

TEXTS = ("zone_column", "loa_column", "criticality_column", "time_zone", "default_duration")


class RuleHandlers:
    """The functions behind the actions of rules, by name."""

    def __init__(self, desk: Desk, view: CityView, show_panel: Callable[[str], None]) -> None:
        self.desk, self.view, self.show_panel = desk, view, show_panel

    def table(self) -> dict[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "panel.policies": lambda: self.show_panel("policies"),
            "panel.custodians": lambda: self.show_panel("custodians"),
            "custodians.edit": self.edit_parties,
            "areas.import": self.import_areas,
            "policies.example": self.example,
            "policies.save": lambda: self.save("policy.toml", policy_toml),
            "custodians.save": lambda: self.save("custodians.toml", custodians_toml),
            "policies.switches": self.switches,
        }

    def example(self) -> None:
        """Judge by the bundled European example."""
        if self.desk.run("rules.preset", name="european"):
            self.desk.tell(self.desk.say("policies.preset_used"), "undo")

    def edit_parties(self) -> None:
        """Show parties, areas and absences."""
        WhoDialog(self.desk, self.view.widget().window()).exec()

    def import_areas(self) -> None:
        """Ask for a vector file of areas and take them in."""
        title = self.desk.say("action.areas.import")
        path, _ = QFileDialog.getOpenFileName(
            self.view.widget(), title, "", self.desk.say("areas.files")
        )
        if path and self.desk.run("areas.import", path=path):
            self.desk.tell(self.desk.say("areas.imported", path=path), "undo")

    def save(self, name: str, write: Callable[[Rules], str]) -> None:
        """Ask where and write the rules as the file they can be read from."""
        title = self.desk.say("policies.save")
        path, _ = QFileDialog.getSaveFileName(self.view.widget(), title, name, "TOML (*.toml)")
        if not path:
            return
        try:
            Path(path).write_text(write(rules_of(self.desk.session.twin)), "utf-8")
        except OSError as error:
            told = self.desk.say("save_failed", path=path, reason=str(error))
            self.desk.tell(told, "error")
            return
        self.desk.tell(self.desk.say("saved_to", path=path), "info")

    def switches(self) -> None:
        """Ask for the switches of the rules."""
        dialog = SwitchDialog(self.desk, self.view.widget().window())
        if dialog.exec():
            self.desk.run("choices.set", **dialog.arguments())


class SwitchDialog(QDialog):
    """Which columns hold zone, accuracy and criticality, the zone of dates, and whether areas come first."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(desk.say("policies.switches"))
        self.setMinimumWidth(440)
        said = asdict(desk.session.twin.records["choices"].get("choices", Choices()))
        usual = asdict(Choices())
        self.fields = {name: QLineEdit(said[name]) for name in TEXTS}
        form = QFormLayout()
        form.setContentsMargins(20, 16, 20, 12)
        form.setVerticalSpacing(8)
        for name, field in self.fields.items():
            field.setPlaceholderText(usual[name])
            field.setAccessibleName(desk.say(f"policies.switch.{name}"))
            form.addRow(label(desk.say(f"policies.switch.{name}")), field)
        self.area = QCheckBox(desk.say("policies.switch.area_before_dataset"))
        self.area.setChecked(said["area_before_dataset"])
        form.addRow("", self.area)
        apply = QPushButton(desk.say("policies.apply"))
        apply.setProperty("primary", True)
        apply.clicked.connect(self.accept)
        cancel = QPushButton(desk.say("cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 10, 14, 10)
        foot.addWidget(apply)
        foot.addWidget(cancel)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(line())
        column.addLayout(foot)

    def arguments(self) -> dict[str, str]:
        """Return the arguments of ``choices.set``."""
        found = {name: field.text().strip() for name, field in self.fields.items()}
        return {**found, "area_before_dataset": "yes" if self.area.isChecked() else "no"}


def rule_table(
    desk: Desk, show_panel: Callable[[str], None], view: CityView
) -> Mapping[str, Callable[..., None]]:
    """Return the functions of this subject."""
    return RuleHandlers(desk, view, show_panel).table()
