"""Bank details at rest: only their own row opens them, only with a key that is set, and nothing shows them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.errors import Unavailable
from bpp.parties.bank import BankDetails, checked, masked
from bpp.parties.states import NotPossible
from bpp.parties.vault import NO_KEYS, SealBroken, Sealed, Vault
from bpp.setting_types import DataKey

OLD, NEW = DataKey(bytes(32)), DataKey(bytes(range(32)))
OWNER = ("provider", "P1")
SOUND = BankDetails(beneficiary="Demo Holder", account="123456789012", ifsc="DEMO0123456", upi="demo.holder@bank")


@given(st.binary(max_size=200))
def test_what_was_sealed_is_opened_again_by_its_owner(value):
    vault = Vault((NEW,))

    assert vault.open(OWNER, vault.seal(OWNER, value)) == value


def test_the_same_value_is_never_sealed_twice_alike():
    vault = Vault((NEW,))

    assert vault.seal(OWNER, b"value").data != vault.seal(OWNER, b"value").data


@pytest.mark.parametrize("other", [("provider", "P2"), ("worker", "P1"), ("provider", "")])
def test_a_ciphertext_moved_to_another_owner_does_not_open(other):
    vault = Vault((NEW,))

    with pytest.raises(SealBroken, match="not what was sealed"):
        vault.open(other, vault.seal(OWNER, b"value"))


@pytest.mark.parametrize("place", [0, 11, 12, -1])
def test_a_changed_bit_anywhere_is_noticed(place):
    vault = Vault((NEW,))
    sealed = vault.seal(OWNER, b"value")
    data = bytearray(sealed.data)
    data[place] ^= 1

    with pytest.raises(SealBroken):
        vault.open(OWNER, Sealed(sealed.key_id, bytes(data)))


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_what_is_cut_short_does_not_open(length):
    vault = Vault((NEW,))
    sealed = vault.seal(OWNER, b"value")

    with pytest.raises(SealBroken):
        vault.open(OWNER, Sealed(sealed.key_id, sealed.data[:length]))


def test_an_earlier_key_opens_what_it_sealed_while_it_is_set_and_seals_no_more():
    sealed = Vault((OLD,)).seal(OWNER, b"value")

    assert Vault((NEW, OLD)).open(OWNER, sealed) == b"value"
    assert Vault((NEW, OLD)).seal(OWNER, b"value").key_id == NEW.id
    with pytest.raises(SealBroken, match=OLD.id):
        Vault((NEW,)).open(OWNER, sealed)


def test_without_a_key_nothing_is_sealed():
    with pytest.raises(Unavailable):
        NO_KEYS.seal(OWNER, b"value")


@pytest.mark.parametrize(
    "details",
    [
        SOUND,
        BankDetails(beneficiary="Demo Holder", account="123456789", ifsc="DEMO0ABC123"),
        BankDetails(beneficiary="डेमो धारक", upi="9000000001@upi"),
    ],
)
def test_sound_details_are_taken(details):
    assert checked(details) is details


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"beneficiary": ""}, "beneficiary"),
        ({"beneficiary": "A\nB"}, "beneficiary"),
        ({"account": "12345678"}, "account"),
        ({"account": "1234567890123456789"}, "account"),
        ({"account": "12345678901a"}, "account"),
        ({"account": "१२३४५६७८९०"}, "account"),
        ({"ifsc": "DEMO1123456"}, "ifsc"),
        ({"ifsc": "demo0123456"}, "ifsc"),
        ({"ifsc": "DEMO012345"}, "ifsc"),
        ({"ifsc": ""}, "ifsc"),
        ({"account": ""}, "account"),
        ({"account": "", "ifsc": "", "upi": ""}, "account"),
        ({"upi": "nobody"}, "upi"),
        ({"upi": "a@b@c"}, "upi"),
    ],
)
def test_details_that_are_none_are_refused_with_the_field_and_without_their_value(changes, path):
    given_ = {name: getattr(SOUND, name) for name in ("beneficiary", "account", "ifsc", "upi")} | changes

    with pytest.raises(NotPossible) as refused:
        checked(BankDetails(**given_))

    assert refused.value.path == path
    assert not any(value and value in str(refused.value) for value in given_.values())


def test_masked_details_can_be_recognised_and_not_used():
    hidden = masked(SOUND)

    assert (hidden.beneficiary, hidden.account, hidden.upi) == ("D*** H*****", "********9012", "d**********@bank")
    assert SOUND.account not in repr(SOUND)
    assert "DataKey()" in repr(Vault((NEW,)))
