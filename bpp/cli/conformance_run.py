"""The running of the network around the seller app that ``bpp conformance`` proves: buyer apps, gateway, people."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from beckn_schemas.registry import Subscriber
from bpp.cli.conformance_options import Complaint, People, Target, Times
from bpp.cli.conformance_target import SANDBOX_BUYERS, Seat, plan_of, registry_of, seat_of, seat_of_agency, seller_of
from bpp.cli.own_server import REGISTRY, own_server, settling_with
from bpp.cli.progress import Progress
from bpp.conformance import programme
from bpp.conformance.judge import Report, judge
from bpp.conformance.plan import Plan
from bpp.conformance.runner import Over, run, turns
from bpp.conformance.scenarios.play import Stage
from bpp.conformance.scenarios.steps import Scenario
from bpp.conformance.seller import OverOperatorApi, SellersPeople
from bpp.conformance.seller_person import AskAPerson, Lines
from bpp.conformance.seller_webhook import OverWebhook
from bpp.conformance.tape import Tape
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.field import Field, FieldRefused
from bpp.sandbox.gateway import Gateway
from bpp.sandbox.identities import AGENCY, BPP, BUYER, GATEWAY, SECOND_BUYER, Participant, write_registry

OUR_PLAN = Path(programme.__file__).with_name("sewamitra.toml")
"""What to ask our own demonstration catalog for."""
TOKEN_REFUSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What a run brought: the report, the seller app's subscriber_id, and what evidence needs.

    That is our buyer app, which can sign it, and the records of the registry that the run went by.
    """

    report: Report
    seller: str
    buyer: Participant
    registry: tuple[Subscriber, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a run needs: the seller app's subscriber_id, the stage with everybody else, and the registry file."""

    seller: str
    stage: Stage
    registry: Path


async def prove(
    target: Target,
    scenarios: Sequence[Scenario],
    *,
    plan: Path | None,
    domains: str,
    times: Times,
    ready: Callable[[str], None] = lambda _: None,
) -> Proven:
    """Play the scenarios against the target, or against our own server where it has no address, and judge them.

    ``ready`` is told the seller app's subscriber_id before anything is played. Raises ``Complaint``.
    """
    async with AsyncExitStack() as stack:
        progress = Progress(sys.stderr)
        if not target.url:
            if target.needless:
                raise Complaint("who plays against whom is said with --target; without it our own server is proven")
            chosen = plan_of(plan or OUR_PLAN, domains)
            scene = await stack.enter_async_context(_ourselves(chosen, times))
        else:
            chosen = plan_of(plan, domains)
            scene = await stack.enter_async_context(_somebody(target, chosen, times, progress))
        ready(scene.seller)
        stage = scene.stage
        progress.expect(len(turns(stage, scenarios)))
        async for event in run(stage, scenarios):
            progress.show(event)
            if isinstance(event, Over):
                return Proven(
                    report=judge(f"{scene.seller} at {stage.buyer.bpp_url}", event.flows),
                    seller=scene.seller,
                    buyer=stage.buyer.participant,
                    registry=registry_of(scene.registry),
                )
    raise RuntimeError("a run ends with its end")


@asynccontextmanager
async def _ourselves(plan: Plan, times: Times) -> AsyncIterator[Scene]:
    """Our own server with a database of its own, two buyer apps, a settlement agency, searches by way of a gateway.

    Whether old messages are refused is a seller's choice (decision 4); here it is on, so that it is proven, too.
    """

    def registered(path: Path, url: str) -> None:
        write_registry(path, (BPP.at(url), BUYER, SECOND_BUYER, GATEWAY, AGENCY.at(agency.url)))

    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bpp-conformance-")))
        write_registry(folder / REGISTRY)  # for the agency, whose address the server's settings need
        agency = await stack.enter_async_context(Buyer(registry=folder / REGISTRY, participant=AGENCY, forgets=False))
        more = {"BPP_FRESHNESS": "on", **settling_with(AGENCY.at(agency.url))}
        server = await stack.enter_async_context(own_server(folder, registered, **more))
        buyer, second = [
            await stack.enter_async_context(
                Buyer(registry=server.registry, participant=one, bpp_url=server.url, forgets=False)
            )
            for one in (BUYER, SECOND_BUYER)
        ]
        gateway = await stack.enter_async_context(Gateway(registry=server.registry))
        members = (BPP.at(server.url), BUYER.at(buyer.url), SECOND_BUYER.at(second.url), GATEWAY.at(gateway.url))
        write_registry(server.registry, (*members, AGENCY.at(agency.url)))
        people = OverOperatorApi(await stack.enter_async_context(Field(bpp_url=server.url, token=server.token)))
        stage = _stage([buyer, second], plan, times, people, gateway.url, agency)
        yield Scene(seller=BPP.subscriber_id, stage=stage, registry=server.registry)


@asynccontextmanager
async def _somebody(target: Target, plan: Plan, times: Times, progress: Progress) -> AsyncIterator[Scene]:
    """The seller app at the target, and our buyer apps where the registry says that they are."""
    if target.registry is None:
        raise Complaint("--target needs --registry FILE, in which the seller app and our buyer app are")
    registry = target.registry
    records = registry_of(registry)
    bpp_id = seller_of(records, target.url, target.bpp_id)
    first = seat_of(target.buyer, BUYER, records)
    async with AsyncExitStack() as stack:

        async def seated(seat: Seat) -> Buyer:
            buyer = Buyer(
                registry=registry,
                participant=seat.participant,
                bpp=bpp_id,
                bpp_url=target.url,
                host=seat.host,
                port=seat.port,
                public_url=seat.url,
                forgets=False,
            )
            try:
                return await stack.enter_async_context(buyer)
            except OSError as problem:
                raise Complaint(
                    f"our buyer app cannot listen at {seat.host}:{seat.port}, name another place: {problem}"
                ) from problem

        buyers = [await seated(first)]
        other = next(one for one in SANDBOX_BUYERS if one.subscriber_id != first.participant.subscriber_id)
        try:
            buyers.append(await seated(seat_of(target.second_buyer, other, records)))
        except Complaint as why:
            if target.second_buyer.named:
                raise
            progress.say(f"no second buyer app takes part: {why}")
        agency = None
        try:
            agency = await seated(seat_of_agency(records))
        except Complaint as why:
            progress.say(f"no settlement agency takes part: {why}")
        people = await _people(target, stack, progress)
        stage = _stage(buyers, plan, times, people, target.gateway, agency)
        yield Scene(seller=bpp_id, stage=stage, registry=registry)


async def _people(target: Target, stack: AsyncExitStack, progress: Progress) -> SellersPeople | None:
    """Whoever was asked for, or whoever can be had. Raises ``Complaint`` where something is missing."""
    match target.people or _whoever(target):
        case People.OPERATOR:
            return OverOperatorApi(await _operator(target, stack))
        case People.WEBHOOK if not target.webhook:
            raise Complaint("--seller webhook needs --webhook URL")
        case People.WEBHOOK:
            return await stack.enter_async_context(OverWebhook(target.webhook))
        case People.ASK:
            return AskAPerson(progress.say, Lines(sys.stdin.fileno()))
    return None


def _whoever(target: Target) -> People:
    if target.webhook:
        return People.WEBHOOK
    return People.OPERATOR if target.operator_token else People.NONE


async def _operator(target: Target, stack: AsyncExitStack) -> Field:
    """The operator API, asked once for an order that is not there, so that a wrong token is heard of at the start."""
    url = target.operator_url or target.url
    if not target.operator_token:
        raise Complaint("--seller operator needs --operator-token, or BPP_OPERATOR_TOKEN in the environment")
    operator = await stack.enter_async_context(Field(bpp_url=url, token=target.operator_token))
    try:
        await operator.find(bap_id="nobody.example", order_id="none")
    except FieldRefused as refused:
        if refused.status in TOKEN_REFUSED:
            raise Complaint(f"the operator API at {url} refuses the token: {refused}") from refused
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        raise Complaint(f"the operator API at {url} cannot be reached: {problem}") from problem
    return operator


def _stage(
    buyers: Sequence[Buyer],
    plan: Plan,
    times: Times,
    people: SellersPeople | None,
    gateway: str,
    agency: Buyer | None = None,
) -> Stage:
    return Stage(
        buyer=buyers[0],
        second_buyer=buyers[1] if len(buyers) > 1 else None,
        tape=Tape([*buyers, *filter(None, [agency])]),
        plan=plan,
        people=people,
        agency=agency,
        gateway=gateway,
        budget=times.budget,
        patience=times.patience,
        longest_wait=times.longest_wait,
    )
