"""An export of what is held of a person as a page to be read or printed. Pure; all is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from bpp.inbound.layout import page

TITLES = {
    "orders": "Orders / ऑर्डर",
    "projects": "Project work / परियोजना कार्य",
    "selections": "Selections that were not booked / जो बुक नहीं हुआ",
    "complaints": "Complaints noted by telephone / फ़ोन पर दर्ज शिकायतें",
    "tickets": "Complaints / शिकायतें",
    "reviews": "Ratings and reviews / रेटिंग और राय",
    "messages": "Messages of buyer apps / बायर ऐप के संदेश",
    "reads": "Who saw these records / ये रिकॉर्ड किसने देखे",
}
STYLE = (
    "body{max-width:60rem}details{margin:.5rem 0}summary{font-weight:600}"
    "table{border-collapse:collapse;font-size:.9rem}td,th{border:1px solid #ccc;padding:.25rem .5rem;"
    "overflow-wrap:anywhere}th{background:#f3f3f3}@media print{details>*{display:block}}"
)


def person_html(document: Mapping[str, Any]) -> str:
    """The page for a document of ``bpp.core.principal.as_document``."""
    counts = "".join(f"<li>{escape(title)}: {len(document[key])}</li>" for key, title in TITLES.items())
    parts = "".join(
        f"<h2>{escape(title)}</h2>{_records(document[key])}" for key, title in TITLES.items() if document[key]
    )
    made = f"<p>{escape(document['phone'])}, {escape(document['made_at'])}</p>"
    return page("What is held of you / आपके बारे में क्या रखा है", f"{made}<ul>{counts}</ul>{parts}", style=STYLE)


def _records(records: list[Any]) -> str:
    return "".join(
        f"<details open><summary>{number}</summary>{_value(one)}</details>" for number, one in enumerate(records, 1)
    )


def _value(value: Any) -> str:
    """Mappings as tables, lists one below the other; what is empty is left out."""
    if isinstance(value, Mapping):
        rows = "".join(
            f"<tr><th>{escape(str(name).replace('_', ' '))}</th><td>{_value(one)}</td></tr>"
            for name, one in value.items()
            if one not in (None, "", [], {}, ())
        )
        return f"<table>{rows}</table>"
    if isinstance(value, list | tuple):
        return "".join(f"<div>{_value(one)}</div>" for one in value)
    return escape(str(value))
