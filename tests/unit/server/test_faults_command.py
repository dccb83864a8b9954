"""``patchbay faults`` where there is a laboratory, and where there is none."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from server.cli import faults
from server.cli.root import outcome


def test_without_a_checkout_it_says_in_a_sentence_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(faults, "ROOT", tmp_path)
    assert outcome(["faults", "--kills", "3"]) == 2
    said = capsys.readouterr().err
    assert "run this from a clone" in said
    assert said.count("\n") == 1


def test_its_options_and_its_verdict_are_those_of_the_laboratory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        told.append(command[1:])
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(subprocess, "run", run)
    assert outcome(["faults", "--kills", "3", "--help"]) == 1
    assert told == [["-m", "tests.faults.cluster", "--kills", "3", "--help"]]
