"""The tool Section: planes and boxes set by clicks, dragged by handles, typed as numbers, kept in the project."""

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from twin.geometry import F64
from twin.picking import Hit
from twin.records import Section
from twin.sections import is_box, middle_of, moved, plane_through, turned, written
from twin.sections import position as position_of
from twin.sections import positioned as put_at
from ui.city_view import CityView
from ui.desk import Desk
from ui.section_options import SectionOptions, letter, position_text
from ui.viewport.handles import (
    GRIP,
    Grip,
    Painting,
    along,
    bearing,
    lines_of,
    paint_grips,
    paint_note,
    paint_outline,
    rounding,
)
from ui.viewport.tools import Held

OUTSIDE = 0.002
"""Metres that a plane stands before the face it was put on: so the face itself stays."""
STEP_DEGREES = 15.0
UPRIGHT = 0.035
"""Sine of the tilt up to which a picked face counts as upright or level."""


@dataclass(frozen=True)
class Dragging:
    """A handle in hand: the section before, where on its line the mouse took it."""

    grip: Grip
    before: Section
    start: float


class SectionTool:
    """Sets, moves and removes sections of the view."""

    def __init__(self, desk: Desk, view: CityView) -> None:
        self.desk, self.view = desk, view
        self.current = ""
        self.waiting = ""
        """What the next click sets: through, level, upright; '' = clicks select as ever."""
        self.index = 0
        """The plane whose position the field shows."""
        self._first: F64 | None = None
        self._drag: Dragging | None = None
        self._hot: Grip | None = None
        self._placed: list[tuple[Grip, QPointF]] = []
        self._cursor = QPointF()
        self._told = False
        self.panel: SectionOptions | None = None

    def options(self) -> QWidget:
        """Return what stands in the tool bar."""
        if self.panel is None:
            self.panel = SectionOptions(self, self.desk)
        return self.panel

    def start(self) -> None:
        """Take the section that cuts already in hand; without one the next click sets a plane."""
        visible = [x for x in self.desk.session.sectioning.now if x.visible]
        if self.section is None or not self.section.visible:
            self.take(visible[-1].id if visible else "")
        if self.section is None:
            self.wait_for("through")

    def stop(self) -> None:
        """Let go: what was being dragged goes back; sections go on cutting."""
        self._drag = self._first = self._hot = None
        self.waiting = ""
        self.desk.session.sectioning.set_draft({})
        self.view.canvas.unsetCursor()

    # -- what options and panels ask for ------------------------------------------------------

    @property
    def section(self) -> Section | None:
        """Return the section in hand as it cuts now."""
        now = {section.id: section for section in self.desk.session.sectioning.now}
        return now.get(self.current)

    def take(self, key: str) -> None:
        """Take a section in hand."""
        self.current, self.index, self._hot = key, 0, None
        section = self.section
        if section is not None and is_box(section):
            self.index = 5
        self._show()

    def wait_for(self, what: str) -> None:
        """Let the next click set a section: through, level or upright."""
        self.waiting, self._first, self._told = what, None, False
        self.view.canvas.setCursor(Qt.CursorShape.CrossCursor)
        self._show()

    def box(self) -> None:
        """Set a box round what is selected, else round everything."""
        chosen = any(len(rows) for rows in self.desk.session.selected.values())
        key, title = self._name()
        what = "selection" if chosen else "all"
        if self.desk.run("sections.box_around", title=title, what=what, id=key):
            self._set(key)

    def plane(self) -> None:
        """Set a plane across what is looked at, cutting away the near side."""
        desk = self.desk
        chosen = [
            desk.session.twin.layer(key).boxes(rows)
            for key, rows in desk.session.selected.items()
            if len(rows)
        ]
        box = np.concatenate(chosen) if chosen else desk.session.twin.bounds[None]
        box = box[np.isfinite(box).all(axis=1)]
        if len(box):
            middle = (box[:, :3].min(axis=0) + box[:, 3:].max(axis=0)) / 2
            self._add(middle, self._facing())

    def flip(self) -> None:
        """Cut away the other side."""
        section = self.section
        if section is not None and len(section.planes) == 1:
            self.desk.run("sections.flip", id=section.id)

    def align(self) -> None:
        """Turn the plane to face the camera; a box is turned to stand square to it."""
        section = self.section
        if section is None or len(section.planes) != 1:
            return
        point = section.planes[0].point
        plane = plane_through(point, -self.view.canvas.view.forward)
        self._write(replace(section, planes=(plane,)))

    def put_at(self, value: float) -> None:
        """Put the plane in hand where a person typed."""
        section = self.section
        if section is not None:
            self._write(put_at(section, self.index, value, self.middle))

    def clear(self) -> None:
        """Remove the section in hand."""
        section = self.section
        if section is not None:
            self.desk.run("sections.remove", id=section.id)
            rest = [x for x in self.desk.session.sectioning.now if x.visible]
            self.take(rest[-1].id if rest else "")

    @property
    def middle(self) -> F64:
        """Return the middle f64(3) of everything: positions of upright planes count from it."""
        bounds = self.desk.session.twin.bounds
        return (bounds[:3] + bounds[3:]) / 2 if np.isfinite(bounds).all() else np.zeros(3)

    # -- setting ------------------------------------------------------------------------------

    def _name(self) -> tuple[str, str]:
        """Return a free id and the title that goes with it."""
        known = self.desk.session.twin.records["sections"]
        titles = {section.title for section in known.values()}
        number = 1
        while f"section-{number}" in known or self._title(number) in titles:
            number += 1
        return f"section-{number}", self._title(number)

    def _title(self, number: int) -> str:
        return self.desk.say("sections.named", letter=letter(number))

    def _facing(self) -> F64:
        """Return the level direction f64(3) towards the eye."""
        back = -self.view.canvas.view.forward
        level = np.array([back[0], back[1], 0.0])
        length = float(np.linalg.norm(level))
        return level / length if length > 0.05 else np.array([0.0, 0.0, 1.0])

    def _add(self, point: F64, normal: F64) -> None:
        key, title = self._name()
        planes = written((plane_through(point, normal),))
        if self.desk.run("sections.add", title=title, planes=planes, id=key):
            self._set(key)

    def _set(self, key: str) -> None:
        self.waiting, self._first = "", None
        self.view.canvas.unsetCursor()
        self.take(key)

    def _write(self, section: Section) -> None:
        """Keep a section as it is now in hand: one step to undo."""
        self.desk.run("sections.set", id=section.id, planes=written(section.planes))
        self.desk.session.sectioning.set_draft({})
        self._show()

    def _show(self) -> None:
        if self.panel is not None:
            self.panel.show_section()
        self.view.canvas.update()

    def _normal_at(self, hit: Hit, at: QPointF) -> F64:
        """Return the outward normal f64(3) of what was hit, from two more rays beside it."""
        canvas, spots = self.view.canvas, [hit.world]
        for dx, dy in ((0.6, 0.0), (0.0, 0.6)):
            beside = canvas.hit_at(at.x() + dx, at.y() + dy)
            if beside is None or beside.row != hit.row:
                beside = canvas.hit_at(at.x() - dx, at.y() - dy)
            if beside is not None:
                spots.append(beside.world)
        back = -canvas.view.ray(at.x() * canvas.ratio, at.y() * canvas.ratio)
        if len(spots) < 3:
            return self._facing()
        normal = np.cross(spots[1] - spots[0], spots[2] - spots[0])
        length = float(np.linalg.norm(normal))
        if length < 1e-12:
            return self._facing()
        normal = normal / length * (1.0 if normal @ back > 0 else -1.0)
        if abs(normal[2]) < UPRIGHT:
            normal[2] = 0.0
        elif np.hypot(normal[0], normal[1]) < UPRIGHT:
            normal[:2] = 0.0
        return np.asarray(normal / np.linalg.norm(normal), np.float64)

    def _upright(self, first: F64, second: F64) -> None:
        line = second - first
        normal = np.array([-line[1], line[0], 0.0])
        if np.linalg.norm(normal) < 1e-3:
            self.desk.tell(self.desk.say("sections.same_point"), "info")
            return
        if normal @ self._facing() < 0:
            normal = -normal
        self._add((first + second) / 2, normal)

    # -- the tool in hand ---------------------------------------------------------------------

    def _grip_at(self, at: QPointF) -> Grip | None:
        near = [
            (abs(spot.x() - at.x()) + abs(spot.y() - at.y()), number)
            for number, (_, spot) in enumerate(self._placed)
            if max(abs(spot.x() - at.x()), abs(spot.y() - at.y())) <= GRIP
        ]
        return self._placed[min(near)[1]][0] if near else None

    def _place(self, grip: Grip, section: Section, at: QPointF) -> float | None:
        """Return where on a handle's line or circle the mouse points."""
        canvas = self.view.canvas
        x, y = at.x() * canvas.ratio, at.y() * canvas.ratio
        if grip.kind == "turn":
            return bearing(canvas.view, x, y, middle_of(section))
        plane = section.planes[grip.index]
        return along(canvas.view, x, y, np.array(plane.point), np.array(plane.normal))

    def press(self, at: QPointF, held: Held) -> bool:
        """Take a handle."""
        grip, section = self._grip_at(at), self.section
        if grip is None or section is None:
            return False
        start = self._place(grip, section, at)
        if start is None:
            return False
        self._drag, self._hot, self.index = Dragging(grip, section, start), grip, grip.index
        return True

    def drag(self, at: QPointF, held: Held) -> None:
        """Move or turn; with Ctrl in round numbers."""
        drag = self._drag
        if drag is None:
            return
        place = self._place(drag.grip, drag.before, at)
        if place is None:
            return
        by, whole = place - drag.start, "ctrl" in held
        if drag.grip.kind == "turn":
            by = round(by / STEP_DEGREES) * STEP_DEGREES if whole else by
            now = turned(drag.before, by)
        else:
            now = moved(drag.before, drag.grip.index, by)
            if whole:
                step = rounding(self.view.canvas.view, drag.grip.at)
                value = position_of(now, drag.grip.index, self.middle)
                now = put_at(now, drag.grip.index, round(value / step) * step, self.middle)
        self.desk.session.sectioning.set_draft({now.id: now})
        self._show()

    def drop(self, at: QPointF, held: Held) -> None:
        """Keep what was dragged."""
        drag, self._drag, self._hot = self._drag, None, self._grip_at(at)
        section = self.section
        if drag is not None and section is not None and section != drag.before:
            self._write(section)

    def move(self, at: QPointF, held: Held) -> None:
        """Show which handle would be taken."""
        if self.waiting and not self._told:  # when the mouse comes: a key may have set one already
            self._told = True
            self.desk.tell(self.desk.say(f"sections.click_{self.waiting}"), "info")
        self._cursor, before = at, self._hot
        self._hot = self._grip_at(at)
        if (self._hot is None) != (before is None):
            shape = (
                Qt.CursorShape.SizeAllCursor
                if self._hot is not None
                else Qt.CursorShape.CrossCursor
                if self.waiting
                else Qt.CursorShape.ArrowCursor
            )
            self.view.canvas.setCursor(shape)

    def click(self, at: QPointF, held: Held) -> bool:
        """Set what is waited for; else a click selects as ever."""
        if not self.waiting:
            return False
        hit = self.view.canvas.hit_at(at.x(), at.y())
        if hit is None:
            self.desk.tell(self.desk.say("sections.nothing_there"), "info")
            return True
        if self.waiting == "through":
            normal = self._normal_at(hit, at)
            self._add(hit.world + normal * OUTSIDE, normal)
        elif self.waiting == "level":
            self._add(hit.world, np.array([0.0, 0.0, 1.0]))
        elif self._first is None:
            self._first = hit.world
            self.desk.tell(self.desk.say("sections.click_second"), "info")
        else:
            self._upright(self._first, hit.world)
        return True

    def double_click(self, at: QPointF) -> bool:
        """Leave double clicks to the view, except those that were two clicks of the tool."""
        return bool(self.waiting)

    def key(self, key: Qt.Key, held: Held) -> bool:
        """Give up waiting with Esc; remove the section in hand with Delete."""
        if key == Qt.Key.Key_Delete and self.section is not None:
            self.clear()
            return True
        return False

    def paint(self, painter: QPainter) -> None:
        """Paint outline, handles and position of the section in hand."""
        canvas = self.view.canvas
        seen = Painting(
            canvas.view, canvas.ratio, self.desk.theme, QRectF(canvas.rect()), canvas.plates
        )
        self._placed = []
        if self._first is not None:
            self._paint_first(painter, seen)
        section = self.section
        if section is None or not section.visible:
            return
        paint_outline(painter, seen, lines_of(section, self.desk.session.twin.bounds))
        self._placed = paint_grips(painter, seen, section, self._hot)
        hot = self._drag.grip if self._drag else self._hot
        for grip, spot in self._placed:
            shown = hot if hot is not None else Grip("move", 0, grip.at)
            if (grip.kind, grip.index) == (shown.kind, shown.index) == ("move", grip.index):
                if hot is None and is_box(section):
                    continue
                words = position_text(self.desk, section, grip.index, self.middle)
                paint_note(painter, seen, f"{section.title}  {words}", spot)
                break

    def _paint_first(self, painter: QPainter, seen: Painting) -> None:
        """Paint the line from the first of two points to the cursor."""
        assert self._first is not None
        spot = seen.spot(self._first)
        if spot is not None:
            painter.setPen(QPen(QColor(self.desk.theme.accent), 1.6, Qt.PenStyle.DashLine))
            painter.drawLine(spot, self._cursor)
            painter.setPen(QPen(QColor(self.desk.theme.accent), 2))
            painter.setBrush(Qt.GlobalColor.white)
            painter.drawEllipse(spot, 4.5, 4.5)
