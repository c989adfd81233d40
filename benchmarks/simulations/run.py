"""Runs every simulation at full size and writes the table into the handbook.

    python -m benchmarks.simulations.run [ID ...]

With names of simulations only those run, and nothing is written.
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.simulations import Row, intervals, settlement, values

PAGE = Path(__file__).resolve().parents[2] / "site/pages/handbook/simulations.md"
BEGIN, END = "<!-- table of simulations -->", "<!-- end of the table -->"


def main(wanted: list[str]) -> int:
    """Run, print, write; 1 when something came out otherwise than expected."""
    began = time.perf_counter()
    rows: list[Row] = []
    modules = (intervals, values, settlement)
    for simulation in (each for module in modules for each in module.SIMULATIONS):
        if wanted and not any(
            f"{name}:" in (simulation.__doc__ or "") for name in wanted
        ):
            continue
        rows += simulation()
        print(f"{simulation.__name__}: {time.perf_counter() - began:.0f} s", flush=True)
    rows.sort(key=lambda row: int(row.id.removeprefix("S")))
    for row in rows:
        print(" | ".join(cells(row)))
    if not wanted:
        write(rows)
    return 0 if all(row.holds() for row in rows) else 1


def cells(row: Row) -> list[str]:
    """A row as it is printed."""
    ends = row.expected if isinstance(row.expected, tuple) else (row.expected,)
    expected = " to ".join(shown(end) for end in ends)
    error = shown(max(row.se, 0.0001), 4) if row.se else "exact"
    mark = "" if row.holds() else " (!)"
    return [
        row.id,
        row.design,
        row.quantity,
        expected,
        shown(row.measured) + mark,
        error,
    ]


def shown(value: float, decimals: int = 3) -> str:
    """So many decimals where they say something."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def write(rows: Iterable[Row]) -> None:
    """Put the table between its markers."""
    head = ["Simulation", "Design", "Quantity", "Expected", "Measured", "Error"]
    escaped = ([cell.replace("|", "\\|") for cell in cells(row)] for row in rows)
    lines = [head, [*["---"] * 3, *["--:"] * 3], *escaped]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
