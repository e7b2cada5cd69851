"""Categorical codes under a tree of hidden states: the tree, its messages, and EM over batches.

Every token ``t`` has a hidden state ``z_t`` of ``m`` values that emits its code, and hidden states form a
tree (Chow and Liu's, on the mutual information of codes)::

    p(x) = sum_z p(z_root) prod_t p(z_t | z_parent(t)) p(x_t | z_t)

With transitions that never leave the diagonal this is the plain mixture of ``m`` components; the tree lets
distant columns have states of their own, so the same ``m`` says far more. Likelihood, conditionals on any
evidence and sampling stay exact, by one pass up the tree and one down.

Transitions start near the diagonal, that is near the plain mixture: from there EM finds much better models
than from random transitions.

References
----------
.. [1] Chow and Liu, "Approximating discrete probability distributions with dependence trees", IEEE
   Transactions on Information Theory 14 (1968).
.. [2] Liu and Van den Broeck, "Tractable regularization of probabilistic circuits", NeurIPS 2021 (hidden
   Chow-Liu trees, Sec. 5).
.. [3] Cappé and Moulines, "On-line expectation-maximization algorithm for latent data models", JRSS B 71
   (2009) (steps ``(s + 2) ** -kappa`` over batches).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Codes = NDArray[np.int32]

KAPPA = 0.5
DIAGONAL = 3.0
"""Weight of staying in one state against moving anywhere, where EM starts."""
TINY = np.float32(1e-30)
EXACT_TOKENS = 48
"""Tokens up to which mutual information is that of the codes themselves; beyond, of 8 groups of codes."""
MOST_TOKENS = 600
"""Tokens beyond which the tree is the chain in table order."""
GROUPS = 8


@dataclass(frozen=True, slots=True)
class Tree:
    """``parents[t]`` and ``children[t]`` of each token (-1: no parent); ``order`` has parents before children."""

    parents: tuple[int, ...]
    children: tuple[tuple[int, ...], ...]
    order: tuple[int, ...]

    @classmethod
    def of(cls, parents: Sequence[int]) -> Tree:
        """The tree of ``parents``."""
        children: list[list[int]] = [[] for _ in parents]
        order = [t for t, parent in enumerate(parents) if parent < 0]
        for t, parent in enumerate(parents):
            if parent >= 0:
                children[parent].append(t)
        for t in order:  # grows while it is walked
            order += children[t]
        return cls(tuple(int(p) for p in parents), tuple(map(tuple, children)), tuple(order))


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """Probabilities, or expected counts of the same shape.

    Attributes
    ----------
    root : ndarray of shape (m,)
        Of the root's state.
    transitions : tuple of ndarray of shape (m, m)
        Row: state of the parent; column: state of the token. The root's is not used.
    emissions : tuple of ndarray of shape (n_codes, m)
        Column: state of the token.
    """

    root: Floats
    transitions: tuple[Floats, ...]
    emissions: tuple[Floats, ...]

    @property
    def n_states(self) -> int:
        """Values of each hidden state."""
        return len(self.root)

    def towards(self, other: Parameters, step: float) -> Parameters:
        """``self + step * (other - self)``."""
        return self.times(1.0 - step).plus(other.times(step))

    def plus(self, other: Parameters) -> Parameters:
        """Sum of two sets of counts."""
        return self._with(other, lambda a, b: a + b)

    def times(self, factor: float) -> Parameters:
        """Counts of ``factor`` times as many rows."""
        return self._with(self, lambda a, _: a * np.float32(factor))

    def _with(self, other: Parameters, f: Callable[[Floats, Floats], Floats]) -> Parameters:
        return Parameters(
            f(self.root, other.root),
            tuple(f(a, b) for a, b in zip(self.transitions, other.transitions, strict=True)),
            tuple(f(a, b) for a, b in zip(self.emissions, other.emissions, strict=True)),
        )


def latent_tree(codes: Codes, sizes: Sequence[int]) -> Tree:
    """Chow-Liu tree of the tokens: the spanning tree with the most mutual information.

    Parameters
    ----------
    codes : ndarray of shape (n, n_tokens)
        Training rows; at most 20,000 evenly spaced ones are looked at.
    sizes : sequence of int
        Codes of each token.
    """
    n_tokens = len(sizes)
    if n_tokens > MOST_TOKENS:
        return Tree.of(range(-1, n_tokens - 1))
    most = 20_000 if n_tokens <= EXACT_TOKENS else 4_000
    sample = np.asarray(codes[:: -(-len(codes) // most)])
    exact = n_tokens <= EXACT_TOKENS
    return _spanning_tree(_information(sample, sizes) if exact else _grouped_information(sample))


def _information(codes: Codes, sizes: Sequence[int]) -> NDArray[np.float64]:
    """Mutual information of every two tokens less its bias (r - 1)(c - 1) / 2n (Miller and Madow)."""
    n, n_tokens = codes.shape
    found = np.zeros((n_tokens, n_tokens))
    for a in range(n_tokens):
        for b in range(a):
            cells = codes[:, a].astype(np.int64) * sizes[b] + codes[:, b]
            joint = np.bincount(cells, minlength=sizes[a] * sizes[b]).reshape(sizes[a], sizes[b]) / n
            found[a, b] = found[b, a] = _mutual(joint, n)
    return found


def _mutual(joint: NDArray[np.float64], n: int) -> float:
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    bias = (np.count_nonzero(rows) - 1) * (np.count_nonzero(columns) - 1) / (2 * n)
    used = joint > 0
    ratio = joint[used] / np.outer(rows, columns)[used]
    return max(float(np.dot(joint[used], np.log(ratio)) - bias), 1e-9)


def _grouped_information(codes: Codes) -> NDArray[np.float64]:
    """As :func:`_information`, on at most 8 groups of each token's codes, by one matrix product."""
    n, n_tokens = codes.shape
    groups = np.stack([_grouped(codes[:, t]) for t in range(n_tokens)], axis=1)
    onehot = (groups[:, :, None] == np.arange(GROUPS)).reshape(n, -1).astype(np.float32)
    joint = (onehot.T @ onehot).astype(np.float64).reshape(n_tokens, GROUPS, n_tokens, GROUPS) / n
    share = joint.sum(axis=3)[:, :, 0]
    expected = share[:, :, None, None] * share[None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(joint > 0, joint * np.log(joint / expected), 0.0)
    used = np.count_nonzero(share, axis=1) - 1
    corrected: NDArray[np.float64] = np.maximum(terms.sum(axis=(1, 3)) - np.outer(used, used) / (2 * n), 1e-9)
    return corrected


def _grouped(codes: Codes) -> Codes:
    """Codes in 8 groups of neighbours that hold about as many rows each."""
    share = np.cumsum(np.bincount(codes)) / len(codes)
    before = np.concatenate([[0.0], share[:-1]])
    return np.minimum((before + share) / 2 * GROUPS, GROUPS - 1).astype(np.int32)[codes]


def _spanning_tree(weights: NDArray[np.float64]) -> Tree:
    """Prim's tree of the greatest weights, from the token with the most."""
    root = int(weights.sum(axis=0).argmax())
    parents = np.full(len(weights), -1)
    best, source = weights[root].copy(), np.full(len(weights), root)
    best[root] = -1.0
    for _ in range(len(weights) - 1):
        t = int(best.argmax())
        parents[t], best[t] = source[t], -1.0
        nearer = (weights[t] > best) & (best >= 0)
        best[nearer], source[nearer] = weights[t][nearer], t
    return Tree.of(parents.tolist())


def start(marginals: Sequence[Floats], n_states: int, rng: np.random.Generator) -> Parameters:
    """Where EM starts: emissions scattered about the marginals, transitions near the diagonal."""
    transitions, emissions = [], []
    for marginal in marginals:
        emission = marginal[:, None] * rng.standard_gamma(1.0, size=(len(marginal), n_states))
        emissions.append((emission / emission.sum(axis=0)).astype(np.float32))
        moves = rng.standard_gamma(1.0, size=(n_states, n_states)) + DIAGONAL * n_states * np.eye(n_states)
        transitions.append((moves / moves.sum(axis=1, keepdims=True)).astype(np.float32))
    root = np.full(n_states, 1.0 / n_states, dtype=np.float32)
    return Parameters(root, tuple(transitions), tuple(emissions))


@dataclass(frozen=True, slots=True, eq=False)
class Upward:
    """Messages up the tree for some rows; None stands for "no evidence there", a message of ones.

    ``beliefs[t]`` (n, m) is the scaled probability of the evidence at and below ``t`` given ``z_t``,
    ``messages[t]`` (n, m) the same given the parent's state, ``log_likelihood`` (n,) float64.
    """

    beliefs: tuple[Floats | None, ...]
    messages: tuple[Floats | None, ...]
    log_likelihood: NDArray[np.float64]


def upward(parameters: Parameters, tree: Tree, leaves: Sequence[Floats | None], n: int) -> Upward:
    """Pass messages from the leaves to the root.

    Parameters
    ----------
    leaves : sequence of ndarray of shape (n, m) or None
        Probability of each token's own evidence given its state.
    """
    beliefs: list[Floats | None] = [None] * len(leaves)
    messages: list[Floats | None] = [None] * len(leaves)
    log_likelihood = np.zeros(n)
    for t in reversed(tree.order):
        belief = product([leaves[t], *(messages[child] for child in tree.children[t])])
        if belief is None:
            continue
        beliefs[t], scale = belief
        log_likelihood += scale
        if tree.parents[t] >= 0:
            messages[t] = belief[0] @ parameters.transitions[t].T
    top = beliefs[tree.order[0]] if tree.order else None
    if top is not None:
        with np.errstate(divide="ignore"):
            log_likelihood += np.log(top.astype(np.float64) @ parameters.root)
    return Upward(tuple(beliefs), tuple(messages), log_likelihood)


def product(factors: Sequence[Floats | None]) -> tuple[Floats, NDArray[np.float64]] | None:
    """Product of the factors (n, m) that are there, each row with sum 1, and the log of what that took; None: none.

    Rows are scaled after every three factors: a state with many children would underflow float32.
    """
    present = [factor for factor in factors if factor is not None]
    if not present:
        return None
    found = present[0].copy()
    log_scale = _normalise(found)
    for first in range(1, len(present), 3):
        for factor in present[first : first + 3]:
            found *= factor
        log_scale += _normalise(found)
    return found, log_scale


def _normalise(rows: Floats) -> NDArray[np.float64]:
    """Divide each row by its sum, in place; the logs of the sums."""
    scale = rows @ np.ones(rows.shape[1], dtype=np.float32)
    rows /= np.maximum(scale, TINY)[:, None]
    with np.errstate(divide="ignore"):
        return np.log(scale, dtype=np.float64)


def expected_counts(
    parameters: Parameters, tree: Tree, codes: Codes, weights: Floats | None = None
) -> tuple[Parameters, float]:
    """The E step: expected counts of states, moves and emissions of complete rows, and their log-likelihood.

    Parameters
    ----------
    codes : ndarray of shape (n, n_tokens)
    weights : ndarray of shape (n,), optional
    """
    leaves = [emission[codes[:, t]] for t, emission in enumerate(parameters.emissions)]
    passed = upward(parameters, tree, leaves, len(codes))
    posteriors: dict[int, Floats] = {}
    moves: list[Floats] = [np.zeros((0, 0), dtype=np.float32)] * len(leaves)
    emitted = list(parameters.emissions)
    for t in tree.order:
        belief = _known(passed.beliefs[t])
        parent = tree.parents[t]
        if parent < 0:
            posterior = np.asarray(belief * parameters.root, dtype=np.float32)
            posterior /= posterior.sum(axis=1, keepdims=True)
            if weights is not None:
                posterior *= weights[:, None].astype(np.float32)
            moves[t] = np.zeros_like(parameters.transitions[t])
        else:
            pulled = posteriors[parent] / np.maximum(_known(passed.messages[t]), TINY)
            moves[t] = np.asarray((pulled.T @ belief) * parameters.transitions[t], dtype=np.float32)
            posterior = np.asarray((pulled @ parameters.transitions[t]) * belief, dtype=np.float32)
        posteriors[t] = posterior
        emitted[t] = _add_by_code(codes[:, t], posterior, len(parameters.emissions[t]))
    total = passed.log_likelihood if weights is None else passed.log_likelihood * weights
    return Parameters(posteriors[tree.order[0]].sum(axis=0), tuple(moves), tuple(emitted)), float(total.sum())


def _known(message: Floats | None) -> Floats:
    assert message is not None  # noqa: S101  (complete rows have evidence everywhere)
    return message


def _add_by_code(codes: Codes, posterior: Floats, n_codes: int) -> Floats:
    """Sum of the rows of ``posterior`` with each code."""
    n = len(codes)
    onehot = sp.csc_matrix((np.ones(n, dtype=np.float32), codes, np.arange(n + 1, dtype=np.int32)), shape=(n_codes, n))
    return np.asarray(onehot @ posterior, dtype=np.float32)


def maximise(counts: Parameters, marginals: Sequence[Floats], prior: float) -> Parameters:
    """The M step. Dirichlet priors: ``prior * marginal`` on emissions, ``prior / m`` on moves, 1 / m on the root."""
    m = counts.n_states
    root = counts.root + np.float32(1.0 / m)
    transitions = [moves + np.float32(prior / m) for moves in counts.transitions]
    emissions = [
        emitted + np.float32(prior) * marginal[:, None]
        for emitted, marginal in zip(counts.emissions, marginals, strict=True)
    ]
    return Parameters(
        root / root.sum(),
        tuple(moves / moves.sum(axis=1, keepdims=True) for moves in transitions),
        tuple(emitted / emitted.sum(axis=0) for emitted in emissions),
    )


def implied_counts(parameters: Parameters, tree: Tree, n_rows: float) -> Parameters:
    """Counts that ``n_rows`` rows of the model itself would give: what a fitted model remembers of its rows."""
    states: dict[int, Floats] = {}
    moves, emitted = list(parameters.transitions), list(parameters.emissions)
    for t in tree.order:
        parent = tree.parents[t]
        states[t] = parameters.root if parent < 0 else states[parent] @ parameters.transitions[t]
        weight = np.zeros_like(parameters.root) if parent < 0 else states[parent]
        moves[t] = weight[:, None] * parameters.transitions[t]
        emitted[t] = parameters.emissions[t] * states[t]
    return Parameters(parameters.root, tuple(moves), tuple(emitted)).times(n_rows)


@dataclass(frozen=True, slots=True)
class Schedule:
    """``passes`` over the rows in batches of ``batch`` rows, drawn without replacement."""

    passes: int
    batch: int

    def n_batches(self, n: int) -> int:
        """Batches of one pass over ``n`` rows."""
        return max(1, round(n / self.batch))

    def batches(self, n: int, rng: np.random.Generator) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """(pass, sorted rows) of every batch."""
        for done in range(self.passes):
            order = rng.permutation(n)
            for rows in np.array_split(order, self.n_batches(n)):
                yield done, np.sort(rows)


__all__ = [
    "KAPPA",
    "Codes",
    "Floats",
    "Parameters",
    "Schedule",
    "Tree",
    "Upward",
    "expected_counts",
    "implied_counts",
    "latent_tree",
    "maximise",
    "product",
    "start",
    "upward",
]
