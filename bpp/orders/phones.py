"""Telephone numbers as people say and write them: one form to look them up by, one for those who need not know."""

from __future__ import annotations

_LOCAL = 10  # digits of an Indian number, mobile or with the area's code
_PREFIXES = ("0091", "910", "91", "0")
_SHOWN, _HIDDEN = 2, "x"


def normalised(text: str) -> str:
    """The digits of a number, without the prefixes of India: ``+91 98765-43210`` and ``098765 43210`` are one.

    Digits of any script count. Empty where there are none.
    """
    digits = "".join(str(int(one)) for one in text if one.isdecimal())
    for prefix in _PREFIXES:
        if len(digits) == _LOCAL + len(prefix) and digits.startswith(prefix):
            return digits[len(prefix) :]
    return digits


def masked(text: str) -> str:
    """A number of which the first and last two digits are left, enough to ask whether it is the caller's."""
    digits = normalised(text)
    hidden = len(digits) - 2 * _SHOWN
    if hidden <= 0:
        return _HIDDEN * len(digits)
    return f"{digits[:_SHOWN]}{_HIDDEN * hidden}{digits[-_SHOWN:]}"
