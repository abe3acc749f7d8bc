"""metadata.xml of a block: the coordinate system in each of its spellings, the origin, what else it says."""

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

import numpy as np

from loaders._ellipsoid import east_north_up, geocentric
from twin.errors import CrsError
from twin.geometry import F64
from twin.georeference import mistagged, parse_crs, problem
from twin.records import Problem

NAME = "metadata.xml"
MOST_BYTES = 1 << 20
MOST_DEPTH = 32
GEOCENTRIC = "EPSG:4978"
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_ENU = re.compile(rf"ENU\s*:\s*({_NUMBER})\s*[,;\s]\s*({_NUMBER})", re.I)
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")
_LOCAL = re.compile(r"local\b|unknown\b|none\b|n/?a\b", re.I)


@dataclass(frozen=True, slots=True)
class System:
    """Where a block stands: ``crs`` ('' = nobody says), the frame into it, and what is to be said.

    ``said`` are the texts of the other elements, by name.
    """

    crs: str = ""
    frame: F64 | None = None
    problems: tuple[Problem, ...] = ()
    said: dict[str, str] = field(default_factory=dict)


def read_system(data: bytes | None, title: str, given: str) -> System:
    """Return the system of a block. ``data`` None = there is no metadata.xml; ``given`` is the user's.

    A document that cannot be read is a problem, not an error: the model is there all the same.
    """
    if data is None:
        return System(given, None, () if given else (_missing(title),))
    try:
        found = elements(data)
    except ValueError as error:
        told = problem("osgb.metadata", NAME, reason=str(error))
        return System(given, None, (told,) if given else (told, _missing(title)))
    name = found.pop("SRS", "").strip()
    text = found.pop("SRSOrigin", "").strip()
    origin = _numbers(text)
    problems: list[Problem] = []
    if text and origin is None:
        problems.append(problem("osgb.origin", NAME, text=text[:80]))
    frame = _moved(np.zeros(3) if origin is None else origin)
    enu = _ENU.match(name)
    if given:
        return System(given, frame, tuple(problems), found)
    if enu is not None:
        return _tangent(float(enu[1]), float(enu[2]), frame, (problems, found, title))
    if not name or _LOCAL.match(name):
        return System("", frame, (*problems, _missing(title)), found)
    try:
        if (
            parse_crs(name).kind == "geographic"
        ):  # the model counts in metres, whatever stands here
            told = problem("osgb.degrees", NAME, title=title, crs=name[:80])
            return System("", frame, (*problems, told, _missing(title)), found)
        problems += _doubts(name, title)
    except CrsError:
        pass  # told by whoever places the source
    return System(name, frame, tuple(problems), found)


def _tangent(
    lat: float, lon: float, frame: F64, rest: tuple[list[Problem], dict[str, str], str]
) -> System:
    """Return the system of a tangent plane at WGS 84 degrees, on the ellipsoid: into geocentric metres."""
    problems, found, title = rest
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        reason = f"ENU:{lat:g},{lon:g} is not a place on Earth"
        told = problem("osgb.metadata", NAME, reason=reason)
        return System("", frame, (*problems, told, _missing(title)), found)
    at = np.radians([lon, lat])
    tangent = np.eye(4)
    tangent[:3, :3] = east_north_up(at[0], at[1]).T
    tangent[:3, 3] = geocentric(at[0], at[1], np.array(0.0))
    return System(GEOCENTRIC, tangent @ frame, tuple(problems), found)


def _doubts(name: str, title: str) -> list[Problem]:
    """Return what has to be said of a definition that carries a number which is not its own."""
    claim = mistagged(name)
    if claim is None:
        return []
    tag, differences = claim
    return [problem("osgb.crs_tag", NAME, title=title, tag=tag, differences=differences)]


def _missing(title: str) -> Problem:
    found = problem("osgb.crs_missing", title, title=title)
    return Problem("crs.missing", found.text, title, {"title": title})


def _moved(origin: F64) -> F64:
    frame = np.eye(4)
    frame[:3, 3] = origin
    return frame


def _numbers(text: str) -> F64 | None:
    """Return the two or three finite numbers of an origin, as three."""
    parts = re.split(r"[,;\s]+", text.strip()) if text.strip() else []
    try:
        found = [float(part) for part in parts if part]
    except ValueError:
        return None
    if len(found) not in (2, 3) or not np.isfinite(found).all():
        return None
    return np.array([*found, 0.0][:3])


def elements(data: bytes) -> dict[str, str]:
    """Return element name -> text of a small XML document, without its root. Raises ValueError.

    A document type is refused, so no entity is ever declared or expanded.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES} bytes")
    found: dict[str, str] = {}
    open_names: list[str] = []
    parser = ParserCreate(encoding="utf-8")

    def refuse(*_: Any) -> None:
        raise ValueError("it declares a document type")

    def begin(name: str, _: dict[str, str]) -> None:
        open_names.append(name)
        if len(open_names) > MOST_DEPTH:
            raise ValueError("its elements are nested too deeply")

    def inside(text: str) -> None:
        if len(open_names) > 1:
            found[open_names[-1]] = found.get(open_names[-1], "") + text

    def end(_: str) -> None:
        open_names.pop()

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = begin
    parser.CharacterDataHandler = inside
    parser.EndElementHandler = end
    try:
        parser.Parse(_as_text(data).encode("utf-8"), True)
    except ExpatError as error:
        raise ValueError(f"it is not well-formed XML: {error}") from error
    return {name: text.strip() for name, text in found.items() if text.strip()}


def _as_text(data: bytes) -> str:
    """Return the document's text, whatever code page it is in, its declaration removed."""
    declared = _DECLARED.match(data.lstrip(b"\xef\xbb\xbf \r\n\t"))
    names = ["utf-8-sig", "gb18030", "latin-1"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        names.insert(0, "utf-16")
    if declared is not None and declared[1].lower() not in (b"utf-8", b"utf8"):
        names.insert(0, declared[1].decode("ascii"))
    for name in names:
        try:
            text = data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        return re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff"))
    raise ValueError("its code page is unknown")
