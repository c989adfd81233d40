"""The studies and contracts of a root, read and checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from workbench.archive.layout import Layout
from workbench.contracts.datasets import Contract, parse_contract
from workbench.contracts.registrations import parse_registration
from workbench.core.errors import Reason, UsageError
from workbench.core.registration import Registration
from workbench.studies.source import Notebook, read_notebook


@dataclass(frozen=True, slots=True)
class Study:
    """One study, ready to run."""

    registration: Registration
    notebook: Notebook

    @property
    def name(self) -> str:
        """The study's name, its permalink."""
        return self.registration.study


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a root studies, and on which data."""

    layout: Layout

    def contracts(self) -> dict[str, Contract]:
        """Every contract by dataset.

        Raises:
            UsageError: With every mistake of every contract file.
        """
        found: dict[str, Contract] = {}
        wrong: list[Reason] = []
        for file in sorted(self.layout.contracts.glob("*.yaml")):
            try:
                contract = parse_contract(_text(file), file=self._name(file))
                found[contract.dataset] = contract
            except UsageError as error:
                wrong += error.reasons
        if wrong:
            raise UsageError(wrong)
        return found

    def names(self) -> list[str]:
        """Names of all studies, sorted."""
        return sorted(file.stem for file in self.layout.research.glob("*.yaml"))

    def study(self, name: str, contracts: Mapping[str, Contract]) -> Study:
        """One study.

        Raises:
            UsageError: There is none of that name, or with all its mistakes.
        """
        file = self.layout.registration(name)
        if not file.is_file():
            raise UsageError(self._unknown(name))
        registration = parse_registration(
            _text(file), file=self._name(file), contracts=contracts
        )
        notebook = read_notebook(self.layout.root / registration.notebook)
        notebook.check_parameters(registration)
        return Study(replace(registration, code=notebook.code_id), notebook)

    def studies(self, names: Iterable[str]) -> tuple[list[Study], list[Reason]]:
        """The named studies, or all when none is named, and what is wrong with others.

        One study's mistakes stop no other.
        """
        contracts = self.contracts()
        good: list[Study] = []
        wrong: list[Reason] = []
        for name in list(names) or self.names():
            try:
                good.append(self.study(name, contracts))
            except UsageError as error:
                wrong += error.reasons
        return good, wrong

    def _unknown(self, name: str) -> Reason:
        names = self.names()
        near = get_close_matches(name, names, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        listed = ", ".join(names) or "none yet"
        message = (
            f"there is no study {name!r}; there are: {listed}.{hint} "
            f"`workbench new {name}` makes one."
        )
        return Reason(code="study-unknown", message=message, subject=name)

    def _name(self, file: Path) -> str:
        return file.relative_to(self.layout.root).as_posix()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = "not UTF-8 text; save it as UTF-8."
        raise UsageError(
            Reason(code="not-text", message=message, subject=file.name)
        ) from error
