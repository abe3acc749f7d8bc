"""Hours of direct sun on facades, roofs, ground and points, by a rule: who gets too little, by how much."""

from dataclasses import dataclass

import numpy as np
import shapely

from twin.analyses.asking import asked
from twin.analyses.exposure import exposure, sunlit
from twin.analyses.eyes import box_over
from twin.analyses.findings import Findings
from twin.analyses.ground_samples import ground_samples
from twin.analyses.rays import Caster
from twin.analyses.sampling import (
    Samples,
    facade_samples,
    faces_of,
    free_of_walls,
    level_below,
    outward,
    roof_samples,
)
from twin.analyses.study import Study, StudyLayer
from twin.analyses.sun_answer import Answer
from twin.analyses.sun_position import directions, sun_angles
from twin.analyses.sun_rules import (
    CLOCKS,
    JUDGED,
    LEVELS,
    MEASURES,
    WHERE,
    Rule,
    Steps,
    bundled,
    counted,
    rule_of,
)
from twin.errors import NoPlace, SunRule
from twin.features import Bool
from twin.geometry import F64, I32
from twin.jobs import Feedback

RULE_FIELDS = (
    "day", "measure", "start", "end", "clock", "levels", "judged", "required", "least_altitude", "sill",
)  # fmt: skip
AS_RULED = -1.0
"""A number that is as the rule says."""
AROUND = 600.0
"""Metres round an area within which buildings can shade it: 100 m high, the sun at 10 degrees."""


