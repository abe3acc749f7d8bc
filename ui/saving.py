"""Asks where a table goes and writes it as CSV or XLSX, by the ending of the name."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtWidgets import QFileDialog, QWidget

from twin.tables import Table, as_csv, as_xlsx
from ui.desk import Desk

FILTERS = "XLSX (*.xlsx);;CSV (*.csv)"


def save_table(desk: Desk, parent: QWidget, name: str, lines: Iterable[Sequence[Any]]) -> None:
    """Ask for a file and write the lines, head first; what comes of it is told."""
    title = desk.say("save_table")
    path, _ = QFileDialog.getSaveFileName(parent, title, f"{name}.xlsx", FILTERS)
    if path:
        write_table(desk, Path(path), name, lines)


def write_table(desk: Desk, path: Path, name: str, lines: Iterable[Sequence[Any]]) -> None:
    """Write the lines, head first, as CSV where the name ends so, else as XLSX."""
    head, *rows = [list(line) for line in lines]
    table = Table(name, head, rows)
    try:
        if path.suffix.lower() == ".csv":
            path.write_bytes(as_csv(table, bom=True))
        else:
            path.write_bytes(as_xlsx([table], np.datetime64("now")))
    except OSError as error:
        desk.tell(desk.say("save_failed", path=str(path), reason=str(error)), "error")
        return
    desk.tell(desk.say("saved_to", path=str(path)), "info")
