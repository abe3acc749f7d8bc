"""Lines of files as ways to fly along: every format, where they come to lie, and what is refused."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from twin.errors import BrokenFile, TwinError
from twin.flythrough.faults import RouteError
from twin.flythrough.line_files import MOST_POINTS, read_line, route_along
from twin.flythrough.records import Route
from twin.flythrough.templates import HEIGHT
from twin.geometry import F64
from twin.jobs import Jobs
from twin.session import Session
from twin.settings import Settings

WAY = np.array([[84900.0, 447400.0], [84960.0, 447440.0], [85000.0, 447520.0]])
"""A way through the block, EPSG:28992."""


@pytest.fixture(scope="module")
def city(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    made = Session(Settings(cache_folder=str(tmp_path_factory.mktemp("c"))), Jobs(inline=True))
    made.open(str(tiny / "delft_tiny.city.json"))
    made.finish()
    return made


def degrees(city: Session) -> F64:
    assert city.project is not None
    return city.project.lonlat(np.column_stack([WAY, np.zeros(3)]))


def saved(path: Path, shapes: list[Any], crs: str | None, names: list[str]) -> Path:
    driver = {".gpkg": "GPKG", ".shp": "ESRI Shapefile"}[path.suffix]
    wkb = np.array(shapely.to_wkb(np.array(shapes, object)), object)
    field = [np.array(names, object)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a file without a system, which is wanted
        pyogrio.raw.write(
            str(path), wkb, field, np.array(["name"], object), geometry_type="LineString", crs=crs,
            driver=driver,
    )  # fmt: skip
    return path


def geojson(path: Path, *features: tuple[str, Any]) -> Path:
    rows = [
        {"type": "Feature", "properties": {"name": "Quay"}, "geometry": {"type": kind, "coordinates": at}}
        for kind, at in features
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    return path


def kml(path: Path, coordinates: str, mode: str = "") -> Path:
    said = f"<altitudeMode>{mode}</altitudeMode>" if mode else ""
    path.write_text(
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Quay</name>'
        f"<LineString>{said}<coordinates>{coordinates}</coordinates></LineString></Placemark></Document></kml>"
    )
    return path


def followed(city: Session, path: Path) -> Route:
    ground = city.ground
    return route_along(read_line(str(path)), str(path), city.twin, city.project, ground)


@pytest.fixture(params=["geojson", "kml", "gpkg", "shp"])
def file(request: pytest.FixtureRequest, city: Session, tmp_path: Path) -> Path:
    spots, path = degrees(city)[:, :2].tolist(), tmp_path / f"way.{request.param}"
    if request.param == "geojson":
        return geojson(path, ("LineString", spots))
    if request.param == "kml":
        return kml(path, " ".join(f"{x:.10f},{y:.10f},7" for x, y in spots))
    return saved(path, [shapely.LineString(WAY)], "EPSG:28992", ["Quay"])


def test_a_line_of_every_format_is_flown_along(city: Session, file: Path) -> None:
    made = followed(city, file)
    assert made.title == "Quay"
    assert city.project is not None
    assert made.crs == city.project.crs
    eyes = np.array([key.eye for key in made.keyframes])
    assert eyes[:, :2] == pytest.approx(WAY, abs=0.02)
    base = city.twin.bounds[2]
    assert ((eyes[:, 2] - HEIGHT > base - 1) & (eyes[:, 2] - HEIGHT < base + 15)).all()


def test_heights_of_a_file_count_above_what_its_format_says(city: Session, tmp_path: Path) -> None:
    """The geoid lies about 43.3 m above the ellipsoid in Delft; NAP is the project's datum or unknown."""
    assert city.project is not None
    spots = degrees(city)
    spots[:, 2] += 5.0 if city.project.vertical else 0.0
    path = geojson(tmp_path / "way.geojson", ("LineString", spots.tolist()))
    eyes = np.array([key.eye for key in followed(city, path).keyframes])
    assert eyes[:, 2] == pytest.approx(HEIGHT + (5.0 if city.project.vertical else 0.0), abs=0.1)


def test_lines_that_join_are_one_and_else_the_longest_is_taken(tmp_path: Path) -> None:
    parts = [shapely.LineString(WAY[:2]), shapely.LineString(WAY[1:])]
    line = read_line(str(saved(tmp_path / "a.gpkg", parts, "EPSG:28992", ["A", "A"])))
    assert (line.name, line.points.shape, line.count) == ("A", (3, 3), 2)
    parts = [shapely.LineString(WAY[:2]), shapely.LineString(WAY[1:] + 50.0)]
    line = read_line(str(saved(tmp_path / "b.gpkg", parts, "EPSG:28992", ["A", "B"])))
    assert (line.name, line.points.shape) == ("B", (2, 3))


def test_a_long_track_gets_no_more_keyframes_than_it_needs(city: Session, tmp_path: Path) -> None:
    t = np.linspace(0.0, 60.0, 3_000)
    track = np.column_stack([84900 + 2 * t, 447450 + 40 * np.sin(t)])
    path = saved(tmp_path / "t.gpkg", [shapely.LineString(track)], "EPSG:28992", ["T"])
    made = followed(city, path)
    assert 20 < len(made.keyframes) <= MOST_POINTS + 2
    assert made.keyframes[0].eye[:2] == pytest.approx(track[0])
    assert made.keyframes[-1].eye[:2] == pytest.approx(track[-1], abs=1e-3)


def refused(city: Session, path: Path) -> str:
    with pytest.raises(RouteError) as told:
        followed(city, path)
    return told.value.full_code


def test_what_is_no_way_through_the_city_is_refused_in_words(
    city: Session, tmp_path: Path
) -> None:
    spots = degrees(city)[:, :2].tolist()
    here = [shapely.LineString(WAY)]
    assert refused(city, saved(tmp_path / "n.shp", here, None, ["A"])) == "route.line_no_crs"
    assert refused(city, geojson(tmp_path / "p.geojson", ("Point", spots[0]))) == "route.line_none"
    one = ("LineString", [spots[0], spots[0]])
    assert refused(city, geojson(tmp_path / "o.geojson", one)) == "route.line_none"
    assert refused(city, kml(tmp_path / "o.kml", "4.36,52.01")) == "route.line_point"
    assert refused(city, kml(tmp_path / "e.kml", "")) == "route.line_point"
    far = ("LineString", [[120.6, 31.3], [120.7, 31.4]])
    assert refused(city, geojson(tmp_path / "f.geojson", far)) in (
        "route.line_far",
        "route.line_nowhere",
    )
    off = ("LineString", [[4.9, 52.37], [4.91, 52.37]])
    assert refused(city, geojson(tmp_path / "a.geojson", off)) == "route.line_far"
    metres = ("LineString", WAY.tolist())  # metres in a format of degrees
    assert refused(city, geojson(tmp_path / "m.geojson", metres)) == "route.line_nowhere"
    with pytest.raises(BrokenFile):
        followed(city, kml(tmp_path / "b.kml", "4.3,x 4.4,5"))
    for text in ("", "<kml", "<a/>"):
        (tmp_path / "x.kml").write_text(text)
        with pytest.raises(TwinError):
            read_line(str(tmp_path / "x.kml"))


def test_a_command_makes_the_route_and_it_is_undone(city: Session, tmp_path: Path) -> None:
    path = geojson(tmp_path / "w.geojson", ("LineString", degrees(city)[:, :2].tolist()))
    city.run("routes.follow", path=str(path))
    (made,) = city.twin.records["routes"].values()
    assert len(made.keyframes) == 3
    city.undo()
    assert not city.twin.records["routes"]
