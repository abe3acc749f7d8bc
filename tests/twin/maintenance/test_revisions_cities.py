"""Cities compared: the Hamburg pair to the last published figure, and laws that hold for any pair."""

from dataclasses import replace
from typing import Any

import pytest
import shapely

from tests import hamburg
from twin.maintenance.revisions import Revision, Tolerance, compare
from twin.maintenance.revisions.expected import Asked, answers, changed_share, re_export
from twin.maintenance.revisions.places import greedy, ground

PREFIX = "DEHHALKA70002"
SPLIT, FRESH = f"{PREFIX}jI3", "DEHHALKA2ya000Dd"
FOOTPRINTS = {
    f"{PREFIX}kJJ": (0.4035, 568.08, 229.19), SPLIT: (0.5000, 204.85, 102.44),
    f"{PREFIX}kcl": (0.8085, 138.32, 142.60), f"{PREFIX}lEj": (0.8559, 109.50, 118.81),
}  # fmt: skip
ROOFS = {
    1.2: {"DEHHALKA100052Z6": -1.719, f"{PREFIX}kzP": -1.551},
    1.0: {f"{PREFIX}jXi": 1.021},
    0.5: {f"{PREFIX}khh": 0.865},
    0.3: {f"{PREFIX}lC4": -0.472, f"{PREFIX}kcl": 0.331},
}
"""What each smaller tau adds (MAINTENANCE.md 7, golden pair)."""


def compared(
    tau: float = 1.2, iou: float = 0.99, key: str = ""
) -> tuple[Revision, dict[str, Any]]:
    """Return the comparison of the pair and its lines by the ALKIS key of the old building."""
    found = compare(*hamburg.pair(), Tolerance(tau=tau, iou=iou), key)
    labels = found.keys[0]
    assert labels is not None
    return found, {labels[pair.old[0]]: pair for pair in found.pairs if pair.old}


def fitting(lines: dict[str, Any], *buckets: str) -> set[str]:
    return {key for key, pair in lines.items() if {pair.bucket, *pair.also} & set(buckets)}


def test_hamburg_is_matched_by_its_register_although_no_id_recurs() -> None:
    found, lines = compared()
    assert found.compared == {"old": 46, "new": 47}
    assert found.matched == {"externalReference": 46}
    assert found.anew
    assert {pair.match for pair in lines.values()} == {"key", "containment"}
    assert sum(pair.iou >= 0.9999 for pair in found.pairs) == 42


def test_hamburg_was_levelled_anew_and_no_building_rose_by_that() -> None:
    found, _ = compared()
    assert found.levelled
    assert found.rise == pytest.approx((-0.0520, -0.0395), abs=5e-5)
    assert found.datums == ("DHHN92", "DHHN2016")


def test_hamburg_has_four_changed_footprints_one_of_them_split() -> None:
    found, lines = compared()
    assert fitting(lines, "footprint_modified", "replaced") == set(FOOTPRINTS)
    for key, (iou, _, _) in FOOTPRINTS.items():
        assert lines[key].iou == pytest.approx(iou, abs=5e-5)
    for key, (_, before, after) in FOOTPRINTS.items():
        if key != SPLIT:
            assert lines[key].area == pytest.approx((before, after), abs=6e-3)
    split = lines[SPLIT]
    assert (split.bucket, split.match, len(split.new)) == ("split", "containment", 2)
    assert split.contained == pytest.approx((1.0, 1.0), abs=1e-3)
    labels, shapes = found.keys[1], found.shapes[1]
    assert labels is not None
    assert shapes is not None
    assert shapes.footprint is not None
    areas = {labels[row]: shapes.footprint[row].area for row in split.new}
    assert areas == pytest.approx({SPLIT: 102.44, FRESH: 102.41}, abs=6e-3)
    assert lines[f"{PREFIX}kJJ"].bucket == "replaced"


@pytest.mark.parametrize("tau", [1.2, 1.0, 0.5, 0.3])
def test_hamburg_has_the_roofs_that_each_threshold_tells(tau: float) -> None:
    _, lines = compared(tau)
    wanted = {k: v for least, some in ROOFS.items() if least >= tau for k, v in some.items()}
    assert fitting(lines, "roof_changed") == set(wanted)
    for key, rise in wanted.items():
        assert lines[key].d_roof == pytest.approx(rise, abs=6e-4)
    bases = {1.2: set(), 1.0: set(), 0.5: {"kbo"}, 0.3: {"kbo", "Z2"}}
    assert {key[-3:].lstrip("2") if "Z2" not in key else "Z2" for key in fitting(lines, "base_changed")} == bases[tau]  # fmt: skip


def test_six_buildings_of_hamburg_changed_or_seven_where_roofs_count_from_a_metre() -> None:
    changed = "split", "replaced", "footprint_modified", "roof_changed"
    assert len(fitting(compared(1.2)[1], *changed)) == 6
    assert len(fitting(compared(1.0)[1], *changed)) == 7


@pytest.mark.parametrize(
    ("least", "matched"), [(0.1, 46), (0.3, 46), (0.5, 45), (0.7, 44), (0.8, 44), (0.9, 42), (0.99, 42)]
)  # fmt: skip
def test_overlap_alone_matches_hamburg_as_published_and_never_wrongly(
    least: float, matched: int
) -> None:
    sides = hamburg.pair()
    grounds = []
    for one in sides:
        assert one.shapes is not None
        assert one.shapes.footprint is not None
        grounds.append(ground(one.shapes.footprint, one.features["kind"]))
    i, j = greedy(grounds[0], grounds[1], (sides[0].rows, sides[1].rows), least)
    keys = [one.features["externalReference"] for one in sides]
    assert len(i) == matched
    assert (keys[0][i] == keys[1][j]).all()


def test_what_orders_wait_for_is_found_in_hamburg_and_nothing_beside_it() -> None:
    found, lines = compared()
    rows = {key: pair.old[0] for key, pair in lines.items()}
    asked = [Asked("any", row) for row in range(46)]
    got = [one.change for one in answers(found, asked)]
    assert got.count("expected") == 6
    assert got.count("none") == 40
    by_reason = [
        Asked("height", rows[f"{PREFIX}kzP"]),
        Asked("extension", rows[f"{PREFIX}lEj"]),
        Asked("demolition", rows[f"{PREFIX}lEj"]),
    ]
    assert [one.change for one in answers(found, by_reason)] == ["expected", "expected", "other"]
    shapes = found.shapes[1]
    assert shapes is not None
    assert shapes.footprint is not None
    fresh = next(row for row in lines[SPLIT].new if found.keys[1][row] == FRESH)  # type: ignore[index]
    place = Asked("new_building", place=shapes.footprint[fresh])
    assert answers(found, [place])[0].change == "expected"
    assert not re_export(found, 1.0)
    assert changed_share(found) > 0.1


def test_absence_says_something_only_where_the_delivery_covers_the_place() -> None:
    old, new = hamburg.pair()
    less = replace(new, rows=new.rows[1:])  # without DEHHALKA100052Z2
    found = compare(old, less)
    gone = next(pair.old[0] for pair in found.pairs if pair.bucket == "removed")
    asked = [Asked("demolition", gone)]
    assert found.shapes[0] is not None
    assert answers(found, asked)[0].change == "unseen"
    assert (
        answers(found, asked, shapely.box(576000, 5949000, 578000, 5952000))[0].change == "absent"
    )
    assert answers(found, asked, shapely.box(0, 0, 1, 1))[0].change == "unseen"
    assert re_export(compare(old, old), 0.95)
