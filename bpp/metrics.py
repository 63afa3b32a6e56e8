"""What is counted and timed, for Prometheus; its own registry, so that two apps in one process do not mix."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bpp.bounded import Names

LABELLED = 500
"""Peers that have figures of their own; the others share one name."""


class Metrics:
    """The program's counters. Label values come from our own tables, never from a message.

    A peer's id is one that the registry vouches for, and goes through ``peers`` before it becomes a label.
    """

    def __init__(self) -> None:
        """All at zero."""
        self.registry = CollectorRegistry()
        self.messages = Counter(
            "bpp_messages_total",
            "Messages received, by action and answer",
            ["action", "answer"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "bpp_ack_seconds", "Time from request to ACK or NACK", ["action"], registry=self.registry
        )
        self.callbacks = Gauge("bpp_callbacks", "Stored callbacks, by state", ["state"], registry=self.registry)
        self.orders = Gauge("bpp_orders", "Orders, by state", ["state"], registry=self.registry)
        self.foreign_hosts = Counter(
            "bpp_foreign_callback_hosts_total",
            "Requests whose bap_uri has another host than the registry's record",
            registry=self.registry,
        )

        self.dialects = Counter(
            "bpp_peer_dialect_total",
            "Acknowledged messages that show how a buyer app spells, by peer, trait and value",
            ["peer", "trait", "value"],
            registry=self.registry,
        )
        self.turned_away = Counter(
            "bpp_turned_away_total",
            "Requests sent back before any work was done for them, by the limit that they met",
            ["limit"],
            registry=self.registry,
        )
        self.rate_limited = Counter(
            "bpp_rate_limited_total",
            "Signed messages refused since their sender asks too fast, by peer",
            ["peer"],
            registry=self.registry,
        )
        self.in_flight = Gauge("bpp_in_flight", "Messages that this process is working on", registry=self.registry)
        self.door_queue = Gauge(
            "bpp_door_queue", "Units of work that wait for the database in this process", registry=self.registry
        )
        self.peers = Names(LABELLED)
        self.unrecorded = Counter(
            "bpp_refusals_unrecorded_total",
            "Refused messages that left no row in the audit log",
            registry=self.registry,
        )

    def text(self) -> bytes:
        """Everything in the text form of Prometheus."""
        return generate_latest(self.registry)
