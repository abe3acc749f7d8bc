"""What the plate of an answer says, in the language of the window."""

from twin.analyses.findings import Findings
from ui.desk import Desk


def plate_of(desk: Desk, mode: str, found: Findings) -> list[str]:
    """Return the lines of the plate: the answer first."""
    told = {"line_of_sight": _line, "viewshed": _viewshed, "sky_view": _sky, "profile": _profile}
    lines = told[mode](desk, found)
    return [*lines, *(desk.say(f"sight.note.{note}") for note in found.notes if note in NOTES)]


NOTES = (
    "eye_inside",
    "ground_surface",
    "ground_bases",
    "ground_none",
    "coarser",
    "no_bodies",
    "curvature",
)
"""What is said on the plate; the results have it all."""


LONG = 24
"""Characters of a name on the plate."""


def _metres(desk: Desk, value: float, places: int = 1) -> str:
    return f"{desk.words.metres(value, places)} m"


def _short(name: str) -> str:
    """Return a name that leaves the plate its width: ids of files are long."""
    return name if len(name) <= LONG else f"{name[: LONG - 6]}…"


def _line(desk: Desk, found: Findings) -> list[str]:
    say, figures = desk.say, found.figures
    length = _metres(desk, figures["length"])
    if figures["seen"]:
        lines = [say("sight.seen", length=length)]
        if "clearance" in figures:
            room = _metres(desk, figures["clearance"])
            at = _metres(desk, figures["clearance_at"], 0)
            lines.append(say("sight.clearance", room=room, at=at))
        return lines
    first = found.sheets[0].rows[0]
    where = {"name": _short(str(first[0])), "at": _metres(desk, float(figures["first_at"]))}
    lines = [say("sight.hidden", **where)]
    excess = _metres(desk, figures["too_high"], 2)
    if "raise_eye" in figures:
        raised = _metres(desk, figures["raise_eye"])
        lines.append(say("sight.too_high", excess=excess, raised=raised))
    else:
        lines.append(say("sight.no_rise", excess=excess))
    more = int(figures["obstacles"]) - 1
    return [*lines, say("sight.more", count=more)] if more else lines


def _viewshed(desk: Desk, found: Findings) -> list[str]:
    say, figures = desk.say, found.figures
    share = desk.words.percent(round(1000 * figures.get("ground_share", 0.0)), 1000)
    counts = {"seen": desk.words.count(int(figures["objects_seen"])),
              "all": desk.words.count(int(figures["objects"]))}  # fmt: skip
    return [say("sight.ground_seen", share=share), say("sight.objects_seen", **counts)]


def _sky(desk: Desk, found: Findings) -> list[str]:
    share = desk.words.percent(round(1000 * found.figures["sky"]), 1000)
    return [desk.say("sight.sky", share=share)]


def _profile(desk: Desk, found: Findings) -> list[str]:
    figures = found.figures
    counts = {"length": _metres(desk, figures["length"]), "count": int(figures["objects"])}
    return [desk.say("sight.profile", **counts)]
