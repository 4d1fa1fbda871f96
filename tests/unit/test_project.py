"""Which folder `ingest` takes ddl/ and the dbt project from."""

import re
from pathlib import Path

import pytest

from ingest import project
from ingest.ddl_version import ddl_files
from ingest.errors import SettingsError
from tests.world import ROOT


def test_a_dbt_project_in_the_working_folder_is_somebody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dbt_project.yml").touch()
    monkeypatch.chdir(tmp_path)
    assert project.project_folder() == ROOT
    monkeypatch.setenv("PROJECT_FOLDER", str(tmp_path))
    assert project.project_folder() == tmp_path


def test_a_named_folder_without_a_project_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROJECT_FOLDER", str(tmp_path))
    with pytest.raises(SettingsError, match=rf"no dbt_project.yml in {tmp_path}: .*PROJECT_FOLDER"):
        project.project_folder()


def test_dbt_writes_into_a_clone_but_not_into_an_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not project.is_for_reading_only(tmp_path)
    monkeypatch.setattr(project, "INSTALLED", tmp_path)
    assert project.is_for_reading_only(tmp_path)


def test_dbt_knows_how_many_files_of_ddl_there_are() -> None:
    macro = (ROOT / "macros/require_prepared.sql").read_text()
    assert re.findall(r"return\((\d+)\)", macro)[0] == str(len(ddl_files()))
