"""The error table and the classes behind it."""

import copy
import inspect
import pickle

import pytest

from contrapeso import errors
from contrapeso.errors import ERROR_TABLE, ContrapesoError

CLASSES = [
    member
    for name in errors.__all__
    if inspect.isclass(member := getattr(errors, name)) and issubclass(member, ContrapesoError)
]


def test_every_class_has_a_code_of_the_table_and_every_code_a_class() -> None:
    assert {cls.code for cls in CLASSES} == set(ERROR_TABLE)


def test_no_two_classes_share_a_code() -> None:
    codes = [cls.code for cls in CLASSES]
    assert len(codes) == len(set(codes))


def test_every_error_class_is_exported() -> None:
    defined = {
        name
        for name, member in vars(errors).items()
        if inspect.isclass(member) and issubclass(member, ContrapesoError) and member.__module__ == errors.__name__
    }
    assert defined <= set(errors.__all__)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_says_its_sentence_and_carries_its_row_of_the_table(cls: type[ContrapesoError]) -> None:
    error = cls("A sentence.", {"n": 1})
    assert str(error) == "A sentence."
    assert error.details == {"n": 1}
    assert (error.exit_code, error.http_status) == (ERROR_TABLE[cls.code].exit_code, ERROR_TABLE[cls.code].http_status)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_details_are_a_new_dict_for_each_error(cls: type[ContrapesoError]) -> None:
    first, second = cls("a"), cls("b")
    first.details["seen"] = True
    assert second.details == {}


@pytest.mark.parametrize("entry", ERROR_TABLE.values(), ids=list(ERROR_TABLE))
def test_exit_codes_and_statuses_are_those_of_failures(entry: errors.ErrorEntry) -> None:
    assert 0 < entry.exit_code < 126  # from 126 on the shell speaks
    assert 400 <= entry.http_status < 600
    assert entry.meaning.endswith(".")


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [
        (errors.InvalidParameterError, ValueError),
        (errors.UnknownConfigKeyError, ValueError),
        (errors.MissingExtraError, ImportError),
        (errors.FileMissingError, FileNotFoundError),
        (errors.UnreadableFileError, ValueError),
        (errors.InvalidDataError, ValueError),
        (errors.ColumnNotFoundError, KeyError),
        (errors.TooFewSamplesError, ValueError),
        (errors.MemoryLimitError, MemoryError),
        (errors.StoreError, RuntimeError),
        (errors.NotFoundError, LookupError),
    ],
)
def test_a_caller_can_catch_the_builtin(cls: type[ContrapesoError], builtin: type[Exception]) -> None:
    with pytest.raises(builtin, match=r"^A sentence\.$"):
        raise cls("A sentence.")


@pytest.mark.parametrize(
    "cls",
    CLASSES,
    ids=lambda cls: cls.__name__,
)
def test_an_error_survives_the_way_to_another_process(cls: type[ContrapesoError]) -> None:
    error = cls("A sentence.", {"n": 1})
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301
        assert type(twin) is cls
        assert (str(twin), twin.details) == ("A sentence.", {"n": 1})
