"""How the numbers of an exhibit are spelt, once for every face."""

import math
import re

from workbench.core.evidence import POINTS, Evidence

NOTHING = "\u2013"  # an en dash
_PYTHON_FORMAT = re.compile(r"([+ -]?)(0?\d*)([,_]?)(\.\d+)?([defg%]?)")
_SIGNED = (
    "difference_in_means",
    "difference_in_proportions",
    "nps",
    "nps_difference",
    "coefficient",
    "forecast",
)
_MOST_DECIMALS = 6


def show_number(value: float | int | None, format_spec: str) -> str:
    """A value by a Python format specification; a dash where there is none.

    A specification that ends in `pp` shows a share in percentage points: `+21.7 pp`.
    """
    if value is None:
        return NOTHING
    if format_spec.endswith(POINTS):
        return f"{format(100 * value, format_spec.removesuffix(POINTS) + 'f')} {POINTS}"
    if isinstance(value, float) and format_spec.endswith("d"):
        value = round(value)
    return format(value, format_spec)


def show_position(x: str | float) -> str:
    """A place on the horizontal axis: text as it is, a number without needless digits.

    Ten digits are kept; whole numbers have no decimal point.
    """
    if isinstance(x, str):
        return x
    return str(int(x)) if float(x).is_integer() else f"{x:.10g}"


def show_level(level: float) -> str:
    """The coverage of an interval, 0.95 as `95%`."""
    return f"{level * 100:.4g}%"


def axis_format(format_spec: str) -> str:
    """The d3 format of an axis that belongs to a Python format specification.

    d3's grammar is modelled on Python's; `~` drops trailing zeros from round ticks.
    What d3 cannot read becomes its plain short form.
    """
    match = _PYTHON_FORMAT.fullmatch(format_spec)
    if match is None:
        return "~g"
    sign, width, group, precision, kind = match.groups()
    comma = "," if group else ""
    trim = "" if kind in ("", "d") else "~"
    return f"{sign}{width}{comma}{precision or ''}{trim}{kind}"


def evidence_format(evidence: Evidence) -> str:
    """The Python format in which an estimate and its interval are shown.

    Shares are percentages and their differences percentage points, differences and
    coefficients carry their sign, and there are as many decimals as leave half the
    interval's width two digits.
    """
    sign = "+" if evidence.estimand in _SIGNED else ""
    if evidence.estimand == "count":
        return ",.0f"
    share = evidence.measure == "share"
    decimals = _decimals(_spread(evidence) * (100 if share else 1))
    if share and evidence.estimand == "difference_in_proportions":
        return f"{sign}.{decimals}{POINTS}"
    return f"{sign}.{decimals}%" if share else f"{sign},.{decimals}f"


def _spread(evidence: Evidence) -> float:
    if evidence.low is not None and evidence.high is not None:
        return (evidence.high - evidence.low) / 2
    return abs(evidence.estimate or 0.0)


def _decimals(spread: float) -> int:
    if spread <= 0:
        return 1
    return min(_MOST_DECIMALS, max(0, 1 - math.floor(math.log10(spread))))
