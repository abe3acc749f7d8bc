"""Every language says everything, and says it with the same parameters."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files

import pytest

from twin.errors import BrokenFile, TwinError
from twin.messages import LANGUAGES, catalogue, text

PARAMETER = re.compile(r"\{(\w+)")


def subclasses(kind: type[TwinError]) -> Iterator[type[TwinError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from subclasses(below)


def test_both_languages_have_the_same_keys() -> None:
    english, chinese = catalogue("en").texts, catalogue("zh").texts
    assert sorted(set(english) ^ set(chinese)) == []


def test_chinese_sentences_use_full_width_punctuation() -> None:
    narrow = re.compile(r"[\u4e00-\u9fff}][;?:!,]|[;?:!,(][\u4e00-\u9fff]|[\u4e00-\u9fff][()]")
    lists = {"window.file_filter"}  # Qt reads it
    texts = catalogue("zh").texts.items()
    assert [key for key, said in texts if key not in lists and narrow.search(said)] == []


def test_both_languages_use_the_same_parameters() -> None:
    english, chinese = catalogue("en").texts, catalogue("zh").texts
    different = [
        key
        for key, sentence in english.items()
        if set(PARAMETER.findall(sentence)) != set(PARAMETER.findall(chinese.get(key, "")))
    ]
    assert different == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_files_never_share_a_key(language: str) -> None:
    seen: dict[str, str] = {}
    for entry in files("twin.messages").joinpath(language).iterdir():
        if entry.name.endswith(".toml"):
            for table, content in tomllib.loads(entry.read_text("utf-8")).items():
                names = content if isinstance(content, dict) else {"": content}
                for name in names:
                    key = f"{table}.{name}"
                    assert key not in seen or isinstance(names[name], dict), (
                        f"{key} stands in {seen[key]} and {entry.name}"
                    )
                    seen[key] = entry.name


@pytest.mark.parametrize("kind", list(subclasses(TwinError)), ids=lambda kind: kind.__name__)
def test_every_error_has_its_sentence_in_every_language(kind: type[TwinError]) -> None:
    for language in LANGUAGES:
        assert catalogue(language).has(f"error.{kind.code}")
    assert set(PARAMETER.findall(kind.template)) == set(
        PARAMETER.findall(catalogue("en").texts[f"error.{kind.code}"])
    )


def test_a_missing_parameter_is_shown_and_never_raises() -> None:
    assert "<reason>" in text("error.broken", "en", location="a", format="IFC")
    assert str(BrokenFile(location="a", format="IFC")).startswith("a: this is not valid IFC")


def test_an_unknown_language_is_english() -> None:
    assert text("error.cancelled", "xx", what="x") == "x: cancelled."
