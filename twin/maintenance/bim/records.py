"""What a project keeps of the choice of buildings for BIM: what is asked, and what a person said of a building."""

from collections.abc import Mapping
from dataclasses import dataclass, field

KEY = "bim"
"""The key of the one record of settings."""
LETS, MUST, NEVER = "", "must", "never"
"""What a person says of a building: the score decides, chosen whatever the score, left out."""


@dataclass(frozen=True, slots=True)
class BimSettings:
    """What is asked. ``budget`` thousands of the currency, -1 = no limit; ``packs`` of rules that count; ``method``
    is the text of a file of weights ('' = the one that comes with the program)."""

    id: str = KEY
    budget: int = -1
    min_score: float = 40.0
    packs: tuple[str, ...] = ()
    projects: bool = False
    method: str = ""


@dataclass(frozen=True, slots=True)
class BimInput:
    """What a person said of one building: ``id`` its uid, ``values`` column -> number in the place of what the
    model says (``twin.maintenance.bim.inputs.NUMBERS``), ``stand`` '', must or never."""

    id: str
    values: Mapping[str, float] = field(default_factory=dict)
    stand: str = LETS
