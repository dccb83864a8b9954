"""Recorded calls of a real centre: their model, what the columns of a log mean, the reading."""

from simulator.call_log.from_journal import Asked, JournalRecord, read_journal
from simulator.call_log.mapping import (
    ANONYMOUS_BANK,
    ONE_ROW_PER_CALL,
    Columns,
    Mapping,
    convert_mapping,
)
from simulator.call_log.model import CallLog, LogError, LogProblem, RecordedCall
from simulator.call_log.read import read_log
from simulator.call_log.tiers import complete_tiers, served_tiers, tier_on_record, tier_shares

__all__ = [
    "ANONYMOUS_BANK",
    "ONE_ROW_PER_CALL",
    "Asked",
    "CallLog",
    "Columns",
    "JournalRecord",
    "LogError",
    "LogProblem",
    "Mapping",
    "RecordedCall",
    "complete_tiers",
    "convert_mapping",
    "read_journal",
    "read_log",
    "served_tiers",
    "tier_on_record",
    "tier_shares",
]
