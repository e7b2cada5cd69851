"""imbalanced-learn's own tests, from its wheel, pass with our samplers under its names.

The tests are copied from the installed package into a temporary folder and run in a process of their
own, where the plugin ``_shim`` has replaced the names. Every expected difference stands in one table;
one that passes is an error, as is one that fits no test.
"""

import inspect
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import imblearn
import pytest

import contrapeso.samplers
from tests.conformance import _differences
from tests.conformance._shim import matches

HERE = Path(__file__).parent
WHEEL = Path(imblearn.__file__).parent
UNDER = "under_sampling/_prototype_selection/tests"
SMOTES = "over_sampling/_smote/tests"
LIMIT_S = 400

PINNED = (
    "test_smote.py::test_sample_regular",
    "test_smote.py::test_sample_regular_half",
    "test_smote.py::test_sample_regular_with_nn",
    "test_adasyn.py::test_ada_fit_resample",
    "test_adasyn.py::test_ada_fit_resample_nn_obj",
    "test_smote_enn.py::test_sample_regular*",
    "test_smote_enn.py::test_validate_estimator*",
    "test_smote_tomek.py::test_sample_regular*",
    "test_smote_tomek.py::test_validate_estimator*",
    "test_random_over_sampler.py::test_ros_fit_resample*",
    "test_random_under_sampler.py::test_rus_fit_resample*",
    "test_condensed_nearest_neighbour.py::test_cnn_fit_resample*",
    "test_one_sided_selection.py::test_oss_fit_resample*",
    "test_one_sided_selection.py::test_oss_with_object*",
    "test_instance_hardness_threshold.py::test_iht_fit_resample*",
    "test_instance_hardness_threshold.py::test_iht_estimator_pipeline",
)
"""Tests whose expected arrays or sizes come out of imbalanced-learn's stream of random numbers."""


@dataclass(frozen=True)
class Group:
    """Files of tests, run in one process.

    ``legacy`` is 'prefer' (the legacy stream where a class has it) or 'require' (tests of random samplers
    without it are skipped); ``pinned`` chooses the tests of ``PINNED``, otherwise all others.
    """

    files: tuple[str, ...]
    legacy: str = ""
    pinned: bool = False

    @property
    def select(self) -> dict[str, list[str]]:
        aside = _differences.patterns("not_applicable")
        return {"include": list(PINNED), "exclude": aside} if self.pinned else {"exclude": [*PINNED, *aside]}


RANDOM = (
    *(f"{SMOTES}/test_{name}.py" for name in ("smote", "smote_nc", "smoten", "borderline_smote", "svm_smote")),
    f"{SMOTES}/test_kmeans_smote.py",
    *(f"over_sampling/tests/test_{name}.py" for name in ("common", "adasyn", "random_over_sampler")),
    *(f"{UNDER}/test_{name}.py" for name in ("random_under_sampler", "instance_hardness_threshold")),
    *(f"{UNDER}/test_{name}.py" for name in ("condensed_nearest_neighbour", "one_sided_selection")),
    "under_sampling/_prototype_generation/tests/test_cluster_centroids.py",
    *(f"combine/tests/test_{name}.py" for name in ("smote_enn", "smote_tomek")),
)
EXACT = ("tomek_links", "edited_nearest_neighbours", "repeated_edited_nearest_neighbours", "allknn", "nearmiss")
GROUPS = {
    "exact": Group(
        (
            *(f"{UNDER}/test_{name}.py" for name in (*EXACT, "neighbourhood_cleaning_rule")),
            "utils/tests/test_validation.py",
        ),
        legacy="prefer",  # for the order of the rows: there is nothing random in these methods
    ),
    "behavioural": Group(RANDOM),
    "pinned": Group(RANDOM, legacy="require", pinned=True),
    "pipeline": Group(("tests/test_pipeline.py",)),
    "estimator checks": Group(("_estimator_checks.py",)),
}


@dataclass(frozen=True)
class Outcome:
    """How one test ended, and the error it ended with."""

    test: str
    ended: str
    text: str


