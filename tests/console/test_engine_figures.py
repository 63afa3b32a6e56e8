"""What the engineer's pages make of figures: percentiles as Prometheus has them, and the alerts of the deployment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from bpp.console.engine.alerts import RULES, State, alerts
from bpp.console.engine.figures import Figures, count, quantile, read_figures
from bpp.console.engine.latency import FRAMES, drawn, first_step
from bpp.console.engine.surroundings import Recently
from bpp.metrics import Metrics
from catalog.availability import KOLKATA
from tests.support.sources import ROOT

NOW = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
FILE = (ROOT / "deploy/prometheus/alerts.yml").read_text()
ELSEWHERE = {"BppDown", "BppProcessesRestart"}
"""Nobody sees from within that the server is gone, or how often it was."""


def of(metrics):
    return read_figures(metrics.text().decode())


def written():
    """Each alert of the file: its name, expression and severity."""
    for one in FILE.split("- alert: ")[1:]:
        (expression,) = re.findall(r"expr: (.*)", one)
        (severity,) = re.findall(r"severity: (\w+)", one)
        yield one.splitlines()[0], expression.strip("'"), severity


def test_every_alert_of_the_deployment_is_told_but_those_that_only_others_can_see():
    assert {rule.name for rule in RULES} == {name for name, _, _ in written()} - ELSEWHERE


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_has_the_severity_limit_and_window_of_its_alert(rule):
    _, expression, severity = next(one for one in written() if one[0] == rule.name)
    (limit,) = re.findall(r"(?:==|>) ([\d.]+)$", expression)
    minutes = re.search(r"\[(\d+)([mh])\]", expression)
    window = timedelta(**{{"m": "minutes", "h": "hours"}[minutes[2]]: int(minutes[1])}) if minutes else timedelta()

    assert rule.severity == severity
    assert rule.window == window
    assert rule.limit == float(limit)


def test_a_server_without_traffic_rings_nothing():
    found = alerts(of(Metrics()), lambda _: None, NOW)

    assert {one.state for one in found} == {State.QUIET, State.UNKNOWN}


@pytest.mark.parametrize(
    ("name", "happen"),
    [
        ("BppDatabaseDown", lambda m: (m.counted.labels("outbox").set(NOW.timestamp()), m.database_up.set(0))),
        ("BppRefusesWithInternalError", lambda m: m.messages.labels("search", "NACK 31001").inc()),
        ("BppSignaturesRefused", lambda m: m.messages.labels("search", "NACK 30016").inc()),
        ("BppAcksSlow", lambda m: m.seconds.labels("search").observe(3)),
        ("BppCallbacksLate", lambda m: m.callback_seconds.labels("on_search").observe(6)),
        ("BppOutboxOld", lambda m: m.outbox_overdue.labels("well").set(61)),
        ("BppPeersResting", lambda m: m.outbox.labels("resting").set(1001)),
        ("BppCallbacksGivenUp", lambda m: m.deliveries.labels("on_init", "given_up").inc(6)),
        ("BppCommitsFail", lambda m: m.commit_failures.inc()),
        ("BppCommitsSlow", lambda m: m.commit_seconds.observe(0.9)),
        ("BppDoorFull", lambda m: m.door_waiting.labels("0").set(1001)),
        ("BppEventLoopLags", lambda m: m.lag.labels("1").observe(0.9)),
        ("BppRegistryFails", lambda m: m.lookups.labels("failed").inc()),
        ("BppLedgerUnbalanced", lambda m: m.imbalance.set(-1)),
        ("BppCountsOld", lambda m: (m.counted.labels("outbox").set(NOW.timestamp() - 121), m.database_up.set(1))),
        ("BppBackupOld", lambda m: m.backup.set(NOW.timestamp() - 93601)),
        ("BppObservabilityLate", lambda m: m.untold(3, timedelta(seconds=7201))),
        ("BppObservabilityRefused", lambda m: m.told("refused")),
        ("BppAuditNotSealed", lambda m: m.audit_sealed.set(NOW.timestamp() - 3601)),
        ("BppAuditBroken", lambda m: m.audit_faults.set(1)),
        ("BppFilesRunOut", lambda m: (m.open_files.labels("0").set(9), m.most_files.labels("0").set(10))),
        ("BppCatalogsDiffer", lambda m: (m.catalog_version.labels("0").set(7), m.catalog_version.labels("1").set(8))),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_an_alert_rings_for_what_it_is_about_and_for_nothing_else(name, happen):
    metrics = Metrics()
    happen(metrics)

    found = alerts(of(metrics), lambda _: None, NOW)

    assert [one.rule.name for one in found if one.state is State.RINGS] == [name]


def test_whoever_asks_too_fast_wakes_nobody():
    metrics = Metrics()
    metrics.messages.labels("search", "NACK 31001").inc(50)
    metrics.turned_away.labels("peer_rate").inc(50)

    assert State.RINGS not in {one.state for one in alerts(of(metrics), lambda _: None, NOW)}


def test_a_percentile_lies_within_its_bucket_as_prometheus_takes_it():
    buckets = [(0.1, 2.0), (0.2, 4.0), (float("inf"), 4.0)]

    assert quantile(buckets, 0.5) == pytest.approx(0.1)
    assert quantile(buckets, 0.75) == pytest.approx(0.15)
    assert quantile([(0.1, 0.0), (float("inf"), 4.0)], 0.5) == 0.1
    assert quantile([(0.1, 0.0), (float("inf"), 0.0)], 0.5) is None
    assert (count(buckets), count([])) == (4, 0)


def test_figures_of_processes_are_added_up_and_told_apart():
    metrics = Metrics()
    metrics.lag.labels("0").observe(0.004)
    metrics.lag.labels("1").observe(0.004)
    metrics.resident.labels("1").set(5)
    figures = of(metrics)

    assert count(figures.buckets("bpp_event_loop_lag_seconds")) == 2
    assert count(figures.buckets("bpp_event_loop_lag_seconds", process="1")) == 1
    assert figures.sum("bpp_process_resident_memory_bytes", process="1") == 5
    assert figures.largest("bpp_no_such_figure") is None


def test_what_came_since_is_told_also_of_a_process_that_began_anew():
    before = Figures({"a": {frozenset({("p", "0")}): 5.0, frozenset({("p", "1")}): 9.0}})
    now = Figures({"a": {frozenset({("p", "0")}): 7.0, frozenset({("p", "1")}): 3.0}})

    assert now.since(before).sum("a") == 2 + 3


def test_figures_are_remembered_for_an_hour_and_not_for_each_look():
    kept = Recently()
    for second in range(0, 2 * 3600, 5):
        kept.note(NOW + timedelta(seconds=second), Figures({"at": {frozenset(): float(second)}}))
    end = NOW + timedelta(hours=2)

    lately, oldest = kept.before(end, timedelta(minutes=5)), kept.before(end, timedelta(hours=3))
    assert lately is not None
    assert oldest is not None
    assert lately.sum("at") == 2 * 3600 - 300
    assert oldest.sum("at") >= 3600 - 60
    assert Recently().before(end, timedelta(minutes=5)) is None


@pytest.mark.parametrize(
    ("period", "first"), [("week", "2026-11-17 00:00"), ("day", "2026-11-22 10:00"), ("hour", "2026-11-23 08:25")]
)
def test_steps_of_a_plot_begin_with_the_days_and_hours_of_india(period, first):
    begin = first_step(FRAMES[period], NOW + timedelta(minutes=22))

    assert f"{begin.astimezone(KOLKATA):%Y-%m-%d %H:%M}" == first


def test_a_plot_has_a_place_for_every_step_up_to_now():
    frame = FRAMES["day"]
    begin = first_step(frame, NOW)
    shown = drawn(frame, begin, [(NOW, NOW + timedelta(seconds=3)), (begin, begin + timedelta(seconds=1))], "day")

    assert len(shown.labels) == 24
    assert begin <= NOW - timedelta(hours=23)
    assert shown.rows[-1][1] == ["3", "3"]
    assert shown.rows[0][1] == ["1", "1"]
    assert shown.rows[1][1] == ["–", "–"]  # nothing was delivered, which is not the same as at once


def test_what_was_delivered_at_once_is_not_taken_for_nothing():
    frame = FRAMES["day"]
    begin = first_step(frame, NOW)

    assert drawn(frame, begin, [(begin, begin)], "day").rows[0][1] == ["0", "0"]
