"""Making new rows with a learned generator: trained on a table, or read from a saved model; every row is marked."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any, Literal, cast

from contrapeso.errors import FileUnwritableError, InvalidDataError, InvalidParameterError, TrainingWarning
from contrapeso.progress import Progress, ProgressCallback, silent
from contrapeso.workflows._balance import refuse_balanced, set_aside, write_holdout
from contrapeso.workflows._source import MARK, TableRef, known_column, load_frame
from contrapeso.workflows._writers import format_of, whole_file, write_frame

if TYPE_CHECKING:
    import pandas as pd

    from contrapeso.config import Settings
    from contrapeso.generators import ModelCard, Synthesizer
    from contrapeso.workflows._text_form import TextForm

_ONE_CLASS = "contrapeso: every row"
_LOOK = 256
_DRAW = 2_000  # a random stream of its own
_TRUE, _FALSE = frozenset({"true", "sim", "1", "yes"}), frozenset({"false", "não", "nao", "0", "no"})


@dataclass(frozen=True, slots=True)
class GenerateResult:
    """What was learned from, what was made, and where it was written.

    Attributes
    ----------
    table : str
        Name of the table, or of the saved model.
    card : ModelCard
    n_rows : int
        Rows made.
    cpu_s : float
        Seconds of processor for training and sampling.
    n_per_class : mapping of label to rows, as asked
    relations : mapping of language to sentences
        What holds in every row by construction.
    notes : tuple of str
        What was not done as asked: methods that could not be trained, batches made smaller.
    path, card_path : Path
    model_path, train_path, holdout_path : Path or None
        With a holdout, the rows that trained are written too: `assess` compares with them.
    n_holdout, seed : int
    """

    table: str
    card: ModelCard
    n_rows: int
    cpu_s: float
    n_per_class: Mapping[str, int]
    relations: Mapping[Literal["pt", "en"], tuple[str, ...]]
    notes: tuple[str, ...]
    path: Path
    card_path: Path
    model_path: Path | None
    train_path: Path | None
    holdout_path: Path | None
    n_holdout: int
    seed: int

    @property
    def method(self) -> str:
        """Family that made the rows."""
        return self.card.family

    @property
    def probe(self) -> float | None:
        """AUC with which trees tell new rows from real ones that no model has seen; .5 is best."""
        return cast("float | None", self.card.training.get("probe"))

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        return {
            "table": self.table,
            "n_rows": self.n_rows,
            "n_train": self.card.n_rows,
            "method": self.method,
            "probe": self.probe,
            "cpu_s": self.cpu_s,
            "relations": list(self.relations["en"]),
            "n_per_class": dict(self.n_per_class),
            "notes": list(self.notes),
            "path": str(self.path),
            "card": str(self.card_path),
            "model": str(self.model_path) if self.model_path else None,
            "train": str(self.train_path) if self.train_path else None,
            "holdout": str(self.holdout_path) if self.holdout_path else None,
            "n_holdout": self.n_holdout,
            "seed": self.seed,
        }


@dataclass(frozen=True, slots=True)
class TrainingWish:
    """How to learn: which method, the class column, the share to set aside and the seconds of wall time."""

    method: str = "auto"
    target: str | None = None
    holdout: float | None = None
    max_time_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Wish:
    """The rows asked for: how many, how many of each class, and the values of all as ``COLUMN=VALUE``."""

    rows: int | None
    per_class: dict[str, int]
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Learned:
    """A generator that is ready to sample, and the rows that it came from and that were kept from it."""

    model: Synthesizer
    notes: tuple[str, ...] = ()
    real: pd.DataFrame | None = None
    aside: pd.DataFrame | None = None
    form: TextForm | None = None


def generate(
    ref: TableRef | None,
    settings: Settings,
    *,
    out: Path,
    rows: int | None = None,
    training: TrainingWish = TrainingWish(),
    per_class: Sequence[str] = (),
    where: Sequence[str] = (),
    form: str | None = None,
    model: Path | None = None,
    save_model: Path | None = None,
    seed: int = 42,
    progress: ProgressCallback = silent,
) -> GenerateResult:
    """Learn the table at ``ref``, or read the saved ``model``, and write new rows to ``out``.

    All rows of ``out`` are synthetic, and its last column ``is_synthetic`` says so. Whole numbers beside blanks, and
    moments with an offset, are written as the file at ``ref`` writes them. What the model is goes to
    ``<name of out>.card.md`` beside it.

    Parameters
    ----------
    ref : table to learn from, None with ``model``
    rows : how many; by default as many as were learned from, or what ``per_class`` adds up to
    training : how to learn; ``auto`` is the method that held-out rows prefer
    per_class : ``LABEL=N``, exactly so many rows of each class of the target
    where : ``COLUMN=VALUE``, values that all rows have; nothing after ``=`` is a missing value
    save_model : where the model is kept; it samples again with ``model``

    Raises
    ------
    InvalidParameterError
        If options contradict each other.
    MissingExtraError
        If the method needs torch and it is not installed.
    UnmetConditionsError
        If rows with the values asked for are too rare for the method.
    """
    chosen, started = format_of(out, form), process_time()
    if (model is None) == (ref is None):
        raise InvalidParameterError("Name a table to learn from, or a saved model with --model; exactly one of them.")
    wish = _Wish(rows, _class_counts(per_class), tuple(where))
    if ref is not None:
        learned = _learn(ref, settings, training, wish, seed=seed, progress=progress)
    else:
        learned = _read(model, training, save_model)
    progress(Progress("sample"))
    made = _sampled(learned.model, wish, seed)
    if ref is not None and ref.source is not None:
        made = _coherent(made, cast("pd.DataFrame", learned.real), _named(where, made))
    spent = process_time() - started
    shown = made if learned.form is None or chosen != "csv" else learned.form.written(made)
    write_frame(shown.assign(**{MARK: True}), out, chosen)
    if save_model is not None:
        _save(learned.model, save_model)
    return GenerateResult(
        ref.label if ref is not None else str(model),
        learned.model.card_,
        len(made),
        spent,
        wish.per_class,
        {"pt": _relations(learned.model, "pt"), "en": _relations(learned.model, "en")},
        learned.notes,
        out,
        _write_card(learned.model, out),
        save_model or model,
        None if learned.aside is None else _write_train(learned.real, out),
        None if learned.aside is None else write_holdout(learned.aside, out),
        0 if learned.aside is None else len(learned.aside),
        seed,
    )


def _learn(
    ref: TableRef, settings: Settings, training: TrainingWish, wish: _Wish, *, seed: int, progress: ProgressCallback
) -> _Learned:
    """The best model of the method on the rows of ``ref``, those set aside left out."""
    from contrapeso.services.synthetic_data_generator import AdvancedSyntheticDataGenerator

    config = {"methods": [training.method], "max_time_s": training.max_time_s, "random_state": seed}
    AdvancedSyntheticDataGenerator(config)  # a wrong method is said before a large file is read
    frame = load_frame(ref, settings)
    refuse_balanced(frame, ref)
    frame, text_form, said = _typed(frame, ref, settings)
    asked = training.target or ref.default_target()
    target = None if asked is None else known_column(frame, asked)
    _check_wish(wish, frame, target)
    frame, aside = _apart(frame, target, training.holdout, seed)
    maker = AdvancedSyntheticDataGenerator({**config, "target": target})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", TrainingWarning)
        maker.train_models(frame, held_out=aside, progress=progress)
    notes = (*said, *(str(w.message) for w in caught if issubclass(w.category, TrainingWarning)))
    for warning in caught:
        if not issubclass(warning.category, TrainingWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    return _Learned(maker.models_[cast(str, maker.best_method_)], notes, frame, aside, text_form)


def _typed(frame: pd.DataFrame, ref: TableRef, settings: Settings) -> tuple[pd.DataFrame, TextForm, tuple[str, ...]]:
    """The frame of ``ref`` in the types that write as its file does; that of a database as it is."""
    from contrapeso.tables import Limits
    from contrapeso.workflows._text_form import TextForm, as_written

    return (frame, TextForm(), ()) if ref.path is None else as_written(frame, ref.path, Limits.from_settings(settings))


def _apart(
    frame: pd.DataFrame, target: str | None, share: float | None, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Rows to learn from and rows to set aside, by class where there is a target; None where none are asked for."""
    if share is None:
        return frame, None
    classes = frame if target is not None else frame.assign(**{_ONE_CLASS: 0})
    rest, aside = set_aside(classes, target or _ONE_CLASS, share, seed)
    if aside.empty:
        raise InvalidParameterError(f"holdout={share:g} of {len(frame)} rows is no row. Set a larger share aside.")
    return rest[frame.columns], aside[frame.columns]


