"""The Optuna study: where it is kept, how it is found again, and what a trial of it says.

Every trial gets a sampler seeded by its place, so a study that was interrupted and goes on finds what it would have
found in one piece.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from contrapeso._optional import require
from contrapeso._rng import child
from contrapeso.balancing.ladder._question import Question
from contrapeso.balancing.tuning._candidate import Candidate
from contrapeso.balancing.tuning._spaces import METHODS, Dimension, Method, Value, dimensions_of
from contrapeso.errors import InvalidParameterError, StoreError
from contrapeso.tables._containers import SparseTable

Pruner = Literal["median", "halving"]
PRUNERS: tuple[Pruner, ...] = ("median", "halving")
N_STARTUP = 10
"""Trials drawn at random before TPE has something to learn from."""
_ABOUT = "contrapeso"
_URLS = "Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE."
_SAMPLING = 60  # stream; those of the ladder lie below


@dataclass(frozen=True, slots=True)
class Space:
    """The methods of a study and what their dimensions depend on."""

    methods: tuple[Method, ...]
    has_categories: bool
    n_rare: int

    def suggest(self, trial: Any) -> Candidate:
        """The candidate that the sampler of the study proposes."""
        names = [method.name for method in self.methods]
        name = str(trial.suggest_categorical("method", names))
        values: dict[str, Value] = {}
        for found in dimensions_of(METHODS[name], has_categories=self.has_categories):
            values[found.name] = self._value(trial, f"{name}.{found.name}", found)
        return Candidate(name, float(values.pop("strength")), values)

    def _value(self, trial: Any, key: str, found: Dimension) -> Value:
        if found.kind == "choice":
            chosen: Value = trial.suggest_categorical(key, list(found.choices))
            return chosen
        if found.kind == "float":
            return float(trial.suggest_float(key, found.low, found.high, log=found.log))
        high = int(found.high)
        if found.name in ("k_neighbors", "n_neighbors", "min_samples"):
            high = max(int(found.low), min(high, self.n_rare - 1))  # there are no more of them
        return int(trial.suggest_int(key, int(found.low), high, log=found.log))


def candidate_of(parameters: dict[str, Any]) -> Candidate:
    """The candidate of a trial's parameters; "none" of a trial without any."""
    if not parameters:
        return Candidate()
    name = str(parameters["method"])
    own = {key.partition(".")[2]: value for key, value in parameters.items() if key.startswith(f"{name}.")}
    return Candidate(name, float(own.pop("strength")), own)


def signature(question: Question, space: Space, split: str, pruner: str) -> dict[str, object]:
    """What a study is about: two of equal signature answer the same question."""
    objective = question.judge.objective
    return {
        "data": _digest(question),
        "positive": question.judge.positive,
        "objective": [objective.name, None if objective.costs is None else [list(row) for row in objective.costs]],
        "estimator": " ".join(repr(question.estimator).split()),
        "methods": [method.name for method in space.methods],
        "split": split,
        "pruner": pruner,
        "seed": [str(question.seed.entropy), *question.seed.spawn_key],
    }


