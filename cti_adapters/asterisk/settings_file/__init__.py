"""The telephone systems an admin describes in YAML: read, checked, made into settings."""

from cti_adapters.asterisk.settings_file.load import (
    PbxReport,
    PbxsRefused,
    check_file,
    check_text,
    read_pbxs,
)

__all__ = ["PbxReport", "PbxsRefused", "check_file", "check_text", "read_pbxs"]
