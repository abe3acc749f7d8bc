"""One catalogue per language for codes, commands, reports and the window: ``<lang>/<subject>.toml``.

A key is the table and the name joined by a dot: ``[problem] "crs.missing" = "..."`` is
``problem.crs.missing``. Two files of one language never share a key (a test says so).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from twin.messages.reasons import PARAMETERS, in_chinese

LANGUAGES = ("en", "zh")
"""English is the fallback; every key stands in every language (a test says so)."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All texts of one language."""

    language: str
    texts: Mapping[str, str]

    def text(self, key: str, /, **params: Any) -> str:
        """Return the text of a key with its parameters filled in; an unknown key is shown as it is."""
        template = self.texts.get(key)
        if template is None:
            template = catalogue("en").texts.get(key, key) if self.language != "en" else key
        if "{" not in template:
            return template
        if self.language == "zh":
            params.update(_reasons(params))
        return template.format_map(_Shown(params))

    def has(self, key: str) -> bool:
        """Return whether this very language has the key."""
        return key in self.texts


def _reasons(params: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters that are reasons in words of ours, in Chinese."""
    said = {name: params[name] for name in PARAMETERS if name in params}
    return {name: in_chinese(value) for name, value in said.items() if isinstance(value, str)}


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return f"<{key}>"


@cache
def catalogue(language: str) -> Catalogue:
    """Return the catalogue of a language (``en`` or ``zh``; anything else is English)."""
    language = language if language in LANGUAGES else "en"
    merged: dict[str, str] = {}
    for entry in sorted(files(__name__).joinpath(language).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            merged.update(_flat(tomllib.loads(entry.read_text("utf-8"))))
    return Catalogue(language, merged)


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            found.update(_flat(value, f"{prefix}{name}."))
        else:
            found[f"{prefix}{name}"] = str(value)
    return found


def text(key: str, language: str = "en", /, **params: Any) -> str:
    """Return one text in a language."""
    return catalogue(language).text(key, **params)
