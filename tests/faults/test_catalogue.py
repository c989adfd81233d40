"""The numbered fault tests, and where each is proven; `pytest -m fault` runs them.

| number | what is injected | where |
| --- | --- | --- |
| 1 | a kill at every step, and at any moment | end_to_end/test_crash_points.py |
| 2 | a power cut after any call that writes | faults/test_power_cuts.py, \
faults/test_any_order.py |
| 3 | a full disk | end_to_end/test_full_disk.py |
| 4 | leaving with success | faults/test_faults_04_to_07_inside_a_run.py |
| 5 | output without end, or huge, or in a million pieces | the same |
| 6 | a loop that hears no signal, and a child that hides | the same |
| 7 | memory, crashes | the same, and faults/test_fault_07_on_the_site.py |
| 8 | many at once | end_to_end/test_crash_points.py |
| 9 | a process stopped past its lease | end_to_end/test_crash_points.py |
| 11 | deliveries twice, half, doubled, late | faults/test_batches.py, \
faults/test_power_cuts.py |
| 18 | clocks | faults/test_fault_18_clocks.py, scheduling/test_slots.py |
| 19 | ten days down, backfills | faults/test_fault_19_catching_up.py, \
end_to_end/test_reprocessing.py |
| 20 | withdrawn posts, rollbacks, damage | end_to_end/test_withdrawing.py, \
end_to_end/test_rolling_back.py, end_to_end/test_taking_back_crashes.py, \
end_to_end/test_clearing.py, cli/test_operating.py, archive/test_store.py |

The zoo (tests/zoo) has a specimen of every reason, the single endings of 4 to 7 among
them; end_to_end/test_no_poison_publishes.py keeps them off the site. `--soak` runs them
at full size.
"""

import re

from tests.places import ROOT

TESTS = ROOT / "tests"
ROW = re.compile(r"^\| (\d+) \|.*\| (.*) \|$", re.MULTILINE)
NAMED = re.compile(r"^def test_fault_(\d\d)_", re.MULTILINE)


def test_every_number_has_tests_of_its_name_and_each_is_listed() -> None:
    listed = {int(number) for number, _ in ROW.findall(__doc__ or "")}
    named: set[int] = set()
    for file in TESTS.rglob("test_*.py"):
        found = {int(number) for number in NAMED.findall(file.read_text())}
        named |= found
        if found:
            assert file.relative_to(TESTS).as_posix() in (__doc__ or "")
            assert "mark.fault" in file.read_text()
    assert named == listed


def test_the_handbook_tells_of_each_number() -> None:
    page = ROOT / "site" / "pages" / "handbook" / "faults.md"
    rows = re.findall(r"^\| (\d+) \|", page.read_text(), re.MULTILINE)
    told = {int(number) for number in rows}
    assert told == {int(number) for number, _ in ROW.findall(__doc__ or "")}
