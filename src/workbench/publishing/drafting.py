"""From a run to a draft before the gate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, get_args

from workbench.archive.layout import Layout
from workbench.archive.renderings import RenderingArchive
from workbench.archive.runs import RunArchive
from workbench.core.findings import Finding, Severity
from workbench.core.posts import Post
from workbench.core.registration import BASE_VARIANT, Registration, Status
from workbench.core.runs import RunRecord
from workbench.core.takeaway import TakeawayKind
from workbench.publishing.forecasting import forecast_of
from workbench.publishing.gate import Draft, anchors, inspect
from workbench.rendering import render_post, rendering_id
from workbench.takeaways.record import ClaimRecord, Record, fold
from workbench.website.converting import Converter, converter_of

NOTHING: frozenset[str] = frozenset()
GENERATED = (
    "posts/index.md",
    "takeaways/index.md",
    "takeaways/all.md",
    "takeaways/record.md",
    "tags.md",
    *(f"takeaways/{kind}.md" for kind in get_args(TakeawayKind)),
)
OF_EVERY_POST = frozenset({"test-the-math", "tradable-takeaway"})


class Source(Protocol):
    """A study as the press needs it: its terms and its notebook's source."""

    @property
    def registration(self) -> Registration:
        """The registration."""
        ...

    @property
    def source(self) -> Mapping[str, Any]:
        """The notebook's JSON value."""
        ...

    @property
    def sealed(self) -> bool:
        """Whether the ledger holds the seal of these terms."""
        ...

    @property
    def seen(self) -> datetime | None:
        """Up to when the authors had seen the data when they sealed the terms."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """A rendered post and what the gate says of it."""

    post: Post
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> tuple[Finding, ...]:
        """The findings that stop it."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Drafting:
    """Renders runs and passes them through the gate."""

    layout: Layout
    runs: RunArchive

    def check(
        self,
        source: Source,
        record: RunRecord,
        studies: Iterable[str],
        records: Mapping[str, Record],
    ) -> Checked:
        """Render one run and look at it with every rule.

        Args:
            source: The study as it stands now.
            record: A run that succeeded.
            studies: Names of the studies whose posts a link may lead to.
            records: What every ledger holds.

        Raises:
            StudyFailed: What the run left behind cannot be read.
        """
        post = self._rendered(source, record)
        site = converter_of(self.layout.mkdocs_file)
        draft = Draft(
            post,
            source.source,
            site,
            self._pages(studies, site),
            rewritten=record.rewritten,
            looks=_looks(record, records),
            stated=_stated(record, post, records),
        )
        return Checked(post, tuple(inspect(draft)))

    def _rendered(self, source: Source, record: RunRecord) -> Post:
        """The run as a post: rendered, or as it was rendered from the same before."""
        spec, archive = record.spec, RenderingArchive(self.layout.rendered)
        terms: dict[str, Any] = {
            "folder": self.runs.folder(spec),
            "record": _as_sealed_now(record, source),
            "registration": source.registration,
            "seen": source.seen,
        }
        key = rendering_id(**terms)
        post = archive.get(spec.study, spec.variant, key)
        if post is None:
            post = render_post(**terms)
            archive.put(post, spec.variant, key)
        return post

    def _pages(
        self, studies: Iterable[str], site: Converter
    ) -> dict[str, frozenset[str]]:
        """The pages of the site as MkDocs will see them, and their anchors."""
        written = self.layout.site / "pages"
        return {
            **dict.fromkeys(GENERATED, NOTHING),
            **{f"posts/{study}/index.md": OF_EVERY_POST for study in studies},
            **{
                file.relative_to(written).as_posix(): anchors(
                    file.read_text("utf-8"), site
                )
                for file in written.rglob("*.md")
            },
        }


def _looks(record: RunRecord, records: Mapping[str, Record]) -> tuple[ClaimRecord, ...]:
    """Earlier looks on the same terms, of every claim."""
    spec = record.spec
    ledger = records.get(spec.study) or fold(spec.study, ())
    variant = spec.variant or BASE_VARIANT
    return tuple(
        look
        for claim in spec.claims
        for look in ledger.of_series(spec.seal, variant, claim.name)
        if look.as_of < spec.as_of
    )


def _stated(
    record: RunRecord, post: Post, records: Mapping[str, Record]
) -> dict[str, float]:
    """The probability that each claim would seal, where its data bear any."""
    evidence = {each.name: each for each in post.evidence}
    return {
        claim.name: found.probability
        for claim in record.spec.claims
        if claim.name in evidence
        and (found := forecast_of(record.spec, claim, evidence[claim.name], records))
    }


def _as_sealed_now(record: RunRecord, source: Source) -> RunRecord:
    """The record with the status its study has now; sealing changes no number."""
    sealed = source.sealed and record.spec.seal == source.registration.seal
    status = Status.REGISTERED if sealed else Status.DRAFT
    return replace(record, spec=replace(record.spec, status=status))


def variants_of(registration: Registration) -> tuple[str, ...]:
    """The base and every named variant."""
    return (BASE_VARIANT, *registration.variants)
