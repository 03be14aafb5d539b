"""Write a file whole or not at all, and say in one sentence when the disk is full."""

import errno
import os
import tempfile
from pathlib import Path


class CannotWrite(OSError):
    """A file could not be written; its text is one sentence for the person at the terminal."""


def write_text(path: Path, text: str) -> None:
    """Write a text file through a temporary neighbour, so that an interrupted run leaves the old one.

    Args:
        path: the file; its folder is made if need be.
        text: its new content.

    Raises:
        CannotWrite: if the disk is full or the folder cannot be written.
    """
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file of bytes, as `write_text` writes text.

    Args:
        path: the file; its folder is made if need be.
        content: its new content.

    Raises:
        CannotWrite: if the disk is full or the folder cannot be written.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".unfinished.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise CannotWrite(f"the disk is full: {path} was not written; free some space and run again.") from error
        denied = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
        advice = "check the folder's permissions" if denied else "name another file"
        raise CannotWrite(f"{path} was not written: {error.strerror}; {advice}.") from error
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
