"""From a location to a source: probe, recognise, and the cache in front of process sources."""

import hashlib
import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from twin import cache
from twin.errors import (
    BrokenFile,
    NotFound,
    NotReadable,
    OpenError,
    UnknownFormat,
    UsageError,
)
from twin.files import Archive, asking, is_remote, lifted
from twin.options import pairs
from twin.ports import (
    SILENT,
    Careful,
    Content,
    Feedback,
    Growth,
    Lane,
    Loader,
    Opened,
    Options,
    Probe,
    Source,
)
from twin.records import Placement, SourceRef

log = logging.getLogger(__name__)

HEAD = 8192
MANIFEST = "demo.toml"
PROJECT = ".twin.gpkg"
MOST_IN_FOLDER = 200
"""A folder with more sources than this is not opened whole: name a subfolder."""


def probe(location: str) -> Probe:
    """Return the name and the first bytes of a location. Raises NotFound, NotReadable."""
    if is_remote(location):
        return Probe(location)
    path = Path(location)
    try:
        if path.is_dir():
            names = tuple(sorted(entry.name for entry in path.iterdir()))
            return Probe(location, is_folder=True, names=names)
        with path.open("rb") as stream:
            head = stream.read(HEAD)
        return Probe(location, head, names=_packed_names(location))
    except FileNotFoundError as error:
        raise NotFound(location=location) from error
    except (OSError, ValueError) as error:
        raise NotReadable(location=location, reason=str(error)) from error


def _packed_names(location: str) -> tuple[str, ...]:
    """Return the file names in a zip archive without their folders: its suffix does not tell what
    it holds. A broken archive has none."""
    if not location.lower().endswith(".zip"):
        return ()
    try:
        listed = Archive(location).listed()
    except OpenError:
        return ()
    return tuple(sorted({name.rpartition("/")[2] for name in listed}))


def recognise(location: str, loaders: Mapping[str, Loader]) -> Loader:
    """Return the loader with the highest score. Raises NotFound, NotReadable, UnknownFormat."""
    seen = probe(location)
    scored = [(loader.recognise(seen), name) for name, loader in loaders.items()]
    score, name = max(scored, default=(0, ""))
    if score <= 0:
        if not seen.is_folder and not seen.head and not is_remote(location):
            raise BrokenFile(location=location, format="file", reason="the file is empty")
        raise UnknownFormat(location=location, formats=", ".join(sorted(loaders)))
    return loaders[name]


def expand(
    location: str, loaders: Mapping[str, Loader], feedback: Feedback = SILENT
) -> tuple[SourceRef, ...]:
    """Return the sources behind a location: itself, or what a folder or a manifest holds.

    A folder with a manifest is the manifest; a folder that a loader knows is one source; otherwise
    every file in it (not below) that a loader recognises by name and head.
    """
    location = lifted(location) if is_remote(location) else location
    path = Path(location)
    if is_remote(location) or not path.is_dir():
        if path.suffix == ".toml":
            return manifest(path)
        return (SourceRef(location),)
    if (path / MANIFEST).is_file():
        return manifest(path / MANIFEST)
    whole = probe(location)
    if any(loader.recognise(whole) > 0 for loader in loaders.values()):
        return (SourceRef(location),)
    found = []
    for name in whole.names:
        inner = str(path / name)
        seen = probe(inner)
        if not seen.is_folder and any(x.recognise(seen) >= 30 for x in loaders.values()):
            found.append(SourceRef(inner))
        if len(found) > MOST_IN_FOLDER:
            raise UsageError(
                reason=f"{location}: more than {MOST_IN_FOLDER} sources in one folder"
            )
    if not found:
        raise UnknownFormat(location=location, formats=", ".join(sorted(loaders)))
    return tuple(found)


def manifest_of(location: str) -> Path | None:
    """Return the manifest that a location is or holds; None where there is none."""
    if is_remote(location):
        return None
    path = Path(location)
    path = path / MANIFEST if path.is_dir() else path
    return path if path.suffix == ".toml" and path.is_file() else None


