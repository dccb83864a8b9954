"""The connectors an admin describes in YAML: read, checked, made ready."""

from ivr.connectors.settings_file.load import (
    ConnectorReport,
    ConnectorsRefused,
    check_file,
    check_text,
    read_connectors,
)

__all__ = ["ConnectorReport", "ConnectorsRefused", "check_file", "check_text", "read_connectors"]
