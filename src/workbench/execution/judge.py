"""The judge: from what a run left behind to why it failed, or to nothing.

Papermill's metadata is no evidence: it calls cells completed that never ran. Here a run
has succeeded when the kernel replied `ok` for every code cell, no output is an error,
nothing failed behind Jupyter's back, every registered claim has valid evidence, and
there is a takeaway. No message holds the text of an exception, which may quote a
customer; but what `wb` itself refused is passed on word for word, for it quotes none.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from workbench.core.errors import ExitCode, gravest
from workbench.core.evidence import Evidence
from workbench.core.records import from_plain
from workbench.core.registration import Claim
from workbench.core.runs import Output, RunReason, RunSpec
from workbench.execution.outcome import CellEnd, Execution, Fault, Stop

INJECTED = "injected-parameters"  # papermill's tag of the cell it puts in

EXIT_CODES: Mapping[str, ExitCode] = {
    "cell-error": ExitCode.STUDY_FAILED,
    "syntax-error": ExitCode.STUDY_FAILED,
    "stopped-early": ExitCode.STUDY_FAILED,
    "kernel-died": ExitCode.STUDY_FAILED,
    "thread-error": ExitCode.STUDY_FAILED,
    "task-error": ExitCode.STUDY_FAILED,
    "out-of-memory": ExitCode.STUDY_FAILED,
    "child-left-running": ExitCode.STUDY_FAILED,
    "output-limit": ExitCode.STUDY_FAILED,
    "claim-missing": ExitCode.STUDY_FAILED,
    "claim-invalid": ExitCode.STUDY_FAILED,
    "takeaway-missing": ExitCode.STUDY_FAILED,
    "engine-error": ExitCode.STUDY_FAILED,
    "runner-lost": ExitCode.STUDY_FAILED,
    "cell-deadline": ExitCode.DEADLINE,
    "silent": ExitCode.DEADLINE,
    "deadline": ExitCode.DEADLINE,
    "disk-full": ExitCode.TRY_LATER,
}

_SYNTAX = {"SyntaxError", "IndentationError", "TabError"}
_MEMORY = {"MemoryError", "_ArrayMemoryError", "ArrowMemoryError"}
_BEHIND = {  # what Jupyter does not see: reason, subject, remedy
    "thread": ("thread-error", "a background thread", "catch it, or do it in the cell"),
    "task": ("task-error", "a task that nobody awaited", "await it, or catch it"),
}
_FULL_DISK = "the disk is full; free some space and run again."
_TOLERANCE = 1e-9


def exit_code_of(reasons: Sequence[RunReason]) -> ExitCode:
    """The gravest of the reasons' exit codes; 0 when there is none.

    What `wb` refused inside the notebook has a code of its own, and failed the study.
    """
    return gravest(
        EXIT_CODES.get(reason.code, ExitCode.STUDY_FAILED) for reason in reasons
    )


def judge(
    spec: RunSpec, execution: Execution, lines: Sequence[str], faults: Sequence[Fault]
) -> tuple[RunReason, ...]:
    """Why the run failed; empty when it succeeded.

    Args:
        spec: What was to be run.
        execution: What the engine saw.
        lines: Lines of `out/outputs.jsonl`.
        faults: What the kernel saw.

    Returns:
        Each reason once, in order. What the notebook should have said is looked at only
        when it ran to its end.
    """
    reasons = [
        *_from_engine(execution, faults),
        *_from_faults(execution, faults),
        *_from_children(execution.left_running),
    ]
    reasons = reasons or [*_from_cells(execution)]
    reasons = reasons or [*_from_outputs(spec, execution, lines)]
    return tuple(dict.fromkeys(reasons))


def _reason(code: str, message: str, cell: int | None = None) -> RunReason:
    return RunReason(code=code, message=message, cell=cell)


def _from_engine(execution: Execution, faults: Sequence[Fault]) -> Iterator[RunReason]:
    stop = execution.stop
    if any(fault.kind == "output" for fault in faults):
        yield _reason(
            "output-limit",
            "the notebook sent more output than output_limit_mb allows and was "
            "stopped; print less, or show a table.",
            stop.cell if stop else None,
        )
    elif stop:
        yield _reason(stop.code, _words_of(stop), stop.cell)
    for prompt, end in enumerate(execution.ends, start=1):
        if not end.finished:
            yield from _refusals(end, prompt, faults) or [_of_end(end)]


def _words_of(stop: Stop) -> str:
    by = f" ({stop.detail})" if stop.detail else ""
    return {
        "kernel-died": f"the kernel's process ended{by}; look for os._exit, a crash in "
        "a library, or more memory than the machine has.",
        "cell-deadline": "the cell was still running after cell_deadline_s seconds and "
        "was stopped; make it faster or allow more.",
        "silent": "nothing was heard of the run for silence_deadline_s seconds and it "
        "was stopped; print now and then how far it is, or allow more.",
        "deadline": "the run was still going after run_deadline_s seconds and was "
        "stopped; make it faster or allow more.",
        "engine-error": f"the notebook could not be executed{by}; check that it is a "
        "valid notebook.",
    }[stop.code]


def _refusals(end: CellEnd, prompt: int, faults: Sequence[Fault]) -> list[RunReason]:
    """What `wb` said when it ended this cell; a full disk has words of its own."""
    said = [
        why
        for fault in faults
        if fault.kind == "refusal" and fault.prompt == prompt and not end.full_disk
        for why in fault.reasons
    ]
    return [
        _reason(why.code, ": ".join(filter(None, (why.place, why.message))), end.cell)
        for why in said
    ]


def _of_end(end: CellEnd) -> RunReason:
    if end.asked_exit or end.error == "SystemExit":
        message = "the cell ended the notebook before its last cell; remove the exit."
        return _reason("stopped-early", message, end.cell)
    if end.full_disk:
        return _reason("disk-full", _FULL_DISK, end.cell)
    if end.error in _SYNTAX:
        message = f"the cell is not valid Python ({end.error}); correct it."
        return _reason("syntax-error", message, end.cell)
    if end.error in _MEMORY:
        message = (
            "the cell needed more memory than memory_mb allows; use fewer rows or "
            "columns, or allow more."
        )
        return _reason("out-of-memory", message, end.cell)
    message = f"the cell raised {end.error}; run the notebook in JupyterLab to see why."
    return _reason("cell-error", message, end.cell)


def _from_faults(execution: Execution, faults: Sequence[Fault]) -> Iterator[RunReason]:
    for fault in faults:
        cell = _cell_at(execution, fault.prompt)
        if fault.full_disk:
            yield _reason("disk-full", _FULL_DISK, cell)
        elif fault.kind in _BEHIND:
            code, what, remedy = _BEHIND[fault.kind]
            yield _reason(code, f"{what} ended in {fault.error}; {remedy}.", cell)


def _cell_at(execution: Execution, prompt: int) -> int | None:
    """The cell of a prompt number, or the last one that was reached."""
    if prompt <= len(execution.ends):
        return execution.ends[prompt - 1].cell
    if execution.stop:
        return execution.stop.cell
    return execution.ends[-1].cell if execution.ends else None


def _from_children(left_running: int) -> Iterator[RunReason]:
    if left_running:
        one = left_running == 1
        message = (
            f"{left_running} background process{'' if one else 'es'} still ran after "
            f"the last cell and {'was' if one else 'were'} killed; wait for what a "
            "cell starts, or end it."
        )
        yield _reason("child-left-running", message)


def _from_cells(execution: Execution) -> Iterator[RunReason]:
    """Cells without a reply, and errors shown in spite of one."""
    finished = {end.cell for end in execution.ends}
    cells = cast("list[dict[str, Any]]", execution.notebook["cells"])
    for number, cell in numbered(cells):
        if any(output["output_type"] == "error" for output in cell["outputs"]):
            message = "the cell shows an error although it went on; let it raise."
            yield _reason("cell-error", message, number)
        elif not "".join(cell["source"]).strip():
            continue
        elif number not in finished or cell["execution_count"] is None:
            message = "the cell did not finish; nothing says why, so run again."
            yield _reason("stopped-early", message, number)


def numbered(
    cells: Sequence[dict[str, Any]],
) -> Iterator[tuple[int | None, dict[str, Any]]]:
    """The code cells with their numbers as the author counts: from 1, no injected."""
    number = 0
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        if INJECTED in cell["metadata"].get("tags", []):
            yield None, cell
        else:
            number += 1
            yield number, cell


def _from_outputs(
    spec: RunSpec, execution: Execution, lines: Sequence[str]
) -> Iterator[RunReason]:
    outputs: list[Output] = []
    for place, line in enumerate(lines, start=1):
        try:
            outputs.append(from_plain(Output, json.loads(line, parse_constant=_refuse)))
        except ValueError:
            message = (
                f"line {place} of out/outputs.jsonl is no valid output; write it only "
                "through `wb`, with finite numbers."
            )
            yield _reason("claim-invalid", message)
    for claim in spec.claims:
        shown = [
            (_cell_at(execution, output.cell) if output.cell else None, output.evidence)
            for output in outputs
            if output.evidence and output.evidence.name == claim.name
        ]
        yield from _of_claim(spec, claim, shown)
    if not any(output.takeaway for output in outputs):
        message = "the notebook shows no takeaway; end it in a call of wb.takeaway."
        yield _reason("takeaway-missing", message)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _of_claim(
    spec: RunSpec, claim: Claim, shown: Sequence[tuple[int | None, Evidence]]
) -> Iterator[RunReason]:
    if not shown:
        message = (
            f"there is no evidence for the registered claim {claim.name!r}; call "
            f"wb.evidence({claim.name!r}).{claim.estimand}(...)."
        )
        yield _reason("claim-missing", message)
    if len(shown) > 1:
        message = (
            f"the evidence {claim.name!r} is given {len(shown)} times; give it once."
        )
        yield _reason("claim-invalid", message, shown[-1][0])
    for cell, evidence in shown[:1]:
        for fault in _wrong_with(evidence, claim, spec.family):
            message = f"the evidence {claim.name!r} cannot stand: {fault}."
            yield _reason("claim-invalid", message, cell)


def _wrong_with(evidence: Evidence, claim: Claim, family: int) -> Iterator[str]:
    if evidence.estimand != claim.estimand:
        yield f"it is a {evidence.estimand}, registered is a {claim.estimand}"
    if evidence.unit != claim.unit:
        yield f"its unit is {evidence.unit}, registered is {claim.unit}"
    elif evidence.occurrence != claim.counted:
        yield f"it counts each {evidence.occurrence}, registered is {claim.counted}"
    level = 1 - claim.alpha / family
    if evidence.low is not None and not math.isclose(
        evidence.level, level, abs_tol=_TOLERANCE
    ):
        yield f"its interval covers {evidence.level:g}, registered is {level:g}"
    yield from _wrong_numbers(evidence)


def _wrong_numbers(evidence: Evidence) -> Iterator[str]:
    estimate, low, high = evidence.estimate, evidence.low, evidence.high
    given = [x for x in (estimate, low, high, evidence.se) if x is not None]
    if not all(math.isfinite(number) for number in given):
        yield "a number of it is not finite"
    if (low is None) != (high is None):
        yield "it has one end of an interval only"
    if evidence.occurrence == evidence.unit and evidence.n != evidence.units:
        yield f"it counts {evidence.n:,} occurrences of {evidence.units:,} units"
    if estimate is None:
        if low is not None or not evidence.method:
            yield "it has no estimate and does not explain why in its method"
        return
    if low is not None and high is not None and not low <= estimate <= high:
        yield "its estimate lies outside its interval"
    if not 0 < evidence.units <= evidence.n:
        yield "it does not rest on at least one unit, and one occurrence of each"
