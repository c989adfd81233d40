"""The press: runs become posts, the gate decides, the site is released whole."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from workbench.archive.editions import EditionArchive
from workbench.archive.ledgers import LedgerArchive
from workbench.core.errors import ExitCode, Reason, WorkbenchError
from workbench.core.findings import Finding
from workbench.core.posts import Post
from workbench.core.registration import BASE_VARIANT
from workbench.core.runs import RunRecord
from workbench.publishing.claims import enter_claims
from workbench.publishing.drafting import Checked, Drafting, Source, variants_of


@dataclass(frozen=True, slots=True)
class Selected:
    """What a publication would show, decided before anything is written.

    Attributes:
        accepted: Posts that passed, with their runs.
        checked: Every post that was rendered, passed or not.
        reasons: Why studies are not among the accepted, with their exit codes.
    """

    accepted: list[tuple[Post, RunRecord]] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)
    reasons: list[tuple[ExitCode, Reason]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Press:
    """Decides what is published, keeps it, and enters its claims."""

    drafting: Drafting
    editions: EditionArchive
    ledgers: LedgerArchive

    def select(self, sources: Sequence[Source]) -> Selected:
        """Render and check the current run of each registered study and variant.

        One study's failure stops no other, not even one that links to it: links may
        lead to posts that serve or pass now. Nothing is written.
        """
        sealed = [source for source in sources if source.sealed]
        serving = set(self.editions.studies())
        linked = serving | {source.registration.study for source in sealed}
        while True:
            selected = Selected()
            for source in sealed:
                for variant in variants_of(source.registration):
                    self._select_one(source, variant, linked, selected)
            there = serving | {post.study for post, _ in selected.accepted}
            if linked <= there:
                return selected
            linked &= there

    def keep(self, selected: Selected) -> int:
        """Make the accepted posts current editions and enter their claims.

        Returns:
            Number of new ledger lines.

        Raises:
            TryLater: A ledger is being written by another process, or the disk is full.
        """
        lines = 0
        for post, record in selected.accepted:
            self.editions.keep(post)
            lines += enter_claims(post, record, self.ledgers)
        return lines

    def front(self) -> list[Post]:
        """The posts that serve: the last good edition of each study and variant."""
        return [
            post
            for study in self.editions.studies()
            for post in self.editions.all_current(study)
        ]

    def _select_one(
        self, source: Source, variant: str, linked: Set[str], selected: Selected
    ) -> None:
        study = source.registration.study
        subject = study if variant == BASE_VARIANT else f"{study} ({variant})"
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
        try:
            checked = self.drafting.check(source, record, linked)
        except WorkbenchError as error:
            selected.reasons.extend((error.exit_code, each) for each in error.reasons)
            return
        selected.checked.append(checked)
        if checked.refused:
            selected.reasons.extend(
                (ExitCode.REFUSED, as_reason(finding)) for finding in checked.refused
            )
            return
        selected.accepted.append((checked.post, record))


def as_reason(finding: Finding) -> Reason:
    """A finding as the command line's reason."""
    return Reason(
        code=finding.code,
        message=f"{finding.message} {finding.remedy}",
        subject=finding.study,
        place=finding.place,
    )
