"""One-time passwords by RFC 6238: its own vectors, a window of one step, and no code twice."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.people.second_factor import NEIGHBOURS, STEP, base32, code_at, link, new_secret, step_of

RFC_SECRET = b"12345678901234567890"
SECRETS = st.binary(min_size=20, max_size=20)
STEPS = st.integers(min_value=50_000_000, max_value=90_000_000)


# RFC 6238, appendix B, SHA-1: the last six of its eight figures.
@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds, code):
    assert code_at(RFC_SECRET, seconds // STEP) == code
    assert step_of(code, RFC_SECRET, datetime.fromtimestamp(seconds, UTC), 0) == seconds // STEP


@given(secret=SECRETS, step=STEPS, offset=st.integers(min_value=-5, max_value=5), second=st.integers(0, STEP - 1))
def test_a_clock_may_be_one_step_off_and_no_more(secret, step, offset, second):
    now = datetime.fromtimestamp(step * STEP + second, UTC)
    code = code_at(secret, step + offset)
    taken = step_of(code, secret, now, 0)

    if offset in NEIGHBOURS:
        assert taken is not None
        assert code_at(secret, taken) == code
    else:
        assert taken is None or code_at(secret, taken) == code


@given(secret=SECRETS, step=STEPS)
def test_a_code_that_was_taken_is_not_taken_again_nor_one_before_it(secret, step):
    now = datetime.fromtimestamp(step * STEP, UTC)
    taken = step_of(code_at(secret, step), secret, now, 0)
    assert taken is not None

    assert step_of(code_at(secret, step), secret, now, max(taken, step + 1)) is None
    for earlier in (step - 1, step):
        again = step_of(code_at(secret, earlier), secret, now, taken)
        assert again is None or again > taken


@given(secret=SECRETS, step=STEPS, text=st.text(max_size=8))
def test_nothing_but_a_code_is_taken(secret, step, text):
    now = datetime.fromtimestamp(step * STEP, UTC)
    right = {code_at(secret, step + offset) for offset in NEIGHBOURS}

    assert (step_of(text, secret, now, 0) is not None) == (text in right)


@given(login=st.text(alphabet="abcäö. _-@:/?&#", min_size=1, max_size=20))
def test_an_app_reads_the_secret_and_whose_it_is_from_the_picture(login):
    secret = new_secret()
    read = urlsplit(link(secret, login, "Sewamitra Samiti"))

    assert (read.scheme, read.netloc, read.fragment) == ("otpauth", "totp", "")
    assert parse_qs(read.query)["secret"] == [base32(secret).replace(" ", "")]
    assert parse_qs(read.query)["issuer"] == ["Sewamitra Samiti"]