def _read(path: Path | None, wish: TrainingWish, save_model: Path | None) -> _Learned:
    """The saved model; options that would train one contradict it."""
    from contrapeso.generators import load_synthesizer

    if wish != TrainingWish() or save_model is not None:
        raise InvalidParameterError(
            "A saved model is not trained again: --method, --target, --holdout, --max-time and --save-model do not go "
            "with --model."
        )
    return _Learned(load_synthesizer(cast(Path, path)))


def _check_wish(wish: _Wish, frame: pd.DataFrame, target: str | None) -> None:
    """Raise before the training where the rows asked for can be seen to be impossible."""
    total = sum(wish.per_class.values())
    if wish.per_class and wish.rows is not None and wish.rows != total:
        raise InvalidParameterError(
            f"--rows {wish.rows} and --per-class, which adds up to {total}, ask for different numbers of rows. "
            "Give one of the two."
        )
    _conditions(wish.where, frame)
    classes = _classes(wish.per_class, frame, target)
    if target is None or classes is None:
        return
    known = set(frame[target].dropna().unique())
    strange = [label for label in classes if label is not None and label not in known]
    if strange:
        raise InvalidDataError(
            f"No row of column {target!r} has the class {strange[0]!r}. Classes: {', '.join(sorted(map(str, known)))}."
        )


