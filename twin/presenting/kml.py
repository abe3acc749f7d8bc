"""Saved views and marks as KML 2.2 (OGC 07-147r2): cameras, points and lines, heights above sea level (EGM96).

Files of others are read without entities, without the network, without styles: places and words alone.
"""

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from twin.errors import BrokenFile
from twin.exchange.xml import library, parsed, sound
from twin.geometry import F64
from twin.presenting.carried import (
    AHEAD,
    MOST,
    Carried,
    heading_of,
    key_of,
    looked_at,
    mark_from,
    settings_text,
    view_from,
)
from twin.presenting.frames import AS_IS, Earth
from twin.presenting.geojson import placed
from twin.presenting.records import Annotation
from twin.records import Bookmark

IMAGE = re.compile(r"""<img[^>]{0,500}?src=["']([^"']{1,500})["']""", re.IGNORECASE)
MOST_NOTE = 100_000
"""Characters of a description in which a picture is looked for."""
SPACE = "http://www.opengis.net/kml/2.2"


def to_kml(
    carried: Carried, earth: Earth, title: str, pictures: Mapping[str, str] | None = None
) -> bytes:
    """Return the file: the same records give the same bytes. Raises UsageError.

    ``pictures`` are the addresses of image files by SHA-256; others stay behind.
    """
    tree = library()
    root = tree.Element("kml", nsmap={None: SPACE})
    document = _add(root, "Document")
    _add(document, "name", title or "CityTwin")
    heights = (
        "as in the project, datum unknown" if earth.heights == AS_IS else "above sea level (EGM96)"
    )
    _add(document, "description", f"Heights: {heights}.")
    for view in carried.views:
        _write_view(_add(document, "Placemark"), view, earth)
    for mark in carried.marks:
        address = (pictures or {}).get(mark.picture, "")
        _write_mark(_add(document, "Placemark"), mark, earth, address)
    found: bytes = tree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return found


def _add(parent: Any, name: str, text: str = "") -> Any:
    child = library().SubElement(parent, name)
    if text:
        child.text = sound(text)
    return child


def _write_view(into: Any, view: Bookmark, earth: Earth) -> None:
    eye, target = earth.out(np.array([view.eye, view.target]))
    heading, tilt, far = heading_of(eye, target)
    _add(into, "name", view.title)
    camera = _add(into, "Camera")
    for name, value in (
        ("longitude", f"{eye[0]:.9f}"), ("latitude", f"{eye[1]:.9f}"), ("altitude", f"{eye[2]:.3f}"),
        ("heading", f"{heading:.6f}"), ("tilt", f"{tilt:.6f}"), ("roll", "0"),
        ("altitudeMode", "absolute"),
    ):  # fmt: skip
        _add(camera, name, value)
    said = {"citytwin": "bookmark", "id": view.id, "range": f"{far:.3f}", "fov": f"{view.fov:g}"}
    _data(into, {**said, "settings": settings_text(view)})


def _write_mark(into: Any, mark: Annotation, earth: Earth, picture: str) -> None:
    places = earth.out(np.array(mark.points))
    _add(into, "name", mark.text)
    said = {"citytwin": "annotation", "id": mark.id, "kind": mark.kind, "color": mark.color}
    if picture:  # the balloon of a globe shows HTML
        note = html.escape(mark.note)
        _add(into, "description", f'<img src="{picture}" width="480"/><p>{note}</p>')
        said |= {"image": picture, "note": mark.note}
    elif mark.note:
        _add(into, "description", mark.note)
    _data(into, said)
    shape = _add(into, "Point" if len(places) == 1 else "LineString")
    _add(shape, "altitudeMode", "absolute")
    _add(shape, "coordinates", " ".join(f"{x:.9f},{y:.9f},{z:.3f}" for x, y, z in places))


def _data(into: Any, said: Mapping[str, str]) -> None:
    more = _add(into, "ExtendedData")
    for name, value in said.items():
        if value:
            one = _add(more, "Data")
            one.set("name", name)
            _add(one, "value", value)


# -- reading ----------------------------------------------------------------------------------


