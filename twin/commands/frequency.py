"""Commands on how often: what is assumed of a class, and the intervals that policies take from it."""

from dataclasses import replace

from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord, Together
from twin.errors import PlanInput, UsageError
from twin.maintenance.frequency.advice import step_of
from twin.maintenance.frequency.assumptions import Assumption
from twin.maintenance.frequency.optimum import a_share, at_least
from twin.records import Policy

NUMBERS = ("rate", "survey_cost", "stale_cost", "most_out", "rate_low", "rate_high")


@command("frequency.assume")
def assume(  # noqa: PLR0913  the arguments of a command
    context: Context, id: str, rate: str, survey_cost: str, stale_cost: str, most_out: str = "0",
    currency: str = "", source: str = "", rate_low: str = "0", rate_high: str = "0",
) -> Edit:  # fmt: skip
    """Keep what is assumed of a class; ``id`` is a policy's, or "kind:" and a class. Raises PlanInput."""
    said = locals()
    numbers = {name: _number(name, said[name]) for name in NUMBERS}
    for name in NUMBERS:
        at_least(name, numbers[name], 0.0)
    if numbers["most_out"]:
        a_share("most_out", numbers["most_out"])
    return SetRecord(
        "assumptions", id, Assumption(id, **numbers, currency=currency, source=source)
    )


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise PlanInput(name=name, value=text, reason="it must be a number") from None


@command("frequency.use")
def use(context: Context, intervals: str) -> Edit:
    """Let policies take intervals, in one step: "P-01=P5Y P-02=asNeeded". Raises UsageError."""
    edits: list[Edit] = []
    for word in intervals.split():
        key, equals, wanted = word.rpartition("=")
        policy: Policy | None = context.twin.records["policies"].get(key)
        if not equals or policy is None:
            raise UsageError(reason=f"{word!r} is not POLICY=INTERVAL with a policy that there is")
        after = with_interval(policy, wanted)
        if after != policy:
            edits.append(SetRecord("policies", key, after))
    return Together(tuple(edits))


def with_interval(policy: Policy, wanted: str) -> Policy:
    """Return a policy with another interval: a duration of the ladder, or ``asNeeded``. Raises UsageError."""
    if wanted == "asNeeded":
        return replace(policy, frequency="asNeeded", duration="")
    step = step_of(wanted)
    duration = step.duration if step.code == "periodic" else ""
    return replace(policy, frequency=step.code, duration=duration)
