"""The takeaway of a study: the author's words, the evidence's verdict."""

from collections.abc import Mapping, Sequence

from workbench.contracts.mistakes import did_you_mean
from workbench.core.errors import UsageError
from workbench.core.evidence import Evidence
from workbench.core.registration import Claim, Scalar, Status
from workbench.core.runs import Output
from workbench.notebook.session import Session, current_session, listed
from workbench.notebook.showing import display, takeaway_bundle
from workbench.notebook.surroundings import cell_number, variables
from workbench.takeaways import compose
from workbench.takeaways.binding import names_for


def takeaway(
    *,
    kind: str,
    evidence: Sequence[str],
    when: Mapping[str, Mapping[str, str]],
) -> None:
    """End a study with what a reader can do tomorrow; the verdict is computed.

    Args:
        kind: `faq`, `lesson` or `tool`.
        evidence: Names of the registered claims that carry it.
        when: For each verdict, `trade` and `do not trade`, the words: `claim` and
            `action`, and for `trade` also `entry` and `exit`. "No trade yet" is
            written by the engine.

    Raises:
        UsageError: With everything that is wrong.
    """
    session = current_session()
    number = str(_takeaways(session) + 1)
    place = f"takeaway {number}"
    around = variables()
    aliases = {
        variable: value.name
        for variable, value in around.items()
        if isinstance(value, Evidence)
        and not variable.startswith("_")
        and value.name in session.evidence
    }
    names = names_for(
        evidence=session.evidence,
        parameters=_parameters(session, around, place),
        as_of=session.spec.as_of,
        aliases=aliases,
    )
    claims = _claims(session, evidence, place)
    try:
        made = compose(
            kind=kind, claims=claims, evidence=session.evidence, when=when, names=names
        )
    except ValueError as error:
        lines = str(error).splitlines()
        raise UsageError(
            [session.reason("takeaway", line, place) for line in lines]
        ) from None
    output = Output(kind="takeaway", cell=cell_number(), takeaway=made, aliases=aliases)
    session.say(number, output)
    draft = session.spec.status is Status.DRAFT
    display(takeaway_bundle(made, number, draft=draft))


def _takeaways(session: Session) -> int:
    return sum(output.kind == "takeaway" for output in session.said.values())


def _claims(session: Session, names: Sequence[str], place: str) -> list[Claim]:
    found = {name: session.claim(name) for name in names}
    known = [claim.name for claim in session.spec.claims]
    wrong = [
        session.reason(
            "claim-unregistered",
            f"{name!r} is no registered claim; there are {listed(known)}."
            f"{did_you_mean(name, known)} Claims stand in {session.registration}.",
            place,
        )
        for name, claim in found.items()
        if claim is None
    ]
    if wrong:
        raise UsageError(wrong)
    return [claim for claim in found.values() if claim is not None]


def _parameters(
    session: Session, around: Mapping[str, object], place: str
) -> dict[str, Scalar]:
    """Values of the parameters, as the notebook's variables hold them now.

    In a batch run they are the registered ones to the end, or texts would state other
    values than the run is known by.
    """
    registered = dict(session.spec.parameters)
    held = {
        name: value
        for name in registered
        if isinstance(value := around.get(name, registered[name]), Scalar)
    }
    if not session.batch:
        return registered | held
    wrong = [
        session.reason(
            "parameter-reassigned",
            f"parameter {name!r} was assigned another value in the notebook; the run "
            "is known by its parameters: use another variable.",
            place,
        )
        for name, value in registered.items()
        if name not in held or held[name] != value
    ]
    if wrong:
        raise UsageError(wrong)
    return registered
