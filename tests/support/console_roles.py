"""`docs/console-roles.md`: who sees and does what in the console, from the tables of its pages and deeds.

`PYTHONPATH=. .venv/bin/python -m tests.support.console_roles > docs/console-roles.md` writes it anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from bpp.console.app import CONSOLE_PATH, DEEDS, PAGES
from bpp.console.page import Deed, Page
from bpp.console.reach import BOUNDED, NAMED
from bpp.console.render import ROLES
from bpp.people.model import Role
from tests.support.console_borders import BYPASSED, PART


def document() -> str:
    """The whole page."""
    return "\n".join((*_head(), *_table("Pages", PAGES), "", *_table("What forms do", DEEDS), ""))


def _head() -> Iterator[str]:
    yield "# Who sees and does what in the console"
    yield ""
    yield "Written by `python -m tests.support.console_roles > docs/console-roles.md` from the tables of `bpp/console`;"
    yield "a test compares. What is named in bold is looked up first: whoever is bounded sees it only where it is his,"
    yield "hers or its own, and it is answered as what does not exist where it is not."
    yield ""
    yield f"Bounded are: {', '.join(ROLES[role] for role in sorted(BOUNDED))}."
    yield f"Open everything: {', '.join(ROLES[role] for role in sorted(BYPASSED))}."
    yield ""


def _table(title: str, rows: Sequence[Page | Deed]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield f"| path | what | {' | '.join(ROLES[role] for role in Role)} |"
    yield f"|---|---|{'---|' * len(Role)}"
    for one in sorted(rows, key=_address):
        marks = " | ".join("yes" if role in one.roles | BYPASSED else "" for role in Role)
        yield f"| `{CONSOLE_PATH}{one.path}` | {_what(one)} | {marks} |"


def _address(one: Page | Deed) -> tuple[str, str]:
    return one.path, one.name


def _what(one: Page | Deed) -> str:
    words = one.title if isinstance(one, Page) else one.said or one.name
    looked_up = [part for part in PART.findall(one.path) if part in NAMED]
    by = f" (**{', '.join(looked_up)}**)" if looked_up else ""
    return f"{words}{by}"


if __name__ == "__main__":
    sys.stdout.write(document())