def read_manifest(path: Path) -> Mapping[str, Any]:
    """Return the parsed manifest. Raises NotFound, BrokenFile."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise NotFound(location=str(path)) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BrokenFile(location=str(path), format="manifest", reason=str(error)) from error


def manifest(path: Path) -> tuple[SourceRef, ...]:
    """Return the sources a manifest lists, addresses resolved beside it. Raises BrokenFile."""
    return tuple(_listed(path, entry) for entry in read_manifest(path).get("source", []))


def _beside(path: Path, address: str) -> str:
    """Return an address as a manifest means it: beside it, unless it is a server's."""
    return str(path.parent / address) if address and not is_remote(address) else address


def _listed(path: Path, entry: Mapping[str, Any]) -> SourceRef:
    try:
        placement = entry.get("placement")
        anchor = tuple(float(v) for v in (placement or {}).get("anchor", (0.0, 0.0, 0.0)))
        mapping = entry.get("mapping", "")
        return SourceRef(
            path=str(path.parent / entry["path"]),
            title=str(entry.get("title", "")),
            dataset=str(entry.get("dataset", "")),
            crs=str(entry.get("crs", "")),
            vertical=str(entry.get("vertical", "")),
            lod=str(entry.get("lod", "")),
            mapping=str(path.parent / mapping) if mapping else "",
            placement=Placement(**{**placement, "anchor": anchor}) if placement else None,
            visible=bool(entry.get("visible", True)),
            custodian=str(entry.get("custodian", "")),
            only_kinds=tuple(map(str, entry.get("only_kinds", ()))),
            without_kinds=tuple(map(str, entry.get("without_kinds", ()))),
            options=pairs(entry.get("options", {})),
            drape=_beside(path, str(entry.get("drape", ""))),
        )
    except (KeyError, TypeError, ValueError) as error:
        reason = f"[[source]] {entry.get('path', '?')}: {error}"
        raise BrokenFile(location=str(path), format="manifest", reason=reason) from error


@dataclass(frozen=True, slots=True)
class Cached:
    """A source whose answers are kept in the tile cache, in the source's own coordinates."""

    source: Source
    folder: str

    @property
    def lane(self) -> Lane:
        """Return where work that misses the cache must run."""
        return self.source.lane

    def has_open(self) -> bool:
        """Return whether ``open`` is answered from the cache."""
        return self._open_file().is_file()

    def has(self, tile: int, token: Any) -> bool:
        """Return whether ``fetch`` of the tile is answered from the cache."""
        return self._tile_file(tile, token).is_file()

    def careful(self) -> "Cached | None":
        """Return the same with a source that goes another way after a crash; None = there is none."""
        again = self.source.careful() if isinstance(self.source, Careful) else None
        return None if again is None else replace(self, source=again)

    def _open_file(self) -> Path:
        return Path(self.folder) / "open.ctc"

    def _tile_file(self, tile: int, token: Any) -> Path:
        """Return the file of a tile. Where a tree grows, tiles are numbered in the order in which they
        came: there the token, a text, names the tile."""
        name = token if isinstance(token, str) and token else tile
        return Path(self.folder) / f"{name}.ctc"

    def open(self, feedback: Feedback) -> Opened:
        """Open from the cache, else from the source, and remember."""
        found = cache.load(self._open_file())
        if isinstance(found, Opened):
            return found
        opened = self.source.open(feedback)
        for tile, content in opened.ready.items():
            token = opened.tokens[tile] if opened.tokens else None
            cache.save(self._tile_file(tile, token), content)
        opened = replace(opened, ready={})
        cache.save(self._open_file(), opened)
        return opened

    def fetch(self, tile: int, token: Any, feedback: Feedback) -> Content | Growth | None:
        """Fetch from the cache, else from the source, and remember."""
        found = cache.load(self._tile_file(tile, token))
        if isinstance(found, Content | Growth):
            return found
        fetched = self.source.fetch(tile, token, feedback)
        cache.save(self._tile_file(tile, token), Content(()) if fetched is None else fetched)
        return fetched


