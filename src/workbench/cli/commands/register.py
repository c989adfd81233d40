"""`workbench register`: seal a study's terms before it looks."""

from argparse import Namespace

from workbench.app import App
from workbench.cli.dispatch import find_root
from workbench.cli.outcome import Outcome
from workbench.cli.selection import chosen_studies
from workbench.core.canonical import SHORT


def command(arguments: Namespace, outcome: Outcome) -> None:
    """Seal each study named."""
    app = App(find_root(arguments.root))
    for study in chosen_studies(app, arguments, outcome):
        seal = study.registration.seal[:SHORT]
        if arguments.dry_run:
            outcome.lines.append(f"{study.name}: would be sealed as {seal}")
            continue
        made = app.registering.register(study)
        outcome.acted |= made
        word = "sealed as" if made else "already sealed as"
        outcome.lines.append(f"{study.name}: {word} {seal}")
