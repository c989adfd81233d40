"""Small files that say where something stands; one that cannot be read says nothing."""

import json
from pathlib import Path


def read_pointer(file: Path, key: str) -> str | None:
    """The text under a key; None where the file is missing, torn or of another form."""
    try:
        plain = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    text = plain.get(key) if isinstance(plain, dict) else None
    return text if isinstance(text, str) else None
