"""The ports: what a loader, a source, an analysis, an exporter and a store look like."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import PurePosixPath
from typing import Any, Protocol, runtime_checkable

from numpy.typing import NDArray

from twin.checks.report import CheckReport
from twin.features import FeatureTable
from twin.geometry import F64, Drawable
from twin.jobs import SILENT as SILENT
from twin.jobs import Feedback as Feedback
from twin.jobs import Lane as Lane
from twin.jobs import Silent as Silent
from twin.observations import Observations
from twin.records import About, FieldMapping, Placement, Problem
from twin.tiles import TileTree


@dataclass(frozen=True, slots=True)
class Probe:
    """What a loader may look at to recognise a location: its name and its first bytes."""

    location: str
    head: bytes = b""
    is_folder: bool = False
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the last part of the location, lower case."""
        return PurePosixPath(self.location.replace("\\", "/")).name.lower()

    @property
    def suffix(self) -> str:
        """Return everything after the first dot of the name (``city.json`` for a.city.json)."""
        return self.name.partition(".")[2]


@dataclass(frozen=True, slots=True)
class Content:
    """A fetched tile: drawables in the source's frame and the objects that came with the tile.

    ``features`` is None when the drawables' feature numbers are rows of the source's own table;
    otherwise feature number f is row f of this small table (same for ``observations``).
    ``background`` drawables whose feature is -1 belong to no object. ``credits`` are the
    attributions that must stand on the screen while the tile is drawn (glTF ``asset.copyright``).
    """

    drawables: tuple[Drawable, ...]
    features: FeatureTable | None = None
    observations: Observations | None = None
    problems: tuple[Problem, ...] = ()
    credits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Growth:
    """A fetched tile that turned out to be more tree: ``tree`` hangs under the fetched tile.

    A token is opaque to everybody but the source: it travels back with later fetches of the new
    tiles (see ``Source.fetch``), so that sources stay stateless. ``tokens`` may make them on demand.
    A process source that grows has texts as tokens, fit for names of files: they name its tiles in the cache.
    """

    tree: TileTree
    tokens: Sequence[Any]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """The answer of ``open``: tree, table, observations, problems, and tiles that are ready already.

    ``tokens[i]`` is handed to ``fetch`` for tile i (() = the tile number itself suffices).
    ``ready`` holds contents that opening produced anyway, by tile. ``unit_kinds``: kinds whose rows
    are maintained units by themselves (e.g. IfcBuilding); empty = the top-level objects.
    ``frame`` f64(4, 4), if given, moves the source's coordinates into ``about.crs`` (IFC map
    conversion, tileset root); it is applied by ``Placed`` together with any override.
    """

    title: str
    about: About
    tree: TileTree
    features: FeatureTable
    observations: Observations
    problems: tuple[Problem, ...] = ()
    ready: Mapping[int, Content] = field(default_factory=dict)
    tokens: tuple[Any, ...] = ()
    unit_kinds: tuple[str, ...] = ()
    frame: F64 | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What the user decided about a source before opening it. Travels to the worker.

    ``cache`` is the folder of the content-addressed tile cache ('' = none). ``fields`` says which
    property is what; the core applies it to every table (``twin.maintenance.mapping``), a loader only
    needs it for what is in no table. ``values`` are the choices among what the format offers
    (``About.options``) by name; a missing one is as nobody said.
    """

    lod: str = ""
    crs: str = ""
    vertical: str = ""
    placement: Placement | None = None
    fields: FieldMapping | None = None
    cache: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """One opened location. Immutable and picklable; two methods are the whole port."""

    @property
    def lane(self) -> Lane:
        """Return where the two methods must run."""
        ...

    def open(self, feedback: Feedback) -> Opened:
        """Read what is needed to show the tree. Raises OpenError."""
        ...

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Return a tile's content; None = nothing to draw. Raises OpenError."""
        ...


@runtime_checkable
class Careful(Protocol):
    """A source that has another way when its worker process died: slower, without what killed it."""

    def careful(self) -> Source | None:
        """Return the source for the next try in a fresh process; None = it gives up."""
        ...


