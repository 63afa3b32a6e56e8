"""Bank details of providers and workers: set by who pays out or empanels, shown in full to the accountant alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pydantic import BaseModel, Field, TypeAdapter

from bpp.core.bank import keep_bank_details, shown_bank_details
from bpp.core.privacy import PersonalData
from bpp.core.world import World
from bpp.ledger.model import Party
from bpp.operator.auth import ACCOUNTANT, OFFICER
from bpp.operator.problems import ApiProblem, not_found
from bpp.operator.routes import Answer, Body, Call, Route
from bpp.parties.bank import BankDetails, masked
from bpp.storage.ports import Work

WRITERS = frozenset({ACCOUNTANT, OFFICER})


class BankRequest(Body):
    """An account with its IFSC, a UPI address, or both."""

    beneficiary: str = Field(description="name of the account's holder")
    account: str = Field(default="", description="9 to 18 figures")
    ifsc: str = Field(default="", examples=["ABCD0123456"])
    upi: str = Field(default="", examples=["name@bank"])


class BankView(BaseModel):
    """Bank details, masked unless the role may see them."""

    beneficiary: str
    account: str
    ifsc: str
    upi: str
    masked: bool

    @classmethod
    def of(cls, one: BankDetails, *, hidden: bool) -> BankView:
        """The view of details, which are masked already where they are to be."""
        return cls(beneficiary=one.beneficiary, account=one.account, ifsc=one.ifsc, upi=one.upi, masked=hidden)


def _known(party: Party, party_id: str, world: World) -> None:
    known = world.catalog.providers if party is Party.PROVIDER else world.catalog.workers
    if party_id not in known:
        raise not_found(party.value, party_id)


def putting(party: Party) -> Callable[[Call, Work, World], Awaitable[Answer]]:
    """The handler that keeps details."""

    async def put(call: Call, work: Work, world: World) -> Answer:
        party_id, body = call.path["id"], call.body
        _known(party, party_id, world)
        details = BankDetails(beneficiary=body.beneficiary, account=body.account, ifsc=body.ifsc, upi=body.upi)
        await keep_bank_details(party, party_id, details, call.caller.name, work, world)
        return Answer(content=BankView.of(masked(details), hidden=True))

    return put


def getting(party: Party) -> Callable[[Call, Work, World], Awaitable[Answer]]:
    """The handler that shows details, in full or masked by the caller's role."""

    async def get(call: Call, work: Work, world: World) -> Answer:
        party_id, reader = call.path["id"], call.caller.reader
        _known(party, party_id, world)
        found = await shown_bank_details(party, party_id, reader, work, world)
        if found is None:
            raise ApiProblem(404, "not_found", f"no bank details of {party} {party_id!r}")
        return Answer(content=BankView.of(found, hidden=not reader.sees(PersonalData.ACCOUNT)))

    return get


def routes_of(party: Party, many: str) -> tuple[Route, Route]:
    """The two calls for the details of a kind of party."""
    path, answer = f"/{many}/{{id}}/bank", TypeAdapter(BankView)
    return (
        Route(
            method="GET",
            path=path,
            name=f"get-{party}-bank",
            tag="parties",
            summary=f"Bank details of a {party}, masked but for accountant and supervisor",
            handler=getting(party),
            answer=answer,
            problems={404: f"no such {party}, or no details", 500: "what is stored does not open"},
            audited=True,
        ),
        Route(
            method="PUT",
            path=path,
            name=f"put-{party}-bank",
            tag="parties",
            summary=f"Set the bank details of a {party}",
            handler=putting(party),
            body=TypeAdapter(BankRequest),
            answer=answer,
            problems={404: f"no such {party}"},
            roles=WRITERS,
        ),
    )


ROUTES: tuple[Route, ...] = (*routes_of(Party.PROVIDER, "providers"), *routes_of(Party.WORKER, "workers"))
