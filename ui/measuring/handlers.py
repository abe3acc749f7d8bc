"""What is done with kept measurements outside of their table: fly there, write them as CSV."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QFileDialog

from twin.measuring.results import csv_of
from twin.records import Measurement
from ui.city_view import CityView
from ui.desk import Desk

ROOM = 3.0
"""Metres round a measurement when one flies there."""


def measuring_table(
    desk: Desk, show_panel: Callable[[str], None], view: CityView
) -> Mapping[str, Callable[..., None]]:
    """Return the functions by action name."""
    return {
        "panel.measurements": lambda: show_panel("measurements"),
        "measure.fly": partial(fly_to, view),
        "measure.export": partial(export, desk, view),
    }


def fly_to(view: CityView, measured: Measurement) -> None:
    """Fly to a measurement."""
    points = np.asarray(measured.points, np.float64)
    if len(points):
        view.fit(np.concatenate([points.min(axis=0) - ROOM, points.max(axis=0) + ROOM]))


def export(desk: Desk, view: CityView) -> None:
    """Ask where and write all measurements as CSV."""
    title = desk.say("measure.do_export")
    path, _ = QFileDialog.getSaveFileName(view.widget(), title, "measurements.csv", "CSV (*.csv)")
    if not path:
        return
    text = csv_of(list(desk.session.twin.records["measurements"].values()))
    try:
        with Path(path).open("w", encoding="utf-8-sig", newline="") as out:
            out.write(text)
    except OSError as error:
        desk.tell(desk.say("save_failed", path=path, reason=str(error)), "error")
        return
    desk.tell(desk.say("saved_to", path=path), "info")
