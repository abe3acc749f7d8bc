"""What a person assumes of a class of objects when its interval is chosen: kept with the project."""

from dataclasses import dataclass

from twin.maintenance.frequency.optimum import Case


@dataclass(frozen=True, slots=True)
class Assumption:
    """``id`` names the class: a policy's id, or ``kind:`` and a class of objects.

    ``rate`` changes an object-year; ``survey_cost`` money a survey of the whole class; ``stale_cost`` money
    an object-year out of date; ``most_out`` share 0..1 out of date before a survey, 0 = no limit;
    ``currency`` what the money is called; ``source`` where the rate is from ('' = nobody said yet);
    ``rate_low`` and ``rate_high`` hold the rate with 95 %, 0 = not known.
    """

    id: str
    rate: float
    survey_cost: float
    stale_cost: float
    most_out: float = 0.0
    currency: str = ""
    source: str = ""
    rate_low: float = 0.0
    rate_high: float = 0.0

    def case(self, objects: int) -> Case:
        """Return the class as a case of so many objects. Raises PlanInput."""
        return Case(self.rate, max(objects, 1), self.stale_cost, self.survey_cost)

    @property
    def worst(self) -> float | None:
        """Return the limit, None where there is none."""
        return self.most_out or None


def starting(key: str, objects: int, currency: str = "") -> Assumption:
    """Return figures to begin with where nobody said any: two changes in a hundred object-years, a survey
    of one object as dear as a year and a half of it out of date. They are no recommendation."""
    return Assumption(key, 0.02, 15.0 * max(objects, 1), 10.0, currency=currency)
