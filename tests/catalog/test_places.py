import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import Gps
from catalog.places import (
    district,
    district_of,
    districts,
    districts_of_pincode,
    districts_of_std,
    find_district,
    is_in_uttar_pradesh,
    std_codes,
)

SHARED = Path(__file__).parents[3] / "shared" / "reference"
LUCKNOW, KANPUR_NAGAR, BALLIA = "162", "157", "126"


def test_there_are_75_districts_with_distinct_names():
    assert len(districts()) == 75
    assert len({place.name_en for place in districts().values()}) == 75
    assert len({place.name_hi for place in districts().values()}) == 75
    assert len({place.division for place in districts().values()}) == 18


@pytest.mark.parametrize(
    ("pincode", "lgd"),
    [("226010", LUCKNOW), ("208001", KANPUR_NAGAR), ("802131", BALLIA), ("201301", "144"), ("208028", KANPUR_NAGAR)],
)
def test_a_pincode_decides_the_district(pincode, lgd):
    assert district_of(pincode, None) == lgd
    assert is_in_uttar_pradesh(area_code=pincode)


@pytest.mark.skipif(not SHARED.exists(), reason="the reference tables are not at hand")
def test_pincodes_and_telephone_codes_are_those_of_the_reference():
    named = {row["name_lgd"]: row for row in json.loads((SHARED / "up_districts.json").read_text())["districts"]}
    known = json.loads((SHARED / "up_pincode_std.json").read_text())

    for pincode, row in {**known["pincodes"], **known["extra_indiapost_pincodes"]}.items():
        assert set(districts_of_pincode(pincode)) == {str(named[name]["lgd_code"]) for name in row["districts"]}
    for row in named.values():
        codes = std_codes(str(row["lgd_code"]))
        assert (list(codes.ondc), list(codes.real)) == (row["std_ondc"], row["std_actual"])


def test_94_pincodes_span_districts_and_gps_chooses_among_them():
    assert districts_of_pincode("201009") == ("144", "145")
    assert district_of("201009", districts()["144"].headquarters) == "144"
    assert district_of("201009", districts()["145"].headquarters) == "145"
    assert district_of("201009", districts()[LUCKNOW].headquarters) in ("144", "145")


@pytest.mark.parametrize(
    ("area_code", "gps", "lgd"),
    [
        (None, Gps(26.85, 80.95), LUCKNOW),
        ("", Gps(26.46, 80.35), KANPUR_NAGAR),
        ("226999", Gps(26.85, 80.95), LUCKNOW),
        ("not a pincode", Gps(26.85, 80.95), LUCKNOW),
        ("226010", Gps(28.61, 77.21), LUCKNOW),
        ("110001", Gps(28.67, 77.45), None),
        ("110001", None, None),
        (None, None, None),
        (None, Gps(28.61, 77.21), None),
        (None, Gps(25.60, 85.13), None),
        (None, Gps(12.97, 77.59), None),
    ],
    ids=[
        "gps",
        "empty-pincode",
        "new-pincode",
        "no-pincode",
        "pincode-wins",
        "delhi-pincode",
        "delhi",
        "nothing",
        "delhi-gps",
        "patna-gps",
        "bengaluru-gps",
    ],
)
def test_gps_decides_where_the_pincode_does_not(area_code, gps, lgd):
    assert district_of(area_code, gps) == lgd
    assert is_in_uttar_pradesh(gps=gps, area_code=area_code) is (lgd is not None)


@pytest.mark.parametrize("lgd", sorted(districts()))
def test_every_headquarters_lies_in_its_own_district(lgd):
    assert district_of(None, districts()[lgd].headquarters) == lgd


def test_both_telephone_codes_of_a_district_are_known():
    sultanpur = find_district("Sultanpur")
    assert sultanpur is not None

    assert std_codes(sultanpur.lgd).all == ("01828", "05362")
    assert districts_of_std("std:05362") == districts_of_std("01828") == (sultanpur.lgd,)
    assert std_codes(LUCKNOW).all == ("0522",)
    assert set(districts_of_std("0120")) == {"144", "145"}
    assert districts_of_std("std:080") == ()


@pytest.mark.parametrize("name", ["Prayagraj", "allahabad", "इलाहाबाद", " PRAYAGRAJ "])
def test_a_district_is_found_by_any_of_its_names(name):
    assert find_district(name) is district("120")


def test_an_unknown_district_is_nothing():
    assert district("999") is None
    assert find_district("Atlantis") is None
    with pytest.raises(KeyError):
        std_codes("999")


@given(st.floats(-90, 90), st.floats(-180, 180), st.one_of(st.none(), st.text(max_size=8)))
def test_any_place_has_one_district_or_none(lat, lon, area_code):
    found = district_of(area_code, Gps(lat, lon))

    assert found is None or found in districts()
