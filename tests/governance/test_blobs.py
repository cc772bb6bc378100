"""Files by content: whole or not there, and refused when they are not what they were."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from data.workspace import ROOT
from governance import digests
from governance.blobs import BlobAltered, BlobMissing, Blobs

CONTENT = b"a tree that was trained" * 100
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    (tmp_path / "blobs").mkdir()
    return Blobs(tmp_path / "blobs")


def files(blobs: Blobs) -> list[Path]:
    return [path for path in blobs.folder.rglob("*") if path.is_file()]


def test_what_is_put_is_got_by_its_sha256(blobs: Blobs) -> None:
    assert blobs.put(CONTENT) == DIGEST
    assert blobs.get(DIGEST) == CONTENT
    assert blobs.get(blobs.put(b"")) == b""


def test_the_same_content_is_one_file(blobs: Blobs) -> None:
    assert blobs.put(CONTENT) == blobs.put(CONTENT) == DIGEST
    assert files(blobs) == [blobs.path(DIGEST)]


@pytest.mark.parametrize("position", [0, 1000, -1])
@pytest.mark.parametrize("bit", [1, 128])
def test_one_altered_bit_is_refused(blobs: Blobs, position: int, bit: int) -> None:
    blobs.put(CONTENT)
    altered = bytearray(CONTENT)
    altered[position] ^= bit
    blobs.path(DIGEST).write_bytes(altered)
    with pytest.raises(
        BlobAltered, match=f"{DIGEST[:12]}.*was altered.*{hashlib.sha256(altered).hexdigest()[:12]}"
    ):
        blobs.get(DIGEST)


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b"\n"])
def test_a_shorter_or_longer_file_is_refused(blobs: Blobs, content: bytes) -> None:
    blobs.put(CONTENT)
    blobs.path(DIGEST).write_bytes(content)
    with pytest.raises(BlobAltered):
        blobs.get(DIGEST)


def test_a_missing_file_is_named(blobs: Blobs) -> None:
    with pytest.raises(BlobMissing, match=f"{DIGEST[:12]}.*is missing"):
        blobs.get(DIGEST)


def test_putting_again_mends_an_altered_file(blobs: Blobs) -> None:
    blobs.put(CONTENT)
    blobs.path(DIGEST).write_bytes(b"other")
    blobs.put(CONTENT)
    assert blobs.get(DIGEST) == CONTENT


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_nothing(blobs: Blobs, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """A full disk: after some bytes, or when the file gets its name."""

    def fail(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os if step == "fsync" else Path, step, fail)
    with pytest.raises(OSError, match="No space left"):
        blobs.put(CONTENT)
    monkeypatch.undo()
    with pytest.raises(BlobMissing):
        blobs.get(DIGEST)
    assert files(blobs) == []
    assert blobs.put(CONTENT) == DIGEST
    assert blobs.get(DIGEST) == CONTENT


def test_a_reader_never_sees_half_a_file(blobs: Blobs) -> None:
    """Readers and writers at the same time: every read is the whole content, or nothing yet."""
    content = os.urandom(2_000_000)
    digest = hashlib.sha256(content).hexdigest()
    seen: set[str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                blobs.get(digest)
                seen.add("whole")
            except BlobMissing:
                seen.add("nothing")
            except BlobAltered:
                seen.add("half")

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=blobs.put, args=(content,)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    blobs.get(digest)
    done.set()
    reader.join()
    assert "half" not in seen
    assert files(blobs) == [blobs.path(digest)]


def left(blobs: Blobs, name: str = "tmp12345678", age: float = 3600.0) -> Path:
    path = blobs.path(DIGEST).with_name(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CONTENT[:7])
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def test_what_a_writer_left_that_was_killed_is_removed(blobs: Blobs) -> None:
    """A real one: killed while it waits for the disk."""
    code = (
        "import os, sys, time\nfrom pathlib import Path\nfrom governance.blobs import Blobs\n"
        "def wait(_file):\n    print('writing', flush=True)\n    time.sleep(600)\n"
        f"os.fsync = wait\nBlobs(Path({str(blobs.folder)!r})).put(b'a tree' * 100)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        try:
            assert writer.stdout is not None and writer.stdout.readline() == "writing\n"
            (temporary,) = files(blobs)
            os.utime(temporary, (0, 0))
            assert blobs.remove_left_over() == [], "its writer is alive, however long it takes"
        finally:
            writer.kill()
    assert blobs.remove_left_over() == [temporary]
    assert files(blobs) == []


def test_a_file_that_was_written_a_moment_ago_is_not_taken_for_left_over(blobs: Blobs) -> None:
    """Between its making and its locking there is a moment; and an older Crumbtrail locks nothing."""
    path = left(blobs, age=1.0)
    assert blobs.remove_left_over() == []
    assert path.exists()


def test_stored_files_are_never_taken_for_left_over(blobs: Blobs) -> None:
    blobs.put(CONTENT)
    os.utime(blobs.path(DIGEST), (0, 0))
    other = left(blobs)
    assert blobs.left_over() == [other]
    assert blobs.remove_left_over() == [other]
    assert blobs.get(DIGEST) == CONTENT
    assert blobs.names() == {DIGEST}


def test_a_file_of_another_size_is_refused_before_it_is_read(blobs: Blobs) -> None:
    """Eight gigabytes where a kilobyte was stored, in a file with a hole."""
    blobs.put(CONTENT)
    os.truncate(blobs.path(DIGEST), 8 * 2**30)
    started = time.monotonic()
    with pytest.raises(BlobAltered, match=rf"it now has {8 * 2**30} bytes in place of {len(CONTENT)}"):
        blobs.get(DIGEST, len(CONTENT))
    assert time.monotonic() - started < 1


def test_a_pipe_in_a_file_s_place_does_not_hold_up_who_reads_it(blobs: Blobs) -> None:
    blobs.path(DIGEST).parent.mkdir(parents=True)
    os.mkfifo(blobs.path(DIGEST))
    for read in (blobs.get, blobs.check):
        with pytest.raises(BlobAltered, match="no file stands in its place"):
            read(DIGEST)


def test_a_folder_in_the_place_of_a_file_is_said_and_left(blobs: Blobs) -> None:
    path = blobs.path(digests.of_bytes(b"a tree"))
    path.mkdir(parents=True)
    with pytest.raises(BlobAltered, match="a folder stands in its place"):
        blobs.put(b"a tree")
    assert path.is_dir()


@pytest.mark.parametrize("instead", [None, "a file"])
def test_nothing_is_stored_where_the_folder_of_files_is_gone(blobs: Blobs, instead: str | None) -> None:
    blobs.folder.rmdir()
    if instead:
        blobs.folder.write_text(instead)
    with pytest.raises(BlobMissing, match=r"/blobs, which holds the files .* Put it back, from a backup"):
        blobs.put(b"a tree")
    assert blobs.folder.exists() is bool(instead), "made anew, it would lack what is stored"
