"""Keys of tables found among objects."""

from dataclasses import replace

from tests.twin.maintenance.making import table
from twin.features import texts
from twin.maintenance.joining import joined


def test_ids_are_found_exactly_then_loosely_then_by_another_attribute() -> None:
    features = replace(
        table(["Building"] * 3),
        id=texts(["NL.IMBAG.Pand.0503", "b", "c"]),
        columns={"egid": texts(["7", "8", "8"])},
    )
    found = joined(["0503", "B", "x", None], features)
    assert (found.row.tolist(), found.key, found.loose) == ([0, 1, -1, -1], "id", 2)
    found = joined(["7", "8", "9"], features)
    assert (found.row.tolist(), found.key, found.repeated, found.hits) == (
        [0, 1, -1],
        "egid",
        1,
        2,
    )
    assert joined(["7"], features, "id").hits == 0
    assert joined(["7"], features, "nothing").hits == 0
