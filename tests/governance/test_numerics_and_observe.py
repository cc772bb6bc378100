"""What is fixed before a training, and what is noted about it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from data import workspace
from governance import numerics, observe


def test_threads_and_hash_seed_are_set_for_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.setenv("SOMETHING_ELSE", "kept")
    made = numerics.child_environment(3)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
        assert made[name] == "3"
    assert made["PYTHONHASHSEED"] == "0"
    assert made["SOMETHING_ELSE"] == "kept"
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_variables_of_the_recorded_run_come_back_and_others_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    monkeypatch.setenv("DNNL_MAX_CPU_ISA", "AVX2")
    made = numerics.child_environment(
        2, {"DNNL_MAX_CPU_ISA": "SSE41", "ATEN_CPU_CAPABILITY": "default", "PATH": "/evil", "HOME": "/evil"}
    )
    assert made["DNNL_MAX_CPU_ISA"] == "SSE41"
    assert made["ATEN_CPU_CAPABILITY"] == "default"
    assert "MKL_CBWR" not in made
    # A record cannot set any other variable.
    assert made["PATH"] == os.environ["PATH"] and made["HOME"] == os.environ["HOME"]


def test_without_a_record_the_variables_of_this_process_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    assert numerics.child_environment(2)["MKL_CBWR"] == "COMPATIBLE"


def test_observed_numerics_are_json_and_name_the_variables_in_force() -> None:
    code = "import json\nimport numpy\nfrom governance import numerics\nprint(json.dumps(numerics.observe()))"
    environment = numerics.child_environment(1) | {"MKL_CBWR": "COMPATIBLE"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=workspace.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["environment_variables"]["MKL_CBWR"] == "COMPATIBLE"
    assert found["environment_variables"]["OMP_NUM_THREADS"] == "1"
    assert all(pool["num_threads"] == 1 for pool in found["thread_pools"])


def test_files_opened_and_modules_imported_are_noted_with_their_digests(tmp_path: Path) -> None:
    """In a fresh process, so that nothing else was loaded: a card, a module, and a stranger's file."""
    stranger = tmp_path / "elsewhere.txt"
    stranger.write_text("not ours")
    code = (
        "import json, sys\nfrom pathlib import Path\nfrom governance import observe\n"
        "before = observe.code()['files']\n"
        "observe.watch_files()\nobserve.watch_files()\n"
        "open('data/cards/iris.yaml').close()\nPath('lineage.yaml').read_text()\n"
        f"open({str(stranger)!r}).close()\n"
        "import data.features\n"
        "print(json.dumps([before, observe.code()['files']]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=workspace.ROOT, capture_output=True, text=True, check=True
    )
    before, after = json.loads(done.stdout)
    assert "data/workspace.py" in before and "governance/observe.py" in before
    assert not {"data/cards/iris.yaml", "lineage.yaml", "data/features.py"} & before.keys()
    assert {"data/cards/iris.yaml", "lineage.yaml", "data/features.py"} == after.keys() - before.keys()
    for name, digest in after.items():
        assert hashlib.sha256((workspace.ROOT / name).read_bytes()).hexdigest() == digest


def test_what_is_installed_or_stored_is_no_source() -> None:
    files = observe.code()["files"]
    assert files
    assert not [name for name in files if name.startswith((".venv", ".git", ".crumbtrail")) or ".." in name]
    assert not [name for name in files if name.endswith(".pyc")]


def test_git_state_of_a_repository_and_of_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*words: str) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        done = subprocess.run(
            ["git", "-C", str(tmp_path), *identity, *words], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    monkeypatch.setattr(observe, "ROOT", tmp_path)
    assert observe._git() is None
    git("init", "--quiet")
    assert observe._git() is None
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "--quiet", "-m", "first")
    assert observe._git() == {"commit": git("rev-parse", "HEAD"), "dirty": False}
    (tmp_path / "a").write_text("2")
    assert observe._git() == {"commit": git("rev-parse", "HEAD"), "dirty": True}
    # An unpacked copy inside somebody else's repository is not that repository.
    (tmp_path / "copy").mkdir()
    monkeypatch.setattr(observe, "ROOT", tmp_path / "copy")
    assert observe._git() is None


def test_a_distribution_without_a_name_and_one_that_is_there_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupted installation leaves a nameless folder; of two versions the first on the path counts."""
    for place, version in (("first", "1.0"), ("second", "2.0")):
        info = tmp_path / place / f"crumbling-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: Crumbling\nVersion: {version}\n")
    broken = tmp_path / "first" / "~rumbling-0.1.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "first"), str(tmp_path / "second"), *sys.path])
    found = observe.environment()["distributions"]
    assert found["crumbling"] == metadata.version("crumbling") == "1.0"
    assert None not in found
