"""Logs: no personal number reaches a sink, and logging never stops the program."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso._log import ROOT, configure, get_logger, mask


@pytest.fixture(autouse=True)
def _without_our_handlers() -> Iterator[None]:
    logger = logging.getLogger(ROOT)
    level = logger.level
    yield
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(level)


digits = st.text("0123456789", min_size=14, max_size=14)
surroundings = st.sampled_from(["", " ", ".", ",", ";", ")", ": ", "CPF", "\n"])


@given(digits, surroundings, surroundings, st.booleans())
def test_no_cpf_stays_however_it_is_written(d: str, before: str, after: str, dotted: bool) -> None:
    cpf = f"{d[:3]}.{d[3:6]}.{d[6:9]}-{d[9:11]}" if dotted else d[:11]
    assert cpf not in mask(f"{before}{cpf}{after}")


@given(digits, surroundings, surroundings, st.booleans())
def test_no_cnpj_stays_however_it_is_written(d: str, before: str, after: str, dotted: bool) -> None:
    cnpj = f"{d[:2]}.{d[2:5]}.{d[5:8]}/{d[8:12]}-{d[12:]}" if dotted else d
    assert cnpj not in mask(f"{before}{cnpj}{after}")


@given(st.text("0123456789", min_size=9, max_size=30), surroundings, surroundings)
def test_no_long_digit_run_stays(number: str, before: str, after: str) -> None:
    assert number not in mask(f"{before}{number}{after}")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("CPF 123.456.789-09.", "CPF [CPF]."),
        ("CNPJ 12.345.678/0001-95", "CNPJ [CNPJ]"),
        ("CNPJ 12.ABC.345/01DE-35", "CNPJ [CNPJ]"),
        ("conta 1234567890.", "conta [NUMBER]."),
        ("cartão 4111111111111111, aprovado", "cartão [NUMBER], aprovado"),
    ],
)
def test_masks_name_what_was_there(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    ["", "1.234,56", "123456789.25", "0.123456789012", "2025-01-31 23:59:59,123", "36,677 rows", "extrato-2025-01.ofx"],
)
def test_amounts_dates_and_counts_stay_readable(text: str) -> None:
    assert mask(text) == text


def test_a_record_reaches_the_file_masked_with_its_traceback(tmp_path: Path) -> None:
    configure("INFO", str(tmp_path / "logs" / "c.log"))
    try:
        raise ValueError("bad row of 123.456.789-09")
    except ValueError:
        get_logger("store").exception("account %s refused", "9876543210")
    written = (tmp_path / "logs" / "c.log").read_text(encoding="utf-8")
    assert "account [NUMBER] refused" in written
    assert "Traceback" in written
    assert "bad row of [CPF]" in written
    assert "123.456.789-09" not in written
    assert "contrapeso.store" in written


def test_a_wrong_format_argument_does_not_stop_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    configure("INFO", str(tmp_path / "c.log"))
    get_logger("store").info("%d rows", "many")


def test_below_the_level_nothing_is_written(tmp_path: Path) -> None:
    configure("warning", str(tmp_path / "c.log"))
    get_logger("store").info("quiet")
    get_logger("store").warning("loud")
    assert "quiet" not in (tmp_path / "c.log").read_text()
    assert "loud" in (tmp_path / "c.log").read_text()


def test_without_a_file_records_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO")
    get_logger("store").info("conta 1234567890.")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("INFO contrapeso.store: conta [NUMBER].\n")


def test_configuring_twice_keeps_one_handler(tmp_path: Path) -> None:
    configure("INFO", str(tmp_path / "a.log"))
    configure("INFO", str(tmp_path / "b.log"))
    assert len(logging.getLogger(ROOT).handlers) == 1


def test_a_file_that_cannot_be_opened_is_said_and_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("a file where a folder is needed")
    configure("INFO", str(tmp_path / "taken" / "c.log"), fallback_dir=tmp_path / "state")
    get_logger("store").info("still here")
    assert capsys.readouterr().err.startswith("contrapeso: cannot log to ")
    assert "still here" in (tmp_path / "state" / "contrapeso.log").read_text()


def test_with_no_place_left_records_go_to_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("")
    configure("INFO", str(tmp_path / "taken" / "c.log"))
    get_logger("store").info("still here")
    assert "still here" in capsys.readouterr().err
