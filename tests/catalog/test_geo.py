import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.geo import Serviceability, distance_km, parse_gps, polygon, serves
from catalog.model import Area, Gps, Location

LUCKNOW, VARANASI = Gps(26.83928, 80.92313), Gps(25.31668, 83.01041)
LOCATION = Location(
    id="L1", gps=LUCKNOW, address="Demo House", city="Lucknow", std="0522", area_code="226010", district="162"
)
POINTS = st.builds(Gps, st.floats(-90, 90), st.floats(-180, 180))


def square(west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def area(kind, val):
    return Area(location_id="L1", category="SRV11-*", kind=kind, val=val)


@pytest.mark.parametrize(
    ("text", "gps"),
    [
        ("26.85,80.95", Gps(26.85, 80.95)),
        (" 26.850000 ,  80.9500001 ", Gps(26.85, 80.9500001)),
        ("80.95,26.85", Gps(26.85, 80.95)),
        ("26,80", Gps(26, 80)),
        ("+26.85,+80.95", Gps(26.85, 80.95)),
        ("51.5,-0.12", Gps(51.5, -0.12)),
    ],
)
def test_gps_is_read_with_any_precision_and_either_order_within_india(text, gps):
    assert parse_gps(text) == gps


@pytest.mark.parametrize(
    "text", ["", "26.85", "26.85,", "a,b", "26.85,80.95,1", "91,200", "nan,nan", "1e1,80", "26.85;80.95", "999,0"]
)
def test_what_is_no_point_on_the_earth_is_refused(text):
    with pytest.raises(ValueError, match=r"gps|earth"):
        parse_gps(text)


@given(st.floats(6, 38), st.floats(68, 98))
def test_a_point_in_india_comes_back_from_its_wire_form(lat, lon):
    read = parse_gps(str(Gps(lat, lon)))

    assert (read.lat, read.lon) == pytest.approx((lat, lon), abs=1e-6)


def test_lucknow_to_varanasi_is_268_kilometres():
    assert distance_km(LUCKNOW, VARANASI) == pytest.approx(268.5, abs=0.5)


@given(POINTS, POINTS)
def test_a_distance_is_the_same_both_ways_and_never_beyond_half_the_earth(a, b):
    assert distance_km(a, b) == pytest.approx(distance_km(b, a))
    assert 0 <= distance_km(a, b) < 20_020
    assert distance_km(a, a) == 0


@pytest.mark.parametrize(
    ("kind", "val", "gps", "area_code", "answer"),
    [
        ("10", "10", Gps(26.90, 80.93), "226021", "YES"),
        ("10", "5.5", Gps(26.90, 80.93), "226021", "TOO_FAR"),
        ("10", "10", VARANASI, "226010", "TOO_FAR"),
        ("10", "10", None, "226010", "YES"),
        ("10", "10", None, "226001", "OUTSIDE"),
        ("10", "10", None, None, "OUTSIDE"),
        ("11", "226010, 226001", None, "226001", "YES"),
        ("11", "226010,226001", LUCKNOW, "226002", "OUTSIDE"),
        ("11", "226010", LUCKNOW, None, "OUTSIDE"),
        ("11", "226010", LUCKNOW, "", "OUTSIDE"),
        ("12", "IND", LUCKNOW, None, "YES"),
        ("12", "IND", None, "560001", "YES"),
        ("12", "IND", Gps(51.5, -0.12), None, "OUTSIDE"),
        ("12", "IND", None, None, "OUTSIDE"),
        ("12", "IN-UP", VARANASI, "221001", "YES"),
        ("12", "IN-UP", Gps(28.61, 77.21), "110001", "OUTSIDE"),
        ("13", square(80.8, 26.7, 81.1, 27.0), LUCKNOW, None, "YES"),
        ("13", square(80.8, 26.7, 81.1, 27.0), VARANASI, None, "OUTSIDE"),
        ("13", square(80.8, 26.7, 81.1, 27.0), Gps(26.7, 80.9), None, "YES"),
        ("13", square(80.8, 26.7, 81.1, 27.0), None, "226010", "OUTSIDE"),
    ],
)
def test_an_area_takes_in_what_its_kind_says(kind, val, gps, area_code, answer):
    assert serves(area(kind, val), LOCATION, gps, area_code) is Serviceability[answer]


def test_refusals_carry_the_networks_codes():
    assert Serviceability.OUTSIDE.value == "30009"
    assert Serviceability.TOO_FAR.value == "30010"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        '{"type":"Point","coordinates":[80,26]}',
        '{"type":"FeatureCollection","features":[]}',
        square(26.7, 80.8, 27.0, 81.1),
        '{"type":"Polygon","coordinates":[[[80,26],[81,27],[81,26],[80,27],[80,26]]]}',
    ],
    ids=["empty", "broken", "null", "point", "no-features", "latitude-first", "bow-tie"],
)
def test_an_area_that_is_no_polygon_in_india_is_refused(text):
    with pytest.raises(ValueError, match=r"GeoJSON|longitude|valid"):
        polygon(text)


@pytest.mark.parametrize(("kind", "val"), [("10", "near"), ("12", "FRA"), ("13", "{}")])
def test_an_area_that_cannot_be_read_is_an_error_and_not_a_refusal(kind, val):
    with pytest.raises(ValueError, match=r"float|country|GeoJSON"):
        serves(area(kind, val), LOCATION, LUCKNOW, "226010")


def test_several_polygons_count_as_one_area():
    west, east = (json.loads(square(*box))["features"] for box in ((80, 26, 81, 27), (82, 26, 83, 27)))
    text = json.dumps({"type": "FeatureCollection", "features": west + east})

    assert serves(area("13", text), LOCATION, Gps(26.5, 82.5), None) is Serviceability.YES
    assert serves(area("13", text), LOCATION, Gps(26.5, 81.5), None) is Serviceability.OUTSIDE
