"""Commands that need no server: settings, keys, catalog, database; and how every command behaves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import typer

from bpp.cli.config import MASK
from bpp.cli.main import program
from catalog.load import DEMO
from signing.keys import (
    encode_public_key,
    load_encryption_key,
    load_encryption_public_key,
    load_signing_key,
    load_signing_public_key,
)


def commands(group, *before):
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from commands(one, *before, name)
        else:
            yield (*before, name)


COMMANDS = tuple(commands(typer.main.get_command(program)))


def test_the_commands_are_those_that_are_documented():
    assert {" ".join(one) for one in COMMANDS} == {
        "serve",
        "demo",
        "config",
        "bench",
        "conformance",
        "seed",
        "tickets list",
        "tickets show",
        "tickets step",
        "db fill",
        "db upgrade",
        "backup run",
        "backup verify",
        "restore",
        "catalog schema",
        "catalog import",
        "catalog export",
        "catalog lint",
        "validate",
        "auth sign",
        "auth verify",
        "sandbox register",
        "sandbox unregister",
        "sandbox token",
        "sandbox listen",
        "keys new",
        "keys show",
        "keys reseal",
        "keys rotate",
        "keys registry",
        "doctor",
        "providers requests",
        "providers apply",
        "providers review",
        "providers approve",
        "providers refuse",
        "providers withdraw",
        "providers show",
        "providers suspend",
        "providers restore",
        "providers renew",
        "workers show",
        "workers verify",
        "workers certify",
        "workers availability",
        "workers leave",
        "workers cancel-leave",
        "workers engage",
        "workers end-engagement",
        "workers suspend",
        "workers restore",
        "workers affected",
        "verify expiring",
        "orders list",
        "orders show",
        "orders why",
        "assign run",
        "assign relieve",
        "orders event",
        "orders cancel",
        "orders otp",
        "find",
        "book",
        "projects list",
        "projects show",
        "projects publish",
        "projects bid",
        "projects event",
        "projects purchases",
        "ratings list",
        "ratings give",
        "ratings set-aside",
        "ratings restore",
        "deliveries list",
        "deliveries show",
        "deliveries retry",
        "demand unserved",
        "retention run",
        "audit verify",
        "audit head",
        "incident",
        "observability status",
        "observability gaps",
        "observability again",
        "person export",
        "person erase",
        "people add",
        "people list",
        "people password",
        "people unlock",
        "people disable",
        "people enable",
        "people reset-totp",
        "retention show",
        "buyer search",
        "buyer book",
        "buyer status",
        "buyer otp",
        "buyer cancel",
        "buyer quote",
        "buyer rate",
        "buyer reschedule",
        "buyer messages",
        "ledger order",
        "ledger provider",
        "ledger worker",
        "ledger wallets",
        "ledger balances",
        "ledger rates list",
        "ledger rates add",
        "payouts run",
        "payouts list",
        "payouts show",
        "payouts fail",
        "receipts record",
        "receipts list",
        "settlement status",
        "settlement list",
        "settlement show",
        "settlement run",
        "settlement recon",
        "settlement concede",
        "settlement retry",
        "settlement own",
        "settlement file",
        "settlement read",
        "recon run",
        "recon demo",
        "tax export",
        "commission report",
    }


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(bpp, command):
    said = bpp(*command, "--help")

    assert said.status == 0
    assert "Example: " in said.out
    assert f"bpp {' '.join(command)}" in said.out


@pytest.mark.parametrize("command", [one for one in COMMANDS if one not in {("serve",), ("demo",)}], ids=" ".join)
def test_every_command_that_answers_can_answer_in_json(bpp, command):
    assert "--json" in bpp(*command, "--help").out


@pytest.mark.parametrize(
    "line",
    [
        ["fly"],
        ["orders", "list", "--wings"],
        ["orders", "show"],
        ["deliveries", "show", "x"],
        ["buyer", "rate", "6"],
        ["projects", "publish", "no-such-file.json"],
        [
            "projects",
            "bid",
            "X",
            "--provider",
            "P",
            "--charge",
            "1",
            "--finish-by",
            "2030-01-01",
            "--details",
            "x",
            "--milestone",
            "Pipes",
        ],
        ["ratings", "list", "city", "X"],
        ["ratings", "give", "X", "--worker", "W"],
        ["ratings", "set-aside", "X"],
    ],
)
def test_a_wrong_command_line_ends_with_2(bpp, line):
    said = bpp(*line)

    assert said.status == 2
    assert said.err


@pytest.mark.parametrize("line", [["config"], ["keys", "show"], ["serve"], ["db", "upgrade"], ["orders", "list"]])
def test_all_that_is_wrong_with_the_settings_is_said_at_once(bpp, environment, line):
    environment.setenv("BPP_PORT", "many")
    environment.setenv("BPP_OTP_TTL", "soon")

    said = bpp(*line)

    assert said.status == 2
    assert "BPP_PORT" in said.err
    assert "BPP_OTP_TTL" in said.err
    assert "Traceback" not in said.err


def test_new_keys_can_be_read_by_the_settings_and_fit_the_registrys_form(bpp):
    made = bpp("keys", "new", "--json").json

    signing = load_signing_key(made["private"]["BPP_SIGNING_KEY"])
    encryption = load_encryption_key(made["private"]["BPP_ENCRYPTION_KEY"])
    assert load_signing_public_key(made["public"]["signing_public_key"]) == signing.public_key
    assert load_encryption_public_key(made["public"]["encr_public_key"]) == encryption.public_key
    assert made != bpp("keys", "new", "--json").json


def test_the_public_halves_of_the_keys_in_force_are_shown(bpp, environment):
    private = bpp("keys", "new", "--json").json["private"]
    for name, value in private.items():
        environment.setenv(name, value)

    said = bpp("keys", "show")

    assert encode_public_key(load_signing_key(private["BPP_SIGNING_KEY"])) in said.out
    assert not any(value in said.out for value in private.values())


def test_the_settings_in_force_are_shown_without_their_secrets(bpp, environment):
    private = bpp("keys", "new", "--json").json["private"]
    secrets = {
        **private,
        "BPP_OPERATOR_TOKEN": "token-one",
        "BPP_OPERATOR_TOKENS": '{"token-two": "engineer"}',
        "BPP_DATABASE_URL": "postgresql+asyncpg://bpp:pass-word@localhost/bpp",
        "BPP_PEERS": '{"buyer.example.in": {"status_case": "title"}}',
    }
    for name, value in secrets.items():
        environment.setenv(name, value)

    plain, found = bpp("config"), bpp("config", "--json")

    assert (plain.status, found.status) == (0, 0)
    for hidden in (*private.values(), "token-one", "token-two", "pass-word"):
        assert hidden not in plain.out + found.out
    assert found.json["BPP_OPERATOR_TOKEN"] == MASK
    assert found.json["BPP_OPERATOR_TOKENS"] == [f"{MASK} (engineer)"]
    assert found.json["BPP_DATABASE_URL"] == f"postgresql+asyncpg://bpp:{MASK}@localhost/bpp"
    assert found.json["BPP_PEERS"] == {"buyer.example.in": {"status_case": "title"}}
    assert found.json["BPP_SLOT_HOLD"] == "PT10M"
    assert found.json["BPP_PORT"] == 8080


def test_the_schema_of_the_catalog_lists_every_file_with_an_example_for_each_column(bpp):
    found = bpp("catalog", "schema", "--json").json["files"]

    assert {one["file"] for one in found} == {path.name for path in DEMO.glob("*.csv")}
    assert "offerings.csv" in bpp("catalog", "schema").out


def test_a_sound_catalog_is_only_checked_in_a_dry_run(bpp, tmp_path):
    said = bpp("catalog", "import", str(DEMO), "--dry-run", "--json")

    assert said.status == 0
    assert said.json["stored"] is False
    assert said.json["problems"] == []
    assert not (tmp_path / "bpp.sqlite3").exists()


def test_an_unsound_catalog_is_refused_row_by_row_and_nothing_is_stored(bpp, tmp_path):
    folder = tmp_path / "catalog"
    shutil.copytree(DEMO, folder)
    text = (folder / "offerings.csv").read_text(encoding="utf-8")
    (folder / "offerings.csv").write_text(
        text.replace("199.00", "cheap", 1).replace("249.00", "dear", 1), encoding="utf-8"
    )

    said = bpp("catalog", "import", str(folder))
    found = bpp("catalog", "import", str(folder), "--json")

    assert (said.status, found.status) == (1, 1)
    assert "offerings.csv:2: price:" in said.err
    places = [(one["file"], one["line"], one["column"]) for one in found.json["problems"]]
    assert places == [("offerings.csv", 2, "max_price"), ("offerings.csv", 2, "price")]
    assert not (tmp_path / "bpp.sqlite3").exists()


def test_a_folder_that_does_not_exist_is_said(bpp, tmp_path):
    said = bpp("seed", "--catalog", str(tmp_path / "nothing"))

    assert said.status == 1
    assert "no such directory" in said.err


def test_seeding_fills_an_empty_database_once(bpp):
    assert bpp("db", "upgrade").status == 0

    first, second, third = (bpp("seed", "--json", *more) for more in ([], [], ["--force"]))

    assert [one.json["seeded"] for one in (first, second, third)] == [True, False, True]
    assert first.json["providers"] >= 4


def test_a_server_that_is_not_there_is_said_and_ends_with_1(bpp, environment):
    environment.setenv("BPP_OPERATOR_TOKEN", "t")

    for line in (["orders", "list"], ["deliveries", "list"], ["buyer", "status"]):
        said = bpp(*line, "--url", "http://127.0.0.1:9")

        assert said.status == 1
        assert "cannot be reached" in said.err


def test_without_a_token_the_way_to_one_is_said(bpp):
    said = bpp("orders", "list")

    assert said.status == 2
    assert "BPP_OPERATOR_TOKEN" in said.err


def test_an_import_tells_whose_standing_it_kept_and_stores_it_only_when_told_to(bpp, tmp_path):
    demo = Path(shutil.copytree(DEMO, tmp_path / "demo"))
    assert bpp("seed").status == 0
    path = demo / "providers.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",active,", ",suspended,"), encoding="utf-8")

    first = bpp("catalog", "import", str(demo))
    told, again = (bpp("catalog", "import", str(demo), "--json", *more) for more in (["--standing"], []))

    assert "provider P-GOMTI: status kept as it was decided; --standing" in first.out
    assert {"subject": "provider", "id": "P-GOMTI", "fields": ["status"]} in told.json["overwritten"]
    assert again.json["kept"] == []


def test_retention_runs_on_the_database_of_the_settings_and_says_what_it_forgot(bpp, environment):
    environment.setenv("BPP_RETENTION_DRAFTS", "P2D")

    policy, ran = bpp("retention", "show", "--json"), bpp("retention", "run", "--json")

    assert policy.json["kept"]["drafts"] == "P2D"
    assert policy.json["kept"]["messages"] == "P180D"
    assert set(ran.json["forgotten"]) == {
        *("orders", "projects", "applications", "reasons", "messages", "drafts", "choices", "reads", "demand"),
        *("answers", "sessions", "sign_ins", "masked", "observability"),
    }
    assert set(ran.json["forgotten"].values()) == {0}


def test_the_synthetic_books_are_reconciled_without_a_server_and_say_that_they_are_synthetic(bpp):
    said = bpp("recon", "demo", "--reading", "c")

    assert said.status == 0
    assert "synthetic: made from a seed, no booking of anybody; published: 2753794.00" in said.out
    assert "c) it is the providers' part, less the commission, of the little that was paid: yes" in said.out
    assert said.out.count(": yes") == 1
    assert bpp("recon", "demo", "--reading", "d").status == 2
