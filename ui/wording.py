"""Numbers, dates and texts as people read them, in the language of the window. Only here and in the CLI."""

from dataclasses import dataclass

import numpy as np

from twin.messages import Catalogue

THIN = "\u2009"
MINUS = "\u2212"
DASH = "\u2013"


@dataclass(frozen=True, slots=True)
class Wording:
    """Words and formats of one language over the message catalogue."""

    catalogue: Catalogue

    @property
    def language(self) -> str:
        """Return ``en`` or ``zh``."""
        return self.catalogue.language

    def say(self, key: str, /, **params: object) -> str:
        """Return a text of the window; keys without a table belong to ``window``."""
        return self.catalogue.text(_full(key), **params)

    def has(self, key: str) -> bool:
        """Return whether this very language has the words of a key."""
        return self.catalogue.has(_full(key))

    def count(self, number: float) -> str:
        """Return a whole number: thin spaces in English, none up to 9999 in Chinese."""
        plain = f"{abs(int(number)):,}".replace(",", THIN)
        if self.language == "zh" and abs(number) < 10_000:
            plain = str(abs(int(number)))
        return (MINUS if number < 0 else "") + plain

    def metres(self, value: float, decimals: int = 1) -> str:
        """Return a coordinate or length without its unit, with thin spaces."""
        sign = MINUS if value < 0 else ""
        return sign + f"{abs(value):,.{decimals}f}".replace(",", THIN)

    def percent(self, part: float, whole: float, decimals: int = 1) -> str:
        """Return a share, with one decimal unless said; nothing of nothing is a dash."""
        return DASH if not whole else f"{100 * part / whole:.{decimals}f}{THIN}%"

    def date(self, instant: np.datetime64 | None) -> str:
        """Return ``2 Apr 2024`` or ``2024年4月2日``; a missing date says so."""
        if instant is None or np.isnat(instant):
            return self.say("not_stated")
        year, month, day = (int(x) for x in str(instant.astype("datetime64[D]")).split("-"))
        return self.say("format.date", year=year, month=self.month(month), day=day)

    def table_date(self, instant: np.datetime64 | None) -> str:
        """Return a date for a column of a table; a missing one is a dash."""
        if instant is None or np.isnat(instant):
            return DASH
        if self.language == "zh":
            return str(instant.astype("datetime64[D]"))
        return self.date(instant)

    def month(self, number: int) -> str:
        """Return the short name of a month."""
        return self.say("format.months").split(" ")[number - 1]

    def days(self, number: int) -> str:
        """Return days with their sign, as in a column "overdue"."""
        if number == 0:
            return "0"
        return ("+" if number > 0 else MINUS) + self.count(abs(number))

    def status(self, key: str) -> str:
        """Return the word of a status."""
        return self.catalogue.text(f"status.{key}")

    def value(self, raw: object) -> str:
        """Return an attribute's value as read."""
        if raw is None:
            return self.say("not_stated")
        if isinstance(raw, np.datetime64):
            return self.date(raw)
        if isinstance(raw, bool | np.bool_):
            return self.say("yes" if raw else "no")
        if isinstance(raw, float | np.floating):
            return f"{float(raw):.6g}".replace("-", MINUS)
        return str(raw)


def _full(key: str) -> str:
    return key if key.split(".")[0] in _TABLES else f"window.{key}"


_TABLES = frozenset(
    {"window", "status", "command", "setting", "problem", "error", "report", "kind", "date_kind",
     "level", "option", "aspect", "role", "rung", "judged", "dq", "frequency", "plan"}
)  # fmt: skip
