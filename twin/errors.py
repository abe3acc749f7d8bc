"""The error tree. Every error has a stable code, parameters and an English template.

::

    TwinError
    ├── OpenError                 a location cannot be used (exit 2 on the command line)
    │   ├── NotFound              missing.file
    │   ├── NotReadable           unreadable.file
    │   │   ├── NotCached         server.offline
    │   │   ├── Unreachable       server.unreachable
    │   │   ├── TooSlow           server.timeout
    │   │   ├── ServerRefused     server.refused
    │   │   ├── BadAnswer         server.answer
    │   │   └── WebPage           server.web_page
    │   ├── UnknownFormat         unknown.format
    │   ├── BrokenFile            broken.file (loaders refine: broken.<format>)
    │   ├── NotSupported          not_supported
    │   ├── OutsideRoot           outside.root
    │   │   └── OtherHost         server.other_host
    │   ├── TooLarge              too.large
    │   └── MissingDecoder        missing.decoder
    ├── CrsError                  crs.unknown, crs.no_path
    ├── RowsTold                  rows.told (of a table's rows some were mended, guessed or left out)
    ├── StudyTooLarge             study.too_large (more geometry than an analysis may take)
    ├── NothingToStudy            study.nothing (an analysis has nothing to look at)
    ├── UsageError                usage (wrong argument, unknown name)
    │   ├── PlanInput             plan.input (a number no plan can be made of)
    │   ├── NoPlace               sun.place (where on Earth is not known)
    │   ├── SunYear               sun.year
    │   ├── SunZone               sun.zone
    │   └── SunRule               sun.rule (a rule of sun hours that cannot be followed)
    ├── ConflictError             conflict (somebody else changed the record)
    ├── StoreError                store (a project file cannot be used)
    │   ├── NotAProject           store.unknown
    │   ├── StoreBroken           store.broken
    │   ├── StoreLocked           store.locked
    │   ├── StoreNewer            store.newer
    │   └── NotSaved              store.not_saved
    ├── WorkerCrashed             worker.crashed
    │   └── WorkerTooLarge        worker.memory
    └── Cancelled                 cancelled

A bad *object* is not an error: it is a ``Problem`` (see ``twin.records``).
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class TwinError(Exception):
    """Root of all errors that a user may see. ``str(error)`` is the English sentence."""

    code: ClassVar[str] = "error"
    template: ClassVar[str] = "{reason}"

    def __init__(self, **params: Any) -> None:
        """Keep the parameters: they fill the template here and in every other language."""
        super().__init__(params)
        self.params: Mapping[str, Any] = params

    def __str__(self) -> str:
        """Return the English sentence; a missing parameter is shown as its name."""
        return self.template.format_map(_Shown(self.params))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by keyword: exceptions with keyword parameters break process pools otherwise."""
        return (_rebuild, (type(self), dict(self.params)))

    @property
    def full_code(self) -> str:
        """Return the code as shown to users; formats refine it (``broken.cityjson``)."""
        return self.code


class _Shown(dict[str, Any]):
    """Parameters for a template: a missing one is shown, never raised over."""

    def __missing__(self, key: str) -> str:
        return f"<{key}>"


def _rebuild(kind: type[TwinError], params: dict[str, Any]) -> TwinError:
    return kind(**params)


class OpenError(TwinError):
    """A location cannot be used. Params: location, reason."""

    code = "open"
    template = "{location}: {reason}"


class NotFound(OpenError):
    """Nothing lies at the location. Params: location."""

    code = "missing.file"
    template = "{location}: there is no such file or folder. Check the address."


class NotReadable(OpenError):
    """The system refuses to read it. Params: location, reason."""

    code = "unreadable.file"
    template = "{location}: cannot be read ({reason}). Check the permissions."


class UnknownFormat(OpenError):
    """No loader recognises the content. Params: location, formats."""

    code = "unknown.format"
    template = "{location}: no loader recognises this. Known formats: {formats}."


class BrokenFile(OpenError):
    """The content breaks its own format. Params: location, format, reason (with the place)."""

    code = "broken"
    template = (
        "{location}: this is not valid {format}: {reason}. Ask whoever made it for a sound copy."
    )

    @property
    def full_code(self) -> str:
        """Return ``broken.<format>``."""
        return f"broken.{str(self.params.get('format', 'file')).lower().replace(' ', '')}"


class NotSupported(OpenError):
    """Valid, but not for us. Params: location, what, advice."""

    code = "not_supported"
    template = "{location}: {what} is not supported. {advice}"


class OutsideRoot(OpenError):
    """An address or archive member leaves its root. Params: location, address."""

    code = "outside.root"
    template = "{location}: the address {address!r} leads outside the source's own folder and was refused."


class TooLarge(OpenError):
    """A declared size exceeds what the file can hold or a limit. Params: location, what, size, limit."""

    code = "too.large"
    template = "{location}: {what} declares {size}, more than the {limit} that is possible here."


class MissingDecoder(OpenError):
    """An optional decoder is not installed. Params: location, decoder, install."""

    code = "missing.decoder"
    template = "{location}: needs the decoder {decoder}, which is not installed ({install})."


class NotCached(NotReadable):
    """Offline, and no answer of the server is kept. Params: location."""

    code = "server.offline"
    template = "{location}: not in the cache, and CityTwin works offline."


class Unreachable(NotReadable):
    """No connection to the server. Params: location, reason."""

    code = "server.unreachable"
    template = "{location}: the server cannot be reached ({reason}). Check address and network."


class TooSlow(NotReadable):
    """The server did not answer in time. Params: location, seconds."""

    code = "server.timeout"
    template = "{location}: no complete answer within {seconds} s. Try again later."


