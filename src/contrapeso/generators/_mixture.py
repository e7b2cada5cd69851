"""The instant family's model: a mixture whose hidden states form a tree; no torch.

Fitted in seconds by EM (see :mod:`contrapeso.generators._em`), with exact likelihood, conditionals
on any codes and imputation. A token with a parent (the fine part of a column) depends on its parent's code alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import CancelledError, CorruptArchiveError, InvalidParameterError, UnmetConditionsError
from contrapeso.generators._em import (
    KAPPA,
    Codes,
    Floats,
    Parameters,
    Schedule,
    Tree,
    Upward,
    expected_counts,
    implied_counts,
    latent_tree,
    maximise,
    product,
    start,
    upward,
)
from contrapeso.progress import Cancel, Progress, ProgressCallback, never, silent
from contrapeso.tables.encoding._tokens import Encoded, Given, Token

CHUNK = 2048
"""Rows whose messages are in memory at a time."""
UPDATE_PASSES = 5


@dataclass(frozen=True, slots=True, eq=False)
class CategoricalMixture:
    """A fitted model of encoded rows.

    Attributes
    ----------
    tokens : tuple of Token
    modelled : tuple of int
        Tokens that have a hidden state: those without a parent and with more than one code.
    tree : Tree
        Of the modelled tokens, by their place in ``modelled``.
    parameters : Parameters
        Read-only float32 arrays.
    n_rows : float
        Rows (weight) that the model has seen.
    history : tuple of float
        Mean log-likelihood of a row in each pass, while the parameters still moved.
    """

    tokens: tuple[Token, ...]
    modelled: tuple[int, ...]
    tree: Tree
    parameters: Parameters
    n_rows: float
    prior: float
    history: tuple[float, ...] = ()

    @classmethod
    def fit(
        cls,
        rows: Encoded,
        tokens: Sequence[Token],
        *,
        n_components: int | None = None,
        n_passes: int | None = None,
        prior: float | None = None,
        seed: np.random.SeedSequence,
        weights: NDArray[np.floating[Any]] | None = None,
        progress: ProgressCallback = silent,
        cancel: Cancel = never,
    ) -> Self:
        """The model of ``rows``.

        Parameters
        ----------
        rows : Encoded
            Training rows; ``codes`` may be memory-mapped.
        tokens : sequence of Token
        n_components : int, optional
            Values of each hidden state: by default 8 to 64, one per 256 rows.
        n_passes : int, optional
            Passes over the rows: by default as many as make about 160 steps, 1 to 20.
        prior : float, optional
            Rows by which emissions lean to the marginals: by default 0.1, and 1 under 5,000 rows.
        seed : SeedSequence
        weights : ndarray of shape (n,), optional
            How many rows each row counts for.

        Raises
        ------
        CancelledError
        """
        tokens, n = tuple(tokens), len(rows)
        modelled = tuple(t for t, token in enumerate(tokens) if token.parent is None and token.n_codes > 1)
        rng = np.random.Generator(np.random.PCG64DXSM(seed))
        n_components = default_components(n) if n_components is None else n_components
        prior = (0.1 if n >= 5000 else 1.0) if prior is None else prior
        weight = _checked_weights(weights, n)
        if not n or not modelled:
            tree, n_components = Tree.of([-1] * min(1, len(modelled)) + [0] * (len(modelled) - 1)), 1
        else:
            tree = latent_tree(rows.codes[:, list(modelled)], [tokens[t].n_codes for t in modelled])
        parameters = start([np.exp(tokens[t].log_marginal) for t in modelled], n_components, rng)
        total = float(n if weight is None else weight.sum())
        model = cls(tokens, modelled, tree, _frozen(parameters), total, prior)
        if not n or not modelled:
            return model
        schedule = default_schedule(n, len(modelled) * n_components, n_passes)
        return model._learned(rows.codes, weight, schedule, rng, progress=progress, cancel=cancel)

    def _learned(
        self,
        codes: Codes,
        weights: Floats | None,
        schedule: Schedule,
        rng: np.random.Generator,
        *,
        progress: ProgressCallback,
        cancel: Cancel,
    ) -> Self:
        """Stepwise EM: the counts of a batch replace a falling share of those so far."""
        parameters, counts = self.parameters, None
        marginals, history, n = self._marginals(), [0.0] * schedule.passes, len(codes)
        n_steps = schedule.passes * schedule.n_batches(n)
        for step, (done, batch) in enumerate(schedule.batches(n, rng)):
            if cancel():
                raise CancelledError(f"The mixture was cancelled in pass {done + 1} of {schedule.passes}.")
            weight = None if weights is None else weights[batch]
            fresh, likelihood = expected_counts(parameters, self.tree, self._own(codes[batch]), weight)
            history[done] += likelihood / self.n_rows
            fresh = fresh.times(n / len(batch))
            counts = fresh if counts is None else counts.towards(fresh, (step + 2.0) ** -KAPPA)
            parameters = maximise(counts, marginals, self.prior)
            progress(Progress("training", step + 1, n_steps, -likelihood / len(batch)))
        return replace(self, parameters=_frozen(parameters), history=tuple(history))

    def update(
        self,
        rows: Encoded,
        *,
        weights: NDArray[np.floating[Any]] | None = None,
        progress: ProgressCallback = silent,
        cancel: Cancel = never,
    ) -> Self:
        """The model after more rows: what it knows counts as the rows it has seen."""
        if not len(rows) or not self.modelled:
            return replace(self, n_rows=self.n_rows + len(rows))
        known, parameters = implied_counts(self.parameters, self.tree, self.n_rows), self.parameters
        weight = _checked_weights(weights, len(rows))
        for done in range(UPDATE_PASSES):
            counts = known
            for first in range(0, len(rows), CHUNK):
                if cancel():
                    raise CancelledError(
                        f"The update of the mixture was cancelled in pass {done + 1} of {UPDATE_PASSES}."
                    )
                chunk = slice(first, first + CHUNK)
                some = None if weight is None else weight[chunk]
                fresh, _ = expected_counts(parameters, self.tree, self._own(rows.codes[chunk]), some)
                counts = counts.plus(fresh)
            parameters = maximise(counts, self._marginals(), self.prior)
            progress(Progress("training", done + 1, UPDATE_PASSES))
        added = float(len(rows) if weight is None else weight.sum())
        return replace(self, parameters=_frozen(parameters), n_rows=self.n_rows + added)

    def sample(self, given: Given, rng: np.random.Generator, cancel: Cancel = never) -> Encoded:
        """Rows that meet ``given``, drawn from the exact conditional distribution.

        Raises
        ------
        UnmetConditionsError
            If no codes meet what is asked of a row.
        """
        codes = given.codes.astype(np.int32)
        for first in range(0, len(codes), CHUNK):
            if cancel():
                raise CancelledError("Sampling from the mixture was cancelled.")
            chunk = slice(first, first + CHUNK)
            codes[chunk] = self._draw(given.rows(chunk), rng, first)
        return Encoded(codes)

    def impute(self, codes: Codes, rng: np.random.Generator) -> Codes:
        """``codes`` with each -1 replaced by a draw given the other codes of its row."""
        return self.sample(Given(np.asarray(codes, dtype=np.int32)), rng).codes

    def log_prob(self, codes: Codes) -> NDArray[np.float64]:
        """Exact log-probability of each row of codes; -1 is summed out. Shape (n,), ``-inf`` where impossible."""
        parts = [np.zeros(0)]
        for first in range(0, len(codes), CHUNK):
            given = Given(np.asarray(codes[first : first + CHUNK], dtype=np.int32))
            evidence = self._evidence(given)
            passed = upward(self.parameters, self.tree, self._leaves(evidence, given), len(given))
            parts.append(passed.log_likelihood + self._outside(evidence, given))
        return np.concatenate(parts)

    def conditional(self, codes: Codes, token: int) -> Floats:
        """Probability of every code of ``token`` given the other codes of a row (-1: not known), (n, n_codes).

        Raises
        ------
        UnmetConditionsError
            If the known codes of a row cannot come together.
        """
        wanted = np.empty((len(codes), self.tokens[token].n_codes), dtype=np.float32)
        for first in range(0, len(codes), CHUNK):
            part = np.array(codes[first : first + CHUNK], dtype=np.int32)
            part[:, token] = -1
            wanted[first : first + CHUNK] = self._conditional(Given(part), token, first)
        return wanted

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """JSON types and arrays from which :meth:`from_state` builds the model again."""
        content = {
            "modelled": list(self.modelled),
            "parents": list(self.tree.parents),
            "n_rows": self.n_rows,
            "prior": self.prior,
            "history": list(self.history),
        }
        m = self.parameters.n_states
        return content, {
            "root": self.parameters.root,
            "transitions": np.stack([*self.parameters.transitions, np.zeros((m, m), np.float32)]),
            "emissions": np.concatenate([*self.parameters.emissions, np.zeros((1, m), np.float32)]),
        }

    @classmethod
    def from_state(cls, content: dict[str, Any], arrays: dict[str, NDArray[Any]], tokens: Sequence[Token]) -> Self:
        """The model that :meth:`state` wrote, for the tokens of its encoder.

        Raises
        ------
        CorruptArchiveError
            If the arrays are not of these tokens.
        """
        modelled = tuple(int(t) for t in content["modelled"])
        root, moves, emitted = arrays["root"], arrays["transitions"], arrays["emissions"]
        sizes = [tokens[t].n_codes for t in modelled if t < len(tokens)]
        m = len(root)
        if moves.shape != (len(modelled) + 1, m, m) or emitted.shape != (sum(sizes) + 1, m):
            raise CorruptArchiveError("The mixture's arrays are not those of its columns. Save the model again.")
        emissions = np.split(emitted[:-1], np.cumsum(sizes)[:-1]) if sizes else []
        parameters = Parameters(root.copy(), tuple(a.copy() for a in moves[:-1]), tuple(e.copy() for e in emissions))
        tree, history = Tree.of(content["parents"]), tuple(content["history"])
        return cls(tuple(tokens), modelled, tree, _frozen(parameters), content["n_rows"], content["prior"], history)

    @property
    def n_parameters(self) -> int:
        """Numbers in the model."""
        sizes = sum(array.size for array in (*self.parameters.transitions, *self.parameters.emissions))
        return sizes + self.parameters.root.size

    def _own(self, codes: Codes) -> Codes:
        return np.asarray(codes[:, list(self.modelled)])

    def _marginals(self) -> list[Floats]:
        return [np.exp(self.tokens[t].log_marginal).astype(np.float32) for t in self.modelled]

    def _evidence(self, given: Given) -> list[Floats | None]:
        """What is known of each token, as weights of its codes (n, n_codes); None where nothing is.

        A token with a parent hands what it says about its parent's code to the parent.
        """
        found: list[Floats | None] = [
            _own_evidence(given.codes[:, t], given.allowed.get(t), token.n_codes) for t, token in enumerate(self.tokens)
        ]
        for t in reversed(range(len(self.tokens))):
            weights, parent = found[t], self.tokens[t].parent
            if weights is not None and parent is not None:
                said = weights @ _fine_table(self.tokens[t]).T
                found[parent] = said if found[parent] is None else found[parent] * said  # type: ignore[operator]
        return found

    def _leaves(self, evidence: Sequence[Floats | None], given: Given) -> list[Floats | None]:
        leaves: list[Floats | None] = []
        for place, t in enumerate(self.modelled):
            weights, emission = evidence[t], self.parameters.emissions[place]
            if weights is None:
                leaves.append(None)
                continue
            known = given.codes[:, t]
            if bool((known >= 0).all()):  # one code each: no need of a product
                leaves.append(emission[known] * weights[np.arange(len(known)), known][:, None])
            else:
                leaves.append(weights @ emission)
        return leaves

    def _outside(self, evidence: Sequence[Floats | None], given: Given) -> NDArray[np.float64]:
        """Log-probability of the evidence on constant tokens."""
        total = np.zeros(len(given))
        with np.errstate(divide="ignore"):
            for t, token in enumerate(self.tokens):
                weights = evidence[t]
                if token.parent is None and token.n_codes == 1 and weights is not None:
                    total += np.log(weights[:, 0])
        return total

    def _passed(self, given: Given, first: int) -> tuple[list[Floats | None], list[Floats | None], Upward]:
        """Evidence, leaves and messages of a chunk; refuses impossible rows."""
        evidence = self._evidence(given)
        leaves = self._leaves(evidence, given)
        passed = upward(self.parameters, self.tree, leaves, len(given))
        impossible = ~np.isfinite(passed.log_likelihood + self._outside(evidence, given))
        if impossible.any():
            row = first + int(impossible.argmax())
            raise UnmetConditionsError(
                f"No row of the model meets what is asked of row {row}: its conditions exclude each other. "
                "Ask for values that occur together.",
                {"row": row},
            )
        return evidence, leaves, passed

    def _draw(self, given: Given, rng: np.random.Generator, first: int) -> Codes:
        evidence, _, passed = self._passed(given, first)
        codes, n = given.codes.copy(), len(given)
        states: dict[int, NDArray[np.intp]] = {}
        for place in self.tree.order:
            parent, belief = self.tree.parents[place], passed.beliefs[place]
            table = self.parameters.root[None] if parent < 0 else self.parameters.transitions[place]
            rows = np.zeros(n, dtype=np.intp) if parent < 0 else states[parent]
            states[place] = _draw_rows(table, rows, belief, rng)
            emission, t = self.parameters.emissions[place].T, self.modelled[place]
            codes[:, t] = _draw_free(codes[:, t], emission, states[place], evidence[t], rng)
        for t, token in enumerate(self.tokens):
            if token.parent is not None:
                codes[:, t] = _draw_free(codes[:, t], _fine_table(token), codes[:, token.parent], evidence[t], rng)
            elif token.n_codes == 1:
                codes[:, t] = 0
        return codes

    def _conditional(self, given: Given, token: int, first: int) -> Floats:
        evidence, leaves, passed = self._passed(given, first)
        return self._posterior(token, evidence, leaves, passed, len(given))

    def _posterior(
        self, token: int, evidence: Sequence[Floats | None], leaves: Sequence[Floats | None], passed: Upward, n: int
    ) -> Floats:
        """Distribution (n, n_codes) of the codes of a token given all evidence."""
        parent, weights = self.tokens[token].parent, evidence[token]
        if parent is not None:
            above, table = self._posterior(parent, evidence, leaves, passed, n), _fine_table(self.tokens[token])
            if weights is not None:  # what this token said to its parent comes back by the table
                above = above / np.maximum(weights @ table.T, 1e-30)
            probability = above @ table
        elif token in self.modelled:
            place = self.modelled.index(token)
            probability = self._state(place, leaves, passed, n) @ self.parameters.emissions[place].T
        else:
            return np.ones((n, 1), dtype=np.float32)
        probability = probability if weights is None else probability * weights
        return np.asarray(probability / probability.sum(axis=1, keepdims=True), dtype=np.float32)

    def _state(self, place: int, leaves: Sequence[Floats | None], passed: Upward, n: int) -> Floats:
        """Distribution (n, m) of a state, up to a factor per row, given all but its own token's evidence."""
        path = [place]
        while self.tree.parents[path[-1]] >= 0:
            path.append(self.tree.parents[path[-1]])
        state = np.repeat(self.parameters.root[None], n, axis=0)
        for step in reversed(range(len(path))):  # from the root down
            at, below = path[step], path[step - 1] if step else -1
            factors = [passed.messages[child] for child in self.tree.children[at] if child != below]
            found = product([state, *factors, leaves[at] if step else None])
            state = state if found is None else found[0]
            if step:
                state = state @ self.parameters.transitions[below]
        return state


