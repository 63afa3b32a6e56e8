"""Evidence of a real run: it can be read back to the same verdicts, and whatever is changed in it is found."""

from __future__ import annotations

import json
import random
import resource
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from beckn_schemas.registry import parse_registry_file
from bpp.conformance.check import Outcome
from bpp.conformance.checks import evidence
from bpp.conformance.evidence.manifest import MANIFEST, SEAL
from bpp.conformance.evidence.participants import REGISTRY
from bpp.conformance.evidence.read import read_folder
from bpp.conformance.evidence.write import EvidenceError, write_evidence
from bpp.conformance.judge import Report, judge
from bpp.conformance.record import Flow, Note, Record
from bpp.sandbox.identities import BPP, BUYER, SECOND_BUYER, registry_records, write_registry
from tests.conformance.evidence_samples import booking, message
from tests.conformance.faults_evidence import TAMPERED, Tampered
from tests.conformance.ground import Ground

CORE, PROBES = "seller/core-apis", "seller/probes"
RECORDS = parse_registry_file(orjson.dumps(registry_records()))
SEALS = ("evidence_signed", "evidence_unchanged", "evidence_complete")


def _outcomes(report: Report) -> dict[str, Outcome]:
    return {one.check.name: one.outcome for one in report.summaries}


def _registry(folder: Path) -> Path:
    path = folder / "the-registry.json"
    write_registry(path)
    return path


def _small(folder: Path) -> Path:
    """A small folder of evidence, and its entity's folder."""
    flows = [booking("service_completion"), booking("buyer_cancel", domain="ONDC:SRV10")]
    return write_evidence(folder / "evidence", "seller.example", flows, BUYER, RECORDS)


def _broken_seals(folder: Path, registry: Path) -> set[str]:
    outcomes = _outcomes(judge("evidence", read_folder(folder, registry).flows, evidence.CHECKS))
    return {name for name in SEALS if outcomes[name] is not Outcome.PASSED}


def _files(folder: Path) -> list[Path]:
    return sorted(one for one in folder.rglob("*") if one.is_file())


async def test_evidence_of_our_own_run_has_no_findings_and_the_verdicts_of_the_run(
    ground: Ground, tmp_path: Path
) -> None:
    flows = await ground.played("service_completion")
    live = judge("live", flows)

    write_evidence(tmp_path / "evidence", "bpp.sandbox.example", flows, BUYER)
    recorded = read_folder(tmp_path / "evidence", tmp_path / "registry.json")
    offline = judge("evidence", recorded.flows)

    assert offline.errors + offline.warnings == ()
    assert live.errors + live.warnings == ()
    beside = {"readable_json", "readable_requests", *SEALS}
    assert {name: one for name, one in _outcomes(offline).items() if name not in beside} == {
        name: one for name, one in _outcomes(live).items() if name not in beside
    }
    assert {_outcomes(offline)[name] for name in SEALS} == {Outcome.PASSED}
    assert set(recorded.orders.values()) == {"by the manifest beside the files"}
    alone = judge("what a pull request has", read_folder(tmp_path / "evidence/bpp.sandbox.example" / CORE).flows)
    assert alone.errors + alone.warnings == ()


async def test_whoever_has_only_the_folder_can_look_at_every_signature(ground: Ground, tmp_path: Path) -> None:
    (flow,) = await ground.played("searching", domain="ONDC:SRV11")
    first = flow.callbacks[0]
    forged = replace(
        flow, records=tuple(replace(one, body=one.body + b" ") if one is first else one for one in flow.records)
    )
    registry = parse_registry_file((tmp_path / "registry.json").read_bytes())
    (tmp_path / "registry.json").unlink()

    right = write_evidence(tmp_path / "right", BPP.subscriber_id, [flow], BUYER, registry)
    wrong = write_evidence(tmp_path / "wrong", BPP.subscriber_id, [forged], BUYER, registry)

    kept = parse_registry_file((right / REGISTRY).read_bytes())
    assert {one.subscriber_id for one in kept} == {BPP.subscriber_id, BUYER.subscriber_id}
    assert set(kept) <= set(registry)
    assert {one.problem for one in read_folder(right).flows[0].callbacks} == {""}
    assert read_folder(wrong).flows[0].callbacks[0].problem == "signature_mismatch"
    assert _broken_seals(right, right / REGISTRY) == set()


