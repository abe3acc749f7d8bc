"""What is done with the choice of buildings for BIM: shown in the view, weighed otherwise, ordered, written."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from PySide6.QtWidgets import QDialog

from twin.errors import TwinError
from twin.maintenance.bim.answers import table_of
from twin.prioritising import shown_edit
from twin.scene import Aspect, LayerId
from twin.style import RESULTS
from ui.bim_question import BimQuestion
from ui.city_view import CityView
from ui.desk import Desk, Panel
from ui.panels.bim_input import BimInputDialog
from ui.panels.bim_orders import BimOrdersDialog
from ui.panels.bim_weights import BimWeightsDialog
from ui.saving import save_table
from ui.viewport.overlays import Label

MOST_LABELS, FEW_LABELS = 6, 3
"""Buildings of the choice that are named in the view: the best ones; fewer in a small view."""
SMALL = 900
"""Logical pixels of width below which a view is small."""


class Shows(Protocol):
    """What shows a tab of a dock."""

    def show_panel(self, name: str) -> None:
        """Show a tab of a dock."""


def bim_table(desk: Desk, shell: Shows, view: CityView) -> Mapping[str, Callable[..., None]]:
    """Return the functions behind the actions of BIM priority, by name."""
    return BimHandlers(desk, shell.show_panel, view).table()


class BimHandlers:
    """The functions behind the actions, by name."""

    def __init__(self, desk: Desk, show: Callable[[str], None], view: CityView) -> None:
        self.desk, self.show, self.view = desk, show, view
        self.question = BimQuestion(desk)
        self.marks = BimMarks(desk, view, self.question)

    def table(self) -> Mapping[str, Callable[..., None]]:
        """Return name -> function."""
        return {
            "panel.bim": self.open,
            "bim.show": self.colour,
            "bim.weights": self.weights,
            "bim.enter": self.enter,
            "bim.orders": self.orders,
            "bim.export": self.export,
        }

    def open(self) -> None:
        """Show the page, and colour the view by the choice once it is there."""
        self.show("bim")
        if self.desk.session.twin.layers and not self.question.coloured():
            self.marks.due = True
            self.marks.refresh(frozenset())

    def colour(self) -> None:
        """Colour the view by the choice, as one step."""
        work = self.desk.session.priority
        if work is not None and work.found is not None:
            self.desk.session.do("bim.show", shown_edit(work, self.desk.session.twin))

    def weights(self) -> None:
        """Ask for other weights and costs."""
        dialog = BimWeightsDialog(self.desk, self.view.widget(), self.question.settings.method)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.desk.run("bim.set", method=dialog.text())

    def enter(self, row: int = -1) -> None:
        """Ask what is known of a building."""
        found, question = self.question.found, self.question
        if found is None or not 0 <= row < len(found.scores):
            return
        key = question.uid(row)
        dialog = BimInputDialog(question, self.view.widget(), row)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.desk.run("bim.enter", uid=key, values=dialog.values())

    def orders(self) -> None:
        """Ask, then raise an order for each chosen building."""
        found = self.question.found
        if found is None or not found.choice.chosen.rows:
            return
        dialog = BimOrdersDialog(self.question, self.view.widget(), found)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.raise_orders(dialog.due())

    def raise_orders(self, due: str = "") -> None:
        """Raise an order for each chosen building; those that have one keep it."""
        session = self.desk.session
        before, selected = len(session.twin.records["orders"]), dict(session.selected)
        rows: dict[LayerId, list[int]] = {}
        for row in self.question.found.choice.chosen.rows if self.question.found else ():
            place = self.question.place(row)
            if place is not None:
                rows.setdefault(place[0], []).append(place[1])
        session.select({key: np.array(some, np.int32) for key, some in rows.items()})
        try:
            title = self.desk.say("bim.order_title")
            session.run("orders.issue", reason="bim", title=title, due=due, group="")
        except TwinError as error:
            self.desk.tell(self.desk.error_text(error), "error")
            return
        finally:
            session.select(selected)
        count = len(session.twin.records["orders"]) - before
        self.desk.tell(self.desk.say("bim.raised", count=self.desk.words.count(count)), "undo")

    def export(self) -> None:
        """Ask where, and write the ranked list with its parts."""
        found = self.question.found
        if found is not None:
            table = table_of(found, self.desk.words.language)
            save_table(self.desk, self.view.widget(), table.title, [table.head, *table.rows])


class BimMarks(Panel):
    """Names the best chosen buildings in the view while it is coloured by the choice; itself it is never seen."""

    watches = frozenset({Aspect.BIM, Aspect.STYLE, Aspect.LAYERS, Aspect.DISPLAY})

    def __init__(self, desk: Desk, view: CityView, question: BimQuestion) -> None:
        super().__init__(desk, view.widget())
        self.view, self.question = view, question
        self.due = False
        """Whether the view is to be coloured as soon as there is an answer."""
        self.hide()

    def pass_time(self, now: float) -> None:
        """Ask once every object is known where a view is coloured by the choice: a project came back so."""
        if self.question.coloured() and self.question.found is None:
            work = self.desk.session.priority
            if work is None or work.lost():
                self.question.ask()

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Colour what is due, and name the chosen buildings."""
        found = self.question.found
        work = self.desk.session.priority
        if self.due and found is not None and work is not None and work.done:
            self.due = False
            self.desk.session.do("bim.show", shown_edit(work, self.desk.session.twin))
        labels = self._labels() if self.question.coloured() else []
        for number in range(MOST_LABELS):
            shown = labels[number] if number < len(labels) else None
            self.view.canvas.set_label(f"bim{number}", shown)

    def _labels(self) -> list[Label]:
        found, twin = self.question.found, self.desk.session.twin
        made: list[Label] = []
        rows = () if found is None else found.choice.chosen.rows
        ranked = sorted(rows, key=lambda row: -found.scores.low[row]) if found is not None else []
        most = MOST_LABELS if self.view.widget().width() >= SMALL else FEW_LABELS
        for row in ranked[:most]:
            place = self.question.place(row)
            if place is None or place[0] not in twin.layers:
                continue
            thing = twin.object(*place)
            box = thing.shown_bounds
            if not np.isfinite(box).all():
                continue
            top = np.array([(box[0] + box[3]) / 2, (box[1] + box[4]) / 2, box[5]])
            title = self.desk.say("bim.mark", number=len(made) + 1)
            fill = RESULTS["_bim"]["chosen"][0]
            made.append(Label(title, self.question.title(row), fill, self.desk.theme.t1, top))
        return made
