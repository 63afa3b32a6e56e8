import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.codes import covers, domain_of, is_wildcard, ondc_codes, to_decimal, to_hex, wildcard_of

ENUMS = Path(__file__).parents[3] / "shared" / "ondc-srv" / "enums.json"
REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "service_map.json"


def test_there_are_128_codes_in_three_domains_each_with_both_names():
    codes = ondc_codes()

    assert len(codes) == 128
    assert {code[:5] for code in codes} == {"SRV10", "SRV11", "SRV12"}
    assert all(row.name_en and row.name_hi for row in codes.values())


@pytest.mark.skipif(not ENUMS.exists(), reason="ONDC's enums.json is not at hand")
def test_codes_and_english_names_are_those_of_the_specification():
    enums = json.loads(ENUMS.read_text(encoding="utf-8"))
    listed = enums["search"]["message"]["intent"]["item"]["category"]["id"]

    assert {row["code"]: row["description"].strip() for row in listed} == {
        code: row.name_en for code, row in ondc_codes().items()
    }


@pytest.mark.skipif(not REFERENCE.exists(), reason="the service map is not at hand")
def test_hexadecimal_forms_are_those_of_the_service_map():
    services = json.loads(REFERENCE.read_text(encoding="utf-8"))["services"]
    pairs = {(row["decimal"], row["hex"]) for service in services for row in service["codes"]}

    assert all(to_hex(decimal) == hexadecimal for decimal, hexadecimal in pairs)


@pytest.mark.parametrize(
    ("text", "form", "decimal"),
    [
        ("SRV11-1047", "decimal", "SRV11-1047"),
        ("SRV11-101E", "decimal", "SRV11-1030"),
        ("SRV11-101E", "hex", "SRV11-1030"),
        ("srv11-100a", "decimal", "SRV11-1010"),
        ("SRV11-1010", "decimal", "SRV11-1010"),
        ("SRV11-1010", "hex", "SRV11-1016"),
        ("SRV12-1008", "hex", "SRV12-1008"),
        (" SRV11-* ", "hex", "SRV11-*"),
        ("SRV11-xxxx", "decimal", "SRV11-*"),
        ("SRV11-9999", "decimal", "SRV11-9999"),
    ],
)
def test_a_code_of_either_numbering_is_read_as_decimal(text, form, decimal):
    assert to_decimal(text, form) == decimal


@pytest.mark.parametrize(
    "text", ["", "SRV11", "SRV11-", "SRV11-47", "RET10-1047", "SRV11-10470", "SRV11-0FFF", "*", "SRV11-FFFF"]
)
def test_what_is_no_category_code_is_refused(text):
    with pytest.raises(ValueError, match="category code"):
        to_decimal(text)


@pytest.mark.parametrize("text", ["SRV11-101E", "SRV11-0999", "tap"])
def test_only_a_decimal_code_has_a_hexadecimal_form(text):
    with pytest.raises(ValueError, match="category code"):
        to_hex(text)


@given(st.sampled_from(sorted(ondc_codes())))
def test_hexadecimal_and_back_is_the_same_code(code):
    assert to_decimal(to_hex(code), "hex") == code


def test_fifty_one_hexadecimal_strings_are_another_rows_decimal_code():
    codes = ondc_codes()

    assert sum(to_hex(code) in codes and to_hex(code) != code for code in codes) == 51


@pytest.mark.parametrize(
    ("asked", "published", "expected"),
    [
        ("SRV11-*", "SRV11-1047", True),
        ("SRV11-*", "SRV11-*", True),
        ("SRV11-*", "SRV10-1000", False),
        ("SRV11-1047", "SRV11-1047", True),
        ("SRV11-1047", "SRV11-1048", False),
        ("SRV11-1047", "SRV11-*", False),
    ],
)
def test_a_wildcard_takes_in_its_domain_and_a_code_itself(asked, published, expected):
    assert covers(asked, published) is expected


def test_the_domain_of_a_code_and_its_wildcard_fit_together():
    assert domain_of("SRV11-1047") == domain_of("SRV11-*") == "ONDC:SRV11"
    assert wildcard_of("ONDC:SRV11") == "SRV11-*"
    assert is_wildcard("SRV11-*")
    assert not is_wildcard("SRV11-1047")
