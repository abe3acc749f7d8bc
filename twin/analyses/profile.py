"""Profile along a line: the ground and what an upright plane cuts of buildings, as a drawing in metres."""

from dataclasses import dataclass

import numpy as np

from twin.analyses.asking import asked
from twin.analyses.cutting import Cut, cut_along, pieces_of
from twin.analyses.eyes import box_over, places_of
from twin.analyses.findings import Findings, Marks, Sheet
from twin.analyses.sight import Point
from twin.analyses.spots import Corridor
from twin.analyses.study import Study
from twin.analyses.things import Things
from twin.errors import UsageError
from twin.geometry import F64, Rows, distinct
from twin.jobs import Feedback

SAME = 1e-4
"""Metres along the line up to which ends of stretches are one place."""


HOLLOW = 0.1
"""Share of its rectangle up to which what lies between upper and lower edge is a roof without a floor."""


@dataclass(frozen=True)
class Profile:
    """What stands along the line through ``points``?

    Points of clouds are drawn as far as half the ``width`` from it, metres; 0 = none.
    """

    points: tuple[Point, ...] = asked((), pick="path", unit="m")
    width: float = asked(1.0, low=0.0, high=100.0, unit="m")

    name = "profile"
    heavy = False

    def places(self) -> F64:
        """Return the points f64(n, 3). Raises UsageError."""
        found = places_of(self.points, 2)
        if not np.hypot(*np.diff(found[:, :2], axis=0).T).sum() > 0:
            raise UsageError(reason="the points of the path are one place")
        return found

    def reach(self) -> F64:
        """Return the box of the line."""
        return box_over(self.places()[:, :2])

    def corridor(self) -> Corridor | None:
        """Return the strip whose points are wanted; None = no points are."""
        return Corridor(self.places()[:, :2], self.width / 2) if self.width > 0 else None

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer. Raises UsageError, Cancelled."""
        places = self.places()
        feedback.check()
        cut = cut_along(study.bodies, places)
        things = Things(study)
        thing = things.of_triangle[cut.triangle]
        flat = np.append(things.level, True)[thing]
        ground = cut.only(flat)
        line = upper_line(ground)
        numbers = np.unique(thing[~flat])
        outlines = [(n, outline(cut.only(thing == n))) for n in numbers.tolist()]
        count = sum(len(some.row) for some in study.spots)
        notes = (("no_ground_cut", not len(ground)), ("no_bodies", not len(cut) and not count),
                 ("no_datum", not study.vertical),
                 ("points_thinned", any(some.thinned for some in study.spots)))  # fmt: skip
        return Findings(
            _figures(places, cut, len(numbers)) | ({"points": float(count)} if count else {}),
            {"length": "m", "azimuth": "°", "lowest": "m", "highest_datum": "m"},
            (
                _objects(study, things, outlines),
                _drawn("ground", line),
                _outlines(things, outlines),
                *([_points(study)] if count else []),
            ),
            (Marks("profile", "lines", _over(places, line)),),
            used={**things.used(numbers.astype(np.int32)), **_measured(study)},
            notes=tuple(note for note, wanted in notes if wanted),
        )


def _figures(places: F64, cut: Cut, objects: int) -> dict[str, float]:
    steps = np.diff(places[:, :2], axis=0)
    whole = places[-1, :2] - places[0, :2]
    figures = {
        "length": float(np.hypot(*steps.T).sum()),
        "azimuth": float(np.degrees(np.arctan2(whole[0], whole[1])) % 360),
        "objects": float(objects),
    }
    if len(cut):
        figures |= {"lowest": float(cut.height.min()), "highest_datum": float(cut.height.max())}
    return figures


def upper_line(cut: Cut) -> F64:
    """Return the upper edge of stretches as f64(n, 2): distance and height; NaN rows part its pieces."""
    return _edge(cut, lower=False)


def _edge(cut: Cut, *, lower: bool) -> F64:
    wide = cut.along[:, 1] - cut.along[:, 0] > SAME
    along, height = cut.along[wide], cut.height[wide]
    if not len(along):
        return np.zeros((0, 2))
    stops = _stops(along)
    middle = (stops[1:] + stops[:-1]) / 2
    best = np.full((len(middle), 2), np.nan)
    start = np.searchsorted(stops, along[:, 0] - SAME)
    end = np.minimum(np.searchsorted(stops, along[:, 1] - SAME), len(middle))
    count = np.maximum(end - start, 0)
    owner = np.repeat(np.arange(len(along)), count)
    cell = (
        np.repeat(start, count)
        + np.arange(count.sum())
        - np.repeat(np.cumsum(count) - count, count)
    )
    mid = _on(along[owner], height[owner], middle[cell])
    order = np.lexsort((-mid if lower else mid, cell))
    last = np.append(cell[order][1:] != cell[order][:-1], True)
    chosen = order[last]
    for side, at in ((0, stops[:-1]), (1, stops[1:])):
        who = owner[chosen]
        best[cell[chosen], side] = _on(along[who], height[who], at[cell[chosen]])
    return _joined(stops, best)


def _on(along: F64, height: F64, at: F64) -> F64:
    """Return the height f64(n) of stretches at places, none beyond their own ends: steep ones reach far."""
    share = np.clip((at - along[:, 0]) / (along[:, 1] - along[:, 0]), 0, 1)
    return np.asarray(height[:, 0] + share * (height[:, 1] - height[:, 0]))


def _stops(along: F64) -> F64:
    every = np.sort(along.ravel())
    return np.asarray(every[np.append(True, np.diff(every) > SAME)])


def _joined(stops: F64, best: F64) -> F64:
    """Return pieces (left, right heights f64(k, 2) between stops f64(k + 1)) as one line, gaps as NaN."""
    found: list[tuple[float, float]] = []
    for cell, (left, right) in enumerate(best.tolist()):
        if np.isnan(left):
            if found and not np.isnan(found[-1][0]):
                found.append((np.nan, np.nan))
            continue
        for point in ((float(stops[cell]), left), (float(stops[cell + 1]), right)):
            last = found[-1] if found else (np.nan, np.nan)
            if not (abs(last[0] - point[0]) <= SAME and abs(last[1] - point[1]) <= SAME):
                found.append(point)
    return _turning(np.array(found).reshape(-1, 2))


def _turning(line: F64) -> F64:
    """Return a line without the points at which it does not turn."""
    if len(line) < 3:
        return line
    before, after = line[1:-1] - line[:-2], line[2:] - line[1:-1]
    turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    straight = np.abs(turn) <= SAME * np.hypot(*(line[2:] - line[:-2]).T)  # False beside a gap
    return np.asarray(line[np.concatenate([[True], ~straight, [True]])])


def outline(cut: Cut) -> list[F64]:
    """Return what is cut of an object as closed shapes, each f64(n, 2) distance and height.

    Between its upper and its lower edge; where there is no floor down to its lowest point.
    """
    upper, lower = pieces_of(upper_line(cut)), pieces_of(_edge(cut, lower=True))
    base = float(cut.height.min())
    found = []
    for top, bottom in zip(upper, lower, strict=True):
        wide, tall = float(top[-1, 0] - top[0, 0]), float(top[:, 1].max()) - base
        between = float(
            np.trapezoid(top[:, 1], top[:, 0]) - np.trapezoid(bottom[:, 1], bottom[:, 0])
        )
        if between <= HOLLOW * wide * tall:  # a roof alone, but for walls that lean by a hair
            bottom = np.array([[top[0, 0], base], [top[-1, 0], base]])
        found.append(np.concatenate([top, bottom[::-1]]))
    return found


def _objects(study: Study, things: Things, outlines: list[tuple[int, list[F64]]]) -> Sheet:
    rows, keys = [], []
    for number, shapes in outlines:
        if not shapes:
            continue
        every = np.concatenate(shapes)
        low, high = every.min(axis=0), every.max(axis=0)
        layer = study.layers[int(things.layer[number])].title
        rows.append(
            (
                things.title(number),
                layer,
                float(low[0]),
                float(high[0]),
                float(low[1]),
                float(high[1]),
            )
        )
        keys.append(things.key(number))
    order = sorted(range(len(rows)), key=lambda n: (rows[n][2], rows[n][3]))
    columns = ("object", "layer", "from", "to", "base", "top")
    return Sheet("cut", columns, ("", "", "m", "m", "m", "m"), [rows[n] for n in order],
                 [keys[n] for n in order])  # fmt: skip


def _drawn(name: str, line: F64) -> Sheet:
    rows = [(None if np.isnan(s) else s, None if np.isnan(z) else z) for s, z in line.tolist()]
    return Sheet(name, ("distance", "height"), ("m", "m"), rows)


def _outlines(things: Things, outlines: list[tuple[int, list[F64]]]) -> Sheet:
    rows, keys = [], []
    for number, shapes in outlines:
        for part, shape in enumerate(shapes):
            rows += [(things.title(number), part + 1, s, z) for s, z in shape.tolist()]
            keys += [things.key(number)] * len(shape)
    return Sheet(
        "outlines", ("object", "part", "distance", "height"), ("", "", "m", "m"), rows, keys
    )


def _points(study: Study) -> Sheet:
    """Return the points of clouds: class, distance and height."""
    rows = []
    for some in study.spots:
        table = study.layers[some.layer].features
        kinds = [table.kinds[code] for code in table.kind[some.row]]
        rows += [(kind, s, z) for kind, (s, z) in zip(kinds, some.at.tolist(), strict=True)]
    return Sheet("points", ("kind", "distance", "height"), ("", "m", "m"), rows)


def _measured(study: Study) -> dict[str, Rows]:
    return {
        study.layers[some.layer].id: distinct(some.row) for some in study.spots if len(some.row)
    }


def _over(places: F64, line: F64) -> F64:
    """Return the segments f64(k, 2, 3) of the line over the ground, where there is none between the points."""
    steps = np.hypot(*np.diff(places[:, :2], axis=0).T)
    run = np.concatenate([[0.0], np.cumsum(steps)])
    pieces = pieces_of(line) or [np.column_stack([run, places[:, 2]])]
    found = []
    for piece in pieces:
        plan = [np.interp(piece[:, 0], run, places[:, k]) for k in (0, 1)]
        points = np.column_stack([*plan, piece[:, 1]])
        found.append(np.stack([points[:-1], points[1:]], axis=1))
    return np.concatenate(found)
