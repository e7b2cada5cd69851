"""Schema inference follows its stated rules, takes the caller's word, and refuses with a reason."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError
from contrapeso.tables import Column, Schema, infer_schema

TWENTY = range(20)


def kind_of(values: object, name: str = "x", dtype: object = None) -> str:
    return infer_schema(pd.DataFrame({name: pd.Series(values, dtype=dtype)}))[name].kind


@pytest.mark.parametrize(
    ("values", "name", "kind"),
    [
        ([True, False, None], "x", "boolean"),
        ([0, 1, 1, 0], "x", "boolean"),
        ([0.0, 1.0, None], "x", "integer"),
        ([1, 2, 2, 1], "sexo", "integer"),
        ([-1, 1] * 20, "label", "ordinal"),
        ([1, 3, 5] * 20, "nota", "ordinal"),
        ([1, 2, 3, 9] * 20, "filhos", "integer"),
        ([1, 3, 5], "nota", "integer"),
        (list(range(20)), "linha", "identifier"),
        ([7, 3, 9], "customer_id", "identifier"),
        ([7, 3, 9], "customerId", "identifier"),
        ([7, 3, 3], "customer_id", "integer"),
        ([100, 250], "amount_cents", "money"),
        ([100, 250], "valorCentavos", "money"),
        ([100, 250], "saldo", "money"),
        ([10.5, 20.25], "Valor (R$)", "money"),
        ([10.5, 20.255], "valor", "continuous"),
        ([1.5, 2.25], "altura", "continuous"),
        ([1.0, 2.0, np.nan], "x", "integer"),
        ([1.0, 2.0, np.inf], "x", "continuous"),
        ([1000.25 + i for i in TWENTY], "x", "money"),
        ([1000.5 + i for i in TWENTY], "x", "continuous"),
        ([Decimal("1.50"), Decimal("2")], "x", "money"),
        ([date(2024, 1, 1), None], "x", "datetime"),
        ([datetime(2024, 1, 1, 5), datetime(2024, 1, 2)], "x", "datetime"),  # noqa: DTZ001  (naive on purpose)
        (["2024-01-31", "2023-12-01"], "x", "datetime"),
        (["31/01/2024", "05/05/0202"], "x", "datetime"),
        (["2024-01-31 10:00:00"], "x", "datetime"),
        (["31/01/2024", "2024-01-31"], "x", "categorical"),
        (["31/01/2024", "32/01/2024"], "x", "categorical"),
        (["1/2/2024"], "x", "categorical"),
        (["sim", "não"], "x", "boolean"),
        (["Yes", "No", None], "x", "boolean"),
        (["True", "False"], "x", "boolean"),
        (["sim", "Sim", "não"], "x", "categorical"),
        (["M", "F"], "x", "categorical"),
        (["a"], "x", "categorical"),
        ([f"TX{i:05d}" for i in TWENTY], "x", "identifier"),
        ([f"{i % 60:011d}" for i in range(200)], "CPF", "identifier"),
        ([f"{i % 60:011d}" for i in range(200)], "loja", "categorical"),
        ([f"pagamento a fornecedor {i}" for i in TWENTY], "x", "text"),
        ([f"loja {i}" for i in range(10)] * 5, "x", "categorical"),
        ([1, "a"], "x", "categorical"),
        ([True, 2], "x", "categorical"),
        ([None, None], "x", "categorical"),
        ([np.nan, np.nan], "x", "continuous"),
    ],
)
def test_values_have_the_kind_that_the_rules_say(values: list[object], name: str, kind: str) -> None:
    column = infer_schema(pd.DataFrame({name: values}))[name]
    assert column.kind == kind
    assert column.why


@pytest.mark.parametrize(
    ("values", "dtype", "kind"),
    [
        (["a", "b"], "category", "categorical"),
        (["a", None], "string", "categorical"),
        ([1, None], "Int64", "integer"),
        ([True, None], "boolean", "boolean"),
        ([0.5, 1.5], "Float32", "continuous"),
        (["2024-01-01"], "datetime64[ns]", "datetime"),
        (["2024-01-01"], "datetime64[s]", "datetime"),
        (["2024-01-01"], "datetime64[ns, America/Sao_Paulo]", "datetime"),
        ([3600], "timedelta64[s]", "continuous"),
        ([1, 5], pd.ArrowDtype(pa.int32()), "integer"),
        ([Decimal("1.50")], pd.ArrowDtype(pa.decimal128(12, 2)), "money"),
        ([date(2024, 1, 1)], pd.ArrowDtype(pa.date32()), "datetime"),
        (["a"], pd.ArrowDtype(pa.string()), "categorical"),
        ([0.0, 1.5], pd.SparseDtype(float, 0.0), "continuous"),
    ],
)
def test_dtypes_of_every_family_have_a_kind(values: list[object], dtype: object, kind: str) -> None:
    assert kind_of(values, dtype=dtype) == kind


def test_an_ordered_category_is_ordinal_and_keeps_its_order() -> None:
    grades = pd.Categorical(["alto", "baixo"], categories=["baixo", "médio", "alto"], ordered=True)
    column = infer_schema(pd.DataFrame({"risco": grades}))["risco"]
    assert (column.kind, column.categories) == ("ordinal", ("baixo", "alto"))


def test_two_words_are_listed_false_first() -> None:
    assert infer_schema(pd.DataFrame({"pago": ["Sim", "Não"]}))["pago"].categories == ("Não", "Sim")


def test_day_comes_first_where_day_and_month_cannot_be_told_apart() -> None:
    assert infer_schema(pd.DataFrame({"data": ["01/02/2024"]}))["data"].format == "%d/%m/%Y"
    assert infer_schema(pd.DataFrame({"data": ["01/13/2024"]}))["data"].format == "%m/%d/%Y"


def test_one_value_in_a_thousand_may_leave_the_cent_grid_of_a_named_amount() -> None:
    assert kind_of([10.25] * 1999 + [1.0 / 3], "valor") == "money"
    assert kind_of([10.25] * 499 + [1.0 / 3], "valor") == "continuous"


def test_nulls_are_noted() -> None:
    schema = infer_schema(pd.DataFrame({"a": [1.5, None], "b": [1.5, 2.5]}))
    assert (schema["a"].nullable, schema["b"].nullable) == (True, False)


def test_an_override_wins_over_the_rules() -> None:
    frame = pd.DataFrame({"sexo": [1, 2, 1], "nota": [1.0, 2.0, 3.0]})
    schema = infer_schema(frame, {"sexo": "categorical", "nota": "continuous"})
    assert (schema["sexo"].kind, schema["sexo"].categories) == ("categorical", ("1", "2"))
    assert (schema["nota"].kind, schema["nota"].why) == ("continuous", "set by the caller")
    assert infer_schema(frame).override({"sexo": "categorical"})["sexo"].kind == "categorical"


@pytest.mark.parametrize(
    ("values", "kind"),
    [(["a", "b"], "continuous"), (["a"], "datetime"), ([1.5], "integer"), (["x"], "money"), ([1.5], "datetime")],
)
def test_an_override_that_the_values_contradict_is_refused(values: list[object], kind: str) -> None:
    with pytest.raises(InvalidDataError, match="cannot be"):
        infer_schema(pd.DataFrame({"x": values}), {"x": kind})  # type: ignore[dict-item]


def test_overrides_name_columns_and_kinds_that_exist() -> None:
    frame = pd.DataFrame({"a": [1]})
    with pytest.raises(ColumnNotFoundError, match="'b'"):
        infer_schema(frame, {"b": "text"})
    with pytest.raises(InvalidParameterError, match="numeric"):
        infer_schema(frame, {"a": "numeric"})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "values", [pd.Series([1j]), pd.Series([[1]]), pd.Series(pd.period_range("2024", periods=1)), pd.Series([{"a": 1}])]
)
def test_a_dtype_of_no_kind_is_refused_by_name(values: pd.Series) -> None:
    with pytest.raises(InvalidDataError, match="'x'"):
        infer_schema(pd.DataFrame({"x": values}))


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidDataError, match="named 'a'"):
        infer_schema(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_schema_prints_every_column_with_its_reason() -> None:
    schema = infer_schema(pd.DataFrame({"valor": [1.5, 2.25], "tipo": ["a", "b"]}))
    lines = str(schema).splitlines()
    assert len(lines) == 3
    assert "valor" in lines[1]
    assert "name of an amount" in lines[1]


@given(
    st.lists(
        st.builds(
            Column,
            name=st.uuids().map(str),
            kind=st.sampled_from(["money", "text", "ordinal"]),
            dtype=st.just("object"),
            nullable=st.booleans(),
            why=st.text(max_size=5),
            decimals=st.none() | st.integers(0, 4),
            format=st.none() | st.just("%Y"),
            categories=st.none() | st.tuples(st.text(max_size=3), st.text(max_size=3)),
        ),
        max_size=4,
    )
)
def test_a_schema_survives_json(columns: list[Column]) -> None:
    import json

    schema = Schema(tuple(columns))
    assert Schema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema


def test_a_schema_of_another_protocol_is_refused() -> None:
    with pytest.raises(InvalidDataError, match="protocol"):
        Schema.from_dict({"protocol": 99, "columns": []})


@pytest.mark.shared
def test_real_tables_get_the_kinds_a_reader_would_give(shared_data: Path) -> None:
    adult = infer_schema(pd.read_parquet(shared_data / "adult_train.parquet"))
    assert adult.of_kind("integer") == (
        "age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week",
    )  # fmt: skip
    assert len(adult.of_kind("categorical")) == 9
    ceaps = infer_schema(pd.read_parquet(shared_data / "ceaps_2020.parquet"))
    kinds = {c.name: c.kind for c in ceaps}
    assert kinds["VALOR_REEMBOLSADO"] == "money"
    assert kinds["DATA"] == "datetime"
    assert kinds["CNPJ_CPF"] == kinds["COD_DOCUMENTO"] == "identifier"
    assert kinds["FORNECEDOR"] == kinds["DETALHAMENTO"] == "text"
    assert kinds["TIPO_DESPESA"] == kinds["SENADOR"] == "categorical"
