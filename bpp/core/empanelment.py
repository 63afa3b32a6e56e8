"""Applications for empanelment, and a provider's standing: each step decided by its table, stored with its history."""

from __future__ import annotations

from dataclasses import replace

from bpp.core.world import World
from bpp.orders.assignment import local_day
from bpp.parties.empanel import check_dates, provider_of, renewed
from bpp.parties.model import Agreement, Application, PartyEvent, Subject
from bpp.parties.states import EMPANELMENT, STANDING, NotPossible, State, Step, next_state
from bpp.storage.ports import Work
from catalog.model import Provider


async def apply(application: Application, actor: str, work: Work, world: World) -> Application:
    """Take an application in."""
    await work.parties.add_application(application)
    event = _event("empanelment", application.id, "request", actor, world)
    await work.parties.record(replace(event, target=application.state))
    return application


async def step(
    application: Application, wanted: Step, actor: str, work: Work, world: World, *, reason: str = ""
) -> Application:
    """Review, refuse or withdraw an application; raises NotPossible as its table says."""
    return await _moved(application, wanted, actor, work, world, reason=reason)


async def approve(
    application: Application, agreement: Agreement, actor: str, work: Work, world: World
) -> tuple[Application, Provider]:
    """Approve an application: it makes a provider with an agreement, as yet without offerings.

    Raises NotPossible as the table says, and where the provider's id or the agreement's number is taken. The provider
    is given back, to be checked as every provider is and stored by the caller in the same unit.
    """
    provider = provider_of(application, agreement.provider_id, check_dates(agreement))
    if provider.id in world.catalog.providers:
        raise NotPossible(f"there is a provider {provider.id!r} already", path="provider_id")
    approved = await _moved(replace(application, provider_id=provider.id), Step.APPROVE, actor, work, world)
    await _agree(agreement, Step.APPROVE, State.APPROVED, State.ACTIVE, actor, work, world)
    return approved, provider


async def suspend(provider: Provider, reason: str, actor: str, work: Work, world: World) -> Provider:
    """Take a provider out of the catalogue at once, and let it take no new orders; those it has go on."""
    return await _stand(provider, Step.SUSPEND, reason, actor, work, world)


async def restore(provider: Provider, reason: str, actor: str, work: Work, world: World) -> Provider:
    """Let a suspended provider sell again, if its agreement is in force."""
    return await _stand(provider, Step.RESTORE, reason, actor, work, world)


async def renew(provider: Provider, agreement: Agreement, actor: str, work: Work, world: World) -> Provider:
    """Add a further agreement; raises NotPossible as ``renewed`` does, and where the number is taken."""
    later = renewed(provider, agreement, local_day(world.now))
    state = standing_of(provider)
    await _agree(agreement, Step.RENEW, state, next_state(state, Step.RENEW, STANDING), actor, work, world)
    await work.directory.put_provider(later)
    return later


def standing_of(provider: Provider) -> State:
    """Where a provider's standing is in its table; whether its agreement is in force is another question."""
    return State.ACTIVE if provider.status == "active" else State.SUSPENDED


async def note(
    subject: Subject, subject_id: str, event: str, actor: str, work: Work, world: World, **detail: str
) -> None:
    """Add something else to the history of a provider or a worker."""
    await work.parties.record(replace(_event(subject, subject_id, event, actor, world), detail=detail))


async def _moved(
    application: Application, wanted: Step, actor: str, work: Work, world: World, *, reason: str = ""
) -> Application:
    target = next_state(application.state, wanted, EMPANELMENT, reason)
    moved = replace(application, state=target, reason=reason)
    await work.parties.move_application(moved, application.state)
    event = _event("empanelment", application.id, wanted, actor, world)
    await work.parties.record(replace(event, source=application.state, target=target, reason=reason))
    return moved


async def _stand(provider: Provider, wanted: Step, reason: str, actor: str, work: Work, world: World) -> Provider:
    source = standing_of(provider)
    target = next_state(source, wanted, STANDING, reason)
    changed = replace(provider, status="active" if target is State.ACTIVE else "suspended")
    await work.directory.put_provider(changed)
    event = _event("provider", provider.id, wanted, actor, world)
    await work.parties.record(replace(event, source=source, target=target, reason=reason))
    return changed


async def _agree(
    agreement: Agreement, wanted: Step, source: State, target: State, actor: str, work: Work, world: World
) -> None:
    if not await work.parties.add_agreement(agreement):
        raise NotPossible(f"there is an agreement {agreement.number!r} already", path="number")
    detail = {"agreement": agreement.number, "from": str(agreement.first), "until": str(agreement.last)}
    event = _event("provider", agreement.provider_id, wanted, actor, world)
    await work.parties.record(replace(event, source=source, target=target, detail=detail))


def _event(subject: Subject, subject_id: str, event: str, actor: str, world: World) -> PartyEvent:
    return PartyEvent(at=world.now, subject=subject, subject_id=subject_id, event=event, actor=actor)
