from __future__ import annotations

import json
from pathlib import Path

import pytest

from beckn_schemas.ack import ERROR_CODES, ack, error_object, nack
from bpp import errors

SHARED = Path(__file__).resolve().parents[3] / "shared" / "ondc-srv" / "errorcodes.json"


def test_the_table_holds_every_published_code_with_its_message_and_sender():
    if not SHARED.exists():
        pytest.skip("the published table of error codes is not beside the repository")
    published = next(part["ErrorCodes"] for part in json.loads(SHARED.read_bytes()) if "ErrorCodes" in part)
    expected = {str(row["Code"]): (row["Message"], row["Type"]) for row in published}
    services = {"Gateway", "Buyer App", "Seller App"}
    ours = {code: (row.message, row.source) for code, row in ERROR_CODES.items() if row.source in services}
    assert ours == expected


def test_every_type_is_one_of_the_five_of_core():
    five = {"CONTEXT-ERROR", "CORE-ERROR", "DOMAIN-ERROR", "POLICY-ERROR", "JSON-SCHEMA-ERROR"}
    assert {row.type for row in ERROR_CODES.values()} == five


def test_every_error_of_ours_has_a_published_code():
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    codes = {vars(error)["code"] for error in classes if "code" in vars(error)}
    assert codes
    assert codes <= ERROR_CODES.keys()


def test_an_ack_is_exactly_what_the_network_expects():
    assert ack() == {"message": {"ack": {"status": "ACK"}}}


def test_a_nack_names_type_code_path_and_expectation():
    answer = nack("30000", "expected text", "message.order.items[0].id")
    assert answer["message"] == {"ack": {"status": "NACK"}}
    assert answer["error"] == {
        "type": "JSON-SCHEMA-ERROR",
        "code": "30000",
        "message": "message.order.items[0].id: expected text",
        "path": "message.order.items[0].id",
    }


def test_a_nack_without_words_says_the_published_ones():
    assert nack("30016")["error"] == {"type": "CONTEXT-ERROR", "code": "30016", "message": "Invalid Signature"}


def test_an_error_beside_a_message_has_its_code_as_text():
    assert error_object("90001") == {"code": "90001", "message": "Schedule selected by the buyer is not available"}
    assert error_object("90002", "OTP incorrect") == {"code": "90002", "message": "OTP incorrect"}


@pytest.mark.parametrize("code", ["", "50009", "1", "99999"])
def test_a_code_that_nobody_published_is_never_sent(code):
    with pytest.raises(ValueError, match="published"):
        nack(code)
    with pytest.raises(ValueError, match="published"):
        error_object(code, "words")
