"""The benchmark of the site runs at any size, and its exponent is a slope."""

from pathlib import Path

import pytest

from benchmarks.site import Site, beside_peers, exponent, growth, of_editions


def test_an_exponent_is_the_slope_of_logarithms() -> None:
    assert exponent({10: 2.0, 100: 20.0, 1000: 200.0}) == pytest.approx(1)
    assert exponent({10: 3.0, 100: 3.0}) == pytest.approx(0)


@pytest.mark.site
@pytest.mark.slow
def test_both_costs_are_measured_beside_peers_and_by_size(tmp_path: Path) -> None:
    rows = list(beside_peers(tmp_path, 3))
    assert [row.what[:2] for row in rows] == ["P5", "P5", "P6", "P6", "it"]
    assert all(row.ratio == pytest.approx(row.ours / row.theirs) for row in rows)
    grown = [
        *growth(tmp_path, "posts", [2, 3], Site),
        *growth(tmp_path, "editions", [2, 6], of_editions),
    ]
    assert [list(each.seconds) for each in grown] == [[2, 3], [2, 3], [2, 6], [2, 6]]
