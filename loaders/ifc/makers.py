"""Who makes which element: numpy where it is certain and quick, else the geometry kernel (ADR 21).

The kernel is started first, over its own elements only; its native threads work on while Python makes
the table and the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.ifc import shapes
from loaders.ifc.extents import Sizes
from loaders.ifc.outlines import Units
from loaders.ifc.own import Own
from loaders.ifc.reading import Model
from loaders.ifc.shapes import Geometry, Shape, Stream
from loaders.ifc.structure import by_type
from loaders.ifc.styles import Styles
from loaders.ifc.units import metres, radians
from twin.ports import Feedback

Taken = tuple[list[Shape], dict[str, Geometry]]


@dataclass
class Makers:
    """The elements made here and the running kernel for all others; ``sizes`` knows what was seen."""

    file: Any
    own: Own | None
    stream: Stream
    sizes: Sizes

    def order(self, steps: Sequence[int]) -> list[list[int]]:
        """Return the elements in the order of work, those that share a geometry together."""
        if self.own is None:
            return shapes.order(self.stream, steps)
        groups: dict[str, list[int]] = {}
        rest = []
        for step in steps:
            body = self.own.bodies.get(step)
            if body is None:
                rest.append(step)
            else:
                groups.setdefault(body.key, []).append(step)
        return [*groups.values(), *shapes.order(self.stream, rest)]

    def finish(self) -> None:
        """Let the kernel end its work before it is let go."""
        self.stream.finish()

    def take(self, steps: Iterable[int], feedback: Feedback, *, keep: bool = False) -> Taken:
        """Return the shapes of some elements and the geometries they share.

        With ``keep`` they can be taken once more.
        """
        wanted = list(steps)
        mine = [s for s in wanted if self.own is not None and s in self.own.bodies]
        known = set(mine)
        found = self.stream.take([s for s in wanted if s not in known], feedback, keep=keep)
        geometries = dict(self.stream.geometries)
        if self.own is not None and mine:
            made, forms, refused = self.own.take(mine)
            found += made
            geometries.update(forms)
            if refused:
                again = shapes.start(self.file, refused)
                found += again.take(refused, feedback)
                geometries.update(again.geometries)
        return found, geometries


def start(model: Model, steps: Sequence[int], feedback: Feedback) -> Makers:
    """Return the makers of some elements, the kernel at work."""
    file = model.file
    sizes = Sizes(file)
    own = None
    if model.text is not None and _plain(file):
        own = Own(file, model.text, Units(metres(file), radians(file)), sizes, Styles(file))
        own.survey(steps, feedback)
    rest = [step for step in steps if own is None or step not in own.bodies]
    return Makers(file, own, shapes.start(file, rest), sizes)


def _plain(file: Any) -> bool:
    """Return whether the kernel reads the unit of length as ``metres`` does."""
    contexts = by_type(file, "IfcContext") or by_type(file, "IfcProject")
    if len(contexts) != 1 or not contexts[0].is_a("IfcProject"):
        return False
    assigned = contexts[0].UnitsInContext
    units = (assigned[0] or ()) if assigned is not None else ()
    lengths = [u for u in units if u.is_a("IfcNamedUnit") and u.UnitType == "LENGTHUNIT"]
    return len(lengths) == 1
