"""In which language the command line speaks: errors and help in English or in Simplified Chinese.

Verbs declare their help in English; ``cli_zh.toml`` has every text of it in Chinese.
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

import typer

from twin.errors import TwinError
from twin.messages import LANGUAGES, catalogue
from twin.messages.reasons import in_chinese
from twin.settings import load

FRAME: Mapping[str, str] = {
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "DEFAULT_STRING": "[默认：{}]",
    "REQUIRED_LONG_STRING": "[必需]",
}
"""Words that typer puts round the help."""


def language_of(given: Sequence[str]) -> str:
    """Return the language: ``--lang``, else the environment's or the user's setting, else English."""
    for place, word in enumerate(given):
        name, _, value = word.partition("=")
        if name == "--lang":
            said = value or (given[place + 1] if place + 1 < len(given) else "")
            return said if said in LANGUAGES else "en"
    said = os.environ.get("CITYTWIN_LANGUAGE", "")
    if said in LANGUAGES:
        return said
    try:
        return load().language
    except TwinError:  # the settings are wrong: the verb itself will say so
        return "en"


def error_text(error: TwinError, language: str = "en") -> str:
    """Return ``FILE: what is wrong, and what to do`` in one line."""
    words = catalogue(language)
    for code in (error.full_code, error.code):
        if language != "en" and words.has(f"error.{code}"):
            return " ".join(words.text(f"error.{code}", **error.params).split())
    return " ".join(str(error).split())


def said_in(sentence: str, language: str) -> str:
    """Return what the reader of the arguments says of a wrong one in a language."""
    return in_chinese(sentence) if language == "zh" else sentence


@cache
def chinese() -> Mapping[str, str]:
    """Return English text of the help -> Chinese."""
    return tomllib.loads(files("twin.messages").joinpath("cli_zh.toml").read_text("utf-8"))


def translated(text: str, language: str) -> str:
    """Return a text of the help in a language; without a translation it stays English."""
    return chinese().get(text.strip(), text) if language == "zh" else text


def speak(command: Any, language: str) -> None:
    """Let a verb (a command or group of click) and all below it say their help in a language."""
    if language != "zh":
        return
    words: Any = import_module("typer.rich_utils")  # rich: only those who read help wait for it
    for name, said in FRAME.items():
        setattr(words, name, said)
    _translate(command)


def _translate(command: Any) -> None:
    for name in ("help", "short_help"):
        said = getattr(command, name, None)
        if said:
            setattr(command, name, translated(said, "zh"))
    option = command.get_help_option(typer.Context(command))
    if option is not None:
        option.help = "显示本说明并退出。"
    for one in command.params:
        if getattr(one, "help", None):
            one.help = translated(one.help, "zh")
    for below in getattr(command, "commands", {}).values():
        _translate(below)
