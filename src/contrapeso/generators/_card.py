"""The model card: what a fitted generator learned from, how, and how well it did on rows it had not seen."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from contrapeso.errors import CorruptArchiveError

LIMITS = (
    "Rows are synthetic: they follow the training rows and are no statement about any real person or account.",
    "Fidelity and privacy were not judged here beyond the probe; assess the rows against a holdout before release.",
    "Categories, exact values and lookup tables of the training rows are part of the model.",
)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("contrapeso", "numpy", "pandas", "torch"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a fitted generator; all of it JSON types.

    Attributes
    ----------
    family : str
        ``autoregressive``, ``mixture``, ...
    created : str
        Moment of the fit, UTC, ISO 8601.
    data_digest : str
        Hash of the training rows (BLAKE2b of their row hashes, in order).
    n_rows, n_columns : int
    target : str or None
    seed : str
        Entropy of the seed sequence.
    parameters : dict
        Constructor parameters.
    training : dict
        Record of the training: curve, chosen step, reason for the stop, seconds, device.
    relations : tuple of str
        Relations that hold by construction.
    versions : dict of str to str
    privacy : dict or None
        epsilon and delta of the training, where it was private.
    """

    family: str
    data_digest: str
    n_rows: int
    n_columns: int
    target: str | None
    seed: str
    parameters: dict[str, Any]
    training: dict[str, Any]
    relations: tuple[str, ...] = ()
    privacy: dict[str, Any] | None = None
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    versions: dict[str, str] = field(default_factory=_versions)
    limits: tuple[str, ...] = LIMITS

    def to_dict(self) -> dict[str, Any]:
        """The card as JSON types."""
        return asdict(self) | {"relations": list(self.relations), "limits": list(self.limits)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ModelCard:
        """The card that :meth:`to_dict` wrote."""
        try:
            return cls(**(data | {"relations": tuple(data["relations"]), "limits": tuple(data["limits"])}))
        except (KeyError, TypeError) as error:
            raise CorruptArchiveError(f"The model card is not whole ({error}). Save the model again.") from error

    def to_markdown(self) -> str:
        """The card as a page for people."""
        facts = {
            "Family": self.family,
            "Fitted": self.created,
            "Training rows": f"{self.n_rows:,} x {self.n_columns}",
            "Data digest": self.data_digest,
            "Target": self.target or "none",
            "Seed": self.seed,
            "Stopped because": self.training.get("stopped_because", "not recorded"),
            "Probe (AUC against held-out rows, .5 is best)": _figure(self.training.get("probe")),
            "CPU seconds": _figure(self.training.get("cpu_s")),
            "Privacy": "no formal guarantee" if self.privacy is None else _epsilon(self.privacy),
            "Versions": ", ".join(f"{name} {number}" for name, number in self.versions.items()),
        }
        lines = ["# Model card", "", "| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts.items())]
        if self.relations:
            lines += ["", "## Held by construction", "", *(f"- {sentence}" for sentence in self.relations)]
        return "\n".join([*lines, "", "## Limits", "", *(f"- {sentence}" for sentence in self.limits), ""])


def _figure(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else "not measured" if value is None else str(value)


def _epsilon(privacy: dict[str, Any]) -> str:
    return f"({privacy['epsilon']:.2f}, {privacy['delta']:.1e})-differential privacy of rows"


__all__ = ["ModelCard"]
