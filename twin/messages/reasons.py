"""The reasons inside errors in Simplified Chinese, found by the English sentence that the error holds.

An error keeps its reason as a finished English sentence: it travels between processes, into logs and
journals. ``reasons_zh.toml`` has every sentence of the source, its values numbered; a sentence is taken
apart again by the one that explains most of it, and its values are put into the Chinese one.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

PARAMETERS = ("reason", "what")
"""Parameters of errors and problems that hold words of ours."""
DEEPEST = 3
"""How many reasons may stand inside one another (``line 3: it must be a number``)."""
BARE = 6
"""Letters below which a sentence says so little that its values must be single words."""
_VALUE = re.compile(r"\{(\d+)\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One English sentence as a pattern, and its Chinese. ``weight`` counts the letters and the characters of its own."""

    pattern: re.Pattern[str]
    chinese: str
    weight: tuple[int, int]


@cache
def _sentences() -> tuple[Mapping[str, str], tuple[Sentence, ...]]:
    """Return the sentences without values, and those with values, the most telling first."""
    text = files("twin.messages").joinpath("reasons_zh.toml").read_text("utf-8")
    known: dict[str, str] = tomllib.loads(text)
    open_ = [_sentence(en, zh) for en, zh in known.items() if _VALUE.search(en)]
    return known, tuple(sorted(open_, key=lambda one: one.weight, reverse=True))


def _sentence(english: str, chinese: str) -> Sentence:
    parts = _VALUE.split(english)
    own = "".join(parts[::2])
    weight = sum(map(str.isalpha, own))
    value = r"(?P<v{}>.+?)" if weight >= BARE else r"(?P<v{}>\S+?)"
    pattern = "".join(
        value.format(part) if place % 2 else re.escape(part) for place, part in enumerate(parts)
    )
    return Sentence(re.compile(pattern, re.DOTALL), chinese, (weight, len(own)))


def in_chinese(sentence: str, depth: int = 0) -> str:
    """Return a reason in Simplified Chinese; one that is not ours stays as it is."""
    known, open_ = _sentences()
    found = known.get(sentence)
    if found is not None:
        return found
    if depth >= DEEPEST or not any(map(str.isalpha, sentence)):
        return sentence
    for one in open_:
        met = one.pattern.fullmatch(sentence)
        if met is not None:
            values = {key: in_chinese(said, depth + 1) for key, said in met.groupdict().items()}
            return _filled(one.chinese, values)
    return sentence


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _VALUE.sub(lambda part: values.get(f"v{part[1]}", part[0]), template)