@dataclass(frozen=True)
class SunHours:
    """Hours of direct sun by ray casting against the finest geometry.

    ``rule`` names a preset (``sun_rules.toml``); the ten fields of RULE_FIELDS that are '' or -1 are as it
    says. ``year`` 0 is the study's. ``where`` is one of WHERE; ``points`` are (x, y, z). ``spacing`` metres
    lie between samples, ``storey`` between rows; ``step`` is in minutes. ``area`` is a ring of (x, y) in the
    project frame, ``only`` are objects as (layer, id); () = all. ``zone`` is an IANA name or UTC+8, '' = by
    the longitude; ``place`` (longitude, latitude) serves a project without a coordinate system.
    """

    rule: str = asked("solstice_2h", choices=tuple(bundled()))
    where: str = asked("facades", choices=WHERE)
    day: str = ""
    year: int = asked(0, low=0, high=9999, absent="this_year")
    required: float = asked(AS_RULED, low=AS_RULED, high=24.0, unit="h", absent="as_ruled")
    measure: str = asked("", choices=("", *MEASURES), absent="as_ruled")
    start: str = ""
    end: str = ""
    clock: str = asked("", choices=("", *CLOCKS), absent="as_ruled")
    least_altitude: float = asked(AS_RULED, low=AS_RULED, high=90.0, unit="°", absent="as_ruled")
    levels: str = asked("", choices=("", *LEVELS), absent="as_ruled")
    sill: float = asked(AS_RULED, low=AS_RULED, high=100.0, unit="m", absent="as_ruled")
    judged: str = asked("", choices=("", *JUDGED), absent="as_ruled")
    step: float = asked(10.0, low=0.5, high=240.0, unit="min")
    spacing: float = asked(3.0, low=0.1, high=1000.0, unit="m")
    storey: float = asked(3.0, low=0.5, high=100.0, unit="m")
    kind: str = ""
    area: tuple[tuple[float, float], ...] = asked((), pick="plan", unit="m")
    only: tuple[tuple[str, str], ...] = ()
    points: tuple[tuple[float, float, float], ...] = asked((), pick="points", unit="m")
    zone: str = ""
    place: tuple[float, ...] = ()

    name = "sun_hours"

    def ruled(self) -> Rule:
        """Return the rule with the fields that are said here in it. Raises SunRule."""
        known = bundled()
        if self.rule and self.rule not in known:
            raise SunRule(name="rule", value=self.rule, reason=f"known: {', '.join(known)}")
        said = {name: getattr(self, name) for name in RULE_FIELDS}
        given = {name: value for name, value in said.items() if value not in ("", AS_RULED)}
        return rule_of(known.get(self.rule, Rule()), given)

    def check(self) -> None:
        """Raise SunRule for settings that no hours can be reckoned of."""
        self.ruled()
        if self.where not in WHERE:
            raise SunRule(name="where", value=self.where, reason=f"known: {', '.join(WHERE)}")
        lowest = {"step": (0.5, 240.0), "spacing": (0.1, 1000.0), "storey": (0.5, 100.0)}
        for name, (low, high) in lowest.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise SunRule(name=name, value=value, reason=f"it lies in {low:g} to {high:g}")
        if self.where == "points" and not self.points:
            raise SunRule(name="points", value="()", reason="there are none")
        if self.area and not (len(self.area) >= 3 and np.isfinite(self.area).all()):
            raise SunRule(name="area", value=len(self.area), reason="a ring has three corners")

    def reach(self) -> F64 | None:
        """Return the box of the area with what can shade it; None = the whole city."""
        spots = np.array(self.area if self.where != "points" else self.points, np.float64)
        if not len(spots) or not np.isfinite(spots).all():
            return None
        return box_over(spots[:, :2], AROUND)

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Return hours by object, facade and point. Raises SunRule, NoPlace, SunYear, SunZone, Cancelled."""
        self.check()
        rule, place = self.ruled(), self._place(study)
        year = self.year or int(str(study.at.astype("datetime64[Y]")))
        days = counted(rule, year, self.step, place, self.zone)
        caster = Caster(study.bodies)
        samples = self._samples(study, rule, caster, feedback)
        ways, lengths, parts = self._sky(days, rule, place, study.north)
        lit = sunlit(caster, samples.points, samples.normals, ways, feedback)
        tile = self.spacing if self.where == "ground" else 0.0
        hours = exposure(lit, lengths, parts)
        return Answer(rule, study, samples, hours, tuple(days), tile).findings(len(ways))

    def _place(self, study: Study) -> tuple[float, float]:
        lon, lat = self.place if len(self.place) == 2 else study.lonlat
        if not np.isfinite([lon, lat]).all():
            raise NoPlace(place=study.crs or "-")
        return float(lon), float(lat)

    def _sky(
        self, days: list[Steps], rule: Rule, place: tuple[float, float], north: float
    ) -> tuple[F64, F64, list[slice]]:
        """Return the directions f64(k, 3) in which the sun counts, their hours f64(k) and each day's part."""
        ways, lengths, parts, ahead = [np.zeros((0, 3))], [np.zeros(0)], [], 0
        for day in days:
            seen = sun_angles(day.instants, *place)
            up = (seen.apparent > 0) & (seen.apparent >= rule.least_altitude)
            ways.append(directions(seen.azimuth[up], seen.apparent[up], north))
            lengths.append(np.full(int(up.sum()), day.each))
            parts.append(slice(ahead, ahead + int(up.sum())))
            ahead += int(up.sum())
        return np.concatenate(ways), np.concatenate(lengths), parts

    # -- samples ------------------------------------------------------------------------------

    def _samples(self, study: Study, rule: Rule, caster: Caster, feedback: Feedback) -> Samples:
        if self.where == "points":
            found = Samples.of_points(np.array(self.points, np.float64))
        elif self.where == "ground":
            found = ground_samples(study, self.spacing, self.area, feedback)
        else:
            found = self._on_buildings(study, rule, caster, feedback)
        if self.area and len(found):
            ring = shapely.Polygon(self.area)
            shapely.prepare(ring)
            inside = shapely.contains_xy(ring, found.points[:, 0], found.points[:, 1])
            found = found.only(np.asarray(inside, np.bool_))
        if not len(found):
            raise SunRule(
                name="where",
                value=self.where,
                reason="there is no such surface; footprints without heights have none",
            )
        return found

    def _on_buildings(
        self, study: Study, rule: Rule, caster: Caster, feedback: Feedback
    ) -> Samples:
        unit = _units(study)
        normals = outward(study.bodies, unit)
        faces = faces_of(study, self._chosen(study, unit), unit, normals)
        if self.where == "roofs":
            return roof_samples(faces, self.spacing)
        ground = None
        if study.on_ground.any():
            before = faces.corners.mean(axis=1) + 0.5 * faces.normals
            level = level_below(study.bodies.only(study.on_ground), before[:, :2], feedback)
            ground = np.where(np.isfinite(level), level, -np.inf)
        storey = self.storey if rule.levels == "all" else None
        found = facade_samples(faces, self.spacing, rule.sill, storey, ground)
        return found.only(free_of_walls(found, caster, normals, feedback))

    def _chosen(self, study: Study, unit: I32) -> Bool:
        """Return bool(t): triangles of the buildings asked for. A layer without classes is all buildings."""
        kept = np.zeros(len(study.bodies), np.bool_)
        wanted = {(layer, key) for layer, key in self.only}
        for number, layer in enumerate(study.layers):
            mine = (study.bodies.layer == number) & ~study.on_ground
            if layer.ground or not mine.any():
                continue
            rows = _rows_asked(layer, wanted, self.kind)
            own = np.append(rows, not wanted and not len(layer.features))  # the last is row -1
            kept[mine] = own[unit[mine]]
        return kept


def _rows_asked(layer: StudyLayer, wanted: set[tuple[str, str]], kind: str) -> Bool:
    table = layer.features
    kinds = np.array([_is_asked(name, kind) for name in table.kinds], np.bool_)
    if not kind and not kinds.any():
        kinds[:] = True
    rows = kinds[table.kind] if len(table) else np.zeros(0, np.bool_)
    if wanted:
        named = np.fromiter(((layer.id, str(x)) in wanted for x in table.id), np.bool_, len(table))
        rows = named
    return np.asarray(rows, np.bool_)


def _is_asked(name: str, kind: str) -> bool:
    return name.lower() == kind.lower() if kind else "building" in name.lower()


def _units(study: Study) -> I32:
    """Return i32(t): the row of the maintained unit that each triangle belongs to, -1 = none."""
    found = study.bodies.row.astype(np.int32).copy()
    for number, layer in enumerate(study.layers):
        mine = (study.bodies.layer == number) & (found >= 0)
        if len(layer.features):
            found[mine] = layer.assessment.unit[found[mine]]
    return found
