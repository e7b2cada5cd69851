"""pytest plugin: imbalanced-learn's names stand for our samplers, in this process alone.

Its tests import samplers by public name, so replacing the names before collection is all they need. Two
things are added to our classes here and nowhere else: they are virtual subclasses of imbalanced-learn's
bases, on which its checks branch, and they carry the two tags that only imbalanced-learn has.

A sampler that we do not have yet becomes a stand-in whose first use skips the test.

Environment, set by ``test_imblearn_suite.py``:
``CONFORMANCE_LEGACY`` 'prefer' makes ``legacy_stream=True`` the default of every class that has this parameter,
'require' skips random samplers without it, too;
``CONFORMANCE_SELECT`` is a JSON object of ``include`` and ``exclude`` lists of test patterns;
``CONFORMANCE_RESULTS`` is the file that gets ``{test id: [outcome, text]}``.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
from pathlib import Path
from typing import Any

import imblearn.utils
import pytest
from imblearn.over_sampling.base import BaseOverSampler
from imblearn.under_sampling.base import BaseCleaningSampler, BaseUnderSampler
from imblearn.utils._tags import InputTags, SamplerTags, Tags, get_tags

import contrapeso.samplers
from contrapeso.samplers._target import check_target_type

MODULES = ("over_sampling", "under_sampling", "combine")
BASES: dict[str, Any] = {
    "over-sampling": BaseOverSampler,
    "under-sampling": BaseUnderSampler,
    "clean-sampling": BaseCleaningSampler,
}
NEEDS_ARGUMENT = {"SMOTENC": {"categorical_features": [0]}}
LEGACY = os.environ.get("CONFORMANCE_LEGACY", "")
SEEN: dict[str, tuple[str, str]] = {}


def pytest_configure() -> None:
    for place in MODULES:
        module = importlib.import_module(f"imblearn.{place}")
        for name in module.__all__:
            setattr(module, name, replacement(getattr(module, name)))
    imblearn.utils.check_sampling_strategy = contrapeso.samplers.check_sampling_strategy
    imblearn.utils.check_target_type = check_target_type


def replacement(theirs: Any) -> Any:
    """What stands for a class of imbalanced-learn in this run."""
    name = theirs.__name__
    ours = getattr(contrapeso.samplers, name, None)
    if ours is None:
        return stand_in(theirs, f"contrapeso.samplers has no {name} yet")
    random = "random_state" in inspect.signature(theirs).parameters
    if LEGACY == "require" and random and "legacy_stream" not in inspect.signature(ours).parameters:
        return stand_in(theirs, f"{name} has no legacy_stream yet")
    return dressed(ours, theirs)


def dressed(ours: Any, theirs: Any) -> Any:
    """Our class with what the tests ask for beyond its behaviour."""
    tags = get_tags(theirs(**NEEDS_ARGUMENT.get(theirs.__name__, {})))
    has_indices = "sample_indices_" in (ours.__doc__ or "")  # ours may have them where theirs have none
    plain = ours.__sklearn_tags__

    def with_sampler_tags(self: Any) -> Tags:
        own = plain(self)
        inputs = InputTags(
            sparse=own.input_tags.sparse,
            allow_nan=own.input_tags.allow_nan,
            string=tags.input_tags.string,
            dataframe=True,
        )
        return Tags(
            estimator_type="sampler",
            target_tags=own.target_tags,
            transformer_tags=own.transformer_tags,
            input_tags=inputs,
            sampler_tags=SamplerTags(sample_indices=has_indices),
        )

    ours.__sklearn_tags__ = with_sampler_tags
    if issubclass(theirs, tuple(BASES.values())):
        BASES[theirs._sampling_type].register(ours)
    defaults = ours.__init__.__kwdefaults__ or {}
    if LEGACY and "legacy_stream" in defaults:
        defaults["legacy_stream"] = True
    return ours


def stand_in(theirs: Any, why: str) -> Any:
    """A class of the same name and parameters that skips the test at the first use of an instance."""

    def __init__(self: Any, *args: object, **kwargs: object) -> None:  # noqa: N807
        inspect.signature(theirs).bind(*args, **kwargs)

    def __getattr__(self: Any, name: str) -> Any:  # noqa: N807
        if name.startswith("__"):
            raise AttributeError(name)
        pytest.skip(why)

    return type(theirs.__name__, (), {"__init__": __init__, "__getattr__": __getattr__})


def short_id(nodeid: str) -> str:
    """``file.py::test[parameters]`` without the folder."""
    return nodeid.rpartition("/")[2] if "/" in nodeid.partition("::")[0] else nodeid


def matches(pattern: str, test_id: str) -> bool:
    """Whether ``test_id`` fits ``pattern``, in which ``*`` stands for anything and all else for itself."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), test_id) is not None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    select = json.loads(os.environ.get("CONFORMANCE_SELECT", "{}"))
    include, exclude = select.get("include", ["*"]), select.get("exclude", [])
    kept = [
        item
        for item in items
        if any(matches(p, short_id(item.nodeid)) for p in include)
        and not any(matches(p, short_id(item.nodeid)) for p in exclude)
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    test_id = short_id(report.nodeid)
    if report.failed or report.when == "call" or (report.skipped and test_id not in SEEN):
        text = str(report.longrepr or "").strip().splitlines()
        if SEEN.get(test_id, ("",))[0] != "failed":
            SEEN[test_id] = (report.outcome, reason_of(text))


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        SEEN[short_id(report.nodeid)] = ("failed", reason_of(str(report.longrepr).splitlines()))


def reason_of(lines: list[str]) -> str:
    """The error lines of a traceback, or all of a short text."""
    errors = [line[1:].strip() for line in lines if line.startswith("E ")]
    return " | ".join(errors or lines[-3:])[:400]


def pytest_sessionfinish() -> None:
    Path(os.environ["CONFORMANCE_RESULTS"]).write_text(json.dumps(SEEN), encoding="utf-8")
