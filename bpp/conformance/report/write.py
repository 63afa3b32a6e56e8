"""Writes a report in all four forms into a folder."""

from __future__ import annotations

from pathlib import Path

from bpp.conformance.report.document import json_report
from bpp.conformance.report.edition import Edition
from bpp.conformance.report.junit import junit_report
from bpp.conformance.report.page import html_report
from bpp.conformance.report.text import text_report


def write_reports(edition: Edition, folder: Path) -> tuple[Path, ...]:
    """``report.txt``, ``report.json``, ``junit.xml`` and ``report.html``; the folder is made. Raises ``OSError``.

    A text that UTF-8 has no bytes for (half a surrogate pair, as ``json`` reads it) is written as its escape.
    """
    forms = {
        "report.txt": text_report(edition).encode(errors="backslashreplace"),
        "report.json": json_report(edition),
        "junit.xml": junit_report(edition),
        "report.html": html_report(edition).encode(errors="backslashreplace"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in forms.items():
        (folder / name).write_bytes(content)
    return tuple(folder / name for name in forms)
