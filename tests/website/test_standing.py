"""A post says at its top what has become of its claims since it was written."""

from collections.abc import Callable

from tests.publishing.looks import NOT, Ledger, remembered
from workbench.core.posts import Post
from workbench.core.takeaway import Verdict
from workbench.core.track import Memory
from workbench.website.listing import newest_first
from workbench.website.pages import block_for, generated_pages
from workbench.website.stage import Stage
from workbench.website.standing import standing_block, standing_of

UP = "../../"
MakePost = Callable[..., Post]


def block(post: Post, *ledgers: Ledger) -> str:
    return standing_block(post, remembered(*ledgers), UP)


def looked() -> Ledger:
    """A first look whose forecast lost, and the one that the post shows."""
    return (
        Ledger()
        .registered()
        .claimed("1998-05-01", 0.11, 0.21, foreseen=(0.12, 0.18))
        .settled("1998-05-01", 0.2512, "lost")
        .claimed("1998-07-01", 0.101, 0.145)
    )


def test_a_lost_claim_is_told_with_what_was_foreseen_and_what_came(
    post: MakePost,
) -> None:
    said = block(post(), looked())
    assert "Its newest settled claim was lost." in said
    assert "on data to 1998-05-01 foresaw +12.0 to +18.0 pp" in said
    assert "with a probability of 80%" in said
    assert "On 1998-06-01 they came to +25.1 pp (n = 1,000 customer-months)" in said


def test_a_later_win_takes_the_note_away_and_an_older_loss_does_not_bring_it_back(
    post: MakePost,
) -> None:
    ledger = looked().claimed("1998-06-01", 0.1, 0.2).settled("1998-06-01", 0.15, "won")
    assert "lost" not in block(post(), ledger)


def test_new_terms_do_not_wipe_out_that_the_old_ones_lost(post: MakePost) -> None:
    renewed = looked().registered("b" * 64).claimed("1998-07-01", 0.101, 0.145)
    said = block(post(), renewed)
    assert "on version 1 of its terms" in said
    assert "[New](../../takeaways/history/early-birds.md){ .life .life--new }" in said


def test_a_contradiction_says_between_which_ends(post: MakePost) -> None:
    said = block(
        post(),
        Ledger()
        .registered()
        .claimed("1998-05-01", 0.3, 0.4)
        .claimed("1998-07-01", 0.101, 0.145),
    )
    assert "Its looks contradict each other." in said
    assert "began at +30.0 pp, at another it ended at +14.5 pp" in said
    assert "5% at most" in said


def test_a_withdrawal_says_why(post: MakePost) -> None:
    said = block(post(), looked().withdrawn("1998-07-01", "the list was wrong"))
    assert "Withdrawn by its authors." in said
    assert "Why: the list was wrong." in said


def test_revised_data_are_told_with_the_values_before_and_after(post: MakePost) -> None:
    said = block(post(), looked().recomputed("1998-07-01", 0.1, 0.142))
    assert "The data were revised." in said
    assert "was +12.3 pp, +10.1 to +14.5 pp, n = 4,321" in said
    assert "Computed again it is +12.1 pp, +10.0 to +14.2 pp, n = 4,300" in said


def test_a_badge_is_given_where_the_claim_holds_beside_all_others(
    post: MakePost,
) -> None:
    strong = Ledger().registered().claimed("1998-07-01", 0.101, 0.145, log_e=9.0)
    assert "Holds at a site-wide false discovery rate of 10%" in block(post(), strong)
    assert "Holds at" not in block(post(), looked())
    undecided = post(verdict=Verdict.NO_TRADE_YET)
    assert "Holds at" not in block(undecided, strong)


def test_a_post_without_a_claim_in_the_ledger_says_nothing(post: MakePost) -> None:
    assert block(post(), Ledger().registered()) == ""
    assert standing_block(post(), Memory(), UP) == ""


def test_only_the_look_that_the_post_shows_is_its_state(post: MakePost) -> None:
    later = looked().claimed("1998-08-01", 0.01, 0.05, NOT)
    standing = standing_of(post(), post().takeaways[0], remembered(later))
    assert standing is not None
    assert standing.life == "unchanged"


def test_the_state_stands_below_the_dek_on_cards_and_in_the_table(
    compose: Callable[..., Stage], posts: list[Post], memory: Memory
) -> None:
    docs = compose(posts, memory=memory).folder / "docs"
    text = (docs / "posts/early-birds/index.md").read_text(encoding="utf-8")
    dek, state, facts = map(text.index, ('class="dek"', "State:", 'class="facts"'))
    assert dek < state < facts
    variant = (docs / "posts/early-birds/month/index.md").read_text(encoding="utf-8")
    assert "](../../../takeaways/history/early-birds.md)" in variant
    listed = newest_first(posts)
    pages = generated_pages(listed, {}, memory)
    history = "takeaways/history/early-birds/"
    assert f'<a href="../{history}">' in pages["takeaways/index.md"]
    assert "Lost at settlement" in pages["takeaways/index.md"]
    assert f'<a href="../../{history}">' in pages["takeaways/lesson.md"]
    cards = block_for("latest-takeaways", "index.md", listed, memory)
    assert f'<a href="{history}">' in cards


def test_the_edition_itself_is_left_as_it_was(post: MakePost, memory: Memory) -> None:
    assert "State:" not in post().markdown
    assert "State:" in standing_block(post(), memory, UP)
