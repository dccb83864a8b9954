"""The compiled core decides what the source does: the same histories, event by event."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import compile_core

ROOT = Path(__file__).parents[2]
HISTORIES = """
import hashlib, sys
from random import Random
import router.core.machine as machine
from core_world import STRATEGY_NAMES, World
from msgspec import msgpack

digest, events = hashlib.sha256(), 0
for seed in range(40):
    world = World(STRATEGY_NAMES[seed % len(STRATEGY_NAMES)])
    core = world.core
    class Listening:
        state = core.state
        next_deadline = staticmethod(core.next_deadline)
        def handle(self, command, at):
            global events
            result = core.handle(command, at)
            digest.update(msgpack.encode(result))
            events += len(result) if isinstance(result, list) else 0
            return result
    world.core = Listening()
    random = Random(seed)
    for _ in range(3):
        world.busy_stretch(random)
    digest.update(world.state.snapshot())
print(machine.__file__)
print(events, digest.hexdigest())
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> Path:
    if not compile_core.can_compile():
        pytest.skip(compile_core.NO_COMPILER)
    folder = tmp_path_factory.mktemp("compiled")
    compile_core.compile_into(folder)
    return folder


def histories(first_on_path: Path) -> list[str]:
    path = os.pathsep.join([str(first_on_path), str(ROOT / "tests" / "property"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", HISTORIES],
        cwd=first_on_path,
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout.splitlines()


def test_compiled_and_plain_histories_are_the_same(compiled: Path):
    plain_file, plain = histories(ROOT)
    compiled_file, told = histories(compiled)
    assert plain_file.endswith(".py")
    assert compiled_file.startswith(str(compiled))
    assert not compiled_file.endswith(".py")
    assert int(plain.split()[0]) > 2_000
    assert told == plain


def test_a_copy_of_these_sources_is_not_compiled_again(compiled: Path):
    before = (compiled / compile_core.STAMP).stat().st_mtime_ns
    compile_core.compile_into(compiled)
    assert (compiled / compile_core.STAMP).stat().st_mtime_ns == before


def test_without_a_compiler_one_sentence_says_what_is_missing(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(compile_core, "can_compile", lambda: False)
    with pytest.raises(compile_core.CompileError, match="C compiler"):
        compile_core.compile_into(tmp_path)
    assert list(tmp_path.iterdir()) == []
