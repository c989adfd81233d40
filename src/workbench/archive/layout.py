"""Where things are under a root; the only place that spells these paths."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths of one root.

    Attributes:
        root: Its folder.
        rehearsal: Whether ledgers and runs are those of a rehearsal, empty at first;
            data, studies and settings are the root's all the same.
    """

    root: Path
    rehearsal: bool = False

    @property
    def research(self) -> Path:
        """Registrations, contracts and data."""
        return self.root / "research"

    @property
    def contracts(self) -> Path:
        """One contract per dataset."""
        return self.research / "contracts"

    @property
    def notebooks(self) -> Path:
        """Studies as notebooks."""
        return self.root / "notebooks"

    @property
    def takeaways(self) -> Path:
        """Ledgers, one per study."""
        return (self.replay if self.rehearsal else self.root) / "takeaways"

    @property
    def sealed(self) -> Path:
        """Notebooks as they were sealed, beside the ledgers."""
        return self.takeaways / "sealed"

    @property
    def site(self) -> Path:
        """Hand-written pages and the theme."""
        return self.root / "site"

    @property
    def mkdocs_file(self) -> Path:
        """Configuration of the site."""
        return self.root / "mkdocs.yml"

    @property
    def build(self) -> Path:
        """Releases of the site, and `current`."""
        return self.root / "build"

    @property
    def state(self) -> Path:
        """All that is not in git."""
        return self.root / ".workbench"

    @property
    def data(self) -> Path:
        """Objects, manifests and views."""
        return self.state / "data"

    @property
    def runs(self) -> Path:
        """Run folders, by study."""
        return (self.replay if self.rehearsal else self.state) / "runs"

    @property
    def store(self) -> Path:
        """The run store, unless it is elsewhere."""
        return (self.replay if self.rehearsal else self.state) / "runs.sqlite"

    @property
    def replay(self) -> Path:
        """What a rehearsal of history leaves."""
        return self.state / "replay"

    @property
    def reopened(self) -> Path:
        """Copies of runs that somebody looks at in JupyterLab."""
        return self.state / "reopened"

    @property
    def editions(self) -> Path:
        """Posts that passed the gate, by study."""
        return self.state / "editions"

    @property
    def rendered(self) -> Path:
        """Posts as they were last rendered, to be thrown away at will."""
        return (self.replay if self.rehearsal else self.state) / "rendered"

    @property
    def stage(self) -> Path:
        """Where hand-written and generated pages meet."""
        return self.state / "stage"

    @property
    def rollback(self) -> Path:
        """Which earlier release a person chose to serve, and why."""
        return self.state / "rollback.json"

    @property
    def preview(self) -> Path:
        """A site of drafts, for one pair of eyes."""
        return self.state / "preview"

    @property
    def leases(self) -> Path:
        """Lock files."""
        return (self.replay if self.rehearsal else self.state) / "leases"

    @property
    def site_lock(self) -> Path:
        """Held while the stage and the releases are written."""
        return self.leases / "site.lock"

    def registration(self, study: str) -> Path:
        """Registration of a study."""
        return self.research / f"{study}.yaml"

    def released_ledgers(self, release: str) -> Path:
        """Ledgers as a release shows them: `current`, or `releases/<tree>`."""
        return self.build / release / "takeaways" / "ledger"

    def ledger(self, study: str) -> Path:
        """Ledger of a study."""
        return self.takeaways / f"{study}.jsonl"
