"""The manager's password: in the file, in a file of its own, or in the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Final

from config.catalog.checks import Checker
from config.files import read_file
from config.problems import Path, ProblemList, excerpt
from cti_adapters.asterisk.settings_file.document import PbxSource

MAX_SECRET: Final = 200
FORMS: Final = ("secret", "secret_file", "secret_env")


def find_secret(
    path: Path,
    source: PbxSource,
    folder: FilePath,
    environment: Mapping[str, str],
    checker: Checker,
) -> str:
    """The password of the system at ``path``; empty when there is none, which is reported, unless
    an adapter at a branch is who needs it.

    The name of a file counts from ``folder``.
    """
    forms = [name for name in FORMS if checker.written((*path, name))]
    if len(forms) != 1:
        what = f"{len(forms)} of {', '.join(FORMS)} are given" if forms else "no secret is given"
        checker.report(path, what, "write exactly one, best secret_file or secret_env")
        return ""
    here = (*path, forms[0])
    if source.branch is not None and not _is_here(source, folder, environment):
        return ""
    if source.secret_file is not None:
        return _usable(_first_line(here, folder / source.secret_file, checker), here, checker)
    if source.secret_env is None:
        return _usable(source.secret, here, checker)
    if not environment.get(source.secret_env):
        name = excerpt(source.secret_env)
        checker.report(here, f"the environment has no {name}", "set it to the manager's secret")
        return ""
    return _usable(environment[source.secret_env], here, checker)


def _is_here(source: PbxSource, folder: FilePath, environment: Mapping[str, str]) -> bool:
    """Whether the secret of a system at a branch is known on this machine."""
    if source.secret_file is not None:
        return (folder / source.secret_file).exists()
    return source.secret_env is None or bool(environment.get(source.secret_env))


def _first_line(path: Path, file: FilePath, checker: Checker) -> str | None:
    silent = ProblemList("")
    content = read_file(file, silent)
    if content is None:
        what = silent.sorted()[0].what
        checker.report(path, f"{what} ({excerpt(str(file))})", "check its name and who may read it")
        return None
    return content.split(b"\n", 1)[0].decode("utf-8", "replace").strip()


def _usable(secret: str | None, path: Path, checker: Checker) -> str:
    """What could become another line of the manager's protocol is refused."""
    if secret is None:  # it could not be read, and that has been reported
        return ""
    if not secret or len(secret) > MAX_SECRET or not secret.isprintable():
        checker.report(
            path, "this is no secret", f"write 1 to {MAX_SECRET} characters that can be seen"
        )
        return ""
    return secret
