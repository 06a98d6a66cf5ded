"""The store: opening and closing a database, and the operations that write to several of its parts in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.engine import Connection

from detector.errors import StoreError
from detector.model import Candidate, Capture, CaseState, Verdict, utcnow
from detector.store import captures, cases, cleared
from detector.store.backlog import leases, rechecks
from detector.store.backlog.leases import BacklogClaim
from detector.store.backlog.queue import Backlog
from detector.store.backlog.rows import DONE, LEASED, QUARANTINED, READY, WAITING, add_done
from detector.store.backlog.turns import ClaimPolicy
from detector.store.captures import Captures
from detector.store.cases import Cases
from detector.store.chains import chain
from detector.store.chains.chain import Seal
from detector.store.chains.evidence_chain import EvidenceChain
from detector.store.chains.journal import SignerSource
from detector.store.chains.journal_reader import Journal
from detector.store.clock_watch import ClockWatch
from detector.store.columns import storable
from detector.store.custody import CustodyLog
from detector.store.deliveries import Deliveries
from detector.store.engine import Database
from detector.store.intake import Intake, IntakeCounts, take_in
from detector.store.models import BacklogRow, CaptureRow, CaseRow
from detector.store.phones import PhoneNumbers
from detector.store.probes import ProbeQueue
from detector.store.runs import RunLog
from detector.store.schema import bring_up
from detector.store.source_state import SourceStates


class Store:
    """A workspace's database; its parts are attributes, such as :attr:`backlog` and :attr:`cases`.

    Safe for several threads and several programs at once.  Once a method has returned, what it stored survives SIGKILL and
    a power cut.  Every method raises :class:`StoreError` where the database refuses (locked, read-only, disk full); what
    was stored before is then still there.
    """

    def __init__(self, database: Database, policy: ClaimPolicy) -> None:
        """Use :meth:`open`."""
        self._database = database
        self.backlog = Backlog(database, policy)
        self.captures = Captures(database)
        self.cases = Cases(database)
        self.custody = CustodyLog(database)
        self.phones = PhoneNumbers(database)
        self.deliveries = Deliveries(database)
        self.sources = SourceStates(database)
        self.chain = EvidenceChain(database)
        self.journal = Journal(database)
        self.probes = ProbeQueue(database)
        self.runs = RunLog(database)

    @classmethod
    def open(
        cls,
        url: str | Path,
        *,
        lease_seconds: float = 300.0,
        max_attempts: int = 3,
        fair_share: float = 0.0,
        per_site: int = 0,
        may_be_read_only: bool = False,
        signer: SignerSource | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> Store:
        """Open a database, creating or migrating it as needed; ``may_be_read_only`` opens one for reading that cannot be written.

        ``url`` is an SQLAlchemy URL or the path of an SQLite file; ``fair_share`` and ``per_site`` as in
        :class:`~detector.store.backlog.turns.ClaimPolicy`; ``signer`` gives the key that signs the journal's entries,
        ``clock`` the time by which it is noticed that the clock was ahead before.

        Raises:
            StoreError: it is no database, another program's or a newer clonewatch's, read-only, locked, or the disk is full.
        """
        database = Database(url, may_be_read_only=may_be_read_only, signer=signer)
        try:
            bring_up(database)
        except BaseException:
            database.close()
            raise
        database.on_write = ClockWatch(clock).look
        return cls(database, ClaimPolicy(timedelta(seconds=lease_seconds), max_attempts, fair_share, per_site))

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def take_in(self, intake: Intake) -> IntakeCounts:
        """Store candidates and names together with the checkpoints of their sources: all of it, or nothing.

        Returns the numbers of stored items.
        """
        with self._database.write() as connection:
            return take_in(connection, intake, utcnow())

    def abandon_connections(self) -> None:
        """Forget the connections that a child process has inherited: they are its parent's, and must not be closed."""
        self._database.abandon()

    def finish(self, claim: BacklogClaim, capture: Capture, verdict: Verdict, *, seal: Seal | None = None) -> int:
        """Store the result of a claim, open or update its case, mark the row done, all or nothing, and return the capture's id.

        With ``seal``, the manifest of the capture's evidence joins the chain in the same transaction.

        Calling it again changes nothing and returns the same id.  Where the lease had run out and another worker has
        finished the row since, that worker's capture stands: nothing is stored and its id is returned.
        """
        now = utcnow()
        with self._database.write() as connection:
            before = captures.capture_of_token(connection, claim.token)
            if before is not None:
                return before
            query = select(BacklogRow).where(BacklogRow.id == claim.id).with_for_update()
            row = connection.execute(query).mappings().first()
            if row is None:
                raise StoreError(f"{self._database.name} has no candidate {claim.id}: the claim is of another database")
            if row["state"] == DONE and row["capture_id"] is not None:
                return int(row["capture_id"])
            source = row["sources"][0]
            capture_id = captures.add_capture(connection, capture, verdict, source=source, token=claim.token, now=now)
            case_id = cases.open_or_update(connection, capture_id, capture, verdict, row["sources"], now)
            leases.mark_done(connection, claim.id, capture_id, now)
            if seal is not None:
                # last: the head of the chain is locked no longer than the commit takes
                chain.append_manifest(connection, seal, capture_id, case_id, now)
            return capture_id

    def record(self, capture: Capture, verdict: Verdict, *, source: str = "scan", seal: Seal | None = None) -> int:
        """Store a capture that was not claimed and return its id; its URL counts as done from now on.

        With ``seal``, the manifest of the capture's evidence joins the chain in the same transaction.
        """
        now = utcnow()
        with self._database.write() as connection:
            capture_id = captures.add_capture(connection, capture, verdict, source=source, token=None, now=now)
            case_id = cases.open_or_update(connection, capture_id, capture, verdict, (source,), now)
            brands = (storable(verdict.brand),) if verdict.brand else ()
            add_done(connection, capture.url, source, brands, capture_id, now)
            if seal is not None:
                chain.append_manifest(connection, seal, capture_id, case_id, now)
            return capture_id

    def overturn(
        self, capture_id: int, verdict: Verdict, *, seal: Seal | None = None, again: Candidate | None = None
    ) -> int | None:
        """Replace the verdict that cleared a page by a suspicious one, open its case, and return the case's id.

        In the same transaction, the manifest of the capture's evidence joins the chain (``seal``), and the URL is due for
        another capture (``again``), also where no case was opened.  None where no verdict was changed: it makes no case, or
        the capture is gone, no longer the latest of its URL, no longer cleared, or sealed already.
        """
        now = utcnow()
        with self._database.write() as connection:
            case_id = cleared.overturn(connection, capture_id, verdict, now)
            if again is not None:
                rechecks.reopen(connection, [again], now)
            if case_id is not None and seal is not None:
                chain.append_manifest(connection, seal, capture_id, case_id, now)
            return case_id

    def counts(self) -> dict[str, int]:
        """``due, waiting, leased, done, quarantined, captures, cases`` and ``cases_STATE`` for every state of a case."""
        with self._database.read() as connection:
            return _counts(connection, utcnow())

    def copy_to(self, path: Path) -> None:
        """Copy the database, as it is at one moment, into a new file; others may go on writing.

        Raises:
            StoreError: it lies on a server, or the file cannot be written.
        """
        self._database.copy_to(path)


def _counts(connection: Connection, now: datetime) -> dict[str, int]:
    """Number of rows of each kind; every key is there, 0 where there are none."""
    number = func.count()

    def backlog(*conditions: ColumnElement[bool]) -> int:
        return int(connection.execute(select(number).select_from(BacklogRow).where(*conditions)).scalar_one())

    state, lease = BacklogRow.state, BacklogRow.lease_until
    come, expired = BacklogRow.due <= now, lease <= now
    result = {
        "due": backlog(state == READY, come) + backlog(state == WAITING, come) + backlog(state == LEASED, expired),
        "waiting": backlog(state == READY, ~come) + backlog(state == WAITING, ~come),
        "leased": backlog(state == LEASED, ~expired),
        "done": backlog(state == DONE),
        "quarantined": backlog(state == QUARANTINED),
        "captures": int(connection.execute(select(number).select_from(CaptureRow)).scalar_one()),
        "cases": int(connection.execute(select(number).select_from(CaseRow)).scalar_one()),
    }
    by_state = {row[0]: row[1] for row in connection.execute(select(CaseRow.state, number).group_by(CaseRow.state))}
    return result | {f"cases_{case_state}": by_state.get(str(case_state), 0) for case_state in CaseState}
