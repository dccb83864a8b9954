"""The file about the tenants of one installation: read, checked, and each one's own settings."""

from config.tenants.load import TenantsRefused, TenantsReport, check_file, check_text, read_tenants
from config.tenants.own_settings import OWN, check_apart, settings_of
from config.tenants.tenant import Limits, Operator, Tenant, Tenants

__all__ = [
    "OWN",
    "Limits",
    "Operator",
    "Tenant",
    "Tenants",
    "TenantsRefused",
    "TenantsReport",
    "check_apart",
    "check_file",
    "check_text",
    "read_tenants",
    "settings_of",
]
