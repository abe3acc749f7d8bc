"""What is done with evidence and joined tables: read in a worker, asked about, taken in, found in the city."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from twin.commands.evidence import evidence_edit, known_ids
from twin.errors import TwinError
from twin.jobs import Lane, Outcome
from twin.maintenance.evidence_files import Columns, EvidenceRead, Usual, evidence_of
from twin.maintenance.vector_files import Reading
from twin.ports import Feedback, VectorTable
from ui.city_view import CityView
from ui.desk import Desk
from ui.evidence.import_dialog import ImportDialog
from ui.evidence.marks import EvidenceMarks
from ui.evidence.panel import EvidencePanel
from ui.evidence.places import rows_of
from ui.evidence.sidecar_dialog import SidecarDialog

WORKER = "tables"


class Shows(Protocol):
    """What the handlers need of the window."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""


class EvidenceHandlers:
    """The functions behind the actions of evidence, by name."""

    def __init__(self, desk: Desk, shell: Shows, view: CityView) -> None:
        self.desk, self.shell, self.view = desk, shell, view
        self.marks = EvidenceMarks(desk, view)

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "panel.evidence": self.show,
            "evidence.import": partial(self.ask, self.import_table),
            "evidence.chosen": self.chosen,
            "evidence.fly": self.fly,
            "evidence.dismiss": self.dismiss,
            "evidence.consume": partial(self.moved, "consume"),
            "evidence.reopen": partial(self.moved, "reopen"),
            "evidence.marks": self.marks.show,
            "sidecar.add": partial(self.ask, self.join_table),
            "sidecar.remove": self.remove_table,
        }

    @property
    def window(self) -> QWidget:
        """Return what dialogs belong to."""
        return self.view.widget().window()

    def show(self) -> None:
        """Show the panel, and the marks over the city."""
        self.shell.show_panel("evidence")
        panel = next((x for x in reversed(self.desk.panels) if isinstance(x, EvidencePanel)), None)
        if panel is not None and panel.marks is not None:
            panel.marks.setChecked(True)

    # -- files --------------------------------------------------------------------------------

    def ask(self, then: Callable[[str, VectorTable], None], path: str = "") -> None:
        """Ask for a table or vector file (or take ``path``), read it in a worker, and go on with it."""
        if not path:
            title = self.desk.say("evidence_panel.dialog")
            path, _ = QFileDialog.getOpenFileName(
                self.window, title, "", self.desk.say("evidence_panel.files")
            )
        if path:
            self.desk.session.jobs.submit(
                Reading(path), partial(self._read, path, then), Lane.PROCESS,
                title=Path(path).name, key=WORKER,
            )  # fmt: skip

    def _read(self, path: str, then: Callable[[str, VectorTable], None], outcome: Outcome) -> None:
        self.desk.session.jobs.release(WORKER)
        if outcome.error is not None:
            self.desk.tell(self.desk.error_text(outcome.error), "error")
            return
        then(path, outcome.value)

    def import_table(self, path: str, table: VectorTable) -> None:
        """Ask which column is what, and take the hints in."""
        dialog = ImportDialog(
            self.desk, self.window, path, table, known_ids(self.desk.session.twin)
        )
        if dialog.exec():
            self.take(path, table, dialog.chosen(), dialog.usual())

    def take(self, path: str, table: VectorTable, columns: Columns, usual: Usual) -> None:
        """Make records of all rows on a thread, and take them in as one step."""
        known = known_ids(self.desk.session.twin)

        def work(feedback: Feedback) -> EvidenceRead:
            return evidence_of(table, path, columns, usual, known)

        self.desk.session.jobs.submit(work, partial(self._taken, path), title=Path(path).name)

    def _taken(self, path: str, outcome: Outcome) -> None:
        if outcome.error is not None:
            self.desk.tell(self.desk.error_text(outcome.error), "error")
            return
        read: EvidenceRead = outcome.value
        edit, new = evidence_edit(self.desk.session.twin, read)
        try:
            self.desk.session.do("evidence.import", edit)
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        idle = sum(read.counts.get(x, 0) for x in ("no_place", "unknown_object", "no_date"))
        words = self.desk.words
        said = self.desk.say(
            "evidence_panel.taken", count=words.count(len(read.records)), new=words.count(new),
            idle=words.count(idle),
        )  # fmt: skip
        self.desk.tell(said, "undo")
        self.show()

    def join_table(self, path: str, table: VectorTable) -> None:
        """Ask what the columns are, and join the table to the objects."""
        SidecarDialog(self.desk, self.window, path, table).exec()

    def remove_table(self) -> None:
        """Ask which joined table goes, and take it away with what it said."""
        say, records = self.desk.say, self.desk.session.twin.records["sidecars"]
        if not records:
            self.desk.tell(say("sidecar.none"), "info")
            return
        titles = [f"{record.title} ({key})" for key, record in records.items()]
        chosen, well = QInputDialog.getItem(
            self.window, say("action.sidecar.remove"), say("sidecar.which"), titles, 0, False
        )
        if well:
            key = list(records)[titles.index(chosen)]
            title = records[key].title
            if self.desk.run("sidecar.remove", id=key):
                self.desk.tell(say("sidecar.removed", file=title), "undo")

    # -- hints --------------------------------------------------------------------------------

    def chosen(self, keys: list[str]) -> None:
        """Select the objects of chosen hints in the city, and mark them."""
        twin = self.desk.session.twin
        kept = twin.records["evidence"]
        items = [kept[key] for key in keys if key in kept]
        if items:
            rows: dict[str, list[Any]] = {}
            for found in rows_of(twin, items):
                for layer, some in found.items():
                    rows.setdefault(layer, []).append(some)
            self.desk.choose(
                {k: np.unique(np.concatenate(v)).astype(np.int32) for k, v in rows.items()}
            )
        self.marks.choose(keys)

    def fly(self, keys: list[str]) -> None:
        """Select the objects of hints and fly to them."""
        self.chosen(keys)
        if self.desk.session.selected:
            self.desk.act("view.fit")
        else:
            self.desk.tell(self.desk.say("evidence_panel.no_object"), "info")

    def dismiss(self, keys: list[str], note: str = "") -> None:
        """Ask why, and dismiss hints."""
        if not note:
            title = self.desk.say("evidence_panel.dismiss")
            note, well = QInputDialog.getText(
                self.window, title, self.desk.say("evidence_panel.why")
            )
            if not well:
                return
        if note.strip():
            self.moved("dismiss", keys, note=note.strip())
        else:
            self.desk.tell(self.desk.say("evidence_panel.needs_note"), "error")

    def moved(self, what: str, keys: list[str], **said: str) -> None:
        """Give hints another state, as one step."""
        if self.desk.run(f"evidence.{what}", id=",".join(keys), **said):
            count = self.desk.words.count(len(keys))
            self.desk.tell(self.desk.say(f"evidence_panel.did_{what}", count=count), "undo")


def evidence_table(desk: Desk, shell: Shows, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions of this subject by action name."""
    return EvidenceHandlers(desk, shell, view).table()
