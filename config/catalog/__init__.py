"""The catalog admins write in YAML: read, checked, compiled for the core, compared."""

from config.catalog.diff import Change, changes, diff
from config.catalog.hours import must_renew, renew_at
from config.catalog.load import (
    CatalogProblems,
    CheckReport,
    check_file,
    check_text,
    load_catalog,
)
from config.problems import Problem

__all__ = [
    "CatalogProblems",
    "Change",
    "CheckReport",
    "Problem",
    "changes",
    "check_file",
    "check_text",
    "diff",
    "load_catalog",
    "must_renew",
    "renew_at",
]
