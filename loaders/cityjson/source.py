"""The source of CityJSON: one document becomes a table and a tree of ready tiles."""

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from loaders._city.answering import divided_city, opened_city
from loaders._city.city import City
from loaders._city.problems import problem
from loaders._city.sparing import afresh, kept, stamp, without_collection
from loaders.cityjson.gathering import Gathering
from loaders.cityjson.metadata import about, observe_objects, observe_source
from loaders.cityjson.reading import SMALL, Document, give_back, opened
from twin.observations import ObservationList
from twin.ports import Content, Feedback, Lane, Opened, Options


@dataclass(frozen=True, slots=True)
class CityJsonSource:
    """One file: ``open`` reads it all; ``fetch`` reads it again for a tile that was let go of."""

    location: str
    options: Options = field(default_factory=Options)
    lane: Lane = Lane.PROCESS

    def open(self, feedback: Feedback) -> Opened:
        """Read the whole file. Raises OpenError, Cancelled."""
        with without_collection():
            answer = self._opened(feedback)
            answer = replace(answer, problems=afresh(answer.problems))
            if stamp(self.location)[0] > SMALL:
                give_back()
            return answer

    def _opened(self, feedback: Feedback) -> Opened:
        feedback.progress(0.0, "read")
        document = opened(self.location)
        feedback.progress(0.3, "geometry")
        paint = self.options.values.get("color") == "surface"
        city = Gathering(document, self.options.lod, paint, feedback).run()
        feedback.progress(0.8, "tiles")
        return _answer(document, city, self.options.lod)

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | None:
        """Return a tile's content. The first call reads the file again and keeps it for the next."""
        key = (self.location, stamp(self.location), self.options.lod, str(self.options.values))
        return kept(key, lambda: self.open(feedback).ready).get(tile)


def _answer(document: Document, city: City, lod: str) -> Opened:
    drawn = divided_city(city, lod)
    name = PurePosixPath(document.location.replace("\\", "/")).name
    said, missing = about(document, name, drawn.lods)
    observations = ObservationList()
    columns = city.objects.columns.finished(drawn.order, document.cuts.restored)
    observe_objects(columns, observations)
    observe_source(document, observations)
    metadata = document.header.get("metadata")
    named = metadata.get("title") if isinstance(metadata, dict) else None
    found = opened_city(city, drawn, columns, said, str(named or name))
    problems = (*missing, *document.problems, *found.problems, *_emptiness(document, city))
    return replace(found, observations=observations.frozen(), problems=problems)


def _emptiness(document: Document, city: City) -> tuple[Any, ...]:
    if city.objects.ids:
        return ()
    return (problem("cityjson.empty", "", location=document.location),)
