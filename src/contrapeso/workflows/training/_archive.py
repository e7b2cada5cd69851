"""A trained classifier on disk: one zip with ``schema.json``, ``model.skops`` and the boosters in their own formats.

Nothing in it runs code. Boosters of trees are text (LightGBM) or UBJSON (XGBoost) that their libraries parse; all
other parts are written by skops, and read only if every type in the file is on the list of those that we write. The
SHA-256 of each member is in ``schema.json``, so a damaged part is noticed before anything reads it.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from contrapeso._optional import require
from contrapeso.errors import CorruptArchiveError, FileMissingError, FileUnwritableError, NewerArchiveError
from contrapeso.workflows.training._classifier import TrainedClassifier

FORMAT = "contrapeso-classifier"
PROTOCOL = 1
HEAD, BODY = "schema.json", "model.skops"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date of a zip
MAX_BYTES = 2 << 30

_LADDER = "contrapeso.balancing.ladder"
_FEATURES = "contrapeso.finance.features"
_HERE = "contrapeso.workflows.training"
OUR_TYPES = frozenset(
    {
        f"{_HERE}._classifier.NeededColumn",
        f"{_HERE}._classifier.TrainedClassifier",
        f"{_HERE}._estimators.KMeansClassifier",
        f"{_HERE}._estimators.LinearSVMClassifier",
        f"{_HERE}._estimators.XGBoostClassifier",
        f"{_HERE}._archive.BoosterPlace",
        f"{_HERE}._archive.CategoryPlace",
        f"{_HERE}._plain_columns.PlainColumns",
        f"{_FEATURES}._features.TransactionFeatures",
        f"{_FEATURES}._text.DescriptionPieces",
        f"{_LADDER}._calibrate.Calibration",
        f"{_LADDER}._classifier.BalancedClassifier",
        f"{_LADDER}._design.Design",
        f"{_LADDER}._design.Expansion",
        f"{_LADDER}._design._Category",
        f"{_LADDER}._design._Number",
        f"{_LADDER}._fit.FittedRung",
        f"{_LADDER}._fit.Member",
        f"{_LADDER}._objective.Objective",
        f"{_LADDER}._rows.Feed",
    }
)
OTHER_TYPES = frozenset(
    {
        "collections.OrderedDict",
        "lightgbm.sklearn.LGBMClassifier",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
    }
)
ALLOWED = OUR_TYPES | OTHER_TYPES
"""Types that an archive may hold beside those that skops itself trusts; an archive with any other is refused."""


@dataclass(frozen=True)
class BoosterPlace:
    """Stands in ``model.skops`` where a booster was; ``member`` is the file that holds it."""

    member: str


@dataclass(frozen=True)
class CategoryPlace:
    """Stands in ``model.skops`` where a pandas index of categories was."""

    values: list[str]


@dataclass(frozen=True, eq=False)
class ModelArchive:
    """What was read: the protocol, what ``schema.json`` says, and the classifier."""

    protocol: int
    content: dict[str, Any]
    classifier: TrainedClassifier


def write_model(path: str | os.PathLike[str], content: Mapping[str, Any], classifier: TrainedClassifier) -> str:
    """Write the archive, all of it or nothing; returns its SHA-256.

    Raises
    ------
    FileUnwritableError
        If the folder cannot be made or the disk refuses.
    AssertionError
        If the classifier holds a type that could not be read again: a defect.
    """
    import skops.io

    boosters: dict[str, bytes] = {}
    body = skops.io.dumps(_mapped(classifier, lambda value: _taken_out(value, boosters)))
    strange = set(skops.io.get_untrusted_types(data=body)) - ALLOWED
    assert not strange, f"the archive would hold {sorted(strange)}, which is on no list"  # noqa: S101
    members = {BODY: body, **boosters}
    head = {
        "format": FORMAT,
        "protocol": PROTOCOL,
        "members": {name: hashlib.sha256(data).hexdigest() for name, data in members.items()},
        "content": dict(content),
    }
    text = json.dumps(head, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1).encode()
    return _write(Path(path), {HEAD: text, **members})


def read_model(path: str | os.PathLike[str], sha256: str | None = None) -> ModelArchive:
    """Read an archive; ``sha256`` is checked where it is given.

    Raises
    ------
    FileMissingError
        If it is not there.
    CorruptArchiveError
        If it is damaged, incomplete, of another kind, not the one that was registered, or holds a type that we never
        write.
    NewerArchiveError
        If a newer version wrote it.
    """
    target = Path(path)
    if not target.is_file():
        raise FileMissingError(f"There is no model file {target}. Train the model again, or restore the file.")
    if sha256 is not None and hashlib.sha256(target.read_bytes()).hexdigest() != sha256:
        raise _corrupt(target, "it is not the file that was registered")
    head, members = _members(target)
    content = head.get("content")
    if not isinstance(content, dict):
        raise _corrupt(target, "it has no content")
    found = _loaded(target, members[BODY])
    whole = _mapped(found, lambda value: _put_back(value, members, target))
    if not isinstance(whole, TrainedClassifier):
        raise _corrupt(target, "it holds no classifier")
    return ModelArchive(int(head["protocol"]), content, whole)


def _loaded(target: Path, body: bytes) -> Any:
    import skops.io

    try:
        strange = set(skops.io.get_untrusted_types(data=body))
        if strange - ALLOWED:
            raise _corrupt(target, f"it holds {', '.join(sorted(strange - ALLOWED))}, which no Contrapeso writes")
        return skops.io.loads(body, trusted=sorted(strange))
    except CorruptArchiveError:
        raise
    except (zipfile.BadZipFile, OSError, *_PARSING) as error:
        raise _corrupt(target, f"its {BODY} cannot be read ({error})") from error


_PARSING = (ValueError, KeyError, TypeError, AttributeError, ImportError, IndexError, AssertionError, RuntimeError)
"""What a parser raises on bytes that are not what it expects."""


def _write(target: Path, members: Mapping[str, bytes]) -> str:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, data in members.items():
                archive.writestr(zipfile.ZipInfo(name, EPOCH), data)
        digest = hashlib.sha256(Path(temporary).read_bytes()).hexdigest()
        Path(temporary).replace(target)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise _unwritable(target, error) from error
    return digest


def _members(target: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    try:
        with zipfile.ZipFile(target) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > MAX_BYTES:
                raise _corrupt(target, f"it would unpack to more than {MAX_BYTES} bytes")
            if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
                raise _corrupt(target, "its members are compressed")  # a small file could unpack to any size
            members = {info.filename: archive.read(info) for info in infos}
        head = json.loads(members.pop(HEAD))
    except (zipfile.BadZipFile, KeyError, EOFError, ValueError, NotImplementedError, RuntimeError, OSError) as error:
        if isinstance(error, CorruptArchiveError):
            raise
        raise _corrupt(target, f"it cannot be read ({error})") from error
    _check_head(target, head)
    for name, digest in head["members"].items():
        if name not in members or hashlib.sha256(members[name]).hexdigest() != digest:
            raise _corrupt(target, f"its {name} is not the one that was written")
    if BODY not in head["members"]:
        raise _corrupt(target, f"it has no {BODY}")
    return head, {name: members[name] for name in head["members"]}


def _check_head(target: Path, head: Any) -> None:
    if not isinstance(head, dict) or head.get("format") != FORMAT or not isinstance(head.get("members"), dict):
        raise _corrupt(target, "it is no trained classifier")
    protocol = head.get("protocol")
    if not isinstance(protocol, int) or isinstance(protocol, bool) or protocol < 1:
        raise _corrupt(target, f"its protocol is {protocol!r}")
    if protocol > PROTOCOL:
        raise NewerArchiveError(
            f"{target.name} was written with protocol {protocol}; this version reads up to {PROTOCOL}. "
            "Install a newer contrapeso.",
            {"protocol": protocol, "supported": PROTOCOL},
        )


def _taken_out(value: Any, boosters: dict[str, bytes]) -> Any:
    """A place instead of a booster, which goes to ``boosters``, or of categories; anything else as it is."""
    if isinstance(value, pd.Index):
        return CategoryPlace([str(label) for label in value])
    kind = f"{type(value).__module__}.{type(value).__name__}"
    if kind == "lightgbm.basic.Booster":
        name, data = f"booster-{len(boosters)}.lgb.txt", value.model_to_string().encode()
    elif kind == "xgboost.core.Booster":
        name, data = f"booster-{len(boosters)}.xgb.ubj", bytes(value.save_raw("ubj"))
    else:
        return value
    boosters[name] = data
    return BoosterPlace(name)


def _put_back(value: Any, members: Mapping[str, bytes], target: Path) -> Any:
    """The booster or the categories of a place; anything else as it is."""
    if isinstance(value, CategoryPlace):
        return pd.Index(value.values, dtype=object)
    if not isinstance(value, BoosterPlace):
        return value
    data = members.get(value.member)
    if data is None:
        raise _corrupt(target, f"it has no {value.member}")
    if value.member.endswith(".lgb.txt"):
        import lightgbm

        try:
            return lightgbm.Booster(model_str=data.decode())
        except (lightgbm.basic.LightGBMError, ValueError) as error:
            raise _corrupt(target, f"its {value.member} cannot be read ({error})") from error
    xgboost = require("xgboost", extra="xgboost")
    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(data))
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise _corrupt(target, f"its {value.member} cannot be read ({error})") from error
    return booster


_WALKED = ("contrapeso.", "lightgbm.sklearn")


def _mapped(value: Any, swap: Callable[[Any], Any]) -> Any:
    """A copy of ``value`` in which ``swap`` was applied to every part that could be a booster; arrays are shared."""
    swapped = swap(value)
    if swapped is not value:
        return swapped
    if isinstance(value, (list, tuple)) and type(value) in {list, tuple}:
        return type(value)(_mapped(part, swap) for part in value)
    if type(value) is dict:
        return {key: _mapped(part, swap) for key, part in value.items()}
    if not type(value).__module__.startswith(_WALKED) or isinstance(value, type):
        return value
    copied = copy.copy(value)
    names = [field.name for field in fields(value)] if is_dataclass(value) else list(vars(value))
    for name in names:
        object.__setattr__(copied, name, _mapped(getattr(value, name), swap))
    return copied


def library_versions() -> dict[str, str]:
    """Versions of the libraries whose parts are in an archive."""
    import sklearn
    import skops

    import contrapeso

    found = {"contrapeso": contrapeso.__version__, "scikit-learn": sklearn.__version__, "skops": skops.__version__}
    for name in ("lightgbm", "xgboost"):
        if name in sys.modules:
            found[name] = str(sys.modules[name].__version__)
    return found


def _corrupt(target: Path, why: str) -> CorruptArchiveError:
    return CorruptArchiveError(
        f"{target.name} is not a whole model: {why}. Train the model again, or take another copy.",
        {"file": target.name},
    )


def _unwritable(target: Path, error: OSError) -> FileUnwritableError:
    return FileUnwritableError(f"{target} cannot be written: {error.strerror or error}. Choose another place.")


__all__ = ["ALLOWED", "PROTOCOL", "ModelArchive", "library_versions", "read_model", "write_model"]
