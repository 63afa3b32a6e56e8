"""What checks look at: selections of messages in a flow, by action, by what they answer and by what they try.

Each returns a function from a flow to subjects, so that a row of a table of checks says what it looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bpp.conformance.check import UNREADABLE, Select, Subject
from bpp.conformance.record import Flow, Record

Where = Callable[[Record], bool]

ORDERED = ("on_select", "on_init", "on_confirm", "on_status", "on_update", "on_cancel")
"""Callbacks that show an order."""
MADE = ORDERED[2:]
"""Callbacks that show an order that was made."""


def whole_flow(flow: Flow) -> Iterator[Subject]:
    """The flow itself, if anything was said in it."""
    if flow.records:
        yield Subject(flow)


def callbacks(*actions: str, where: Where = lambda _: True) -> Select:
    """Callbacks of these actions, of any where none are named."""

    def select(flow: Flow) -> Iterator[Subject]:
        for one in flow.callbacks:
            if (not actions or one.action in actions) and _fits(where, one):
                yield Subject(flow, one)

    return select


def _fits(where: Where, record: Record) -> bool:
    """Whether a message is wanted; one that cannot be read is, so that the check says that it could not read it."""
    try:
        return where(record)
    except UNREADABLE:
        return True


def answered(*actions: str, where: Where = lambda _: True) -> Select:
    """Callbacks of these actions that answer a request of the flow."""

    def select(flow: Flow) -> Iterator[Subject]:
        for subject in callbacks(*actions, where=where)(flow):
            if subject.request is not None:
                yield subject

    return select


def unsolicited(*actions: str, where: Where = lambda _: True) -> Select:
    """Callbacks of these actions that nobody asked for, in a flow that has requests, too."""

    def select(flow: Flow) -> Iterator[Subject]:
        for subject in callbacks(*actions, where=where)(flow):
            if flow.complete and subject.request is None:
                yield subject

    return select


def requests(*actions: str, where: Where = lambda _: True) -> Select:
    """Requests of these actions, probes left out: what is looked at is how they were answered."""

    def select(flow: Flow) -> Iterator[Subject]:
        for one in flow.requests:
            if (not actions or one.action in actions) and not one.probe and where(one):
                yield Subject(flow, one)

    return select


def probes(*names: str) -> Select:
    """Requests that try something, by its name."""

    def select(flow: Flow) -> Iterator[Subject]:
        for one in flow.requests:
            if one.probe in names:
                yield Subject(flow, one)

    return select


def orders(flow: Flow) -> Iterator[tuple[Record, ...]]:
    """The callbacks that show a made order, by order and buyer app, in the order of arrival."""
    seen: dict[tuple[str, str], list[Record]] = {}
    for one in flow.callbacks:
        if one.action in MADE and "id" in one.order:
            seen.setdefault((str(one.context.get("bap_id", "")), str(one.order["id"])), []).append(one)
    yield from (tuple(records) for records in seen.values())
