"""The store's front door: every public operation is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from sqlalchemy import select

from detector.errors import StoreError
from detector.model import Candidate, Capture, Case, CaseState, Decision, StoredFile, Verdict, utcnow
from detector.store import backlog, cases, chain, leases, ledger, overturn, phones, rechecks, results, retention
from detector.store.books import EvidenceChain
from detector.store.cases import PROGRAM, CustodyEntry
from detector.store.chain import Handover, Seal
from detector.store.columns import storable
from detector.store.engine import Database
from detector.store.intake import Intake, Taken, take_in
from detector.store.leases import BacklogClaim
from detector.store.ledger import Delivery
from detector.store.models import BacklogRow
from detector.store.phones import PhoneSummary
from detector.store.probes import ProbeQueue
from detector.store.rechecks import DueRecheck
from detector.store.runs import RunBook
from detector.store.schema import bring_up
from detector.store.turns import ClaimTerms


class Store:
    """Backlog, captures, cases and deliveries in one database.

    Safe for several threads and several programs at once.  Whatever a method has returned from survives SIGKILL and a
    power cut.  Every method raises :class:`StoreError` where the database refuses (locked, read-only, disk full); what
    was stored before is then still there.
    """

    def __init__(self, database: Database, terms: ClaimTerms) -> None:
        """Use :meth:`open`."""
        self._database = database
        self._terms = terms
        self.chain = EvidenceChain(database)
        self.probes = ProbeQueue(database)
        self.runs = RunBook(database)

    @classmethod
    def open(
        cls,
        url: str | Path,
        *,
        lease_seconds: float = 300.0,
        max_attempts: int = 3,
        fair_share: float = 0.0,
        per_site: int = 0,
    ) -> Store:
        """Open a database, creating or migrating it as needed.

        ``url`` is an SQLAlchemy URL or the path of an SQLite file; ``fair_share`` and ``per_site`` as in
        :class:`~detector.store.turns.ClaimTerms`.

        Raises:
            StoreError: it is no database, another program's or a newer clonewatch's, read-only, locked, or the disk is full.
        """
        database = Database(url)
        try:
            bring_up(database)
        except BaseException:
            database.close()
            raise
        return cls(database, ClaimTerms(timedelta(seconds=lease_seconds), max_attempts, fair_share, per_site))

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- backlog ---------------------------------------------------------------------------------------------------

    def add_candidates(self, candidates: Iterable[Candidate]) -> int:
        """Add candidates; those whose URL is known are merged into its row.  The number of new ones.

        Merging keeps all brands, sources and reasons, the higher priority and the earlier date.  A URL that is done
        or in quarantine stays so.
        """
        new = 0
        for batch in backlog.batches(candidates):
            with self._database.write() as connection:
                new += len(backlog.add(connection, batch, utcnow()))
        return new

    def take_in(self, intake: Intake) -> Taken:
        """Store candidates and names together with how far their sources had got: all of it, or nothing.

        What it counts is what was stored.
        """
        with self._database.write() as connection:
            return take_in(connection, intake, utcnow())

    def known_urls(self, urls: Iterable[str]) -> set[str]:
        """Those of ``urls`` that were added or recorded before, in whatever state they are."""
        with self._database.read() as connection:
            return backlog.known_urls(connection, urls)

    def claim(
        self,
        limit: int,
        *,
        now: datetime | None = None,
        brands: Collection[str] | None = None,
        busy: bool = False,
    ) -> list[BacklogClaim]:
        """Lease up to ``limit`` due candidates: highest priority first, then the longest due.

        With ``brands``, only candidates that are suspected of one of them.  A lease that runs out returns the row; the
        ``max_attempts``-th time it is quarantined with the reason.

        A row whose worker vanished before is given out by itself, and not to a worker that is ``busy`` with others; until the
        claims are settled, nothing more may be claimed beside one that is :attr:`~detector.store.leases.BacklogClaim.alone`.
        """
        with self._database.write() as connection:
            return leases.claim(connection, limit, now or utcnow(), self._terms, brands, busy=busy)

    def dispatch(self, limit: int, hold: timedelta, *, brands: Collection[str] | None = None) -> list[BacklogClaim]:
        """Hold up to ``limit`` due candidates for the workers that messages bring them to, for ``hold`` at most.

        What no worker has begun by then is due again, and no attempt was made.
        """
        with self._database.write() as connection:
            return leases.dispatch(connection, limit, utcnow(), self._terms, hold, brands)

    def release_held(self, claim: BacklogClaim) -> None:
        """Give back what was held for a message that was never sent: due at once."""
        with self._database.write() as connection:
            leases.release(connection, claim, utcnow(), None, "", attempted=False)

    def came_back(self, row_id: int, token: str) -> bool:
        """Whether a worker vanished with the candidate of a message before: it is begun while its worker does nothing else."""
        with self._database.read() as connection:
            return leases.came_back(connection, row_id, token)

    def begin(self, row_id: int, token: str) -> BacklogClaim | None:
        """The candidate that a message brought, leased to whoever calls; None where it is somebody else's, or is given up.

        Each time that the message comes counts as an attempt: the ``max_attempts``-th worker that died of it was the last one.
        """
        with self._database.write() as connection:
            return leases.begin(connection, row_id, token, utcnow(), self._terms)

    def fail(self, claim: BacklogClaim, *, due: datetime, reason: str) -> None:
        """An attempt came to nothing: tried again when it is ``due``, or quarantined with the reason."""
        with self._database.write() as connection:
            leases.fail(connection, claim, utcnow(), self._terms, due, reason)

    def abandon_connections(self) -> None:
        """In a child process: the connections that it has inherited are its parent's, and must not be closed."""
        self._database.abandon()

    def finish(self, claim: BacklogClaim, capture: Capture, verdict: Verdict, *, seal: Seal | None = None) -> int:
        """Store what a claim led to, open or update its case, and mark the row done: all or nothing.  The capture's id.

        With ``seal``, the manifest of the capture's evidence joins the chain in the same transaction.

        Calling it again changes nothing and returns the same id.  Where the lease had run out and another worker has
        finished the row since, that worker's capture stands: nothing is stored and its id is returned.
        """
        now = utcnow()
        with self._database.write() as connection:
            before = results.capture_of_token(connection, claim.token)
            if before is not None:
                return before
            query = select(BacklogRow).where(BacklogRow.id == claim.id).with_for_update()
            row = connection.execute(query).mappings().first()
            if row is None:
                raise StoreError(f"{self._database.name} has no candidate {claim.id}: the claim is of another database")
            if row["state"] == backlog.DONE and row["capture_id"] is not None:
                return int(row["capture_id"])
            source = row["sources"][0]
            capture_id = results.add_capture(connection, capture, verdict, source=source, token=claim.token, now=now)
            case_id = cases.open_or_update(connection, capture_id, capture, verdict, row["sources"], now)
            leases.mark_done(connection, claim.id, capture_id, now)
            if seal is not None:
                # last: the head of the chain is locked no longer than the commit takes
                chain.append_manifest(connection, seal, capture_id, case_id, now)
            return capture_id

    def release(self, claim: BacklogClaim, *, due: datetime | None = None, reason: str = "") -> None:
        """Give a claim back, now or for ``due``; the attempt does not count.  Does nothing where the lease was lost."""
        with self._database.write() as connection:
            leases.release(connection, claim, utcnow(), due, reason)

    def rechecks(self, now: datetime | None = None) -> list[DueRecheck]:
        """Addresses that are done with and whose time has come again: taken-down sites, and what showed nothing."""
        with self._database.read() as connection:
            return list(rechecks.due_again(connection, now or utcnow()))

    def reopen(self, candidates: Iterable[Candidate]) -> int:
        """Look again at addresses that are done with; how many are ready now.  What is open or in quarantine stays so."""
        reopened = 0
        for batch in backlog.batches(candidates):
            with self._database.write() as connection:
                reopened += len(rechecks.reopen(connection, batch, utcnow()))
        return reopened

    def quarantined(self) -> list[tuple[str, str]]:
        """URL and reason of every candidate that is not tried any more."""
        with self._database.read() as connection:
            return leases.quarantined(connection)

    def counts(self) -> dict[str, int]:
        """``due, waiting, leased, done, quarantined, captures, cases`` and ``cases_STATE`` for every state of a case."""
        with self._database.read() as connection:
            return ledger.counts(connection, utcnow())

    def overdue(self, limits: Sequence[timedelta]) -> tuple[datetime | None, list[int]]:
        """Since when the longest due candidate has waited; how many wait no longer than each of ``limits``, and how many in all."""
        with self._database.read() as connection:
            return ledger.overdue(connection, utcnow(), limits)

    def decisions(self) -> dict[str, int]:
        """How many captures were judged in each way."""
        with self._database.read() as connection:
            return ledger.decisions(connection)

    # --- results ---------------------------------------------------------------------------------------------------

    def record(self, capture: Capture, verdict: Verdict, *, source: str = "scan", seal: Seal | None = None) -> int:
        """Store a capture that nobody claimed; its URL counts as done from now on.  The capture's id.

        With ``seal``, the manifest of the capture's evidence joins the chain in the same transaction.
        """
        now = utcnow()
        with self._database.write() as connection:
            capture_id = results.add_capture(connection, capture, verdict, source=source, token=None, now=now)
            case_id = cases.open_or_update(connection, capture_id, capture, verdict, (source,), now)
            brands = (storable(verdict.brand),) if verdict.brand else ()
            backlog.add_done(connection, capture.url, source, brands, capture_id, now)
            if seal is not None:
                chain.append_manifest(connection, seal, capture_id, case_id, now)
            return capture_id

    def cleared_ids(self, since: datetime) -> list[int]:
        """Captures begun since then whose page was cleared (or is the brand's own), the latest of each URL, oldest first."""
        with self._database.read() as connection:
            return overturn.cleared_ids(connection, since)

    def cleared_capture(self, capture_id: int) -> Capture | None:
        """One of :meth:`cleared_ids`; None where it is none, or none any more."""
        with self._database.read() as connection:
            return overturn.cleared_capture(connection, capture_id)

    def overturn(
        self, capture_id: int, verdict: Verdict, *, seal: Seal | None = None, again: Candidate | None = None
    ) -> int | None:
        """Put a suspicious verdict in the place of the one that cleared a page, and open its case: the case's id.

        In the same transaction, the manifest of the capture's evidence joins the chain (``seal``), and the address is due for
        another look (``again``), also where no case was opened.  None where no verdict was changed: it makes no case, or the
        capture is gone, looked at again since, no longer cleared, or sealed already.
        """
        now = utcnow()
        with self._database.write() as connection:
            case_id = overturn.overturn(connection, capture_id, verdict, now)
            if again is not None:
                rechecks.reopen(connection, [again], now)
            if case_id is not None and seal is not None:
                chain.append_manifest(connection, seal, capture_id, case_id, now)
            return case_id

    def captures(
        self,
        *,
        decisions: Collection[Decision] | None = None,
        brands: Collection[str] | None = None,
        site: str | None = None,
        url: str | None = None,
        since: datetime | None = None,
    ) -> Iterator[tuple[int, Capture, Verdict]]:
        """Stored captures, newest first, as a stream: ``since`` compares with when the capture was started."""
        return results.stream_captures(
            self._database, decisions=decisions, brands=brands, site=site, url=url, since=since
        )

    def cases(
        self,
        *,
        states: Collection[CaseState] | None = None,
        brands: Collection[str] | None = None,
        decision: Decision | Collection[Decision] | None = None,
    ) -> list[Case]:
        """Cases with their capture and verdict, the most probable first; all in memory at once."""
        return list(self.stream_cases(states=states, brands=brands, decision=decision))

    def stream_cases(
        self,
        *,
        states: Collection[CaseState] | None = None,
        brands: Collection[str] | None = None,
        decision: Decision | Collection[Decision] | None = None,
    ) -> Iterator[Case]:
        """The same as :meth:`cases`, a page at a time: which ones is settled at the first, each is as it is when read."""
        decisions = (decision,) if isinstance(decision, Decision) else decision
        with self._database.read() as connection:
            ids = cases.find_ids(connection, states=states, brands=brands, decisions=decisions)
        for start in range(0, len(ids), results.PAGE):
            with self._database.read() as connection:
                page = cases.load(connection, ids[start : start + results.PAGE])
            yield from page

    def case(self, case_id: int) -> Case | None:
        """One case, None where there is none of that id."""
        with self._database.read() as connection:
            return next(iter(cases.load(connection, [case_id])), None)

    def set_state(self, case_id: int, state: CaseState, *, actor: str, comment: str = "") -> None:
        """Move a case to another state; a line in its custody log says who and why.

        Raises:
            UsageError: no such case, or no way leads from its state to ``state``.
        """
        with self._database.write() as connection:
            cases.move(connection, case_id, state, actor, comment, utcnow())

    def custody(self, case_id: int) -> list[CustodyEntry]:
        """The custody log of a case, oldest first."""
        with self._database.read() as connection:
            return cases.custody(connection, case_id)

    def cleared(self, before: datetime) -> int:
        """How many captures :meth:`forget_cleared` would delete."""
        with self._database.read() as connection:
            return retention.count_cleared(connection, before)

    def forget_cleared(self, before: datetime) -> int:
        """Delete captures of pages that were nobody's imitation and were begun before; how many.  Cases keep all of theirs."""
        return retention.forget_cleared(self._database, before)

    def files(self) -> Iterator[StoredFile]:
        """Every evidence file that some capture names, some more than once, as a stream."""
        return retention.stored_files(self._database)

    def copy_to(self, path: Path) -> None:
        """Copy the database, as it is at one moment, into a new file; others may go on writing.

        Raises:
            StoreError: it lies on a server, or the file cannot be written.
        """
        self._database.copy_to(path)

    # --- telephone numbers -----------------------------------------------------------------------------------------

    def phones(self, *, brands: Collection[str] | None = None) -> list[PhoneSummary]:
        """Every number that some capture shows, those on the most captures first.

        With ``brands``, only numbers on pages that were judged to imitate one of them.
        """
        with self._database.read() as connection:
            return phones.summaries(connection, brands=brands)

    def phone(self, number: str) -> PhoneSummary | None:
        """What is known of one number (E.164); None where no capture shows it."""
        with self._database.read() as connection:
            return next(iter(phones.summaries(connection, number=number)), None)

    def phone_captures(self, number: str) -> Iterator[tuple[int, Capture, Verdict]]:
        """Captures that show a number (E.164), newest first, as a stream."""
        with self._database.read() as connection:
            ids = phones.capture_ids(connection, number)
        for start in range(0, len(ids), results.PAGE):
            with self._database.read() as connection:
                page = results.load_captures(connection, ids[start : start + results.PAGE])
            yield from page

    def phone_cases(self, number: str) -> list[Case]:
        """Cases of which some capture shows a number (E.164), in the order in which they were opened."""
        with self._database.read() as connection:
            return cases.load(connection, phones.case_ids(connection, number))

    # --- deliveries and memory ---------------------------------------------------------------------------------------

    def add_delivery(self, delivery: Delivery, *, actor: str = PROGRAM) -> bool:
        """Note that a case was handed over, also in the log of evidence; False where that destination had it already."""
        with self._database.write() as connection:
            if not ledger.add_delivery(connection, delivery):
                return False
            sealed = chain.manifest_of(connection, delivery.capture_id)
            handover = Handover(
                delivery.case_id,
                delivery.capture_id,
                delivery.at,
                actor,
                "takedown",
                delivery.destination,
                sealed.sequence if sealed else None,
                sealed.sha256 if sealed else None,
            )
            chain.append_handover(connection, handover)
            return True

    def deliveries(self, destination: str | None = None) -> list[Delivery]:
        """What was handed over, oldest first."""
        with self._database.read() as connection:
            return ledger.deliveries(connection, destination)

    def remember(self, source: str, key: str, value: str) -> None:
        """Keep how far a source has got, under a key of its own; the last value stays."""
        with self._database.write() as connection:
            ledger.remember(connection, source, key, value, utcnow())

    def recall(self, source: str, key: str) -> str | None:
        """What :meth:`remember` kept; None where nothing was."""
        with self._database.read() as connection:
            return ledger.recall(connection, source, key)

    def forget(self, source: str, before: datetime) -> int:
        """Drop what a source has kept and not renewed since ``before``; how much."""
        with self._database.write() as connection:
            return ledger.forget(connection, source, before)

    def recall_all(self, key: str) -> dict[str, str]:
        """What every source keeps under ``key``, by source."""
        with self._database.read() as connection:
            return ledger.recall_all(connection, key)
