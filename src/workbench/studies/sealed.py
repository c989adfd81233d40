"""A study as it was sealed, to settle what it claimed then."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.archive.sealed import SealedArchive
from workbench.core.errors import Reason, UsageError
from workbench.core.records import Plain, from_plain, to_plain
from workbench.core.registration import PROSE, Registration, Status
from workbench.studies.catalogue import Study
from workbench.studies.source import Notebook, is_notebook
from workbench.takeaways.ledger import Line, seal_of


def sealed_study(
    study: Study, seal: str, lines: Sequence[Line], archive: SealedArchive
) -> Study:
    """The study on the terms and with the code of a seal; as it is if they are its own.

    Args:
        study: As it stands now.
        seal: Of the terms wanted.
        lines: Its ledger, which holds the terms.
        archive: Holds the code.

    Raises:
        UsageError: Terms or code are gone, or of a form that cannot be read any more.
    """
    if study.registration.seal == seal:
        return study
    registration = _registration(study.registration, _terms(lines, seal))
    return _as_sealed(registration, seal, archive)


def _terms(lines: Sequence[Line], seal: str) -> dict[str, Plain]:
    for line in lines:
        terms = line.get("sealed")
        if line.get("seal") == seal and isinstance(terms, dict):
            return terms
    return {}


def forgotten_study(name: str, lines: Sequence[Line], archive: SealedArchive) -> Study:
    """A study whose registration is gone, as its ledger last sealed it.

    Its title and question are not in the ledger, and settling needs neither.

    Raises:
        UsageError: Terms or code are gone, too, or are not what was sealed.
    """
    seal = seal_of(lines) or ""
    prose: dict[str, Plain] = {
        **dict.fromkeys(PROSE, ""),
        "study": name,
        "authors": [],
        "tags": [],
        "status": Status.REGISTERED.value,
        "cadence": "monthly",
        "time_zone": "UTC",
        "catch_up": "latest",
        "on_failure": [],
    }
    registration = _read(name, {**prose, **_terms(lines, seal)})
    return _as_sealed(registration, seal, archive)


def sealed_notebook(
    seal: str, terms: Mapping[str, Plain], archive: SealedArchive
) -> Notebook:
    """The notebook that the archive keeps for a seal, if its code is what was sealed.

    Args:
        seal: Of the terms.
        terms: As sealed; they hold the notebook's place and the hash of its code.
        archive: Holds the notebook.

    Raises:
        UsageError: It is gone, or is another.
    """
    plain = archive.read(seal)
    notebook = Notebook(Path(str(terms.get("notebook"))), plain)
    if not (is_notebook(plain) and _is_what_was_sealed(notebook, terms)):
        message = (
            "the code that was kept is not the code that was sealed, so its claims "
            f"cannot be settled; restore takeaways/sealed/{seal}.ipynb from version "
            "control."
        )
        raise UsageError(Reason(code="sealed-missing", message=message))
    return notebook


def _is_what_was_sealed(notebook: Notebook, terms: Mapping[str, Plain]) -> bool:
    """Whether its code is, and papermill would put the parameters where they belong."""
    declared = terms.get("parameters")
    defaults = {
        str(each["name"]): each["default"]
        for each in (declared if isinstance(declared, list) else [])
        if isinstance(each, dict)
    }
    return notebook.code_id == terms.get("code") and notebook.assigned == defaults


def _as_sealed(registration: Registration, seal: str, archive: SealedArchive) -> Study:
    if registration.seal != seal:
        raise UsageError(_changed(registration.study))
    terms = registration.sealed_part()
    return Study(registration, sealed_notebook(seal, terms, archive))


def _registration(now: Registration, terms: dict[str, Plain]) -> Registration:
    plain = to_plain(now)
    assert isinstance(plain, dict)  # noqa: S101 - a dataclass is a mapping
    return _read(now.study, {**{name: plain[name] for name in PROSE}, **terms})


def _read(study: str, plain: dict[str, Plain]) -> Registration:
    try:
        return from_plain(Registration, plain)
    except ValueError as error:
        raise UsageError(_changed(study)) from error


def _changed(study: str) -> Reason:
    message = (
        "the terms that were sealed cannot be read any more, so its claims cannot be "
        f"settled; restore takeaways/{study}.jsonl from version control."
    )
    return Reason(code="sealed-missing", message=message, subject=study)
