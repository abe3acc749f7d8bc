"""Saved views and marks as GeoJSON (RFC 7946): points and lines in WGS 84, heights above its ellipsoid."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from twin.errors import BrokenFile, UsageError
from twin.geometry import F64
from twin.presenting.carried import (
    MOST,
    Carried,
    key_of,
    mark_from,
    settings_text,
    view_from,
)
from twin.presenting.frames import AS_IS, Earth

TITLES = ("title", "name", "Name", "text", "label")


def to_geojson(carried: Carried, earth: Earth) -> bytes:
    """Return the file: the same records give the same bytes. Raises UsageError."""
    features = [_view(x, earth) for x in carried.views]
    features += [_mark(x, earth) for x in carried.marks]
    heights = "as in the project, datum unknown" if earth.heights == AS_IS else "WGS 84 ellipsoid"
    document = {"type": "FeatureCollection", "heights": heights, "features": features}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _view(view: Any, earth: Earth) -> dict[str, Any]:
    eye, target = (_rounded(x) for x in earth.out(np.array([view.eye, view.target])))
    properties = {"citytwin": "bookmark", "title": view.title, "target": target, "fov": view.fov}
    text = settings_text(view)
    if text:
        properties["settings"] = json.loads(text)
    geometry = {"type": "Point", "coordinates": eye}
    return {"type": "Feature", "id": view.id, "geometry": geometry, "properties": properties}


def _mark(mark: Any, earth: Earth) -> dict[str, Any]:
    places = [_rounded(x) for x in earth.out(np.array(mark.points))]
    single = len(places) == 1
    geometry = {
        "type": "Point" if single else "LineString",
        "coordinates": places[0] if single else places,
    }
    properties = {"citytwin": "annotation", "kind": mark.kind, "text": mark.text}
    properties |= {"note": mark.note, "color": mark.color}
    return {"type": "Feature", "id": mark.id, "geometry": geometry, "properties": properties}


def _rounded(place: F64) -> list[float]:
    """Return degrees to a tenth of a millimetre, heights to a millimetre."""
    return [round(float(place[0]), 9), round(float(place[1]), 9), round(float(place[2]), 3)]


def from_geojson(data: bytes, location: str, earth: Earth) -> Carried:
    """Return what a file holds that can be a view or a mark. Raises BrokenFile, UsageError."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenFile(location=location, format="GeoJSON", reason=str(error)) from error
    features = _features(document)
    if features is None:
        raise BrokenFile(location=location, format="GeoJSON", reason="it has no list of features")
    views, marks, left = [], [], []
    frame = (earth.frame.crs, earth.frame.vertical)
    for number, feature in enumerate(features[:MOST]):
        points = _points(feature, earth)
        said = _said(feature)
        title = next((str(said[x]) for x in TITLES if said.get(x)), "")
        key = str(feature.get("id") or key_of(location, number, title))[:64]
        target = _place(said.get("target"), earth)
        if points is None or not len(points):
            left.append(_kind(feature))
        elif said.get("citytwin") == "bookmark" and target is not None:
            views.append(view_from(key, title or key, points[0], target, said))
        else:
            marks.append(mark_from(key, points, {"text": title, **said}, frame))
    left += ["more"] * max(len(features) - MOST, 0)
    return Carried(views, marks, left)


def _features(document: Any) -> list[Mapping[str, Any]] | None:
    if not isinstance(document, Mapping):
        return None
    found = [document] if document.get("type") == "Feature" else document.get("features")
    if not isinstance(found, list):
        return None
    return [x for x in found if isinstance(x, Mapping)]


def _said(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    said = feature.get("properties")
    return said if isinstance(said, Mapping) else {}


def _kind(feature: Mapping[str, Any]) -> str:
    geometry = feature.get("geometry")
    return str(geometry.get("type", "?"))[:40] if isinstance(geometry, Mapping) else "no geometry"


def _points(feature: Mapping[str, Any], earth: Earth) -> F64 | None:
    geometry = feature.get("geometry")
    if not isinstance(geometry, Mapping):
        return None
    places = geometry.get("coordinates")
    if geometry.get("type") == "Point":
        places = [places]
    elif geometry.get("type") != "LineString":
        return None
    if not isinstance(places, list) or not 1 <= len(places) <= 1000:
        return None
    found = [_place(x, earth) for x in places]
    sound = [x for x in found if x is not None]
    return np.array(sound) if len(sound) == len(found) else None


def _place(said: Any, earth: Earth) -> F64 | None:
    """Return the project point f64(3) of [longitude, latitude, height?]; None where it is none."""
    if not isinstance(said, list) or not 2 <= len(said) <= 4:
        return None
    if any(isinstance(x, bool) or not isinstance(x, int | float) for x in said):
        return None
    return placed(earth, said)


def placed(earth: Earth, said: list[float]) -> F64 | None:
    """Return the project point of degrees and perhaps a height; None outside of the Earth."""
    try:
        flat = earth.into(np.array([[said[0], said[1], said[2] if len(said) > 2 else 0.0]]))[0]
    except (UsageError, OverflowError):
        return None
    return flat if len(said) > 2 else np.array([flat[0], flat[1], earth.ground])
