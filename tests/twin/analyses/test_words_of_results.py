"""What analyses find has words in every language: nobody reads a code in a legend or a table."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from twin.analyses import findings
from twin.messages import LANGUAGES, catalogue

FOLDER = Path(findings.__file__).parent
MADE = {"Marks": "mark", "Sheet": "sheet"}
NOBODY_READS = {"surface"}
"""Marks of what is asked by flights alone."""


def codes() -> Iterator[tuple[str, str]]:
    """Every (kind, code) that a file of analyses gives to what it finds, where it is a plain text."""
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                kind, code = MADE.get(node.func.id), node.args[0]
                if kind and isinstance(code, ast.Constant) and isinstance(code.value, str):
                    yield kind, code.value


@pytest.mark.parametrize("language", LANGUAGES)
def test_marks_and_sheets_have_their_words(language: str) -> None:
    found = {(kind, code) for kind, code in codes() if code not in NOBODY_READS}
    assert len(found) > 15
    words = catalogue(language)
    assert sorted(x for x in found if not words.has(f"result.{x[0]}.{x[1]}")) == []
