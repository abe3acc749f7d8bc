"""Icons and headlines of results belong to analyses that there are."""

from twin.analyses.registry import names
from twin.messages import catalogue
from ui.results.words import ICONS


def test_icons_and_headlines_are_those_of_analyses() -> None:
    known = set(names())
    assert known >= set(ICONS)
    told = catalogue("en").texts
    prefix = "result.headline."
    headlines = {key.removeprefix(prefix) for key in told if key.startswith(prefix)}
    cases = ("_mixed", "_others", "_none")
    assert known >= {key for key in headlines if not key.endswith(cases)}
    assert known >= {key.rpartition("_")[0] for key in headlines if key.endswith(cases)}
