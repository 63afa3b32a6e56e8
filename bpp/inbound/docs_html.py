"""The page of what we support: one table a section, readable on a telephone and on paper. Pure; all is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from bpp.inbound.docs_sections import Section
from bpp.inbound.layout import page, table

STYLE = """
body{max-width:64rem;line-height:1.45;overflow-wrap:break-word}
nav ul{columns:14rem;padding-left:1.2rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}
td,th{border-bottom:1px solid #ccc;min-width:4rem}
td{overflow-wrap:anywhere}
code{font-size:.9em;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f3f3f3;padding:.75rem}
@media print{nav,.screen{display:none}.wide{overflow:visible}body{max-width:none;margin:0;font-size:9pt}
table{font-size:8pt}tr,pre{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}}
"""


def docs_html(title: str, sections: Sequence[Section], links: Mapping[str, str], joining: Sequence[str]) -> str:
    """The whole page; ``links`` are addresses by what is there, ``joining`` the commands by which one joins."""
    contents = "".join(f'<li><a href="#{escape(one.key)}">{escape(one.title)}</a></li>' for one in sections)
    body = f"<nav><ul>{contents}</ul></nav>{_links(links)}{_joining(joining)}{''.join(map(_section, sections))}"
    return page(title, body, style=STYLE)


def _links(links: Mapping[str, str]) -> str:
    rows = "".join(f'<li>{escape(what)}: <a href="{escape(url)}">{escape(url)}</a></li>' for what, url in links.items())
    return f"<h2>See also</h2><ul>{rows}</ul>"


def _joining(commands: Sequence[str]) -> str:
    if not commands:
        return ""
    said = escape("\n".join(commands))
    return f"<h2>How to join this sandbox</h2><pre>{said}</pre>"


def _section(one: Section) -> str:
    note = f"<p>{escape(one.note)}</p>" if one.note else ""
    return (
        f'<section><h2 id="{escape(one.key)}">{escape(one.title)}</h2>{note}'
        f'<div class="wide">{table(one.columns, one.rows)}</div></section>'
    )
