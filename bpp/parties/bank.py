"""Bank details of providers and workers, for payouts (rule R31): their forms, and how little of them is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bpp.parties.states import NotPossible

_FORMS = (
    ("beneficiary", re.compile(r"[^\x00-\x1f\x7f]{2,140}"), "the name of the account's holder, 2 to 140 characters"),
    ("account", re.compile(r"[0-9]{9,18}"), "an account number of 9 to 18 figures"),
    ("ifsc", re.compile(r"[A-Z]{4}0[A-Z0-9]{6}"), "an IFSC such as ABCD0123456"),
    ("upi", re.compile(r"[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9]{1,63}"), "a UPI address such as name@bank"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetails:
    """Where a wallet is paid out to: an account with its IFSC, a UPI address, or both. Nobody's ``repr`` shows them."""

    beneficiary: str
    account: str = ""
    ifsc: str = ""
    upi: str = ""

    def __repr__(self) -> str:
        return "BankDetails(***)"


def checked(details: BankDetails) -> BankDetails:
    """Details in their forms; raises NotPossible with the field and what is expected, never with what was given."""
    for name, form, expected in _FORMS:
        value = getattr(details, name)
        if not form.fullmatch(value) and (value or name == "beneficiary"):
            raise NotPossible(f"expected {expected}", path=name)
    if bool(details.account) != bool(details.ifsc):
        missing = "ifsc" if details.account else "account"
        raise NotPossible("account and ifsc stand together", path=missing)
    if not details.account and not details.upi:
        raise NotPossible("an account with its IFSC or a UPI address is expected", path="account")
    return details


def masked(details: BankDetails) -> BankDetails:
    """What may be shown to recognise an account by: its last four figures, first letters, and the bank."""
    name, at, bank = details.upi.partition("@")
    return replace(
        details,
        beneficiary=" ".join(_covered(part, first=1) for part in details.beneficiary.split()),
        account=_covered(details.account, last=4),
        upi=f"{_covered(name, first=1)}{at}{bank}",
    )


def _covered(text: str, *, first: int = 0, last: int = 0) -> str:
    hidden = max(0, len(text) - first - last)
    return f"{text[:first]}{'*' * hidden}{text[first + hidden :]}"
