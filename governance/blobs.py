"""Files named by their content: written whole or not at all, checked whenever they are read."""

from __future__ import annotations

import fcntl
import os
import re
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from data.failures import CrumbtrailError
from governance import digests


class BlobMissing(CrumbtrailError):
    """A stored file is not where it was put."""


class BlobAltered(CrumbtrailError):
    """A stored file no longer has the content that its digest names."""


_BLOB = re.compile(r"[0-9a-f]{64}")
# Seconds after its last byte at which a file that nobody holds counts as left over. Whoever makes one needs a moment
# before it holds it, and a Crumbtrail older than this one holds none.
_LEFT_AFTER = 60.0


class Blobs:
    """A folder of files, each under the SHA-256 of its content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Where the file with this digest is, or would be."""
        return self.folder / digest[:2] / digest

    def put(self, content: bytes) -> str:
        """Store bytes and return their digest; storing the same twice keeps one file.

        Raises
        ------
        BlobMissing
            If the folder is gone: made anew, it would lack what was stored in it before.
        BlobAltered
            If a folder stands in the file's place.
        OSError
            If the disk is full, or the folder cannot be written to.
        """
        digest = digests.of_bytes(content)
        target = self.path(digest)
        if target.is_dir():
            raise _altered(digest, "a folder stands in its place")
        if target.exists() and digests.of_file(target) == digest:
            return digest
        try:
            target.parent.mkdir(exist_ok=True)
        except (FileNotFoundError, NotADirectoryError, FileExistsError) as error:
            raise BlobMissing(self.gone()) from error
        # Renaming is atomic: a reader finds the whole file or none, also after a crash.
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                # Held until it has its name, and freed by the system however this process ends; see `left_over`.
                with suppress(OSError):  # Some file systems have no locks; there the file's age alone counts.
                    fcntl.flock(file, fcntl.LOCK_EX)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return digest

    def gone(self) -> str:
        """The sentence for a folder that is not where it was."""
        return (
            f"The folder {self.folder}, which holds the files that the database names, is not there, or is no folder. "
            "Put it back, from a backup if need be, or let CRUMBTRAIL_HOME name the home that this database belongs "
            "to. It is not made anew: it would lack what is stored."
        )

    def names(self) -> set[str]:
        """The digests by which files are stored, whatever their content is now."""
        return {path.name for path in self.folder.glob("*/*") if _is_named(path)}

    def left_over(self) -> list[Path]:
        """Files of writers that were ended before they could give them their names, oldest name first."""
        return sorted(path for path in self.folder.glob("*/*") if not _is_named(path) and _is_left(path))

    def remove_left_over(self) -> list[Path]:
        """Take away what `left_over` names; returns what could be taken away."""
        gone = []
        for path in self.left_over():
            try:
                path.unlink()
            except OSError:
                continue  # Somebody was first, or the folder is read-only.
            gone.append(path)
        return gone

    def check(self, digest: str, size: int | None = None) -> None:
        """Raise as `get` does, without holding the content in memory."""
        path = self._regular(digest, size)
        try:
            found = digests.of_file(path)
        except OSError as error:
            raise self._unreadable(digest, error) from error
        if found != digest:
            raise _altered(digest, f"its content now has the digest {found[:12]}…")

    def get(self, digest: str, size: int | None = None) -> bytes:
        """The content with this digest.

        Parameters
        ----------
        size : int, optional
            Bytes that it had when it was stored. A file of another size is refused before it is read.

        Raises
        ------
        BlobMissing
            If the file is gone, or cannot be read.
        BlobAltered
            If its content has another digest, be it by one bit, or something else stands in its place.
        """
        path = self._regular(digest, size)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise self._unreadable(digest, error) from error
        found = digests.of_bytes(content)
        if found != digest:
            raise _altered(digest, f"its content now has the digest {found[:12]}…")
        return content

    def _regular(self, digest: str, size: int | None) -> Path:
        """Where the file is; reading a pipe in its place would wait for ever."""
        path = self.path(digest)
        try:
            found = path.stat()
        except OSError as error:
            raise self._unreadable(digest, error) from error
        if not stat.S_ISREG(found.st_mode):
            raise _altered(
                digest, f"{'a folder' if stat.S_ISDIR(found.st_mode) else 'no file'} stands in its place"
            )
        if size is not None and found.st_size != size:
            raise _altered(digest, f"it now has {found.st_size} bytes in place of {size}")
        return path

    def _unreadable(self, digest: str, error: OSError) -> BlobMissing:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return BlobMissing(
                f"The stored file {digest[:12]}… is missing from {self.folder.name}/. "
                "Restore it from a backup, or train a new version."
            )
        return BlobMissing(
            f"The stored file {digest[:12]}… in {self.folder.name}/ cannot be read ({error.strerror}). "
            "Restore it from a backup, or let this user read it."
        )


def _altered(digest: str, how: str) -> BlobAltered:
    return BlobAltered(
        f"The stored file {digest[:12]}… was altered: {how}. "
        "It is not loaded. Restore it from a backup, or train a new version."
    )


def _is_named(path: Path) -> bool:
    return _BLOB.fullmatch(path.name) is not None and path.parent.name == path.name[:2]


def _is_left(path: Path) -> bool:
    """Whether nobody holds a file and nothing was written to it for a while."""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or time.time() - found.st_mtime < _LEFT_AFTER:
            return False
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
