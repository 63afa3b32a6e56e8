"""Bank details of providers and workers, whom payouts go to: shown in full, which leaves a row, and set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from bpp.console.money.words import PARTIES, holder, told
from bpp.console.page import Done, Form, Visit, outcome
from bpp.core.world import World
from bpp.ledger.model import Party
from bpp.operator.bank import BankRequest, getting, putting
from bpp.operator.problems import ApiProblem, not_found
from bpp.storage.ports import Work


class BankForm(Form):
    """An account with its IFSC, a UPI address, or both."""

    beneficiary: str = Field(max_length=100)
    account: str = Field(default="", max_length=30)
    ifsc: str = Field(default="", max_length=20)
    upi: str = Field(default="", max_length=100)


async def read_bank(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The details of a wallet's holder, if there are any."""
    party, party_id = _party(visit), visit.path["id"]
    known = world.catalog.providers if party is Party.PROVIDER else world.catalog.workers
    if party_id not in known:
        raise not_found(party.value, party_id)
    try:
        details = (await getting(party)(visit.call(id=party_id), work, world)).content
    except ApiProblem as problem:
        if problem.answer.error.code != "not_found":
            raise
        details = None
    return {"details": details, "kind": told(PARTIES, party), "holder": holder(party, party_id, world)}


async def act_keep_bank(visit: Visit, work: Work, world: World) -> Done:
    """Set the details."""
    party, party_id = _party(visit), visit.path["id"]
    body = BankRequest.model_validate(visit.form.model_dump())
    answer = await putting(party)(visit.call(body=body, id=party_id), work, world)
    return outcome(answer, f"/console/money/bank/{party}/{party_id}")


def _party(visit: Visit) -> Party:
    if visit.path["party"] not in (Party.PROVIDER, Party.WORKER):
        raise not_found("wallet of a", visit.path["party"])
    return Party(visit.path["party"])
