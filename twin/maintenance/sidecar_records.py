"""A side-car: a table beside the sources that says more of their objects, kept by address in the project."""

from dataclasses import dataclass

from twin.records import DateField


@dataclass(frozen=True, slots=True)
class Sidecar:
    """How a table is joined to objects, and what of it is taken.

    ``path`` is its address (relative to the project where possible), ``table`` the layer within it;
    ``layer`` the id of the layer it belongs to ('' = all). ``by`` is key or place; ``key`` its column,
    ``object_key`` the objects' attribute ('' = found out by what fits best). ``dates`` are columns with
    kind and aspect; ``attributes`` further columns ('*' = all the rest).
    """

    id: str
    path: str
    title: str = ""
    layer: str = ""
    table: str = ""
    by: str = "key"
    key: str = ""
    object_key: str = ""
    dates: tuple[DateField, ...] = ()
    custodian: str = ""
    attributes: tuple[str, ...] = ("*",)
    crs: str = ""
