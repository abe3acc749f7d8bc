"""Every reason that an error can give stands in Chinese too; the source itself is read for them."""

import re

import pytest

from tests.reasons_in_source import sentences
from twin.errors import BrokenFile, UsageError
from twin.messages import catalogue
from twin.messages.reasons import _sentences, in_chinese

VALUE = re.compile(r"\{(\d+)\}")
ARGUMENTS = {
    "Missing option {0}.",
    "Missing argument {0}.",
    "No such option: {0}",
    "Option {0} requires an argument.",
    "Invalid value for {0}: {1}",
    "Got unexpected extra argument ({0})",
    "Got unexpected extra arguments ({0})",
}
"""What the library that reads the arguments says of wrong ones."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def told() -> dict[str, str]:
    """The sentences of the source that are more than a name, or than values side by side."""
    return {
        said: where
        for said, where in sentences().items()
        if " " in said.strip() and any(map(str.isalpha, VALUE.sub("", said)))
    }


def test_every_reason_of_the_source_stands_in_chinese() -> None:
    known = _sentences()[0]
    missing = [f"{where}: {said}" for said, where in told().items() if said not in known]
    assert missing == [], "add these to twin/messages/reasons_zh.toml"


def test_no_reason_is_left_that_nobody_gives_any_more() -> None:
    assert sorted(set(_sentences()[0]) - set(told()) - ARGUMENTS) == []


def test_both_languages_hold_the_same_values() -> None:
    different = [
        english
        for english, chinese in _sentences()[0].items()
        if sorted(VALUE.findall(english)) != sorted(VALUE.findall(chinese))
    ]
    assert different == []


def test_every_sentence_with_values_is_taken_apart_again() -> None:
    wrong = []
    for english, chinese in _sentences()[0].items():
        said = VALUE.sub(lambda part: f"x{part[1]}y", english)
        wanted = VALUE.sub(lambda part: f"x{part[1]}y", chinese)
        if in_chinese(said) != wanted:
            wrong.append((english, in_chinese(said)))
    assert wrong == []


def test_a_reason_inside_a_reason_is_chinese_too() -> None:
    said = in_chinese("line 3: 'x' is not a date (write 2026-11-23)")
    assert said == "第 3 行：'x' 不是日期（请写成 2026-11-23）"


@pytest.mark.parametrize("strange", ["Zugriff verweigert", "[Errno 2] No such file", ""])
def test_what_others_say_stays_as_it_is(strange: str) -> None:
    assert in_chinese(strange) == strange


def test_an_error_speaks_chinese_whole() -> None:
    words = catalogue("zh")
    refused = UsageError(reason="there is no saved view 'a'")
    assert words.text(f"error.{refused.code}", **refused.params) == "没有保存的视图 'a'"
    broken = BrokenFile(location="a.glb", format="glTF", reason="there is no JSON chunk")
    said = words.text("error.broken", **broken.params)
    assert CHINESE.search(said)
    assert "chunk" not in said
