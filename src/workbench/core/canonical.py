"""One spelling for every value, so that equal content has an equal hash."""

import hashlib
import json
import math
from pathlib import Path

SHORT = 16  # of a hash: what people are shown, and what folders are named by
SIGNIFICANT_DIGITS = 10


def canonical_json(value: object) -> str:
    """Sorted keys, no white space, no NaN or infinity: one text per value.

    Raises:
        ValueError: A float is not finite.
    """
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def pretty_json(value: object) -> str:
    """The same value for files that people read; ends in a newline."""
    text = json.dumps(
        value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False
    )
    return text + "\n"


def sha256_of_bytes(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_value(value: object) -> str:
    """SHA-256 of the canonical JSON of a plain value.

    Raises:
        ValueError: A float is not finite, or a text holds half a character.
    """
    return sha256_of_bytes(canonical_json(value).encode())


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rounded(value: float | None) -> float | None:
    """A float at ten significant digits, None where it is not finite.

    Sums taken in another order, or by another processor, differ in the last bits; what
    is published and hashed must not.
    """
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
