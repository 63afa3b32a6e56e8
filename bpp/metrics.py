"""What is counted and timed, for Prometheus; its own registry, so that two apps in one process do not mix.

Whoever does a thing tells it here by one call (``acknowledged``, ``committed``, ``attempted``, ``looked_up``); what the
database holds is counted by ``bpp.watch``. A scrape reads memory alone. Where several processes share a port their
figures lie in files of one folder (``shared``), so that whichever is asked answers for all (ADR 44).

Label values come from our own tables, never from a message. A peer's id is one that the registry vouches for.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import TypeVar

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from bpp.bounded import Names

M = TypeVar("M", Counter, Gauge, Histogram)
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable by which the client library of Prometheus knows the folder that processes share."""

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each one, which no panel and no alert asks for

ACK_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
CALLBACK_BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 600.0, 3600.0)
"""Around the five seconds that buyer apps wait, and as far as the schedules of retries go."""

ATTEMPT_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
COMMIT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
GROUP_BUCKETS = (1, 2, 4, 8, 16, 32, 64)
LAG_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)

LABELLED = 500
"""Peers that have figures of their own; the others share one name."""


class Metrics:
    """The program's figures. ``process`` is the number of the server process among those that share the port.

    A peer's id is one that the registry vouches for, and goes through ``peers`` before it becomes a label.
    """

    def __init__(self, process: int = 0) -> None:
        """All at zero, or where the process of the same number before this one left them."""
        self.registry = CollectorRegistry()
        self.process = str(process)
        self.messages = self._counter(
            "bpp_messages_total", "Messages received, by action and answer", "action", "answer"
        )
        self.seconds = self._histogram("bpp_ack_seconds", "Time from request to ACK or NACK", ACK_BUCKETS, "action")
        self.foreign_hosts = self._counter(
            "bpp_foreign_callback_hosts_total",
            "Requests whose bap_uri has another host than the registry's record",
        )
        self.dialects = self._counter(
            "bpp_peer_dialect_total",
            "Acknowledged messages that show how a buyer app spells, by peer, trait and value",
            "peer",
            "trait",
            "value",
        )
        self.turned_away = self._counter(
            "bpp_turned_away_total",
            "Requests sent back before any work was done for them, by the limit that they met",
            "limit",
        )
        self.rate_limited = self._counter(
            "bpp_rate_limited_total", "Signed messages refused since their sender asks too fast, by peer", "peer"
        )
        self.in_flight = self._gauge("bpp_in_flight", "Messages that a process works on", "process")
        self.peers = Names(LABELLED)
        self.unrecorded = self._counter(
            "bpp_refusals_unrecorded_total", "Refused messages that left no row in the audit log"
        )
        self._add_storage()
        self._add_delivery()
        self._add_network()
        self._add_observability()
        self._add_watched()
        self._add_process()

    def text(self) -> bytes:
        """Everything in the text form of Prometheus: of all processes that share the port."""
        folder = os.environ.get(FOLDER)
        if not folder:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
        return generate_latest(together)

    # Told by those who do it

    def committed(self, units: int, seconds: float, waiting: int, *, failed: bool = False) -> None:
        """A group of units was committed in so many seconds, or none of it; ``waiting`` are still at the door."""
        self.door_waiting.labels(self.process).set(waiting)
        if failed:
            self.commit_failures.inc()
        else:
            self.commit_seconds.observe(seconds)
            self.commit_units.observe(units)

    def attempted(self, action: str, verdict: str, outcome: str, took: timedelta, since_stored: timedelta) -> None:
        """One attempt to deliver a callback: what follows, what came back, how long it took, how old it is now."""
        self.deliveries.labels(action, verdict).inc()
        self.attempt_seconds.labels(outcome).observe(took.total_seconds())
        if verdict == "delivered":
            self.callback_seconds.labels(action).observe(since_stored.total_seconds())

    def now(self, in_flight: int, waiting: int) -> None:
        """So many messages a process works on at this moment, and so many units wait at its door."""
        self.in_flight.labels(self.process).set(in_flight)
        self.door_waiting.labels(self.process).set(waiting)

    def looked_up(self, outcome: str, seconds: float) -> None:
        """The registry was asked: ``found``, ``unknown`` or ``failed``."""
        self.lookups.labels(outcome).inc()
        self.lookup_seconds.observe(seconds)

    def told(self, outcome: str) -> None:
        """An entry was pushed to network observability: ``pushed``, ``warned``, ``refused`` or ``failed``."""
        self.observed.labels(outcome).inc()

    def untold(self, messages: int, oldest: timedelta) -> None:
        """So many messages are yet to be told to network observability, the oldest of them since so long."""
        self.unobserved.set(messages)
        self.unobserved_oldest.set(max(0.0, oldest.total_seconds()))

    def _add_storage(self) -> None:
        self.commit_seconds = self._histogram(
            "bpp_commit_seconds", "Time of one transaction at the door, its units included", COMMIT_BUCKETS
        )
        self.commit_units = self._histogram(
            "bpp_commit_units", "Units of work that one transaction committed together", GROUP_BUCKETS
        )
        self.commit_failures = self._counter("bpp_commit_failures_total", "Transactions that the database did not take")
        self.door_waiting = self._gauge(
            "bpp_door_waiting", "Units of work that waited after the last transaction", "process"
        )

    def _add_delivery(self) -> None:
        self.deliveries = self._counter(
            "bpp_deliveries_total",
            "Attempts to deliver callbacks, by action and by what follows: delivered, retried, refused, given_up",
            "action",
            "verdict",
        )
        self.attempt_seconds = self._histogram(
            "bpp_delivery_attempt_seconds", "Time of one attempt, by what came back", ATTEMPT_BUCKETS, "outcome"
        )
        self.callback_seconds = self._histogram(
            "bpp_callback_seconds", "Time from a stored callback to its delivery", CALLBACK_BUCKETS, "action"
        )

    def _add_network(self) -> None:
        self.lookups = self._counter(
            "bpp_registry_lookups_total", "Questions to the registry: found, unknown, failed", "outcome"
        )
        self.lookup_seconds = self._histogram("bpp_registry_lookup_seconds", "Time of one question", ATTEMPT_BUCKETS)

    def _add_observability(self) -> None:
        self.observed = self._counter(
            "bpp_observability_entries_total",
            "Entries pushed to network observability: pushed, warned (and taken), refused, failed",
            "outcome",
        )
        for outcome in ("pushed", "warned", "refused", "failed"):
            self.observed.labels(outcome)  # 0 from the start: Prometheus sees no increase in what begins with 1
        self.unobserved = self._gauge(
            "bpp_observability_waiting", "Messages yet to be told to network observability; counted to 100000"
        )
        self.unobserved_oldest = self._gauge(
            "bpp_observability_oldest_seconds", "For how long the first of them has waited; 0 where none waits"
        )

    def _add_watched(self) -> None:
        """What the database holds, as it was when it was last counted."""
        self.database_up = self._gauge("bpp_database_up", "1 where the last counting was answered, else 0")
        self.counted = self._gauge("bpp_counted_timestamp_seconds", "When it was last counted, by what", "what")
        self.outbox = self._gauge(
            "bpp_outbox_waiting",
            "Callbacks that wait, by whether their peer answers (well) or is left alone (resting); counted to 10000",
            "peers",
        )
        self.outbox_overdue = self._gauge(
            "bpp_outbox_overdue_seconds", "For how long the first of them has been due; 0 for what is to come", "peers"
        )
        self.orders = self._gauge("bpp_orders", "Orders, by state", "state")
        self.slots = self._gauge(
            "bpp_slot_cells", "Cells of workers' time from now on: held by a selection, booked by an order", "kind"
        )
        self.tickets = self._gauge(
            "bpp_tickets", "Complaints to be resolved (running), and those past their time (overdue)", "state"
        )
        self.imbalance = self._gauge(
            "bpp_ledger_imbalance_paise", "Sum of all lines of the ledger; anything but 0 is a fault"
        )
        self.backup = self._gauge("bpp_backup_timestamp_seconds", "When the newest backup in BPP_BACKUPS was made")

        self.audit_sealed = self._gauge(
            "bpp_audit_sealed_timestamp_seconds", "When everything that was final then was sealed in the audit chain"
        )
        self.audit_faults = self._gauge(
            "bpp_audit_faults", "What does not hold of the audit chain, as found by walking along it over and over"
        )

    def _add_process(self) -> None:
        self.lag = self._histogram(
            "bpp_event_loop_lag_seconds", "How late a process came to what was due", LAG_BUCKETS, "process"
        )
        self.catalog_version = self._gauge("bpp_catalog_version", "Version of the catalog that is served", "process")
        self.catalog_age = self._gauge(
            "bpp_catalog_age_seconds", "For how long a process has served its version", "process"
        )
        self.started = self._gauge("bpp_process_start_time_seconds", "When a process started", "process")
        self.cpu = self._counter("bpp_process_cpu_seconds_total", "CPU time, user and system", "process")
        self.resident = self._gauge("bpp_process_resident_memory_bytes", "Resident memory", "process")
        self.open_files = self._gauge("bpp_process_open_files", "Open files and sockets", "process")
        self.most_files = self._gauge("bpp_process_max_files", "The limit of them", "process")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return _remembering(Counter(name, text, labels, registry=self.registry))

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return _remembering(Histogram(name, text, labels, buckets=buckets, registry=self.registry))

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return _remembering(Gauge(name, text, labels, registry=self.registry, multiprocess_mode="mostrecent"))


def _remembering(metric: M) -> M:
    """The metric, finding the figure of labels that it was asked for before without a lock and a check of their form.

    There are as many as series: labels come from our own tables, and none is ever removed.
    """
    metric.labels = cache(metric.labels)  # type: ignore[method-assign]
    return metric


@contextmanager
def shared() -> Iterator[None]:
    """Around the processes of one port: the folder in which their figures lie together, gone with the last of them.

    It is passed on by the environment. The processes call ``join``.
    """
    with tempfile.TemporaryDirectory(prefix="bpp-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def join(figures: int) -> None:
    """Keep the figures of this process in the shared folder, before the first ``Metrics`` is made.

    By a number that nobody else alive has, not by its pid: who is started in its place counts on from where it was
    killed, and a thousand restarts leave no more files than two. The value class is the library's own hook for that.
    """
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: figures)  # type: ignore[no-untyped-call]
