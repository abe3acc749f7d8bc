"""The passport of an object as items of a sheet: every value beside the field it came from."""

import numpy as np

from twin.ground import spread
from twin.observations import ASPECTS, KINDS, LEVELS, ROLES, STATUSES
from twin.scene import CityObject, Layer
from ui.desk import Desk
from ui.panels.object_rows import status_key
from ui.panels.sheet_items import DueBar, Field, Heading, Item, Note, Rule

MOST_OBSERVATIONS = 12


def passport_items(desk: Desk, thing: CityObject) -> list[Item]:
    """Return due bar, observations, responsibility, facts and problems of one object."""
    return [
        *_currency(desk, thing),
        Rule(),
        *_observations(desk, thing),
        *_responsibility(desk, thing),
        *_facts(desk, thing),
        *_problems(desk, thing),
    ]


def chip_text(desk: Desk, thing: CityObject) -> tuple[str, str]:
    """Return status key and the words of the status chip (``Stale · 235 d overdue``)."""
    verdict = thing.layer.assessment
    key = status_key(verdict, thing.row)
    words = desk.words.status(key)
    overdue = int(verdict.overdue[thing.row]) if thing.row < len(verdict) else 0
    if overdue > 0:
        words = desk.say("passport.overdue", status=words, days=desk.words.count(overdue))
    return key, words


def _currency(desk: Desk, thing: CityObject) -> list[Item]:
    verdict, row, words = thing.layer.assessment, thing.row, desk.words
    if row >= len(verdict) or np.isnat(verdict.t_eff[row]):
        return [Note(desk.say("passport.no_date"))]
    effective, due = verdict.t_eff[row], verdict.due[row]
    kind = _kind(desk, int(verdict.t_kind[row]))
    age = int(verdict.age_days[row])
    if np.isnat(due):
        text = desk.say("passport.no_due", kind=kind, date=words.date(effective), age=age)
        return [Note(text)]
    interval = max((due - effective) / np.timedelta64(1, "D"), 1.0)
    whole = max(age, interval) * (1.0 if age > interval else 1.12)
    warn, grace = interval - max(1, np.ceil(0.2 * interval)), max(1, np.ceil(0.1 * interval))
    zones = tuple(min(x / whole, 1.0) for x in (warn, interval, interval + grace))
    late = age - round(interval)
    bar = DueBar(
        (kind, desk.say("passport.due"), desk.say("passport.today")),
        (words.date(effective), words.date(due), desk.say("days", count=words.days(late))),
        (zones[0], zones[1], zones[2]),
        min(interval / whole, 1.0),
        min(age / whole, 1.0),
    )
    status = STATUSES[int(verdict.status[row])]
    if status == "stale":
        since = words.date(due + np.timedelta64(int(grace), "D"))
        text = desk.say("passport.stale_since", interval=round(interval), date=since)
    else:
        text = desk.say("passport.interval", interval=round(interval), age=age)
    return [bar, Note(text)]


def line_of(thing: CityObject) -> list[int]:
    """Return the rows whose dates and parties hold for the object: itself, its ancestors, the source."""
    rows, parent = [thing.row], thing.layer.features.parent
    while int(parent[rows[-1]]) >= 0 and len(rows) < 32:
        rows.append(int(parent[rows[-1]]))
    return [*rows, -1]


def _kind(desk: Desk, code: int) -> str:
    words = desk.say(f"date_kind.{KINDS[code]}" if code < len(KINDS) else "not_stated")
    return words[:1].upper() + words[1:]


def _observations(desk: Desk, thing: CityObject) -> list[Item]:
    found = thing.layer.observations
    mine = np.flatnonzero(np.isin(found.row, line_of(thing)))
    mine = mine[np.argsort(found.kind[mine], kind="stable")][:MOST_OBSERVATIONS]
    chosen = int(thing.layer.assessment.observation[thing.row])
    items: list[Item] = [Heading(desk.say("passport.dates"), desk.say("passport.kind_source"))]
    for entry in mine:
        aspect = int(found.aspect[entry])
        label = _kind(desk, int(found.kind[entry]))
        if aspect >= 0:
            label = f"{desk.say(f'aspect.{ASPECTS[aspect]}')} · {label}"
        level = LEVELS[int(found.level[entry])]
        path = found.paths[int(found.path[entry])] if found.paths else ""
        holder = "" if level == "object" else f" · {desk.say(f'level.{level}')}"
        tone = "t1" if entry == chosen or chosen < 0 else "t3"
        items.append(Field(label, desk.words.date(found.t_lo[entry]), path + holder, tone=tone))
    if len(items) == 1:
        items.append(Field(desk.say("aspect.all"), desk.say("not_stated"), tone="t3"))
    return items


