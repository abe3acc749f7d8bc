"""The order of levels of detail, and which one stands in for another."""

from collections.abc import Sequence


def rank(level: str) -> float:
    """Return the order of LoDs; what is no number stands below all numbers."""
    try:
        found = float(level)
    except ValueError:
        return -1.0
    return found if found == found else -1.0


def nearest(levels: Sequence[str], wanted: str) -> str:
    """Return the level an object shows when another level is wanted."""
    if wanted in levels:
        return wanted
    goal = rank(wanted)
    if "." not in wanted:
        refined = [level for level in levels if level.startswith(f"{wanted}.")]
        if refined:
            return max(refined, key=rank)
    below = [level for level in levels if rank(level) <= goal]
    return max(below, key=rank) if below else min(levels, key=rank)
