"""The audit of a hundred custodians as sheets for print. Target (issue 5): <= 20 s."""

import numpy as np
import pytest

from tests.bench.test_bench_maintenance import NOW, RULES, fastest
from twin.auditing import written
from twin.features import TEXT, FeatureTable
from twin.maintenance.assess import assess
from twin.maintenance.audit import Audited, Beside, report
from twin.observations import ObservationList

N, SIDE = 100_000, 10


@pytest.mark.bench
def test_bench_sheets_of_a_hundred_custodians() -> None:
    random = np.random.default_rng(1)
    corner = np.column_stack(
        [random.uniform(84e3, 94e3, N), random.uniform(44e4, 45e4, N), np.zeros(N)]
    )
    rows = np.arange(N, dtype=np.int32)
    kind = random.integers(0, 2, N).astype(np.uint16)
    bounds = np.hstack([corner, corner + 10])
    city = FeatureTable(
        rows.astype(TEXT), kind, ("Building", "Road"), np.full(N, -1, np.int32), bounds
    )
    seconds = random.integers(0, 4000 * 86400, N).astype("m8[s]")
    at = (np.datetime64("2014-01-01", "s") + seconds).astype("M8[ms]")
    found = ObservationList()
    found.add_column(rows, (at, at + 1), np.full(N, "", TEXT), ("captured", "", "object", "date"))
    square = ((corner[:, :2] - (84e3, 44e4)) // 1000).astype(int) @ (SIDE, 1)
    found.add_parties(
        rows, [f"Custodian {n:02d}" for n in square.tolist()], "custodian", "object", "p"
    )
    said = found.frozen()
    layer = Audited("made", city, said, assess(city, said, RULES, NOW), rules=RULES)

    def sheets() -> bytes:
        return written(report([layer], NOW, (), Beside(RULES, crs="EPSG:28992")), "pdf")

    took, size = fastest(sheets, 1), len(sheets())
    print(f"\n100 custodians, {N:,} units: {took:.1f} s (<= 20), {size / 1e6:.1f} MB")
    assert took <= 20
