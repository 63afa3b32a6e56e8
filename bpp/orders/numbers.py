"""Order numbers that are said on the telephone: nine digits in three groups, the last of which checks the others.

Orders of buyer apps have the apps' own ids. Any single wrong digit and any two neighbours in the wrong order are
found out by the check digit (Damm, Total anti-symmetrische Quasigruppen, 2004), so that a misheard number is never
another caller's order.
"""

from __future__ import annotations

import hashlib

_QUASIGROUP = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_DIGITS, _GROUP = 9, 3
_FIRST, _MORE = 10_000_000, 90_000_000  # eight digits without a leading 0, which people leave out


def order_number(seed: str) -> str:
    """The number of a seed, such as ``482-719-360``; two seeds may have the same."""
    value = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
    digits = str(_FIRST + value % _MORE)
    return _grouped(digits + _check(digits))


def read_number(text: str) -> str | None:
    """A number as we write it, from how people say or type it: in any script's digits, with or without gaps.

    None for what is no number of ours, or was misheard.
    """
    kept = [one for one in text if not (one.isspace() or one in "-./")]
    if len(kept) != _DIGITS or not all(one.isdecimal() for one in kept):
        return None
    digits = "".join(str(int(one)) for one in kept)
    return _grouped(digits) if _check(digits) == "0" else None


def _check(digits: str) -> str:
    interim = "0"
    for digit in digits:
        interim = _QUASIGROUP[int(interim)][int(digit)]
    return interim


def _grouped(digits: str) -> str:
    return "-".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))
