"""`workbench check`: hold current runs against every rule of the gate."""

from argparse import Namespace
from collections.abc import Mapping
from difflib import get_close_matches

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.selection import chosen_studies
from workbench.core.errors import ExitCode, Reason, UsageError, WorkbenchError
from workbench.core.records import to_plain
from workbench.publishing.drafting import variants_of
from workbench.publishing.gate import RULES
from workbench.publishing.reasons import as_reason
from workbench.studies.catalogue import Study
from workbench.takeaways.record import Record


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Explain one code, or check studies."""
    if arguments.explain:
        _explain(arguments.explain, outcome)
        return
    app = App(find_root(arguments.root))
    outcome.data["findings"] = []
    studies = chosen_studies(app, arguments, outcome)
    records = app.ledgers.records()
    for study in studies:
        _check(app, study, records, outcome)


def _check(
    app: App, study: Study, records: Mapping[str, Record], outcome: Outcome
) -> None:
    found, names = 0, app.catalogue.names()
    for variant in (*variants_of(study.registration), None):
        try:
            record = app.runs.current(study.name, variant)
            if record is None or not record.succeeded:
                continue
            found += 1
            checked = app.drafting.check(
                app.press_source(study), record, names, records
            )
        except WorkbenchError as error:
            outcome.failed(error)
            continue
        findings = outcome.data["findings"]
        assert isinstance(findings, list)  # noqa: S101 - made above
        findings += [
            {"variant": variant, "finding": to_plain(each)} for each in checked.findings
        ]
        if variant is not None:  # an exploratory run is shown, never published
            outcome.reasons += [
                (ExitCode.REFUSED, as_reason(each)) for each in checked.refused
            ]
        told = [e for e in checked.findings if e not in checked.refused or not variant]
        outcome.lines += [as_reason(each).as_line() for each in told]
        verdict = "refused" if checked.refused else "passes the gate"
        outcome.lines.append(f"{study.name} ({variant or 'exploratory'}): {verdict}")
    if not found:
        message = "there is no run to check; run it with `workbench run`."
        reason = Reason(code="never-run", message=message, subject=study.name)
        outcome.reasons.append((ExitCode.STUDY_FAILED, reason))


def _explain(code: str, outcome: Outcome) -> None:
    rules = {rule.code: rule for rule in RULES}
    if code not in rules:
        near = get_close_matches(code, rules, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        message = f"there is no code {code!r}; there are {', '.join(rules)}.{hint}"
        raise UsageError(Reason(code="usage", message=message))
    rule = rules[code]
    outcome.lines += [
        f"{rule.code} ({rule.severity.value})",
        f"Why: {rule.why}",
        f"Remedy: {rule.remedy}",
    ]
    outcome.data["rule"] = {"code": rule.code, "why": rule.why, "remedy": rule.remedy}
