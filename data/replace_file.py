"""Write a data file so that it is never seen half written, and hold it against SHA256SUMS."""

import hashlib
from pathlib import Path

from cnncourse.storage import write_bytes

DATA = Path(__file__).resolve().parent


def replace_file(folder: Path, name: str, content: bytes) -> bool:
    """Write `content` to `folder/name` whole or not at all, and say whether SHA256SUMS lists these bytes.

    Args:
        folder: where the data lie, for example data/.
        name: the file, relative to the folder, as SHA256SUMS lists it.
        content: all its bytes.

    Returns:
        True if the SHA-256 of the content is the listed one.
    """
    write_bytes(folder / name, content)
    digest = hashlib.sha256(content).hexdigest()
    agrees = f"{digest}  {name}" in (DATA / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    verdict = "as in SHA256SUMS" if agrees else "NOT as in SHA256SUMS"
    print(f"{name}: {len(content):,} bytes, SHA-256 {digest}, {verdict}")
    return agrees
