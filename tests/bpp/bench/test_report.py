"""What a run says, and what it says of an earlier one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson

from bpp.bench.bars import judged
from bpp.bench.report import compared, environment, failed, markdown, table

DOCS = Path(__file__).parent.parent.parent.parent / "docs"


def run_of(tmp_path, notes=(), **values):
    named = {key.replace("__", "."): list(found) for key, found in values.items()}
    return {
        "environment": environment(tmp_path, datetime(2026, 11, 2, 4, tzinfo=UTC)),
        "results": {key: one.document() for key, one in judged(named).items()},
        "notes": list(notes),
    }


def test_what_moved_beyond_a_tenth_and_out_of_the_middle_half_is_told_with_its_direction(tmp_path):
    old = run_of(
        tmp_path,
        select__pairs=[10, 10, 10],
        select__durability=[1.4, 1.4, 1.4],
        select__group_commit=[3, 3, 3],
        search__fts=[5, 12, 30],
    )
    new = run_of(
        tmp_path,
        select__pairs=[6, 6, 6],
        select__durability=[1.45, 1.45, 1.45],
        select__group_commit=[2, 2, 2],
        search__fts=[14, 14, 14],
    )
    told = list(compared(old, new))
    assert [one.partition(":")[0] for one in told] == [
        "durable signed select round trip, SQLite, server CPU",
        "durable signed select round trip, SQLite, server CPU",
        "one commit per request over group commit, CPU",
        "one commit per request over group commit, CPU",
    ]
    assert "10 -> 6 pairs (-40%, better)" in told[0]
    assert "fail -> pass" in told[1]
    assert "3 -> 2 x (-33%, worse)" in told[2]
    assert "pass -> fail" in told[3]


def test_what_is_measured_for_the_first_time_or_no_longer_is_told(tmp_path):
    old, new = run_of(tmp_path, select__pairs=[5]), run_of(tmp_path, stored__1m=[1.1])
    assert list(compared(old, new)) == [
        "select with 1,000,000 stored orders over an empty database, CPU: new, 1.1 x",
        "durable signed select round trip, SQLite, server CPU: not measured this time",
    ]


def test_a_run_compared_with_itself_moved_nothing(tmp_path):
    run = run_of(tmp_path, select__pairs=[5, 9, 14], select__group_commit=[1])
    assert list(compared(run, run)) == []


def test_only_what_fails_is_missed_and_not_what_is_unsure(tmp_path):
    run = run_of(tmp_path, select__pairs=[20], select__durability=[1.5, 1.5, 1.7, 1.8, 1.8], stored__10k=[99])
    assert failed(run) == ["durable signed select round trip, SQLite, server CPU"]


def test_tables_for_people_and_for_the_docs_have_every_row_its_verdict_and_what_must_be_known(tmp_path):
    run = run_of(tmp_path, ["durable: 3 lost"], select__pairs=[4, 5, 6], select__rate=[700])
    text, page = table(run), markdown(run)
    assert "5 pairs" in text
    assert "pass *" in text
    assert "note: durable: 3 lost" in text
    assert (
        "| durable signed select round trip, SQLite, server CPU | 5 pairs | 4.5 to 5.5 | at most 9 | 5 | pass |" in page
    )
    assert "| durable round trips | 700 /s |" in page
    assert run["environment"]["commit"] in page


def test_the_figures_of_the_page_are_those_of_the_file_beside_it():
    page, kept = DOCS / "benchmark.md", DOCS / "benchmark.json"
    shown = page.read_text().partition("<!-- figures -->\n")[2].partition("<!-- /figures -->")[0].strip()
    assert shown == (markdown(orjson.loads(kept.read_bytes())) if kept.exists() else "Not measured yet.")
