"""A person gets everything that is held of him or her, and is forgotten when he or she asks; what tax law keeps stays."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.cli.person_html import person_html
from bpp.core.principal import NoNumber, StillOpen, as_document, erase, export, number_of
from bpp.core.privacy import Reader
from bpp.core.tickets import by_customer, says, ticket_of
from bpp.core.world import World
from bpp.issues.model import Code, Complaint, Image, Resolution
from bpp.orders.ratings import Rated, Review
from bpp.orders.states import Stage
from bpp.projects.states import Event, Side
from bpp.storage.messages import body_digest
from bpp.storage.ports import LogEntry, OrderEvent
from bpp.storage.ports_audit import FullRead, ReadFilter
from bpp.storage.ports_principals import Conversation
from bpp.storage.types import encode
from catalog.money import Money
from catalog.snapshot import Catalog
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.ids import IdSource
from tests.support.order_builders import BAP, a_callback, a_draft, a_peer, a_visit, an_order
from tests.support.project_builders import a_consumer, a_requirement, acted, agreed
from tests.support.sealed import all_sealed, looked
from tests.support.world_builders import an_identity, some_rules

PHONE, NAME, STREET, EMAIL = "9876501234", "Zyxwmark Verma", "Qwerty Gali 7", "zyxwmark@example.in"
PLANTED = (PHONE, "98765 01234", "Zyxwmark", "Qwerty", EMAIL)
READER = Reader("supervisor:1", "supervisor")
BILLING = {"name": NAME, "phone": f"+91-{PHONE}", "email": EMAIL, "address": STREET}
CUSTOMER = {"person": {"name": NAME}, "contact": {"phone": PHONE}}


def the_order(number=1, stage=Stage.COMPLETED):
    return an_order(number, billing=BILLING, fulfillments=(a_visit(stage=stage, customer=CUSTOMER),))


def a_message(transaction, action="init", peer=BAP, **more):
    body = orjson.dumps(
        {"context": {"transaction_id": transaction, **more}, "message": {"order": {"billing": BILLING}}}
    )
    return LogEntry(
        at=NOW, direction="in", peer=peer, action=action, transaction_id=transaction, message_id="M1", body=body,
        answer=b'{"message":{"ack":{"status":"ACK"}}}', http_status=200, outcome="ACK", reason="", signature="",
        order_ref="",
    )  # fmt: skip


async def planted(storage):
    """Somebody of whom something is held everywhere, beside somebody else."""
    other = an_order(
        9, billing={"name": "Meera Demo", "phone": "9000000009"}, fulfillments=(a_visit(stage=Stage.COMPLETED),)
    )
    consumer = a_consumer(name=NAME, phone=PHONE, email=EMAIL)
    project = acted(
        agreed(requirement=a_requirement(consumer=consumer)), Event.CANCEL, Side.CONSUMER, name=NAME, reason=STREET
    )

    def event(name, detail):
        return OrderEvent(
            at=NOW, ref="R1", fulfillment_id="F1", event=name, actor="buyer", source="", target="", detail=detail
        )

    async def unit(work):
        await work.orders.add(the_order(), NOW)
        await work.orders.add(other, NOW)
        await work.projects.add(project)
        await work.orders.record(event("complaint", {"complaint": f"{NAME} waited at {STREET}", "by": "operator:1"}))
        await work.orders.record(event("cancel", {"note": PHONE, "code": "001"}))
        draft = a_draft(ref="R7", peer=a_peer(transaction_id="T7"), billing={**BILLING, "phone": "98765 01234"})
        await work.orders.save_draft(draft, NOW)
        for transaction in ("T1", "T7", "T8", "T9"):
            said = a_message(transaction) if transaction != "T9" else replace(a_message("T9"), body=OTHERS)
            await work.messages.log(said)
        seq = await work.outbox.enqueue(
            a_callback(transaction_id="T1b", order_ref="R1", body=orjson.dumps({"of": "T1b", "billing": BILLING}))
        )
        await work.messages.log(a_message("T1b", action="status"))
        value = Rated(category="Provider", subject="P1", value=5)
        review = Review(
            ref="R1", of="order", provider_id="P1", rater="digest", rater_kind="phone", rated_at=NOW, values=(value,),
            text=f"I am {NAME}",
        )  # fmt: skip
        await work.feedback.keep(review)
        await work.issues.add(the_ticket())
        await work.audit.note(FullRead(at=NOW, who="operator:1", role="operator", kind="order", subject="R1"))
        for key, answer in (("k", {"billing": BILLING}), ("t", {"ref": "482-719-360", "short_desc": NAME})):
            kept = orjson.dumps(answer)
            await work.keys.remember(f"operator:1\n{key}", "d", 200, kept, NOW.replace(year=2027), now=NOW)
        return seq

    return await storage.run(unit)


async def over(storage, seq):
    """The callback under way was delivered."""
    engine_free = "UPDATE outbox SET state = 'delivered' WHERE seq = :seq"

    async def unit(work):
        await work._connection.execute(text(engine_free), {"seq": seq})

    await storage.run(unit)


def the_ticket(*, closed=True):
    """A complaint about the order, full of what is personal."""
    world = World(
        now=NOW,
        new_id=IdSource(3),
        catalog=Catalog.build(version=1, providers=(), offerings=(), workers=()),
        rules=some_rules(),
        identity=an_identity(),
        otp_secret=b"",
    )
    order = the_order()
    words = Complaint(code="ITM004", short_desc=f"{NAME}: it drips", long_desc=STREET, images=(Image(url=EMAIL),))
    issue = by_customer(order, words, world)
    issue = says(issue, Code.CLOSED, f"thanks, {NAME}", world) if closed else issue
    offer = Resolution(id="S1", code="REFUND", at=issue.created, by="us", short_desc=PHONE, long_desc=STREET)
    issue = replace(issue, resolutions=(offer,))
    return replace(ticket_of(issue, order, world), ref="482-719-360").noted(NOW, "operator:1", f"called {PHONE}")


OTHERS = b'{"other": 1}'
FURTHER = [Conversation(BAP, "T8")]


async def scanned(url):
    """Each place in the whole database where something of the person is left."""
    engine = create_async_engine(url)
    found = []
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda one: inspect(one).get_table_names())
        for name in names:
            for row in (await connection.execute(text(f'SELECT * FROM "{name}"'))).all():  # noqa: S608
                for column, value in row._mapping.items():
                    raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    found += [(name, column, one) for one in PLANTED if one.encode() in raw]
    await engine.dispose()
    return found


async def test_everything_that_is_held_is_in_the_export_and_nothing_of_anybody_else(storage):
    await planted(storage)

    held = await storage.run(lambda work: export(PHONE, FURTHER, READER, NOW, work))
    document = as_document(held, NOW)

    said = orjson.dumps(document).decode()
    assert [one["order"]["ref"] for one in document["orders"]] == ["R1"]
    assert [one["project"]["id"] for one in document["projects"]] == ["PR1"]
    assert [one["ref"] for one in document["selections"]] == ["R7"]
    assert sorted(one["transaction_id"] for one in document["messages"]) == ["T1", "T1b", "T7", "T8"]
    assert {one["body"]["message"]["order"]["billing"]["email"] for one in document["messages"]} == {EMAIL}
    assert document["complaints"][0]["text"] == f"{NAME} waited at {STREET}"
    assert document["tickets"][0]["issue"]["complaint"]["long_desc"] == STREET
    assert document["reviews"][0]["text"] == f"I am {NAME}"
    assert [(one["who"], one["subject"]) for one in document["reads"]] == [("operator:1", "R1")]
    assert "Meera Demo" not in said


async def test_an_export_leaves_a_row_for_each_record_and_one_that_does_not_name_the_person(storage):
    await planted(storage)
    for _ in range(2):
        await storage.run(lambda work: export(PHONE, (), READER, NOW, work))

    rows = [one for _, one in await storage.read(lambda work: work.audit.reads(ReadFilter(who=READER.name)))]

    assert sorted((one.kind, one.subject) for one in rows if one.kind != "person") == [
        ("order", "R1"), ("order", "R1"), ("project", "PR1"), ("project", "PR1"),
    ]  # fmt: skip
    (pseudonym,) = {one.subject for one in rows if one.kind == "person"}
    assert PHONE not in pseudonym


async def test_the_page_of_an_export_says_the_same_and_nothing_of_it_is_markup(storage):
    await planted(storage)
    held = await storage.run(lambda work: export(PHONE, (), READER, NOW, work))
    held = replace(held, reviews=[replace(held.reviews[0], text="<script>alert(1)</script>")])

    page = person_html(as_document(held, NOW))

    assert NAME in page
    assert STREET in page
    assert "<script" not in page


async def test_after_erasing_nothing_in_the_whole_database_says_who_it_was(storage, database):
    seq = await planted(storage)
    await over(storage, seq)
    before = await scanned(database)
    erased = await storage.run(lambda work: erase(PHONE, FURTHER, READER, NOW, work))

    assert {name for name, _, _ in before} >= {
        "orders", "order_events", "projects", "drafts", "message_bodies", "feedback_texts", "idempotency_keys",
        "tickets",
    }  # fmt: skip
    assert await scanned(database) == []
    assert (erased.orders, erased.projects, erased.drafts) == (1, 1, 1)


async def test_what_tax_law_keeps_stays_and_everybody_else_is_left_alone(storage):
    seq = await planted(storage)
    await over(storage, seq)
    await storage.run(lambda work: erase(PHONE, FURTHER, READER, NOW, work))

    order = await storage.read(lambda work: work.orders.get("R1"))
    other = await storage.read(lambda work: work.orders.get("R9"))
    digest = body_digest(OTHERS)
    kept = (await storage.read(lambda work: work.messages.bodies([digest])))[digest]
    assert order.quote.total == Money.parse("199.00")
    assert order.payments == the_order().payments
    assert order.forgotten_at == NOW
    assert other.billing["name"] == "Meera Demo"
    assert kept == OTHERS


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in (Stage.COMPLETED, Stage.CANCELLED)])
async def test_nobody_is_forgotten_while_a_booking_is_under_way(storage, stage):
    await storage.run(lambda work: work.orders.add(the_order(stage=stage), NOW))

    with pytest.raises(StillOpen, match="R1") as refusal:
        await storage.run(lambda work: erase(PHONE, (), READER, NOW, work))

    left = await storage.read(lambda work: work.orders.get("R1"))
    assert refusal.value.refs == ["R1"]
    assert left.billing["name"] == NAME


async def test_nobody_is_forgotten_while_a_callback_is_to_be_delivered(storage):
    await planted(storage)

    with pytest.raises(StillOpen, match="R1"):
        await storage.run(lambda work: erase(PHONE, (), READER, NOW, work))


async def test_nor_while_one_without_an_order_is_to_be_delivered(storage):
    body = orjson.dumps({"of": "T8", "billing": BILLING})

    async def unit(work):
        await work.messages.log(a_message("T8"))
        return await work.outbox.enqueue(a_callback(transaction_id="T8", body=body))

    seq = await storage.run(unit)

    with pytest.raises(StillOpen, match="T8"):
        await storage.run(lambda work: erase(PHONE, FURTHER, READER, NOW, work))
    waiting = await storage.read(lambda work: work.outbox.get(seq))
    assert waiting.body == body
    await over(storage, seq)
    assert (await storage.run(lambda work: erase(PHONE, FURTHER, READER, NOW, work))).messages == 2


async def test_of_a_complaint_that_was_forgotten_stays_what_was_done_and_when(storage):
    seq = await planted(storage)
    await over(storage, seq)
    await storage.run(lambda work: erase(PHONE, FURTHER, READER, NOW, work))

    left = await storage.read(lambda work: work.issues.get("482-719-360"))
    assert (left.forgotten, left.issue.status, left.issue.complaint.code) == (True, "CLOSED", "ITM004")
    assert [one.code for one in left.issue.actions] == [one.code for one in the_ticket().issue.actions]
    assert [(one.at, one.by) for one in left.notes] == [(NOW, "operator:1")]


async def test_nobody_is_forgotten_while_a_complaint_is_to_be_resolved(storage):
    async def unit(work):
        await work.orders.add(the_order(), NOW)
        await work.issues.add(the_ticket(closed=False))

    await storage.run(unit)

    with pytest.raises(StillOpen, match="482-719-360"):
        await storage.run(lambda work: erase(PHONE, (), READER, NOW, work))


async def test_the_audit_chain_holds_after_a_person_was_forgotten(storage):
    seq = await planted(storage)
    await over(storage, seq)
    await all_sealed(storage, NOW)
    await storage.run(lambda work: erase(PHONE, FURTHER, READER, NOW, work))
    at_once = await looked(storage, NOW)
    await all_sealed(storage, NOW)

    assert (at_once.faults, (await looked(storage, NOW)).faults) == ([], [])
    (row,) = [one for _, one in await storage.read(lambda work: work.audit.reads(ReadFilter(kind="erasure")))]
    assert (row.who, PHONE in encode(row)) == (READER.name, False)


async def test_conversations_that_led_to_no_order_are_found_by_reading_through_the_bodies(storage):
    await planted(storage)

    found, last = await storage.read(lambda work: work.principals.heard_of(PHONE, 0, 100))
    nothing = await storage.read(lambda work: work.principals.heard_of(PHONE, last, 100))

    assert set(found) == {Conversation(BAP, one) for one in ("T1", "T1b", "T7", "T8")}
    assert nothing == ([], 0)


async def planted_at_others(storage):
    """A provider who is a customer as well: the number stands in the order, the draft and the messages of others."""
    seller = replace(an_order().seller, phone=f"+91 {PHONE}")
    assignee = a_visit().assignee
    assert assignee is not None
    worker = replace(assignee, phone=PHONE)
    visit = a_visit(assignee=worker, stage=Stage.PENDING)
    billing = {"name": "Meera Demo", "phone": "9000000009"}
    of_other = orjson.dumps({"order": {"billing": billing, "agent": {"phone": PHONE}}})

    async def unit(work):
        await work.orders.add(an_order(9, billing=billing, seller=seller, fulfillments=(visit,)), NOW)
        draft = a_draft(
            ref="R8", peer=a_peer(transaction_id="T8"), billing=billing, seller=seller, fulfillments=(visit,)
        )
        await work.orders.save_draft(draft, NOW)
        await work.messages.log(replace(a_message("T8", action="on_select"), direction="out", body=of_other))
        await work.messages.log(replace(a_message("T9", action="update"), body=of_other + b" "))
        seq = await work.outbox.enqueue(a_callback(transaction_id="T9i", order_ref="R9", body=of_other + b"  "))
        await work.messages.log(replace(a_message("T9i", action="issue"), body=of_other + b"   "))
        return seq

    await storage.run(unit)
    return of_other


async def test_whose_number_stands_in_what_others_booked_gets_nothing_of_theirs_and_erases_nothing(storage):
    of_other = await planted_at_others(storage)
    further, _ = await storage.read(lambda work: work.principals.heard_of(PHONE, 0, 100))

    held = await storage.run(lambda work: export(PHONE, further, READER, NOW, work))
    erased = await storage.run(lambda work: erase(PHONE, further, READER, NOW, work))

    digests = [body_digest(of_other + b" " * count) for count in range(4)]
    kept = await storage.read(lambda work: work.messages.bodies(digests))
    assert set(further) == {Conversation(BAP, "T9"), Conversation(BAP, "T9i")}
    assert "Meera Demo" not in orjson.dumps(as_document(held, NOW)).decode()
    assert (erased.orders, erased.drafts, erased.messages) == (0, 0, 0)
    assert [kept[digest] for digest in digests] == [of_other + b" " * count for count in range(4)]


async def test_what_was_said_about_an_order_that_is_forgotten_is_found_by_its_number_still(storage):
    """Its order is nobody's any more."""

    async def unit(work):
        await work.orders.add(replace(the_order(8), forgotten_at=NOW, billing={}), NOW)
        await work.messages.log(a_message("T8"))

    await storage.run(unit)

    erased = await storage.run(lambda work: erase(PHONE, FURTHER, READER, NOW, work))

    assert erased.messages == 1


@pytest.mark.parametrize("phone", ["", "155330", "abc"])
def test_what_is_no_number_is_refused(phone):
    with pytest.raises(NoNumber):
        number_of(phone)


def test_a_number_is_the_same_however_it_is_said():
    assert {number_of(one) for one in ("+91 98765-01234", "098765 01234", "९८७६५०१२३४")} == {PHONE}
