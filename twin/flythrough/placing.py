"""Routes of any coordinate system into the project frame."""

from dataclasses import replace

import numpy as np

from twin.flythrough.faults import fault, warning
from twin.flythrough.records import Keyframe, Route, Vector
from twin.geometry import F64
from twin.georeference import Georeference, ProjectFrame, parse_crs
from twin.problems import Problem


def in_frame(route: Route, project: ProjectFrame | None) -> tuple[Route, tuple[Problem, ...]]:
    """Return a checked route with its coordinates in the project frame, and warnings.

    A route without a system has the project's; in a city without a system every route stays where its
    numbers say. Raises RouteError where the system has no such places.
    """
    told: list[Problem] = []
    if project is None:
        told += [warning("city_without_crs", crs=route.crs[:60])] if route.crs else []
        return route, tuple(told)
    if not route.crs:
        return replace(route, crs=project.crs, vertical=project.vertical), (warning("no_crs"),)
    source = parse_crs(route.crs, route.vertical)
    if not source.vertical:  # heights without a datum are the project's own
        source = parse_crs(source.horizontal, project.vertical)
    moved = Georeference(source, project).move(_points(route))
    if not np.isfinite(moved).all():
        number = int(np.flatnonzero(~np.isfinite(moved).all(axis=1))[0]) // 2 + 1
        raise fault(route.title, "off_earth", keyframe=number, crs=source.title or route.crs)
    pairs = zip(route.keyframes, moved.reshape(-1, 2, 3), strict=True)
    keys = tuple(_at(key, eye, target) for key, (eye, target) in pairs)
    here = replace(route, keyframes=keys, crs=project.crs, vertical=project.vertical)
    return here, tuple(told)


def _points(route: Route) -> F64:
    return np.array([point for key in route.keyframes for point in (key.eye, key.target)])


def _at(key: Keyframe, eye: F64, target: F64) -> Keyframe:
    return replace(key, eye=_vector(eye), target=_vector(target))


def _vector(values: F64) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z
