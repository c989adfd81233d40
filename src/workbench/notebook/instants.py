"""The date of the data, as a notebook needs it to know what has matured."""

from typing import TYPE_CHECKING

from workbench.notebook.session import current_session

if TYPE_CHECKING:
    import pandas as pd


def as_of() -> "pd.Timestamp":
    """The run's as-of: nothing known later is in its tables.

    Returns:
        A UTC instant without a zone, to be compared with the dates of the tables.
    """
    import pandas as pd

    return pd.Timestamp(current_session().spec.as_of).tz_convert(None)
