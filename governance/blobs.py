"""Files named by their content: written whole or not at all, checked whenever they are read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from data.failures import CrumbtrailError
from governance import digests


class BlobMissing(CrumbtrailError):
    """A stored file is not where it was put."""


class BlobAltered(CrumbtrailError):
    """A stored file no longer has the content that its digest names."""


class Blobs:
    """A folder of files, each under the SHA-256 of its content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Where the file with this digest is, or would be."""
        return self.folder / digest[:2] / digest

    def put(self, content: bytes) -> str:
        """Store bytes and return their digest; storing the same twice keeps one file."""
        digest = digests.of_bytes(content)
        target = self.path(digest)
        if target.exists() and digests.of_file(target) == digest:
            return digest
        target.parent.mkdir(parents=True, exist_ok=True)
        # Renaming is atomic: a reader finds the whole file or none, also after a crash.
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return digest

    def get(self, digest: str) -> bytes:
        """The content with this digest.

        Raises
        ------
        BlobMissing
            If the file is gone.
        BlobAltered
            If its content has another digest, be it by one bit.
        """
        path = self.path(digest)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise BlobMissing(
                f"The stored file {digest[:12]}… is missing from {self.folder.name}/."
            ) from error
        found = digests.of_bytes(content)
        if found != digest:
            raise BlobAltered(
                f"The stored file {digest[:12]}… was altered: its content now has the digest {found[:12]}…. "
                "It is not loaded. Restore it from a backup, or train a new version."
            )
        return content