def default_components(n_rows: int) -> int:
    """Values of each hidden state for so many training rows."""
    return int(np.clip(n_rows // 256, 8, 64))


def default_schedule(n_rows: int, width: int, n_passes: int | None = None) -> Schedule:
    """About 160 steps in 1 to 20 passes; a batch's messages (``width`` floats a row) stay under 64 MiB."""
    batch = int(np.clip(n_rows // 8, 64, min(1024, max(64, (16 << 20) // max(1, width)))))
    passes = int(np.clip(round(160 * batch / n_rows), 1, 20)) if n_passes is None else n_passes
    return Schedule(passes, batch)


def _checked_weights(weights: NDArray[np.floating[Any]] | None, n: int) -> Floats | None:
    if weights is None:
        return None
    plain = np.asarray(weights, dtype=np.float32)
    if plain.shape != (n,) or not bool(np.isfinite(plain).all()) or bool((plain < 0).any()) or plain.sum() <= 0:
        raise InvalidParameterError(
            f"weights must be one finite number of at least 0 for each of the {n} rows, not all 0; "
            f"got shape {plain.shape}."
        )
    return plain


def _frozen(parameters: Parameters) -> Parameters:
    for array in (parameters.root, *parameters.transitions, *parameters.emissions):
        array.flags.writeable = False
    return parameters


def _fine_table(token: Token) -> Floats:
    """Probability of the codes of a token given its parent's code; a parent code without any has code 0."""
    prior = token.log_prior
    assert prior is not None  # noqa: S101  (a token with a parent has one, by the contract of Token)
    table = np.exp(prior)
    total = table.sum(axis=1, keepdims=True)
    empty = total[:, 0] <= 0
    table = table / np.where(total > 0, total, 1.0)
    table[empty, 0] = 1.0
    return np.asarray(table, dtype=np.float32)


def _own_evidence(codes: Codes, allowed: NDArray[np.bool_] | None, n_codes: int) -> Floats | None:
    """Weights of a token's codes by what was asked of it alone."""
    known = codes >= 0
    if allowed is None and not known.any():
        return None
    weights = np.ones((len(codes), n_codes), dtype=np.float32) if allowed is None else allowed.astype(np.float32)
    rows = np.flatnonzero(known)
    weights[rows] = 0.0
    weights[rows, codes[rows]] = 1.0
    return weights


def _draw_free(
    codes: Codes, table: Floats, rows: NDArray[Any], weights: Floats | None, rng: np.random.Generator
) -> Codes:
    """``codes`` with each -1 drawn from its row of ``table`` (times ``weights``); as many random numbers always."""
    drawn = _draw_rows(table, rows, weights, rng)
    return np.where(codes >= 0, codes, drawn).astype(np.int32)


def _draw_rows(table: Floats, rows: NDArray[Any], weights: Floats | None, rng: np.random.Generator) -> NDArray[np.intp]:
    """A column for each of ``rows`` of ``table``, with probability ``table[row] * weights`` up to a factor."""
    u = rng.random(len(rows))
    if weights is None:
        total = np.cumsum(table, axis=1, dtype=np.float64)
        total /= total[:, -1:]
        ends = (total + np.arange(len(table))[:, None]).ravel()
        place = np.searchsorted(ends, rows + u, side="right")
        return np.asarray(np.clip(place - rows * table.shape[1], 0, table.shape[1] - 1), dtype=np.intp)
    total = np.cumsum(table[rows] * weights, axis=1, dtype=np.float64)
    place = (total <= u[:, None] * total[:, -1:]).sum(axis=1)
    last = table.shape[1] - 1 - np.argmax((weights > 0)[:, ::-1], axis=1)
    return np.asarray(np.minimum(place, last), dtype=np.intp)


__all__ = ["CategoricalMixture", "default_components", "default_schedule"]
