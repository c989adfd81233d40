"""Where the warehouse keeps what."""

from dataclasses import dataclass
from pathlib import Path

from workbench.core import disk


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one store; nobody but its owner may look into it.

    Attributes:
        root: Root of the project, to which contracts' paths are relative.
        store: The store itself.
    """

    root: Path
    store: Path

    @property
    def objects(self) -> Path:
        """Parquet files named by their hash."""
        return self.store / "objects"

    @property
    def manifests(self) -> Path:
        """One folder of entries for each dataset."""
        return self.store / "manifests"

    @property
    def scratch(self) -> Path:
        """What queries spill, gone when they end, or at the next if they are killed."""
        return self.store / "scratch"

    def manifest(self, dataset: str) -> Path:
        """Entries of one dataset."""
        return self.manifests / dataset

    def object(self, sha256: str) -> Path:
        """The object of that hash."""
        return self.objects / f"{sha256}.parquet"

    def view(self, dataset: str, key: str) -> Path:
        """The remembered identity of one view."""
        return self.store / "views" / dataset / f"{key}.json"

    def quarantine(self, dataset: str, key: str) -> Path:
        """One broken delivery and its report."""
        return self.store / "quarantine" / dataset / key

    def prepare(self) -> None:
        """Make the store, closed to others, and clear up behind killed processes."""
        disk.make_folder(self.store)
        self.store.chmod(0o700)
        disk.remove_abandoned(self.scratch)
