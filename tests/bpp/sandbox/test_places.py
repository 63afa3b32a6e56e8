from __future__ import annotations

import pytest

from beckn_schemas.base import parse_gps
from bpp.sandbox.places import PLACES, UnknownPlace, place_at


@pytest.mark.parametrize("area_code", PLACES)
def test_a_known_pincode_needs_no_coordinates(area_code):
    place = place_at(area_code)

    assert place.area_code == area_code
    lat, lon = parse_gps(place.gps)
    assert 23 < lat < 31
    assert 77 < lon < 85


def test_coordinates_given_are_preferred_and_the_city_stays():
    place = place_at("226010", "26.9, 81.0")

    assert (place.gps, place.city, place.std) == ("26.900000,81.000000", "Lucknow", "std:0522")


def test_an_unknown_pincode_with_coordinates_is_anywhere():
    place = place_at("211001", "25.45,81.84")

    assert (place.area_code, place.std) == ("211001", "*")


@pytest.mark.parametrize(("area_code", "gps"), [("211001", ""), ("", ""), ("226010", "somewhere"), ("", "99,200")])
def test_a_place_that_cannot_be_found_is_refused_with_what_was_expected(area_code, gps):
    with pytest.raises(UnknownPlace, match=r"expected|needed"):
        place_at(area_code, gps)
