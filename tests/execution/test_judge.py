"""The judge, without a kernel: what it lets pass and what it does not."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.zoo.poisons import CLAIM, EVIDENCE, SPEC, TAKEAWAY, line_of
from workbench.core.errors import ExitCode, Reason
from workbench.core.evidence import Evidence
from workbench.core.runs import Output, RunReason
from workbench.execution.judge import EXIT_CODES, exit_code_of, judge
from workbench.execution.outcome import CellEnd, Execution, Fault, Stop

OK = CellEnd(cell=1, error="", full_disk=False, asked_exit=False)
PROMISED = line_of(Output(kind="takeaway", cell=2, takeaway=TAKEAWAY))
FAULT = Fault(kind="refusal", error="", prompt=1, full_disk=False, reasons=())
SECRET = "customer 4711"


def said(*evidence: Evidence) -> list[str]:
    shown = [Output(kind="evidence", cell=1, evidence=one) for one in evidence]
    return [*map(line_of, shown), PROMISED]


def code(source: str = "x", count: int | None = 1, tags=(), outputs=()):
    return {
        "cell_type": "code",
        "source": source,
        "execution_count": count,
        "metadata": {"tags": list(tags)},
        "outputs": list(outputs),
    }


def execution(ends=(OK,), cells=None, stop=None, left_running=0) -> Execution:
    cells = [code()] if cells is None else cells
    return Execution(
        notebook={"cells": cells}, ends=ends, stop=stop, left_running=left_running
    )


def found(run: Execution, lines=None, faults=()) -> list[tuple[str, int | None]]:
    lines = said(EVIDENCE) if lines is None else lines
    return [(why.code, why.cell) for why in judge(SPEC, run, lines, faults)]


def test_a_run_that_finished_and_kept_its_word_has_no_reasons():
    assert found(execution()) == []
    assert exit_code_of([]) == ExitCode.OK


def test_papermill_calling_a_cell_completed_is_no_evidence():
    cell = code(count=None)
    cell["metadata"]["papermill"] = {"status": "completed", "exception": False}
    assert found(execution(ends=(), cells=[cell])) == [("stopped-early", 1)]


def test_a_prompt_number_without_a_reply_is_no_evidence_either():
    assert found(execution(cells=[code(), code()])) == [("stopped-early", 2)]


def test_the_injected_cell_is_not_counted_and_an_empty_one_is():
    injected = replace(OK, cell=None)
    cells = [code(), code(tags=["injected-parameters"]), code(" \n", None), code()]
    assert found(execution(ends=(OK, injected), cells=cells)) == [("stopped-early", 3)]


def test_an_error_that_is_shown_and_not_raised_is_an_error():
    shown = {"output_type": "error", "ename": "ValueError", "evalue": SECRET}
    assert found(execution(cells=[code(outputs=[shown])])) == [("cell-error", 1)]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("SystemExit", "stopped-early"),
        ("IndentationError", "syntax-error"),
        ("_ArrayMemoryError", "out-of-memory"),
        ("KeyError", "cell-error"),
        ("OSError", "cell-error"),
    ],
)
def test_an_exception_is_classed_by_its_type(error, reason):
    assert found(execution(ends=(replace(OK, error=error),))) == [(reason, 1)]


def test_what_wb_refused_is_passed_on_word_for_word_with_its_cell():
    whys = (
        Reason(
            code="rows-replicated", message="aggregate first.", place="evidence gap"
        ),
        Reason(code="arm", message="name the reference."),
    )
    refusal = replace(FAULT, error="UsageError", prompt=2, reasons=whys)
    ended = replace(OK, cell=2, error="UsageError")
    reasons = judge(SPEC, execution(ends=(OK, ended)), [], [refusal])
    assert reasons == (
        RunReason(
            code="rows-replicated", message="evidence gap: aggregate first.", cell=2
        ),
        RunReason(code="arm", message="name the reference.", cell=2),
    )
    assert exit_code_of(reasons) == 1


def test_words_of_another_cell_or_of_a_full_disk_are_not_passed_on():
    why = Reason(code="arm", message="name the reference.")
    refusal = replace(FAULT, error="UsageError", prompt=1, reasons=(why,))
    ended = replace(OK, cell=2, error="KeyError")
    run = execution(ends=(OK, ended), cells=[code(), code()])
    assert found(run, faults=[refusal]) == [("cell-error", 2)]
    full = replace(ended, error="TryLater", full_disk=True)
    refusal = replace(refusal, prompt=2)
    assert found(execution(ends=(OK, full)), faults=[refusal]) == [("disk-full", 2)]


def test_a_failed_cell_is_not_blamed_for_the_claims_it_kept_from_running():
    ended = replace(OK, error="KeyError")
    assert found(execution(ends=(ended,)), lines=[]) == [("cell-error", 1)]


def test_a_thread_is_blamed_on_the_cell_of_its_prompt():
    ends = (OK, replace(OK, cell=None), replace(OK, cell=2))
    fault = replace(FAULT, kind="thread", error="ValueError", prompt=3)
    run = execution(ends=ends, cells=[code(), code()])
    assert found(run, faults=[fault]) == [("thread-error", 2)]
    assert found(run, faults=[replace(fault, prompt=9)]) == [("thread-error", 2)]
    assert found(run, faults=[replace(fault, full_disk=True)]) == [("disk-full", 2)]
    assert found(run, faults=[fault] * 1000) == [("thread-error", 2)]


def test_a_task_that_nobody_awaited_is_blamed_on_the_cell_of_its_prompt():
    fault = replace(FAULT, kind="task", error="ValueError", prompt=1)
    [reason] = judge(SPEC, execution(), said(EVIDENCE), [fault])
    assert (reason.code, reason.cell) == ("task-error", 1)
    assert "ValueError" in reason.message
    full = replace(fault, full_disk=True)
    assert found(execution(), faults=[full]) == [("disk-full", 1)]


def test_a_kernel_that_ended_itself_at_the_output_limit_did_not_just_die():
    stop = Stop(code="kernel-died", cell=2, detail="SIGKILL")
    fault = replace(FAULT, kind="output", prompt=2)
    assert found(execution(stop=stop)) == [("kernel-died", 2)]
    assert found(execution(stop=stop), faults=[fault]) == [("output-limit", 2)]


@pytest.mark.parametrize(
    "change",
    [
        {"estimate": 0.2},
        {"low": None},
        {"n": 0, "units": 0},
        {"units": 1001},
        {"estimand": "mean"},
        {"unit": "order"},
        {"occurrence": "customer", "units": 1000},
        {"level": 0.9},
        {"estimate": None},
        {"estimate": None, "low": None, "high": None, "method": ""},
    ],
    ids=str,
)
def test_evidence_that_cannot_stand_is_no_evidence(change):
    lines = said(replace(EVIDENCE, **change))
    assert found(execution(), lines) == [("claim-invalid", 1)]


def test_an_interval_covers_its_share_of_one_alpha():
    shared = replace(SPEC, family=2)
    half = replace(EVIDENCE, level=0.975)
    assert judge(shared, execution(), said(half), []) == ()
    [reason] = judge(shared, execution(), said(EVIDENCE), [])
    assert reason.code == "claim-invalid"
    assert "covers 0.95, registered is 0.975" in reason.message
    assert found(execution(), said(half)) == [("claim-invalid", 1)]


def test_without_an_occurrence_each_unit_is_counted_once():
    spec = replace(SPEC, claims=(replace(CLAIM, occurrence=""),))
    once = replace(EVIDENCE, occurrence="customer", n=900, units=900)
    assert judge(spec, execution(), said(once), []) == ()
    twice = replace(once, n=901)
    [reason] = judge(spec, execution(), said(twice), [])
    assert reason.code == "claim-invalid"
    assert "901 occurrences of 900 units" in reason.message
    none = replace(twice, estimate=None, low=None, high=None, method="too few")
    assert judge(spec, execution(), said(none), [])


def test_too_little_to_say_is_a_finding_when_it_is_explained():
    none = replace(
        EVIDENCE, estimate=None, low=None, high=None, n=0, units=0, method="no arm"
    )
    assert found(execution(), said(none)) == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", '"0.1"'])
def test_a_number_that_is_none_is_refused(number):
    lines = said(EVIDENCE)
    lines[0] = lines[0].replace('"estimate":0.1', f'"estimate":{number}')
    assert "claim-invalid" in [reason for reason, _ in found(execution(), lines)]


def test_a_torn_line_is_refused_without_being_quoted():
    lines = [*said(EVIDENCE), json.dumps({"kind": SECRET})[:-1]]
    [reason] = judge(SPEC, execution(), lines, [])
    assert reason.code == "claim-invalid"
    assert "line 3" in reason.message
    assert SECRET not in reason.message


def test_evidence_given_twice_under_one_name_is_refused():
    assert found(execution(), said(EVIDENCE, EVIDENCE)) == [("claim-invalid", 1)]


def test_every_missing_claim_and_the_takeaway_are_named_at_once():
    spec = replace(SPEC, claims=(CLAIM, replace(CLAIM, name="lift")))
    reasons = judge(spec, execution(), [], [])
    assert [reason.code for reason in reasons] == [
        "claim-missing",
        "claim-missing",
        "takeaway-missing",
    ]
    assert "wb.evidence('lift').difference_in_proportions(...)" in reasons[1].message


finite = st.floats(-1e9, 1e9)


@given(st.tuples(finite, finite, finite), st.integers(1, 50), st.integers(0, 50))
def test_any_ordered_finite_interval_of_a_counted_sample_stands(three, units, more):
    low, estimate, high = sorted(three)
    evidence = replace(
        EVIDENCE, low=low, estimate=estimate, high=high, units=units, n=units + more
    )
    assert found(execution(), said(evidence)) == []
    if high > estimate:
        turned = replace(evidence, estimate=high, high=estimate)
        assert found(execution(), said(turned)) == [("claim-invalid", 1)]


def test_a_failed_study_is_graver_than_a_deadline_and_that_than_a_full_disk():
    def reasons(*codes: str) -> list[RunReason]:
        return [RunReason(code=code, message="", cell=None) for code in codes]

    assert exit_code_of(reasons("disk-full")) == 75
    assert exit_code_of(reasons("disk-full", "deadline")) == 124
    assert exit_code_of(reasons("disk-full", "deadline", "thread-error")) == 1
    assert {*EXIT_CODES.values()} == {1, 75, 124}
