"""A smaller default forest, for the checks of everything around it: a hundred trees took most of their time."""

from collections.abc import Iterator
from typing import Any

import pytest

from contrapeso.samplers import InstanceHardnessThreshold

FEW = 5


@pytest.fixture(scope="module", autouse=True)
def few_trees() -> Iterator[None]:
    """``InstanceHardnessThreshold`` without an estimator grows ``FEW`` trees; its own tests grow them all."""
    whole = InstanceHardnessThreshold._seeded

    def smaller(self: InstanceHardnessThreshold, rng: Any) -> Any:
        made = whole(self, rng)
        return made.set_params(n_estimators=FEW) if self.estimator is None else made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InstanceHardnessThreshold, "_seeded", smaller)
        yield
