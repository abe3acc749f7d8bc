"""Everything a user can do to the twin, by name. A command returns an edit; the session applies it.

One file a subject; importing this package registers them all.
"""

from twin.commands import (
    annotations,
    areas,
    bim,
    evidence,
    frequency,
    layers,
    measurements,
    objects,
    options,
    orders,
    placing,
    replacing,
    results,
    route_tracks,
    routes,
    rules,
    scenarios,
    sections,
    sidecars,
    stories,
    topics,
    views,
)
from twin.commands.conditions import Where as Where
from twin.commands.layers import DISPLAY_LIMITS as DISPLAY_LIMITS
from twin.commands.registry import COMMANDS as COMMANDS
from twin.commands.registry import Context as Context
from twin.commands.registry import make as make
from twin.commands.registry import parse as parse

SUBJECTS = (
    annotations,
    areas,
    bim,
    evidence,
    frequency,
    layers,
    measurements,
    objects,
    options,
    orders,
    placing,
    replacing,
    results,
    route_tracks,
    routes,
    rules,
    scenarios,
    sections,
    sidecars,
    stories,
    topics,
    views,
)
"""The files that declare commands."""
