from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

HOOK = Path(__file__).parents[3] / "hatch_build.py"


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", HOOK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "web" / "src").mkdir(parents=True)
    (tmp_path / "web" / "package-lock.json").write_text("{}")
    (tmp_path / "web" / "src" / "page.ts").write_text("export {};")
    return tmp_path


def stamp(hook: ModuleType, root: Path) -> None:
    static = root / hook.STATIC
    static.mkdir(parents=True)
    (static / hook.STAMP).write_text(hook.sources_hash(root / "web"))


def test_pages_that_were_never_built_are_out_of_date(hook: ModuleType, checkout: Path) -> None:
    assert not hook.is_up_to_date(checkout)


def test_pages_built_from_these_sources_are_up_to_date(hook: ModuleType, checkout: Path) -> None:
    stamp(hook, checkout)
    assert hook.is_up_to_date(checkout)


@pytest.mark.parametrize("change", ["edit", "rename", "add"])
def test_any_change_of_the_sources_calls_for_a_build(
    hook: ModuleType, checkout: Path, change: str
) -> None:
    stamp(hook, checkout)
    page = checkout / "web" / "src" / "page.ts"
    if change == "edit":
        page.write_text("export const changed = 1;")
    elif change == "rename":
        page.rename(page.with_name("other.ts"))
    else:
        page.with_name("more.ts").write_text("export {};")
    assert not hook.is_up_to_date(checkout)


def test_installed_packages_are_no_sources(hook: ModuleType, checkout: Path) -> None:
    stamp(hook, checkout)
    (checkout / "web" / "node_modules").mkdir()
    (checkout / "web" / "node_modules" / "thing.js").write_text("1")
    assert hook.is_up_to_date(checkout)


def test_a_source_distribution_is_never_built_again(hook: ModuleType, checkout: Path) -> None:
    (checkout / "PKG-INFO").write_text("Name: patchbay")
    assert hook.is_up_to_date(checkout)


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("v24.1.0", True),
        ("v20.19.0", True),
        ("v20.18.3", False),
        ("v18.20.1", False),
        ("", False),
    ],
)
def test_only_a_node_that_can_build_the_pages_is_used(
    hook: ModuleType, version: str, enough: bool
) -> None:
    assert hook.node_is_new_enough(version) is enough


def test_the_summary_names_the_reason_and_not_the_code(hook: ModuleType) -> None:
    said = """npm error code ECONNREFUSED
npm error syscall connect
npm error FetchError: request to the registry failed, reason: connect ECONNREFUSED
npm error A complete log of this run can be found in: somewhere"""
    assert hook.summary(said).startswith("FetchError: request to the registry failed")
    assert hook.summary("") == "npm said nothing"


class Screen:
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def display_warning(self, text: str) -> None:
        self.warnings.append(text)


def test_without_a_registry_the_package_is_built_without_pages_and_says_so(
    hook: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> None:
        raise hook.NpmFailed("network is down")

    monkeypatch.setattr(hook, "system_npm", lambda: ["npm"])
    monkeypatch.setattr(hook, "run_npm", unreachable)
    screen = Screen()
    monkeypatch.setattr(hook.PagesBuildHook, "app", screen)
    page_hook = hook.PagesBuildHook.__new__(hook.PagesBuildHook)
    monkeypatch.setattr(hook.PagesBuildHook, "root", str(checkout))
    page_hook.initialize("standard", {})
    assert len(screen.warnings) == 1
    assert "network is down" in screen.warnings[0]


def test_pages_that_do_not_compile_stop_the_build(
    hook: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise hook.NpmFailed("unexpected token")

    monkeypatch.setattr(hook, "run_npm", broken)
    with pytest.raises(RuntimeError, match="do not build: unexpected token"):
        hook.build_pages(["npm"], checkout)
