"""What was kept long enough is forgotten: names and numbers of orders, bodies of messages, drafts, rows of reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from bpp.core.purchases import department_of
from bpp.core.retention import RetentionPolicy, forget
from bpp.orders.choice import Choice
from bpp.orders.ratings import Rated, Review
from bpp.orders.states import Stage
from bpp.parties.model import Application, PartyEvent
from bpp.parties.states import State
from bpp.people.door import new_session
from bpp.people.model import Person, Role, SignInEvent, Step
from bpp.projects.states import Event, Side
from bpp.storage.ports import LogEntry, OrderEvent, OrderFilter
from bpp.storage.ports_audit import FullRead, ReadFilter
from bpp.storage.ports_demand import DemandFilter, Unserved
from bpp.storage.ports_projects import ProjectEvent, ProjectFilter
from bpp.storage.types import encode
from catalog.model import Gps
from tests.support.clock import MONDAY_MORNING
from tests.support.order_builders import a_callback, a_draft, a_visit, an_order
from tests.support.project_builders import a_department, a_project, a_requirement, acted, agreed

DAY = timedelta(days=1)
POLICY = RetentionPolicy(
    orders=30 * DAY,
    projects=30 * DAY,
    parties=30 * DAY,
    messages=20 * DAY,
    masked=25 * DAY,
    drafts=10 * DAY,
    reads=30 * DAY,
    demand=30 * DAY,
    sign_ins=30 * DAY,
    observability=30 * DAY,
)
PHONE = "9876501234"
EVERY_DAY = DemandFilter(first=MONDAY_MORNING.date() - 400 * DAY, last=MONDAY_MORNING.date() + 400 * DAY)


def over(stage=Stage.COMPLETED, number=1):
    billing = {"name": "Asha", "phone": PHONE}
    return an_order(number, billing=billing, fulfillments=(a_visit(stage=stage),))


async def put(storage, *orders, at=MONDAY_MORNING):
    for order in orders:
        await storage.run(lambda work, order=order: work.orders.add(order, at))


async def test_an_order_that_is_over_is_forgotten_when_its_time_has_come_and_not_before(storage):
    await put(storage, over())

    early = await forget(storage, POLICY, MONDAY_MORNING + 29 * DAY)
    kept = await storage.read(lambda work: work.orders.get("R1"))
    late = await forget(storage, POLICY, MONDAY_MORNING + 31 * DAY)
    left = await storage.read(lambda work: work.orders.get("R1"))
    again = await forget(storage, POLICY, MONDAY_MORNING + 32 * DAY)

    assert (early["orders"], late["orders"], again["orders"]) == (0, 1, 0)
    assert kept.billing["phone"] == PHONE
    assert left.billing == {}
    assert left.quotes == kept.quotes
    assert left.updated_at == kept.updated_at


async def test_it_is_found_by_its_number_no_more(storage):
    await put(storage, over())
    await forget(storage, POLICY, MONDAY_MORNING + 31 * DAY)

    assert await storage.read(lambda work: work.orders.find(OrderFilter(phone=PHONE))) == []


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in (Stage.COMPLETED, Stage.CANCELLED)])
async def test_an_order_that_is_not_over_is_never_forgotten(storage, stage):
    await put(storage, over(stage))

    found = await forget(storage, POLICY, MONDAY_MORNING + 4000 * DAY)

    assert found["orders"] == 0


async def test_what_was_said_of_its_events_goes_and_what_happened_stays(storage):
    await put(storage, over())
    detail = {"note": "her name is Asha", "callback_phone": PHONE, "reason": "Asha is ill", "worker_id": "W1"}
    event = OrderEvent(
        at=MONDAY_MORNING, ref="R1", fulfillment_id="F1", event="cancel", actor="seller", source="", target="",
        detail=detail,
    )  # fmt: skip
    await storage.run(lambda work: work.orders.record(event))

    await forget(storage, POLICY, MONDAY_MORNING + 31 * DAY)

    (left,) = await storage.read(lambda work: work.orders.events("R1"))
    assert left.detail == {"worker_id": "W1"}


async def test_more_orders_than_fit_into_one_transaction_are_all_forgotten(storage):
    await put(storage, *(over(number=number) for number in range(205)))

    found = await forget(storage, POLICY, MONDAY_MORNING + 31 * DAY)

    assert found["orders"] == 205


def entry(body: bytes, at) -> LogEntry:
    return LogEntry(
        at=at, direction="in", peer="b", action="init", transaction_id="T1", message_id="M1", body=body,
        answer=b"{}", http_status=200, outcome="ACK", reason="", signature="", order_ref="",
    )  # fmt: skip


async def test_old_bodies_are_emptied_but_for_those_still_said_or_still_to_be_sent(storage):
    late = MONDAY_MORNING + 26 * DAY

    async def unit(work):
        await work.messages.log(entry(b"old", MONDAY_MORNING))
        await work.messages.log(entry(b"old and new", MONDAY_MORNING))
        await work.messages.log(entry(b"old and new", late))
        return await work.outbox.enqueue(a_callback(body=b"waiting"))

    waiting = await storage.run(unit)
    found = await forget(storage, POLICY, late)

    callback = await storage.read(lambda work: work.outbox.get(waiting))
    assert found["messages"] == 1
    assert callback.body == b"waiting"
    assert (await forget(storage, POLICY, late))["messages"] == 0


async def test_bodies_are_kept_whole_then_masked_then_not_at_all(storage):
    said = orjson.dumps(
        {"message": {"order": {"billing": {"name": "Asha", "phone": PHONE, "area_code": "226010"}, "id": "O1"}}}
    )

    async def unit(work):
        await work.messages.log(entry(said, MONDAY_MORNING))
        await work.messages.log(entry(b"Asha, no JSON", MONDAY_MORNING))

    async def kept(work):
        (row, other) = (await work.messages.of_transaction("b", "T1")).rows
        found = await work.messages.bodies([row["body_digest"], other["body_digest"]])
        return found[row["body_digest"]], found[other["body_digest"]]

    await storage.run(unit)
    found = []
    for days in (19, 21, 22, 26):
        forgotten = await forget(storage, POLICY, MONDAY_MORNING + days * DAY)
        found.append((forgotten["masked"], forgotten["messages"], *await storage.read(kept)))

    whole, masked, again, gone = found
    billing = orjson.loads(masked[2])["message"]["order"]["billing"]
    assert whole == (0, 0, said, b"Asha, no JSON")
    assert masked[:2] == (3, 0)  # and the answer of both
    assert billing == {"name": "A***", "phone": "******1234", "area_code": "226010"}
    assert masked[3] == b""
    assert again == (0, 0, *masked[2:])
    assert gone[1:] == (2, b"", b"")


async def test_of_a_complaint_that_is_masked_nothing_is_left_of_what_somebody_wrote(storage):
    issue = {"id": "K1", "description": {"short_desc": "Zyxwmark waits", "long_desc": f"call Zyxwmark at {PHONE}"}}
    said = orjson.dumps({"context": {"action": "issue"}, "message": {"issue": issue}})
    await storage.run(lambda work: work.messages.log(entry(said, MONDAY_MORNING)))

    await forget(storage, POLICY, MONDAY_MORNING + 21 * DAY)

    async def kept(work):
        (row,) = (await work.messages.of_transaction("b", "T1")).rows
        return (await work.messages.bodies([row["body_digest"]]))[row["body_digest"]]

    left = await storage.read(kept)
    assert orjson.loads(left)["message"]["issue"]["id"] == "K1"
    assert [one for one in (b"Zyxwmark", PHONE.encode()) if one in left] == []


async def test_drafts_reads_and_counts_are_dropped_each_in_its_time(storage):
    read = FullRead(at=MONDAY_MORNING, who="operator:1", role="operator", kind="order", subject="R1")
    searched = Unserved(
        day=MONDAY_MORNING.date(), hour=9, channel="ondc", district="162", area_code="226010", service_id="SM-PLB",
        reason="no_slot",
    )  # fmt: skip

    async def unit(work):
        await work.orders.save_draft(a_draft(), MONDAY_MORNING)
        await work.audit.note(read)
        await work.audit.note(replace(read, at=MONDAY_MORNING + 300 * DAY, subject="R2"))
        await work.demand.count(searched)
        await work.demand.count(searched)

    await storage.run(unit)
    found = [await forget(storage, POLICY, MONDAY_MORNING + days * DAY) for days in (9, 11, 31)]
    left = await storage.read(lambda work: work.audit.reads(ReadFilter()))

    assert [one["drafts"] for one in found] == [0, 1, 0]
    assert [one["reads"] for one in found] == [0, 0, 1]
    assert [one["demand"] for one in found] == [0, 0, 1]
    assert [one.subject for _, one in left] == ["R2"]


async def test_the_newest_row_stays_since_its_number_would_be_given_again(storage):
    read = FullRead(at=MONDAY_MORNING, who="operator:1", role="operator", kind="order", subject="R1")
    event = SignInEvent(at=MONDAY_MORNING, person_id="person:a", event="signed_in")
    numbers = []
    for one in range(2):
        await storage.run(lambda work: work.audit.note(read))
        numbers.append((await storage.read(lambda work: work.audit.reads(ReadFilter())))[0][0])
        await storage.run(lambda work: work.people.record(event))
        found = await forget(storage, POLICY, MONDAY_MORNING + (1000 + one) * DAY)
        assert (found["reads"], found["sign_ins"]) == (one, one)

    assert numbers[1] > numbers[0]
    assert [number for number, _ in await storage.read(lambda work: work.audit.reads(ReadFilter()))] == numbers[1:]


async def test_searches_are_counted_by_any_of_their_parts(storage):
    def searched(**changes):
        fixed = {"day": MONDAY_MORNING.date(), "hour": 9, "channel": "ondc", "district": "162", "area_code": "226010"}
        return Unserved(**{**fixed, "service_id": "SM-PLB", "reason": "no_slot", **changes})

    async def unit(work):
        for one in (searched(), searched(), searched(hour=10), searched(service_id="", reason="no_service")):
            await work.demand.count(one)

    await storage.run(unit)
    by_service = await storage.read(lambda work: work.demand.report(EVERY_DAY, ("service_id", "reason"), 10))
    by_hour = await storage.read(lambda work: work.demand.report(EVERY_DAY, ("hour",), 10))

    assert by_service == [(("SM-PLB", "no_slot"), 3), (("", "no_service"), 1)]
    assert by_hour == [(("9",), 3), (("10",), 1)]


SECRETS = ("Meera Demo", "9876543210", "Two floors", "Demo House 7", "Somebody Demo", "copper wire", "Zyxwmark")


async def a_project_that_is_over(storage, project):
    gone = acted(project, Event.CANCEL, Side.CONSUMER, name="Meera Demo", reason="Zyxwmark is ill")
    said = {"name": "Meera Demo", "reason": "Zyxwmark is ill", "by": "operator:1"}
    happened = ProjectEvent(
        at=MONDAY_MORNING, project_id=gone.id, event="cancel", side="consumer", source="", target="", detail=said
    )

    async def unit(work):
        await work.projects.add(gone)
        await work.projects.record(happened)

    await storage.run(unit)


async def test_a_project_that_is_over_keeps_its_amounts_and_the_digest_of_its_mou(storage):
    await a_project_that_is_over(storage, agreed())
    await storage.run(lambda work: work.projects.add(a_project(id="PR2")))  # open: never forgotten
    by_phone = ProjectFilter(phone="+91 98765 43210")
    before = await storage.read(lambda work: work.projects.get("PR1"))
    found = await storage.read(lambda work: work.projects.find(by_phone))

    early = await forget(storage, POLICY, MONDAY_MORNING + 29 * DAY)
    late = await forget(storage, POLICY, MONDAY_MORNING + 31 * DAY)
    again = await forget(storage, POLICY, MONDAY_MORNING + 4000 * DAY)

    left = await storage.read(lambda work: work.projects.get("PR1"))
    (event,) = await storage.read(lambda work: work.projects.events("PR1"))
    assert [one["projects"] for one in (early, late, again)] == [0, 1, 0]
    assert {one.id for one in found} == {"PR1", "PR2"}
    assert [one.id for one in await storage.read(lambda work: work.projects.find(by_phone))] == ["PR2"]
    assert [one for one in SECRETS if one in encode(left) + str(event.detail)] == []
    assert (left.mou.digest, left.mou.text) == (before.mou.digest, "")
    assert [one.amount for one in left.milestones] == [one.amount for one in before.milestones]
    assert left.bid.charge == before.bid.charge
    assert event.detail == {"by": "operator:1"}


async def test_a_department_is_still_named_in_what_it_bought(storage):
    await a_project_that_is_over(storage, agreed(requirement=a_requirement(consumer=a_department())))
    order = replace(over(), channel="department", billing={"name": "Demo Department", "phone": PHONE})
    await put(storage, order)

    await forget(storage, POLICY, MONDAY_MORNING + 31 * DAY)

    project = await storage.read(lambda work: work.projects.get("PR1"))
    left = await storage.read(lambda work: work.orders.get("R1"))
    assert (project.requirement.consumer.party, project.requirement.consumer.name) == ("Demo Department", "")
    assert department_of(left) == "Demo Department"
    assert PHONE not in encode(left)


def an_application(number, state=State.REQUESTED):
    return Application(
        id=f"A{number}", kind="individual", name="Zyxwmark", name_hi="Zyxwmark", short_desc="x", contact="Zyxwmark",
        phone=PHONE, email="a@example.in", address="x", city="Lucknow", area_code="226010", gps=Gps(26.85, 80.99),
        districts=("162",), services=("SM-PLB",), state=state, requested_at=MONDAY_MORNING,
    )  # fmt: skip


async def test_applications_that_came_to_nothing_go_and_reasons_with_them(storage):
    def step(subject, key, target, **more):
        return PartyEvent(
            at=MONDAY_MORNING, subject=subject, subject_id=key, event="x", actor="officer:1", target=target, **more
        )

    async def unit(work):
        for number, state in enumerate((State.REFUSED, State.WITHDRAWN, State.REQUESTED, State.APPROVED)):
            await work.parties.add_application(an_application(number, state))
            await work.parties.record(step("empanelment", f"A{number}", state, reason="Zyxwmark drinks"))
        await work.parties.record(step("worker", "W1", "suspended", reason="Zyxwmark complained"))

    await storage.run(unit)
    early = await forget(storage, POLICY, MONDAY_MORNING + 29 * DAY)
    late = await forget(storage, POLICY, MONDAY_MORNING + 31 * DAY)

    left = await storage.read(lambda work: work.parties.applications(None, "", 10))
    (history,) = await storage.read(lambda work: work.parties.history("worker", "W1"))
    assert (early["applications"], early["reasons"]) == (0, 0)
    assert (late["applications"], late["reasons"]) == (2, 5)
    assert [one.id for one in left] == ["A2", "A3"]
    assert (history.target, history.reason) == ("suspended", "")


async def test_who_rated_an_order_and_in_what_words_goes_with_it(storage):
    await put(storage, over())
    value = Rated(category="Provider", subject="P1", value=5)
    review = Review(
        ref="R1", of="order", provider_id="P1", rater="digest", rater_kind="phone", rated_at=MONDAY_MORNING,
        values=(value,), text="Zyxwmark was kind",
    )  # fmt: skip
    await storage.run(lambda work: work.feedback.keep(review))

    await forget(storage, POLICY, MONDAY_MORNING + 31 * DAY)

    left = await storage.read(lambda work: work.feedback.get("R1"))
    assert (left.text, left.values) == ("", (value,))
    assert left.rater != "digest"


async def test_choices_of_drafts_that_came_to_nothing_go_with_them_and_those_of_orders_stay(storage):
    def a_choice(ref):
        return Choice(
            at=MONDAY_MORNING, slot_ref=ref, order_ref=ref, trigger="select", day=MONDAY_MORNING.date(),
            district="162", service_ids=("SM-PLB",), workers=("W1",), eligible=1, ranked=(), rejected={}, failures={},
        )  # fmt: skip

    async def unit(work):
        await work.orders.add(over(), MONDAY_MORNING)
        await work.orders.save_draft(a_draft(ref="R2"), MONDAY_MORNING + 5 * DAY)
        for ref in ("R1", "R2", "gone"):
            await work.assignments.keep(a_choice(ref))

    await storage.run(unit)
    found = [(await forget(storage, POLICY, MONDAY_MORNING + days * DAY))["choices"] for days in (9, 11, 16)]

    assert found == [0, 1, 1]
    assert len(await storage.read(lambda work: work.assignments.of_order("R1"))) == 1


async def test_what_happened_at_the_door_is_forgotten_in_time_and_sessions_as_soon_as_they_have_ended(storage):
    person = Person(id="person:a", login="a", name="A", role=Role.OPERATOR, created_at=MONDAY_MORNING)
    event = SignInEvent(at=MONDAY_MORNING, person_id=person.id, event="signed_in")

    async def unit(work):
        await work.people.add(person)
        await work.people.record(event)
        await work.people.record(replace(event, at=MONDAY_MORNING + 300 * DAY))
        await work.people.open_session(new_session("t", person, Step.OPEN, MONDAY_MORNING))

    await storage.run(unit)
    soon = await forget(storage, POLICY, MONDAY_MORNING + DAY)
    late = await forget(storage, POLICY, MONDAY_MORNING + 31 * DAY)

    assert (soon["sessions"], soon["sign_ins"]) == (1, 0)
    assert (late["sessions"], late["sign_ins"]) == (0, 1)
    assert await storage.read(lambda work: work.people.get(person.id)) == person
