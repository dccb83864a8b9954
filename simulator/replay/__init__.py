"""Recorded calls through the production core: as it was, and as it would have been."""

from simulator.replay.change import CentreChange, ChangeError
from simulator.replay.course import Progress
from simulator.replay.inspection import Inspected
from simulator.replay.rebuild import build
from simulator.replay.recording import NothingToReplay, Recording, Staffed, study, study_journal
from simulator.replay.replay import Beside, LogFacts, Replay, Wishes, replay

__all__ = [
    "Beside",
    "CentreChange",
    "ChangeError",
    "Inspected",
    "LogFacts",
    "NothingToReplay",
    "Progress",
    "Recording",
    "Replay",
    "Staffed",
    "Wishes",
    "build",
    "replay",
    "study",
    "study_journal",
]
