"""The door of the room: its names, their documentation, and what loading it costs."""

import subprocess
import sys

import pytest

import contrapeso.balancing


def test_the_public_functions_have_an_example() -> None:
    for function in (contrapeso.balancing.analyze_imbalance, contrapeso.balancing.plan_balance):
        assert ">>> " in (function.__doc__ or "")


def test_every_public_name_exists_and_says_what_it_is() -> None:
    for name in contrapeso.balancing.__all__:
        assert getattr(contrapeso.balancing, name).__doc__ or name in {
            "AskedMethod",
            "Method",
            "Scarcity",
            "Severity",
            "Strategy",
        }


def test_measuring_and_planning_load_no_learning_library() -> None:
    work = "b.plan_balance(b.analyze_imbalance(['a'] * 9 + ['b']))"
    code = f"import sys, contrapeso.balancing as b; {work}; print('sklearn' in sys.modules, callable(b.apply_plan))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_a_name_that_the_room_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        contrapeso.balancing.nothing  # type: ignore[attr-defined]  # noqa: B018
