"""A page as a PDF, by WeasyPrint: the extra ``pdf``, with Pango and a font for Hindi from the system.

Nothing of it is needed but for a report, so nothing is imported before one is made; where something is missing the
caller is told so. A page names nothing outside itself, and nothing is fetched.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import structlog

from bpp.operator.files import File
from bpp.operator.problems import ApiProblem

log = structlog.get_logger(__name__)
PDF = "application/pdf"
STYLE = Path(__file__).parent.parent / "static" / "report.css"
NOT_HERE = 501


def as_pdf(html: str, name: str) -> File:
    """The PDF of a page; ``name`` is without its ending. ApiProblem 501 where it cannot be made here."""
    if not speaks_hindi():  # asked first: WeasyPrint warns of a machine without fonts as soon as it is imported
        _cannot("no font has Devanagari")
    try:
        import weasyprint  # noqa: PLC0415  an extra
    except (ImportError, OSError) as missing:  # the package, or Pango beneath it
        _cannot(str(missing))
    page = weasyprint.HTML(string=html, url_fetcher=_nothing)
    content = page.write_pdf(stylesheets=[weasyprint.CSS(filename=STYLE)])
    return File(content=content, media_type=PDF, name=f"{name}.pdf")


def speaks_hindi() -> bool:
    """Whether fontconfig knows a font for Hindi; without one a report would be boxes."""
    program = shutil.which("fc-list")
    if program is None:
        return False
    found = subprocess.run([program, ":lang=hi", "family"], capture_output=True, check=False)  # noqa: S603  ours
    return bool(found.stdout.strip())


def _nothing(url: str) -> NoReturn:
    raise ValueError(f"a report fetches nothing: {url}")


def _cannot(reason: str) -> NoReturn:
    log.error("no_pdf_here", reason=reason)
    raise ApiProblem(NOT_HERE, "no_pdf", f"a PDF cannot be made here: {reason}")
