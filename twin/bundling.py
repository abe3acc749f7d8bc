"""A project with all it shows in one place: sources and their tiles copied, addresses relative, no network needed.

A bundle is a folder, or a zip archive of one (``.twin.zip``): ``project.twin.gpkg`` and ``sources/``. What a
document names is followed by its references (3D Tiles, glTF, images of CityGML); a source that cannot be followed
so (implicit tiling and I3S on a server) stays where it is, and that is said. Nothing is left half written.
"""

import os
import re
import shutil
import uuid
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from twin.errors import NotFound, NotSaved, OpenError, UsageError
from twin.files import is_remote
from twin.files.addresses import Root
from twin.files.folder import Folder
from twin.files.roots import open_root, read_reference, resolve
from twin.jobs import SILENT, Feedback
from twin.records import SourceRef
from twin.referring import references
from twin.store import Put, open_project

PROJECT, SOURCES, ENDING = "project.twin.gpkg", "sources", ".twin.zip"
WHOLE = frozenset({"metadata.xml", "layer.json"})
"""Documents whose tiles are found by counting: their whole folder goes along."""
TEMPLATE = re.compile(r"\{[^{}]{1,40}\}")
MOST_FILES = 2_000_000
MOST_BYTES = 1 << 40
TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Left:
    """What could not be taken along: the source or the file, and why (an English sentence)."""

    what: str
    why: str


@dataclass
class Bundled:
    """What was taken along, and what was not."""

    path: Path
    sources: int = 0
    files: int = 0
    octets: int = 0
    left: list[Left] = field(default_factory=list)


def bundle(project: Path, out: Path, feedback: Feedback = SILENT) -> Bundled:
    """Write a bundle of a saved project: a zip archive where ``out`` ends in .zip, else a new folder.

    Raises NotFound, StoreError, NotSaved, UsageError, Cancelled; then nothing is left behind.
    """
    if not project.is_file():
        raise NotFound(location=str(project))
    packs = out.suffix.lower() == ".zip"
    if out.exists() and not (packs and out.is_file()):
        raise UsageError(reason=f"{out.name}: there is something of this name already")
    staging = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}.draft")
    try:
        staging.mkdir(parents=True)
        done = _gathered(project, staging, feedback)
        if packs:
            _packed(staging, out, feedback)
        else:
            staging.rename(out)
    except OSError as error:
        raise NotSaved(location=str(out), reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):
            shutil.rmtree(staging)
    done.path = out
    return done


def _packed(staging: Path, out: Path, feedback: Feedback) -> None:
    packed = out.with_name(f"{staging.name}.zip")
    try:
        _zipped(staging, packed, feedback)
        os.replace(packed, out)  # noqa: PTH105 -- atomic, also over an old file
    finally:
        packed.unlink(missing_ok=True)


def _gathered(project: Path, staging: Path, feedback: Feedback) -> Bundled:
    store = open_project(project)
    try:
        kept = store.load().records["sources"]
        store.save_as(staging / PROJECT)
    finally:
        store.close()
    done, changes = Bundled(staging), []
    for number, (key, ref) in enumerate(kept.items(), 1):
        feedback.check()
        feedback.progress((number - 1) / max(len(kept), 1), ref.title or ref.path)
        folder = staging / SOURCES / f"{number:02d}"
        moved = _taken(ref, folder, done, feedback)
        if moved is not None:
            done.sources += 1
            changes.append(Put("sources", key, replace(ref, path=str(moved))))
    copy = open_project(staging / PROJECT)
    try:
        copy.load()
        copy.commit(changes, [{"action": "project.bundle", "object": PROJECT}])
    finally:
        copy.close()
    return done


def _taken(ref: SourceRef, folder: Path, done: Bundled, feedback: Feedback) -> Path | None:
    """Copy one source; return where it lies in the bundle, None where it could not be taken along."""
    before = (done.files, done.octets, len(done.left))
    try:
        return _copied(ref.path, folder, done, feedback)
    except OpenError as error:
        with suppress(OSError):
            shutil.rmtree(folder)
        done.files, done.octets = before[:2]
        del done.left[before[2] :]
        done.left.append(Left(ref.title or ref.path, str(error)))
        return None


def _copied(location: str, folder: Path, done: Bundled, feedback: Feedback) -> Path:
    if not is_remote(location):
        path = Path(location)
        if not path.exists():
            raise NotFound(location=location)
        if path.is_dir() or path.name.lower() in WHOLE:
            whole = path if path.is_dir() else path.parent
            _tree(whole, folder / whole.name, done, feedback)
            return folder / whole.name / ("" if path.is_dir() else path.name)
        for beside in sorted(path.parent.glob(f"{_escaped(path.stem)}.*")):
            if beside.is_file() and beside != path:
                _file(beside, folder / beside.name, done)
    root, name = open_root(location)
    if not name:  # an archive, or a folder's own
        path = Path(location)
        _file(path, folder / path.name, done)
        return folder / path.name
    _followed(root, name, folder, (done, feedback))
    return folder / _local(name)


def _escaped(stem: str) -> str:
    return "".join(f"[{x}]" if x in "*?[" else x for x in stem)


