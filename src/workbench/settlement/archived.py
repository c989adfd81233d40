"""Verifying what settles a claim: the notebook kept for its seal is what was sealed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from workbench.archive.sealed import SealedArchive
from workbench.core.errors import Reason, UsageError
from workbench.studies.sealed import sealed_notebook
from workbench.takeaways.ledger import Line
from workbench.takeaways.record import fold


def code_faults(
    study: str, lines: Sequence[Line], archive: SealedArchive
) -> Iterator[Reason]:
    """What is wrong with the notebooks kept for the seals of a ledger.

    One that is gone is missed only where an open claim needs it: the oldest terms were
    sealed before notebooks were kept, and what has met its fate needs none.

    Args:
        study: Whose ledger it is.
        lines: The ledger, verified.
        archive: Keeps the notebooks.
    """
    needed = {claim.seal for claim in fold(study, lines).open}
    for line in lines:
        seal, terms = str(line.get("seal")), line.get("sealed")
        if not isinstance(terms, dict):
            continue  # a line of another kind
        if seal in needed or archive.holds(seal):
            try:
                sealed_notebook(seal, terms, archive)
            except UsageError as error:
                place = f"line {line['number']}"
                for reason in error.reasons:
                    yield replace(reason, subject=study, place=place)
