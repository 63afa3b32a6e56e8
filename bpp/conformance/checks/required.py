"""A check for each row of the table of required paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from beckn_schemas.callbacks import CALLBACKS
from beckn_schemas.strict_catalog import is_customization
from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.checks.required_paths import REQUIRED, Required
from bpp.conformance.path import ABSENT, at
from bpp.conformance.select import callbacks
from bpp.sandbox.exchange import part

_STEP = re.compile(r"(?P<key>[^.\[\]/]+)(?:\[(?P<which>[^\]]*)\])?")
_ITEM = re.compile(r"message\.order\.items\[\d+\]")
_DIRECT = 2
"""How many dots a path has that may lack beside an ``error``: a direct part of the order."""

Place = tuple[str, Any]
"""A JSON path, and what stands there."""
Step = tuple[str, str | None]
"""A key, and which elements of the list there: all for an empty text; None where no list is meant."""


@cache
def steps_of(path: str) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """The steps to the parent, and those from there that are demanded."""
    parent, slash, tail = path.partition("/")
    if not slash:
        parent, _, tail = path.rpartition(".")
    return tuple(map(_step, _STEP.finditer(parent))), tuple(map(_step, _STEP.finditer(tail)))


def _step(found: re.Match[str]) -> Step:
    return found["key"], found["which"]


def called(element: Any, name: str) -> bool:
    """Whether an element of a list is so called: by type, status or code, or as a service or a customisation."""
    if not isinstance(element, Mapping):
        return False
    if name in {"base", "choice"}:
        return is_customization(element) == (name == "choice")
    names = (element.get("type"), element.get("status"), part(element, "descriptor").get("code"))
    return name.casefold() in {str(one).casefold() for one in names}


def places(document: Any, steps: tuple[Step, ...]) -> Iterator[Place]:
    """Whatever stands at the steps, with its path."""
    found: list[Place] = [("", document)]
    for key, which in steps:
        deeper = [(f"{path}.{key}".lstrip("."), value[key]) for path, value in found if _has(value, key)]
        found = deeper if which is None else [one for holder in deeper for one in _elements(holder, which)]
    yield from found


def _elements(holder: Place, which: str) -> Iterator[Place]:
    path, value = holder
    for index, element in enumerate(value if isinstance(value, list) else ()):
        if not which or called(element, which):
            yield f"{path}[{index}]", element


def _has(value: Any, key: str) -> bool:
    return isinstance(value, Mapping) and key in value


def lacking(document: Any, path: str) -> tuple[list[str], int]:
    """Where a required path lacks, and in how many places its parent is there."""
    parent, demanded = steps_of(path)
    key, which = demanded[-1]
    holders = [one for one in places(document, parent) if isinstance(one[1], Mapping) and (not which or key in one[1])]
    lost = [
        f"{holder}.{'.'.join(key for key, _ in demanded)}".lstrip(".")
        for holder, value in holders
        if not any(True for _ in places(value, demanded))
    ]
    return lost, len(holders)


def _request(row: Required, subject: Subject) -> Any:
    """The buyer app's last request that says such things; an empty document where none is known."""
    kinds = ("select",) if row.action == "on_select" else ("init", "confirm", "update")
    asked = subject.flow.before(subject.message, *kinds)
    return asked.document if asked else {}


def _unsaid(row: Required, asked: Any, lost: str, document: Any) -> bool:
    """Whether the buyer app did not say what lacks; of an item, whether it did not say it of this item."""
    if not asked:
        return False
    parent, demanded = steps_of(row.path)
    said = [path for path, _ in places(asked, (*parent, *demanded))]
    item = _ITEM.match(lost)
    if item is None:
        return not said
    named = at(document, f"{item[0]}.id")
    return not any(at(asked, f"{found[0]}.id") == named for path in said if (found := _ITEM.match(path)))


def _judge(row: Required, subject: Subject) -> Iterator[Fault | NotRun]:
    message = subject.message
    if "error" in message.document and _may_lack(row):
        yield NotRun("beside an error as much is said as is true")
        return
    lost, holders = lacking(message.document, row.path)
    if not holders:
        yield NotRun("its parent is not there")
        return
    asked = _request(row, subject) if row.echoed else {}
    if row.echoed and not asked and not subject.flow.live:
        yield NotRun("what the buyer app said is not recorded")
        return
    lost = [path for path in lost if not _unsaid(row, asked, path, message.document)]
    if lost:
        more = f", here and in {len(lost) - 1} more places" if len(lost) > 1 else ""
        yield Fault(lost[0], _expected(row), f"{ABSENT}{more}")


def _may_lack(row: Required) -> bool:
    """Whether a part need not be there beside an error: parts of the order, and all of an order that was not made."""
    direct = row.path.count(".") <= _DIRECT and "[" not in row.path
    return row.path.startswith("message") and (direct or row.action == "on_confirm")


def _expected(row: Required) -> str:
    _, demanded = steps_of(row.path)
    which = demanded[-1][1]
    return f"an element {which} here" if which else "a value here"


def plain(path: str) -> str:
    """A required path as a reader writes it."""
    return path.replace("/", ".")


def name_of(row: Required) -> str:
    """The name of a row's check, such as ``required_on_init_message_order_billing_name``."""
    words = re.findall(r"[A-Za-z0-9_]+", row.path)
    return "_".join(("required", *filter(None, (row.action,)), *words))


def _check(row: Required) -> Check:
    which = f"Every {row.action or 'callback'}"
    echoed = ", as the buyer app said it" if row.echoed else ""
    return Check(
        name=name_of(row),
        title=f"{which} has {plain(row.path)}{echoed}",
        sources=row.sources,
        of=callbacks(row.action) if row.action else callbacks(*CALLBACKS),
        needs=row.action or "callback",
        judge=lambda subject: _judge(row, subject),
        severity=row.severity,
        form=True,
    )


CHECKS: tuple[Check, ...] = tuple(_check(row) for row in REQUIRED)
