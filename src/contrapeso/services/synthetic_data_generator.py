"""The documented ``AdvancedSyntheticDataGenerator``: trains learned generators, keeps what held-out rows prefer."""

from __future__ import annotations

import copy
import json
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic, process_time
from typing import Any, cast

import numpy as np
import pandas as pd

from contrapeso._optional import require
from contrapeso._rng import child, generator, seed_sequence
from contrapeso.errors import (
    CancelledError,
    ColumnNotFoundError,
    ContrapesoError,
    CorruptArchiveError,
    FileMissingError,
    FileUnwritableError,
    InvalidDataError,
    InvalidParameterError,
    MissingExtraError,
    NewerArchiveError,
    NotFittedError,
    TrainingWarning,
    UnmetConditionsError,
)
from contrapeso.generators import (
    FAMILIES,
    METHODS,
    Synthesizer,
    Training,
    family_of,
    has_torch,
    load_synthesizer,
    probe_tables,
)
from contrapeso.progress import Cancel, Progress, ProgressCallback, never, silent
from contrapeso.services._config import section
from contrapeso.services._synthetic_tables import (
    Box,
    DictForm,
    Table,
    as_given,
    missing_columns,
    opened,
    refuse_marked,
    schema_issues,
)
from contrapeso.services.quality_assessment_engine import QualityAssessmentEngine

PROTOCOL = 1
STATE = "generator.json"
MIN_SPLIT_ROWS = 50
"""Fewer rows than that all train; there is no held-out part then, and the first method is kept."""
MAX_HELD_OUT = 5_000
MAX_MEASURED = 20_000
CLOSE = 0.02
"""AUC within which another method counts as good as the best; with ``mix`` such methods share the rows."""
WITHOUT_TORCH = frozenset({"mixture"})
FIT, SPLIT, PROBE, DRAW, MEASURE = range(5)


