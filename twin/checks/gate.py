"""The gate of a delivery: what every source must be like, whatever it holds; from what is known already.

A rule is made from one layer and tells which objects fail it. The words stand under ``check.gate.*``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twin.checks.report import Checked, CheckReport, Demand, Phrase, Rule
from twin.errors import TwinError
from twin.geometry import Rows
from twin.observations import STATUSES
from twin.records import Problem
from twin.scene import Layer

NAME = "delivery"
UNREADABLE = ("no_geometry", "all_cut", "degenerate", "boundary", "ring", "surface", "volume")
"""Words in the codes of problems that say that something has no sound shape."""
DOUBLED = (
    "ifc.id_missing",
    "ifc.id_duplicate",
    "cityjson.duplicate",
    "citygml.duplicate",
    "mapping.id_repeated",
)


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule of the gate: its key, and the problems or the rows of a layer that break it.

    ``rows`` answers None where the rule has nothing to go by; ``whole`` rules ask something of the source,
    not of every object.
    """

    key: str
    whole: bool = False
    broken: Callable[[Layer], tuple[Problem, ...]] | None = None
    rows: Callable[[Layer], Rows | None] | None = None

    @property
    def title(self) -> Phrase:
        """Return the name in words."""
        return Phrase(f"gate.{self.key}")


def _of_codes(*beginnings: str) -> Callable[[Layer], tuple[Problem, ...]]:
    return lambda layer: tuple(p for p in layer.problems if p.code.startswith(beginnings))


def _place(layer: Layer) -> tuple[Problem, ...]:
    found = _of_codes("crs.missing", "crs.unknown", "crs.no_place", "crs.outside", "ifc.crs_",
                      "osgb.crs_")(layer)  # fmt: skip
    if found or layer.about.crs or layer.source.crs:
        return found
    return (Problem("crs.missing", f"{layer.title}: no system", "", {"title": layer.title}),)


def _heights(layer: Layer) -> tuple[Problem, ...]:
    found = _of_codes("heights.")(layer)
    if found or layer.about.vertical or layer.source.vertical:
        return found
    return (Problem("heights.unknown", f"{layer.title}: no datum", "", {"title": layer.title}),)


def _shapes(layer: Layer) -> tuple[Problem, ...]:
    return tuple(p for p in layer.problems if any(word in p.code for word in UNREADABLE))


def _undated(layer: Layer) -> Rows | None:
    units = layer.assessment.unit_rows()
    undated: Rows = units[np.isnat(layer.assessment.t_eff[units])]
    return undated


def _stale(layer: Layer) -> Rows | None:
    """Return the units that are overdue; None where no policy says when."""
    units = layer.assessment.unit_rows()
    if not len(layer.assessment.rules) or not (layer.assessment.rule[units] >= 0).any():
        return None
    stale: Rows = units[layer.assessment.status[units] == STATUSES.index("stale")]
    return stale


GATES = (
    Gate("place", True, _place),
    Gate("heights", True, _heights),
    Gate("shapes", broken=_shapes),
    Gate("ids", broken=_of_codes(*DOUBLED)),
    Gate("dates", rows=_undated),
    Gate("fresh", rows=_stale),
)


def gate(layer: Layer) -> CheckReport:
    """Return the outcome of all rules of the gate for a layer."""
    making = _Making(layer)
    opened = Rule("opens", "required", (), "passed", title=Phrase("gate.opens"))
    about = layer.about
    results = (opened, *(making.rule(one) for one in GATES))
    version = " ".join(x for x in (about.format, about.version) if x)
    return _report(layer.source.path, version, results, tuple(making.objects))


def refused(path: str, error: TwinError) -> CheckReport:
    """Return the outcome for a source that could not be opened."""
    why = Phrase("why.refused", {"reason": str(error)})
    rule = Rule("opens", "required", (), "failed", why=why, title=Phrase("gate.opens"))
    return _report(path, "", (rule,), ())


def _report(
    path: str, version: str, results: tuple[Rule, ...], objects: tuple[Checked, ...]
) -> CheckReport:
    return CheckReport(NAME, path, "", NAME, version, results, objects, words=Phrase("gate.title"))


class _Making:
    """Numbers the objects that rules blame."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self.objects: list[Checked] = []
        self._numbers: dict[str, int] = {}

    def rule(self, one: Gate) -> Rule:
        """Return a rule's outcome."""
        if one.broken is not None:
            broken = one.broken(self._layer)
            reasons = tuple(Phrase("why.problem", {"problem": p}) for p in broken)
            failed = [self._number(p.feature) for p in broken]
            return self._rule(one, failed, reasons, 1 if one.whole else len(self._layer.features))
        rows = one.rows(self._layer) if one.rows is not None else None
        if rows is None:
            why = Phrase("why.no_policy")
            return Rule(one.key, "optional", (), "none", why=why, title=one.title)
        failed = [self._number(str(self._layer.features.id[row])) for row in rows]
        reasons = (Phrase(f"why.gate_{one.key}"),) * len(failed)
        return self._rule(one, failed, reasons, len(self._layer.assessment.unit_rows()))

    def _rule(self, one: Gate, failed: list[int], reasons: tuple[Phrase, ...], all_: int) -> Rule:
        kinds = tuple(dict.fromkeys(map(id, reasons)))
        numbers = np.array(failed, np.int32)
        demand = Demand(
            "delivery", Phrase(f"gate.{one.key}_asks"), "required", failed=numbers,
            reason=np.array([kinds.index(id(x)) for x in reasons], np.int32),
            reasons=tuple({id(x): x for x in reasons}.values()),
            unlisted=max(0, all_ - len(set(failed))),
        )  # fmt: skip
        status = "failed" if failed else "passed"
        return Rule(
            one.key, "required", (), status, (demand,), np.unique(numbers), title=one.title
        )

    def _number(self, key: str) -> int:
        known = self._numbers.get(key)
        if known is None:
            known = self._numbers[key] = len(self.objects)
            self.objects.append(self._thing(key))
        return known

    def _thing(self, key: str) -> Checked:
        table = self._layer.features
        row = table.rows_by_id.get(key, -1) if key else -1
        if row < 0:
            return Checked(key or self._layer.title, self._layer.about.format, "", -1)
        name = "" if table.name is None else str(table.name[row] or "")
        return Checked(key, table.kinds[int(table.kind[row])], name, row)
