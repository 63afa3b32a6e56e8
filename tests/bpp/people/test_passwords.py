"""Passwords and accounts: what is taken, what is stored, and what nobody's password costs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpp.people.accounts import LOGIN, AccountRefused, Place, needed, newcomer
from bpp.people.model import SANDBOX_MARK, Role
from bpp.people.passwords import (
    LONGEST,
    MADE_UP,
    NOBODYS,
    SHORTEST,
    WeakPassword,
    check_new,
    hashed,
    is_right,
    made_up,
)
from tests.support.clock import MONDAY_MORNING as NOW

PHC = re.compile(
    r"\$argon2id\$v=19\$m=(?P<memory>\d+),t=(?P<time>\d+),p=(?P<lanes>\d+)\$([A-Za-z0-9+/]{22})\$[A-Za-z0-9+/]{43}"
)


@settings(max_examples=4, deadline=None)
@given(password=st.text(min_size=SHORTEST, max_size=LONGEST))
def test_a_password_is_right_for_its_own_hash_and_no_other_is(password):
    try:
        stored = hashed(password)
    except UnicodeEncodeError:
        return  # half a surrogate, which no browser sends

    assert is_right(password, stored)
    assert not is_right(password + "x", stored)
    assert stored != hashed(password), "salted"
    assert password not in stored


def test_a_password_is_the_same_from_a_keyboard_that_writes_nukta_apart():
    together, apart = (
        "\u095b\u0947\u0935\u0930 \u0915\u093e \u0921\u093f\u092c\u094d\u092c\u093e",
        "\u091c\u093c\u0947\u0935\u0930 \u0915\u093e \u0921\u093f\u092c\u094d\u092c\u093e",
    )

    assert together != apart
    assert is_right(apart, hashed(together))
    assert is_right(together, hashed(apart))


def test_the_hash_of_nobody_costs_as_much_as_that_of_somebody_and_has_no_password():
    forms = [PHC.fullmatch(one) for one in (NOBODYS, hashed("x" * 12))]
    parameters = [one.group("memory", "time", "lanes") for one in forms if one is not None]

    assert len(parameters) == 2
    assert parameters[0] == parameters[1]
    assert int(parameters[0][0]) >= 19 * 1024, "OWASP's least, in KiB, with two rounds"
    assert int(parameters[0][1]) >= 2
    assert not is_right("", "")
    assert not is_right("anything", "")
    assert not is_right("anything", "not a hash")


@given(password=st.text(max_size=200), login=st.from_regex(LOGIN, fullmatch=True))
def test_only_length_and_the_login_decide_what_is_taken(password, login):
    wrong = (
        "short"
        if len(password) < SHORTEST
        else "long"
        if len(password) > LONGEST
        else "like_login"
        if login in password.casefold()
        else ""
    )
    if not wrong:
        check_new(password, login)
        return
    with pytest.raises(WeakPassword) as weak:
        check_new(password, login)
    assert weak.value.code == wrong


def test_made_up_passwords_are_long_enough_differ_and_are_known_by_their_form():
    made = {made_up() for _ in range(500)}

    assert len(made) == 500
    assert all(re.search(MADE_UP, one) and len(one) >= SHORTEST for one in made)
    assert not re.search(MADE_UP, "correct-horse-battery-staple")


@given(login=st.from_regex(LOGIN, fullmatch=True))
def test_no_login_is_the_id_of_a_worker_or_of_somebody_of_the_sandbox(login):
    person = newcomer("1", login, "Asha", Place(role=Role.OPERATOR), "x", NOW)

    assert ":" not in login
    assert not person.id.startswith((SANDBOX_MARK, "worker:"))
    assert person.given, "it is changed at the first sign-in"


@pytest.mark.parametrize("login", ["", "ab", "Asha", "a b", "-ab", "ab-", "a" * 41, "अशा", "asha\n", "worker:W1"])
def test_what_is_no_login_is_refused(login):
    with pytest.raises(AccountRefused, match="a login has"):
        newcomer("1", login, "Asha", Place(role=Role.OPERATOR), "x", NOW)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\u202eb"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(AccountRefused, match="a name of"):
        newcomer("1", "asha", name, Place(role=Role.OPERATOR), "x", NOW)


@given(role=st.sampled_from(Role), provider=st.sampled_from(["", "P1"]), district=st.sampled_from(["", "162"]))
def test_a_role_gets_what_it_needs_and_nothing_that_it_must_not_see(role, provider, district):
    lacks = {Role.PROVIDER: not provider, Role.OFFICER: not district, Role.WORKER: True}.get(role, False)
    try:
        place = needed(Place(role=role, provider_id=provider, district=district))
    except AccountRefused:
        assert lacks
    else:
        assert not lacks
        assert bool(place.provider_id) == (role is Role.PROVIDER)
        assert bool(place.district) == (role is Role.OFFICER)