class ServerRefused(NotReadable):
    """The server answers with an error status. Params: location, status, advice."""

    code = "server.refused"
    template = "{location}: the server answered {status}. {advice}"


class BadAnswer(NotReadable):
    """What the server sends cannot be used. Params: location, reason."""

    code = "server.answer"
    template = "{location}: the server's answer cannot be used: {reason}."


class WebPage(NotReadable):
    """A page for people came in the place of data. Params: location."""

    code = "server.web_page"
    template = "{location}: the server answered with a web page. Check address and login."


class OtherHost(OutsideRoot):
    """An address on a host that the user did not allow. Params: location, address, host."""

    code = "server.other_host"
    template = (
        "{location}: leads to the host {host}, which is not allowed. Use --allow-host {host}."
    )


class CrsError(TwinError):
    """A coordinate system is unknown or cannot be reached. Params: crs, reason."""

    code = "crs.unknown"
    template = "The coordinate system {crs} cannot be used: {reason}."


class UsageError(TwinError):
    """Wrong argument or unknown name. Params: reason."""

    code = "usage"
    template = "{reason}"


class PlanInput(UsageError):
    """A number that no plan can be made of. Params: name, value, reason."""

    code = "plan.input"
    template = "{name} cannot be {value!r}: {reason}."


class NoPlace(UsageError):
    """Where on Earth something stands is not known, or no such place exists. Params: place."""

    code = "sun.place"
    template = (
        "The sun needs a place on Earth, and this is none: {place}. Give the layer its coordinate"
        " system (--crs), or name a place (--place LON,LAT)."
    )


class SunYear(UsageError):
    """A date for which no position of the sun is given. Params: first, last."""

    code = "sun.year"
    template = "The sun's position is given for a date in the years {first} to {last}."


class SunZone(UsageError):
    """A time zone that is not known here. Params: zone."""

    code = "sun.zone"
    template = "There is no time zone {zone!r}: write an IANA name (Asia/Shanghai) or UTC+8."


class SunRule(UsageError):
    """A rule of sun hours that cannot be followed. Params: name, value, reason."""

    code = "sun.rule"
    template = "{name} cannot be {value!r} in a rule of sun hours: {reason}."


TOLD = 3
"""Kinds of remarks that such a note quotes."""


class RowsTold(TwinError):
    """A table was taken in, and some of it needs a look. Params: location, count, reason."""

    code = "rows.told"
    template = "{location}: {count} remarks: {reason}"

    @staticmethod
    def of(location: str, problems: Sequence[Any]) -> "RowsTold":
        """Return the note of what is wrong with rows: each kind once, with the first as its example."""
        first = {item.code: item.text for item in reversed(problems)}
        kinds = {item.code: 0 for item in problems}
        for item in problems:
            kinds[item.code] += 1
        said = [f"{first[code]} (x {n})" if n > 1 else first[code] for code, n in kinds.items()]
        shown = " ".join(said[:TOLD]) + (f" (+{len(said) - TOLD})" if len(said) > TOLD else "")
        return RowsTold(location=location, count=len(problems), reason=shown)


class ConflictError(TwinError):
    """The stored record has another version than expected. Params: what, expected, found."""

    code = "conflict"
    template = "{what} was changed by somebody else (version {found}, expected {expected})."


class StoreError(TwinError):
    """The project file cannot be used. Params: location, reason."""

    code = "store"
    template = "{location}: {reason}"


class NotAProject(StoreError):
    """The file is no project. Params: location, reason."""

    code = "store.unknown"
    template = "{location}: this is not a project ({reason})."


class StoreBroken(StoreError):
    """The project file is damaged. Params: location, reason."""

    code = "store.broken"
    template = "{location}: the project is damaged ({reason}). Take a backup copy."


class StoreLocked(StoreError):
    """Somebody else has the project. Params: location, who, host, since."""

    code = "store.locked"
    template = "{location}: {who} has had it open on {host} since {since}. Wait, or save a copy."


class StoreNewer(StoreError):
    """The project was written by a newer program. Params: location, found, known."""

    code = "store.newer"
    template = "{location}: a newer CityTwin wrote this (schema {found}, this one knows {known}). Update CityTwin."


class NotSaved(StoreError):
    """Nothing was saved; what was saved before stays whole. Params: location, reason."""

    code = "store.not_saved"
    template = "{location}: nothing was saved ({reason})."


class WorkerCrashed(TwinError):
    """A worker process died. Params: what, reason."""

    code = "worker.crashed"
    template = "{what}: the worker process ended unexpectedly ({reason}). The other sources are unaffected."


class WorkerTooLarge(WorkerCrashed):
    """A worker process was ended because of its memory. Params: what, reason, limit."""

    code = "worker.memory"
    template = (
        "{what}: ended, because it took more memory ({reason}) than a worker may ({limit}). "
        "The setting worker_mb says how much that is."
    )


class StudyTooLarge(TwinError):
    """An analysis would need more geometry than it may take. Params: triangles, limit."""

    code = "study.too_large"
    template = (
        "{triangles} triangles lie in the area of the analysis, more than the {limit} that fit. Choose a "
        "smaller area, hide layers that do not matter, or raise the setting analysis_mb."
    )


class NothingToStudy(TwinError):
    """An analysis has nothing to look at. Params: reason."""

    code = "study.nothing"
    template = "There is nothing to analyse: {reason}. Show a layer, or choose another area."


class Cancelled(TwinError):
    """The user cancelled the work. Params: what."""

    code = "cancelled"
    template = "{what}: cancelled."
