import server.doctor as doctor
from server.doctor import examine
from server.findings import Finding, fit


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {one.what: one for one in findings}


def test_everything_missing_comes_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda _name: None)
    for finding in examine(tmp_path):
        assert finding.verdict == "ok" or finding.remedy


def test_what_only_some_things_need_does_not_keep_patchbay_from_running(tmp_path):
    missing = doctor._program("Redis", ("redis-server",), "x", "y", which=lambda _name: None)
    assert missing.verdict == "optional"
    assert fit([missing])


def test_a_full_disk_does(tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 1_000})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: usage)
    assert by_name(examine(tmp_path))["disk"].verdict == "missing"
    assert not fit(examine(tmp_path))


def test_a_folder_that_cannot_be_written_does(tmp_path, monkeypatch):
    def refuse(**_given):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    finding = by_name(examine(tmp_path / "not" / "there" / "yet"))["data folder"]
    assert finding.verdict == "missing"
    assert "PATCHBAY_DATA_DIRECTORY" in finding.remedy


def test_it_leaves_nothing_behind(tmp_path):
    examine(tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


def test_the_first_program_found_is_named():
    finding = doctor._program(
        "Chromium", ("chromium", "google-chrome"), "x", "y", which={"google-chrome": "/g"}.get
    )
    assert (finding.verdict, finding.detail) == ("ok", "/g")
