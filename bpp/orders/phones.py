"""Telephone numbers as people say and write them: one form to look them up by."""

from __future__ import annotations

_LOCAL = 10  # digits of an Indian number, mobile or with the area's code
_PREFIXES = ("0091", "910", "91", "0")


def normalised(text: str) -> str:
    """The digits of a number, without the prefixes of India: ``+91 98765-43210`` and ``098765 43210`` are one.

    Digits of any script count. Empty where there are none.
    """
    digits = "".join(str(int(one)) for one in text if one.isdecimal())
    for prefix in _PREFIXES:
        if len(digits) == _LOCAL + len(prefix) and digits.startswith(prefix):
            return digits[len(prefix) :]
    return digits
