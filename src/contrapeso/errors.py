"""Every error that Contrapeso raises on purpose, and the one table of codes, exit codes and HTTP statuses.

A message names the thing, the rule, what came and the way out. ``code`` is stable: callers may
match on it; the sentence may be improved at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ErrorEntry:
    """One row of the error table."""

    exit_code: int
    http_status: int
    meaning: str


ERROR_TABLE: dict[str, ErrorEntry] = {
    "internal": ErrorEntry(1, 500, "A defect of Contrapeso; please report it with the log."),
    "invalid_parameter": ErrorEntry(2, 422, "An option or argument has a value outside its rule."),
    "unknown_config_key": ErrorEntry(2, 422, "A configuration key does not exist; the nearest one is named."),
    "missing_extra": ErrorEntry(2, 501, "An optional dependency is needed; the message is the pip command."),
    "missing_library": ErrorEntry(2, 501, "A library of the operating system is needed; the message says which."),
    "file_not_found": ErrorEntry(3, 404, "The file does not exist or cannot be opened."),
    "file_unwritable": ErrorEntry(3, 500, "A result cannot be written where it was asked for."),
    "unreadable_file": ErrorEntry(3, 422, "The content is not what any reader understands."),
    "wrong_content": ErrorEntry(3, 422, "The content is not what the file name says."),
    "truncated_file": ErrorEntry(3, 422, "The file ends before its structure does and nothing could be read."),
    "invalid_data": ErrorEntry(4, 422, "The table breaks a rule of the requested operation."),
    "column_not_found": ErrorEntry(4, 422, "The named column is not in the table."),
    "too_few_samples": ErrorEntry(4, 422, "A class has too few rows for the method."),
    "single_class": ErrorEntry(4, 422, "The target has one class only."),
    "insufficient_data": ErrorEntry(4, 422, "There are too few rows to measure anything."),
    "file_too_large": ErrorEntry(5, 413, "The file passes a size limit (bytes, uncompressed bytes, rows or cells)."),
    "memory_limit": ErrorEntry(5, 413, "The result would take more memory than allowed."),
    "store_error": ErrorEntry(6, 503, "The database refused or cannot be reached."),
    "schema_outdated": ErrorEntry(6, 503, "The database schema is older or newer than this version."),
    "quality_too_low": ErrorEntry(
        8, 422, "Synthetic rows are graded under what was asked for, or must not be released."
    ),
    "cancelled": ErrorEntry(9, 409, "The work was cancelled by who asked for it."),
    "training_diverged": ErrorEntry(
        10, 422, "The loss of a generator became NaN or infinite; the message says what to change."
    ),
    "corrupt_archive": ErrorEntry(3, 422, "A saved model is damaged, incomplete or not one of ours."),
    "newer_archive": ErrorEntry(3, 422, "A saved model was written by a newer version."),
    "not_fitted": ErrorEntry(2, 409, "The model was asked for rows before it was fitted."),
    "unmet_conditions": ErrorEntry(
        4, 422, "Rows that meet the conditions or constraints were not found within the budget."
    ),
    "unsupported_operation": ErrorEntry(2, 501, "The method cannot answer this; the message names one that can."),
    "not_found": ErrorEntry(7, 404, "The named run, upload or source does not exist or is empty."),
}


@dataclass(eq=False)
class ContrapesoError(Exception):
    """Base of every deliberate error: a sentence, a stable ``code`` and ``details`` for machines."""

    message: str
    details: dict[str, object] = field(default_factory=dict)
    code: ClassVar[str] = "internal"

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[type[ContrapesoError], tuple[str, dict[str, object]]]:
        # OSError and KeyError keep arguments of their own; these two rebuild every class of the tree
        return type(self), (self.message, self.details)

    @property
    def exit_code(self) -> int:
        """Exit status of the command line for this error."""
        return ERROR_TABLE[self.code].exit_code

    @property
    def http_status(self) -> int:
        """Status of an HTTP answer for this error."""
        return ERROR_TABLE[self.code].http_status


class InvalidParameterError(ContrapesoError, ValueError):
    """An option or argument outside its rule."""

    code = "invalid_parameter"


class UnknownConfigKeyError(ContrapesoError, ValueError):
    """A configuration key that does not exist."""

    code = "unknown_config_key"


class MissingExtraError(ContrapesoError, ImportError):
    """An optional dependency that is not installed."""

    code = "missing_extra"


class MissingLibraryError(ContrapesoError, ImportError):
    """A library of the operating system that is not installed."""

    code = "missing_library"


class FileMissingError(ContrapesoError, FileNotFoundError):
    """A file that is not there."""

    code = "file_not_found"


class FileUnwritableError(ContrapesoError, OSError):
    """A file or folder that cannot be written."""

    code = "file_unwritable"


class UnreadableFileError(ContrapesoError, ValueError):
    """Content that no reader understands."""

    code = "unreadable_file"


class WrongContentError(UnreadableFileError):
    """Content of another kind than the file name says (base64 text named ``.xlsx``)."""

    code = "wrong_content"


class TruncatedFileError(UnreadableFileError):
    """A file that ends before anything could be read."""

    code = "truncated_file"


class FileTooLargeError(ContrapesoError, ValueError):
    """A file past a limit: bytes, uncompressed bytes, rows or cells."""

    code = "file_too_large"


class InvalidDataError(ContrapesoError, ValueError):
    """A table that breaks a rule of the requested operation."""

    code = "invalid_data"


class ColumnNotFoundError(ContrapesoError, KeyError):
    """A column that is not in the table."""

    code = "column_not_found"


class TooFewSamplesError(InvalidDataError):
    """A class with too few rows for the method."""

    code = "too_few_samples"


class SingleClassError(InvalidDataError):
    """A target with one class only."""

    code = "single_class"


class InsufficientDataError(InvalidDataError):
    """Too few rows to measure anything."""

    code = "insufficient_data"


class MemoryLimitError(ContrapesoError, MemoryError):
    """A result that would take more memory than allowed."""

    code = "memory_limit"


class StoreError(ContrapesoError, RuntimeError):
    """A database that refused or cannot be reached."""

    code = "store_error"


class SchemaOutdatedError(StoreError):
    """A database whose schema is older or newer than this version."""

    code = "schema_outdated"


class NotFoundError(ContrapesoError, LookupError):
    """A run, upload or source that does not exist or is empty."""

    code = "not_found"


class QualityTooLowError(ContrapesoError, ValueError):
    """Synthetic rows graded under what was asked for, or that must not be released."""

    code = "quality_too_low"


class CancelledError(ContrapesoError, RuntimeError):
    """Work that was cancelled by who asked for it."""

    code = "cancelled"


class TrainingDivergedError(ContrapesoError, ArithmeticError):
    """A loss that became NaN or infinite."""

    code = "training_diverged"


class CorruptArchiveError(ContrapesoError, ValueError):
    """A saved model that is damaged, incomplete or not one of ours."""

    code = "corrupt_archive"


class NewerArchiveError(CorruptArchiveError):
    """A saved model written by a newer version."""

    code = "newer_archive"


class NotFittedError(ContrapesoError, AttributeError):
    """A model that was asked for rows before it was fitted."""

    code = "not_fitted"


class UnmetConditionsError(ContrapesoError, RuntimeError):
    """Conditions or constraints for which too few rows were found within the budget."""

    code = "unmet_conditions"


class UnsupportedOperationError(ContrapesoError, NotImplementedError):
    """A question that the method cannot answer."""

    code = "unsupported_operation"


class ContrapesoWarning(UserWarning):
    """Base of the warnings: the answer stands, and there is something to know about it."""


class FewSamplesWarning(ContrapesoWarning):
    """A class with fewer rows than the method asks for; the sentence says what was done instead."""


class CopiesWarning(ContrapesoWarning):
    """New rows that are copies, because all rows of their class are the same."""


class TrainingWarning(ContrapesoWarning):
    """Training went on in another way than asked (a smaller batch, fewer epochs); the sentence says how."""


class DroppedClassWarning(ContrapesoWarning):
    """A class of which no row is left, because none of them satisfies the rule of the method."""


__all__ = [
    "ERROR_TABLE",
    "CancelledError",
    "ColumnNotFoundError",
    "ContrapesoError",
    "ContrapesoWarning",
    "CopiesWarning",
    "CorruptArchiveError",
    "DroppedClassWarning",
    "ErrorEntry",
    "FewSamplesWarning",
    "FileMissingError",
    "FileTooLargeError",
    "FileUnwritableError",
    "InsufficientDataError",
    "InvalidDataError",
    "InvalidParameterError",
    "MemoryLimitError",
    "MissingExtraError",
    "MissingLibraryError",
    "NewerArchiveError",
    "NotFittedError",
    "NotFoundError",
    "QualityTooLowError",
    "SchemaOutdatedError",
    "SingleClassError",
    "StoreError",
    "TooFewSamplesError",
    "TrainingDivergedError",
    "TrainingWarning",
    "TruncatedFileError",
    "UnknownConfigKeyError",
    "UnmetConditionsError",
    "UnreadableFileError",
    "UnsupportedOperationError",
    "WrongContentError",
]
