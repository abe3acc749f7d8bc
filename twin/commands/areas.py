"""Commands on areas that come from files: who answers where, and the zones of the city."""

from pathlib import PurePosixPath

from twin.commands.evidence import pairs_of
from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord, Together
from twin.errors import RowsTold, UsageError
from twin.georeference import parse_crs
from twin.maintenance.area_files import AreasRead, UsualArea, area_columns, duties_from, zones_from
from twin.maintenance.rule_edits import next_key
from twin.maintenance.vector_files import read_vector
from twin.ports import VectorTable
from twin.scene import Twin

INTO = ("responsibilities", "zones")


def areas_read(
    twin: Twin, table: VectorTable, path: str, into: str, columns: str, usual: UsualArea
) -> AreasRead:
    """Return the areas of a table as responsibilities or zones. Raises UsageError."""
    if into not in INTO:
        raise UsageError(reason=f"into is one of {', '.join(INTO)}, not {into!r}")
    named = area_columns(table, pairs_of(columns))
    if into == "zones":
        return zones_from(table, path, named, usual)
    known = (tuple(twin.records["parties"].values()), twin.records["aliases"])
    return duties_from(table, path, named, known, usual)


def areas_edit(twin: Twin, read: AreasRead, path: str) -> Edit:
    """Return the edit that takes in areas; those of an earlier state of the same file go."""
    source = PurePosixPath(path.replace("\\", "/")).name
    edits: list[Edit] = [SetRecord("parties", party.id, party) for party in read.parties]
    if read.zones:
        gone = [key for key, zone in twin.records["zones"].items() if zone.source == source]
        edits += [SetRecord("zones", key, None) for key in gone]
        edits += [SetRecord("zones", zone.id, zone) for zone in read.zones]
    if read.duties:
        duties = dict(twin.records["responsibilities"])
        for key, duty in tuple(duties.items()):
            if duty.scope == "area" and duty.source == source:
                edits.append(SetRecord("responsibilities", key, None))
                del duties[key]
        for duty in read.duties:
            key = next_key("R", duties, 4)
            duties[key] = duty
            edits.append(SetRecord("responsibilities", key, duty))
    return Together(tuple(edits))


@command("areas.import")
def import_areas(  # noqa: PLR0913  the arguments of a command
    context: Context, path: str, layer: str = "", into: str = "responsibilities",
    columns: str = "", party: str = "", role: str = "custodian", kind: str = "*",
    priority: str = "0", crs: str = "",
) -> Edit:  # fmt: skip
    """Take areas from a vector file: who answers where, or zones; ``columns`` are "party=beheerder,name=wijk"."""
    parse_crs(crs)
    try:
        rank = int(priority)
    except ValueError:
        raise UsageError(reason=f"priority is a whole number, not {priority!r}") from None
    usual = UsualArea(party, role, kind, rank, crs or context.twin.crs)
    table = read_vector(path, layer)
    read = areas_read(context.twin, table, path, into, columns, usual)
    if not read.duties and not read.zones:
        why = read.problems[0].text if read.problems else "it has no rows"
        raise UsageError(reason=f"{path}: no area could be used: {why}")
    if read.problems:
        context.report(path, RowsTold.of(path, read.problems))
    return areas_edit(context.twin, read, path)
