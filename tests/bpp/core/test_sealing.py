"""What was written once and is sealed cannot be changed unnoticed, and what is forgotten by law is told apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, type_coerce
from sqlalchemy.types import BigInteger, LargeBinary

from bpp.audit.chain import Head, head_of
from bpp.audit.sources import CHANGES, LEDGER, LINES, MESSAGES, SOURCES
from bpp.core.sealing import AT_ONCE, LEASE, Sealer
from bpp.core.sealing import ROWS as IN_ONE
from bpp.core.verifying import Rounds
from bpp.storage.ports import OrderEvent
from bpp.storage.ports_audit import FullRead
from bpp.storage.schema import metadata
from bpp.storage.tables import message_bodies, message_log, order_events
from bpp.storage.tables_audit import full_reads
from bpp.storage.tables_ledger import ledger_lines, ledger_postings
from bpp.storage.tables_sealing import audit_changes, audit_seals, ledger_numbers
from bpp.storage.types import UtcMicros
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.sealed import HALF_A_YEAR, ROWS, TABLES, all_sealed, fill, hands, looked, put, row

LATER = NOW + timedelta(days=200)


@pytest.fixture
async def sealed(storage, database):
    """A storage with rows in each table, all of them sealed."""
    await fill(database)
    await all_sealed(storage)
    return storage


def number_of(table):
    if table.name == LEDGER:
        return select(ledger_numbers.c.number).where(ledger_numbers.c.posting_id == table.c.id).scalar_subquery()
    if table.name == LINES:
        return (
            select(ledger_numbers.c.number).where(ledger_numbers.c.posting_id == table.c.posting_id).scalar_subquery()
        )
    return table.c["number" if table.name == audit_seals.name else "seq"]


def tampered(value, pick):
    """The value with one byte or digit of it another."""
    if value is None:
        return 1
    if isinstance(value, int):
        return value ^ (1 << pick % 16 + 4)
    raw = bytearray(value if isinstance(value, bytes) else value.encode())
    if not raw:
        return b"x" if isinstance(value, bytes) else "x"
    raw[pick % len(raw)] ^= 0x40
    return bytes(raw) if isinstance(value, bytes) else raw.decode()


def covered():
    """Every column that a seal covers, of every table, and of the seals themselves."""
    for name, source in SOURCES.items():
        yield from ((name, column) for column in (*source.facts, *source.words))
    yield from ((LINES, column.name) for column in ledger_lines.columns)
    yield from ((audit_seals.name, column.name) for column in audit_seals.columns)
    yield CHANGES, "salt"


COVERED = tuple(covered())


def test_every_column_of_a_table_is_sealed_or_named_as_one_that_is_not():
    for name, source in SOURCES.items():
        said = {*source.facts, *source.words, *source.untold} | ({"seq"} if name != LEDGER else set())
        assert said == {one.name for one in metadata.tables[name].columns}, name


async def test_what_is_as_it_was_written_holds(sealed):
    found = await looked(sealed)

    assert found.faults == []
    assert found.rows == ROWS * len(TABLES)
    assert found.sealed_at == NOW


async def tamper_and_look(storage, url, name, column, pick):
    """Change one byte of a row, look, and put it back."""
    table = metadata.tables[name]
    kept = table.c[column]
    plain = type_coerce(kept, BigInteger) if isinstance(kept.type, UtcMicros) else kept
    async with hands(url) as connection:
        rows = (
            await connection.execute(select(number_of(table), plain, *table.primary_key).order_by(*table.primary_key))
        ).all()
    chosen = rows[pick % len(rows)]
    key = [one == value for one, value in zip(table.primary_key, chosen[2:], strict=True)]
    changed = tampered(bytes(chosen[1]) if isinstance(kept.type, LargeBinary) else chosen[1], pick)
    await put(url, table, key[0] if len(key) == 1 else key[0] & key[1], **{column: changed})
    found = await looked(storage)
    moved = [
        one == (changed if one.name == column else value)
        for one, value in zip(table.primary_key, chosen[2:], strict=True)
    ]
    await put(url, table, moved[0] if len(moved) == 1 else moved[0] & moved[1], **{column: chosen[1]})
    return chosen[0], found


@pytest.mark.parametrize(("name", "column"), COVERED)
async def test_a_byte_of_any_column_that_was_changed_is_found_at_its_row(sealed, database, name, column):
    if name == CHANGES:
        await sealed.run(lambda work: work.audit.erase_notes("ref 2", NOW))
        await all_sealed(sealed)

    number, found = await tamper_and_look(sealed, database, name, column, 7)

    first = found.faults[0]
    assert found.faults
    if name in TABLES:
        assert (first.table, first.number) == (name, number)
    assert (await looked(sealed)).faults == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.sampled_from([one for one in COVERED if one[0] != CHANGES]), pick=st.integers(0, 10**6))
async def test_whatever_byte_of_whatever_row_is_changed_it_is_found(sealed, database, which, pick):
    name, column = which
    _, found = await tamper_and_look(sealed, database, name, column, pick)

    assert found.faults
    assert (await looked(sealed)).faults == []


@pytest.mark.parametrize("name", TABLES)
async def test_a_row_that_was_removed_is_found(sealed, database, name):
    table = metadata.tables[name]
    async with hands(database) as connection:
        await connection.execute(delete(table).where(number_of(table) == 2))

    (fault,) = (await looked(sealed)).faults

    assert (fault.table, fault.number, fault.text) == (name, 2, "is missing")


@pytest.mark.parametrize("name", [one for one in TABLES if one != LEDGER])
@pytest.mark.parametrize("number", [-5, 0, 2])
async def test_a_row_that_was_added_among_those_that_are_sealed_is_found(sealed, database, name, number):
    table = metadata.tables[name]
    async with hands(database) as connection:
        await connection.execute(delete(table).where(table.c.seq == number))
        await connection.execute(insert(table), row(table, 99) | {"seq": number})

    first, *_ = (await looked(sealed)).faults

    assert (first.table, first.number) == (name, number)


async def test_a_posting_or_a_line_that_was_added_beside_the_books_is_found(sealed, database):
    async with hands(database) as connection:
        await connection.execute(insert(ledger_lines), row(ledger_lines, 7) | {"posting_id": "id 2"})
    changed = await looked(sealed)
    async with hands(database) as connection:
        await connection.execute(insert(ledger_lines), row(ledger_lines, 7) | {"posting_id": "nobody's"})
        await connection.execute(insert(ledger_postings), row(ledger_postings, 50))
        await connection.execute(delete(ledger_numbers).where(ledger_numbers.c.number > ROWS))
    added = await looked(sealed)

    assert [(one.table, one.number) for one in changed.faults] == [(LEDGER, 2)]
    assert {one.table for one in added.faults} == {LEDGER, LINES}


@pytest.mark.parametrize("number", [1, 3, len(TABLES) - 1])
async def test_a_seal_that_was_removed_is_found_where_it_was(sealed, database, number):
    async with hands(database) as connection:
        await connection.execute(delete(audit_seals).where(audit_seals.c.number == number))

    first, *_ = (await looked(sealed)).faults

    assert (first.table, first.number, first.text) == (audit_seals.name, number, "is missing")


async def test_the_end_of_the_chain_and_a_chain_written_anew_are_found_by_a_head_that_was_kept_elsewhere(
    sealed, database
):
    kept = head_of(str((await sealed.read(lambda work: work.seals.standing())).head))
    holds = await looked(sealed, kept=[kept])
    async with hands(database) as connection:
        await connection.execute(delete(audit_seals).where(audit_seals.c.number == kept.number))
    short = await looked(sealed, kept=[kept])
    async with hands(database) as connection:
        await connection.execute(delete(audit_seals))
        await connection.execute(delete(message_log).where(message_log.c.seq == 2))
    await all_sealed(sealed, NOW + timedelta(hours=1))
    anew = await looked(sealed, kept=[kept])

    assert holds.faults == []
    assert [(one.table, one.number) for one in short.faults] == [(audit_seals.name, kept.number)]
    assert (await looked(sealed)).faults == []
    assert "written anew" in anew.faults[0].text


@pytest.mark.parametrize("text", ["", "17", "x:" + "0" * 64, "17:abc"])
def test_what_is_no_head_is_refused(text):
    with pytest.raises(ValueError, match="colon"):
        head_of(text)


async def test_a_body_that_was_changed_removed_or_erased_too_early_is_found(sealed, database):
    of_second = select(message_log.c.body_digest).where(message_log.c.seq == 2).scalar_subquery()
    found = []
    for values in ({"body": b"other"}, {"body": None}, {"body": None, "erased_at": NOW + timedelta(days=30)}):
        await put(database, message_bodies, message_bodies.c.digest == of_second, **values)
        found.append((await looked(sealed, NOW + timedelta(days=40))).faults)

    assert [[(one.table, one.number) for one in faults] for faults in found] == [[(MESSAGES, 2)]] * 3


async def test_bodies_that_retention_erased_break_nothing(sealed):
    await sealed.run(lambda work: work.audit.erase_bodies(NOW + timedelta(days=1), LATER))

    assert (await looked(sealed, LATER)).faults == []


async def test_words_that_retention_took_out_break_nothing_and_what_is_left_is_sealed(sealed, database):
    await sealed.run(lambda work: work.audit.erase_notes("ref 2", LATER))
    at_once = await looked(sealed, LATER)
    await all_sealed(sealed, LATER)
    after = await looked(sealed, LATER)
    await put(database, order_events, order_events.c.seq == 2, detail='{"code":"9"}')
    changed = await looked(sealed, LATER)

    assert (at_once.faults, after.faults) == ([], [])
    assert [(one.table, one.number) for one in changed.faults] == [("order_events", 2)]


async def test_nothing_is_left_by_which_forgotten_words_could_be_tried_out(sealed, database):
    before = [one.salts for one in await sealed.read(lambda work: work.seals.chain(0, 50)) if one.salts]
    await sealed.run(lambda work: work.audit.erase_notes("ref 2", LATER))
    await all_sealed(sealed, LATER)
    chain = await sealed.read(lambda work: work.seals.chain(0, 50))

    (salts,) = [one.salts for one in chain if one.seal.source == "order_events"]
    assert salts[16:32] == bytes(16)
    assert bytes(16) not in {one[at : at + 16] for one in before for at in range(0, len(one), 16)}
    assert (await looked(sealed, LATER)).faults == []


async def test_words_that_were_taken_out_by_hand_are_found(sealed, database):
    await put(database, order_events, order_events.c.seq == 2, detail='{"code":"2"}')

    (fault,) = (await looked(sealed, LATER)).faults

    assert (fault.table, fault.number) == ("order_events", 2)


async def test_rows_that_retention_dropped_in_their_time_break_nothing(sealed):
    dropped = await sealed.run(lambda work: work.audit.drop_reads(NOW + timedelta(minutes=3), LATER))
    gone = await sealed.run(lambda work: work.people.drop_events(NOW + timedelta(minutes=3), LATER))
    at_once = await looked(sealed, LATER)
    await all_sealed(sealed, LATER)

    assert (dropped, gone) == (2, 2)
    assert at_once.faults == []
    assert (await looked(sealed, LATER)).faults == []


async def test_rows_that_were_dropped_too_early_are_found_though_it_is_noted(sealed):
    await sealed.run(lambda work: work.audit.drop_reads(NOW + timedelta(minutes=3), NOW + timedelta(days=2)))

    found = await looked(sealed, NOW + timedelta(days=3))

    assert [(one.table, one.number) for one in found.faults] == [("full_reads", 1), ("full_reads", 2)]


async def test_who_does_not_hold_the_lease_seals_nothing_until_it_has_lapsed(sealed):
    other = Sealer(sealed, "another")
    refused = await other.seal(NOW + LEASE - timedelta(seconds=1))
    taken = await other.seal(NOW + LEASE)

    assert refused is None
    assert taken is not None
    assert taken.sealed_at == NOW + LEASE


async def test_two_who_seal_at_once_make_one_chain(storages, database):
    await fill(database)
    both = [storages(), storages()]
    first, second = (Sealer(one, "the same") for one in both)
    await first.seal(NOW)
    async with hands(database) as connection:
        await connection.execute(insert(full_reads), [row(full_reads, number) for number in range(10, 20)])
    await first.seal(NOW)
    await second.seal(NOW)

    found = await looked(both[0])
    assert found.faults == []
    assert found.rows == ROWS * len(TABLES) + 10


async def test_a_seal_whose_number_is_taken_is_not_stored(sealed):
    (first,) = await sealed.read(lambda work: work.seals.chain(0, 1))

    assert await sealed.run(lambda work: work.seals.append(first)) is False


async def test_the_head_goes_to_the_log_once_a_day(sealed, logs):
    sealer = Sealer(sealed, "another")
    for hours in (1, 2, 3, 30):
        await sealer.seal(NOW + timedelta(hours=hours))

    told = [one["head"] for one in logs if one["event"] == "audit_head"]
    head = (await sealed.read(lambda work: work.seals.standing())).head
    assert told == [str(head)] * 3  # the fixture's own, and one for each day


async def test_what_was_left_out_of_one_go_is_sealed_in_the_next_and_only_then_is_all_sealed(storage):
    async def unit(work):
        for number in range(AT_ONCE * IN_ONE + 1):
            await work.audit.note(
                FullRead(at=NOW, who="operator:1", role="operator", kind="order", subject=f"R{number}")
            )

    await storage.run(unit)
    sealer = Sealer(storage, "sealer")
    found = []
    for minutes in (0, 1):
        await sealer.seal(NOW + timedelta(minutes=minutes))
        standing = await storage.read(lambda work: work.seals.standing())
        found.append((standing.sealed_at, str(standing.head).partition(":")[0]))

    assert found == [(None, str(AT_ONCE)), (NOW + timedelta(minutes=1), str(AT_ONCE + 1))]
    assert (await looked(storage)).faults == []


async def test_walks_go_round_and_tell_what_the_last_round_found_until_the_next_has_found_nothing(sealed, database):
    rounds = Rounds(sealed, HALF_A_YEAR)
    well = [await rounds.step(NOW) for _ in range(3)]
    await put(database, message_log, message_log.c.seq == 2, outcome="x")
    broken = [await rounds.step(NOW) for _ in range(4)]
    await put(database, message_log, message_log.c.seq == 2, outcome="outcome 2")
    mended = [await rounds.step(NOW) for _ in range(5)]

    assert set(well) == {0}
    assert broken[-1] == 1
    assert mended[0] == 1, "one round after another, nobody forgets at once"
    assert mended[-1] == 0


async def test_many_rows_are_sealed_some_at_a_time_and_what_comes_later_follows(storage):
    async def note(work, first, last):
        for number in range(first, last):
            read = FullRead(at=NOW, who="operator:1", role="operator", kind="order", subject=f"R{number}")
            await work.audit.note(read)

    for span in ((0, 2 * IN_ONE + 7), (0, 0), (3000, 3003)):
        await storage.run(lambda work, span=span: note(work, *span))
        await all_sealed(storage)
    chain = await storage.read(lambda work: work.seals.chain(0, 10))

    assert [one.seal.rows for one in chain] == [IN_ONE, IN_ONE, 7, 3]
    assert (await looked(storage)).faults == []


async def test_an_event_that_is_not_sealed_yet_may_be_forgotten_before_it_is(storage):
    detail = {"note": "Asha is ill"}
    event = OrderEvent(
        at=NOW, ref="R1", fulfillment_id="F1", event="cancel", actor="seller", source="", target="", detail=detail
    )
    await storage.run(lambda work: work.orders.record(event))
    await storage.run(lambda work: work.audit.erase_notes("R1", NOW))
    await all_sealed(storage)

    assert (await looked(storage)).faults == []


async def test_a_chain_that_nobody_began_says_so(storage):
    found = await looked(storage)

    assert (found.sealed_at, found.head, found.faults) == (None, None, [])
    assert (await looked(storage, kept=[Head(1, "0" * 64)])).faults != []


def test_half_a_year_is_what_is_asked_of_logs():
    assert timedelta(days=180) == HALF_A_YEAR


async def test_what_says_of_changes_cannot_be_removed(sealed, database):
    await sealed.run(lambda work: work.audit.drop_reads(NOW + timedelta(minutes=3), LATER))
    await all_sealed(sealed, LATER)
    async with hands(database) as connection:
        await connection.execute(delete(audit_changes))

    found = await looked(sealed, LATER)

    assert {(one.table, one.number) for one in found.faults} >= {("full_reads", 1), (CHANGES, 1)}
