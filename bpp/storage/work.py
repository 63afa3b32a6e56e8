"""One unit of work on one connection: the stores, made when asked for."""

from __future__ import annotations

from functools import cached_property

from bpp.storage.assignments import SqlAssignments
from bpp.storage.audit import SqlAudit
from bpp.storage.connection import Connection
from bpp.storage.demand import SqlDemand
from bpp.storage.directory import SqlDirectory
from bpp.storage.feedback import SqlFeedback
from bpp.storage.figures import SqlFigures
from bpp.storage.issues import SqlIssues
from bpp.storage.keys import SqlKeys
from bpp.storage.ledger import SqlLedger
from bpp.storage.messages import SqlMessages
from bpp.storage.observability import SqlObservability
from bpp.storage.orders import SqlOrders
from bpp.storage.outbox import SqlOutbox
from bpp.storage.parties import SqlParties
from bpp.storage.payouts import SqlPayouts
from bpp.storage.people import SqlPeople
from bpp.storage.ports import Notice
from bpp.storage.principals import SqlPrincipals
from bpp.storage.projects import SqlProjects
from bpp.storage.sealing import SqlSeals
from bpp.storage.settlements import SqlSettlements
from bpp.storage.slots import Holders, SqlSlots
from bpp.storage.timers import SqlTimers
from bpp.storage.traffic import SqlTraffic
from bpp.storage.traits import SqlTraits


class SqlWork:
    """See ``bpp.storage.ports.Work``."""

    def __init__(self, connection: Connection, holders: Holders, *, locking: bool = True) -> None:
        """All stores share the connection and so the transaction. A unit that only reads takes no locks."""
        self._holders = holders
        self._connection = connection
        self.notices: set[Notice] = set()
        """What other processes should know of this unit once it is committed."""
        self._locking = locking
        self._locks: set[str] | None = set() if locking else None

    @cached_property
    def messages(self) -> SqlMessages:
        """Inbox and log."""
        return SqlMessages(self._connection, self._locks)

    @cached_property
    def outbox(self) -> SqlOutbox:
        """Callbacks."""
        return SqlOutbox(self._connection, self.notices)

    @cached_property
    def orders(self) -> SqlOrders:
        """Drafts and orders."""
        return SqlOrders(self._connection, self._locks)

    @cached_property
    def slots(self) -> SqlSlots:
        """Workers' time."""
        return SqlSlots(self._connection, self._holders)

    @cached_property
    def directory(self) -> SqlDirectory:
        """Providers, offerings, workers."""
        return SqlDirectory(self._connection, self.notices)

    @cached_property
    def timers(self) -> SqlTimers:
        """Durable timers."""
        return SqlTimers(self._connection)

    @cached_property
    def traits(self) -> SqlTraits:
        """How peers spell."""
        return SqlTraits(self._connection)

    @cached_property
    def keys(self) -> SqlKeys:
        """Idempotency keys."""
        return SqlKeys(self._connection, locking=self._locking)

    @cached_property
    def ledger(self) -> SqlLedger:
        """The books."""
        return SqlLedger(self._connection)

    @cached_property
    def payouts(self) -> SqlPayouts:
        """Money that left and came in."""
        return SqlPayouts(self._connection)

    @cached_property
    def parties(self) -> SqlParties:
        """What is known of providers and workers beside the catalog."""
        return SqlParties(self._connection)

    @cached_property
    def assignments(self) -> SqlAssignments:
        """Why which worker was chosen."""
        return SqlAssignments(self._connection)

    @cached_property
    def projects(self) -> SqlProjects:
        """Project work."""
        return SqlProjects(self._connection, locking=self._locking)

    @cached_property
    def feedback(self) -> SqlFeedback:
        """What consumers said."""
        return SqlFeedback(self._connection, locking=self._locking)

    @cached_property
    def demand(self) -> SqlDemand:
        """Searches that nobody could serve."""
        return SqlDemand(self._connection)

    @cached_property
    def audit(self) -> SqlAudit:
        """Who read what."""
        return SqlAudit(self._connection)

    @cached_property
    def seals(self) -> SqlSeals:
        """The audit chain."""
        return SqlSeals(self._connection)

    @cached_property
    def principals(self) -> SqlPrincipals:
        """What is held of a person."""
        return SqlPrincipals(self._connection)

    @cached_property
    def figures(self) -> SqlFigures:
        """Counts."""
        return SqlFigures(self._connection)

    @cached_property
    def traffic(self) -> SqlTraffic:
        """What went over the wire, for looking at."""
        return SqlTraffic(self._connection)

    @cached_property
    def issues(self) -> SqlIssues:
        """Tickets."""
        return SqlIssues(self._connection, locking=self._locking)

    @cached_property
    def settlements(self) -> SqlSettlements:
        """What is settled with buyer apps."""
        return SqlSettlements(self._connection)

    @cached_property
    def observability(self) -> SqlObservability:
        """What was told to network observability."""
        return SqlObservability(self._connection)

    @cached_property
    def people(self) -> SqlPeople:
        """Who signs in to the console."""
        return SqlPeople(self._connection, locking=self._locking)
