"""The hooks an admin describes in YAML: read, checked, made into settings."""

from cti_adapters.webhook.settings_file.load import (
    HookReport,
    HooksRefused,
    check_file,
    check_text,
    read_hooks,
)

__all__ = ["HookReport", "HooksRefused", "check_file", "check_text", "read_hooks"]
