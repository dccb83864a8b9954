"""A package, because others install one of this name: ``python -m tests.…`` must find this one."""
