"""The published codes of seller apps drawn: `docs/error-codes.md` is what `codes_page` returns.

Write it anew with `python -m tests.support.error_codes > docs/error-codes.md`.
"""

from __future__ import annotations

import sys

from beckn_schemas.ack import ERROR_CODES, NOT_SENT
from bpp.inbound.error_table import door, error_classes, meaning

SELLERS = tuple(code for code, one in ERROR_CODES.items() if one.source in {"Seller App", "Grievances", "Settlement"})
"""Every published code that a seller app may send."""


def codes_page() -> str:
    """A page of Markdown: what is sent, when and by which door; what is never sent, and why."""
    sent = [
        f"| {one.code} | {ERROR_CODES[one.code].message} | {meaning(one)} | {door(one)} |" for one in error_classes()
    ]
    never = [f"| {code} | {ERROR_CODES[code].message} | {reason} |" for code, reason in NOT_SENT.items()]
    return "\n".join(
        [
            "# The error codes of a seller app",
            "",
            "Drawn from `bpp/errors.py` and `beckn_schemas/ack.py` by `tests/support/error_codes.py`; a test compares",
            "them. The codes are those that ONDC's services specification 2.0.0 publishes for seller apps, and those of its",
            "specifications of grievances (IGM) and settlement (NTS10).",
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


if __name__ == "__main__":
    sys.stdout.write(codes_page())
