"""A small site for tests: three studies made by hand, the real pages and theme."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.publishing.looks import NOT, YET, Ledger, remembered
from workbench.core.evidence import Evidence
from workbench.core.posts import Post
from workbench.core.takeaway import ClaimVerdict, Takeaway, Verdict
from workbench.core.track import Memory
from workbench.publishing.pictures import illustrated
from workbench.website import Stage, compose_stage

ROOT = Path(__file__).parents[2]
LEDGERS = {"early-birds": [{"line": "registered", "number": 1, "hash": "ab"}]}

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 320" width="640"'
    ' height="320" role="img"><path fill="none" stroke="{ink}" stroke-width="2"'
    ' d="M20 280 L200 180 L400 120 L620 40"/></svg>'
)
PICTURE = (
    '<picture><source media="(max-width: 600px)" srcset="curve.{palette}-narrow.svg"'
    ' width="320" height="320"><img src="curve.{palette}-wide.svg#only-{palette}"'
    ' alt="Line chart: the share rises." width="640" height="320" loading="lazy">'
    "</picture>"
)
BODY = """\
---
title: {title}
tags: [{tags}]
hide: [navigation]
---

# {title}

<p class="dek">{claim}</p>

<dl class="facts">
<div><dt>Data to</dt><dd>{day}</dd></div>
<div><dt>Customers counted</dt><dd>4,321</dd></div>
<div><dt>Reading time</dt><dd>4 min</dd></div>
</dl>

## What we asked

