"""What ``bpp conformance`` refuses to begin, and why; what it lists."""

from __future__ import annotations

import base64
import socket
from dataclasses import replace

import pytest

from bpp.conformance.checklist import CHECKS
from bpp.conformance.programme import SCENARIOS, chosen
from bpp.sandbox.identities import BPP, BUYER, GATEWAY, SECOND_BUYER, write_registry
from signing.keys import SigningKey
from signing.sandbox_keys import sandbox_signing_key
from tests.support.network import free_port

TARGET = "http://127.0.0.1:9"
OTHER_KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def registry(tmp_path):
    """The sandbox's participants, the seller app where nothing listens, the buyer apps at free ports."""
    path = tmp_path / "registry.json"
    members = (BPP.at(TARGET), BUYER.at(f"http://127.0.0.1:{free_port()}"), SECOND_BUYER, GATEWAY)
    write_registry(path, members)
    return path


@pytest.fixture
def against(bpp, environment, registry):
    """The command against that seller app."""
    return lambda *more: bpp("conformance", "--target", TARGET, "--registry", str(registry), *more)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (("--flows", "booking"), "no such flow: booking; there are service_completion"),
        (("--flows", ""), "no such flow: none is named"),
        (("--domains", "SRV11,SRV99"), "no such domain: ONDC:SRV99; there are ONDC:SRV10"),
        (("--plan", "nowhere.toml"), "the plan nowhere.toml cannot be read"),
        (("--target", TARGET), "--target needs --registry FILE"),
        (("--registry", "registry.json"), "is said with --target"),
        (("--webhook", TARGET), "is said with --target"),
        (("--second-listen", "127.0.0.1:1"), "is said with --target"),
        (("--target", TARGET, "--registry", "nowhere.json"), "the registry nowhere.json cannot be read"),
    ],
)
def test_what_cannot_be_is_complained_of_before_anything_starts(bpp, line, complaint):
    said = bpp("conformance", *line)

    assert said.status == 2
    assert complaint in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (("--bpp-id", "seller.example"), "no seller app with the id seller.example; it has: bpp.sandbox.example at"),
        (("--buyer-id", "buyer.example", "--buyer-key", OTHER_KEY), "buyer.example is not in the registry as a BAP"),
        (("--buyer-id", "buyer.example"), "--buyer-key is needed"),
        (("--buyer-key", OTHER_KEY), "another key of our buyer app buyer.sandbox.example than --buyer-key gives"),
        (("--buyer-key", "file:nowhere.key"), "--buyer-key cannot be read"),
        (("--buyer-key", "AAAA"), "--buyer-key cannot be read"),
        (("--buyer-key-id", "K-9"), "knows no key K-9 of our buyer app buyer.sandbox.example; it has: sandbox-buyer-1"),
        (("--listen", "8081"), "--listen: HOST:PORT is expected"),
        (("--listen", "127.0.0.1:99999"), "--listen: HOST:PORT is expected"),
        (("--second-buyer-key", OTHER_KEY), "than --second-buyer-key gives"),
        (("--second-listen", "nowhere"), "--second-listen: HOST:PORT is expected"),
        (("--seller", "webhook"), "--seller webhook needs --webhook URL"),
        (("--seller", "operator"), "--seller operator needs --operator-token, or BPP_OPERATOR_TOKEN"),
        (("--operator-token", "t"), f"the operator API at {TARGET} cannot be reached"),
    ],
)
def test_participants_that_do_not_fit_the_registry_are_complained_of(against, line, complaint):
    said = against(*line)

    assert said.status == 2
    assert complaint in said.err
    assert said.out == ""


def test_a_seller_app_that_is_not_registered_is_complained_of(bpp, registry):
    said = bpp("conformance", "--target", "http://127.0.0.1:10", "--registry", str(registry))

    assert said.status == 2
    assert f"no seller app at http://127.0.0.1:10; it has: bpp.sandbox.example at {TARGET}" in said.err


def test_one_of_several_seller_apps_at_an_address_must_be_named(bpp, registry):
    another = replace(BPP, subscriber_id="another.example", unique_key_id="A-1")
    write_registry(registry, (BPP.at(TARGET), another.at(TARGET), BUYER))

    said = bpp("conformance", "--target", TARGET, "--registry", str(registry))

    assert said.status == 2
    assert "several seller apps" in said.err


def test_a_port_that_is_taken_is_complained_of(against):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place = f"127.0.0.1:{taken.getsockname()[1]}"

        said = against("--listen", place)

    assert said.status == 2
    assert f"our buyer app cannot listen at {place}" in said.err


