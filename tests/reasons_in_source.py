"""The English sentences that errors are given as parameters, read from the source: f-strings become templates."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
PARAMETERS = frozenset({"reason", "what"})
"""Parameters of errors and problems that hold words of ours."""


def template(node: ast.expr) -> str | None:
    """Return the template of a literal: ``f"no layer {key!r}"`` is ``no layer {0}``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    found, number = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            found += str(part.value)
        else:
            found += f"{{{number}}}"
            number += 1
    return found


def literals(node: ast.expr) -> Iterator[str]:
    """Yield the templates that an argument may be."""
    if isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from literals(value)
    found = template(node)
    if found is not None:
        yield found


def places(nodes: Sequence[ast.AST]) -> dict[str, dict[int, str]]:
    """Return of every function of a module at which place it takes which of the parameters."""
    found: dict[str, dict[int, str]] = {}
    for node in nodes:
        if isinstance(node, ast.FunctionDef):
            names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
            names = names[1:] if names[:1] in (["self"], ["cls"]) else names
            taken = {at: name for at, name in enumerate(names) if name in PARAMETERS}
            if taken:
                found[node.name] = taken
    return found


def given(nodes: Sequence[ast.AST], known: Mapping[str, dict[int, str]]) -> Iterator[ast.expr]:
    """Yield what is handed on as one of the parameters, or kept in a variable of such a name."""
    for node in nodes:
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            yield from (one.value for one in node.keywords if one.arg in PARAMETERS)
            yield from (node.args[at] for at in known.get(name, {}) if at < len(node.args))
        elif isinstance(node, ast.Assign) and PARAMETERS & {
            getattr(one, "id", "") for one in node.targets
        }:
            yield node.value


@cache
def sentences() -> dict[str, str]:
    """Return template -> file and line where it stands."""
    found: dict[str, str] = {}
    for package in ("twin", "loaders", "ui"):
        for path in sorted((REPO / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if not any(name in text for name in PARAMETERS):
                continue
            nodes = tuple(ast.walk(ast.parse(text)))
            for one in given(nodes, places(nodes)):
                for said in literals(one):
                    found.setdefault(said, f"{path.relative_to(REPO).as_posix()}:{one.lineno}")
    return found
