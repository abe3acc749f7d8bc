"""What a CityGML file says of itself, and what dates and parties its objects carry."""

from collections.abc import Mapping

from loaders._city.dates import observe_file
from loaders._city.problems import problem
from loaders.citygml.names import PLATEAU
from loaders.citygml.reading import Document
from loaders.citygml.systems import System
from twin.choices import Option
from twin.features import Column
from twin.maintenance.fields import Where, observe
from twin.observations import ObservationList
from twin.records import About, Problem

COLOR = Option("color", ("surface", "plain"))
"""What an object's own colour is: that of its thematic surfaces, or none."""


def about(
    document: Document, system: System, title: str, lods: tuple[str, ...]
) -> tuple[About, tuple[Problem, ...]]:
    """Return what the file says of itself, and what is missing or was left out."""
    problems: list[Problem] = []
    if not system.said:
        problems.append(problem("crs.missing", "", title=title))
    elif not system.crs:
        problems.append(problem("citygml.crs", "", crs=system.said))
    fields = {}
    if document.title:
        fields["name"] = document.title
    if document.description:
        fields["description"] = document.description
    if system.said:
        fields["srsName"] = system.said
    if document.extensions:
        fields["extensions"] = ", ".join(document.extensions)
    return About("citygml", document.version, system.crs, system.vertical, lods, fields), tuple(
        problems
    )


def is_plateau(document: Document) -> bool:
    """Return whether a file follows the rules of PLATEAU: it declares one of its extensions."""
    return any(PLATEAU in uri for uri in document.namespaces.values())


def observe_objects(
    columns: Mapping[str, Column], document: Document, observations: ObservationList
) -> None:
    """Add what the objects' attributes say of dates and parties, and the file's own time."""
    plain = {name: values for name, values in columns.items() if not name.startswith("_")}
    observe(observations, plain, None, Where("object", plateau=is_plateau(document)))
    observe_file(document.location, observations)
