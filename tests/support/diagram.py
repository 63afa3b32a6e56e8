"""The state table drawn: `docs/states.md` is what `states_page` returns.

Write it anew with `python -m tests.support.diagram > docs/states.md`.
"""

from __future__ import annotations

import sys

from bpp.orders.states import HOME_SERVICE, TERMINAL, WIRE_CODE, OrderStatus, Rule, Stage, order_status


def states_page() -> str:
    """A page of Markdown: the diagram, the rules, and the status of an order with one visit."""
    return "\n".join(
        [
            "# The states of a visit",
            "",
            "Drawn from `bpp/orders/states.py` by `tests/support/diagram.py`; a test compares the two.",
            "What is not listed here is refused. Until a provider that accepts by hand has given its word, only accept,",
            "decline and cancel are possible; words on quotations need an open one, and pay something that is due. A visit",
            "is PENDING only when it has lost its worker: an order begins with one (ADR 0011).",
            "",
            "```mermaid",
            *diagram(HOME_SERVICE),
            "```",
            "",
            *_rules(HOME_SERVICE),
            "",
            *_statuses(),
            "",
        ]
    )


def diagram(rules: tuple[Rule, ...]) -> list[str]:
    """The lines of a mermaid state diagram: one arrow for all the events from a stage to another."""
    arrows: dict[tuple[Stage, Stage], list[str]] = {}
    for rule in rules:
        arrows.setdefault((rule.source, rule.target), []).append(rule.event)
    lines = ["stateDiagram-v2", f"    [*] --> {Stage.PENDING}", f"    [*] --> {Stage.ASSIGNED}"]
    lines += [f"    {source} --> {target}: {', '.join(events)}" for (source, target), events in arrows.items()]
    return [*lines, *(f"    {stage} --> [*]" for stage in Stage if stage in TERMINAL)]


def _rules(rules: tuple[Rule, ...]) -> list[str]:
    rows = [
        f"| {rule.source} | {rule.event} | {rule.target} | {rule.who} | {WIRE_CODE[rule.target]} |" for rule in rules
    ]
    return ["| From | Event | To | Who | Code on the wire |", "|---|---|---|---|---|", *rows]


def _statuses() -> list[str]:
    rows = [f"| {stage} | {_status(stage, accepted=True)} | {_status(stage, accepted=False)} |" for stage in Stage]
    head = "| The only visit stands in | Order accepted | Provider's word awaited |"
    return [head, "|---|---|---|", *rows]


def _status(stage: Stage, *, accepted: bool) -> OrderStatus:
    return order_status([stage], accepted=accepted)


if __name__ == "__main__":
    sys.stdout.write(states_page())
