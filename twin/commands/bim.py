"""Commands on the choice of buildings for BIM: what is asked, what a person knows of a building, who is in or out."""

from collections.abc import Sequence
from dataclasses import replace

from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord, Together
from twin.errors import UsageError
from twin.maintenance.bim.inputs import NUMBERS
from twin.maintenance.bim.method_files import method_of, pack_names
from twin.maintenance.bim.records import KEY, LETS, MUST, NEVER, BimInput, BimSettings
from twin.messages import text

NO_LIMIT = -1
MOST_BUDGET = 1_000_000_000


@command("bim.set")
def set_question(
    context: Context,
    budget: str = "",
    min_score: str = "",
    packs: str = "-",
    projects: str = "",
    method: str = "-",
) -> Edit:
    """Ask another question: budget in thousands ("none": no limit), lowest score, packs "HK,CN" ("" = none),
    projects yes or no, method the text of a file of weights ("" = the program's). What is left out stays."""
    settings = settings_of(context)
    if str(budget):
        settings = replace(settings, budget=_budget(str(budget)))
    if str(min_score):
        settings = replace(settings, min_score=_number("min_score", str(min_score), 100.0))
    if packs != "-":
        settings = replace(settings, packs=_packs(packs))
    if str(projects):
        settings = replace(settings, projects=str(projects).lower() in ("yes", "true", "1"))
    if method != "-":
        if method:
            method_of(method, text("bim.weights"))
        settings = replace(settings, method=method)
    return SetRecord("bim_settings", KEY, settings)


@command("bim.enter")
def enter(context: Context, uid: str, values: str) -> Edit:
    """Say what is known of a building, by its uid: "occupancy=300;cost=250"; a column without a value is as the
    model says."""
    before = _input(context, uid)
    kept = dict(before.values)
    for part in values.split(";"):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if not name:
            continue
        if name not in NUMBERS:
            raise UsageError(
                reason=text("bim.refused.column", name=name, known=", ".join(NUMBERS))
            )
        kept.pop(name, None)
        if value:
            kept[name] = _number(name, value, 1.0 if name in ("gap", "public", "new") else 1e9)
    return _put(replace(before, values=kept))


@command("bim.stand")
def stand(context: Context, uid: str, how: str = LETS) -> Edit:
    """Let buildings ("uid,uid") be chosen whatever their score (must), be left out (never), or let the score
    decide ("")."""
    if how not in (LETS, MUST, NEVER):
        raise UsageError(reason=text("bim.refused.stand", how=how))
    keys: Sequence[str] = [one.strip() for one in uid.split(",") if one.strip()]
    return Together(tuple(_put(replace(_input(context, key), stand=how)) for key in keys))


def settings_of(context: Context) -> BimSettings:
    """Return what is asked now."""
    found = context.twin.records["bim_settings"].get(KEY)
    return found if isinstance(found, BimSettings) else BimSettings()


def _input(context: Context, uid: str) -> BimInput:
    if not uid:
        raise UsageError(reason=text("bim.refused.uid"))
    found = context.twin.records["bim_inputs"].get(uid)
    return found if isinstance(found, BimInput) else BimInput(uid)


def _put(record: BimInput) -> Edit:
    there = record.values or record.stand
    return SetRecord("bim_inputs", record.id, record if there else None)


def _budget(said: str) -> int:
    if said in ("none", str(NO_LIMIT)):
        return NO_LIMIT
    return int(_number("budget", said, MOST_BUDGET))


def _number(name: str, said: str, most: float) -> float:
    try:
        found = float(said)
    except ValueError:
        raise UsageError(reason=text("bim.refused.number", name=name, said=said)) from None
    if not 0 <= found <= most:
        raise UsageError(reason=text("bim.refused.range", name=name, most=f"{most:g}"))
    return found


def _packs(said: str) -> tuple[str, ...]:
    wanted = [one.strip() for one in said.split(",") if one.strip()]
    known = pack_names()
    for one in wanted:
        if one not in known:
            raise UsageError(reason=text("bim.refused.pack", name=one, known=", ".join(known)))
    return tuple(wanted)
