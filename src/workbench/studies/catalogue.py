"""The studies and contracts of a root, read and checked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import chain
from pathlib import Path

from workbench.archive.layout import Layout
from workbench.contracts.datasets import Contract, parse_contract
from workbench.contracts.forms import Form
from workbench.contracts.mistakes import Mistakes, did_you_mean, one_of
from workbench.contracts.registrations import parse_registration
from workbench.contracts.yamltext import read_yaml
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
class Contracts:
    """The contracts of a root.

    Attributes:
        good: Contracts by dataset.
        wrong: Mistakes of the other contract files, by dataset.
    """

    good: dict[str, Contract]
    wrong: dict[str, tuple[Reason, ...]]

    @property
    def reasons(self) -> list[Reason]:
        """Every mistake of every contract."""
        return list(chain.from_iterable(self.wrong.values()))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a root studies, and on which data."""

    layout: Layout

    def contracts(self) -> Contracts:
        """Every contract; one that is wrong stops no other."""
        found = Contracts({}, {})
        for file in sorted(self.layout.contracts.glob("*.yaml")):
            try:
                contract = parse_contract(_text(file), file=self._name(file))
                found.good[contract.dataset] = contract
            except UsageError as error:
                found.wrong[file.stem] = error.reasons
        return found

    def names(self) -> list[str]:
        """Names of all studies, sorted."""
        return sorted(file.stem for file in self.layout.research.glob("*.yaml"))

    def study(self, name: str, contracts: Contracts) -> Study:
        """One study.

        Raises:
            UsageError: There is none of that name, or with all mistakes of its own, or
                else of the contracts it needs.
        """
        file = self.layout.registration(name)
        if not file.is_file():
            raise UsageError(self._unknown(name))
        text, place = _text(file), self._name(file)
        used = _datasets(text, place) if contracts.wrong else []
        wrong = [contracts.wrong.get(dataset, ()) for dataset in used]
        if any(wrong):
            raise UsageError(list(chain.from_iterable(wrong)))
        try:
            registration = parse_registration(
                text, file=place, contracts=contracts.good
            )
        except UsageError as error:
            also = self._notebook_mistake(text, place)
            raise UsageError([*error.reasons, *also]) from None
        if missing := self._notebook_mistake(text, place):
            raise UsageError(missing)
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

    def _notebook_mistake(self, text: str, file: str) -> list[Reason]:
        """That no notebook can be read where the registration says, and where it says.

        What else is wrong with the registration is told by whoever reads it.
        """
        others = Mistakes("registration", file)
        try:
            form = Form(read_yaml(text, others), "the registration", others)
        except UsageError:
            return []
        path = form.text("notebook")
        if not path or path.startswith("/") or ".." in path.split("/"):
            return []
        try:
            read_notebook(self.layout.root / path)
        except UsageError:
            folder = self.layout.root / "notebooks"
            known = sorted(self._name(found) for found in folder.glob("*.ipynb"))
            near = did_you_mean(path, [name for name in known if name != path])
            message = (
                f"there is no notebook {path!r} that can be read (format 4); there are "
                f"{one_of(known)}.{near} `workbench new` makes one."
            )
            place = f"line {form.line_of('notebook')}"
            code = "notebook-unreadable"
            return [Reason(code=code, message=message, subject=file, place=place)]
        return []

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


def _datasets(text: str, file: str) -> list[str]:
    """The datasets that a registration names, whatever else is wrong with it."""
    mistakes = Mistakes("registration", file)
    form = Form(read_yaml(text, mistakes), "the registration", mistakes)
    return list(form.form("data", "data"))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = "not UTF-8 text; save it as UTF-8."
        raise UsageError(
            Reason(code="not-text", message=message, subject=file.name)
        ) from error