def _followed(root: Root, name: str, folder: Path, into: tuple[Bundled, Feedback]) -> None:
    """Copy a document and all that it and what it names refer to. Raises OpenError for the document itself."""
    done, feedback = into
    waiting, seen = [name], {name}
    while waiting:
        feedback.check()
        address = waiting.pop()
        try:
            data = read_reference(root, address)
        except OpenError as error:
            if address == name:
                raise
            done.left.append(Left(address, str(error)))
            continue
        _write(folder / _local(address), data, done)
        feedback.progress(0.0, f"{done.files}")
        for reference in references(data, address):
            for found in _resolved(root, address, reference, done):
                if found not in seen and len(seen) < MOST_FILES:
                    seen.add(found)
                    waiting.append(found)


def _resolved(root: Root, document: str, reference: str, done: Bundled) -> Sequence[str]:
    """Return the addresses that a reference names; what cannot be followed is said."""
    if "{" in reference and not isinstance(root, Folder):
        done.left.append(Left(reference, "implicit tiles on a server cannot be listed"))
        return ()
    try:
        found = resolve(root, document, TEMPLATE.sub("*", reference))
    except OpenError as error:
        done.left.append(Left(reference, str(error)))
        return ()
    if "{" in reference:  # implicit tiles: those that are there
        base = Path(root.location)
        return [x.relative_to(base).as_posix() for x in sorted(base.glob(found)) if x.is_file()]
    if is_remote(found) and found.startswith(root.location):
        return (found[len(root.location) :],)
    if is_remote(found):
        done.left.append(Left(reference, "it lies on another server"))
        return ()
    return (found,)


def _local(address: str) -> str:
    """Return the name of a file for an address: without a query, never outside of its folder."""
    plain = PurePosixPath(address.partition("?")[0])
    return "/".join(x for x in plain.parts if x not in ("..", "/", "."))


def _tree(whole: Path, target: Path, done: Bundled, feedback: Feedback) -> None:
    for path in sorted(whole.rglob("*")):
        feedback.check()
        if path.is_file() and not path.is_symlink():
            _file(path, target / path.relative_to(whole), done)
            feedback.progress(0.0, f"{done.files}")


def _file(path: Path, target: Path, done: Bundled) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    done.files += 1
    done.octets += target.stat().st_size


def _write(target: Path, data: bytes, done: Bundled) -> None:
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    done.files += 1
    done.octets += len(data)


def _zipped(folder: Path, out: Path, feedback: Feedback) -> None:
    """Write a folder as an archive whose bytes do not depend on when; what is packed already stays as it is."""
    paths = [x for x in sorted(folder.rglob("*")) if x.is_file()]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, path in enumerate(paths):
            feedback.check()
            feedback.progress(number / max(len(paths), 1), path.name)
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix(), TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(member, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 20)


# -- opening ----------------------------------------------------------------------------------


def is_bundle(location: str) -> bool:
    """Return whether a location is an archive of a bundle, by its name."""
    return location.lower().endswith(ENDING) and not is_remote(location)


def unpacked(archive: Path, folder: Path | None = None, feedback: Feedback = SILENT) -> Path:
    """Unpack a bundle beside itself (or into a folder) and return its project; once unpacked it stays.

    Raises NotFound, UsageError, NotSaved, Cancelled.
    """
    target = folder or archive.with_name(archive.name[: -len(ENDING)])
    if (target / PROJECT).is_file():
        return target / PROJECT
    if target.exists():
        raise UsageError(reason=f"{target.name}: there is something of this name already")
    if not archive.is_file():
        raise NotFound(location=str(archive))
    staging = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.draft")
    try:
        with zipfile.ZipFile(archive) as members:
            _unzipped(members, staging, feedback)
        if not (staging / PROJECT).is_file():
            raise UsageError(reason=f"{archive.name}: there is no {PROJECT} in it")
        staging.rename(target)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise NotSaved(location=str(target), reason=str(error)) from error
    finally:
        with suppress(OSError):
            shutil.rmtree(staging)
    return target / PROJECT


def _unzipped(members: zipfile.ZipFile, staging: Path, feedback: Feedback) -> None:
    listed = members.infolist()
    total = sum(x.file_size for x in listed)
    free = shutil.disk_usage(staging.parent).free
    if len(listed) > MOST_FILES or total > min(MOST_BYTES, free):
        raise UsageError(reason=f"the bundle has {len(listed)} files and {total} bytes: too many")
    for number, member in enumerate(listed):
        feedback.check()
        feedback.progress(number / max(len(listed), 1), member.filename)
        parts = PurePosixPath(member.filename).parts
        if member.is_dir():
            continue
        if not parts or any(x in ("..", "/") or ":" in x or "\\" in x for x in parts):
            raise UsageError(reason=f"{member.filename!r} leads out of the bundle")
        path = staging.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        with members.open(member) as source, path.open("wb") as target:
            _some(source, target, member.file_size)


def _some(source: object, target: object, size: int) -> None:
    """Copy at most as many bytes as the archive's directory says."""
    left = size
    while left > 0:
        block = source.read(min(left, 1 << 20))  # type: ignore[attr-defined]
        if not block:
            return
        target.write(block)  # type: ignore[attr-defined]
        left -= len(block)
