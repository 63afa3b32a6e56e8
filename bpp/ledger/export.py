"""Tables as CSV text, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How what a spreadsheet program would work out begins (OWASP, CSV injection)."""


def csv_of(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Rows under their column names, as RFC 4180 says; a missing value is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula: text that looks like one gets an apostrophe."""
    text = "" if value is None else str(value)
    if text.startswith(BEGINS_A_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
