"""docs/limits.md says what the program does: each number there is that of the constant, setting or field it names."""

from __future__ import annotations

import re
from importlib import import_module

from bpp.settings import PREFIX, Settings
from tests.support.sources import ROOT

PAGE = ROOT / "docs" / "limits.md"
NAMED = re.compile(r"`(?P<name>[A-Za-z_]+)` = (?P<value>\d+)")
PLACES = {
    "BACKLOG": "bpp.supervisor",
    "QUEUE_ROOM": "bpp.inbound.admission",
    "QUEUE_LIMIT": "bpp.storage.door",
    "BODIES": "bpp.inbound.admission",
    "NAMES_OF_ADDRESS": "bpp.inbound.admission",
    "NOTICE_EVERY": "bpp.inbound.admission",
    "PEERS": "bpp.inbound.admission",
    "ADDRESSES": "bpp.inbound.admission",
    "PAGES": "bpp.inbound.rooms",
    "FORMS_AT_ONCE": "bpp.inbound.grievance_form",
    "TRIES": "bpp.inbound.grievance_form",
    "FORMS_KEPT": "bpp.inbound.grievance_form",
    "PER_MINUTE": "bpp.inbound.onboarding",
    "PER_SECOND": "bpp.inbound.audit",
    "MOST_RELEASED": "bpp.delivery.loop",
    "MOST_TIMERS": "bpp.delivery.loop",
    "MOST_FAILING": "bpp.delivery.loop",
    "CONNECTIONS_OUT": "bpp.app",
    "FIRST_TOLD": "bpp.storage.ports_messages",
    "LAST_TOLD": "bpp.storage.ports_messages",
    "RECENT": "bpp.core.catalogs",
    "MOST_FITTING": "catalog.index",
    "MOST_KNOWN": "catalog.index",
    "LABELLED": "bpp.metrics",
    "NOTICES_PER_SECOND": "bpp.network.keyring",
}
FIELDS = {
    "entries": ("bpp.network.keyring", "KeyringLimits"),
    "outstanding": ("bpp.network.keyring", "KeyringLimits"),
    "unknown_per_minute": ("bpp.network.keyring", "KeyringLimits"),
    "at_once": ("bpp.delivery.loop", "Limits"),
    "per_peer": ("bpp.delivery.loop", "Limits"),
    "rows": ("bpp.observability.push", "PushLimits"),
    "page": ("bpp.settlement.terms", "Terms"),
}


def value_of(name: str) -> float:
    """What the program has under a name of the page."""
    if name.startswith(PREFIX):
        found = getattr(Settings(), name.removeprefix(PREFIX).lower())
    elif name in FIELDS:
        module, holder = FIELDS[name]
        found = getattr(getattr(import_module(module), holder)(), name)
    else:
        found = getattr(import_module(PLACES[name]), name)
    return float(found)


def test_each_number_of_the_page_of_limits_is_that_of_the_program() -> None:
    said = {one["name"]: float(one["value"]) for one in NAMED.finditer(PAGE.read_text(encoding="utf-8"))}

    assert {*PLACES, *FIELDS} <= said.keys()
    assert said == {name: value_of(name) for name in said}


def test_half_of_the_queue_is_kept_for_what_was_let_in() -> None:
    settings = Settings()

    assert value_of("QUEUE_ROOM") + settings.in_flight + value_of("at_once") * 2 <= value_of("QUEUE_LIMIT")
    assert value_of("CONNECTIONS_OUT") >= value_of("at_once") * 2 + value_of("per_peer")
