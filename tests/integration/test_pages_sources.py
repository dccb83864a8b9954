"""The pages' own checks: types, lint and unit tests, run with npm as the build does."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def npm() -> list[str]:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    hatch_build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hatch_build)
    command = hatch_build.system_npm() or hatch_build.wheel_npm()
    if command is None:
        pytest.skip("no Node here: the pages cannot be checked")
    if not (ROOT / "web" / "node_modules").is_dir():
        pytest.skip("the pages' packages are not installed: npm's registry was out of reach")
    return command


@pytest.mark.parametrize("script", ["check", "lint", "test"])
def test_the_pages_pass(script: str):
    command = npm()
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [*command, "run", script],
        cwd=ROOT / "web",
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"npm run {script}:\n{done.stdout[-4000:]}{done.stderr[-2000:]}"
