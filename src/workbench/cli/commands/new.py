"""`workbench new`: a notebook and a registration that run at once."""

from argparse import Namespace

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.core.disk import write_text
from workbench.core.errors import Reason, UsageError
from workbench.studies.template import new_study


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Write both files; overwrites nothing.

    Raises:
        UsageError: The name is taken or malformed, or there is no such dataset.
    """
    app = App(find_root(arguments.root))
    layout, name = app.layout, arguments.name
    registration = layout.registration(name)
    notebook = layout.notebooks / f"{name}.ipynb"
    taken = [path for path in (registration, notebook) if path.exists()]
    if taken:
        message = f"{', '.join(path.name for path in taken)} exists; choose another."
        raise UsageError(Reason(code="study-exists", message=message, subject=name))
    if wrong := app.all_contracts.wrong.get(arguments.data):
        raise UsageError(wrong)
    terms, source = new_study(name, app.contracts, arguments.data)
    outcome.lines += [
        f"{registration}: its terms, a draft",
        f"{notebook}: its source; run it with `workbench run {name}`",
    ]
    if arguments.dry_run:
        return
    write_text(registration, terms)
    write_text(notebook, source)
    outcome.acted = True
