"""The press: runs become posts, the gate decides, the site is released whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from workbench.archive.editions import EditionArchive
from workbench.archive.layout import Layout
from workbench.archive.leases import Lease
from workbench.archive.ledgers import LedgerArchive, all_remembered, lost_heads
from workbench.archive.locks import locked
from workbench.archive.rollbacks import Rollbacks
from workbench.archive.witnesses import cut_short, published
from workbench.core.canonical import sha256_of_file, sha256_of_value
from workbench.core.disk import make_room
from workbench.core.errors import ExitCode, Reason, UsageError, WorkbenchError
from workbench.core.posts import FROZEN_PAGE, Edition, Editions, Post
from workbench.core.registration import BASE_VARIANT, run_name
from workbench.core.runs import RunRecord
from workbench.core.states import RunState
from workbench.publishing.claims import Claims, owed_lines
from workbench.publishing.drafting import Checked, Drafting, Source, variants_of
from workbench.publishing.pictures import illustrated
from workbench.publishing.reasons import (
    as_reason,
    unsealed,
    verdict_changed,
    was_sealed,
)
from workbench.publishing.track import remember
from workbench.publishing.withdrawing import (
    is_down,
    is_said_again,
    is_taken_down,
    kept_editions,
    taken_down,
    withdrawn_runs,
)
from workbench.takeaways.heads import are_named, id_of
from workbench.takeaways.ledger import Line
from workbench.takeaways.record import (
    ClaimRecord,
    Record,
    fold,
    heads_of,
    previous_look,
)
from workbench.website.freezing import frozen_in
from workbench.website.listing import folder_of
from workbench.website.release import Release, release_site
from workbench.website.stage import Stage, compose_stage

Frozen = tuple[Post, Edition, bytes, Mapping[str, str]]
Ledgers = Mapping[str, Sequence[Line]]
Told = Callable[[RunRecord, RunState], None]
_ROOM = 1 << 18  # bytes: of the store's journal and its new pages
ACCEPTABLE = frozenset({"history-rewrite"})  # findings that a person may let pass


@dataclass(frozen=True, slots=True)
class Selected:
    """What a publication would show, decided before anything is written.

    Attributes:
        accepted: Posts that passed, with their runs.
        checked: Every post that was rendered, passed or not.
        reasons: Why studies are not among the accepted, with their exit codes.
        whys: Why a person let a changed verdict pass, by study.
        withdrawn: Studies left out because their posts were withdrawn on these terms.
        known: Up to when each study was looked at here.
        records: What every ledger held.
        told: Hears of each run that came a step further.
    """

    accepted: list[tuple[Post, RunRecord]] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)
    reasons: list[tuple[ExitCode, Reason]] = field(default_factory=list)
    whys: dict[str, str] = field(default_factory=dict)
    withdrawn: list[str] = field(default_factory=list)
    known: dict[str, datetime] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)
    told: Told = lambda *_: None


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication came to: the release that serves, and new ledger lines."""

    release: Release
    lines: int