def from_kml(
    data: bytes, location: str, earth: Earth, take: Callable[[str], str] = lambda address: ""
) -> Carried:
    """Return what a file holds that can be a view or a mark. Raises BrokenFile.

    ``take`` returns the SHA-256 of the picture at an address of the file, '' where it is not to be had.
    """
    root, _ = parsed(data, location, "KML")
    if _local(root) != "kml":
        raise BrokenFile(location=location, format="KML", reason="its root is not kml")
    views, marks, left = [], [], []
    frame = (earth.frame.crs, earth.frame.vertical)
    for number, one in enumerate(x for x in root.iter() if _local(x) == "Placemark"):
        if number >= MOST:
            left.append("more")
            continue
        said = _said(one)
        key = said.get("id") or key_of(location, number, said.get("text", ""))
        camera = _camera(one, said, earth)
        points = _places(one, earth)
        address = said.get("image") or _image(said["note"])
        said["picture"] = take(address) if address and points is not None else ""
        if camera is not None and (points is None or said.get("citytwin") == "bookmark"):
            views.append(view_from(key[:64], said.get("text") or key, *camera, said))
        elif points is not None:
            marks.append(mark_from(key[:64], points, said, frame))
        else:
            left.append("no point, line or camera")
    return Carried(views, marks, left)


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _child(element: Any, name: str) -> Any | None:
    return next((x for x in element if _local(x) == name), None)


def _text(element: Any, name: str) -> str:
    found = _child(element, name)
    return "" if found is None or found.text is None else found.text.strip()


def _said(placemark: Any) -> dict[str, str]:
    found = {"text": _text(placemark, "name"), "note": _text(placemark, "description")}
    more = _child(placemark, "ExtendedData")
    for one in () if more is None else more:
        if _local(one) == "Data" and one.get("name"):
            found[str(one.get("name"))] = _text(one, "value")
    return found


def _image(note: str) -> str:
    """Return the address of the first picture in a description of HTML; '' without one."""
    found = IMAGE.search(note[:MOST_NOTE])
    return html.unescape(found.group(1)) if found else ""


def _number(element: Any, name: str, usual: float = 0.0) -> float:
    try:
        value = float(_text(element, name) or usual)
    except ValueError:
        return usual
    return value if np.isfinite(value) else usual


def _camera(placemark: Any, said: Mapping[str, str], earth: Earth) -> tuple[F64, F64] | None:
    """Return eye and target in the project's frame of a Camera or a LookAt; None without one."""
    found = _child(placemark, "Camera")
    look = _child(placemark, "LookAt") if found is None else None
    element = look if found is None else found
    if element is None:
        return None
    at = np.array([_number(element, x) for x in ("longitude", "latitude", "altitude")])
    heading, tilt = _number(element, "heading"), _number(element, "tilt")
    if look is None:
        far = max(_range(said), 1.0)
        ends = (at, looked_at(at, heading, tilt, far))
    else:
        far = max(_number(element, "range", AHEAD), 1.0)
        ends = (looked_at(at, heading, tilt, -far), at)
    absolute = _text(element, "altitudeMode") == "absolute"
    eye, target = (_point(earth, x.tolist(), absolute=absolute) for x in ends)
    return None if eye is None or target is None else (eye, target)


def _range(said: Mapping[str, str]) -> float:
    try:
        far = float(said.get("range", AHEAD))
    except ValueError:
        return AHEAD
    return far if np.isfinite(far) else AHEAD


def _point(earth: Earth, said: list[float], *, absolute: bool) -> F64 | None:
    """Return the project point of degrees and a height above sea level, or above the city's lowest ground."""
    if absolute:
        return placed(earth, said[:3])
    found, over = placed(earth, said[:2]), said[2] if len(said) > 2 else 0.0
    return None if found is None else found + np.array([0.0, 0.0, over])


def _places(placemark: Any, earth: Earth) -> F64 | None:
    shape = next((x for x in placemark.iter() if _local(x) in ("Point", "LineString")), None)
    if shape is None:
        return None
    mode = _text(shape, "altitudeMode")
    absolute, clamped = mode == "absolute", mode in ("", "clampToGround")
    found: list[F64] = []
    for part in _text(shape, "coordinates").split()[:1000]:
        try:
            said = [float(x) for x in part.split(",")]
        except ValueError:
            return None
        if clamped:
            said = said[:2]
        point = _point(earth, said, absolute=absolute) if 2 <= len(said) <= 3 else None
        if point is None:
            return None
        found.append(point)
    return np.array(found) if found else None
