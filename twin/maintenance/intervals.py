"""How often: the ISO 19115 frequency codes, their EU spelling, and calendar durations (MAINTENANCE.md 1.2)."""

import re
from dataclasses import dataclass

import numpy as np

from twin.errors import UsageError
from twin.features import Times


@dataclass(frozen=True, slots=True)
class Duration:
    """A calendar duration: whole ``months`` first (clamped to the month's end), then ``seconds``."""

    months: int = 0
    seconds: float = 0.0

    @property
    def nominal_days(self) -> float:
        """Return its length in mean days; for sorting only, never for a due date."""
        return self.months * 30.4375 + self.seconds / 86400

    def __str__(self) -> str:
        """Return the ISO 8601 text, in the largest whole units."""
        return _spelled(self)


@dataclass(frozen=True, slots=True)
class Frequency:
    """A MD_MaintenanceFrequencyCode: its due rule ('' = none), nominal days, whether age counts."""

    code: str
    eu: str
    duration: str
    nominal_days: float | None
    by_age: bool = True


FREQUENCIES: tuple[Frequency, ...] = (
    Frequency("continual", "CONT", "P1D", 1),
    Frequency("daily", "DAILY", "P1D", 1),
    Frequency("weekly", "WEEKLY", "P7D", 7),
    Frequency("fortnightly", "BIWEEKLY", "P14D", 14),
    Frequency("semimonthly", "MONTHLY_2", "P15D", 15.21875),
    Frequency("monthly", "MONTHLY", "P1M", 30.4375),
    Frequency("quarterly", "QUARTERLY", "P3M", 91.3125),
    Frequency("biannually", "ANNUAL_2", "P6M", 182.625),
    Frequency("annually", "ANNUAL", "P1Y", 365.25),
    Frequency("biennially", "BIENNIAL", "P2Y", 730.5),
    Frequency("periodic", "OTHER", "", None),
    Frequency("asNeeded", "AS_NEEDED", "", None, by_age=False),
    Frequency("irregular", "IRREG", "", None, by_age=False),
    Frequency("notPlanned", "NOT_PLANNED", "", None, by_age=False),
    Frequency("unknown", "UNKNOWN", "", None),
)
"""The fifteen codes of the ISO code list. biannually is twice a year, biennially every two years."""
_DAY_MS = 86_400_000
BY_CODE = {entry.code: entry for entry in FREQUENCIES}
_BY_EU = {entry.eu: entry for entry in FREQUENCIES} | {"UPDATE_CONT": BY_CODE["continual"]}
EU_ONLY = {
    "TRIENNIAL": "P3Y", "QUADRENNIAL": "P4Y", "QUINQUENNIAL": "P5Y", "DECENNIAL": "P10Y",
    "BIDECENNIAL": "P20Y", "TRIDECENNIAL": "P30Y", "BIMONTHLY": "P2M", "ANNUAL_3": "P4M",
    "MONTHLY_3": "P10D", "WEEKLY_2": "PT84H", "WEEKLY_3": "PT56H", "DAILY_2": "PT12H",
    "BIHOURLY": "PT2H", "TRIHOURLY": "PT3H", "HOURLY": "PT1H",
    "1MIN": "PT1M", "5MIN": "PT5M", "10MIN": "PT10M", "15MIN": "PT15M", "30MIN": "PT30M",
    "12HRS": "PT12H",
}  # fmt: skip
"""EU frequencies without an ISO code: ``periodic`` plus this duration."""
_MISSPELT = {"quartely": "quarterly", "biweekly": ""}
_TOKEN = re.compile(
    r"P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)


def parse_duration(text: str) -> Duration:
    """Return an ISO 8601 duration (``P1Y6M``, ``P2W``, ``PT12H``; ``R/P1Y`` as in the US form).

    Raises UsageError for anything else, for fractions of months and for a zero length.
    """
    found = _TOKEN.fullmatch(text.strip().upper().removeprefix("R/"))
    if found is None:
        raise UsageError(
            reason=f"{text!r} is not an ISO 8601 duration such as P1Y, P6M, P14D or PT12H"
        )
    years, months, weeks, days, hours, minutes, seconds = (
        float(part or 0) for part in found.groups()
    )
    result = Duration(
        int(years * 12 + months),
        (weeks * 7 + days) * 86400 + hours * 3600 + minutes * 60 + seconds,
    )
    if result == Duration() or result.nominal_days > 366_000:
        raise UsageError(
            reason=f"{text!r} is no usable interval: it must be above zero, below 1000 years"
        )
    return result


def read_frequency(code: str, duration: str = "") -> tuple[Frequency, Duration | None]:
    """Return the ISO frequency and the calendar rule of a code in ISO or EU spelling.

    A given ``duration`` (userDefinedMaintenanceFrequency) wins over the code's own. An EU code
    without ISO counterpart becomes ``periodic``; a bare duration as the code as well. Raises
    UsageError for an unknown code, for ``periodic`` without a duration and for the ambiguous
    ``Biweekly``.
    """
    name = code.strip().rsplit("/", 1)[-1] if "://" in code else code.strip()
    own = parse_duration(duration) if duration else None
    found = _named(name)
    if found is None and name.upper() in EU_ONLY:
        return BY_CODE["periodic"], own or parse_duration(EU_ONLY[name.upper()])
    if found is None and _TOKEN.fullmatch(name.upper().removeprefix("R/")):
        return BY_CODE["periodic"], own or parse_duration(name)
    if found is None and name.lower() == "biweekly":
        if own is None:
            raise UsageError(
                reason="'Biweekly' means two things: give a duration (P2W or P3D), or fortnightly"
            )
        return BY_CODE["periodic"], own
    if found is None:
        raise UsageError(reason=f"{code!r} is no frequency code; known: {', '.join(BY_CODE)}")
    if not found.by_age:
        return found, None
    if found.code == "periodic" and own is None:
        raise UsageError(reason="'periodic' needs a duration, such as P5Y")
    return found, own or (parse_duration(found.duration) if found.duration else None)


def _named(name: str) -> Frequency | None:
    spelled = _MISSPELT.get(name.lower(), name)
    by_lower = {key.lower(): entry for key, entry in BY_CODE.items()}
    return BY_CODE.get(name) or _BY_EU.get(name) or by_lower.get(spelled.lower())


def eu_code(frequency: Frequency, duration: Duration | None = None) -> str:
    """Return the EU frequency of an ISO code; ``periodic`` is looked up by its duration."""
    if frequency.code == "periodic" and duration is not None:
        for code, text in EU_ONLY.items():
            if parse_duration(text) == duration:
                return code
    return frequency.eu


def add(times: Times, duration: Duration) -> Times:
    """Return times + duration by the calendar: 31 Aug + P1M = 30 Sep, 29 Feb + P1Y = 28 Feb.

    datetime64[ms](n) in and out; NaT stays NaT. Many times in few days are moved by a table of days.
    """
    rest = round(duration.seconds * 1000)
    if not duration.months:
        return times + rest
    if not len(times) or np.isnat(times).any():
        return _add_months(times, duration.months) + rest
    stamps = times.astype(np.int64)
    days = stamps // _DAY_MS
    first, last = int(days.min()), int(days.max())
    if last - first > len(times):
        return _add_months(times, duration.months) + rest
    every = np.arange(first, last + 1) * _DAY_MS
    shift = _add_months(every.astype("datetime64[ms]"), duration.months).astype(np.int64) - every
    moved: Times = (stamps + (shift[days - first] + rest)).astype("datetime64[ms]")
    return moved


def _add_months(times: Times, months: int) -> Times:
    month, day = times.astype("datetime64[M]"), times.astype("datetime64[D]")
    within = times.astype(np.int64) - day.astype("datetime64[ms]").astype(np.int64)
    moved = month + months
    first = moved.astype("datetime64[D]")
    last = (moved + 1).astype("datetime64[D]") - first - 1
    number = np.minimum(day - month.astype("datetime64[D]"), last)
    landed = (first + number).astype("datetime64[ms]").astype(np.int64)
    summed: Times = (landed + within).astype("datetime64[ms]")
    return summed


def _spelled(duration: Duration) -> str:
    years, months = divmod(duration.months, 12)
    days, rest = divmod(duration.seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    date = "".join(
        f"{value}{unit}"
        for value, unit in ((years, "Y"), (months, "M"), (int(days), "D"))
        if value
    )
    time = "".join(
        f"{value:g}{unit}"
        for value, unit in ((hours, "H"), (minutes, "M"), (seconds, "S"))
        if value
    )
    return f"P{date}" + (f"T{time}" if time else "")
