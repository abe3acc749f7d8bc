"""The line that says how old what is shown is: the same in the window, before an audience and in films."""

from twin.presenting.currency import Surveyed
from ui.wording import Wording

MANY = 0.005
"""Share from which a rounded share is more than nothing."""


def line_of(words: Wording, found: Surveyed) -> str:
    """Return the line: years from the oldest to the newest date, and the share without one."""
    what = words.say("present.buildings" if found.buildings else "present.objects")
    if not found.first:
        return words.say("present.no_dates", what=what)
    years = str(found.first) if found.first == found.last else f"{found.first}\u2013{found.last}"
    if not found.unknown:
        return words.say("present.surveyed", what=what, years=years)
    share = (
        words.percent(found.unknown, found.total, 0)
        if found.share >= MANY
        else words.say("present.under_one")
    )
    return words.say("present.surveyed_but", what=what, years=years, share=share)
