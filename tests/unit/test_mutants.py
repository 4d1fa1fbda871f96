"""The lists of planted faults keep up with the code; `make mutants` and others plant them."""

import shutil
from pathlib import Path

import pytest

from tests.convergence import planted_faults
from tests.faults import mutants
from tests.mutants import Mutant
from tests.world import ROOT


@pytest.mark.parametrize(
    "mutant", [*mutants.MUTANTS, *planted_faults.MUTANTS], ids=lambda mutant: mutant.name
)
def test_every_fault_can_be_planted_and_names_tests_that_exist(
    mutant: Mutant, tmp_path: Path
) -> None:
    for patch in mutant.patches:
        copy = tmp_path / patch.file
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / patch.file, copy)
        patch.apply(tmp_path)
        if copy.suffix == ".py":
            compile(copy.read_text(), patch.file, "exec")
    for test in mutant.tests:
        file, *name = test.split("[")[0].split("::")
        text = (ROOT / file).read_text()
        assert all(f"def {function}(" in text for function in name)
