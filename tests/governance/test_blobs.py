"""Files by content: whole or not there, and refused when they are not what they were."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from governance.blobs import BlobAltered, BlobMissing, Blobs

CONTENT = b"a tree that was trained" * 100
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
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
