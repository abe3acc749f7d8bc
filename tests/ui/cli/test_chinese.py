"""The command line speaks Chinese where it is asked to: help, errors, usage."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import typer

from ui.cli import FOOT, VERBS, main
from ui.cli.speech import chinese, language_of

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def helps(command: Any) -> Iterator[str]:
    """Every text of help of a verb and all below it."""
    yield from filter(None, (command.help, getattr(command, "short_help", None)))
    yield from filter(None, (getattr(one, "help", None) for one in command.params))
    for below in getattr(command, "commands", {}).values():
        yield from helps(below)


def told() -> set[str]:
    found = {words for _, words in VERBS.values()} | {words for _, words in FOOT}
    for verb, (name, _) in VERBS.items():
        module = import_module(name)
        app = getattr(module, f"{verb}_app", None)
        if app is None:
            app = typer.Typer(add_completion=False)
            app.command(verb)(getattr(module, f"{verb}_", None) or getattr(module, verb))
        found |= {text.strip() for text in helps(typer.main.get_command(app))}
    return found


def test_all_help_stands_in_chinese_and_nothing_else_does() -> None:
    usage = {text for text in chinese() if text.startswith("Usage:")}
    assert sorted(told() - set(chinese())) == []
    assert sorted(set(chinese()) - told() - usage) == []
    assert all(CHINESE.search(said) or "," in said or "、" in said for said in chinese().values())


def test_the_help_is_chinese_where_the_environment_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CITYTWIN_LANGUAGE", "zh")
    assert main([]) == 0
    assert "现势性检查" in capsys.readouterr().out


def test_an_error_is_chinese_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "nowhere.json", "--lang", "zh"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error[missing.file] nowhere.json")
    assert CHINESE.search(said)


@pytest.mark.parametrize(
    ("words", "language"),
    [
        (["--lang", "zh"], "zh"),
        (["--lang=en"], "en"),
        (["--lang"], "en"),
        (["--lang", "xx"], "en"),
    ],
)
def test_the_option_names_the_language(words: list[str], language: str) -> None:
    assert language_of(["audit", *words]) == language


def test_a_wrong_argument_is_told_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "a.json", "--lang", "zh"]) == 2
    assert capsys.readouterr().err.strip() == "error[usage] 缺少选项 '--out'。"
    assert main(["dance", "--lang", "zh"]) == 2
    assert "没有命令 'dance'" in capsys.readouterr().err
