"""A figure in words: short, and every number in it one of the figure's."""

import re

from hypothesis import given

from tests.charts.figures import a_point, bars, curve, figures
from workbench.charts import alternative_text, show_number
from workbench.charts.numbers import show_level, show_position
from workbench.core.exhibits import Figure, Series

DIGITS = re.compile(r"\d+")


def test_the_text_names_chart_subject_and_the_extremes_of_each_series() -> None:
    assert alternative_text(curve()) == (
        "Points with 95% intervals: Customers who came back early buy again more "
        "often. came back: highest 41.2% [39.2%, 43.2%] at 1, lowest 28.2% "
        "[26.1%, 30.3%] at 3. did not: highest 20.0% [19.0%, 21.0%] at 1, lowest "
        "10.0% [9.0%, 11.0%] at 3."
    )


def test_a_single_series_begins_with_a_capital_and_names_the_axis() -> None:
    assert alternative_text(bars()) == (
        "Bar chart: Larger first orders, more repeat buyers, by size of the first "
        "order. Highest 25.0% at five discs or more, lowest 10.0% at one disc."
    )


def test_an_axis_loses_its_capital_inside_the_sentence() -> None:
    assert ", by size of it. " in alternative_text(bars(x_label="Size of it"))
    assert ", by USD spent. " in alternative_text(bars(x_label="USD spent"))


def test_one_point_equal_points_and_no_points_have_words_of_their_own() -> None:
    def of(*ys: float | None) -> str:
        points = tuple(a_point(f"m{i}", y) for i, y in enumerate(ys))
        return alternative_text(bars(series=(Series(label="", points=points),)))

    assert of(0.5).endswith(". 50.0% at m0.")
    assert of(0.5, 0.5).endswith(". 50.0% throughout.")
    assert of(None).endswith("There are no values to show.")
    assert of(None, 0.2, 0.4).endswith("Highest 40.0% at m2, lowest 20.0% at m1.")


def test_what_has_no_room_is_left_to_the_table() -> None:
    points = tuple(a_point(f"month {i}", 0.1 * i) for i in range(5))
    many = tuple(Series(label=f"cohort {c}", points=points) for c in "abcdefgh")
    text = alternative_text(bars(series=many))
    assert "cohort a: highest 40.0%" in text
    assert text.endswith("More series are in the table.")
    endless = alternative_text(bars(title="word " * 100, series=many))
    assert endless.endswith("word…")


@given(figures())
def test_the_text_is_short_and_its_numbers_are_the_figures(figure: Figure) -> None:
    text = alternative_text(figure)
    assert 0 < len(text) <= 250
    known = [figure.title, figure.x_label, show_level(0.95)]
    for series in figure.series:
        known.append(series.label)
        for point in series.points:
            known.append(show_position(point.x))
            known += [
                show_number(value, figure.y_format)
                for value in (point.y, point.low, point.high)
            ]
    assert set(DIGITS.findall(text)) <= set(DIGITS.findall(" ".join(known)))