@dataclass(frozen=True, slots=True)
class Press:
    """Decides what is published, keeps it, and enters its claims.

    Attributes:
        layout: Where everything lies.
        drafting: Renders and checks.
        editions: Where posts are kept.
        ledgers: Where claims are entered.
        rollbacks: What a publication ends.
        keep_releases: How many releases are kept beside the current.
    """

    layout: Layout
    drafting: Drafting
    editions: EditionArchive
    ledgers: LedgerArchive
    rollbacks: Rollbacks
    keep_releases: int

    def select(
        self,
        sources: Sequence[Source],
        whys: Mapping[str, str] | None = None,
        told: Told = lambda *_: None,
    ) -> Selected:
        """Render and check the current run of each registered study and variant.

        Args:
            sources: The studies.
            whys: Studies whose changed verdict a person accepts, and why.
            told: Called with each run that came a step further.

        One study's failure stops no other, not even one that links to it: links may
        lead to posts that serve or pass now. Nothing is written.

        Raises:
            UsageError: A ledger is broken, or no longer begins with what was published.
        """
        records = self._records()
        down = [
            source for source in sources if is_down(self.editions, source.registration)
        ]
        sealed = [source for source in sources if source.sealed and source not in down]
        held = [unsealed(s.registration.study) for s in sources if was_sealed(s)]
        serving = set(self.editions.studies())
        linked = serving | {source.registration.study for source in sealed}
        while True:
            selected = Selected(whys=dict(whys or {}), records=records, told=told)
            selected.reasons.extend(held)
            selected.withdrawn.extend(source.registration.study for source in down)
            selected.known.update(self._known(sources))
            for source in sealed:
                self._select_study(source, linked, selected)
            there = serving | {post.study for post, _ in selected.accepted}
            if linked <= there:
                return selected
            linked &= there

    def nothing_new(self, sources: Sequence[Source]) -> Selected:
        """What serves, without anything more: what a withdrawal releases.

        Args:
            sources: All studies.

        Raises:
            UsageError: A ledger is broken, or no longer begins with what was published.
        """
        return Selected(records=self._records(), known=self._known(sources))

    def release(self, selected: Selected, lease: Lease) -> Published:
        """Build the site with what was selected, then keep it, then switch.

        Editions and claims are kept only once the site that shows them is whole, and
        before anybody can see it; a call after a crash between the two finishes it.

        Args:
            selected: What to show.
            lease: That of publishing; nobody else can come to hold it at the switch.

        Raises:
            GateRefused: The built site is not fit to be seen; nothing was kept.
            TryLater: A ledger is being written by another process, the disk is full, or
                another process publishes in our place.
        """
        # A lock of this process beside the lease: the stage and the releases are files,
        # and whoever was stopped while it wrote them goes on writing.
        with locked(self.layout.site_lock, "building the site"):
            return self._release(selected, lease)

    def _release(self, selected: Selected, lease: Lease) -> Published:
        before = self.ledgers.whole()  # once: a claim names what it is chained to
        known = all_remembered(before)
        now = heads_of(known)
        owed = self._owed(selected, before, known)
        ledgers = {
            study: [*before.get(study, []), *owed.get(study, [])]
            for study in sorted({*before, *owed})
        }
        records = known | all_remembered({each: ledgers[each] for each in owed})
        front = self._front(selected)
        held = {**self.ledgers.held(), id_of(now): now}
        marks = selected.known.values()
        memory = illustrated(remember(records, ledgers, marks, held))
        stage = compose_stage(
            site=self.layout.site,
            mkdocs_file=self.layout.mkdocs_file,
            posts=front,
            ledgers=ledgers,
            stage=self.layout.stage,
            memory=replace(memory, editions=self._editions(front)),
        )

        @contextmanager
        def switching(release: Path) -> Iterator[None]:
            records = [record for _, record in selected.accepted]
            self.drafting.runs.stage(records)
            down = withdrawn_runs(self.editions)
            frozen = [each for post in front for each in _fresh(post, stage, release)]
            for post, _ in selected.accepted:  # what takes long, before all others wait
                self.editions.store(post)
            with self.drafting.runs.publishing(records, lease, down):
                if are_named(chain.from_iterable(owed.values())):
                    self.ledgers.hold(now)
                for study, lines in owed.items():
                    self.ledgers.extend(study, lines)
                for post, _ in selected.accepted:
                    self.editions.keep(post)
                for each in frozen:
                    self.editions.freeze(*each)
                self.rollbacks.end()  # a crash here leaves a publication that is owed
                make_room(self.layout.state, _ROOM)  # for the commit after the switch
                yield

        release = release_site(
            stage, self.layout.build, self.keep_releases, switching=switching
        )
        return Published(release, sum(map(len, owed.values())))

    def _editions(self, front: Sequence[Post]) -> dict[str, Editions]:
        """All editions by the folder of their post, also of posts that serve no more.

        An address that was published once leads to what it led to, or to a tombstone.
        """
        published = kept_editions(self.editions)
        current = {folder_of(post): self.editions.of_post(post) for post in front}
        return {**published, **current}

    def _records(self) -> dict[str, Record]:
        """What every ledger remembers, which is at least what readers saw of it."""
        lines = self.ledgers.whole()
        shown = published(self.layout, self.rollbacks.last())
        if lost := [*cut_short(lines, shown), *lost_heads(lines, self.ledgers.held())]:
            raise UsageError(lost)
        return all_remembered(lines)

    def _known(self, sources: Sequence[Source]) -> dict[str, datetime]:
        studies = [source.registration.study for source in sources]
        looked = {study: self.drafting.runs.looked_until(study) for study in studies}
        return {study: mark for study, mark in looked.items() if mark is not None}

    def _owed(
        self, selected: Selected, ledgers: Ledgers, records: Mapping[str, Record]
    ) -> dict[str, list[Line]]:
        """New ledger lines by study."""
        posts: dict[str, list[tuple[Post, RunRecord]]] = {}
        for post, record in selected.accepted:
            posts.setdefault(post.study, []).append((post, record))
        heads = id_of(heads_of(records))
        owed = {
            study: owed_lines(
                [_claims(post, record, selected) for post, record in pairs],
                ledgers.get(study, ()),
                records,
                heads,
            )
            for study, pairs in posts.items()
        }
        return {study: lines for study, lines in owed.items() if lines}

    def _front(self, selected: Selected) -> list[Post]:
        """The posts that will serve: the accepted, else the last good editions."""
        accepted = [post for post, _ in selected.accepted]
        advanced = {post.study for post in accepted}  # with every variant they have
        kept = [
            self.editions.current(study, variant)
            for study in self.editions.studies()
            if study not in advanced
            for variant in self.editions.variants(study)
        ]
        whole = [*filter(None, kept), *accepted]
        return sorted(whole, key=lambda post: (post.study, _place(post.variant)))

    def _select_study(
        self, source: Source, linked: Set[str], selected: Selected
    ) -> None:
        """A study advances with all of its registered variants, or not at all.

        Otherwise a variant that came out badly could be left out.
        """
        study = Selected(
            whys=selected.whys, records=selected.records, told=selected.told
        )
        for variant in variants_of(source.registration):
            try:
                self._select_one(source, variant, linked, study)
            except WorkbenchError as error:  # no other study's matter
                reasons = [(error.exit_code, each) for each in error.reasons]
                study.reasons.extend(reasons)
        selected.checked.extend(study.checked)
        selected.reasons.extend(study.reasons)
        if not study.reasons:
            selected.accepted.extend(study.accepted)

    def _select_one(
        self, source: Source, variant: str, linked: Set[str], selected: Selected
    ) -> None:
        study = source.registration.study
        subject = run_name(study, variant)
        record = self.drafting.runs.current(study, variant)
        if record is None:
            message = "it was never run here; run it with `workbench run`."
            reason = Reason(code="never-run", message=message, subject=subject)
            selected.reasons.append((ExitCode.STUDY_FAILED, reason))
            return
        if not record.succeeded:
            message = "its last run failed; its last good edition stays."
            reason = Reason(code="run-failed", message=message, subject=subject)
            selected.reasons.append((ExitCode.STUDY_FAILED, reason))
            return
        if is_taken_down(self.editions, record):
            reason = taken_down(record.spec)
            selected.reasons.append((ExitCode.REFUSED, reason))
            return
        checked = self.drafting.check(source, record, linked, selected.records)
        selected.checked.append(checked)
        selected.told(record, RunState.RENDERED)
        refused = [
            finding
            for finding in checked.refused
            if finding.code not in ACCEPTABLE or study not in selected.whys
        ]
        reasons = [as_reason(finding) for finding in refused]
        changed = _changed(checked.post, record, selected.records)
        if not refused and changed and study not in selected.whys:
            reasons = [verdict_changed(subject, study, changed)]
        if is_said_again(self.editions, record.spec, checked.post):
            reasons = [taken_down(record.spec)]
        selected.reasons.extend((ExitCode.REFUSED, reason) for reason in reasons)
        selected.told(record, RunState.HELD if reasons else RunState.GATED)
        if not reasons:
            selected.accepted.append((checked.post, record))


