"""What is in deploy/ fits the program: figures that exist, pages for alerts, settings, commands, times."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bpp.cli.main import run
from bpp.settings import PREFIX, Settings, load_settings
from bpp.supervisor import drained_within
from tests.support.figures import exposition
from tests.support.network import Network
from tests.support.sources import ROOT, python_sources

STOP_WITHIN = drained_within(load_settings({}))
DEPLOY, RUNBOOK = ROOT / "deploy", ROOT / "docs" / "runbook"
HEADINGS = ["What it means", "How to look", "What to do"]
OTHERS = {"systemctl", "journalctl", "df", "top", "iostat", "dmesg"}
"""Programs of Debian that the pages name beside ours."""

GIVEN = {"up": {"job", "instance"}}
"""What Prometheus says itself; and the labels that it gives to every series."""

ADDED = {"job", "instance", "le"}
WORDS = {"and", "or", "unless", "bool", "offset"}
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    return list(group["rules"])


def panels() -> Iterator[tuple[str, str]]:
    """Each query of the dashboard with its panel's title."""
    dashboard = json.loads((DEPLOY / "grafana" / "sewamitra-bpp.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


def asked(expression: str) -> Iterator[tuple[str, set[str]]]:
    """The series of a PromQL expression, each with the labels that are selected or grouped by."""
    grouped: set[str] = set()
    for names in re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", expression):
        grouped |= {one.strip() for one in names.split(",")}
    rest = re.sub(r"\b(?:by|without|on|ignoring)\s*\([^)]*\)", "", expression)
    rest = re.sub(r"\[[^\]]*\]", "", rest)
    for name, selected in re.findall(
        r"(?<![\w.$])([a-zA-Z_:][\w:]*)(?![\w:]*\s*\()(?:\{([^}]*)\})?", strings_out(rest)
    ):
        if name not in WORDS:
            yield name, grouped | set(re.findall(r"(\w+)\s*[=!]", selected))


def strings_out(expression: str) -> str:
    return re.sub(r'"[^"]*"', '""', expression)


async def offered(network: Network) -> dict[str, set[str]]:
    """The series that a running server has, each with its labels."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (\w+)$", await exposition(network.url), re.MULTILINE))
    labels = {
        one._name: set(one._labelnames) for one in vars(network.context.metrics).values() if hasattr(one, "_labelnames")
    }
    found: dict[str, set[str]] = {}
    for name, kind in kinds.items():
        own = labels.get(name.removesuffix("_total"), labels.get(name, set()))
        found |= {f"{name}{suffix}": own for suffix in SUFFIXES[kind]}
    return found


def unknown(expression: str, known: dict[str, set[str]]) -> list[str]:
    """The series and labels of an expression that no server has."""
    return [
        f"{name} {sorted(labels - known.get(name, set()) - ADDED)}"
        for name, labels in asked(expression)
        if name not in known or labels - known[name] - ADDED
    ]


async def test_every_figure_that_alerts_and_dashboard_ask_for_is_one_of_a_running_server(network: Network) -> None:
    known = await offered(network) | GIVEN
    expressions = [(one["alert"], one["expr"]) for one in alerts()] + list(panels())

    assert len(expressions) > 40
    assert {title: unknown(one, known) for title, one in expressions if unknown(one, known)} == {}
    shown = {name for _, one in expressions for name, _ in asked(one)}
    hidden = {name for name in known if not name.endswith(("_sum", "_count", "_bucket"))} - shown
    assert hidden == set(), "figures that nobody looks at"
    # and what does not exist is found
    assert unknown('rate(bpp_messages{x="1"}[5m])', known) == ["bpp_messages ['x']"]
    assert unknown("sum by (peer) (bpp_ack_seconds_bucket)", known) == ["bpp_ack_seconds_bucket ['peer']"]


def test_alert_rules_are_taken_by_prometheus_itself() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool (Debian's package prometheus)")
    for command in (("check", "rules", "alerts.yml"), ("check", "config", "--syntax-only", "prometheus.yml")):
        said = subprocess.run(
            [promtool, *command], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stderr


BAD = 'bpp_messages_total{action="select",answer="NACK 31001"}'
GOOD = 'bpp_messages_total{action="select",answer="ACK"}'
AWAY = 'bpp_turned_away_total{limit="%s"}'
OVERDUE = 'bpp_outbox_overdue_seconds{peers="%s"}'
LIFE = {
    "one buyer app asks too fast": ({BAD: "0+50x40", AWAY % "peer_rate": "0+50x40", GOOD: "0+100x40"}, set()),
    "signatures of a stranger fail": ({BAD: "0+50x40", AWAY % "stranger_rate": "0+50x40", GOOD: "0+100x40"}, set()),
    "there is no room": (
        {BAD: "0+50x40", AWAY % "in_flight": "0+50x40", GOOD: "0+100x40"},
        {"BppRefusesWithInternalError"},
    ),
    "the database is away": ({BAD: "0+50x40", GOOD: "0+100x40"}, {"BppRefusesWithInternalError"}),
    "what is due is not sent": ({OVERDUE % "well": "0+60x40"}, {"BppOutboxOld"}),
    "a buyer app is dead": ({OVERDUE % "resting": "0+60x40"}, set()),
}


def test_alerts_ring_for_what_is_ours_to_mend_and_for_nothing_else(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool (Debian's package prometheus)")
    rules = {one["alert"]: one for one in alerts()}
    asked = ("BppRefusesWithInternalError", "BppOutboxOld")
    tests = [
        {
            "name": name,
            "interval": "30s",
            "input_series": [{"series": series, "values": values} for series, values in given.items()],
            "alert_rule_test": [
                {"eval_time": "15m", "alertname": alert, "exp_alerts": [rung(rules[alert])] if alert in rings else []}
                for alert in asked
            ],
        }
        for name, (given, rings) in LIFE.items()
    ]
    file = tmp_path / "life.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(DEPLOY / "prometheus" / "alerts.yml")], "tests": tests}))

    said = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stdout + said.stderr


def rung(rule: dict[str, Any]) -> dict[str, Any]:
    return {"exp_labels": rule["labels"], "exp_annotations": rule["annotations"]}


# Runbook


def commands(page: Path) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line and not line.startswith("#")]


@cache
def program() -> str:
    """The text of the program, where events are named."""
    return "\n".join(source.text for source in python_sources("bpp"))


def exists(arguments: list[str]) -> bool:
    """Whether the program knows a command with such options: it reads all of them before it helps."""
    return run([*arguments, "--help"]) == 0


def test_each_alert_has_its_page_and_each_page_its_alert() -> None:
    named = {one["alert"]: one for one in alerts()}

    assert {page.stem for page in RUNBOOK.glob("*.md")} == set(named)
    for name, alert in named.items():
        page = (RUNBOOK / f"{name}.md").read_text()
        assert alert["annotations"]["runbook"] == f"docs/runbook/{name}.md"
        assert page.startswith(f"# {name}\n")
        assert f"{alert['annotations']['summary']}. Severity: {alert['labels']['severity']}." in page
        assert re.findall(r"^## (.*)$", page, re.MULTILINE) == HEADINGS


@pytest.mark.parametrize(
    "page", [*sorted(RUNBOOK.glob("*.md")), ROOT / "docs" / "backup.md"], ids=lambda page: page.stem
)
def test_every_command_of_a_page_exists(page: Path) -> None:
    assert commands(page)
    for line in commands(page):
        words = shlex.split(line)
        if words[0] == "bpp":
            assert exists(words[1:]), line
        else:
            assert words[0] in OTHERS, line
        if "-g" in words:
            assert all(f'"{event}"' in program() for event in words[words.index("-g") + 1].split("|")), line


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    assert not exists(["backup", "undo"])
    assert not exists(["deliveries", "list", "--status", "pending"])


# Ways to run it


def test_the_compose_file_names_settings_that_exist_and_gives_the_drain_its_time() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    environ = services["bpp"]["environment"]

    assert {name.removeprefix(PREFIX).lower() for name in environ} <= set(Settings.model_fields)
    assert load_settings({name: re.sub(r"\$\{.*?\}", "x", value) for name, value in environ.items()}).workers == 2
    assert int(services["bpp"]["stop_grace_period"].removesuffix("s")) > STOP_WITHIN
    assert (DEPLOY / services["bpp"]["build"]["context"] / services["bpp"]["build"]["dockerfile"]).is_file()
    for volume in services["bpp"]["volumes"] + services["prometheus"]["volumes"]:
        source = volume.partition(":")[0]
        assert not source.startswith(".") or (DEPLOY / source).exists()


async def test_the_image_is_made_of_what_is_here_runs_without_root_and_asks_a_page_that_exists(
    network: Network,
) -> None:
    text = (DEPLOY / "Containerfile").read_text()
    copied = [one for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE) for one in line.split()[:-1]]
    probe = re.search(r"http://127\.0\.0\.1:8080(/\S+?)'", text)

    assert copied
    assert [one for one in copied if not (ROOT / one).exists()] == []
    assert text.count("--require-hashes -r requirements") == text.count("-r requirements") == 2
    assert re.findall(r"^USER (\w+)$", text, re.MULTILINE) == ["sewamitra"]
    assert {name.lower() for name in re.findall(rf"\b{PREFIX}(\w+)=", text)} <= set(Settings.model_fields)
    assert exists(json.loads(re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)[-1])[1:])
    assert probe is not None
    async with network.session.get(f"{network.url}{probe[1]}") as answer:
        assert answer.status == 200


UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_runs_a_command_that_exists_and_may_little(unit: Path) -> None:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]  # names of systemd have capitals
    read.read_string(unit.read_text())
    service = read["Service"]

    assert exists(shlex.split(service["ExecStart"])[1:])
    assert service["User"] == "sewamitra"
    assert {service[name] for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices")} == {"yes"}
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"], service["UMask"]) == ("strict", "", "0077")
    if service["Type"] == "exec":
        assert (service["Restart"], float(service["TimeoutStopSec"]) > STOP_WITHIN) == ("always", True)


def test_backups_and_retention_are_not_left_to_anybodys_memory() -> None:
    nightly = {"backup", "retention"}

    for name in nightly:
        timer = (DEPLOY / "systemd" / f"sewamitra-bpp-{name}.timer").read_text()
        service = (DEPLOY / "systemd" / f"sewamitra-bpp-{name}.service").read_text()
        assert f"/bpp {name} run" in service
        assert re.search(r"^OnCalendar=\*-\*-\* \d\d:\d\d:00 Asia/Kolkata$", timer, re.MULTILINE)
    assert {one.stem.removeprefix("sewamitra-bpp-") for one in (DEPLOY / "systemd").glob("*.timer")} == nightly


def test_systemd_itself_takes_the_units() -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze (Debian's package systemd)")
    units = [str(one) for one in sorted((DEPLOY / "systemd").iterdir())]
    said = subprocess.run([analyze, "verify", *units], capture_output=True, text=True, check=False)
    complaints = [line for line in said.stderr.splitlines() if "sewamitra" in line and "is not executable" not in line]

    assert complaints == []