async def test_messages_headers_answers_times_and_notes_come_back_as_they_were(ground: Ground, tmp_path: Path) -> None:
    (flow,) = await ground.played("service_completion", domain="ONDC:SRV11")

    write_evidence(tmp_path / "evidence", "bpp.sandbox.example", [flow], BUYER)
    regained = read_folder(tmp_path / "evidence").flows[0]

    assert [replace(one, source="", headers=None, reply=None) for one in regained.records] == [
        replace(one, headers=None, reply=None) for one in flow.records
    ]
    for one, other in zip(regained.records, flow.records, strict=True):
        assert list(one.headers.items()) == list(other.headers.items())  # type: ignore[union-attr]
        assert one.reply == other.reply
    assert replace(regained, records=()) == replace(flow, records=())


async def test_files_are_named_as_reviewers_expect_and_hold_the_exact_bytes(ground: Ground, tmp_path: Path) -> None:
    (flow,) = await ground.played("service_completion", domain="ONDC:SRV11")

    entity = write_evidence(tmp_path / "evidence", "bpp.sandbox.example", [flow], BUYER)

    folder = entity / CORE / "service_completion_flow"
    assert {one.name for one in folder.iterdir()} == {
        *(f"{way}{one}.json" for one in ("search", "select", "init", "confirm") for way in ("", "on_")),
        *("status.json", "on_status_pending.json", "on_status_in_transit.json", "on_status_at_location.json"),
        *("on_status_started.json", "on_status_completed.json"),
    }
    assert sorted(one.read_bytes() for one in folder.iterdir()) == sorted(one.body for one in flow.records)


@pytest.mark.parametrize("tampered", TAMPERED, ids=lambda one: one.id)
def test_what_was_done_to_a_folder_is_found_by_its_check(tmp_path: Path, tampered: Tampered) -> None:
    entity, registry = _small(tmp_path), _registry(tmp_path)
    clean = judge("evidence", read_folder(entity, registry).flows, evidence.CHECKS)
    assert {one.outcome for one in clean.summaries} == {Outcome.PASSED}

    tampered.how(entity)

    report = judge("evidence", read_folder(entity, registry).flows, evidence.CHECKS)
    assert [one.check.name for one in report.summaries if one.outcome is Outcome.FAILED] == [tampered.check]


def test_every_check_of_folders_has_a_fault_that_kills_it() -> None:
    assert {one.name for one in evidence.CHECKS} == {one.check for one in TAMPERED}


def test_the_same_flows_make_the_same_folder(tmp_path: Path) -> None:
    folders = [_small(tmp_path / name) for name in ("one", "two")]

    assert (
        len({tuple((one.relative_to(folder), one.read_bytes()) for one in _files(folder)) for folder in folders}) == 1
    )


def test_an_untouched_folder_is_proven_by_the_registry(tmp_path: Path) -> None:
    assert _broken_seals(_small(tmp_path), _registry(tmp_path)) == set()


