"""The ledger grows when values do, and not when only machines differ."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rendering.folders import record, rendered, takeaway
from workbench.archive.ledgers import LedgerArchive
from workbench.core.canonical import canonical_json, sha256_of_value
from workbench.core.forecasts import Forecast
from workbench.core.posts import Post
from workbench.core.records import from_plain
from workbench.core.runs import RunRecord
from workbench.core.takeaway import Verdict
from workbench.publishing.claims import Claims, owed_lines
from workbench.settlement.settling import settled_line
from workbench.takeaways.heads import id_of, plain_heads
from workbench.takeaways.ledger import Line, chain, first_break
from workbench.takeaways.record import fold, heads_of
from workbench.takeaways.settling import void

LATER = record().spec.as_of.replace(month=8)
SEALED_ELSEWHERE: dict[str, Any] = {
    "seal": "a" * 64,
    "sealed": {"claims": [], "variants": {"month": {}}},
    "looked_until": None,
}


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Post:
    """A rendered post that rests on one claim; its files play no part here."""
    return replace(
        rendered(tmp_path_factory.mktemp("post") / "run"),
        assets={},
        markdown="",
        figures=(),
    )


@pytest.fixture
def ledgers(tmp_path: Path) -> LedgerArchive:
    """No ledger yet."""
    return LedgerArchive(tmp_path / "takeaways", tmp_path / "leases")


def claims(post: Post, record: RunRecord, **more: Any) -> Claims:
    """What the run of a post claims."""
    return Claims(
        record=record,
        evidence=post.evidence,
        takeaways=post.takeaways,
        known_until=more.pop("known_until", record.spec.as_of),
        page=sha256_of_value(post.markdown),
        **more,
    )


def sealed(record: RunRecord, lines: Sequence[Line] = (), **more: Any) -> list[Line]:
    """A ledger in which the terms of a run are sealed."""
    if any(line.get("seal") == record.spec.seal for line in lines):
        return list(lines)
    entry = {"line": "registered", **SEALED_ELSEWHERE, "seal": record.spec.seal, **more}
    return [*lines, chain(lines, entry)]


def entered(post: Post, record: RunRecord, ledgers: LedgerArchive) -> int:
    """Enter what a post owes; the number of new lines."""
    held = ledgers.read(post.study)
    ledgers.extend(post.study, sealed(record, held)[len(held) :])
    lines = owed_lines([claims(post, record)], ledgers.read(post.study), {}, "")
    ledgers.extend(post.study, lines)
    return len(lines)


def with_evidence(post: Post, **changes: Any) -> Post:
    return replace(post, evidence=(replace(post.evidence[0], **changes),))


def test_a_published_claim_is_one_line_with_what_was_claimed(
    post: Post, ledgers: LedgerArchive
) -> None:
    assert entered(post, record(), ledgers) == 1
    (_, line) = ledgers.read(post.study)
    assert line["line"] == "claimed"
    assert line["key"] == {
        "seal": record().spec.seal,
        "variant": "base",
        "as_of": "1998-07-01T00:00:00Z",
        "claim": "repeat_gap",
    }
    assert line["values"] == {
        "estimate": 0.1234,
        "low": 0.1,
        "high": 0.15,
        "level": 0.95,
        "interval": "confidence sequence",
        "se": 0.01,
        "centre": None,
        "df": None,
        "scale": "linear",
        "n": 1200,
        "units": 300,
        "information": 600.0,
        "window_effect": 1.0,
        "windows": [],
        "planned": 1000,
        "log_e": 9.2,
        "measure": "share",
        "groups": [200],
        "group_estimates": [0.25],
        "verdict": "trade",
        "takeaway_verdict": "trade",
    }
    assert line["text"] == dict(takeaway().text)
    assert line["provenance"] == {
        "run": record().run_id,
        "lock": record().spec.lock_id,
        "engine": record().spec.engine_id,
        "page": sha256_of_value(post.markdown),
    }


def test_a_claim_seals_what_it_foresees_of_the_fresh_occurrences(
    post: Post, ledgers: LedgerArchive
) -> None:
    entered(post, record(), ledgers)
    entered(with_evidence(post, n=1201), record(), ledgers)
    _, claimed, recomputed = ledgers.read(post.study)
    assert "forecast" not in recomputed  # sealed once, by the line that claims
    forecast = from_plain(Forecast, claimed["forecast"])
    assert forecast.opens == record().spec.as_of
    assert forecast.deadline == forecast.opens + timedelta(days=365)
    assert (forecast.horizon, forecast.size) == ("P30D", 100)
    assert (forecast.settles_on, forecast.known) == ("new units", 1)
    assert forecast.low < forecast.mean < forecast.high
    # .1234 with an error of .01 foresees more than the margin of .05
    assert forecast.probability > 0.5


def test_a_claim_without_an_interval_is_none(
    post: Post, ledgers: LedgerArchive
) -> None:
    assert entered(with_evidence(post, low=None, high=None), record(), ledgers) == 0
    assert entered(post, record(), ledgers) == 1


def test_a_replay_and_what_a_person_accepted_are_said_in_the_line(post: Post) -> None:
    (plain,) = owed_lines([claims(post, record())], sealed(record()), {}, "")
    assert "accepted" not in plain
    assert plain["replay"] is False
    why = "the shop was closed in May"
    accepted = claims(post, record(), accepted=why)
    (line,) = owed_lines([accepted], sealed(record()), {}, "")
    assert line["accepted"] == why


@pytest.mark.parametrize("seen", ["terms", "data", "claim", "settlement"])
def test_a_claim_of_which_more_could_be_known_is_a_replay(
    seen: str, post: Post
) -> None:
    """Whatever proves it: the seal, the data here, a later claim, or an outcome."""
    looked = "1998-07-01T00:00:00Z" if seen == "terms" else None
    lines = sealed(record(), looked_until=looked)
    known = {"known_until": LATER} if seen == "data" else {}
    if seen == "claim":
        lines += owed_lines([claims(post, record(as_of=LATER))], lines, {}, "")
    if seen == "settlement":
        early = record(as_of=record().spec.as_of.replace(month=5))
        lines += owed_lines([claims(post, early)], lines, {}, "")
        (claim,) = fold(post.study, lines).open
        outcome = void(LATER, "insufficient-n", n=1, arms=())
        lines.append(chain(lines, settled_line(claim, outcome, {})))
    (line,) = owed_lines([claims(post, record(), **known)], lines, {}, "")
    assert line["replay"] is True


def test_a_claim_names_the_newest_line_of_every_ledger_by_its_hash(post: Post) -> None:
    other = [chain([], {"line": "registered", **SEALED_ELSEWHERE})]
    records = {
        "late-comers": fold("late-comers", other),
        "nothing-yet": fold("nothing-yet", []),
        post.study: fold(post.study, other),
    }
    named = {"line": 1, "hash": other[0]["hash"]}
    heads = {"late-comers": named, post.study: named}
    assert plain_heads(heads_of(records)) == heads
    name = id_of(heads_of(records))
    assert name == sha256_of_value(heads)
    (line,) = owed_lines([claims(post, record())], sealed(record()), records, name)
    assert line["heads"] == name


def test_a_claim_is_as_long_beside_many_ledgers_as_beside_none(post: Post) -> None:
    """That each named all others, ledgers would grow with the square of the studies."""
    lines = sealed(record())
    other = [chain([], {"line": "registered", **SEALED_ELSEWHERE})]
    many = {f"study-{n}": fold(f"study-{n}", other) for n in range(100)}
    lengths = {
        len(canonical_json(line))
        for records in ({}, many)
        for line in owed_lines(
            [claims(post, record())], lines, records, id_of(heads_of(records))
        )
    }
    assert len(lengths) == 1


def test_who_claims_of_an_earlier_date_has_read_on(post: Post) -> None:
    both = [claims(post, record(as_of=LATER)), claims(post, record())]
    assert [line["replay"] for line in owed_lines(both, sealed(record()), {}, "")] == [
        False,
        True,
    ]
    again = owed_lines(both[::-1], sealed(record()), {}, "")
    assert [line["replay"] for line in again] == [False, False]


def test_a_line_of_an_older_form_says_less_and_nothing_else(post: Post) -> None:
    (line,) = owed_lines([claims(post, record())], sealed(record()), {}, "")
    values = line["values"]
    assert isinstance(values, dict)
    older = {name: values[name] for name in values if name not in ("df", "centre")}
    start = sealed(record())
    held = [*start, chain(start, {**line, "values": older})]
    assert owed_lines([claims(post, record())], held, {}, "") == []


def test_the_same_values_make_no_new_line_whoever_computed_them(
    post: Post, ledgers: LedgerArchive
) -> None:
    entered(post, record(), ledgers)
    other_machine = record(lock_id="d" * 64, engine_id="e" * 64)
    assert entered(post, record(), ledgers) == 0
    assert entered(post, other_machine, ledgers) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"estimate": 0.1235},
        {"low": None, "high": None},
        {"n": 1201},
        {"units": 299},
        {"interval_kind": "none"},
    ],
)
def test_a_changed_value_makes_one_line_that_says_so(
    changes: dict[str, Any], post: Post, ledgers: LedgerArchive
) -> None:
    entered(post, record(), ledgers)
    changed = with_evidence(post, **changes)
    assert entered(changed, record(), ledgers) == 1
    assert entered(changed, record(), ledgers) == 0
    lines = ledgers.read(post.study)
    assert [line["line"] for line in lines] == ["registered", "claimed", "recomputed"]
    assert lines[1]["key"] == lines[2]["key"]
    assert first_break(lines) is None


def test_one_customer_more_among_millions_is_a_changed_value(
    post: Post, ledgers: LedgerArchive
) -> None:
    entered(with_evidence(post, n=9_000_000), record(), ledgers)
    assert entered(with_evidence(post, n=9_000_001), record(), ledgers) == 1


def test_a_verdict_that_turned_is_a_changed_value(
    post: Post, ledgers: LedgerArchive
) -> None:
    entered(post, record(), ledgers)
    turned = takeaway(margin=0.3)
    assert turned.verdict is Verdict.DO_NOT_TRADE
    assert entered(replace(post, takeaways=(turned,)), record(), ledgers) == 1


@pytest.mark.parametrize(
    "changes", [{"seal": "0" * 64}, {"variant": "month"}, {"as_of": LATER}]
)
def test_other_terms_another_variant_or_a_later_date_is_a_claim_of_its_own(
    changes: dict[str, Any], post: Post, ledgers: LedgerArchive
) -> None:
    entered(post, record(), ledgers)
    assert entered(post, record(**changes), ledgers) == 1
    kinds = [line["line"] for line in ledgers.read(post.study)]
    assert kinds.count("claimed") == 2


@settings(max_examples=40)
@given(
    estimate=st.floats(min_value=1e-6, max_value=1e9),
    wobble=st.floats(min_value=-1e-7, max_value=1e-7),
)
def test_the_last_bits_of_a_number_make_no_line_and_a_thousandth_does(
    post: Post, estimate: float, wobble: float
) -> None:
    with TemporaryDirectory() as folder:
        ledgers = LedgerArchive(Path(folder) / "takeaways", Path(folder) / "leases")
        entered(with_evidence(post, estimate=estimate), record(), ledgers)
        near = with_evidence(post, estimate=estimate * (1 + wobble))
        assert entered(near, record(), ledgers) == 0
        far = with_evidence(post, estimate=estimate * 1.001)
        assert entered(far, record(), ledgers) == 1
