"""settle, report and recon: what we say of money, ready to be sent, and what is noted of it in the same unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from beckn_schemas.rsf_sent import DOMAIN
from bpp.actions.contract import Json, Reply
from bpp.actions.outgoing import Addressee, Dispatch, callback_for
from bpp.actions.schedule import SCHEDULES
from bpp.core.settlements import file
from bpp.core.world import World
from bpp.orders.model import Peer
from bpp.settlement import moves
from bpp.settlement.model import Filing, Settlement
from bpp.settlement.wire import recon_message, report_message, settle_message
from bpp.storage.ports import Work

NO_WAIT = timedelta()


async def send_settle(filing: Filing, work: Work, world: World) -> None:
    """File with the agency; where files are exchanged it is only written down, for the next file."""
    terms = world.rules.settlement
    await file(filing, terms.agency_id, work)
    if terms.mode == "messages":
        message = settle_message(filing, world.identity.subscriber_id)
        await _to_agency("settle", message, filing.transaction_id, filing.message_id, work, world)


async def send_report(message_id: str, settlements: Sequence[Settlement], work: Work, world: World) -> None:
    """Ask the agency about a settle; where files are exchanged there is nobody to be asked, and time passes."""
    filed = await work.settlements.filing(message_id)
    if filed is not None and filed.agency and world.rules.settlement.mode == "messages":
        own_id, filing = world.new_id(), filed.filing
        await _to_agency("report", report_message(filing), filing.transaction_id, own_id, work, world)
        asked = replace(filing, reports=(*filing.reports, own_id))
        await work.settlements.save_filing(replace(filed, filing=asked))
    for one in settlements:
        await work.settlements.save(moves.reported(one, world.now))


async def send_recon(settlements: Sequence[Settlement], work: Work, world: World) -> None:
    """Compare settlements of one buyer app with it, each with all others of its order.

    Raises OutOfOrder, and nothing is sent, where one is compared already or was agreed upon.
    """
    message_id = world.new_id()
    asked = [moves.asked(one, message_id, world.now) for one in settlements]
    for one in asked:
        await work.settlements.save(one)
    refs = list(dict.fromkeys(one.ref for one in asked))
    orders = [await work.settlements.of_order(ref) for ref in refs]
    peer = await _peer(refs[-1], work)
    message = recon_message(orders, world.rules.settlement.meaning)
    to = Addressee(peer=peer.bap_id, uri=peer.bap_uri, transaction_id=world.new_id(), domain=DOMAIN, location={})
    await _sent("recon", message, to, message_id, work, world)


async def _peer(ref: str, work: Work) -> Peer:
    order = await work.orders.get(ref)
    assert order is not None  # noqa: S101  orders are never deleted
    assert order.peer is not None  # noqa: S101  what is settled was brought by a buyer app
    return order.peer


async def _to_agency(
    action: str, message: Json, transaction_id: str, message_id: str, work: Work, world: World
) -> None:
    agency = world.rules.settlement.agency
    assert agency is not None  # noqa: S101  the settings see to it
    to = Addressee(peer=agency.id, uri=agency.uri, transaction_id=transaction_id, domain=DOMAIN, location={})
    await _sent(action, message, to, message_id, work, world)


async def _sent(action: str, message: Json, to: Addressee, message_id: str, work: Work, world: World) -> None:
    dispatch = Dispatch(kind="state", now=world.now, grace=NO_WAIT, window=SCHEDULES["state"].window)
    await work.outbox.enqueue(callback_for(Reply(message=message), to, action, message_id, world.identity, dispatch))
