"""What ``patchbay replay`` is given: a call log with its mapping, or a journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from config.catalog import check_file
from config.files import read_file
from config.problems import ProblemList
from config.yaml_nodes import Mapping, Node, Scalar, Sequence, read_yaml
from server.cli.failures import print_problems, stop

if TYPE_CHECKING:
    from router.core.catalog import Catalog
    from simulator.call_log import Mapping as Columns
    from simulator.replay import Recording

JOURNAL: Final = "journal.db"
Progress = Callable[[str, float], None]


def read_recording(
    path: Path, mapping: Path | None, people: Catalog | None, seed: int, progress: Progress
) -> Recording:
    """Raises ``CommandFailed``."""
    from router.journal.reading import is_journal
    from simulator.call_log import LogError, read_log
    from simulator.replay import NothingToReplay, study

    journal = path / JOURNAL if path.is_dir() else path
    if path.is_dir() and not journal.is_file():
        stop(f"There is no {JOURNAL} in {path}: name a call log, a journal or a data directory.")
    try:
        if is_journal(journal):
            if mapping is not None:
                stop(f"{journal} is a journal and needs no mapping: leave --mapping out.")
            return _of_journal(journal, progress)
        columns = _mapping_in(mapping) if mapping is not None else None
        log = read_log(
            path,
            columns,
            progress=lambda rows, share: progress(f"Reading: {rows:,} rows", share),
        )
        progress("Inferring who worked when", 0)
        return study(log, seed, people)
    except (LogError, NothingToReplay) as problem:
        stop(str(problem))


def _of_journal(path: Path, progress: Progress) -> Recording:
    from router.journal.reading import count_entries, read_entries
    from simulator.call_log import read_journal
    from simulator.replay import study_journal

    total = max(count_entries(path), 1)

    def told(count: int) -> None:
        progress(f"Reading: {count:,} entries", count / total)

    return study_journal(read_journal(read_entries(path), str(path), progress=told))


def catalog_in(path: Path) -> Catalog:
    """Raises ``CommandFailed``."""
    report = check_file(path)
    if report.catalog is None:
        print_problems(Console(stderr=True), report.problems)
        stop(f"{path} cannot be used: correct what is said above.")
    return report.catalog


def _mapping_in(path: Path) -> Columns:
    """In YAML, of which JSON is a part."""
    from simulator.call_log import convert_mapping

    problems = ProblemList(str(path))
    source = read_file(path, problems)
    root = read_yaml(source, problems) if source is not None else None
    found = problems.sorted()
    if root is None or problems.errors:
        print_problems(Console(stderr=True), found)
        stop(f"{path} cannot be used as a mapping: correct what is said above.")
    if not isinstance(root, Mapping):
        stop(f"{path} is no mapping: write its keys as docs/replay.md shows, such as columns.")
    return convert_mapping(_plain(root))


def _plain(node: Node) -> object:
    """Scalars as they are written; a key that says nothing is left out."""
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [_plain(item) for item in node.items]
        case Mapping():
            return {
                key: _plain(value)
                for key, (_, value) in node.entries.items()
                if not (isinstance(value, Scalar) and value.is_null)
            }
        case _:
            return None