def test_without_a_registry_the_folder_agrees_with_itself_and_the_verdict_says_that_no_more_is_known(
    tmp_path: Path,
) -> None:
    report = judge("evidence", read_folder(_small(tmp_path)).flows)

    (signed,) = [one for one in report.summaries if one.check.name == "evidence_signed"]
    assert signed.outcome is Outcome.NOT_RUN
    assert any("no registry file says whose that is" in one for one in signed.reasons)


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_one_changed_byte_of_any_file_is_found(tmp_path: Path, place: str) -> None:
    entity, registry = _small(tmp_path), _registry(tmp_path)

    for file in _files(entity):
        before = file.read_bytes()
        at = {"first": 0, "middle": len(before) // 2, "last": len(before) - 1}[place]
        file.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
        assert _broken_seals(entity, registry), file
        file.write_bytes(before)
    assert _broken_seals(entity, registry) == set()


@pytest.mark.parametrize("seed", range(5))
def test_any_changed_added_or_lost_byte_is_found(tmp_path: Path, seed: int) -> None:
    entity, registry = _small(tmp_path), _registry(tmp_path)
    chance = random.Random(seed)

    for _ in range(40):
        file = chance.choice(_files(entity))
        before = file.read_bytes()
        at = chance.randrange(len(before))
        other = chance.choice([one for one in range(256) if one != before[at]])
        changed = chance.choice(
            [
                before[:at] + bytes([other]) + before[at + 1 :],
                before[:at] + before[at + 1 :],
                before[:at] + b" " + before[at:],
            ]
        )
        file.write_bytes(changed)
        assert _broken_seals(entity, registry) or changed == before, (file, at)
        file.write_bytes(before)


@pytest.mark.parametrize("place", range(19))
def test_a_lost_renamed_added_or_linked_file_is_found(tmp_path: Path, place: int) -> None:
    entity, registry = _small(tmp_path), _registry(tmp_path)
    files = _files(entity)
    file = files[place % len(files)]
    body = file.read_bytes()

    file.rename(file.with_name("renamed.json"))
    assert _broken_seals(entity, registry), file
    (file.parent / "renamed.json").rename(file)

    file.unlink()
    assert _broken_seals(entity, registry), file
    file.symlink_to(tmp_path / "elsewhere.json")
    (tmp_path / "elsewhere.json").write_bytes(body)
    assert _broken_seals(entity, registry), file
    file.unlink()
    file.write_bytes(body)

    added = file.parent / ".hidden"
    added.write_bytes(b"")
    assert _broken_seals(entity, registry) == {"evidence_complete"}
    added.unlink()
    assert _broken_seals(entity, registry) == set()


def test_two_files_that_changed_places_are_found(tmp_path: Path) -> None:
    entity, registry = _small(tmp_path), _registry(tmp_path)
    first, second = (entity / CORE / "service_completion_flow" / f"{name}.json" for name in ("search", "select"))
    one, other = first.read_bytes(), second.read_bytes()

    first.write_bytes(other)
    second.write_bytes(one)

    assert _broken_seals(entity, registry) == {"evidence_unchanged"}


def test_a_manifest_signed_by_somebody_else_is_found(tmp_path: Path) -> None:
    entity, registry = _small(tmp_path), _registry(tmp_path)
    forged = replace(BUYER, key=SECOND_BUYER.key)

    other = write_evidence(tmp_path / "forged", "seller.example", [booking("service_completion")], forged)
    unknown = replace(BUYER, unique_key_id="nobody-knows-it")
    third = write_evidence(tmp_path / "unknown", "seller.example", [booking("service_completion")], unknown)

    assert _broken_seals(entity, registry) == set()
    assert _broken_seals(other, registry) == {"evidence_signed"}
    assert _broken_seals(third, registry) == {"evidence_signed"}


def test_a_manifest_of_another_folder_is_found(tmp_path: Path) -> None:
    registry = _registry(tmp_path)
    one = write_evidence(tmp_path / "one", "seller.example", [booking("service_completion")], BUYER)
    other = write_evidence(tmp_path / "two", "seller.example", [booking("service_completion", order="O-2")], BUYER)

    for name in (MANIFEST, SEAL):
        (one / name).write_bytes((other / name).read_bytes())

    assert _broken_seals(one, registry) == {"evidence_unchanged"}


def test_a_folder_whose_manifest_is_broken_is_judged_by_what_it_holds(tmp_path: Path) -> None:
    entity = _small(tmp_path)
    (entity / MANIFEST).write_bytes(b"{")

    recorded = read_folder(entity, _registry(tmp_path))

    assert [one.name for one in recorded.flows[:2]] == ["buyer_cancel", "service_completion"]
    assert _broken_seals(entity, _registry(tmp_path)) == {"evidence_signed"}


def test_a_path_out_of_the_folder_in_a_manifest_is_not_followed(tmp_path: Path) -> None:
    entity = _small(tmp_path)
    (tmp_path / "secret.json").write_bytes(b"{}")
    document = json.loads((entity / MANIFEST).read_bytes())
    document["flows"][0]["messages"][0]["file"] = "../../secret.json"
    (entity / MANIFEST).write_text(json.dumps(document))

    flow = read_folder(entity).flows[0]

    assert flow.records[0].number == 2


def test_evidence_is_replaced_where_it_is_ours_and_untouched(tmp_path: Path) -> None:
    _small(tmp_path)
    entity = write_evidence(tmp_path / "evidence", "seller.example", [booking("reschedule")], BUYER)

    assert [one.name for one in (entity / CORE).iterdir()] == ["reschedule_flow"]
    assert [one.name for one in (tmp_path / "evidence").iterdir()] == ["seller.example"]


def _adds(entity: Path) -> None:
    (entity / "notes-of-a-person.txt").write_text("keep me")


def _edits(entity: Path) -> None:
    _files(entity / CORE)[0].write_text("edited")


def _replaces_by_link(entity: Path) -> None:
    entity.rename(entity.with_name("elsewhere"))
    entity.symlink_to(entity.with_name("elsewhere"))


def _replaces_by_file(entity: Path) -> None:
    entity.rename(entity.with_name("elsewhere"))
    entity.write_text("a file")


@pytest.mark.parametrize("change", [_adds, _edits, _replaces_by_link, _replaces_by_file])
def test_nothing_that_is_not_ours_is_overwritten(tmp_path: Path, change: Callable[[Path], None]) -> None:
    entity = _small(tmp_path)
    change(entity)
    before = [(one, one.read_bytes()) for one in _files(tmp_path)]

    with pytest.raises(EvidenceError, match="is not evidence as we wrote it"):
        write_evidence(tmp_path / "evidence", "seller.example", [booking("reschedule")], BUYER)

    assert [(one, one.read_bytes()) for one in _files(tmp_path)] == before


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Files of more than a thousand bytes cannot be written, as on a disk that is full: messages can, manifests not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small folder of evidence that was written before."""
    return _small(tmp_path)


@pytest.mark.usefixtures("small", "full_disk")
@pytest.mark.parametrize("entity", ["seller.example", "another.example"])
def test_what_breaks_off_in_the_middle_leaves_everything_as_it_was(tmp_path: Path, entity: str) -> None:
    before = [(one, one.read_bytes()) for one in _files(tmp_path)]

    with pytest.raises(OSError, match="too large"):
        write_evidence(tmp_path / "evidence", entity, [booking("reschedule")], BUYER)

    assert [(one, one.read_bytes()) for one in _files(tmp_path)] == before
    assert [one.name for one in (tmp_path / "evidence").iterdir()] == ["seller.example"]


def test_domains_flows_and_repeated_messages_stand_apart(tmp_path: Path) -> None:
    flows = [
        booking("service_completion", domain="ONDC:SRV11"),
        booking("service_completion", domain="ONDC:SRV12"),
        booking("service_completion", domain="ONDC:SRV12"),
        Flow(
            name="reschedule", domain="ONDC:SRV11", records=(), not_played="not played: nobody can make the seller act"
        ),
    ]

    entity = write_evidence(tmp_path, "seller.example/path", flows, BUYER)

    assert entity.name == "seller.example_path"
    assert {str(one.relative_to(entity).parent) for one in _files(entity)} == {
        ".",
        f"{CORE}/service_completion_flow",
        f"{CORE}/SRV12/service_completion_flow",
        f"{CORE}/SRV12/service_completion_flow_2",
    }
    manifest = json.loads((entity / MANIFEST).read_bytes())
    assert manifest["not_played"] == [
        {"flow": "reschedule", "domain": "ONDC:SRV11", "reason": "not played: nobody can make the seller act"}
    ]
    assert [one.not_played for one in read_folder(tmp_path).flows if one.name == "reschedule"] == [
        "not played: nobody can make the seller act"
    ]


def test_flows_of_reviewers_stand_apart_from_what_was_tried_beyond(tmp_path: Path) -> None:
    names = ("service_completion", "cook_on_demand", "forged_messages", "issue_refused", "reconciliation")

    entity = write_evidence(tmp_path, "seller.example", [booking(one) for one in names], BUYER)

    assert {str(one.relative_to(entity)) for one in entity.glob("*/*/*")} == {
        f"{CORE}/service_completion_flow", f"{CORE}/cook_on_demand_flow",
        f"{PROBES}/forged_messages_flow", f"{PROBES}/issue_refused_flow", "seller/rsf-2.0.0/reconciliation_flow",
    }  # fmt: skip


def test_states_of_a_second_visit_are_named_as_those_of_the_first(tmp_path: Path) -> None:
    def told(number: int, *visits: tuple[str, str]) -> Record:
        document = message("on_status", message_id=str(number))
        document["message"]["order"]["fulfillments"] = [
            {
                "id": str(place),
                "state": {"descriptor": {"code": code}},
                "stops": [{"type": "end", "authorization": {"token": otp} if otp else {}}],
            }
            for place, (code, otp) in enumerate(visits)
        ]
        return Record(number=number, sent=False, action="on_status", document=document, body=b"{}")

    visit = [("In-Transit", ""), ("At-Location", "1234"), ("At-Location", ""), ("Completed", "")]
    first = [told(number, one) for number, one in enumerate(visit, 1)]
    second = [told(number, ("Completed", ""), one) for number, one in enumerate(visit, 5)]

    flow = Flow(name="consultation", domain="ONDC:SRV11", records=(*first, *second))
    entity = write_evidence(tmp_path, "seller.example", [flow], BUYER)

    states = ("in_transit", "at_location", "started", "completed")
    assert {one.stem for one in _files(entity / CORE)} == {f"on_status_{one}{n}" for one in states for n in ("", "_2")}


def test_names_tell_repeated_messages_probes_and_refused_times_apart(tmp_path: Path) -> None:
    refused = message("on_select", message_id="1")
    refused["error"] = {"code": "90001", "message": "taken"}
    said = [
        ("select", message("select", message_id="1"), ""),
        ("on_select", refused, ""),
        ("select", message("select", message_id="2"), ""),
        ("on_select", message("on_select", message_id="2"), ""),
        ("init", message("init", message_id="3"), "a forged signature!"),
        ("init", message("init", message_id="4"), ""),
        ("init", message("init", message_id="5"), ""),
        ("../../on_init", message("on_init", message_id="5"), ""),
        ("ON_INIT", message("on_init", message_id="5"), ""),
        ("", message("on_init", message_id="5"), ""),
    ]
    records = tuple(
        Record(
            number=number,
            sent=action in ("select", "init"),
            action=action,
            document=document,
            body=json.dumps(document).encode(),
            probe=probe,
        )
        for number, (action, document, probe) in enumerate(said, 1)
    )

    entity = write_evidence(tmp_path, "seller.example", [Flow(name="x", domain="ONDC:SRV11", records=records)], BUYER)

    assert [one.name.removesuffix(".json") for one in _files(entity / PROBES)] == sorted(
        [
            "select_reject", "on_select_reject", "select_confirm", "on_select_confirm", "init_a_forged_signature",
            "init", "init_2", "on_init", "on_init_2", "message",
        ]
    )  # fmt: skip


def test_what_is_a_secret_of_somebody_is_not_given_away(tmp_path: Path) -> None:
    flow = booking("service_completion")
    headers = {"Authorization": "Basic dXNlcjpwYXNz", "Cookie": "a=b", "X-Gateway-Authorization": "Signature keyId=x"}
    first = replace(flow.records[0], headers=headers)

    entity = write_evidence(tmp_path, "seller.example", [replace(flow, records=(first,))], BUYER)

    document = json.loads((entity / MANIFEST).read_bytes())
    assert document["flows"][0]["messages"][0]["headers"] == [["X-Gateway-Authorization", "Signature keyId=x"]]


def test_notes_budget_and_how_a_flow_ended_come_back(tmp_path: Path) -> None:
    flow = replace(
        booking("service_completion"),
        notes=(Note(kind="silence", after=3, value=1.5),),
        budget=7.5,
        ended="init: no on_init within 30 s",
        live=True,
    )

    write_evidence(tmp_path, "seller.example", [flow], BUYER)

    assert replace(read_folder(tmp_path).flows[0], records=()) == replace(flow, records=())


def test_the_seller_may_sign_its_own_evidence(tmp_path: Path) -> None:
    entity = write_evidence(tmp_path, "seller.example", [booking("service_completion")], BPP)

    assert _broken_seals(entity, _registry(tmp_path)) == set()
