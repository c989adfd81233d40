"""What is published: the last good edition of each study, whatever became of others."""

import json
import shutil
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.publishing.conftest import OTHER, SHOWN, STUDY, Root
from tests.publishing.test_gate import LINKS, prose
from workbench.app import App
from workbench.core.canonical import sha256_of_file
from workbench.core.clock import format_instant
from workbench.core.posts import Post
from workbench.core.records import Plain

pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]


def retitle(root: Root, study: str) -> None:
    """A new title is a new edition without a new run."""
    title = {STUDY: "Who comes back?", OTHER: "How many customers come back?"}[study]
    root.edit(f"research/{study}.yaml", title, "A new title")


def codes(said: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in said["reasons"]]


def test_publishing_again_changes_nothing(root: Root) -> None:
    before, lines = root.serving, root.ledger()
    code, said = root("publish")
    assert (code, said["outcome"], said["ledger_lines"]) == (0, "noop", 0)
    assert (root.serving, root.ledger()) == (before, lines)


def test_a_refused_study_keeps_its_last_edition_while_the_others_advance(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, lines = root.page(STUDY), root.ledger()
    prose("It rose by 12%.")(root, monkeypatch)
    retitle(root, STUDY)
    retitle(root, OTHER)
    code, said = root("publish")
    assert (code, codes(said)) == (77, ["number-unbound"])
    assert root.page(STUDY) == before
    assert b"A new title" in root.page(OTHER)
    assert root.ledger() == lines


def test_a_failed_study_keeps_its_last_edition(root: Root) -> None:
    before = root.serving
    reason = {"code": "kernel-died", "message": "It ended.", "cell": 3}
    root.edit_record(lambda record: record.update(exit_code=1, reasons=[reason]))
    code, said = root("publish")
    assert (code, codes(said)) == (1, ["run-failed"])
    assert root.serving == before


def test_a_run_that_cannot_be_read_stops_no_other_study(root: Root) -> None:
    (root.run() / "out" / "outputs.jsonl").write_text("nonsense\n")
    code, said = root("check")
    assert (code, codes(said)) == (1, ["outputs-unreadable"])
    code, said = root("publish", "--dry-run")
    assert (code, codes(said)) == (1, ["outputs-unreadable"])
    assert [each["study"] for each in said["accepted"]] == [OTHER]


def test_a_draft_is_never_published_and_its_last_edition_stays(root: Root) -> None:
    root.edit(f"research/{STUDY}.yaml", "margin: 0.15", "margin: 0.01")
    before = root.serving
    code, said = root("publish")
    assert (code, codes(said)) == (77, ["unregistered"])  # told, not dropped in silence
    assert [each["study"] for each in said["accepted"]] == [OTHER]
    root.edit(f"research/{STUDY}.yaml", "status: registered", "status: draft")
    assert root("publish")[0] == 0
    code, said = root("publish", STUDY)
    assert (code, codes(said)) == (77, ["unregistered"])
    assert root.serving == before


def looked_before(root: Root, verdict: str) -> None:
    """A ledger with one look alone: an earlier one, at which this was the verdict."""
    app = App(root.path)
    registration = app.catalogue.study(STUDY, app.all_contracts).registration
    early = datetime(1997, 2, 20, tzinfo=UTC)
    views: dict[str, Plain] = {
        use.dataset: app.warehouse.view(
            app.contracts[use.dataset], use.columns, early
        ).view_id
        for use in registration.data
    }
    lines = root.ledger()
    root.rewrite_ledger("")
    for line in lines:
        if line["line"] == "claimed":
            line["key"]["as_of"] = format_instant(early)
            line["values"]["takeaway_verdict"] = verdict
            line["views"] = views
        chained = ("number", "previous", "hash")
        app.ledgers.append(STUDY, {k: v for k, v in line.items() if k not in chained})


def test_a_verdict_that_changed_waits_for_a_person_who_says_why(root: Root) -> None:
    looked_before(root, "do not trade")
    retitle(root, STUDY)
    lines = root.ledger()
    code, said = root("publish")
    assert (code, codes(said)) == (77, ["verdict-changed"])
    assert "from do not trade to trade" in said["reasons"][0]["message"]
    assert b"A new title" not in root.page(STUDY)
    assert root.ledger() == lines
    for half in (["--accept", STUDY], ["--why", "x"], ["--accept", STUDY, "--why", ""]):
        assert root("publish", *half)[0] == 2
    why = "Half of the shop was closed in February."
    code, said = root("publish", "--accept", OTHER, "--why", why)
    assert (code, codes(said)) == (77, ["verdict-changed"])
    code, said = root("publish", "--accept", STUDY, "--why", why)
    assert (code, said["reasons"], said["ledger_lines"]) == (0, [], 2)
    assert b"A new title" in root.page(STUDY)
    assert [line["accepted"] for line in root.ledger()[len(lines) :]] == [why] * 2


def test_a_verdict_that_stands_waits_for_nobody(root: Root) -> None:
    looked_before(root, "trade")
    code, said = root("publish")
    assert (code, said["ledger_lines"]) == (0, 2)
    assert not any("accepted" in line for line in root.ledger())


def test_a_ledger_that_lost_what_the_site_shows_publishes_nothing(root: Root) -> None:
    before = root.serving
    ledger = root.path / "takeaways" / f"{STUDY}.jsonl"
    whole = ledger.read_bytes()
    ledger.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    retitle(root, OTHER)
    for words in (["publish", "--dry-run"], ["publish"], ["ledger", "verify"]):
        code, said = root(*words)
        assert (code, codes(said)) == (2, ["ledger-cut"])
        assert (
            f"Restore {ledger.relative_to(root.path)}" in said["reasons"][0]["message"]
        )
    assert root.serving == before
    ledger.write_bytes((root.path / SHOWN).read_bytes())
    assert ledger.read_bytes() == whole
    assert root("publish")[0] == 0


def test_what_ledgers_held_is_kept_for_readers_and_told_where_it_is_lost(
    root: Root,
) -> None:
    looked_before(root, "trade")
    assert root("publish")[0] == 0
    names = {line["heads"] for line in root.ledger()[-2:]}
    [name] = names
    heads = root.path / "takeaways" / "heads" / f"{name}.json"
    assert sha256_of_file(heads) == name
    whole = json.loads(heads.read_bytes())
    assert whole.keys() == {file.stem for file in heads.parents[1].glob("*.jsonl")}
    shown = (root.path / SHOWN).parent / "heads" / heads.name
    assert shown.read_bytes() == heads.read_bytes()
    assert "heads-missing" not in codes(root("ledger", "verify")[1])
    for harm in (heads.unlink, lambda: heads.write_text("{}")):
        harm()
        for words in (["publish", "--dry-run"], ["publish"], ["ledger", "verify"]):
            code, said = root(*words)
            assert (code, set(codes(said))) == (2, {"heads-missing"})
            assert f"restore {heads.relative_to(root.path)}" in str(said["reasons"])
        assert root("doctor")[1]["checks"]["ledgers"] == "wrong"
    heads.write_bytes(shown.read_bytes())
    assert root("publish")[0] == 0
    assert "heads-missing" not in codes(root("ledger", "verify")[1])


def test_an_exploratory_run_is_shown_by_check_and_never_published(root: Root) -> None:
    root.edit_record(lambda record: record["spec"].update(variant=None), pointer=None)
    before = root.serving
    code, said = root("check", STUDY)
    shown = [(each["variant"], each["finding"]["code"]) for each in said["findings"]]
    assert (code, shown) == (0, [(None, "exploratory")])
    code, said = root("publish", STUDY)
    assert (code, [each["variant"] for each in said["accepted"]]) == (0, ["base"])
    assert root.serving == before


def test_a_study_that_was_never_run_stops_no_other(root: Root) -> None:
    shutil.rmtree(root.path / ".workbench" / "runs" / STUDY)
    code, said = root("publish")
    assert (code, codes(said)) == (1, ["never-run"])
    assert [each["study"] for each in said["accepted"]] == [OTHER]


def test_links_that_pass_the_gate_are_links_that_mkdocs_follows(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    prose(LINKS)(root, monkeypatch)
    code, said = root("publish")
    assert (code, said["reasons"]) == (0, [])
    assert f'href="../{OTHER}/#tradable-takeaway"' in root.page(STUDY).decode()


def test_a_link_to_a_post_that_is_refused_and_never_served_is_refused_with_it(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site could not be built with it, and everybody would have to wait."""
    prose(LINKS)(root, monkeypatch)
    editions = root.path / ".workbench" / "editions" / OTHER
    editions.rename(root.path / "elsewhere")
    root.edit(f"research/{OTHER}.yaml", "How many", "99")
    code, said = root("publish", "--dry-run")
    found = {(each["subject"], each["code"]) for each in said["reasons"]}
    assert found == {(OTHER, "number-unbound"), (STUDY, "link-broken")}
    assert (code, said["accepted"]) == (77, [])


def test_what_serves_is_what_was_kept(root: Root) -> None:
    edition = json.loads(
        (root.path / ".workbench/editions" / STUDY / "base/current.json").read_text()
    )
    folder = root.path / ".workbench/editions" / STUDY / "base" / edition["edition"]
    for file in (folder / "assets").iterdir():
        served = root.serving / "posts" / STUDY / file.name
        assert served.read_bytes() == file.read_bytes()


def test_a_run_that_did_not_change_is_not_rendered_again_but_checked(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(**_: object) -> Post:
        raise AssertionError("rendered again")

    monkeypatch.setattr("workbench.publishing.drafting.render_post", render)
    assert root("publish")[0] == 0
    root.edit_source(lambda cells: cells[0].update(source="Another word."))
    code, said = root("check", STUDY)
    found = [each["finding"]["code"] for each in said["findings"]]
    assert (code, found) == (0, ["source-newer"])
