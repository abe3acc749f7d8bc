"""Where a model could stand: candidates from what its file says and from what stands around, ranked.

Pure: nothing is opened and nothing moved. A candidate is a ``Placement`` with its reasons; choosing
one is an edit (``layers.place``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from twin.errors import CrsError
from twin.geometry import F64
from twin.georeference import (
    Crs,
    Georeference,
    ProjectFrame,
    fits,
    metres_between,
    parse_crs,
    placed_at,
    problem,
    spot,
)
from twin.records import About, Placement, Problem, Route
from twin.scene import Layer

NEAR = 50.0
"""Metres to the nearest object within which a model stands among its neighbours."""
CITY = 5_000.0
"""Metres to the nearest object within which a model stands in the city."""
LOST = 50_000.0
"""Metres to the nearest object beyond which a model stands somewhere else."""
MANY, FEW = 2e7, 2e4
"""Coordinates of a map in metres lie between; more may be millimetres, fewer kilometres."""
SAME = 0.05
"""Metres within which two candidates are one."""
LEVEL = 3.0
"""Metres between the foot of a model and that of its neighbours worth a word."""
PRIOR = {
    "used": 0.55, "first": 0.55, "route": 0.35, "site": 0.3, "geometry": 0.3, "single": 0.2, "swapped": 0.15,
    "millimetres": 0.15, "metres": 0.15, "flipped": 0.1, "small": 0.2, "middle": 0.05,
}  # fmt: skip
"""How much a candidate is believed for what it is, before anything is known of its surroundings."""
SUPPORT = {
    "axes_swapped": "swapped", "twice": "single", "rotation_sign": "flipped", "units_mm": "small",
    "conversion_zero": "geometry",
}  # fmt: skip
"""Finding of a loader (last part of its code) -> the candidate that would mend it."""
BLAMED = frozenset({"axes_swapped", "twice", "rotation_sign", "conversion_zero", "units_mm"})
"""Findings that speak against the route that is used."""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands there already: the project frame and boxes f64(n, 6) of the objects of other layers."""

    project: ProjectFrame | None = None
    boxes: F64 = field(default_factory=lambda: np.zeros((0, 6)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible placement. ``key`` says what it is (PRIOR), ``confidence`` 0..1 how likely it is right.

    ``outline`` f64(4, 2) is the model's box there, in the project's plane (NaN = unknown); ``nearest``
    metres to the closest object of another layer, ``level`` metres above the foot of what stands
    around, ``off`` metres from where the model stands now (NaN = unknown).
    """

    key: str
    route: str
    placement: Placement
    vertical: str
    confidence: float
    reasons: tuple[Problem, ...]
    outline: F64
    nearest: float = np.nan
    level: float = np.nan
    off: float = np.nan


def propose(
    about: About, problems: Sequence[Problem], around: Around, now: Placement | None = None
) -> tuple[Candidate, ...]:
    """Return the candidates of a source, most likely first; ``now`` is the override it stands by.

    Routes of the file are always among them, readings of ours (other unit, exchanged axes, ...) only
    where they lie in their system's area and something speaks for them.
    """
    codes = {item.code.rpartition(".")[2] for item in problems}
    base = now or next((r.placement for r in about.routes if r.state == "used"), None)
    here = shape(about, base, "", around)[0] if base is not None else None
    found: list[Candidate] = []
    for key, route, placement in _ideas(about, codes, around):
        idea = (key if now is None or key != "used" else "first", route, placement)
        made = _judge(about, idea, codes, around)
        if made is None:
            continue
        made = replace(made, off=_off(here, made.outline, around))
        twin = next((i for i, other in enumerate(found) if _same(made, other)), None)
        if twin is None:
            found.append(made)
        elif found[twin].confidence < made.confidence:
            found[twin] = made
    near = here is not None and neighbourhood(here, np.nan, around)[0] <= CITY
    if not near and not any(item.nearest <= CITY for item in found):
        found += _in_the_middle(about, around, here)
    return tuple(sorted(found, key=lambda item: -item.confidence))


def _in_the_middle(about: About, around: Around, here: F64 | None) -> list[Candidate]:
    """Return a place in the middle of what stands around, from where it can be moved by hand."""
    if not len(around.boxes) or around.project is None:
        return []
    low = np.median(around.boxes, axis=0)
    east, north = (low[:2] + low[3:5]) / 2
    x, y, _ = middle_of(about).tolist()
    anchor = (x, y, float((about.extent or (0.0,) * 6)[2]))
    place = Placement(
        "middle", around.project.crs, float(east), float(north), float(low[2]), anchor=anchor
    )
    outline = shape(about, place, "", around)[0]
    if outline is None:
        return []
    nearest, level = neighbourhood(outline, place.height, around)
    off = _off(here, outline, around)
    reasons = (problem("siting.middle"),)
    made = Candidate(
        "middle", "", place, "", PRIOR["middle"], reasons, outline, nearest, level, off
    )
    return [made]


def _ideas(
    about: About, codes: set[str], around: Around
) -> Iterable[tuple[str, Route, Placement]]:
    """Yield (key, route, placement): what the file says, and other readings of it."""
    for route in about.routes:
        place = route.placement
        if place is None:
            continue
        if not place.crs:
            if around.project is None:
                continue
            place = replace(place, crs=around.project.crs)
        key = {"IfcSite": "site", "geometry": "geometry"}.get(route.name, "route")
        yield ("used" if route.state == "used" else key), route, place
        if key == "route":
            yield from ((name, route, other) for name, other in _readings(place))
        if "units_mm" in codes:
            yield "small", route, replace(place, scale=place.scale * 0.001)


def _readings(place: Placement) -> Iterable[tuple[str, Placement]]:
    """Yield other readings of a map conversion, by what may have gone wrong when it was written."""
    yield "swapped", replace(place, easting=place.northing, northing=place.easting)
    size = float(np.hypot(place.easting, place.northing))
    key, factor = ("millimetres", 0.001) if size > MANY else ("metres", 1000.0)
    if size > MANY or size < FEW:
        east, north = place.easting * factor, place.northing * factor
        yield key, replace(place, easting=east, northing=north)
    yield "single", replace(place, easting=0.0, northing=0.0, height=0.0, rotation=0.0)
    if place.rotation:
        yield "flipped", replace(place, rotation=-place.rotation)


def _judge(
    about: About, idea: tuple[str, Route, Placement], codes: set[str], around: Around
) -> Candidate | None:
    """Return an idea as a candidate with its reasons; None for a reading that nothing speaks for."""
    key, route, placement = idea
    outline, low = shape(about, placement, route.vertical, around)
    crs = system_of(placement.crs)
    if outline is None or not crs:
        return None
    reasons = [problem(f"siting.{key}", name=route.name, crs=crs.title)]
    score = PRIOR[key]
    own = Georeference(crs, None, placed_at(placement, crs)).framed(middle_of(about)[None, :])[0]
    inside = fits(crs, own)
    reasons.append(problem("siting.inside" if inside else "siting.outside", crs=crs.title))
    score += 0.15 if inside else -0.4
    mending = any(SUPPORT.get(code) == key for code in codes)
    if mending:
        reasons.append(problem("siting.mends"))
        score += 0.4
    elif key in ("used", "first") and codes & BLAMED:
        reasons.append(problem("siting.blamed"))
        score -= 0.3
    nearest, level = neighbourhood(outline, low, around)
    more, told = _company(nearest, level)
    score, reasons = score + more, [*reasons, *told]
    ours = key not in ("used", "first", "route", "site", "geometry")
    if ours and not (inside and (mending or nearest < CITY)):
        return None
    confidence = float(np.clip(score, 0.02, 0.98))
    placement = replace(placement, title=key)
    return Candidate(
        key, route.name, placement, route.vertical, confidence, tuple(reasons), outline,
        nearest, level,
    )  # fmt: skip


def _company(nearest: float, level: float) -> tuple[float, list[Problem]]:
    """Return what the neighbours add to a candidate's score, and why."""
    if not np.isfinite(nearest):
        return 0.0, []
    distance = length(nearest)
    told = []
    if nearest <= NEAR:
        score, code = 0.25, "near"
    elif nearest <= CITY:
        score, code = 0.15, "city"
    else:
        score, code = (-0.05, "away") if nearest <= LOST else (-0.25, "lost")
    told.append(problem(f"siting.{code}", distance=distance))
    if nearest <= CITY and abs(level) > LEVEL:
        told.append(
            problem("siting.above" if level > 0 else "siting.below", off=f"{abs(level):.1f}")
        )
        score -= 0.05
    return score, told


def system_of(name: str) -> Crs:
    """Return a system, an empty one for a name that is none."""
    try:
        return parse_crs(name)
    except CrsError:
        return Crs()


def middle_of(about: About) -> F64:
    """Return the middle f64(3) of a source's objects in its own coordinates."""
    box = np.array(about.extent or (0.0,) * 6)
    return np.asarray((box[:3] + box[3:]) / 2, np.float64)


def shape(
    about: About, placement: Placement | None, vertical: str, around: Around
) -> tuple[F64 | None, float]:
    """Return the corners f64(4, 2) of the model's box in the project's plane, and its foot."""
    if placement is None:
        return None, np.nan
    box = np.array(about.extent or (0.0,) * 6)
    xs, ys = box[[0, 3, 3, 0]], box[[1, 1, 4, 4]]
    corners = np.column_stack([xs, ys, np.full(4, box[2])])
    try:
        crs = parse_crs(placement.crs, vertical)
        if not crs:
            return None, np.nan
        place = Georeference(crs, None, placed_at(placement, crs)).into(
            around.project, placed=True
        )
        moved = place.move(corners)
    except CrsError:
        return None, np.nan
    if not np.isfinite(moved).all():
        return None, np.nan
    return np.asarray(moved[:, :2], np.float64), float(moved[:, 2].mean())


def neighbourhood(outline: F64, low: float, around: Around) -> tuple[float, float]:
    """Return metres to the nearest object in the plane, and metres above the feet of those near.

    ``outline`` f64(k, 2) in the project's plane, ``low`` its foot. NaN where nothing stands.
    """
    boxes = around.boxes
    if not len(boxes):
        return np.nan, np.nan
    least, most = outline.min(axis=0), outline.max(axis=0)
    gap = np.maximum(0.0, np.maximum(boxes[:, :2] - most, least - boxes[:, 3:5]))
    distance = np.hypot(gap[:, 0], gap[:, 1])
    near = distance <= max(NEAR, float(distance.min()) + 1.0)
    return float(distance.min()), low - float(np.median(boxes[near, 2]))


def _off(here: F64 | None, there: F64, around: Around) -> float:
    """Return metres between the middles of two outlines."""
    if here is None:
        return np.nan
    one, other = here.mean(axis=0), there.mean(axis=0)
    flat = float(np.hypot(*(one - other)))
    if around.project is None or flat < CITY:
        return flat
    ends = [spot(around.project.parsed(), np.append(point, 0.0)) for point in (one, other)]
    if ends[0] is None or ends[1] is None:
        return flat
    return metres_between(ends[0], ends[1])


def _same(one: Candidate, other: Candidate) -> bool:
    return bool(np.abs(one.outline - other.outline).max() < SAME) and (
        abs(one.placement.height - other.placement.height) < SAME
    )


def length(metres: float) -> str:
    """Return a length in words that are short at every size."""
    if not np.isfinite(metres):
        return "?"
    if metres < 10:
        return f"{metres:.2f} m"
    return f"{metres:.0f} m" if metres < 10_000 else f"{metres / 1000:,.0f} km"


def around(layers: Iterable[Layer], but: str, project: ProjectFrame | None) -> Around:
    """Return what stands around the layer ``but``: the objects of the other layers that are no wholes."""
    found = [_leaves(layer) for layer in layers if layer.id != but]
    return Around(project, np.concatenate(found) if found else np.zeros((0, 6)))


def _leaves(layer: Layer) -> F64:
    table = layer.features
    leaf = np.ones(len(table), np.bool_)
    leaf[table.parent[table.parent >= 0]] = False
    boxes = layer.boxes(np.flatnonzero(leaf).astype(np.int32))
    return np.asarray(boxes[np.isfinite(boxes).all(axis=1)], np.float64)


def nearest_units(
    box: F64, others: Iterable[Layer], most: int, *, alike: float = 10.0
) -> list[tuple[str, int]]:
    """Return (layer, row) of the maintained units nearest to a box f64(6).

    Their plans are at most ``alike`` times as large or as small.
    """
    found: list[tuple[float, str, int]] = []
    size = float(np.prod(box[3:5] - box[:2]))
    for layer in others:
        rows = layer.assessment.unit_rows()
        boxes = layer.boxes(rows)
        areas = np.prod(boxes[:, 3:5] - boxes[:, :2], axis=1)
        like = (areas * alike > size) & (areas < alike * size)
        gap = np.hypot(*(((boxes[:, :2] + boxes[:, 3:5]) - (box[:2] + box[3:5])) / 2).T)
        gap = np.where(np.isfinite(gap) & like, gap, np.inf)
        near = [int(number) for number in np.argsort(gap)[:most] if np.isfinite(gap[number])]
        found += [(float(gap[number]), layer.id, int(rows[number])) for number in near]
    return [(key, row) for _, key, row in sorted(found)[:most]]
