"""The published codes of seller apps drawn: `docs/error-codes.md` is what `codes_page` returns.

Write it anew with `python -m tests.support.error_codes > docs/error-codes.md`.
"""

from __future__ import annotations

import sys

from beckn_schemas.ack import ERROR_CODES, NOT_SENT
from bpp.errors import BppError, BusinessError, ProtocolError

FAMILIES = (BppError, ProtocolError, BusinessError)
SELLERS = tuple(code for code, one in ERROR_CODES.items() if one.source == "Seller App")
"""Every published code that a seller app may send."""


def error_classes(of: type[BppError] = BppError) -> list[type[BppError]]:
    """Every error below a family, by its code and then by its name."""
    found = {one for child in of.__subclasses__() for one in {child, *error_classes(child)}}
    return sorted(found - set(FAMILIES), key=lambda one: (one.code, one.__name__))


def codes_page() -> str:
    """A page of Markdown: what is sent, when and by which door; what is never sent, and why."""
    sent = [
        f"| {one.code} | {ERROR_CODES[one.code].message} | {_meaning(one)} | {_door(one)} |" for one in error_classes()
    ]
    never = [f"| {code} | {ERROR_CODES[code].message} | {reason} |" for code, reason in NOT_SENT.items()]
    return "\n".join(
        [
            "# The error codes of a seller app",
            "",
            "Drawn from `bpp/errors.py` and `beckn_schemas/ack.py` by `tests/support/error_codes.py`; a test compares",
            "them. The codes are those that ONDC's services specification 2.0.0 publishes for seller apps.",
            "",
            "## Sent",
            "",
            "| Code | Published as | When | Door |",
            "|---|---|---|---|",
            *sent,
            "",
            "## Never sent",
            "",
            "| Code | Published as | Why |",
            "|---|---|---|",
            *never,
            "",
        ]
    )


def _meaning(error: type[BppError]) -> str:
    first = (error.__doc__ or "").strip().split("\n\n")[0]
    return " ".join(first.split()).replace("``", "`")


def _door(error: type[BppError]) -> str:
    if issubclass(error, ProtocolError):
        return "NACK" if error.http_status == 200 else f"NACK with HTTP {error.http_status}"
    return "`error` in the callback"


if __name__ == "__main__":
    sys.stdout.write(codes_page())
