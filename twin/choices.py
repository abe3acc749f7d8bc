"""What a format offers a person to decide about a source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """Something a person may decide about a source of a format; ``choices[0]`` holds when nobody did.

    Its words stand in the catalogue under ``option.<format>.<name>``. Choices ``off`` and ``on`` are
    a switch.
    """

    name: str
    choices: tuple[str, ...]

    @property
    def is_switch(self) -> bool:
        """Return whether it is a matter of off and on."""
        return set(self.choices) == {"off", "on"}
