"""Products whose shape or place is built on a number that is none: not drawn, and told."""

from collections.abc import Mapping, Sequence
from typing import Any

from loaders.ifc.numbers import Wrong
from loaders.ifc.structure import Structure
from twin.messages import text
from twin.records import Problem


def built_on(file: Any, wrong: Sequence[Wrong]) -> dict[int, Wrong]:
    """Return product step -> the wrong statement that its representation or placement rests on.

    Contexts are passed over: what stands in them is read as 0 for the whole model.
    """
    found: dict[int, Wrong] = {}
    seen: set[int] = set()
    for statement in wrong:
        first = _entity(file, statement.step)
        waiting = [] if first is None or first.is_a("IfcRoot") else [first]
        while waiting:
            for item in file.get_inverse(waiting.pop()):
                step = item.id()
                if step in seen:
                    continue
                seen.add(step)
                if item.is_a("IfcProduct"):
                    found[step] = statement
                elif not item.is_a("IfcRoot") and not item.is_a("IfcRepresentationContext"):
                    waiting.append(item)
    return found


def _entity(file: Any, step: int) -> Any:
    try:
        return file.by_id(step)
    except RuntimeError:
        return None


def unsound(doubted: Mapping[int, Wrong], structure: Structure) -> list[Problem]:
    """Return a problem for each product of the table that is built on a number that is none."""
    found = []
    for step, wrong in doubted.items():
        row = structure.row_of.get(step)
        if row is not None:
            params = {
                "kind": structure.kinds[row],
                "step": step,
                "line": wrong.line,
                "word": wrong.word,
            }
            words = text("problem.ifc.not_a_number", **params)
            found.append(Problem("ifc.not_a_number", words, structure.ids[row], params))
    return found
