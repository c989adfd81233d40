"""Whether a fitted model belongs to the frame from which its rows are counted."""

from typing import Any

from workbench.contracts.mistakes import did_you_mean
from workbench.notebook.reading import Reading
from workbench.notebook.session import listed
from workbench.stats import coefficient as regression


def check_term(reading: Reading, term: str, terms: list[str]) -> None:
    """Whether the model has a coefficient of that name."""
    if term not in terms:
        message = (
            f"the model has no term {term!r}; it has {listed(terms)}."
            f"{did_you_mean(term, terms)}"
        )
        reading.note("term", message)


def check_rows(reading: Reading, rows: int, fitted: int) -> None:
    """Whether the model was fitted on as many rows as the frame has."""
    if rows != fitted:
        reading.note(
            "rows-differ",
            f"the model was fitted on {fitted:,} rows, the frame has {rows:,}; pass "
            "the frame it was fitted on, without rows that the model dropped.",
        )


def check_regression(
    reading: Reading,
    result: Any,  # noqa: ANN401 - statsmodels has no types
) -> None:
    """Whether a result was fitted on the frame's rows, each counted once."""
    if regression.is_weighted(result):
        reading.note(
            "rows-replicated",
            "the model has frequency weights, which are typed counts; fit it on one "
            "row per occurrence.",
        )
    fitted = regression.rows_fitted(result)
    check_rows(reading, len(reading.frame), fitted)
    labels = regression.row_labels(result)
    same_size = fitted == len(reading.frame)
    if same_size and labels is not None and labels != list(reading.frame.index):
        reading.note(
            "rows-differ",
            "the frame's rows are not in the order in which the model was fitted; pass "
            "the same frame.",
        )
