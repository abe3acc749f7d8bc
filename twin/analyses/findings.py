"""What an analysis answers: figures, tables, values of objects, shapes in space. Plain values throughout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from twin.analyses.study import Study
from twin.geometry import F64, Rows
from twin.jobs import Feedback

SEEN = 0.005
"""Metres up to which rising over a surface is rounding."""


@dataclass(frozen=True)
class Sheet:
    """A table: ``columns`` are codes (words under ``result.column.<code>``), ``units`` beside them ('' = none).

    ``rows`` hold texts, numbers and None (missing). ``objects``: the (layer id, object id) behind each
    row, or () where rows are no objects.
    """

    name: str
    columns: tuple[str, ...]
    units: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    objects: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Marks:
    """Shapes drawn over the city: ``kind`` is points, lines or areas (triangles).

    ``places`` f64(k, m, 3) in the project frame: m = 1, 2 or 3. ``values`` f64(k) colour them by the
    ramp ``scale`` (low, high) in ``unit`` (() = one colour); ``role`` is one of good, bad, plain.
    """

    name: str
    kind: str
    places: F64
    values: F64 | None = None
    scale: tuple[float, float] | None = None
    unit: str = ""
    role: str = "plain"


@dataclass(frozen=True)
class Values:
    """Numbers of objects of a layer, for colouring and tables: ``rows`` i32(k), ``numbers`` f64(k)."""

    layer: str
    name: str
    rows: Rows
    numbers: F64
    unit: str = ""


@dataclass(frozen=True)
class Findings:
    """The answer. ``figures`` are the key numbers by code (words ``result.figure.<code>``) with units in ``units``.

    ``used`` are the objects that the answer rests on, by layer id: the stamp counts their dates.
    ``notes`` are codes (words ``result.note.<code>``) of what to bear in mind.
    """

    figures: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    sheets: tuple[Sheet, ...] = ()
    marks: tuple[Marks, ...] = ()
    values: tuple[Values, ...] = ()
    used: Mapping[str, Rows] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Analysis(Protocol):
    """A question. A frozen dataclass: its fields are its settings, plain values that JSON can hold.

    Words: ``analysis.<name>`` its title, ``analysis.<name>.<field>`` its fields.
    """

    @property
    def name(self) -> str:
        """Return the stable name."""
        ...

    def reach(self) -> F64 | None:
        """Return the box f64(6) in the project frame whose finest geometry is needed; None = all of it."""
        ...

    def run(self, study: Study, feedback: Feedback) -> Findings:
        """Answer, on a worker. Pure: equal studies give equal findings. Raises UsageError, Cancelled."""
        ...
