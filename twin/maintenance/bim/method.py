"""How candidates are judged: weights, ramps, classes of use, costs. All of it is a design decision that a file holds.

``presets/bim.toml`` is the method that comes with the program, and says of every value where it comes from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from twin.geometry import F64

PARTS = ("gfa", "height", "use", "occ", "heritage", "gap")
"""The parts of a score, in the order of bars and legends."""
FIELDS = (
    "gfa_m2", "footprint_m2", "storeys", "height_m", "use", "public", "occupancy", "heritage", "dwellings", "name",
)  # fmt: skip
"""What is looked for among the attributes of a model."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """A measure that counts 0 up to ``low``, 1 from ``high``, evenly between; logarithmic where ``log``."""

    low: float
    high: float
    log: bool = False

    def __call__(self, values: F64) -> F64:
        """Return f64(n) 0..1; NaN stays."""
        if not self.log:
            return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            grown = np.log(values / self.low) / np.log(self.high / self.low)
        return np.where(values <= self.low, 0.0, np.clip(grown, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Use:
    """A class of use: its value 0..1, and the words and codes by which sources name it, in small letters."""

    id: str
    value: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CostRule:
    """What a model costs where nobody said: ``base_k`` + ``per_m2`` x floor area / 1000, at least ``least_k``.

    ``base_k`` and ``least_k`` are thousands of the currency, ``per_m2`` is the currency per square metre.
    """

    base_k: float = 0.0
    per_m2: float = 0.0
    least_k: float = 1.0

    def __call__(self, gfa_m2: F64) -> F64:
        """Return f64(n) thousands, rounded up to whole ones; NaN where the floor area is not known."""
        return np.ceil(np.maximum(self.base_k + self.per_m2 * gfa_m2 / 1000.0, self.least_k))


@dataclass(frozen=True)
class Method:
    """All that the judgement depends on (see ``presets/bim.toml``). ``weights`` by part add up to 1.

    ``heritage`` values of the grades 0, 1, 2; ``gap`` values of none, outdated, current; ``assume`` column ->
    value where no source says anything (empty: a missing value is an interval).
    """

    weights: Mapping[str, float]
    ramps: Mapping[str, Ramp]
    uses: tuple[Use, ...]
    heritage: tuple[float, float, float] = (0.0, 0.6, 1.0)
    landmark: int = 2
    gap: Mapping[str, float] = field(
        default_factory=lambda: {"none": 1.0, "outdated": 0.5, "current": 0.0}
    )
    cost: CostRule = field(default_factory=CostRule)
    currency: str = "EUR"
    min_score: float = 40.0
    change: float = 0.2
    weightings: int = 500
    seed: int = 4
    storey_m: float = 3.3
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    assume: Mapping[str, float] = field(default_factory=dict)
    title: str = ""

    def use_of(self, text: str) -> int:
        """Return the place in ``uses`` of the class that a word or code names, -1 where none does.

        A word of the list may end in ``*``: then the beginning counts. Of a list of uses
        ("a,b" or "(2:a,b)") the class with the highest value counts: it has the most to lose.
        """
        whole = text.strip().lower()
        if whole in self._words:
            return self._words[whole]
        pieces = whole.split(")")[0].partition(":")[2] if whole.startswith("(") else whole
        found = [self._one(piece.strip()) for piece in pieces.replace(";", ",").split(",")]
        known = [place for place in found if place >= 0]
        return max(known, key=lambda place: self.uses[place].value, default=-1)

    def _one(self, word: str) -> int:
        found = self._words.get(word, -1)
        if found >= 0 or not word:
            return found
        starts = [
            (len(k), v)
            for k, v in self._words.items()
            if k[-1:] == "*" and word.startswith(k[:-1])
        ]
        return max(starts, default=(0, -1))[1]

    def __post_init__(self) -> None:
        """Prepare the words."""
        known = {
            word: place for place, use in enumerate(self.uses) for word in (use.id, *use.words)
        }
        object.__setattr__(self, "_known", known)

    @property
    def _words(self) -> Mapping[str, int]:
        found: Mapping[str, int] = self.__dict__["_known"]
        return found

    def vector(self) -> F64:
        """Return the weights f64(6) in the order of ``PARTS``."""
        return np.array([self.weights[part] for part in PARTS], np.float64)
