"""What is wrong with a route: errors with a code each, and the sentences of warnings."""

from typing import Any, ClassVar

from twin.errors import TwinError
from twin.messages import text
from twin.problems import Problem


class RouteError(TwinError):
    """A route cannot be flown. Params: location, fault (its code), reason and those of the sentence."""

    code: ClassVar[str] = "route"
    template: ClassVar[str] = "{location}: {reason}"

    @property
    def full_code(self) -> str:
        """Return ``route.<fault>``: its sentence stands in the catalogue under ``error.route.<fault>``."""
        return f"route.{self.params.get('fault', 'broken')}"


def fault(location: str, code: str, **params: Any) -> RouteError:
    """Return the error of a route by the code of what is wrong."""
    said = text(f"error.route.{code}", location=location, **params)
    reason = said.removeprefix(f"{location}: ")
    return RouteError(location=location, fault=code, reason=reason, **params)


def warning(code: str, feature: str = "", **params: Any) -> Problem:
    """Return what to bear in mind about a route; it is flown all the same."""
    return Problem(f"route.{code}", text(f"problem.route.{code}", **params), feature, params)