@dataclass(frozen=True, slots=True)
class MethodResult:
    """How one method did.

    Attributes
    ----------
    method : str
    success : bool
    probe : float or None
        AUC with which trees tell its rows from held-out ones (.5 is best); None without held-out rows.
    cpu_s : float
        Seconds of processor that the fit took.
    training : dict
        Record of the training.
    error : str or None
        Why it failed.
    """

    method: str
    success: bool
    probe: float | None = None
    cpu_s: float = 0.0
    training: dict[str, Any] = field(default_factory=dict)
    error: str | None = None

    @property
    def distance(self) -> float:
        """How far the probe is from .5 (an AUC below it is as telling as one above); .5 where it was not measured."""
        return 0.5 if self.probe is None else abs(self.probe - 0.5)

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON types."""
        return {name: getattr(self, name) for name in ("method", "success", "probe", "cpu_s", "training", "error")}


class AdvancedSyntheticDataGenerator:
    """Learns a table with one or more generators and makes rows like it.

    Parameters
    ----------
    config : mapping, optional
        ``methods`` (any of ``vae, gan, cgan, diffusion, autoregressive, transformer, mixture, auto``; by default
        ``['vae', 'gan']``), ``sample_size_ratio`` (0.5: rows to make, as a share of the rows given), ``epochs`` (100:
        most passes; each family stops earlier when it has learned), ``batch_size`` (taken where it is given; else the
        family's own), ``random_state`` (42), ``target`` (class column), ``max_time_s`` (wall time for all methods
        together), ``mix`` (False: whether methods as good as the best share the rows).

        ``auto`` is the mixture and, with torch installed, the autoregressive network.

    Attributes
    ----------
    config : dict
    models_ : dict of str to Synthesizer
        Trained models by method.
    results_ : dict of str to MethodResult
        Of every method, the failed ones too.
    best_method_ : str or None
        Method whose rows are hardest to tell from rows that no model has seen.

    Raises
    ------
    UnknownConfigKeyError, InvalidParameterError
        If ``config`` has a key, a method or a value that does not exist.

    Examples
    --------
    >>> import pandas as pd
    >>> from contrapeso.services.synthetic_data_generator import AdvancedSyntheticDataGenerator
    >>> rows = pd.DataFrame({"tipo": ["pix", "ted", "pix"] * 20, "valor": [10.5, 99.9, 12.0] * 20})
    >>> maker = AdvancedSyntheticDataGenerator({"methods": ["mixture"], "sample_size_ratio": 0.5})
    >>> _ = maker.train_models(rows)
    >>> len(maker.generate_synthetic_data(rows))
    30
    """

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        self.config = section("synthetic", config)
        given = config or {}
        inner = given.get("synthetic", given)
        self._batch_given = isinstance(inner, Mapping) and "batch_size" in inner
        _check_config(self.config)
        self.models_: dict[str, Synthesizer] = {}
        self.results_: dict[str, MethodResult] = {}
        self.best_method_: str | None = None
        self._parts: tuple[pd.DataFrame, pd.DataFrame | None] | None = None
        self._quality: dict[str, Any] | None = None
        self._box = Box()
        self._n_draws = 0

    def train_models(
        self,
        data: Table,
        epochs: int | None = None,
        *,
        held_out: Table | None = None,
        progress: ProgressCallback = silent,
        cancel: Cancel = never,
    ) -> dict[str, dict[str, Any]]:
        """Train every configured method and compare them on rows that none of them has seen.

        Parameters
        ----------
        data : DataFrame, array or list of dicts
        epochs : int, optional
            Most passes over the rows; by default ``config['epochs']``, 100.
        held_out : the same, optional
            Real rows to compare on; all of ``data`` trains then. By default a fifth of ``data`` (at most 5,000 rows)
            is set aside, none where there are fewer than 50.
        progress, cancel : callable, optional

        Returns
        -------
        dict of method to {method, success, probe, cpu_s, training, error}
            A method that could not be trained has ``success`` False and its reason, and a TrainingWarning says so.

        Raises
        ------
        MissingExtraError
            If a method needs torch and it is not installed; the message is the command that installs it.
        InvalidDataError, ColumnNotFoundError
            If rows are marked synthetic, or the target is no column.
        ContrapesoError
            The reason of the first method, if none could be trained.
        """
        refuse_marked(data)
        frame, methods = opened(data), self._methods()
        if not WITHOUT_TORCH.issuperset(methods):
            require("torch", extra="deep")
        training = self._training(epochs)
        self._check_target(frame)
        seed = self._seed()
        parts = _split(frame, generator(seed, SPLIT)) if held_out is None else (frame, opened(held_out))
        models, results = self._trained(methods, parts, training, seed, progress=progress, cancel=cancel)
        self.models_, self.results_, self._parts, self._quality = models, results, parts, None
        self._box = Box.of(data, list(frame.columns))
        self.best_method_, self._n_draws = min(models, key=lambda method: results[method].distance), 0
        return {method: result.to_dict() for method, result in results.items()}

    def generate_synthetic_data(self, original_data: Table, n: int | None = None) -> Any:
        """New rows like ``original_data``; trains on it first where nothing was trained.

        Parameters
        ----------
        original_data : DataFrame, array or list of dicts
        n : int, optional
            Rows to make; by default ``sample_size_ratio`` times the rows of ``original_data``, at least one.

        Returns
        -------
        The kind of container that came: only the new rows. New dicts carry ``is_synthetic: True``.

        Raises
        ------
        InvalidDataError
            If the models were trained on other columns.
        """
        frame = opened(original_data)
        if not self.models_:
            self.train_models(original_data)
        self._check_same_columns(frame)
        ratio = cast(float, self.config["sample_size_ratio"])
        wanted = max(1, round(ratio * len(frame))) if n is None else n
        return as_given(self._drawn(wanted, self._next_seed()), original_data)

    def generate_conditional_synthetic_data(self, conditions: Mapping[Any, Any] | pd.DataFrame, n: int) -> Any:
        """``n`` new rows that have the values of ``conditions`` exactly.

        They come from the best method; where that one looks for such rows by rejection and does not find enough, from
        the next best.

        Parameters
        ----------
        conditions : mapping or DataFrame
            Values for all rows, or one row of a frame for each.
        n : int

        Returns
        -------
        The kind of container that was trained on, as :meth:`generate_synthetic_data` gives it: new dicts carry
        ``is_synthetic: True``. A generator that was loaded gives dicts where dicts trained, else a DataFrame.

        Raises
        ------
        ColumnNotFoundError, InvalidDataError
            If a condition names a column or a value that the trained rows did not have.
        UnmetConditionsError
            If the values contradict what always holds between their columns, or no trained method finds such rows.
        """
        self._check_trained()
        seed, refused = self._next_seed(), []
        for number, method in enumerate(self._ranked()):
            try:
                made = self.models_[method].sample(n, conditions=conditions, random_state=child(seed, number))
                return self._box.filled(made)
            except UnmetConditionsError as error:
                refused.append(error)
        raise refused[0]

    def get_quality_metrics(self) -> dict[str, Any]:
        """Measured quality of the rows that this generator gives out, and the probes of its methods.

        As many rows as were trained on (at most 20,000) are made and assessed against the training rows, with the
        held-out rows for privacy. Measured once, at the first call after a training.

        Returns
        -------
        dict
            That of ``QualityAssessmentEngine.assess_synthetic_quality``, with ``best_method`` and ``methods``.
        """
        self._check_trained()
        if self._quality is None:
            self._quality = self._measured()
        return self._quality

    def validate_synthetic_data(self, original: Table, synthetic: Table) -> dict[str, Any]:
        """Whether ``synthetic`` keeps the schema of ``original``, and how good it is.

        Returns
        -------
        dict
            ``is_valid`` (no issue), ``issues`` (sentences), ``overall_quality_score``, ``quality_grade`` and
            ``report``; the last three are None where columns are missing, because there is nothing to compare.
        """
        left, right = opened(original), opened(synthetic)
        issues = schema_issues(left, right)
        report: dict[str, Any] | None = None
        if not missing_columns(left, right):
            report = QualityAssessmentEngine().assess_synthetic_quality(left, right[left.columns], {"depth": "quick"})
        return {
            "is_valid": not issues,
            "issues": issues,
            "overall_quality_score": None if report is None else report["overall_quality_score"],
            "quality_grade": None if report is None else report["quality_grade"],
            "report": report,
        }

    def save_models(self, path: str | os.PathLike[str]) -> None:
        """Write every trained model and the results to the folder ``path``, which is made where it is not there.

        No row is saved: ask for :meth:`get_quality_metrics` before, if it shall be known afterwards.
        """
        self._check_trained()
        folder = Path(path)
        state = {
            "protocol": PROTOCOL,
            "config": self.config,
            "batch_given": self._batch_given,
            "best_method": self.best_method_,
            "results": [result.to_dict() for result in self.results_.values()],
            "quality": self._quality,
            "n_draws": self._n_draws,
            "dicts": None if self._box.dicts is None else self._box.dicts.to_dict(),
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for method, model in self.models_.items():
                model.save(folder / f"{method}.cps")
            text = json.dumps(state, ensure_ascii=False, indent=1, allow_nan=False)
            (folder / STATE).write_text(text, encoding="utf-8")
        except OSError as error:
            if isinstance(error, ContrapesoError):
                raise
            raise FileUnwritableError(f"{folder} cannot be written: {error.strerror}. Choose another place.") from error

    def load_models(self, path: str | os.PathLike[str]) -> None:
        """Read what :meth:`save_models` wrote; the next rows are those that the saved generator would make next.

        Raises
        ------
        FileMissingError, CorruptArchiveError, NewerArchiveError
        """
        folder = Path(path)
        state = _read_state(folder)
        try:
            results = {entry["method"]: MethodResult(**entry) for entry in state["results"]}
            trained = [method for method, result in results.items() if result.success]
            config, best = section("synthetic", state["config"]), state["best_method"]
            rest = state["quality"], state["n_draws"], bool(state["batch_given"])
            dicts = state.get("dicts")
            box = Box() if dicts is None else Box(dicts=DictForm.from_dict(dicts))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _corrupt(folder, str(error)) from error
        if best not in trained or not set(FAMILIES).issuperset(trained):
            raise _corrupt(folder, f"its best method is {best!r} of {trained}")
        self.models_ = {method: load_synthesizer(folder / f"{method}.cps") for method in trained}
        self.results_, self.best_method_, self.config, self._parts = results, best, config, None
        self._quality, self._n_draws, self._batch_given = rest
        self._box = box

    def _methods(self) -> list[str]:
        """Families to train, in order, each once."""
        automatic = ["mixture", "autoregressive"] if has_torch() else ["mixture"]
        asked = cast(Sequence[str], self.config["methods"])
        return list(dict.fromkeys(name for method in asked for name in (automatic if method == "auto" else [method])))

    def _training(self, epochs: int | None) -> Training:
        """Options of the networks, but for the time."""
        most = cast(int, self.config["epochs"]) if epochs is None else epochs
        return Training(max_epochs=most, batch_size=cast(int, self.config["batch_size"]) if self._batch_given else None)

    def _trained(
        self,
        methods: Sequence[str],
        parts: tuple[pd.DataFrame, pd.DataFrame | None],
        training: Training,
        seed: np.random.SeedSequence,
        *,
        progress: ProgressCallback,
        cancel: Cancel,
    ) -> tuple[dict[str, Synthesizer], dict[str, MethodResult]]:
        """Model and result of every method; a failure is a result, unless all fail."""
        models: dict[str, Synthesizer] = {}
        results: dict[str, MethodResult] = {}
        failures: list[ContrapesoError] = []
        target = self._target()
        budget, started = cast("float | None", self.config["max_time_s"]), monotonic()
        for number, method in enumerate(methods):
            progress(Progress(f"method {method}", number, len(methods)))
            left = None if budget is None else budget - (monotonic() - started)
            if left is not None and left <= 0 and models:
                results[method] = MethodResult(method, success=False, error=f"The {budget:g} s were spent before it.")
                continue
            share = None if left is None else max(left, 0.0) / (len(methods) - number)
            model = _made(method, training, share, child(seed, FIT, number))
            began = process_time()
            try:
                model.fit(parts[0], target=target, progress=progress, cancel=cancel)
                spent = process_time() - began
                if parts[1] is not None:
                    model.encoder_ = model.encoder_.avoiding(parts[1])  # no new row has the identifier of a real one
                found = _probe(model, *parts, child(seed, PROBE, number))
            except (CancelledError, MissingExtraError):
                raise
            except ContrapesoError as error:
                failures.append(error)
                results[method] = MethodResult(method, success=False, error=str(error))
                continue
            record = model.card_.training | {"probe": found}
            model.card_ = replace(model.card_, training=record)
            results[method] = MethodResult(method, success=True, probe=found, cpu_s=spent, training=record)
            models[method] = model
        if not models:
            raise failures[0]
        _warn_of_failures(results)
        return models, results

    def _drawn(self, n: int, seed: np.random.SeedSequence) -> pd.DataFrame:
        """Rows of the best method, or shuffled ones of all that share."""
        methods = self._sharing()
        if len(methods) == 1:
            return self.models_[methods[0]].sample(n, random_state=child(seed, 0))
        counts = _shares(n, len(methods))
        frames: list[pd.DataFrame] = []
        for k, (method, count) in enumerate(zip(methods, counts, strict=True)):
            model = copy.copy(self.models_[method])
            for before in frames:
                model.encoder_ = model.encoder_.avoiding(before)  # no two methods give one identifier
            frames.append(model.sample(count, random_state=child(seed, k)))
        order = generator(seed, len(methods)).permutation(n)
        return pd.concat(frames, ignore_index=True).iloc[order].reset_index(drop=True)

    def _ranked(self) -> list[str]:
        """Trained methods, the best one first."""
        return sorted(self.models_, key=lambda method: (method != self.best_method_, self.results_[method].distance))

    def _sharing(self) -> list[str]:
        """Methods whose rows are given out: the best, or with ``mix`` all that are as good."""
        best, *others = self._ranked()
        if not self.config["mix"]:
            return [best]
        most = self.results_[best].distance + CLOSE
        return [best, *(method for method in others if self.results_[method].distance <= most)]

    def _measured(self) -> dict[str, Any]:
        if self._parts is None:
            raise NotFittedError(
                "Quality was not measured before the models were saved, and the rows are not saved with them. "
                "Call validate_synthetic_data(original, synthetic) with the rows."
            )
        train, held = self._parts
        made = self._drawn(min(len(train), MAX_MEASURED), child(self._seed(), MEASURE))
        metadata = {"holdout": held, "depth": "quick", "target": self._target()}
        report = QualityAssessmentEngine().assess_synthetic_quality(train, made, metadata)
        methods = {method: result.to_dict() for method, result in self.results_.items()}
        return {**report, "best_method": self.best_method_, "methods": methods}

    def _seed(self) -> np.random.SeedSequence:
        return seed_sequence(cast(int, self.config["random_state"]))

    def _next_seed(self) -> np.random.SeedSequence:
        """The next part of the stream of rows."""
        self._n_draws += 1
        return child(self._seed(), DRAW, self._n_draws)

    def _check_trained(self) -> None:
        if not self.models_:
            raise NotFittedError("No model is trained. Call train_models(data) first.")

    def _target(self) -> str | None:
        """Name of the class column; that of an array may be given as its number."""
        target = self.config["target"]
        return None if target is None else str(target)

    def _check_target(self, frame: pd.DataFrame) -> None:
        target = self._target()
        if target is not None and target not in frame:
            raise ColumnNotFoundError(
                f"config['target'] is {target!r}, which is no column. Columns: {', '.join(frame.columns)}.",
                {"column": target},
            )

    def _check_same_columns(self, frame: pd.DataFrame) -> None:
        columns = next(iter(self.models_.values())).encoder_.columns_
        if list(frame.columns) != list(columns):
            raise InvalidDataError(
                f"The models were trained on the columns {list(columns)}; got {list(frame.columns)}. "
                "Train on this table, or pass one with these columns."
            )


def _check_config(config: Mapping[str, Any]) -> None:
    methods = config["methods"]
    if isinstance(methods, str) or not isinstance(methods, Sequence) or not methods:
        raise InvalidParameterError(f"config['methods'] must be a list of one or more methods; got {methods!r}.")
    for method in methods:
        if method not in METHODS:
            raise InvalidParameterError(f"config['methods'] has no method {method!r}. Methods: {', '.join(METHODS)}.")
    for name in ("sample_size_ratio", "max_time_s"):
        value = config[name]
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (is_number and 0 < value < np.inf) and not (name == "max_time_s" and value is None):
            raise InvalidParameterError(f"config[{name!r}] must be a number above 0; got {value!r}.")
    for name in ("epochs", "batch_size"):
        value = config[name]
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InvalidParameterError(f"config[{name!r}] must be a whole number of at least 1; got {value!r}.")
    if not isinstance(config["mix"], bool):
        raise InvalidParameterError(f"config['mix'] must be True or False; got {config['mix']!r}.")
    seed = config["random_state"]
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InvalidParameterError(f"config['random_state'] must be a whole number of at least 0; got {seed!r}.")


def _made(method: str, training: Training, max_time_s: float | None, seed: np.random.SeedSequence) -> Synthesizer:
    """An unfitted generator of the family."""
    options = {} if method in WITHOUT_TORCH else {"training": replace(training, max_time_s=max_time_s)}
    made: Synthesizer = family_of(method)(**options, random_state=seed)
    return made


def _split(frame: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Training rows and held-out ones: a fifth, at most 5,000."""
    if len(frame) < MIN_SPLIT_ROWS:
        return frame, None
    order = rng.permutation(len(frame))
    n_held = min(len(frame) // 5, MAX_HELD_OUT)
    held, train = np.sort(order[:n_held]), np.sort(order[n_held:])
    return frame.iloc[train].reset_index(drop=True), frame.iloc[held].reset_index(drop=True)


def _probe(
    model: Synthesizer, train: pd.DataFrame, held: pd.DataFrame | None, seed: np.random.SeedSequence
) -> float | None:
    """AUC with which trees tell rows of ``model`` from those held out; None where there are none."""
    if held is None:
        return None
    made = model.sample(len(held), random_state=child(seed, 0))
    return probe_tables(train, held, made, child(seed, 1))


def _shares(n: int, parts: int) -> list[int]:
    """``n`` in ``parts`` that differ by one at most, the larger ones first."""
    return [n // parts + (k < n % parts) for k in range(parts)]


def _warn_of_failures(results: Mapping[str, MethodResult]) -> None:
    for method, result in results.items():
        if not result.success:
            warnings.warn(f"Method {method!r} was not trained: {result.error}", TrainingWarning, stacklevel=4)


def _read_state(folder: Path) -> dict[str, Any]:
    try:
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
        protocol = state["protocol"]
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileMissingError(f"There is no {STATE} in {folder}. Save the models with save_models(folder).") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _corrupt(folder, str(error)) from error
    if not isinstance(protocol, int) or protocol < 1:
        raise _corrupt(folder, f"its protocol is {protocol!r}")
    if protocol > PROTOCOL:
        raise NewerArchiveError(
            f"{STATE} was written with protocol {protocol}; this version reads up to {PROTOCOL}. Install a newer "
            "contrapeso.",
            {"protocol": protocol, "supported": PROTOCOL},
        )
    return cast("dict[str, Any]", state)


def _corrupt(folder: Path, why: str) -> CorruptArchiveError:
    return CorruptArchiveError(f"{STATE} in {folder} is not whole ({why}). Save the models again.")


__all__ = ["AdvancedSyntheticDataGenerator", "MethodResult"]
