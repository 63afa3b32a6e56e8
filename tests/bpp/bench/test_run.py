"""A short run end to end: real server, real load generator, real select round trips."""

from __future__ import annotations

from contextlib import ExitStack

import orjson
import pytest

from bpp.bench.rounds import Load, run_slice
from bpp.bench.run import Found, Run, account_slices
from bpp.bench.servers import Start, load_generator, start
from bpp.cli.main import run as cli


@pytest.fixture
def small_run(tmp_path):
    return Run(
        folder=tmp_path, rounds=1, load=Load(seconds=0.3, in_flight=4), quick=True, postgres="", told=lambda _: None
    )


def test_every_select_of_the_load_is_booked_and_answered_with_a_priced_signed_callback(small_run):
    found = Found()
    starts = [Start(name=variant, variant=variant) for variant in ("durable", "storeless")]
    with ExitStack() as stack:
        loader, sink = stack.enter_context(load_generator(small_run.stage))
        slices = [run_slice(loader, one, small_run.load, 100) for one in start(starts, small_run.stage, sink, stack)]
    for one in slices:
        account_slices(one.server, [one], found)
        assert one.completed > 0
        assert one.cpu > 0
        assert one.traffic["looked_at"] > 0
    assert [note for note in found.notes if "left out" not in note] == []


def test_the_command_writes_a_document_of_its_rows_and_says_what_moved(tmp_path, capsys):
    out = tmp_path / "bench.json"
    arguments = ["bench", "--scenario", "validation", "--quick", "--rounds", "1", "--dir", str(tmp_path)]
    assert cli([*arguments, "--out", str(out)]) == 0
    document = orjson.loads(out.read_bytes())
    row = document["results"]["validation.select"]
    assert row["median"] > 0
    assert row["verdict"] in {"pass", "unsure", "fail"}
    assert document["raw"]["validation"][0]["bytes"] > 2_500
    capsys.readouterr()
    assert cli(["bench", "--show", str(out)]) == 0
    assert "| validation of a 3 KB select over one Ed25519 verify |" in capsys.readouterr().out


def test_an_unknown_scenario_is_refused_with_the_names_of_those_there_are(capsys):
    assert cli(["bench", "--scenario", "nothing"]) == 2
    assert "select" in capsys.readouterr().err