def _digest(question: Question) -> str:
    found = hashlib.sha256(question.codes.astype(np.int64).tobytes())
    table = question.table
    if isinstance(table, SparseTable):
        matrix = table.matrix.tocsr()
        for part in (matrix.indptr, matrix.indices, matrix.data):
            found.update(np.ascontiguousarray(part).tobytes())
        return found.hexdigest()
    frame = table.frame()
    for j in range(frame.shape[1]):
        column = frame.iloc[:, j]
        found.update(f"{frame.columns[j]} {column.dtype}".encode())
        plain = column if column.dtype != object else column.map(repr)
        found.update(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
    return found.hexdigest()


@contextmanager
def opened(
    storage: str | None, name: str | None, about: dict[str, object], *, resume: bool, pruner: Pruner
) -> Iterator[Any]:
    """The study, new or gone on with; Optuna's log is silent meanwhile. One process at a time.

    Raises
    ------
    InvalidParameterError
        If there is a study of that name that is not to be gone on with, or is about something else.
    StoreError
        If the database cannot be used.
    MissingExtraError
    """
    optuna = require("optuna", extra="tune")
    with _silent(optuna):
        kept = None if storage is None else _kept(optuna, storage)
        try:
            yield _study(optuna, kept, name, about, resume=resume, pruner=pruner)
        finally:
            if kept is not None:
                kept.remove_session()
                kept.engine.dispose()


def _kept(optuna: Any, storage: str) -> Any:
    """Optuna's storage at the URL; the errors of the database are told as ours."""
    url, database = _driver(storage), require("sqlalchemy.exc", extra="tune")  # which Optuna brings
    try:
        return optuna.storages.RDBStorage(url)
    except (database.ArgumentError, ImportError) as error:  # no URL, or one of a database that nothing here speaks to
        raise InvalidParameterError(f"storage cannot be read. {_URLS}") from error
    except database.SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        raise StoreError(f"The database of the study cannot be used: {said}") from error


@contextmanager
def _silent(optuna: Any) -> Iterator[None]:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


def _driver(url: str) -> str:
    """The URL with the driver that we install: psycopg 3."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise InvalidParameterError(f"storage must be a database URL. {_URLS}")
    if scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        require("psycopg", extra="postgres")
        return f"postgresql+psycopg://{rest}"
    return url


def _study(
    optuna: Any, storage: Any, name: str | None, about: dict[str, object], *, resume: bool, pruner: Pruner
) -> Any:
    told = json.dumps(about, sort_keys=True)
    asked = name if name is not None else "contrapeso-" + hashlib.sha256(told.encode()).hexdigest()[:12]
    taken = set() if storage is None else set(optuna.study.get_all_study_names(storage))
    if asked in taken and not resume:
        if name is not None:
            raise InvalidParameterError(f"There is a study {name!r} already. Choose another name, or resume=True.")
        asked = next(f"{asked}-{k}" for k in range(2, len(taken) + 3) if f"{asked}-{k}" not in taken)
    study = optuna.create_study(
        storage=storage, study_name=asked, direction="maximize", load_if_exists=True, pruner=_pruner(optuna, pruner)
    )
    known = study.user_attrs.get(_ABOUT)
    if known is None:
        study.set_user_attr(_ABOUT, told)
    elif known != told:
        before = json.loads(known)
        other = ", ".join(key for key in about if before.get(key) != about[key])
        raise InvalidParameterError(
            f"The study {asked!r} is about another question (different: {other}). Choose another study_name."
        )
    _give_up_on_interrupted(optuna, study)
    return study


def _pruner(optuna: Any, name: Pruner) -> Any:
    if name == "halving":
        return optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=2)
    return optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=2, n_min_trials=3)


def _give_up_on_interrupted(optuna: Any, study: Any) -> None:
    """A trial that still runs belongs to a process that ended."""
    for trial in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)


def finished(study: Any) -> Sequence[Any]:
    """Trials that came to an end of their own: measured, pruned, or failed with a reason."""
    return [
        trial
        for trial in study.get_trials(deepcopy=False)
        if trial.state.is_finished() and (trial.state.name != "FAIL" or "reason" in trial.user_attrs)
    ]


def next_trial(study: Any, seed: np.random.SeedSequence) -> Any:
    """A new trial, proposed by TPE with the seed of its place."""
    optuna = require("optuna", extra="tune")
    place = child(seed, _SAMPLING, len(finished(study)))
    study.sampler = optuna.samplers.TPESampler(seed=int(place.generate_state(1)[0]), n_startup_trials=N_STARTUP)
    return study.ask()


__all__ = ["PRUNERS", "Pruner", "Space", "candidate_of", "finished", "next_trial", "opened", "signature"]