@pytest.mark.parametrize("url", ["https://buyer.example", "http://buyer.example:8081", "http://127.0.0.1:8081/behind"])
def test_a_buyer_app_that_is_registered_elsewhere_must_be_told_where_to_listen(bpp, registry, url):
    write_registry(registry, (BPP.at(TARGET), BUYER.at(url)))

    said = bpp("conformance", "--target", TARGET, "--registry", str(registry))

    assert said.status == 2
    assert f"buyer.sandbox.example is at {url}: say with --listen HOST:PORT" in said.err


@pytest.mark.parametrize("form", ["text", "file"])
def test_a_seller_app_that_is_not_there_does_not_conform_whoever_asks(bpp, registry, tmp_path, form):
    """Our own identity may be any that the registry has with our key, which is given as text or in a file."""
    ours = replace(BUYER, subscriber_id="ours.example", unique_key_id="O-1", key=SigningKey(bytes(range(32))))
    write_registry(registry, (BPP.at(TARGET), ours.at("https://ours.example")))
    (tmp_path / "key").write_text(f"{OTHER_KEY}\n")
    key = OTHER_KEY if form == "text" else f"file:{tmp_path / 'key'}"

    said = bpp(
        "conformance", "--target", TARGET, "--registry", str(registry), "--domains", "srv11,ONDC:SRV10",
        "--flows", "service_completion", "--buyer-id", "ours.example", "--buyer-key", key, "--listen", "127.0.0.1:0",
        "--json",
    )  # fmt: skip

    assert said.status == 1, said
    assert "no second buyer app takes part: our buyer app buyer.sandbox.example is not in the registry" in said.err
    assert "no settlement agency takes part: the registry has no agency.sandbox.example" in said.err
    assert said.json["conforms"] is False
    assert said.json["subject"] == f"bpp.sandbox.example at {TARGET}"
    assert [one["domain"] for one in said.json["flows"]] == ["ONDC:SRV11", "ONDC:SRV10"]
    assert all("no answer from" in one["ended"] for one in said.json["flows"])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[x\n", "cannot be read: no TOML: Expected ']' at the end of a table declaration (at line 1"),
        ("[SRV11.service]\nwords = 'tap'", "the plan has no SRV11; there are domains, elsewhere, place"),
        ("[domains.SRV99.service]\nwords = 'tap'", "domains has no SRV99; there are SRV10, SRV11, SRV12"),
        ("[domains.SRV11.costom]\nwords = 'tap'", "ONDC:SRV11 has no costom; there are customised, scarce, service"),
        ("[domains.SRV11.service]\nword = 'tap'", "ONDC:SRV11 service has no word; there are category, choices, item"),
        ("[domains.SRV11]\nservice = 5", "cannot be read: TypeError"),
        ("[place]\nname = 'here'", "cannot be read: KeyError 'area_code'"),
    ],
)
def test_a_plan_that_would_not_be_followed_is_complained_of(bpp, tmp_path, text, complaint):
    (tmp_path / "plan.toml").write_text(text)

    said = bpp("conformance", "--plan", str(tmp_path / "plan.toml"))

    assert said.status == 2
    assert f"the plan {tmp_path / 'plan.toml'} cannot be read: " in said.err
    assert complaint in said.err


def test_evidence_and_reports_that_cannot_be_written_are_complained_of_before_anything_is_played(against, tmp_path):
    (tmp_path / "evidence" / BPP.subscriber_id).mkdir(parents=True)
    (tmp_path / "file").write_text("")

    for option, place in (("--evidence", "evidence"), ("--evidence", "file"), ("--out", "file")):
        said = against("--listen", "127.0.0.1:0", option, str(tmp_path / place))

        assert (said.status, said.out) == (2, ""), place
        assert "cannot be written: " in said.err


def test_the_core_flows_are_the_nine_of_the_specification():
    assert [one.name for one in chosen("core")] == [
        "service_completion", "re_otp", "consultation", "consultation_schedule_reselection", "buyer_cancel",
        "seller_cancel", "reschedule", "schedule_reselection", "cook_on_demand",
    ]  # fmt: skip


def test_flows_and_checks_are_listed_with_their_sources(bpp):
    text = bpp("conformance", "--list")
    listed = bpp("conformance", "--list", "--json").json

    assert [one["name"] for one in listed["flows"]] == [one.name for one in SCENARIOS]
    assert [(one["name"], one["sources"]) for one in listed["checks"]] == [(one.name, [*one.sources]) for one in CHECKS]
    assert f"Flows ({len(SCENARIOS)})" in text.out
    assert "context_echo (error): A callback repeats domain" in text.out
    assert text.status == 0


def test_no_complaint_shows_a_private_key(against):
    said = against("--buyer-key", OTHER_KEY)

    assert OTHER_KEY not in said.err
    assert base64.b64encode(sandbox_signing_key("buyer").seed).decode() not in said.err
