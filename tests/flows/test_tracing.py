"""Traces: a request, its transaction and its delivery in one trace, whichever process did what; free where unasked."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Answer
from bpp.tracing import Exchange, Traces, asked_for
from tests.support.clock import FakeClock
from tests.support.network import Observed, running_network

sdk = pytest.importorskip("opentelemetry.sdk.trace.export", reason="the extra otel is not installed")
memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")


def told(exporter: Any, name: str) -> list[Any]:
    """The spans of a name, as far as they have ended."""
    return [one for one in exporter.get_finished_spans() if one.name == name]


async def test_request_transaction_and_each_attempt_of_a_delivery_are_one_trace(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    exporter = memory.InMemorySpanExporter()
    async with running_network(
        sqlite_url, tmp_path, clock, None, Observed(traces=Traces(sdk.SimpleSpanProcessor(exporter)))
    ) as network:
        confirmed = await network.booked()
        network.buyer.script("on_status", Answer(status=500))
        await journey.status(network.buyer, confirmed)
        async with asyncio.timeout(60):
            while not any(one.attributes["bpp.verdict"] == "delivered" for one in told(exporter, "deliver on_status")):
                clock.tick(seconds=6)
                await asyncio.sleep(0.02)

    spans = exporter.get_finished_spans()
    of = {
        action: [one for one in spans if one.attributes["beckn.action"] == action] for action in ("confirm", "status")
    }
    request, transaction, delivery = (
        next(one for one in of["confirm"] if one.name == name)
        for name in ("confirm", "transaction", "deliver on_confirm")
    )
    assert request.parent is None
    assert transaction.parent.span_id == request.context.span_id
    assert delivery.parent.span_id == transaction.context.span_id
    assert {one.context.trace_id for one in of["confirm"]} == {request.context.trace_id}
    assert (delivery.attributes["bpp.verdict"], delivery.attributes["bpp.status"]) == ("delivered", 200)
    assert [one.attributes["bpp.verdict"] for one in of["status"] if "deliver" in one.name] == ["retried", "delivered"]
    assert len({one.context.trace_id for one in of["status"]}) == 1
    assert len({one.context.span_id for one in spans}) == len(spans)
    assert request.resource.attributes["service.name"] == "sewamitra-bpp"


async def test_a_repeated_message_belongs_to_the_trace_of_the_first(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    exporter = memory.InMemorySpanExporter()
    async with running_network(
        sqlite_url, tmp_path, clock, None, Observed(traces=Traces(sdk.SimpleSpanProcessor(exporter)))
    ) as network:
        exchange = await journey.search(network.buyer, words="tap repair", place=network.place)
        await network.buyer.post("search", exchange.answer.request.body)

    first, again = (one for one in exporter.get_finished_spans() if one.name in {"search", "search repeated"})
    assert again.name == "search repeated"
    assert again.parent.span_id == first.context.span_id
    assert again.context.trace_id == first.context.trace_id


def test_of_an_exchange_all_is_sampled_or_nothing(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.3")
    exporter = memory.InMemorySpanExporter()
    seller, other = (Traces(sdk.SimpleSpanProcessor(exporter)) for _ in range(2))
    for number in range(200):
        one = Exchange(subscriber="b.example", transaction_id="T", message_id=f"M-{number}", action="select")
        seller.taken(one, clock(), clock(), clock(), again=False)
        other.attempted(one, clock(), clock(), attempt=1)

    traces = [one.context.trace_id for one in exporter.get_finished_spans()]
    assert {traces.count(one) for one in traces} == {3}
    assert 20 < len(set(traces)) < 120


@pytest.mark.parametrize(
    ("environ", "asked"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, False),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_traces_are_made_where_the_standard_variables_ask_for_them(environ: dict[str, str], *, asked: bool) -> None:
    assert asked_for(environ) is asked


def test_where_nobody_asks_nothing_of_it_is_imported() -> None:
    told = "import sys, bpp.serve; print([one for one in sys.modules if one.startswith('opentelemetry')])"
    said = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"