def _responsibility(desk: Desk, thing: CityObject) -> list[Item]:
    layer, row = thing.layer, thing.row
    verdict, found = layer.assessment, layer.observations
    items: list[Item] = [Heading(desk.say("passport.responsibility"))]
    code = int(verdict.custodian[row])
    if code < 0:
        items.append(
            Field(
                desk.say("custodian"), desk.say("nobody"), desk.say("passport.rung0"), tone="stale"
            )
        )
    else:
        rung = desk.say(f"passport.rung{int(verdict.rung[row])}")
        items.append(Field(desk.say("custodian"), verdict.custodians[code], rung))
    claims = np.flatnonzero(np.isin(found.party_row, line_of(thing)))
    seen = set()
    for claim in claims[:8]:
        role = f"role.{ROLES[int(found.party_role[claim])]}"
        name = found.parties[int(found.party[claim])]
        if (role, name) not in seen:
            seen.add((role, name))
            items.append(
                Field(
                    desk.say("passport.stated") if role == "role.custodian" else desk.say(role),
                    name,
                    found.paths[int(found.party_path[claim])],
                )
            )
    if bool(verdict.conflict[row]):
        items.append(Note(desk.say("passport.conflict")))
    return items


def _facts(desk: Desk, thing: CityObject) -> list[Item]:
    layer, row, words = thing.layer, thing.row, desk.words
    verdict, table = layer.assessment, layer.features
    rule = int(verdict.rule[row])
    say = desk.say
    items: list[Item] = [
        Heading(say("passport.title")),
        Field(say("passport.effective"), words.date(verdict.t_eff[row]), _path(layer, row)),
        Field(
            say("passport.confidence"),
            f"{float(verdict.confidence[row]):.2f}",
            say("passport.trust"),
        ),
        Field(
            say("passport.policy"),
            verdict.rules[rule] if rule >= 0 else say("passport.no_policy"),
            say("passport.match"),
        ),
        Field("ID", thing.id, "id"),
        Field(say("passport.source"), layer.title, layer.about.format),
    ]
    if table.lod is not None:
        items.append(Field(say("passport.lod"), table.lods[int(table.lod[row])], "lod"))
    for name in ("valid_from", "valid_to", "created", "terminated"):
        times = table.get(name)
        if times is not None and not np.isnat(times[row]):
            items.append(Field(say(f"passport.{name}"), words.date(times[row]), name))
    return [*items, *_place(desk, thing)]


def _place(desk: Desk, thing: CityObject) -> list[Item]:
    box, say, metres = thing.bounds, desk.say, desk.words.metres
    items: list[Item] = []
    if np.isfinite(box).all():
        size = (
            f"{metres(box[3] - box[0])} × {metres(box[4] - box[1])} × {metres(box[5] - box[2])} m"
        )
        items.append(Field(say("passport.extent"), size, say("passport.from_geometry")))
        place = f"E {metres((box[0] + box[3]) / 2)}  N {metres((box[1] + box[4]) / 2)}"
        items.append(Field(say("passport.place"), place, desk.session.twin.crs))
        datum = desk.session.twin.vertical or say("status_bar.no_datum")
        heights = f"{metres(box[2], 2)} – {metres(box[5], 2)} m"
        items.append(Field(say("passport.heights"), heights, datum))
        items += _above_ground(desk, thing)
    placement = thing.layer.source.placement
    if placement is not None:
        items.append(Field(say("passport.placement"), placement.title, placement.crs))
    return items


def _above_ground(desk: Desk, thing: CityObject) -> list[Item]:
    """Return how high an object's base and top stand above the mean ground within its bounds."""
    if thing.layer.ground:
        return []
    box, metres = thing.shown_bounds, desk.words.metres
    ground = desk.session.ground(spread(box))
    if not np.isfinite(ground).any():
        return []
    level = float(np.nanmean(ground))
    text = f"{metres(box[2] - level, 2)} – {metres(box[5] - level, 2)} m"
    source = desk.say("ground.mean", height=metres(level, 2))
    return [Field(desk.say("ground.above"), text, source)]


def _path(layer: Layer, row: int) -> str:
    code = int(layer.assessment.path[row])
    return layer.assessment.paths[code] if code >= 0 else ""


def _problems(desk: Desk, thing: CityObject) -> list[Item]:
    mine = [p for p in thing.layer.problems if p.feature == thing.id]
    if not mine:
        return []
    items: list[Item] = [Heading(desk.say("log.problems"), desk.words.count(len(mine)))]
    items += [Note(problem.said(desk.words.catalogue.language)) for problem in mine[:20]]
    return items
