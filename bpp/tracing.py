"""OpenTelemetry traces of messages, where they are asked for by the standard variables ``OTEL_*``.

One trace for each exchange of the network: the request, its transaction, each attempt to deliver the callback, in
whatever process and after whatever restart. What links them needs no room in the database: the ids of trace and spans
are digests of what identifies the message, which the callback bears as well (ADR 44).

The package is an extra (``pip install .[otel]``). Where it is not asked for, nothing of it is imported.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import structlog

from bpp.logs import peers_id

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor

log = structlog.get_logger(__name__)
SERVICE = "sewamitra-bpp"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What a request and its callback have in common. ``action`` is the request's, without ``on_``."""

    subscriber: str
    transaction_id: str
    message_id: str
    action: str

    @property
    def trace_id(self) -> int:
        """The same in every process, for ever."""
        said = f"{self.subscriber}\n{self.transaction_id}\n{self.message_id}\n{self.action}"
        return int.from_bytes(blake2b(said.encode(errors="surrogatepass"), digest_size=16).digest())

    def span_id(self, part: str) -> int:
        """That of a part of the exchange, likewise."""
        return int.from_bytes(blake2b(f"{self.trace_id:x} {part}".encode(), digest_size=8).digest())


def asked_for(environ: Mapping[str, str]) -> bool:
    """Whether the standard variables name a place for traces and do not switch them off."""
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    names = ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return any(environ.get(name) for name in names)


def traces_by_environment() -> Traces | None:
    """Traces that are exported as ``OTEL_*`` say; None where nobody asked, or the extra is not installed."""
    if not asked_for(os.environ):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        log.error("traces_not_installed", extra="otel")  # noqa: TRY400  that it is missing is all there is to say
        return None
    return Traces(BatchSpanProcessor(OTLPSpanExporter()))


class Traces:
    """Makes the spans of what has happened, from when it began and when it ended."""

    def __init__(self, processor: SpanProcessor) -> None:
        """Spans go to ``processor``. Which exchanges are sampled, ``OTEL_TRACES_SAMPLER`` says."""
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator  # noqa: PLC0415

        class Chosen(RandomIdGenerator):
            """The ids that are given to it, once; random ones then."""

            trace = span = 0

            def generate_trace_id(self) -> int:
                return self.trace or super().generate_trace_id()

            def generate_span_id(self) -> int:
                chosen, self.span = self.span, 0
                return chosen or super().generate_span_id()

        self._ids = Chosen()
        named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": SERVICE}
        self._provider = TracerProvider(id_generator=self._ids, resource=Resource.create(named))
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(SERVICE)

    def taken(self, exchange: Exchange, began: datetime, handed: datetime, done: datetime, *, again: bool) -> None:
        """A message was acknowledged: received, handed to its transaction, committed. ``again``: a repetition."""
        if not self._sampled(exchange):
            return
        if again:
            self._add(exchange, f"{exchange.action} repeated", "", "request", (began, done))
            return
        self._add(exchange, exchange.action, "request", "", (began, done))
        self._add(exchange, "transaction", "transaction", "request", (handed, done))

    def attempted(self, exchange: Exchange, began: datetime, ended: datetime, **told: Any) -> None:
        """A callback was tried; ``told`` are attributes: the attempt's number, the verdict, the HTTP status."""
        if self._sampled(exchange):
            self._add(exchange, f"deliver on_{exchange.action}", "", "transaction", (began, ended), **told)

    def close(self) -> None:
        """Export what waits. Takes as long as the exporter does."""
        self._provider.shutdown()

    def _sampled(self, exchange: Exchange) -> bool:
        """Of an exchange all or nothing, by its trace id: whichever process asks, it gets the same answer."""
        from opentelemetry.context import Context  # noqa: PLC0415  an extra
        from opentelemetry.sdk.trace.sampling import Decision  # noqa: PLC0415

        asked = self._provider.sampler.should_sample(Context(), exchange.trace_id, exchange.action)
        return asked.decision is Decision.RECORD_AND_SAMPLE

    def _add(
        self, exchange: Exchange, name: str, part: str, parent: str, times: tuple[datetime, datetime], **told: Any
    ) -> None:
        """A span; ``part`` names it where others refer to it, ``parent`` the one it belongs to."""
        from opentelemetry.trace import SpanKind  # noqa: PLC0415  an extra

        self._ids.trace, self._ids.span = exchange.trace_id, exchange.span_id(part) if part else 0
        attributes = {
            "beckn.subscriber": exchange.subscriber,
            "beckn.transaction_id": peers_id(exchange.transaction_id),
            "beckn.message_id": peers_id(exchange.message_id),
            "beckn.action": exchange.action,
            **{f"bpp.{key}": value for key, value in told.items() if value is not None},
        }
        kind = SpanKind.SERVER if part == "request" else SpanKind.INTERNAL
        span = self._tracer.start_span(
            name,
            context=_context(exchange, parent),
            kind=SpanKind.CLIENT if told else kind,
            attributes=attributes,
            start_time=_nanoseconds(times[0]),
        )
        span.end(_nanoseconds(times[1]))


def _context(exchange: Exchange, parent: str) -> Context:
    """The context of a part of the exchange that may have been made elsewhere; empty where there is no parent."""
    from opentelemetry.context import Context  # noqa: PLC0415  an extra
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context  # noqa: PLC0415

    if not parent:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED)
    told = SpanContext(exchange.trace_id, exchange.span_id(parent), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(told), Context())


def _nanoseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000