def _fresh(post: Post, stage: Stage, release: Path) -> Iterator[Frozen]:
    """The frozen page of a post, where this release is the first to have it."""
    folder = folder_of(post)
    edition = stage.editions[folder].current
    if edition is not None and not edition.is_frozen:
        files = frozen_in(release, folder, edition)
        hashes = {name: sha256_of_file(file) for name, file in files.items()}
        yield post, edition, files[FROZEN_PAGE].read_bytes(), hashes


def _changed(
    post: Post, record: RunRecord, records: Mapping[str, Record]
) -> str | None:
    """`trade to no trade yet`, where a verdict is another than at the last look.

    What the ledger claims as of this very date was let into it by a person.
    """
    spec = record.spec
    ledger = records.get(spec.study) or fold(spec.study, ())
    for takeaway in post.takeaways:
        for claim in takeaway.evidence:
            looks = ledger.of_series(spec.seal, spec.variant or BASE_VARIANT, claim)
            verdict = takeaway.verdict.value
            if verdict in _claimed_then(looks, spec.as_of):
                continue
            last = previous_look(looks, spec.as_of)
            if last and last.takeaway_verdict != verdict:
                return f"{last.takeaway_verdict} to {verdict}"
    return None


def _claims(post: Post, record: RunRecord, selected: Selected) -> Claims:
    known = (record.known_until, selected.known.get(post.study), post.as_of)
    return Claims(
        record=record,
        evidence=post.evidence,
        takeaways=post.takeaways,
        known_until=max(mark for mark in known if mark),
        page=sha256_of_value(post.markdown),
        accepted=selected.whys.get(post.study),
    )


def _place(variant: str | None) -> tuple[bool, str]:
    """The base first."""
    return variant not in (BASE_VARIANT, None), variant or ""


def _claimed_then(looks: Sequence[ClaimRecord], as_of: datetime) -> list[str]:
    return [look.takeaway_verdict for look in looks if look.as_of == as_of]
