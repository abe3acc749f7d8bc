"""How old what is shown is, in one line of the window's language."""

from twin.presenting.currency import Surveyed, surveyed
from ui.desk import Desk

MANY = 0.005
"""Share from which a rounded share is more than nothing."""


class FreshnessLine:
    """The line and its status, asked for at every painting and kept while the verdicts are the same."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._key: tuple[object, ...] = ()
        self._said = ("", "")

    def now(self) -> tuple[str, str]:
        """Return the line and the status that its glyph shows; two empty texts without a city."""
        layers = self.desk.session.twin.layers.values()
        key = (
            self.desk.words.language,
            *((x.id, id(x.assessment), id(x.hidden), x.visible) for x in layers),
        )
        if key != self._key:
            found = surveyed(self.desk.session.twin)
            self._key = key
            self._said = ("", "") if found is None else (line_of(self.desk, found), found.status)
        return self._said


def line_of(desk: Desk, found: Surveyed) -> str:
    """Return the line: years from the oldest to the newest date, and the share without one."""
    what = desk.say("present.buildings" if found.buildings else "present.objects")
    if not found.first:
        return desk.say("present.no_dates", what=what)
    years = str(found.first) if found.first == found.last else f"{found.first}\u2013{found.last}"
    if not found.unknown:
        return desk.say("present.surveyed", what=what, years=years)
    share = (
        desk.words.percent(found.unknown, found.total, 0)
        if found.share >= MANY
        else desk.say("present.under_one")
    )
    return desk.say("present.surveyed_but", what=what, years=years, share=share)
