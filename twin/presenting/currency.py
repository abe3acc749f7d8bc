"""How old what is shown is, in one line for an audience: first and last year, share without a date."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.features import Times
from twin.observations import STATUSES
from twin.scene import Layer, Twin


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Years from the oldest to the newest effective date of ``total`` maintained units, ``unknown`` without.

    ``buildings``: only buildings were counted; else there were none and everything was.
    ``status`` is the status that most of them have. Years are 0 where no date is known.
    """

    first: int
    last: int
    unknown: int
    total: int
    buildings: bool
    status: str

    @property
    def share(self) -> float:
        """Return the share without a date, 0..1."""
        return self.unknown / self.total if self.total else 0.0


def surveyed(twin: Twin) -> Surveyed | None:
    """Return how old what is shown is; None where nothing is shown that is maintained."""
    shown = [x for x in twin.layers.values() if x.visible]
    found = [_units(layer, buildings=True) for layer in shown]
    buildings = any(len(dates) for dates, _ in found)
    if not buildings:
        found = [_units(layer, buildings=False) for layer in shown]
    if not any(len(dates) for dates, _ in found):
        return None
    dates = np.concatenate([x for x, _ in found])
    status = np.concatenate([x for _, x in found])
    known = dates[~np.isnat(dates)]
    years = known.astype("datetime64[Y]").astype(np.int64) + 1970
    most = int(np.bincount(status, minlength=len(STATUSES)).argmax())
    return Surveyed(
        first=int(years.min()) if len(years) else 0,
        last=int(years.max()) if len(years) else 0,
        unknown=len(dates) - len(known),
        total=len(dates),
        buildings=buildings,
        status=STATUSES[most],
    )


def _units(layer: Layer, *, buildings: bool) -> tuple[Times, npt.NDArray[np.int64]]:
    """Return effective dates and statuses of a layer's units that are shown and counted nowhere else."""
    table, verdict = layer.features, layer.assessment
    rows = verdict.unit_rows()
    keep = np.ones(len(rows), np.bool_)
    if buildings:
        kinds = np.array([x.lower().startswith("building") for x in table.kinds], np.bool_)
        keep &= kinds[table.kind[rows]] if len(kinds) else False
    if layer.counted_elsewhere is not None:
        keep &= ~layer.counted_elsewhere[rows]
    if layer.hidden is not None:
        hidden = np.zeros(len(table), np.bool_)
        hidden[: len(layer.hidden)] = layer.hidden
        keep &= ~hidden[rows]
    retired = STATUSES.index("retired")
    keep &= verdict.status[rows] != retired
    rows = rows[keep]
    return verdict.t_eff[rows], verdict.status[rows].astype(np.int64)