def run(group: Group, folder: Path) -> list[Outcome]:
    """Outcomes of the tests of ``group``, copied to ``folder`` and run there."""
    for name in group.files:
        own = HERE / name
        copied = "test_" + Path(name).name.removeprefix("test").lstrip("_")
        shutil.copy(own if own.exists() else WHEEL / name, folder / copied)
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    results = folder / "results.json"
    environment = os.environ | {
        "PYTHONPATH": str(HERE),
        "CONFORMANCE_LEGACY": group.legacy,
        "CONFORMANCE_SELECT": json.dumps(group.select),
        "CONFORMANCE_RESULTS": str(results),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "_shim", "-p", "no:cacheprovider", "--tb=short", "."]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    if not results.exists():
        pytest.fail(f"The tests did not run:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    found = json.loads(results.read_text(encoding="utf-8"))
    return [Outcome(test, ended, text) for test, (ended, text) in found.items()]


def judge(outcomes: list[Outcome], differences: Iterable[_differences.Difference]) -> list[str]:
    """What is wrong: failures that nobody expected, and expected ones that pass."""
    patterns = [pattern for entry in differences for pattern in entry.tests]
    wrong = []
    for outcome in outcomes:
        expected = any(matches(pattern, outcome.test) for pattern in patterns)
        if outcome.ended == "failed" and not expected:
            wrong.append(f"FAILED {outcome.test}\n    {outcome.text}")
        if outcome.ended == "passed" and expected:
            wrong.append(f"PASSED, and is in the table of expected differences: {outcome.test}")
    return wrong


@pytest.fixture(scope="module")
def ran() -> dict[str, list[Outcome]]:
    """Outcomes of the groups that ran, for the test of the table."""
    return {}


@pytest.mark.slow
@pytest.mark.parametrize("name", GROUPS)
def test_the_tests_of_imbalanced_learn_pass(name: str, tmp_path: Path, ran: dict[str, list[Outcome]]) -> None:
    ran[name] = run(GROUPS[name], tmp_path)
    wrong = judge(ran[name], _differences.load("difference"))
    counts = {ended: sum(o.ended == ended for o in ran[name]) for ended in ("passed", "failed", "skipped")}
    assert not wrong, f"{counts}\n" + "\n".join(wrong)
    assert counts["passed"], f"nothing was tested: {counts}"
    assert not (name == "pinned" and counts["skipped"]), "a random sampler has no legacy_stream"


@pytest.mark.slow
def test_every_expected_difference_fits_a_test(ran: dict[str, list[Outcome]]) -> None:
    if ran.keys() != GROUPS.keys():
        pytest.skip("needs all groups in one run")
    tests = [outcome.test for outcomes in ran.values() for outcome in outcomes]
    assert [p for p in _differences.patterns("difference") if not any(matches(p, test) for test in tests)] == []


@pytest.mark.slow
def test_the_shim_notices_a_sampler_that_is_wrong(tmp_path: Path) -> None:
    """A harness that never fails would show nothing: with ``fit_resample`` broken, tests must fail."""
    (tmp_path / "conftest.py").write_text(
        "from contrapeso.samplers import RandomOverSampler\n"
        "RandomOverSampler.fit_resample = lambda self, X, y: (X, y)\n",
        encoding="utf-8",
    )
    outcomes = run(Group(("over_sampling/tests/test_random_over_sampler.py",)), tmp_path)
    failed = {outcome.test for outcome in outcomes if outcome.ended == "failed"}
    assert "test_random_over_sampler.py::test_random_over_sampling_nan_inf" in failed


def test_an_expected_difference_that_passes_is_wrong() -> None:
    table = [_differences.Difference(("a.py::test_x[*]",), "because")]
    outcomes = [Outcome("a.py::test_x[1]", "failed", ""), Outcome("a.py::test_x[2]", "passed", "")]
    assert judge([outcomes[0]], table) == []
    assert "PASSED" in judge(outcomes, table)[0]
    assert "FAILED" in judge([Outcome("a.py::test_y", "failed", "")], table)[0]


def test_the_page_shows_the_table_as_it_is() -> None:
    page = _differences.PAGE.read_text(encoding="utf-8")
    assert page == _differences.with_generated_part(page), "run python -m tests.conformance._differences"


SAMPLERS = {
    name: getattr(module, name)
    for module in (imblearn.over_sampling, imblearn.under_sampling, imblearn.combine)
    for name in module.__all__
}


def test_every_sampler_of_imbalanced_learn_has_its_name_here() -> None:
    assert [name for name in SAMPLERS if not hasattr(contrapeso.samplers, name)] == []


@pytest.mark.parametrize("name", [name for name in SAMPLERS if hasattr(contrapeso.samplers, name)])
def test_parameters_have_the_names_and_defaults_of_imbalanced_learn(name: str) -> None:
    ours = inspect.signature(getattr(contrapeso.samplers, name)).parameters
    for parameter, theirs in inspect.signature(SAMPLERS[name]).parameters.items():
        assert (ours[parameter].default, ours[parameter].kind) == (theirs.default, theirs.kind), parameter
