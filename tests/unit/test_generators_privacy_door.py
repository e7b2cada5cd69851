"""Private generators from the door: what the card says, what an archive keeps, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

pytest.importorskip("torch")
pytest.importorskip("opacus")

from contrapeso.errors import UnsupportedOperationError
from contrapeso.generators import (
    AutoregressiveSynthesizer,
    DifferentialPrivacy,
    MixtureSynthesizer,
    VAESynthesizer,
    load_synthesizer,
)
from contrapeso.generators.deep import _private

PRIVACY = DifferentialPrivacy(epsilon=8.0, epochs=2)
every = pytest.mark.parametrize("cls", [AutoregressiveSynthesizer, VAESynthesizer])


def table(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    kind = rng.choice(["pix", "ted"], n, p=[0.7, 0.3])
    return pd.DataFrame({"kind": kind, "amount": np.round(np.exp(rng.normal(3, 1, n)), 2), "old": rng.random(n) < 0.5})


@pytest.fixture(scope="module", autouse=True)
def _noise_is_searched_once() -> Iterator[None]:
    """The search takes seconds, nearly all of a fit, and its answer follows from the budget and the number of rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_private, "budget", cache(_private.budget))
        yield


@pytest.fixture(scope="module")
def fitted() -> Any:
    made: dict[type, Any] = {}

    def of(cls: Any) -> Any:
        if cls not in made:
            made[cls] = cls(privacy=PRIVACY, random_state=3).fit(table(), target="kind")
        return made[cls]

    return of


@every
def test_the_card_tells_what_was_spent_and_what_it_does_not_cover(cls: Any, fitted: Any) -> None:
    card = fitted(cls).card_
    assert card.privacy is not None
    assert 7.9 < card.privacy["epsilon"] <= 8.0
    assert card.privacy["delta"] == pytest.approx(1 / 4000)
    assert "can be drawn again" in card.privacy["random_numbers"]
    assert card.data_digest.startswith("withheld")
    assert "encoder" in card.limits[-1]
    assert card.training["history"] == []
    assert "differential privacy" in card.to_markdown()


@every
def test_an_archive_gives_the_same_rows_again(cls: Any, fitted: Any, tmp_path: Path) -> None:
    model = fitted(cls)
    model.save(tmp_path / "model.cps")
    back = load_synthesizer(tmp_path / "model.cps")
    assert back.get_params()["privacy"] == PRIVACY
    assert back.card_.privacy == model.card_.privacy
    assert_frame_equal(back.sample(50, random_state=1), model.sample(50, random_state=1))
    assert len(model.sample(n_per_class={"ted": 7})) == 7


def test_rows_stay_within_the_tenth_extremes(fitted: Any) -> None:
    amounts = np.sort(table()["amount"].to_numpy())
    drawn = fitted(AutoregressiveSynthesizer).sample(500, random_state=0)["amount"]
    assert amounts[9] <= drawn.min()
    assert drawn.max() <= amounts[-10]


def test_a_seed_gives_the_same_model_again_and_none_a_secret_one() -> None:
    first, second = (
        AutoregressiveSynthesizer(privacy=PRIVACY, random_state=3).fit(table()).sample(40, random_state=0)
        for _ in range(2)
    )
    assert_frame_equal(first, second)
    card = AutoregressiveSynthesizer(privacy=PRIVACY).fit(table()).card_
    assert card.privacy is not None
    assert card.privacy["random_numbers"] == "fresh, kept nowhere"


def test_more_rows_are_refused_where_the_budget_is_spent(fitted: Any) -> None:
    with pytest.raises(UnsupportedOperationError, match="spent its budget"):
        fitted(AutoregressiveSynthesizer).partial_fit(table())


def test_a_mixture_is_no_graph(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedOperationError, match="conditional GAN can be exported"):
        MixtureSynthesizer().export_onnx(tmp_path / "x.onnx")
