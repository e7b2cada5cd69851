"""docs/methods.md names every sampler and every method, and states the rule that is in force."""

import re
from pathlib import Path

from contrapeso import samplers
from contrapeso.samplers._base import BaseSampler
from contrapeso.services import _method_choice as rule
from contrapeso.services._resampling_methods import METHODS

TEXT = (Path(__file__).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?:`(\w+)` )?\| `(\w+)` \|.*\|$", TEXT, flags=re.MULTILINE)


def test_every_method_stands_beside_its_sampler() -> None:
    assert {key: name for key, name in ROWS if key} == {key: info.sampler for key, info in METHODS.items()}


def test_every_sampler_is_there_once() -> None:
    public = [
        name
        for name in samplers.__all__
        if isinstance(member := getattr(samplers, name), type) and issubclass(member, BaseSampler)
    ]
    assert sorted(name for _, name in ROWS) == sorted(public)


def test_the_figures_of_the_rule_are_those_in_force() -> None:
    spaced = f"{rule.SAMPLE:,} rows", f"{rule.ASKED:,} rows"
    for said in (
        f"more columns than {rule.MANY_COLUMNS} ",
        f"more than {100 * rule.DEEP:.0f} % of the class has no neighbour of its own among {rule.NEIGHBORS}",
        f"more than {100 * rule.TOUCHING:.0f} % of the class",
        f"{rule.NEIGHBORS} rows or fewer",
        *(figure.replace(",", " ") for figure in spaced),
    ):
        assert said in TEXT
