"""Two deliveries compared: every object in one bucket, shapes whatever their triangles, blind spots said."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.features import EXTRA, FeatureTable, encode, texts
from twin.geometry import F64, Instances, Mesh
from twin.maintenance.revisions import BUCKETS, Revision, Shapes, Side, Sums, Tolerance, compare

CUBE = np.array(
    [[x, y, z] for x in (0.0, 1.0) for y in (0.0, 1.0) for z in (0.0, 1.0)], np.float64
)
FACES = np.array(
    [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6],
     [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]], np.int32,
)  # fmt: skip
"""A unit cube whose normals all look the same way (outwards or inwards)."""


def cube(at: F64, size: F64, feature: int) -> Mesh:
    origin = np.asarray(at, np.float64)
    return Mesh(
        origin, (CUBE * size).astype(np.float32), FACES, np.full(len(CUBE), feature, np.int32)
    )


def halved(mesh: Mesh) -> Mesh:
    """Return the same surface in four times as many triangles."""
    points, triangles = list(mesh.positions), []
    for a, b, c in mesh.triangles:
        ab, bc, ca = (len(points) + k for k in range(3))
        for i, j in ((a, b), (b, c), (c, a)):
            points.append((mesh.positions[i] + mesh.positions[j]) / 2)
        triangles += [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    number = np.full(len(points), mesh.feature[0], np.int32)
    return replace(
        mesh, positions=np.array(points, np.float32), triangles=np.array(triangles, np.int32),
        feature=number,
    )  # fmt: skip


def side(meshes: list[Mesh], ids: list[str], **columns: list[str | None]) -> Side:
    boxes = np.stack(
        [
            np.concatenate([(m.positions + m.origin).min(0), (m.positions + m.origin).max(0)])
            for m in meshes
        ]
    )
    kind, kinds = encode(["IfcWall"] * len(ids))
    table = FeatureTable(
        texts(ids), kind, kinds, np.full(len(ids), -1, np.int32), boxes,
        columns={name: texts(values) for name, values in columns.items()},
    )  # fmt: skip
    sums = Sums(boxes)
    sums.add(tuple(meshes), np.arange(len(ids), dtype=np.int32))
    return Side(table, np.arange(len(ids), dtype=np.int32), sums.shapes())


def row(n: int, shift: F64 | None = None, fine: bool = False) -> list[Mesh]:
    """Return n cubes of different sizes in a row."""
    step = np.zeros(3) if shift is None else shift
    made = [
        cube(np.array([3.0 * i, 500_000.0, 0.0]) + step, np.array([1.0 + i % 3, 1.0, 2.0]), i)
        for i in range(n)
    ]
    return [halved(mesh) for mesh in made] if fine else made


def buckets(found: Revision) -> dict[str, int]:
    return {name: n for name, n in found.counts["new"].items() if n}


def names(n: int, prefix: str = "g") -> list[str]:
    return [f"{prefix}{i}" for i in range(n)]


def test_a_shape_is_the_same_however_it_is_cut_into_triangles() -> None:
    found = compare(side(row(6), names(6)), side(row(6, fine=True), names(6)))
    assert buckets(found) == {"unchanged": 6}


def test_a_box_has_the_area_and_volume_of_a_box() -> None:
    shapes = side([cube(np.array([1e5, 2e5, 3.0]), np.array([2.0, 3.0, 4.0]), 0)], ["a"]).shapes
    assert shapes is not None
    assert shapes.area[0] == pytest.approx(52.0)
    assert shapes.volume[0] == pytest.approx(24.0)
    assert shapes.middle[0] == pytest.approx([1e5 + 1, 2e5 + 1.5, 5.0])


def test_instances_count_like_copies() -> None:
    mesh = cube(np.zeros(3), np.ones(3), 0)
    moves = np.tile(np.eye(4), (3, 1, 1))
    moves[:, 0, 3] = (0.0, 10.0, 20.0)
    sums = Sums(np.zeros((3, 6)))
    sums.add(
        (Instances(mesh, moves, np.arange(3, dtype=np.int32)),), np.array([2, 1, 0], np.int32)
    )
    shapes = sums.shapes()
    assert shapes.area == pytest.approx([6.0] * 3)
    assert shapes.middle[:, 0] == pytest.approx([20.5, 10.5, 0.5])


def test_what_moved_grew_vanished_or_came_is_told_apart() -> None:
    old = row(6)
    new = row(6)
    new[1] = replace(new[1], origin=new[1].origin + np.array([0.0, 0.1, 0.0]))
    new[2] = cube(new[2].origin, np.array([3.0, 1.0, 2.2]), 2)
    del new[5]
    new.append(cube(np.array([90.0, 500_000.0, 0.0]), np.ones(3), 5))
    found = compare(side(old, names(6)), side(new, [*names(5), "other"]))
    assert buckets(found) == {"new": 1, "shape_changed": 2, "unchanged": 3}
    assert found.counts["old"]["removed"] == 1
    by_row = {pair.new[0]: pair for pair in found.pairs if pair.new}
    assert by_row[1].shape == ("moved",)
    assert by_row[1].moved == pytest.approx(0.1, abs=1e-6)
    assert "size" in by_row[2].shape
    assert by_row[2].d_roof == pytest.approx(0.2, abs=1e-6)


def test_a_shift_of_all_is_said_once_and_no_change_of_each() -> None:
    found = compare(side(row(8), names(8)), side(row(8, np.array([5.0, -2.0, 0.3])), names(8)))
    assert buckets(found) == {"unchanged": 8}
    assert found.shift == pytest.approx((5.0, -2.0, 0.3), abs=1e-6)


def test_keys_made_anew_are_seen_through_by_tag_and_by_place() -> None:
    tags: list[str | None] = [f"t{i}" if i < 3 else None for i in range(6)]
    found = compare(side(row(6), names(6), Tag=tags), side(row(6), names(6, "h"), Tag=tags))
    assert found.anew
    assert buckets(found) == {"unchanged": 6}
    assert sorted(pair.match for pair in found.pairs) == ["identifier"] * 3 + ["iou"] * 3


def test_another_object_in_the_place_of_one_is_a_replacement() -> None:
    found = compare(side(row(6), names(6)), side(row(6), [*names(5), "other"]))
    assert not found.anew
    assert buckets(found) == {"replaced": 1, "unchanged": 5}


def test_attributes_are_compared_as_columns_and_nested_and_across_both() -> None:
    nested = [json.dumps({"Pset.Fire": "F30"}), json.dumps({"Pset.Fire": "F60", "n": True}), None]
    old = side(row(3), names(3), Use=["a", "b", None], **{EXTRA: nested})
    new = side(
        row(3), names(3), Use=["a", "c", ""], **{"Pset.Fire": ["F30", "F30", None]},
        n=[None, "true", None],
    )  # fmt: skip
    found = {pair.new[0]: pair for pair in compare(old, new).pairs}
    assert found[0].bucket == "unchanged"
    assert found[1].attributes == ("Pset.Fire", "Use")
    assert found[2].bucket == "unchanged"


def test_boxes_alone_say_what_they_do_not_see() -> None:
    old, new = side(row(4), names(4)), side(row(4), names(4))
    found = compare(replace(old, shapes=None), replace(new, shapes=None))
    assert buckets(found) == {"unchanged": 4}
    assert "shapes" in found.not_compared


EDITS = st.lists(
    st.sampled_from(["keep", "move", "drop", "grow", "rename"]), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(EDITS, st.randoms(use_true_random=False))
def test_every_object_stands_in_exactly_one_line_and_the_counts_add_up(edits, random) -> None:  # type: ignore[no-untyped-def]
    meshes, ids = row(len(edits)), names(len(edits))
    after: list[tuple[Mesh, str]] = []
    for mesh, key, edit in zip(meshes, ids, edits, strict=True):
        if edit == "move":
            after.append((replace(mesh, origin=mesh.origin + np.array([0.0, 0.5, 0.0])), key))
        elif edit == "grow":
            after.append((replace(mesh, positions=mesh.positions * np.float32(1.5)), key))
        elif edit != "drop":
            after.append((mesh, f"x{key}" if edit == "rename" else key))
    random.shuffle(after)
    if not after:
        return
    new = side(
        [
            replace(m, feature=np.full(len(m.feature), i, np.int32))
            for i, (m, _) in enumerate(after)
        ],
        [key for _, key in after],
    )
    found = compare(side(meshes, ids), new)
    assert sorted(row for p in found.pairs for row in p.old) == list(range(len(ids)))
    assert sorted(row for p in found.pairs for row in p.new) == list(range(len(after)))
    for name in ("old", "new"):
        assert sum(found.counts[name].values()) == found.compared[name]
    assert {pair.bucket for pair in found.pairs} <= set(BUCKETS)


def test_a_side_compared_with_itself_is_unchanged_whatever_the_tolerance() -> None:
    one = side(row(5), names(5))
    assert isinstance(one.shapes, Shapes)
    found = compare(one, one, Tolerance(0.0, 0.0))
    assert buckets(found) == {"unchanged": 5}
