"""`workbench backfill`: history as a test, claimed and settled date by date."""

import shutil
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.progress import event
from workbench.cli.selection import chosen_studies
from workbench.core.canonical import canonical_json, sha256_of_value
from workbench.core.clock import format_instant, parse_instant, show_instant
from workbench.core.disk import write_text
from workbench.core.errors import ExitCode, Reason, UsageError
from workbench.core.registration import BASE_VARIANT
from workbench.scheduling.calendar import dates
from workbench.scheduling.comparing import decided, differences
from workbench.scheduling.replaying import Replayed, Replaying
from workbench.studies.catalogue import Study
from workbench.studies.identity import package_id
from workbench.takeaways.ledger import is_sealed

REHEARSED = "rehearsed"


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Replay sealed studies into their ledgers; or rehearse, and compare."""
    _check(arguments)
    root = find_root(arguments.root)
    app = App(root)
    moments = _moments(arguments)
    studies = [
        study
        for study in chosen_studies(app, arguments, outcome)
        if is_sealed(study.registration, app.ledgers.read(study.name))
    ]
    names = ", ".join(study.name for study in studies) or "no sealed study"
    outcome.data["dates"] = [format_instant(moment) for moment in moments]
    if arguments.dry_run:
        outcome.lines.append(f"{len(moments)} dates for {names}")
        if not arguments.rehearse:
            _foresee(_replaying(app, arguments).foreseen(studies, moments), outcome)
    elif not arguments.rehearse:
        whole = _replaying(app, arguments).replay(studies, moments, _told)
        outcome.data["done"] = whole.dates
        _tell(whole, outcome)
    else:
        _rehearse(app, arguments, studies, moments, outcome)


def _check(arguments: Namespace) -> None:
    wrong = []
    if arguments.max_active is not None and arguments.max_active < 1:
        wrong.append(f"--max-active is at least 1, not {arguments.max_active}.")
    if arguments.rehearse and arguments.reprocess:
        wrong.append(
            "--rehearse begins in an empty store, where nothing is run again; leave "
            "out --reprocess."
        )
    if wrong:
        raise UsageError([Reason(code="usage", message=each) for each in wrong])


def _replaying(app: App, arguments: Namespace) -> Replaying:
    """Replays with as many runs at once, and again, as the arguments say."""
    run_all = partial(app.run_all, at_once=arguments.max_active)
    return replace(app.replaying, run_all=run_all, reprocess=arguments.reprocess)


def _foresee(whole: Replayed, outcome: Outcome) -> None:
    outcome.data["plan"] = whole.dates
    outcome.reasons += whole.reasons
    outcome.lines += [
        "{study} as of {as_of}: {action}, {why}".format(**date) for date in whole.dates
    ]


def _moments(arguments: Namespace) -> list[datetime]:
    try:
        first, last = parse_instant(arguments.first), parse_instant(arguments.last)
        moments = list(dates(first, last, arguments.every))
    except (ValueError, OverflowError) as error:
        message = f"--from and --to are ISO dates such as 1997-04-01; {error}"
        raise UsageError(Reason(code="usage", message=message)) from error
    if not moments:
        message = f"--from {arguments.first} is after --to {arguments.last}."
        raise UsageError(Reason(code="usage", message=message))
    return moments


def _rehearse(
    app: App,
    arguments: Namespace,
    studies: Sequence[Study],
    moments: Sequence[datetime],
    outcome: Outcome,
) -> None:
    """Replay into an empty store, once for the same inputs, and compare."""
    rehearsal = App(app.layout.root, rehearsal=True)
    identity = _identity(app, studies, moments)
    marker = rehearsal.layout.replay / REHEARSED
    if marker.is_file() and marker.read_text(encoding="utf-8") == identity:
        outcome.lines.append("rehearsed before, and nothing changed since")
        return
    shutil.rmtree(rehearsal.layout.replay, ignore_errors=True)
    for study in studies:
        for line in app.ledgers.read(study.name):
            if line.get("seal") == study.registration.seal:
                fields = ("line", "study", "seal", "sealed", "looked_until")
                rehearsal.ledgers.append(
                    study.name, {name: line[name] for name in fields}
                )
    whole = _replaying(rehearsal, arguments).replay(studies, moments, _told)
    _tell(whole, outcome)
    _compare(app, rehearsal, studies, moments, outcome)
    if not outcome.reasons:
        write_text(marker, identity)


def _compare(
    app: App,
    rehearsal: App,
    studies: Sequence[Study],
    moments: Sequence[datetime],
    outcome: Outcome,
) -> None:
    for study in studies:
        for difference in differences(
            app.ledgers.read(study.name),
            rehearsal.ledgers.read(study.name),
            seal=study.registration.seal,
            moments=frozenset(moments),
        ):
            message = (
                f"{difference} Look for what changed in the data, the engine or the "
                "lock since it was committed."
            )
            reason = Reason(code="replay-differs", message=message, subject=study.name)
            outcome.reasons.append((ExitCode.STUDY_FAILED, reason))
    if not outcome.reasons:
        outcome.lines.append("the replay agrees with the committed ledgers")


def _identity(app: App, studies: Sequence[Study], moments: Sequence[datetime]) -> str:
    """Hash of all that decides a rehearsal: the code that settles and claims, too."""
    return sha256_of_value(
        {
            "code": package_id(),
            "runs": [
                app.planner.plan(
                    study, study.registration.values_of(BASE_VARIANT)
                ).spec.run_id
                for study in studies
            ],
            "ledgers": [
                sorted(
                    canonical_json([name, values])
                    for name, values in decided(
                        app.ledgers.read(study.name), study.registration.seal, moments
                    ).items()
                )
                for study in studies
            ],
            "moments": [format_instant(moment) for moment in moments],
        }
    )


def _told(moment: datetime, whole: Replayed) -> None:
    event(
        "replay.date",
        as_of=show_instant(moment),
        claimed=whole.claimed,
        settled=whole.settled,
    )


def _tell(whole: Replayed, outcome: Outcome) -> None:
    ran = any(date["action"] in ("run", "run again") for date in whole.dates)
    outcome.acted |= ran or whole.claimed + whole.settled > 0
    outcome.reasons += whole.reasons
    outcome.data |= {
        "claimed": whole.claimed,
        "settled": whole.settled,
        "runs": whole.runs,
    }
    outcome.lines.append(
        f"{whole.claimed} claims made and {whole.settled} settled; "
        f"{whole.runs} runs made or looked up"
    )
