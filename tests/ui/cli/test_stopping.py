"""Ctrl+C waits for the end of a step and is told."""

import signal

import pytest
import typer

from ui import cli
from ui.cli.stopping import stoppable


def test_ctrl_c_is_an_exception_between_steps_only() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stoppable() as check:
        check()
        signal.raise_signal(signal.SIGINT)  # in the middle of a step: nothing rises here
        with pytest.raises(KeyboardInterrupt):
            check()
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupted_verb_says_so_and_ends_with_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verb = typer.Typer()

    @verb.command()
    def stop() -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(cli.VERBS, "stop", ("tests.ui.cli.test_stopping", "stop"))
    monkeypatch.setattr("tests.ui.cli.test_stopping.stop_app", verb, raising=False)
    assert cli.main(["stop"]) == 2
    assert capsys.readouterr().err.strip() == "error[cancelled] interrupted"
