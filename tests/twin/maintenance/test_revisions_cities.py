"""Cities compared: the Hamburg pair to the last published figure, and laws that hold for any pair."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests import hamburg
from tests.blocks import block, blocks, city
from twin.maintenance.revisions import BUCKETS, Revision, Sums, Tolerance, compare
from twin.maintenance.revisions.expected import Asked, answers, changed_share, re_export
from twin.maintenance.revisions.footprints import fingerprints
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


SIDES = {"split": "merged", "merged": "split", "new": "removed", "removed": "new"}
EDITS = ("keep", "raise", "grow", "move", "drop", "halve", "join", "rename", "lift")


def edited(edits: list[str]) -> list[tuple[str, tuple[float, ...]]]:
    """Return (id, box) of a row of houses, each after its edit."""
    found: list[tuple[str, tuple[float, ...]]] = []
    joined = False
    for i, edit in enumerate(edits):
        x, key = 12.0 * i, f"h{i}"
        if joined:  # the one before took this one's place
            joined = False
            continue
        if edit == "halve":
            found += [(key, (x, 0, 0, x + 5, 8, 6)), (f"{key}b", (x + 5, 0, 0, x + 10, 8, 6))]
        elif edit == "join" and i + 1 < len(edits):
            joined = True
            found.append((key, (x, 0, 0, x + 22, 8, 6)))
        elif edit != "drop":
            box = {"raise": (x, 0, 0, x + 10, 8, 9), "grow": (x, 0, 0, x + 11.5, 8, 6),
                   "move": (x, 30, 0, x + 10, 38, 6), "lift": (x, 0, 2, x + 10, 8, 8)}  # fmt: skip
            name = f"n{i}" if edit == "rename" else key
            found.append((name, box.get(edit, (x, 0, 0, x + 10, 8, 6))))
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(EDITS), min_size=1, max_size=10), st.booleans())
@example(["join", "keep", "join", "keep", "join", "keep"], True)  # all grew alike: none moved
def test_every_unit_stands_in_one_line_and_time_turned_round_turns_the_counts(
    edits: list[str], named: bool
) -> None:
    old = city(blocks([f"h{i}" for i in range(len(edits))]), "A", named=named)
    new = city(edited(edits), "A", named=named)
    found, back = compare(old, new), compare(new, old)
    for turned in (found, back):
        assert {pair.bucket for pair in turned.pairs} <= set(BUCKETS)
        for side in ("old", "new"):
            rows = sorted(row for pair in turned.pairs for row in getattr(pair, side))
            assert rows == list(range(turned.compared[side]))
            assert sum(turned.counts[side].values()) == turned.compared[side]
    for bucket in BUCKETS:
        other = SIDES.get(bucket, bucket)
        assert found.counts["old"][bucket] == back.counts["new"][other], bucket
    assert compare(old, old).counts["new"]["unchanged"] == len(edits)


CORNER = st.integers(0, 20)
RECTANGLES = st.lists(
    st.tuples(CORNER, CORNER, st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=9
)


@settings(max_examples=60, deadline=None)
@given(RECTANGLES, RECTANGLES)
def test_whatever_lies_over_each_other_every_unit_stands_in_one_line(
    old: list[tuple[int, ...]], new: list[tuple[int, ...]]
) -> None:
    sides = [
        city([(f"h{i}", (x, y, 0, x + w, y + h, 5)) for i, (x, y, w, h) in enumerate(some)], "A",
             named=False)
        for some in (old, new)
    ]  # fmt: skip
    found = compare(sides[0], sides[1])
    for side in ("old", "new"):
        rows = sorted(row for pair in found.pairs for row in getattr(pair, side))
        assert rows == list(range(found.compared[side]))
    for pair in found.pairs:
        sizes = (len(pair.old), len(pair.new))
        assert (pair.bucket in ("split", "merged")) == (max(sizes) > 1)
        assert len(pair.contained) in (0, max(sizes))


def test_each_edit_gets_its_bucket_by_key_and_by_place_alone() -> None:
    edits = ["keep", "raise", "grow", "lift", "drop", "halve", "keep", "join", "keep"]
    for named in (True, False):
        old = city(blocks([f"h{i}" for i in range(len(edits))]), "A", named=named)
        found = compare(old, city(edited(edits), "A", named=named))
        counts = {name: n for name, n in found.counts["old"].items() if n}
        assert counts == {
            "unchanged": 2, "roof_changed": 2, "footprint_modified": 1, "removed": 1, "split": 1,
            "merged": 2,
        }  # fmt: skip
        lifted = next(pair for pair in found.pairs if "base_changed" in pair.also)
        assert (lifted.d_roof, lifted.d_base) == pytest.approx((2.0, 2.0))


def test_heights_are_levelled_only_where_the_datum_may_differ_and_most_agree() -> None:
    boxes = blocks([f"h{i}" for i in range(8)])
    lower = [(key, (*box[:2], box[2] - 0.7, *box[3:5], box[5] - 0.7)) for key, box in boxes]
    for datum, levelled in (("B", True), ("", True), ("A", False)):
        found = compare(city(boxes, "A"), city(lower, datum), Tolerance(tau=0.5))
        assert found.levelled == levelled
        assert found.rise == pytest.approx((-0.7, -0.7))
        assert found.counts["new"]["unchanged" if levelled else "roof_changed"] == 8
    found = compare(city(boxes[:2], "A"), city(lower[:2], "B"), Tolerance(tau=0.5))
    assert not found.levelled


def test_a_delivery_that_moved_in_plan_is_moved_back_and_said() -> None:
    boxes = blocks([f"h{i}" for i in range(8)])
    there = [(key, (box[0] + 3, box[1], box[2], box[3] + 3, *box[4:])) for key, box in boxes]
    found = compare(city(boxes, "A"), city(there, "A"))
    assert found.shift == pytest.approx((3.0, 0.0, 0.0))
    assert found.counts["new"]["unchanged"] == 8


def test_ids_that_are_numbers_by_place_are_not_believed() -> None:
    boxes = blocks([f"h{i}" for i in range(8)])
    turned = [(key, box) for (key, _), (_, box) in zip(boxes, boxes[1:] + boxes[:1], strict=True)]
    found = compare(city(boxes, "A"), city(turned, "A"))
    assert found.matched == {"iou": 8}
    assert found.counts["new"]["unchanged"] == 8
    forced = compare(city(boxes, "A", Code=[k for k, _ in boxes]),
                     city(turned, "A", Code=[k for k, _ in turned]), key="Code")  # fmt: skip
    assert forced.counts["new"]["replaced"] == 8


def test_small_things_and_flat_sides_are_told_and_not_judged() -> None:
    boxes = blocks([f"h{i}" for i in range(4)])
    wider = [(key, (*box[:3], box[3] + 4, *box[4:])) for key, box in boxes]
    found = compare(city(boxes, "A"), city(wider, "A"), Tolerance(least_area=500.0))
    assert found.counts["new"]["unchanged"] == 4
    assert found.not_compared["small"] == 4
    flat = [(key, (*box[:2], 0.0, *box[3:5], 0.0)) for key, box in boxes]
    found = compare(city(boxes, "A"), city(flat, "A"))
    assert found.counts["new"]["unchanged"] == 4
    assert "heights" in found.not_compared


def test_numbers_of_a_register_are_one_number_in_every_spelling() -> None:
    boxes = blocks(["a", "b", "c"])
    other = [(f"x{key}", box) for key, box in boxes]
    digits = [f"5031000000185{i}0" for i in range(3)]
    old = city(boxes, "A", identificatiebagpnd=digits)
    new = city(other, "A", identificatie=[f"NL.IMBAG.Pand.0{x}" for x in digits])
    found = compare(old, new)
    assert found.matched == {"identificatiebagpnd = identificatie": 3}


def test_attributes_that_one_format_alone_has_are_said_and_change_nothing() -> None:
    boxes = blocks([f"h{i}" for i in range(24)])
    use = ["office"] * 23
    old = city(boxes, "A", Storeys=["2"] * 24, Use=[*use, "school"])
    new = city(boxes, "A", Levels=["2"] * 24, Use=[*use, "clinic"])
    found = compare(old, new)
    assert found.alone == ("Levels", "Storeys")
    assert found.counts["new"]["unchanged"] == 23
    assert next(pair for pair in found.pairs if pair.attributes).attributes == ("Use",)
    few = compare(city(boxes[:3], "A", Storeys=["2"] * 3), city(boxes[:3], "A"))
    assert few.counts["new"]["attr_changed"] == 3


def test_what_differs_in_nearly_all_is_a_fact_of_the_delivery() -> None:
    boxes = blocks([f"h{i}" for i in range(24)])
    use = ["office"] * 23
    old = city(boxes, "A", Exported=["2016"] * 24, Use=[*use, "school"])
    new = city(boxes, "A", Exported=["2022"] * 24, Use=[*use, "clinic"])
    found = compare(old, new)
    assert found.throughout == {"Exported": 24}
    assert found.counts["new"]["unchanged"] == 23
    assert {pair.attributes for pair in found.pairs} == {("Exported",), ("Exported", "Use")}


def test_a_footprint_is_the_same_however_it_is_cut_and_tiled() -> None:
    yard = [(0.0, 0, 0, 30, 5, 6), (0.0, 15, 0, 30, 20, 6), (0.0, 5, 0, 5, 15, 6),
            (25.0, 5, 0, 30, 15, 6)]  # fmt: skip
    wholes = []
    for pieces in (yard, yard[::-1]):
        sums = Sums(np.array([[0.0, 0, 0, 30, 20, 6]]), plans=True)
        for box in pieces:
            sums.add((block(box, 0),), np.zeros(1, np.int32))
        wholes.append(sums.shapes().footprint[0])  # type: ignore[index]
    assert wholes[0].area == pytest.approx(400.0)
    assert len(wholes[0].interiors) == 1
    assert shapely.normalize(wholes[0]) == shapely.normalize(wholes[1])
    marks = fingerprints(np.array([*wholes, shapely.box(0, 0, 1, 1), shapely.Polygon()], object))
    assert marks[0] == marks[1]
    assert marks[2] not in (marks[0], "")
    assert marks[3] == ""
