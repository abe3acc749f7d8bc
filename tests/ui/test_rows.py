"""A million rows: the flattened tree, the table's filters and sorting, checked against plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from twin.features import FeatureTable, texts
from twin.jobs import Jobs
from twin.observations import STATUSES, Assessment, Observations
from twin.records import About, SourceRef
from twin.scene import Layer
from twin.tiles import TileTree
from ui.panels.charts import age_table, marks
from ui.panels.freshness_rows import Wanted, gather
from ui.panels.layers import shared_starts
from ui.panels.object_rows import Flat, counted
from ui.panels.searching import SearchText
from ui.panels.sheet import LABEL, Sheet
from ui.panels.sheet_items import Field
from ui.panels.sheet_painting import FIELD, LINE, PAD
from ui.panels.tree_view import Line, shortened
from ui.theme import LIGHT, font


def layer_of(n: int, seed: int = 0) -> Layer:
    random = np.random.default_rng(seed)
    ids = np.char.add("building-", np.arange(n).astype(str)).astype(
        np.dtypes.StringDType(na_object=None)
    )
    table = FeatureTable(
        ids, np.zeros(n, np.uint16), ("Building",), np.full(n, -1, np.int32), np.zeros((n, 6))
    )
    start = Assessment.unknown(n)
    status = random.integers(0, len(STATUSES), n).astype(np.uint8)
    day = np.timedelta64(1, "D")
    age = random.integers(0, 4000, n)
    effective = (np.datetime64("2026-11-23") - age * day).astype("datetime64[ms]")
    from dataclasses import replace

    verdict = replace(
        start, status=status, t_eff=effective, due=(effective + 365 * day).astype("datetime64[ms]"),
        age_days=age.astype(np.int32), overdue=np.maximum(age - 365, 0).astype(np.int32),
    )  # fmt: skip
    return Layer(
        "layer", SourceRef("memory"), "Layer", About("test"), TileTree.single(np.zeros(6)),
        table, Observations.empty(), verdict,
    )  # fmt: skip


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12), st.data())
@settings(max_examples=60, deadline=None)
def test_expanding_and_collapsing_a_node_gives_the_tree_back(
    children: list[int], data: st.DataObject
) -> None:
    flat = Flat.roots(len(children))
    at = data.draw(st.integers(0, len(children) - 1))
    grown = flat.inserted(at, np.arange(children[at], dtype=np.int32))
    assert len(grown) == len(flat) + children[at]
    assert (grown.depth[at + 1 : at + 1 + children[at]] == 1).all()
    end = grown.end_of(at)
    assert end == at + 1 + children[at]
    back = grown.removed(at + 1, end)
    assert back.row.tolist() == flat.row.tolist()
    assert back.layer.tolist() == flat.layer.tolist()


@given(
    st.integers(1, 60),
    st.integers(0, 5),
    st.sampled_from(("overdue", "updated", "status", "object")),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_the_table_holds_each_unit_once_in_the_order_asked_for(
    n: int, seed: int, sort: str, down: bool
) -> None:
    layer = layer_of(n, seed)
    lines = gather([layer], Wanted(sort=sort, descending=down), {}, SearchText())
    assert sorted(lines.row.tolist()) == list(range(n))
    if sort == "updated":
        values = layer.assessment.t_eff[lines.row].astype(np.int64)
        steps = np.diff(values)
        assert (steps <= 0).all() if down else (steps >= 0).all()


@given(st.integers(1, 60), st.sets(st.sampled_from(STATUSES)))
@settings(max_examples=40, deadline=None)
def test_filters_by_status_agree_with_counting(n: int, wanted: set[str]) -> None:
    layer = layer_of(n)
    lines = gather([layer], Wanted(statuses=frozenset(wanted)), {}, SearchText())
    tally = counted(layer.assessment)
    assert len(lines) == (sum(tally[key] for key in wanted) if wanted else n)
    assert age_table([layer]).sum() == n


def test_search_finds_ids_and_names_without_case() -> None:
    layer = layer_of(500)
    from dataclasses import replace

    named = replace(
        layer.features, name=texts(["Town Hall" if i == 7 else None for i in range(500)])
    )
    found = SearchText().matches(replace(layer, features=named), "town h")
    assert np.flatnonzero(found).tolist() == [7]
    assert np.flatnonzero(SearchText().matches(layer, "BUILDING-499")).tolist() == [499]
    assert not SearchText().matches(replace(layer, features=named), "none").any()


def test_a_million_rows_open_in_the_tree_without_items() -> None:
    layer = layer_of(1_000_000)
    flat = Flat.roots(1).inserted(0, layer.features.children(-1))
    assert len(flat) == 1_000_001
    assert flat.find(0, 999_999) == 1_000_000


def test_a_million_rows_are_searched_in_the_background_and_the_newest_words_win() -> None:
    layer, jobs, search = layer_of(1_000_000), Jobs(inline=True), SearchText()
    told: list[str] = []
    assert not search.ready([layer], "building-77", jobs, lambda: told.append("first"))
    assert not search.ready([layer], "BUILDING-777", jobs, lambda: told.append("never"))
    assert jobs.pending == 1
    jobs.finish()
    assert told == ["first"]
    assert not search.ready([layer], "BUILDING-777", jobs, lambda: told.append("second"))
    jobs.finish()
    assert told == ["first", "second"]
    assert search.ready([layer], "BUILDING-777", jobs, lambda: told.append("never"))
    found = np.flatnonzero(search.matches(layer, "BUILDING-777"))
    assert found.tolist() == [i for i in range(1_000_000) if str(i).startswith("777")]


@pytest.mark.qt
@pytest.mark.usefixtures("qapp")
def test_what_tells_layers_apart_is_never_elided() -> None:
    names = [
        "Delft (BGT, CityJSON)",
        "Delft (BGT, 3D Tiles)",
        "Demolished kiosk",
        "Delft (BGT, CityJSON)",
    ]
    starts = shared_starts(names)
    assert [name[start:] for name, start in zip(names, starts, strict=True)] == [
        "CityJSON)", "3D Tiles)", "Demolished kiosk", "CityJSON)",
    ]  # fmt: skip
    metrics = QFontMetrics(font())
    whole = metrics.horizontalAdvance(names[0])
    least = metrics.horizontalAdvance("…CityJSON)")
    for width in range(least, whole + 20, 7):
        shown = shortened(metrics, Line(names[0], telling=starts[0]), width)
        assert shown.endswith("CityJSON)")
        assert metrics.horizontalAdvance(shown) <= width
    assert shown == names[0]


@given(st.integers(1, 10_000_000))
def test_the_axis_of_the_chart_marks_whole_numbers_and_both_ends(top: int) -> None:
    at = [share * top for share in marks(top)]
    assert (at[0], at[-1]) == (0, top)
    assert all(abs(x - round(x)) < 1e-6 for x in at)


@given(st.text("abc 地/.", min_size=1, max_size=300), st.integers(240, 700))
@settings(max_examples=30, deadline=None)
def test_a_value_that_wraps_takes_at_most_four_lines_and_one_that_fits_takes_one(
    qapp: QApplication, text: str, width: int
) -> None:
    sheet = Sheet(LIGHT)
    sheet.wraps = True
    sheet.show_items([Field("Address", text)])
    height = sheet.heightForWidth(width) - 8
    assert height in range(FIELD, FIELD + 4 * LINE, LINE)
    room = width - 2 * PAD - 8 - max(LABEL, width * sheet.label_share // 100)
    if QFontMetrics(font()).horizontalAdvance(text) <= room:
        assert height == FIELD
    sheet.wraps = False
    assert sheet.heightForWidth(width) - 8 == FIELD
