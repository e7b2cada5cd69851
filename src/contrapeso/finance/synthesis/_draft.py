"""``draft``: new movements of one category by one method."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from contrapeso._rng import generator
from contrapeso.errors import InvalidParameterError, TooFewSamplesError
from contrapeso.finance._ledger import Drafts
from contrapeso.finance.synthesis._facts import Facts
from contrapeso.finance.synthesis._finish import Job, Taken, finished
from contrapeso.finance.synthesis._learn import Learned
from contrapeso.finance.synthesis._options import CategoryOptions, Method, options_of
from contrapeso.finance.synthesis._pattern import sketch_patterns
from contrapeso.finance.synthesis._sketch import Sketch
from contrapeso.finance.synthesis._smote import sketch_neighbors
from contrapeso.finance.synthesis._synthetic import sketch_learned

Sketcher = Callable[[Facts, int, CategoryOptions, np.random.Generator], Sketch]
SKETCHERS: Mapping[Method, Sketcher] = {
    "pattern_based": sketch_patterns,
    "smote": sketch_neighbors,
    "synthetic": sketch_learned,
}
DRAFTS, FILLS = 2, 4
"""Places of the streams of drafts and of their texts under a seed."""


def draft(
    learned: Learned,
    category: str,
    n: int,
    method: Method = "pattern_based",
    *,
    options: Mapping[str, object] | CategoryOptions | None = None,
    taken: Taken | None = None,
    stream: int = 0,
) -> Drafts:
    """``n`` new movements of a category; fewer only where no free place was left for them.

    Parameters
    ----------
    learned : Learned
    category : str
        One that the training rows have.
    n : int
    method : {"pattern_based", "smote", "synthetic"}
    options : CategoryOptions or mapping, optional
    taken : Taken, optional
        Occupied places, to which those of the new rows are added: give the same one for all categories of a run.
    stream : int, default 0
        Another number gives other movements of the same seed.

    Raises
    ------
    TooFewSamplesError
        If the training rows have none of the category.
    InvalidParameterError
        If ``method`` or ``n`` is outside its rule.
    """
    job = sketched(learned, category, n, method, options=options, stream=stream)
    return finished(learned, [job], taken or Taken.of(learned), fill_stream(learned, stream))[0]


def sketched(
    learned: Learned,
    category: str,
    n: int,
    method: Method,
    *,
    options: Mapping[str, object] | CategoryOptions | None = None,
    stream: int = 0,
) -> Job:
    """``n`` movements of a category before they have words; see :func:`draft`."""
    if method not in SKETCHERS:
        raise InvalidParameterError(f"method must be one of {', '.join(SKETCHERS)}; got {method!r}.")
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 0:
        raise InvalidParameterError(f"n is a whole number of rows, 0 or more; got {n!r}.")
    if not category or category not in learned.categories:
        known = ", ".join(name for name in learned.categories if name)
        raise TooFewSamplesError(
            f"The training rows have no row of {category!r}, so that there is nothing to follow. Name one of "
            f"{known[:200] or '(no category)'}."
        )
    said, facts = options_of(options), learned.facts(category)
    place = learned.categories.index(category)
    rng = generator(learned.seed, DRAFTS, place, list(SKETCHERS).index(method), stream)
    return Job.of(facts, SKETCHERS[method](facts, int(n), said, rng), method, said, rng=rng)


def fill_stream(learned: Learned, stream: int = 0) -> np.random.Generator:
    """The stream from which texts are filled."""
    return generator(learned.seed, FILLS, stream)


__all__ = ["SKETCHERS", "draft", "fill_stream", "sketched"]
