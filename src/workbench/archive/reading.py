"""Reading what is kept: what is not there is none, what may not be read is told."""

from pathlib import Path

from workbench.core.errors import Reason, UsageError


def bytes_of(file: Path, subject: str) -> bytes | None:
    """What a file holds; None where there is none.

    Args:
        file: The file.
        subject: Whose it is.

    Raises:
        UsageError: This user may not read it. To take it for none would be to say that
            something never happened.
    """
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        message = f"{file}: {error.strerror}."
        reason = Reason(code="file-system", message=message, subject=subject)
        raise UsageError(reason) from error