class Loader(Protocol):
    """A format. ``format`` is its stable name, ``suffixes`` what its files end with."""

    @property
    def format(self) -> str:
        """Return the stable name of the format."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Return what its files end with, without the dot."""
        ...

    @property
    def version(self) -> str:
        """Return the loader's version: part of every cache key."""
        ...

    def recognise(self, probe: Probe) -> int:
        """Return 0 (not mine) .. 100 (certainly mine). Reads nothing but the probe."""
        ...

    def source(self, location: str, options: Options) -> Source:
        """Return a source. Touches nothing."""
        ...


class Checker(Protocol):
    """A kind of rules that models are checked by (entry points ``citytwin.checks``). Picklable.

    ``suffixes`` is what files of rules end with, ``formats`` the formats of sources it can check.
    """

    @property
    def name(self) -> str:
        """Return the stable name of the kind of rules."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Return what its files of rules end with, without the dot."""
        ...

    @property
    def formats(self) -> tuple[str, ...]:
        """Return the names of the formats whose files it can check."""
        ...

    def run(self, location: str, rules_path: str, feedback: Feedback) -> CheckReport:
        """Check one file by one file of rules; runs in a worker process. Raises OpenError, Cancelled."""
        ...


@dataclass(frozen=True, slots=True)
class VectorTable:
    """The rows of one layer of a vector file, or of a table of text.

    ``columns``: one value a row, in the file's order; texts as StringDType with None, numbers,
    datetime64 (NaT). ``geometry`` object(n) of shapely geometries in ``crs`` (None = that row has
    none), or None for a table without places; polygons are valid (mended ones are listed). ``keys``
    i64(n): the number of each row as the file counts them, for people. ``crs`` as 'EPSG:n', WKT
    or '' (missing); ``layer`` is the one that was read, of ``layers``.
    """

    columns: Mapping[str, NDArray[Any]]
    geometry: NDArray[Any] | None
    crs: str
    keys: NDArray[Any]
    layer: str = ""
    layers: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.keys)


class VectorReader(Protocol):
    """What reads tables and vector files whole (entry points ``citytwin.tables``). Picklable.

    Side-cars, evidence and areas of responsibility come through it. Files are untrusted and partly
    read by C code: where a crash must not take the window along, call it in a worker process
    (``twin.maintenance.vector_files.Reading``).
    """

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Return what its files end with, without the dot."""
        ...

    def read(self, location: str, layer: str, feedback: Feedback) -> VectorTable:
        """Return the rows of a layer ('' = the first that has areas, else the first of all).

        Raises OpenError, UsageError for a layer that is not there, Cancelled.
        """
        ...


class Exporter(Protocol):
    """What writes copies of a format's files that say where they stand. ``format`` is the loader's."""

    @property
    def format(self) -> str:
        """Return the stable name of the format."""
        ...

    @property
    def suffix(self) -> str:
        """Return what the copies end with, without the dot."""
        ...

    def write(
        self, location: str, target: str, placement: Placement, vertical: str, feedback: Feedback
    ) -> None:
        """Write a copy of ``location`` that stands at the placement; nothing else of it changes.

        ``vertical`` names the datum of the heights ('' = not said). The source is only read. Raises
        OpenError, CrsError, NotSaved.
        """
        ...


def new_source(maker: str, location: str, options: Options) -> Source:
    """Return ``package.module:Class`` called with the location and the options.

    Imported only now: whoever opens a tileset does not wait for what reads IFC (ADR 17).
    """
    source: Source = EntryPoint(maker, maker, "").load()(location, options)
    return source


class Registered(Mapping[str, Any]):
    """Name -> object of an entry-point group, read when it is first asked.

    A window stands before any format library is imported: the first opening, on a worker thread,
    pays for it.
    """

    def __init__(self, group: str) -> None:
        """Remember the group; look up nothing."""
        self._group = group

    @cached_property
    def _found(self) -> dict[str, Any]:
        return {entry.name: entry.load() for entry in entry_points(group=self._group)}

    def __getitem__(self, name: str) -> Any:
        """Return an object by name."""
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._found)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._found)


def registered(group: str) -> Mapping[str, Any]:
    """Return name -> object of an entry-point group (``citytwin.loaders``, ``citytwin.exporters``)."""
    return Registered(group)
