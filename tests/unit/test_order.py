"""The order in which files of tests begin."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.order import LONGEST, SHORT, WAITING, in_order

FOLDERS = [*WAITING, *SHORT, "tests/e2e/", "tests/property/"]
file_lists = st.lists(
    st.one_of(
        st.sampled_from(LONGEST),
        st.builds(
            lambda folder, number: f"{folder}test_{number}.py",
            st.sampled_from(FOLDERS),
            st.integers(0, 99),
        ),
    ),
    unique=True,
)


@given(file_lists)
def test_every_file_comes_once_and_the_short_ones_last(files: list[str]) -> None:
    ordered = in_order(files)
    assert sorted(ordered) == sorted(files)
    short = [file.startswith(SHORT) for file in ordered]
    assert short == sorted(short)


@given(file_lists)
def test_every_worker_finds_the_same_order(files: list[str]) -> None:
    assert in_order(in_order(files)) == in_order(files)


def test_who_waits_comes_between_those_who_compute() -> None:
    files = [f"tests/e2e/test_{n}.py" for n in range(4)]
    files += [f"tests/integration/mail/test_{n}.py" for n in range(2)]
    kinds = ["mail" if "mail" in file else "e2e" for file in in_order(files)]
    assert kinds == ["e2e", "mail", "e2e", "e2e", "mail", "e2e"]
