"""The dates of a backfill, worked out by hand."""

from datetime import UTC, datetime

import pytest

from workbench.scheduling.calendar import dates


def days(first: datetime, last: datetime, every: str) -> list[str]:
    return [f"{moment:%Y-%m-%d}" for moment in dates(first, last, every)]  # type: ignore[arg-type]


def test_months_keep_their_day_over_the_turn_of_the_year() -> None:
    first, last = datetime(1997, 11, 1, tzinfo=UTC), datetime(1998, 2, 1, tzinfo=UTC)
    assert days(first, last, "month") == [
        "1997-11-01", "1997-12-01", "1998-01-01", "1998-02-01",
    ]  # fmt: skip


def test_the_last_date_is_in_only_where_a_step_meets_it() -> None:
    first, last = datetime(2028, 2, 27, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)
    assert days(first, last, "day") == [
        "2028-02-27", "2028-02-28", "2028-02-29", "2028-03-01",
    ]  # fmt: skip
    assert days(first, last, "week") == ["2028-02-27"]
    assert days(first, last, "quarter") == ["2028-02-27"]


def test_months_do_not_begin_on_a_day_that_some_lack() -> None:
    with pytest.raises(ValueError, match="first 28 days"):
        list(
            dates(
                datetime(2026, 1, 31, tzinfo=UTC),
                datetime.max.replace(tzinfo=UTC),
                "month",
            )
        )
