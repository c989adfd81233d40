"""Keyed pseudonyms in the place of direct identifiers.

HMAC-SHA-256 (RFC 2104, FIPS 180-4) cut to 128 bits; the purpose is part of what is
signed, so that two studies of different purposes cannot be joined. Whoever lacks the
key cannot find a person by trying every identifier.
"""

import hmac
import os
import secrets
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from workbench.core import disk
from workbench.core.errors import Reason, UsageError

KEY_BYTES = 32
PSEUDONYM_BYTES = 16
_OTHERS = 0o077


def default_key_file(environment: Mapping[str, str] | None = None) -> Path:
    """The key's place in the user's configuration folder, outside any repository."""
    known = os.environ if environment is None else environment
    configured = Path(known.get("XDG_CONFIG_HOME", ""))
    home = Path(known.get("HOME") or Path.home())
    # The base directory specification ignores relative paths.
    folder = configured if configured.is_absolute() else home / ".config"
    return folder / "workbench" / "pseudonym.key"


def read_key(key_file: Path, root: Path) -> bytes:
    """The key, made on first use.

    Raises:
        UsageError: It lies inside the root, others may read it, or it is damaged.
    """
    if key_file.resolve().is_relative_to(root.resolve()):
        raise _refused(
            "the key of the pseudonyms must lie outside the root; set key_file"
        )
    disk.make_folder(key_file.parent, mode=0o700)
    disk.create_once(key_file, secrets.token_hex(KEY_BYTES).encode() + b"\n")
    if key_file.stat().st_mode & _OTHERS:
        raise _refused(f"others may read the key; run `chmod 600 {key_file}`")
    try:
        key = bytes.fromhex(key_file.read_text(encoding="ascii"))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise _refused(
            f"{key_file} holds no key; restore it, or move it away for a new one"
        )
    return key


def _refused(message: str) -> UsageError:
    return UsageError(Reason(code="pseudonym-key", message=f"{message}."))


def pseudonym(key: bytes, purpose: str, identifier: str) -> str:
    """32 hexadecimal digits for one identifier; spelling variants of it are one."""
    folded = unicodedata.normalize("NFKC", identifier).casefold()
    message = (
        purpose.encode() + b"\x00" + unicodedata.normalize("NFKC", folded).encode()
    )
    return hmac.digest(key, message, "sha256")[:PSEUDONYM_BYTES].hex()