def _classes(per_class: Mapping[str, int], frame: pd.DataFrame, target: str | None) -> dict[Any, int] | None:
    """Rows by label in the type of the column; None where no class was named."""
    if not per_class:
        return None
    if target is None:
        raise InvalidParameterError("--per-class needs the column of the classes: name it with --target.")
    return {_value(label, frame[target]): n for label, n in per_class.items()}


def _sampled(model: Synthesizer, wish: _Wish, seed: int) -> pd.DataFrame:
    """New rows as wished, as many as trained where no number was given."""
    from contrapeso._rng import child, seed_sequence

    empty = model.sample(_LOOK, random_state=0)  # dtypes, and what object columns hold
    return model.sample(
        wish.rows if wish.rows is not None or wish.per_class else model.card_.n_rows,
        n_per_class=_classes(wish.per_class, empty, model.target_),
        conditions=_conditions(wish.where, empty) or None,
        random_state=child(seed_sequence(seed), _DRAW),
    )


def _class_counts(pairs: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for pair in pairs:
        label, _, count = pair.rpartition("=")
        if not count.isdecimal() or label in counts:
            raise InvalidParameterError(f"--per-class takes LABEL=N with a whole number, once a class; got {pair!r}.")
        counts[label] = int(count)
    return counts


def _conditions(pairs: Sequence[str], empty: pd.DataFrame) -> dict[str, Any]:
    names = _named(pairs, empty)
    return {name: _value(pair[len(name) + 1 :], empty[name]) for pair, name in zip(pairs, names, strict=True)}


def _named(pairs: Sequence[str], empty: pd.DataFrame) -> list[str]:
    """Column of every ``COLUMN=VALUE``; a name may have a ``=`` in it."""
    names = []
    for pair in pairs:
        known = [name for name in empty.columns if pair.startswith(f"{name}=")]
        if not known:
            name, mark, _ = pair.partition("=")
            if not mark:
                raise InvalidParameterError(f"--where takes COLUMN=VALUE, for example --where uf=SP; got {pair!r}.")
            known = [known_column(empty, name)]  # raises, and names the nearest columns
        names.append(max(known, key=len))
    if len(set(names)) < len(names):
        raise InvalidParameterError(f"--where takes each column once; got {', '.join(pairs)}.")
    return names


def _value(text: str, column: pd.Series) -> Any:
    """``text`` as a value of ``column``; None for an empty one."""
    import pandas as pd

    dtype = column.dtype
    if not text:
        return None
    try:
        if pd.api.types.is_bool_dtype(dtype):
            return _truth(text)
        if isinstance(dtype, pd.CategoricalDtype):
            return next((label for label in dtype.categories if str(label) == text), text)
        if pd.api.types.is_integer_dtype(dtype):
            return int(text)
        if pd.api.types.is_numeric_dtype(dtype):
            return float(text)
        return _moment(text, column) if pd.api.types.is_datetime64_any_dtype(dtype) else _label(text, column)
    except ValueError as error:
        raise InvalidParameterError(f"Column {column.name!r} is {dtype}; {text!r} is no value of it.") from error


def _moment(text: str, column: pd.Series) -> Any:
    """The moment; one without an offset is of the column's zone."""
    import pandas as pd

    zone = getattr(column.dtype, "tz", None)
    moment = pd.Timestamp(text)
    return moment.tz_localize(zone) if zone is not None and moment.tzinfo is None else moment


def _label(text: str, column: pd.Series) -> Any:
    """``text``, or the truth value that it names in a column of truth values and nulls."""
    has_truths = any(isinstance(value, bool) for value in column.dropna().unique())
    return _truth(text) if has_truths and text.strip().casefold() in _TRUE | _FALSE else text


def _truth(text: str) -> bool:
    word = text.strip().casefold()
    if word not in _TRUE | _FALSE:
        raise ValueError(text)
    return word in _TRUE


def _coherent(made: pd.DataFrame, real: pd.DataFrame, asked: Sequence[str]) -> pd.DataFrame:
    """Bank rows whose type follows the sign of the amount and whose days are posting days; asked values stay."""
    from contrapeso.finance._coherence import make_coherent

    repaired = make_coherent(made, real, "category")
    return repaired.assign(**{name: made[name] for name in asked})


def _relations(model: Synthesizer, language: Literal["pt", "en"]) -> tuple[str, ...]:
    return tuple(model.encoder_.relations_.describe(language))


def _save(model: Synthesizer, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileUnwritableError(f"{path} cannot be written: {error.strerror}. Name another place.") from error
    model.save(path)


def _write_train(real: pd.DataFrame | None, out: Path) -> Path:
    path = out.with_suffix(".train.parquet")
    write_frame(cast("pd.DataFrame", real), path, "parquet")
    return path


def _write_card(model: Synthesizer, out: Path) -> Path:
    path = out.with_suffix(".card.md")
    with whole_file(path) as part:
        part.write_text(model.card_.to_markdown(), encoding="utf-8")
    return path