def source_of(
    ref: SourceRef, loaders: Mapping[str, Loader], folder: Path
) -> tuple[Loader, Source]:
    """Return the loader and the source of a reference; process sources stand behind the cache.

    Raises NotFound, NotReadable, UnknownFormat.
    """
    loader = recognise(ref.path, loaders)
    options = Options(
        lod=ref.lod, crs=ref.crs, vertical=ref.vertical, fields=ref.fields, cache=str(folder),
        values=dict(ref.options),
    )  # fmt: skip
    source = loader.source(ref.path, options)
    if source.lane is Lane.THREAD:
        return loader, source
    key = f"{cache.fingerprint(ref.path)}-{loader.format}-{loader.version}-{ref.lod or 'any'}"
    key += "".join(f"-{name}.{value}" for name, value in ref.options)
    if ref.fields is not None and ref.fields.height:
        key += f"-height.{ref.fields.height}"
    safe = "".join(c if c.isalnum() or c in "-." else "_" for c in key)
    return loader, Cached(source, str(folder / safe))


def opens(ref: SourceRef, loaders: Mapping[str, Loader], folder: Path, feedback: Feedback) -> None:
    """Open a source and keep nothing: whether it can stand in another's place. Raises OpenError."""
    source_of(ref, loaders, folder)[1].open(feedback)


@dataclass(frozen=True, slots=True)
class Warm:
    """Work of a worker process, for the cache: open a source, or fetch one tile. Nothing travels back.

    When the process dies of it, a careful source is asked for another way (``Careful``).
    """

    source: Source
    tile: int = -1
    token: Any = None

    def __call__(self, feedback: Feedback) -> None:
        """Do it. Raises what the source raises."""
        if self.tile < 0:
            self.source.open(feedback)
        else:
            self.source.fetch(self.tile, self.token, feedback)

    def after_crash(self) -> "Warm | None":
        """Return what to try in a fresh process; None = nothing is left to try."""
        again = self.source.careful() if isinstance(self.source, Careful) else None
        return None if again is None else replace(self, source=again)


def open_raw(source: Source, feedback: Feedback) -> Opened:
    """Open on a thread (from the cache, when it was warmed before)."""
    with asking(feedback) as told:
        opened = source.open(feedback)
    return replace(opened, problems=(*opened.problems, *told)) if told else opened


def sample_folder() -> Path:
    """Return the folder of the bundled sample city."""
    return Path(__file__).parent.parent / "sample_models"


def is_sample(location: str) -> bool:
    """Return whether a location lies in the folder of the bundled sample city."""
    return Path(location).resolve().is_relative_to(sample_folder().resolve())


def decided(found: SourceRef, ref: SourceRef) -> SourceRef:
    """Return the found source with the user's decisions where it has none of its own."""
    names = ("title", "dataset", "crs", "vertical", "lod", "mapping", "placement", "custodian",
             "fields", "options", "drape")  # fmt: skip
    changes = {name: getattr(found, name) or getattr(ref, name) for name in names}
    return replace(found, **changes)


def sha256_of(location: str, feedback: Feedback) -> str:
    """Return the SHA-256 of a file; of a folder that of its listing; '' for an address.

    Raises NotReadable, Cancelled.
    """
    path = Path(location)
    if is_remote(location):
        return ""
    digest = hashlib.sha256()
    try:
        if path.is_dir():
            for entry in sorted(path.rglob("*")):
                digest.update(f"{entry.relative_to(path)}:{entry.stat().st_size}\n".encode())
            return digest.hexdigest()
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                feedback.check()
                digest.update(block)
    except OSError as error:
        raise NotReadable(location=location, reason=str(error)) from error
    return digest.hexdigest()
