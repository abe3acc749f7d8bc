"""Coordinate systems, heights, the project frame: laws, and vectors from outside."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from pyproj.network import is_network_enabled  # type: ignore[attr-defined]

from twin.errors import CrsError
from twin.geometry import F64
from twin.georeference import (
    ELLIPSOIDAL,
    Georeference,
    Ground,
    ProjectFrame,
    explain_heights,
    local_zone,
    parse_crs,
    parse_vertical,
    site_frame,
    undulation,
)
from twin.georeference.heights import convert, missing_grids, route, said
from twin.messages import catalogue
from twin.records import About, Placement

RD_NAP = ProjectFrame.of("EPSG:7415")
DELFT = (4.36, 52.005)


def ecef(lon: float, lat: float, height: float) -> F64:
    """The textbook formula, WGS 84: the oracle for geocentric coordinates."""
    a, f = 6378137.0, 1 / 298.257223563
    e2 = f * (2 - f)
    phi, lam = np.radians(lat), np.radians(lon)
    n = a / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    plane = (n + height) * np.cos(phi)
    return np.array(
        [plane * np.cos(lam), plane * np.sin(lam), (n * (1 - e2) + height) * np.sin(phi)]
    )


@pytest.mark.parametrize(
    ("name", "horizontal", "vertical"),
    [
        ("", "", ""),
        ("EPSG:7415", "EPSG:28992", "EPSG:5709"),
        ("epsg:7415", "EPSG:28992", "EPSG:5709"),
        ("7415", "EPSG:28992", "EPSG:5709"),
        ("EPSG::7415", "EPSG:28992", "EPSG:5709"),
        ("https://www.opengis.net/def/crs/EPSG/0/7415", "EPSG:28992", "EPSG:5709"),
        ("http://www.opengis.net/def/crs/EPSG/0/6697", "EPSG:6668", "EPSG:6695"),
        ("http://www.opengis.net/gml/srs/epsg.xml#28992", "EPSG:28992", ""),
        ("urn:ogc:def:crs:EPSG::28992", "EPSG:28992", ""),
        ("urn:ogc:def:crs:EPSG:6.12:25832", "EPSG:25832", ""),
        ("urn:ogc:def:crs,crs:EPSG::25833,crs:EPSG::5783", "EPSG:25833", "EPSG:5783"),
        ("urn:ogc:def:crs,crs:EPSG:6.12:25833,crs:EPSG:6.12:5783", "EPSG:25833", "EPSG:5783"),
        ("urn:adv:crs:ETRS89_UTM32*DE_DHHN92_NH", "EPSG:25832", "EPSG:5783"),
        ("urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH", "EPSG:25832", "EPSG:7837"),
        ("urn:adv:crs:DE_DHDN_3GK4*DE_DHHN92_NH", "EPSG:31468", "EPSG:5783"),
        ("urn:adv:crs:DE_42-83_3GK4*DE_SNN76_NH", "EPSG:2398", "EPSG:5785"),
        ("urn:adv:crs:DE_RD-83_3GK5*DE_DHHN85_NOH", "EPSG:3399", "EPSG:5784"),
        ("urn:adv:crs:DE_PD-83_3GK3*DE_DHHN12_NOH", "EPSG:3396", "EPSG:7699"),
        ("EPSG:25833+5783", "EPSG:25833", "EPSG:5783"),
        ("EPSG:25833,EPSG:5783", "EPSG:25833", "EPSG:5783"),
        ("EPSG:4979", "EPSG:4326", ELLIPSOIDAL),
        ("EPSG:4978", "EPSG:4978", ELLIPSOIDAL),
        ("CRS84", "OGC:CRS84", ""),
        (
            "http://www.opengis.net/def/crs-compound?"
            "1=http://www.opengis.net/def/crs/EPSG/0/25833&2=http://www.opengis.net/def/crs/EPSG/0/5783",
            "EPSG:25833",
            "EPSG:5783",
        ),
    ],
)
def test_every_spelling_in_the_field_is_understood_and_taken_apart(
    name: str, horizontal: str, vertical: str
) -> None:
    crs = parse_crs(name)
    assert (crs.horizontal, crs.vertical) == (horizontal, vertical)


@pytest.mark.parametrize(
    "name",
    [
        "EPSG:9999999", "INVALID_REFERENCE_SYSTEM", "#local-CRS-1", "EPSG:5709",
        "urn:ogc:def:crs,crs:EPSG::25833,crs:XX::1", "urn:adv:crs:NONSENSE*DE_DHHN92_NH",
        "+proj=utm +zone=31 +nadgrids=secret.gsb", "+init=epsg:28992", "x" * 70_000,
    ],
)  # fmt: skip
def test_what_is_no_system_on_earth_is_refused_with_a_reason(name: str) -> None:
    with pytest.raises(CrsError) as caught:
        parse_crs(name)
    assert caught.value.params["reason"]


def test_a_definition_wins_over_a_wrong_number_on_it() -> None:
    right = Transformer.from_crs("EPSG:4547", "EPSG:4326").source_crs
    assert right is not None
    wkt = right.to_wkt()
    changed = wkt.replace('"False northing",0', '"False northing",90')
    assert changed != wkt
    assert parse_crs(wkt).horizontal == "EPSG:4547"
    assert "False northing" in parse_crs(changed).horizontal


@pytest.mark.parametrize(
    ("name", "code"),
    [("NAP", "EPSG:5709"), ("nap height", "EPSG:5709"), ("EPSG:5773", "EPSG:5773"),
     ("ellipsoidal", ELLIPSOIDAL), ("", ""), ("unknown", ""), ("1985国家高程基准", "EPSG:5737"),
     ("EPSG:7415", "EPSG:5709"), ("EPSG:4979", ELLIPSOIDAL)],
)  # fmt: skip
def test_vertical_datums_go_by_code_or_by_their_common_name(name: str, code: str) -> None:
    assert parse_vertical(name) == code


def test_a_system_without_heights_names_no_vertical_datum() -> None:
    with pytest.raises(CrsError):
        parse_vertical("EPSG:28992")


def test_an_override_of_the_vertical_datum_wins() -> None:
    assert parse_crs("EPSG:7415", "ellipsoidal").vertical == ELLIPSOIDAL
    assert parse_crs("EPSG:28992", "NAP").vertical == "EPSG:5709"


def test_the_network_stays_off() -> None:
    assert not is_network_enabled()


# --- heights: silence is the trap ---------------------------------------------------------------


def test_the_bundled_geoid_is_the_published_one() -> None:
    # EGM96 at the corners of NGA's own test file (outintpt.dat): 38.628 N 269.779 E is -31.628 m,
    # 46.874 N 102.448 E is -43.575 m, 14.621 S 305.021 E is -2.969 m.
    found = undulation(np.array([269.7791550, 102.4477222, 305.0211389]),
                       np.array([38.6281550, 46.8743194, -14.6212166]))  # fmt: skip
    assert np.abs(found - [-31.628, -43.575, -2.969]).max() < 0.05


def test_egm96_heights_become_ellipsoidal_through_the_bundled_grid() -> None:
    frame = ProjectFrame("EPSG:32631", ELLIPSOIDAL)
    amersfoort = np.array([[5.387206, 52.155174, 10.0]])
    z = Georeference(parse_crs("EPSG:4326+5773"), frame).move(amersfoort)[0, 2]
    assert z == pytest.approx(53.2972, abs=1e-4)


@pytest.mark.parametrize(
    ("vertical", "lon", "lat"),
    [("NAP", 5.4, 52.2), ("DHHN92", 9.9, 53.5), ("DHHN2016", 9.9, 53.5), ("LN02", 8.5, 47.4),
     ("IGN69", 2.35, 48.85), ("RH2000", 18.0, 59.3), ("ODN", -0.1, 51.5), ("EGM2008", 5.4, 52.2),
     ("NAVD88", -84.4, 33.7), ("JGD2011", 139.7, 35.7), ("1985国家高程基准", 126.6, 45.8),
     ("EVRF2007", 14.4, 50.1)],
)  # fmt: skip
def test_no_datum_passes_for_ellipsoidal_in_silence(vertical: str, lon: float, lat: float) -> None:
    datum, at = parse_vertical(vertical), (np.array([lon]), np.array([lat]))
    n = undulation(*at)[0]
    assert abs(n) > 5.0
    assert convert(np.zeros(1), at, datum, ELLIPSOIDAL)[0] == pytest.approx(n, abs=3.0)
    assert convert(np.zeros(1), at, ELLIPSOIDAL, datum)[0] == pytest.approx(-n, abs=3.0)
    assert (route(datum, ELLIPSOIDAL).how == "grid") == (said("X", datum, ELLIPSOIDAL) == ())


def test_nap_is_never_taken_for_ellipsoidal() -> None:
    naive = Transformer.from_crs("EPSG:7415", "EPSG:4979", always_xy=True)
    assert naive.transform(85000, 447000, 10.0)[2] == 10.0  # what PROJ says without a grid
    frame = ProjectFrame("EPSG:32631", ELLIPSOIDAL)
    moved = Georeference(parse_crs("EPSG:7415"), frame).move(np.array([[85000.0, 447000.0, 10.0]]))
    assert moved[0, 2] == pytest.approx(53.4, abs=1.0)


def test_the_stand_in_for_a_missing_grid_is_said_with_its_name_and_accuracy() -> None:
    assert "nl_nsgi_nlgeo2018.tif" in missing_grids("EPSG:5709")
    found = said("Delft", "EPSG:5709", ELLIPSOIDAL)
    assert [p.code for p in found] == ["heights.grid_missing"]
    assert found[0].text == (
        "Heights of Delft are NAP; grid nl_nsgi_nlgeo2018.tif is not installed. "
        "Using EGM96 15' instead (about 1 m, NAP offset not included)."
    )


def test_a_datum_for_which_no_grid_is_known_is_said_too() -> None:
    assert [p.code for p in said("Suzhou", "EPSG:5737", ELLIPSOIDAL)] == ["heights.no_grid"]
    assert route("EPSG:5737", ELLIPSOIDAL).how == "egm96"


def test_the_datum_that_lacks_a_grid_is_the_one_named() -> None:
    assert said("X", "EPSG:5773", "EPSG:5709")[0].params["datum"] == "NAP"


def test_egm96_itself_needs_no_word() -> None:
    assert said("X", "EPSG:5773", ELLIPSOIDAL) == ()


def test_two_datums_without_a_grid_are_taken_as_equal_and_that_is_said() -> None:
    assert [p.code for p in said("Zurich", "EPSG:5728", "EPSG:5729")] == ["heights.equal"]


def test_unknown_heights_pass_through_and_are_said() -> None:
    frame = ProjectFrame("EPSG:32631", "EPSG:5773")
    reference = Georeference(parse_crs("EPSG:28992"), frame)
    assert reference.move(np.array([[85000.0, 447000.0, 10.0]]))[0, 2] == 10.0
    box = np.array([85000.0, 447000, 0, 85100, 447100, 20])
    assert "heights.unknown" in [p.code for p in reference.said("X", box)]


def test_known_heights_in_a_project_of_unknown_heights_are_said() -> None:
    assert [p.code for p in said("X", "EPSG:5709", "")] == ["heights.project_unknown"]


def test_heights_near_the_geoid_undulation_are_explained() -> None:
    sand, sea = Ground(0.4, "EPSG:5709"), Ground(2.0)
    found = explain_heights(43.8, *DELFT, sand, "Tiles")
    assert found is not None
    assert found.code == "heights.look_ellipsoidal.above"
    assert "43 m above the ground here" in found.text
    below = explain_heights(2.0 - 31.6, 269.78, 38.63, sea)
    assert below is not None
    assert below.code == "heights.look_ellipsoidal.below"
    assert explain_heights(1.0, *DELFT) is None
    assert explain_heights(1.0, *DELFT, sand) is None
    twice = explain_heights(-43.0, *DELFT, sand)
    assert twice is not None
    assert twice.code == "heights.shifted_twice.below"


def test_heights_above_the_sea_among_ellipsoidal_ones_are_explained() -> None:
    ground = Ground(43.9, ELLIPSOIDAL)
    found = explain_heights(0.5, *DELFT, ground, "Model")
    assert found is not None
    assert found.code == "heights.look_orthometric.below"
    assert "43 m below the ground here" in found.text
    assert explain_heights(44.5, *DELFT, ground) is None


def test_where_the_geoid_meets_the_ellipsoid_nothing_is_guessed() -> None:
    assert explain_heights(-3.0, 305.021, -14.621) is None


def test_every_problem_of_the_subject_has_its_text_in_both_languages() -> None:
    keys = {
        key for key in catalogue("en").texts if key.startswith(("problem.crs", "problem.heights"))
    }
    assert keys == {
        key for key in catalogue("zh").texts if key.startswith(("problem.crs", "problem.heights"))
    }


# --- the plane ----------------------------------------------------------------------------------


def test_rd_goes_to_utm_as_the_registry_says() -> None:
    # RDNAPTRANS point Amersfoort: RD 155000, 463000 = 52.155 N, 5.387 E (Bessel 52 9 22.178, 5 23 15.5)
    frame = ProjectFrame("EPSG:25831")
    found = Georeference(parse_crs("EPSG:28992"), frame).move(
        np.array([[155000.0, 463000.0, 0.0]])
    )
    lonlat = frame.lonlat(found)[0]
    assert lonlat[:2] == pytest.approx([5.387206, 52.155174], abs=5e-6)


def test_geocentric_tiles_go_to_utm_and_rd() -> None:
    point = ecef(*DELFT, 50.0)[None, :]
    utm = ProjectFrame("EPSG:32631", ELLIPSOIDAL)
    moved = Georeference(parse_crs("EPSG:4978"), utm).move(point)
    assert utm.lonlat(moved)[0] == pytest.approx([*DELFT, 50.0], abs=1e-6)
    rd = Georeference(parse_crs("EPSG:4978"), RD_NAP).move(point)[0]
    assert rd[2] == pytest.approx(50.0 - 43.4, abs=1.0)
    assert RD_NAP.lonlat(rd[None, :])[0] == pytest.approx([*DELFT, 50.0], abs=1e-5)


def test_cgcs2000_is_reached_by_a_ballpark_and_that_is_said() -> None:
    frame = ProjectFrame("EPSG:4549")
    reference = Georeference(parse_crs("EPSG:4326"), frame)
    moved = reference.move(np.array([[120.5, 31.3, 4.0]]))
    assert frame.lonlat(moved)[0] == pytest.approx([120.5, 31.3, 4.0], abs=1e-9)
    box = np.array([120.5, 31.3, 0, 120.6, 31.4, 5])
    assert "crs.ballpark" in [p.code for p in reference.said("Suzhou", box)]


def test_a_system_in_feet_becomes_metres_heights_too() -> None:
    crs = parse_crs("EPSG:2240")
    frame = ProjectFrame.choose(crs, np.array([2200000.0, 1400000.0, 900.0]))
    points = np.array([[2200000.0, 1400000.0, 900.0], [2201000.0, 1400000.0, 1000.0]])
    moved = Georeference(crs, frame).move(points)
    foot = 1200 / 3937
    step = moved[1] - moved[0]
    assert np.hypot(step[0], step[1]) == pytest.approx(1000 * foot, rel=1e-3)
    assert step[2] == pytest.approx(100 * foot, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "at", "crs", "reason"),
    [
        ("EPSG:7415", (85000, 447000, 0), "EPSG:28992", ""),
        ("EPSG:4979", (4.36, 52, 0), "EPSG:32631", "geographic"),
        ("EPSG:4978", tuple(ecef(-70.0, -33.0, 0)), "EPSG:32719", "geocentric"),
        ("EPSG:4490", (120.6, 31.3, 0), "EPSG:4549", "geographic"),
        ("EPSG:4258", (10, 53, 0), "EPSG:25832", "geographic"),
        ("EPSG:2240", (2200000, 1400000, 900), "EPSG:32616", "feet"),
        ("EPSG:3857", (485000, 6800000, 0), "EPSG:32631", "distorted"),
        ("EPSG:5513", (1043000, 743000, 200), "EPSG:32633", "axes"),
        ("EPSG:31468", (4468000, 5333000, 0), "EPSG:31468", ""),
    ],
)
def test_the_first_source_decides_the_projects_system(
    name: str, at: tuple[float, ...], crs: str, reason: str
) -> None:
    frame = ProjectFrame.choose(parse_crs(name), np.array(at, np.float64))
    assert (frame.crs, frame.reason) == (crs, reason)
    assert bool(frame.said("X")) == bool(reason)


def test_a_project_in_degrees_or_feet_is_refused() -> None:
    for name in ("EPSG:4326", "EPSG:2240", "EPSG:4978", ""):
        with pytest.raises(CrsError):
            ProjectFrame.of(name)


@given(st.floats(-180, 180), st.floats(-80, 80))
def test_the_local_zone_is_at_most_three_degrees_away(lon: float, lat: float) -> None:
    code = int(local_zone(lon, lat).removeprefix("EPSG:"))
    meridian = (code % 100) * 6 - 183
    assert abs((lon - meridian + 180) % 360 - 180) <= 3.0 + 1e-9
    assert (code // 100 == 326) == (lat >= 0)


PLACES = [("EPSG:7415", 4.3, 52.0), ("EPSG:4549", 120.5, 31.3), ("EPSG:25833+5783", 13.4, 52.5),
          ("EPSG:2056+5729", 8.5, 47.4), ("EPSG:32719", -70.0, -33.0)]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(PLACES), st.floats(-0.05, 0.05), st.floats(-0.05, 0.05), st.floats(-50, 500)
)
def test_wgs84_and_back_is_the_same_point(
    place: tuple[str, float, float], dx: float, dy: float, height: float
) -> None:
    frame = ProjectFrame.of(place[0])
    lonlat = np.array([[place[1] + dx, place[2] + dy, height]])
    back = frame.lonlat(frame.from_lonlat(lonlat))
    assert np.abs(back[0, :2] - lonlat[0, :2]).max() < 5e-8
    assert abs(back[0, 2] - height) < 1e-4


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["EPSG:4978", "EPSG:25831+5783", "EPSG:4979"]),
    st.floats(5, 800),
    st.integers(0, 9),
)
def test_an_affine_or_quadratic_map_is_good_to_a_millimetre(
    name: str, reach: float, seed: int
) -> None:
    crs = parse_crs(name)
    at = np.array([4.4, 51.9, 45.0])
    if crs.kind != "geographic":
        there = Transformer.from_crs("EPSG:4979", crs.horizontal, always_xy=True)
        at = np.array(there.transform(4.4, 51.9, 45.0))
    reference = Georeference(crs, RD_NAP)
    around = reach * reference.floor
    box = np.concatenate([at - around, at + around])
    points = box[:3] + np.random.default_rng(seed).random((300, 3)) * (box[3:] - box[:3])
    exact = reference.move(points)
    local = reference.local(box, points[:20])
    assert local is not None
    assert np.abs(local(points) - exact).max() < 0.0011
    found = reference.affine(at, reach)
    if found is not None:
        assert np.abs((points - at) @ found[0].T + found[1] - exact).max() < 0.0011


def test_a_map_too_large_for_a_quadratic_is_refused_not_blurred() -> None:
    at = ecef(*DELFT, 0)
    box = np.concatenate([at - 60_000, at + 60_000])
    assert Georeference(parse_crs("EPSG:4978"), RD_NAP).local(box, at[None, :]) is None


def test_the_affine_map_carries_the_scale_factor_of_the_projection() -> None:
    # On the central meridian of a UTM zone a metre on the ground is 0.9996 m on the map.
    reference = Georeference(parse_crs("EPSG:4978"), ProjectFrame("EPSG:32631", ELLIPSOIDAL))
    found = reference.affine(ecef(3.0, 45.0, 0.0), 20.0)
    assert found is not None
    lengths = np.linalg.svd(found[0], compute_uv=False)
    assert lengths == pytest.approx([1.0, 0.9996, 0.9996], abs=2e-6)


def test_a_placement_turns_scales_and_sets_down() -> None:
    placement = Placement(
        "demo", "EPSG:28992", 85000, 447000, 2, rotation=90, scale=2, anchor=(1, 1, 0)
    )
    reference = Georeference.of(About("x"), None, placement, ("", "")).into(RD_NAP, placed=True)
    found = reference.move(np.array([[1.0, 1, 0], [2, 1, 3]]))
    assert found == pytest.approx(np.array([[85000.0, 447000, 2], [85000, 447002, 8]]), abs=1e-9)


def test_an_override_of_the_system_keeps_the_files_own_frame() -> None:
    frame = np.eye(4)
    frame[:3, 3] = 85000, 447000, 0
    reference = Georeference.of(About("x", crs="EPSG:4326"), frame, None, ("EPSG:7415", ""))
    found = reference.into(RD_NAP).move(np.zeros((1, 3)))
    assert found == pytest.approx(np.array([[85000.0, 447000, 0]]))


def test_coordinates_outside_of_the_system_are_noticed() -> None:
    box = np.array([0.0, 0, 0, 10, 10, 10])  # RD's corner lies in the sea off Belgium
    found = Georeference(parse_crs("EPSG:28992"), ProjectFrame("EPSG:32631")).said("X", box)
    assert "crs.outside" in [p.code for p in found]
    inside = np.array([85000.0, 447000, 0, 85100, 447100, 20])
    codes = [p.code for p in Georeference(parse_crs("EPSG:7415"), RD_NAP).said("X", inside)]
    assert codes == []


def test_a_georeference_crosses_a_process() -> None:
    reference = Georeference(parse_crs("EPSG:4978"), RD_NAP)
    assert pickle.loads(pickle.dumps(reference)) == reference


# --- a model at a site ---------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.floats(-75, 75), st.floats(-179, 179), st.floats(-180, 180))
def test_a_site_frame_points_the_model_to_true_north(lat: float, lon: float, turn: float) -> None:
    crs, frame = site_frame(lat, lon, 12.0, turn)
    to_north = np.array([-np.sin(np.radians(turn)), np.cos(np.radians(turn)), 0.0])
    points = np.array([[0.0, 0, 0], 200 * to_north, [0, 0, 5.0]])
    moved = points @ frame[:3, :3].T + frame[:3, 3]
    found = ProjectFrame(crs).lonlat(moved)
    assert found[0] == pytest.approx([lon, lat, 12.0], abs=1e-8)
    assert found[1, 0] == pytest.approx(lon, abs=2e-8)  # straight north: the longitude stays
    assert found[1, 1] > lat
    assert moved[2, 2] == pytest.approx(17.0)  # heights are not stretched
    metres = np.radians(found[1, 1] - lat) * 6_371_000
    assert metres == pytest.approx(200.0, rel=0.01)


def test_a_site_that_is_not_on_earth_is_refused() -> None:
    with pytest.raises(CrsError):
        site_frame(120.0, 0.0)
