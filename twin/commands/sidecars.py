"""Commands on side-cars: tables beside the sources that say more of their objects."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from twin.commands.registry import Context, command
from twin.edits import Edit, SetRecord
from twin.errors import NotFound, UsageError
from twin.georeference import parse_crs
from twin.maintenance.rule_edits import next_key
from twin.maintenance.sidecar_records import Sidecar
from twin.maintenance.vector_files import reader_of
from twin.observations import ASPECTS, KINDS
from twin.records import DateField

WAYS = ("key", "place")


def dates_of(said: str) -> tuple[DateField, ...]:
    """Return ``column:kind:aspect`` parted by commas (kind registered, aspect '' where not said). Raises UsageError."""
    found = []
    for part in filter(None, (item.strip() for item in said.split(","))):
        name, _, rest = part.partition(":")
        kind, _, aspect = rest.partition(":")
        kind = kind or "registered"
        if kind not in KINDS:
            raise UsageError(reason=f"{part!r}: {kind!r} is none of {', '.join(KINDS)}")
        if aspect and aspect not in ASPECTS:
            raise UsageError(reason=f"{part!r}: {aspect!r} is none of {', '.join(ASPECTS)}")
        found.append(DateField(name, kind, aspect))
    return tuple(found)


@command("sidecar.add")
def add_sidecar(  # noqa: PLR0913  the arguments of a command
    context: Context, path: str, layer: str = "", table: str = "", by: str = "key",
    key: str = "", object_key: str = "", dates: str = "", custodian: str = "",
    attributes: str = "*", crs: str = "", title: str = "",
) -> Edit:  # fmt: skip
    """Join a table to the objects of a layer ("" = all); ``dates`` are "surveyed:captured:height,checked:verified"."""
    if not Path(path).is_file():
        raise NotFound(location=path)
    reader_of(path)
    parse_crs(crs)
    if layer:
        context.twin.layer(layer)
    if by not in WAYS:
        raise UsageError(reason=f"by is one of {', '.join(WAYS)}, not {by!r}")
    records = context.twin.records["sidecars"]
    uid = next_key("S", records, 3)
    wanted = tuple(filter(None, (item.strip() for item in attributes.split(","))))
    record = Sidecar(
        uid, str(Path(path).resolve()), title or Path(path).name, layer, table, by, key, object_key,
        dates_of(dates), custodian, wanted, crs,
    )  # fmt: skip
    same = [r for r in records.values() if replace(r, id=uid) == record]
    if same:
        raise UsageError(reason=f"{path} is joined so already ({same[0].id})")
    return SetRecord("sidecars", uid, record)


@command("sidecar.set")
def set_sidecar(  # noqa: PLR0913  the arguments of a command
    context: Context, id: str, by: str | None = None, key: str | None = None,
    object_key: str | None = None, dates: str | None = None, custodian: str | None = None,
    attributes: str | None = None, crs: str | None = None, title: str | None = None,
) -> Edit:  # fmt: skip
    """Change how a side-car is joined; what is not said stays."""
    record: Sidecar = _there(context, id)
    said = {"by": by, "key": key, "object_key": object_key, "custodian": custodian, "crs": crs,
            "title": title}  # fmt: skip
    if by is not None and by not in WAYS:
        raise UsageError(reason=f"by is one of {', '.join(WAYS)}, not {by!r}")
    if crs:
        parse_crs(crs)
    texts: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    changed = replace(record, **texts)
    if dates is not None:
        changed = replace(changed, dates=dates_of(dates))
    if attributes is not None:
        wanted = tuple(filter(None, (item.strip() for item in attributes.split(","))))
        changed = replace(changed, attributes=wanted)
    return SetRecord("sidecars", id, changed)


@command("sidecar.remove")
def remove_sidecar(context: Context, id: str) -> Edit:
    """Take a side-car away; what it said goes with it."""
    _there(context, id)
    return SetRecord("sidecars", id, None)


def _there(context: Context, key: str) -> Sidecar:
    found: Sidecar | None = context.twin.records["sidecars"].get(key)
    if found is None:
        listed = ", ".join(context.twin.records["sidecars"]) or "none"
        raise UsageError(reason=f"there is no side-car {key!r}; there are: {listed}")
    return found
