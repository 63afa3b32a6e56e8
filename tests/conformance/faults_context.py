"""Faults of context, ids and time: what ``bpp/conformance/checks/context.py`` must find."""

from __future__ import annotations

from tests.conformance.faulty_seller import Honest, Json, Outgoing, Story
from tests.conformance.planted import Changes, Planted, in_state, says


class Late(Honest):
    """Answers a select after the time that a callback may take."""

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """The on_select, too late."""
        late = document["context"]["action"] == "on_select"
        return [Outgoing(document, delay=0.5 if late else 0.0)]


def _id_of_confirm(document: Json, story: Story) -> Json:
    return says("context.message_id", story.request("confirm")["context"]["message_id"])(document, story) or {}


PLANTED: tuple[Planted, ...] = (
    Planted(
        name="another city",
        check="context_echo",
        seller=Changes("on_init", says("context.location.city.code", "std:080")),
    ),
    Planted(
        name="version of the core", check="context_version", seller=Changes("on_init", says("context.version", "1.2.0"))
    ),
    Planted(
        name="message_id of confirm used again",
        check="unsolicited_message_id",
        seller=Changes("on_status", _id_of_confirm, where=in_state("In-Transit")),
    ),
    Planted(name="late callback", check="callback_in_time", seller=Late(), budget=0.4),
)
