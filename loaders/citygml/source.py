"""The source of CityGML: one document becomes a table and a tree of ready tiles."""

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from loaders._city.answering import divided_city, opened_city
from loaders._city.problems import problem
from loaders._city.sparing import afresh, kept, stamp, without_collection
from loaders.citygml.gathering import Gathering
from loaders.citygml.metadata import COLOR, about, observe_objects
from loaders.citygml.reading import Document
from loaders.citygml.systems import System
from twin.observations import ObservationList
from twin.ports import Content, Feedback, Lane, Opened, Options


@dataclass(frozen=True, slots=True)
class CityGmlSource:
    """One file: ``open`` reads it all; ``fetch`` reads it again for a tile that was let go of."""

    location: str
    options: Options = field(default_factory=Options)
    lane: Lane = Lane.PROCESS

    def open(self, feedback: Feedback) -> Opened:
        """Read the whole file. Raises OpenError, Cancelled."""
        with without_collection():
            answer = self._opened(feedback)
        return replace(answer, problems=afresh(answer.problems))

    def _opened(self, feedback: Feedback) -> Opened:
        feedback.progress(0.0, "read")
        document = Document(self.location, feedback)
        paint = self.options.values.get("color", COLOR.choices[0]) == COLOR.choices[0]
        gathering = Gathering(document, self.options.lod, paint, feedback)
        city = gathering.run()
        feedback.progress(0.8, "tiles")
        system = gathering.system or System()
        city.geographic = system.geographic
        drawn = divided_city(city, self.options.lod)
        name = PurePosixPath(self.location.replace("\\", "/")).name
        said, missing = about(document, system, name, drawn.lods)
        if city.kinds:
            said = replace(said, options=(COLOR,))
        observations = ObservationList()
        columns = city.objects.columns.finished(drawn.order)
        observe_objects(columns, document, observations)
        found = opened_city(city, drawn, columns, said, document.title or name)
        found = replace(found, features=replace(found.features, units=gathering.objects.units))
        empty = () if city.objects.ids else (problem("citygml.empty", "", location=self.location),)
        problems = (*missing, *document.problems, *found.problems, *empty)
        return replace(found, observations=observations.frozen(), problems=problems)

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | None:
        """Return a tile's content. The first call reads the file again and keeps it for the next."""
        key = (self.location, stamp(self.location), self.options.lod, str(self.options.values))
        return kept(key, lambda: self.open(feedback).ready).get(tile)
