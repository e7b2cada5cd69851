"""The registry of trained classifiers: an archive in the state folder and a record in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from contrapeso.workflows._stores import opened_store

if TYPE_CHECKING:
    from contrapeso.config import Settings
    from contrapeso.store import ModelRow, Stage, Store
    from contrapeso.workflows.training._classifier import TrainedClassifier

SUFFIX = ".cpm"


@dataclass(frozen=True, slots=True)
class ModelsResult:
    """Trained classifiers, by name, the newest version first."""

    models: tuple[ModelRow, ...]
    changed: ModelRow | None = None

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        return {
            "models": [model.to_dict() for model in self.models],
            "changed": self.changed.to_dict() if self.changed else None,
        }


def list_models(settings: Settings, *, name: str | None = None, stage: Stage | None = None) -> ModelsResult:
    """Models of the registry, all or those of a name or stage."""
    with opened_store(settings) as store:
        return ModelsResult(store.models(name, stage))


def get_model(settings: Settings, which: int | str) -> ModelRow:
    """Record of one model: by id, ``NAME`` (the newest version), ``NAME@STAGE`` or ``NAME@VERSION``."""
    with opened_store(settings) as store:
        return store.model(which)


def set_stage(settings: Settings, which: int | str, stage: str) -> ModelsResult:
    """Put a model in a stage; one that was in production under the same name is archived."""
    with opened_store(settings) as store:
        changed = store.set_stage(which, cast("Stage", stage))  # checked there
        return ModelsResult(store.models(), changed)


def register_model(
    settings: Settings,
    name: str,
    classifier: TrainedClassifier,
    *,
    kind: str,
    target: str,
    data_sha256: str = "",
    metrics: Mapping[str, object] | None = None,
    seed: int | None = None,
    out: Path | None = None,
) -> ModelRow:
    """Write ``classifier`` to an archive and record it as the next version of ``name``; a candidate at first."""
    with opened_store(settings) as store:
        return keep_model(
            store, settings, name, classifier, kind=kind, target=target, data_sha256=data_sha256,
            metrics=metrics or {}, seed=seed, out=out,
        )[0]  # fmt: skip


def load_model(settings: Settings, which: int | str | Path) -> TrainedClassifier:
    """The classifier itself: by a reference of :func:`get_model`, or from an archive file.

    Raises
    ------
    NotFoundError, FileMissingError, CorruptArchiveError, NewerArchiveError
    """
    return opened_model(settings, which)[1]


def opened_model(settings: Settings, which: int | str | Path) -> tuple[str, TrainedClassifier, str]:
    """Label, classifier and target of a model."""
    from contrapeso.workflows.training._archive import read_model

    if isinstance(which, Path) or (isinstance(which, str) and which.endswith(SUFFIX)):
        archive = read_model(which)
        return Path(which).name, archive.classifier, str(archive.content.get("target", "class"))
    row = get_model(settings, which)
    archive = read_model(archive_path(settings, row), row.archive_sha256)
    return row.label, archive.classifier, row.target


def archive_path(settings: Settings, row: ModelRow) -> Path:
    """Where the archive of a model is; relative paths are in the state folder."""
    return settings.state_dir / row.archive


def keep_model(
    store: Store,
    settings: Settings,
    name: str,
    classifier: TrainedClassifier,
    *,
    kind: str,
    target: str,
    data_sha256: str,
    metrics: Mapping[str, object],
    seed: int | None,
    out: Path | None,
) -> tuple[ModelRow, Path]:
    """Archive and record of a classifier."""
    from uuid import uuid4

    from contrapeso.store import check_name
    from contrapeso.workflows.training._archive import library_versions, write_model

    check_name(name)
    path = (out or settings.state_dir / "models" / f"{name}-{uuid4().hex[:12]}{SUFFIX}").absolute()
    schema: dict[str, object] = {
        "columns": [column.to_dict() for column in classifier.columns],
        "classes": [str(label) for label in classifier.classes_],
    }
    content = {
        "name": name,
        "kind": kind,
        "target": target,
        "data_sha256": data_sha256,
        "seed": seed,
        "schema": schema,
        "metrics": dict(metrics),
        "libraries": library_versions(),
    }
    digest = write_model(path, content, classifier)
    home = settings.state_dir.absolute()
    kept = path.relative_to(home) if path.is_relative_to(home) else path
    row = store.register_model(
        name, kind=kind, target=target, data_sha256=data_sha256, schema=schema, metrics=metrics,
        archive=str(kept), archive_sha256=digest, seed=seed,
    )  # fmt: skip
    return row, path


__all__ = [
    "ModelsResult",
    "archive_path",
    "get_model",
    "keep_model",
    "list_models",
    "load_model",
    "opened_model",
    "register_model",
    "set_stage",
]
