"""The page of a placement: by what a layer stands, what is odd about it, where else it could stand."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from twin.geometry import F64
from twin.messages import text
from twin.records import Placement, Problem, Route
from twin.scene import Aspect, Layer
from twin.siting import Around, Candidate, around, length, propose, shape
from twin.standing import findings, standing, told_around, verdict
from ui.desk import Desk, Panel
from ui.panels.parts import Elided, icon_button, label, line, offer
from ui.panels.placement_form import PlacementForm
from ui.panels.plan_picture import Plan, PlanPicture
from ui.panels.sheet import Sheet
from ui.panels.sheet_items import Field, Heading, Item, Note, Rule

LARGE = 30.0
"""Neighbours whose plan is so many times that of the model are left out of the picture."""
LEAST = 130
MOST = 5
"""Candidates that are offered."""


class PlacementPage(Panel):
    """Verdict, plan, candidates, findings, routes and the numbers; choosing is one undoable step."""

    watches = frozenset({Aspect.LAYERS, Aspect.PROJECT, Aspect.SETTINGS, Aspect.DISPLAY})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.candidates: tuple[Candidate, ...] = ()
        self.chosen = -1
        self._due = True
        self._shown = ""
        self.title = Elided(pixels=17, bold=True)
        self.verdict = label("", wrap=True)
        self.plan = PlanPicture(desk.theme)
        self.plan.on_choose = self.choose
        self.offers = QWidget()
        self.offers_column = QVBoxLayout(self.offers)
        self.offers_column.setContentsMargins(0, 0, 0, 0)
        self.offers_column.setSpacing(0)
        self.sheet = Sheet(desk.theme)
        self.sheet.label_share = 34
        self.sheet.wraps = True
        self.form = PlacementForm(desk)
        self.form.on_place = self.place
        self.empty = label(desk.say("placement.empty"), "t2", wrap=True)
        self.empty.setContentsMargins(24, 72, 24, 24)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.page, self.footer = self._page(), self._footer()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.empty, self.page, self.footer):
            column.addWidget(part)
        column.setStretch(1, 1)
        self.setMinimumWidth(LEAST)  # a page that is not even shown must not widen its dock
        self._fill()

    def _page(self) -> QScrollArea:
        holder = QWidget()
        holder.setObjectName("panel")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        for part, margins in (
            (self.title, (14, 12, 14, 0)), (self.verdict, (14, 2, 14, 10)), (self.plan, (14, 0, 14, 6)),
            (self.offers, (0, 0, 0, 0)), (self.sheet, (0, 0, 0, 0)),
        ):  # fmt: skip
            row = QHBoxLayout()
            row.setContentsMargins(*margins)
            row.addWidget(part)
            inner.addLayout(row)
        inner.addWidget(line())
        inner.addWidget(_heading(self.desk.say("placement.numbers")))
        inner.addWidget(self.form)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setObjectName("panel")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(holder)
        return scroll

    def _footer(self) -> QWidget:
        desk, say = self.desk, self.desk.say
        made = QWidget()
        made.setObjectName("footer")
        row = QHBoxLayout(made)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(8)
        fit = QPushButton(say("placement.fit"))
        fit.setToolTip(say("placement.fit_tip"))
        fit.clicked.connect(lambda: desk.act("layers.fit_footprint", self._shown))
        self.reset = QPushButton(say("placement.reset"))
        self.reset.setToolTip(say("placement.reset_tip"))
        self.reset.clicked.connect(lambda: desk.run("layers.unplace", layer=self._shown))
        row.addWidget(fit)
        row.addWidget(self.reset)
        row.addStretch(1)
        more = icon_button(desk, "more", say("more"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        offer(menu, say("layers.zoom"), lambda: desk.act("view.fit_layer", self._shown))
        offer(menu, say("layers.crs"), lambda: desk.act("layers.crs", self._shown))
        offer(menu, say("placement.export"), lambda: desk.act("layers.export_placed", self._shown))
        more.setMenu(menu)
        row.addWidget(more)
        return made

    def thing(self) -> Layer | None:
        """Return the layer that is shown: the one chosen last, else the first that names routes."""
        layers = self.desk.session.twin.layers
        if self.desk.layer in layers:
            return layers[self.desk.layer]
        named = (layer for layer in layers.values() if layer.about.routes)
        return next(named, next(iter(layers.values()), None))

    def refresh(self, aspects: frozenset[Aspect]) -> None:
        """Read the layer again, at once when the page is seen."""
        self._due = True
        if self.isVisible():
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        """Read the layer again when another one was chosen or something changed meanwhile."""
        super().showEvent(event)
        layer = self.thing()
        if self._due or (layer is not None and layer.id != self._shown):
            self._fill()

    def _fill(self) -> None:
        layer = self.thing()
        self.empty.setVisible(layer is None)
        self.page.setVisible(layer is not None)
        self.footer.setVisible(layer is not None)
        if layer is None:
            self._shown = ""
            return
        self._due = False
        if layer.id != self._shown:
            self.chosen = -1
        self._shown = layer.id
        session, language = self.desk.session, self.desk.words.language
        there = around(session.twin.layers.values(), layer.id, session.project)
        found = propose(layer.about, layer.problems, there, layer.source.placement)
        self.candidates = found[:MOST]
        self.chosen = self.chosen if self.chosen < len(self.candidates) else -1
        self.title.show_text(layer.title)
        self.verdict.setText(" ".join((verdict(layer).said(language), *self._beside(layer))))
        self.plan.show_plan(self._planned(layer, there))
        self._offer(layer)
        told = (*told_around(layer, there), *findings(layer))
        self.sheet.show_items(self._items(layer, told))
        project = session.project
        self.form.show_placement(standing(layer), project.crs if project is not None else "")
        self.reset.setEnabled(layer.source.placement is not None)

    def _beside(self, layer: Layer) -> list[str]:
        """Return a sentence for every route that is not used, as short as it can be."""
        said: list[str] = []
        for route in layer.about.routes if layer.source.placement is None else ():
            key = f"placement.beside_{route.state}"
            if route.state in ("default", "differs", "unusable"):
                off = length(route.off) if math.isfinite(route.off) else "?"
                said.append(self.desk.say(key, name=route.name, off=off))
        return said

    def _planned(self, layer: Layer, there: Around) -> Plan:
        here = shape(layer.about, standing(layer), layer.about.vertical, there)[0]
        if not layer.about.extent:
            box = layer.bounds
            here = _corners(box) if np.isfinite(box).all() else None
        boxes = there.boxes[:, [0, 1, 3, 4]]
        if here is not None:  # water and terrain would hide everything
            size = float(np.prod(np.ptp(here, axis=0)))
            boxes = boxes[np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) < LARGE * size]
        outlines = tuple(item.outline for item in self.candidates)
        self.desk.act("layers.rings", layer.id, partial(self._ringed, layer.id))
        return Plan(here, boxes, outlines, self.chosen)

    def _ringed(self, layer: str, model: tuple[F64, ...], others: tuple[F64, ...]) -> None:
        """Paint outlines instead of boxes, once they are drawn; the page may be gone by then."""
        if layer == self._shown and isValid(self):
            self.plan.show_plan(replace(self.plan.plan, model=model, around=others))

    def choose(self, number: int) -> None:
        """Mark a candidate in the plan; the same again unmarks it."""
        self.chosen = -1 if number == self.chosen else number
        self.plan.show_plan(replace(self.plan.plan, chosen=self.chosen))

    def _offer(self, layer: Layer) -> None:
        """Put the candidates under the plan, each with the button that uses it."""
        while (item := self.offers_column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        if not self.candidates:
            return
        self.offers_column.addWidget(_heading(self.desk.say("placement.candidates")))
        for number, candidate in enumerate(self.candidates):
            self.offers_column.addWidget(self._row(layer, number, candidate))

    def _row(self, layer: Layer, number: int, candidate: Candidate) -> QWidget:
        say, language = self.desk.say, self.desk.words.language
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(14, 4, 14, 6)
        row.setSpacing(8)
        words = [reason.said(language) for reason in candidate.reasons]
        told = QVBoxLayout()
        told.setSpacing(1)
        told.addWidget(label(f"{number + 1}. {words[0]}", wrap=True))
        told.addWidget(label(" ".join(words[1:]), "t2", 11, wrap=True))
        row.addLayout(told, 1)
        place = candidate.placement
        if _alike(place, standing(layer)):
            row.addWidget(label(say("placement.now"), "accent", 11))
        else:
            use = QPushButton(say("placement.use"))
            use.setToolTip(say("placement.sure", share=f"{candidate.confidence:.0%}"))
            use.setAccessibleName(f"{say('placement.use')} {number + 1}")
            use.clicked.connect(lambda: self.place(place))
            row.addWidget(use, 0, Qt.AlignmentFlag.AlignTop)
        return made

    def place(self, placement: Placement) -> None:
        """Let the layer stand there: one step that can be undone."""
        self.desk.act("layers.place_as", self._shown, placement)

    def _items(self, layer: Layer, told: tuple[Problem, ...]) -> list[Item]:
        say, language = self.desk.say, self.desk.words.language
        count = self.desk.words.count(len(told))
        items: list[Item] = [Rule(), Heading(say("placement.findings"), count)]
        items += [Note(item.said(language)) for item in told]
        if not told:
            items.append(Note(say("placement.no_findings")))
        for route in layer.about.routes:
            items += self._route_items(route)
        return items

    def _route_items(self, route: Route) -> list[Item]:
        language = self.desk.words.language
        state = text(f"place.state_{route.state}", language)
        items: list[Item] = [Rule(), Heading(route.name, state)]
        items += [
            Field(text(f"place.{name}", language), value) for name, value in route.said.items()
        ]
        if route.state not in ("used",) and math.isfinite(route.off):
            turned = f", {route.turned:+.2f}°" if math.isfinite(route.turned) else ""
            items.append(Field(text("place.off", language), f"{length(route.off)}{turned}"))
        return items


def _heading(words: str) -> QWidget:
    made = label(words, "t2", bold=True)
    made.setContentsMargins(14, 8, 14, 4)
    return made


def _corners(box: F64) -> F64:
    return np.array([box[[0, 1]], box[[3, 1]], box[[3, 4]], box[[0, 4]]])


def _alike(one: Placement, other: Placement | None) -> bool:
    """Return whether two placements put a model into the same place, whatever they are called."""
    if other is None or one.crs != other.crs or one.anchor != other.anchor:
        return False
    names = ("easting", "northing", "height", "rotation", "scale")
    return all(abs(getattr(one, name) - getattr(other, name)) < 1e-9 for name in names)
