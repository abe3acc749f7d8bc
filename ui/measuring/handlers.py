"""What is done with kept measurements outside of their table: fly there, write them as a table."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from twin.measuring.results import COLUMNS, table_of
from twin.records import Measurement
from ui.city_view import CityView
from ui.desk import Desk
from ui.saving import save_table

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
    """Ask where and write all measurements as XLSX or CSV."""
    rows = table_of(list(desk.session.twin.records["measurements"].values()))
    lines = [COLUMNS, *([row[name] for name in COLUMNS] for row in rows)]
    save_table(desk, view.widget(), "measurements", lines)