{question} See the [method](../../method.md) and [what we found](#what-we-found).

## What we found

<div class="exhibit" id="curve">
<figure>
{light}
{dark}
<figcaption><strong>The share rises with time.</strong> It does.</figcaption>
</figure>
<details>
<summary>The numbers behind this figure</summary>
<p id="hidden-words">Opened on paper.</p>
</details>
</div>

<div class="exhibit" id="cohorts">
<details open>
<summary>The same by cohort</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Shares by cohort">
<table class="data"><caption>Shares of those who buy again, by their cohort</caption>
<thead><tr><th scope="col">Cohort</th><th scope="col" class="number">Share</th>
<th scope="col" class="number">95% low</th><th scope="col" class="number">95% high</th>
<th scope="col" class="number">Customers counted</th></tr></thead>
<tbody><tr><th scope="row">January</th><td class="number">12.3%</td>
<td class="number">10.1%</td><td class="number">14.5%</td>
<td class="number">2,001</td></tr></tbody></table></div>
</details>
</div>

All of it is in [result.json](result.json).

## Tradable takeaway {{ #tradable-takeaway }}

<div class="takeaway" id="takeaway-1">
<p class="takeaway-verdict"><span class="verdict verdict--{slug}">{verdict}</span>
<span class="takeaway-kind">lesson</span></p>
<p class="takeaway-claim">{claim}</p>
<dl class="takeaway-words">
<div><dt>Action</dt><dd>Write to them in the second week.</dd></div>
</dl>
<dl class="takeaway-grounds">
<div><dt>Evidence</dt><dd>+12.3% [+10.1%, +14.5%], n = 4,321 customer-months</dd></div>
<div><dt>Horizon</dt><dd>90 days</dd><dd>180 days</dd></div>
</dl>
</div>
"""


def a_post(
    study: str = "early-birds",
    *,
    variant: str | None = "base",
    day: int = 1,
    verdict: Verdict = Verdict.TRADE,
    kind: str = "lesson",
    extra: str = "",
) -> Post:
    """A post with one takeaway, its page written by hand."""
    title = f"Do {study.replace('-', ' ')} come back?"
    claim = "They buy again more often, by +12.3% [+10.1%, +14.5%], n = 4,321."
    evidence = Evidence(
        name="gap",
        estimand="difference_in_proportions",
        estimate=0.123,
        low=0.101,
        high=0.145,
        level=0.95,
        interval_kind="fixed-sample",
        se=0.011,
        n=4321,
        units=4000,
        unit="customer",
        occurrence="customer-month",
        measure="share",
        groups=(),
        method="by hand",
        information=4_000.0,
        planned=20_000,
        log_e=None,
        needed=0,
        began=None,
        checks=(),
    )
    takeaway = Takeaway(
        kind=kind,  # type: ignore[arg-type]
        evidence=("gap",),
        verdict=verdict,
        claims=(
            ClaimVerdict(claim="gap", verdict=verdict, why="", occurrences_needed=0),
        ),
        text={"claim": claim, "action": "Write to them in the second week."},
        when={},
    )
    page = BODY.format(
        title=title,
        tags="retention, habits",
        claim=claim,
        day=f"1998-07-{day:02}",
        question="Who comes back?",
        slug=verdict.value.replace(" ", "-"),
        verdict=verdict.value.capitalize(),
        light=PICTURE.format(palette="light"),
        dark=PICTURE.format(palette="dark"),
    )
    if variant != "base":
        page = page.replace("../../method.md", "../../../method.md")
    return Post(
        study=study,
        variant=variant,
        run_id="0" * 64,
        as_of=datetime(1998, 7, day, tzinfo=UTC),
        title=title,
        question="Who comes back?",
        authors=("A. Author",),
        tags=("retention", "habits"),
        registered=True,
        reading_minutes=4,
        markdown=page.replace("## What we found", f"{extra}\n\n## What we found", 1),
        prose=(),
        assets={
            **{
                f"curve.{palette}-{size}.svg": SVG.format(ink=ink).encode()
                for palette, ink in (("light", "#1c2126"), ("dark", "#e3e7ea"))
                for size in ("narrow", "wide")
            },
            "result.json": b'{"gap": 0.123}\n',
        },
        evidence=(evidence,),
        figures=(),
        tables=(),
        takeaways=(takeaway,),
        aliases={},
        strays=(),
        minimum_units=10,
    )


def three_posts() -> list[Post]:
    """One post of each verdict and kind, and a variant of the first."""
    return [
        a_post(),
        a_post(variant="month"),
        a_post("late-comers", day=3, verdict=Verdict.DO_NOT_TRADE, kind="faq"),
        a_post("first-basket", day=2, verdict=Verdict.NO_TRADE_YET, kind="tool"),
    ]


def a_memory() -> Memory:
    """Ledgers of two of these studies: one lost and renewed, one that contradicts."""
    early = (
        Ledger("early-birds")
        .registered("a" * 64)
        .claimed("1998-03-01", 0.02, 0.3, YET, probability=0.7, replay=True)
        .settled("1998-03-01", 0.15, "won")
        .claimed("1998-04-01", 0.06, 0.22, YET, probability=0.97, replay=True)
        .settled("1998-04-01", None, "void", reason="insufficient-n")
        .registered("b" * 64, variants=("month",))
        .claimed("1998-05-01", 0.11, 0.21, log_e=9.0, foreseen=(0.12, 0.18))
        .settled("1998-05-01", 0.2512, "lost")
        .claimed("1998-07-01", 0.101, 0.145, log_e=9.0, accepted="checked by hand")
        .recomputed("1998-07-01", 0.1, 0.144)
        .claimed("1998-07-01", 0.101, 0.145, log_e=9.0, variant="month")
    )
    late = (
        Ledger("late-comers")
        .registered("c" * 64)
        .claimed("1998-06-03", 0.12, 0.3, replay=True)
        .settled("1998-06-03", 0.2, "won", on="1998-07-03")
        .claimed("1998-07-03", 0.02, 0.08, NOT)
    )
    return illustrated(remembered(early, late))


@pytest.fixture(scope="session")
def memory() -> Memory:
    return a_memory()


@pytest.fixture
def post() -> Callable[..., Post]:
    return a_post


@pytest.fixture
def posts() -> list[Post]:
    return three_posts()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with the real pages, theme and configuration."""
    folder = tmp_path / "root"
    shutil.copytree(ROOT / "site", folder / "site")
    shutil.copy(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    return folder


@pytest.fixture
def compose(root: Path) -> Callable[..., Stage]:
    """Compose the stage of that root from posts."""

    def composed(
        posts: list[Post], folder: str = "stage", memory: Memory | None = None
    ) -> Stage:
        return compose_stage(
            site=root / "site",
            mkdocs_file=root / "mkdocs.yml",
            posts=posts,
            ledgers=LEDGERS,
            stage=root / folder,
            memory=memory or Memory(),
        )

    return composed


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory, memory: Memory) -> Path:
    """The small site, built once for all tests that only look at it."""
    from workbench.website import release_site

    folder = tmp_path_factory.mktemp("released")
    stage = compose_stage(
        site=ROOT / "site",
        mkdocs_file=ROOT / "mkdocs.yml",
        posts=three_posts(),
        ledgers=LEDGERS,
        stage=folder / "stage",
        memory=memory,
    )
    return release_site(stage, folder / "build", keep=1).folder
