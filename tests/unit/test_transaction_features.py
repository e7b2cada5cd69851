"""Bank rows, and tables with text, as numbers for a classifier."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import clone

from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError, NotFittedError
from contrapeso.finance.features import TransactionFeatures, column_roles, is_transactions, payee_key
from contrapeso.finance.features._text import DescriptionPieces
from contrapeso.finance.features._values import AMOUNT_NAMES, amount_columns, calendar_columns, calendar_flags


def bank_rows(n: int = 40, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    kinds = ["TARIFA PACOTE", "PIX RECEBIDO LOJA AZUL", "DARF 2089", "PGTO BOLETO VALE"]
    return pd.DataFrame(
        {
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 200, n), unit="D"),
            "amount_cents": rng.integers(-500_000, 500_000, n),
            "description": rng.choice(kinds, n),
            "transaction_type": rng.choice(["debit", "credit"], n),
            "category": rng.choice(["a", "b"], n),
            "fitid": [f"N{i}" for i in range(n)],
        }
    )


FORMS = ("sparse", "dense")


def dense(found: object) -> np.ndarray:
    return found.toarray() if sparse.issparse(found) else np.asarray(found)


@pytest.mark.parametrize("form", FORMS)
def test_fit_transform_is_fit_then_transform(form: str) -> None:
    rows = bank_rows()
    features = TransactionFeatures(form=form, n_components=4)
    once, twice = features.fit_transform(rows), clone(features).fit(rows).transform(rows)
    assert sparse.issparse(once) == (form == "sparse")
    np.testing.assert_allclose(dense(once), dense(twice), atol=1e-12)
    assert once.shape == (40, features.n_features_out_)
    assert len(features.get_feature_names_out()) == features.n_features_out_
    assert np.isfinite(dense(once)).all()


@pytest.mark.parametrize("form", FORMS)
def test_a_row_is_the_same_whichever_rows_come_with_it(form: str) -> None:
    rows = bank_rows()
    features = TransactionFeatures(form=form, n_components=4).fit(rows)
    whole = dense(features.transform(rows))
    assert_array_equal(dense(features.transform(rows.iloc[[7]])), whole[[7]])
    assert dense(features.transform(rows.iloc[:0])).shape == (0, features.n_features_out_)


def test_the_answer_and_the_names_of_the_row_take_no_part() -> None:
    roles = TransactionFeatures().fit(bank_rows()).roles_
    assert roles["category"] == roles["fitid"] == "ignored"
    assert (roles["description"], roles["amount_cents"], roles["date"]) == ("text", "cents", "date")


def test_what_was_not_seen_in_training_changes_no_column() -> None:
    rows = bank_rows()
    features = TransactionFeatures().fit(rows)
    strange = rows.assign(description="zzqq", transaction_type="other").iloc[:3]
    found = features.transform(strange)
    names = features.get_feature_names_out()
    of_text = [i for i, name in enumerate(names) if name.startswith(("description_", "transaction_type="))]
    assert found[:, of_text].nnz == 0


def test_missing_values_are_flagged_and_finite() -> None:
    rows = bank_rows()
    gone = rows.astype({"amount_cents": "float64"})
    gone.loc[0, ["amount_cents", "description", "date"]] = [np.nan, None, pd.NaT]
    for form in FORMS:
        found = dense(TransactionFeatures(form=form, n_components=3).fit(gone).transform(gone))
        assert np.isfinite(found).all()
    features = TransactionFeatures(form="dense", n_components=3).fit(gone)
    names = list(features.get_feature_names_out())
    assert dense(features.transform(gone))[0, names.index("amount_cents_missing")] == 1
    assert dense(features.transform(gone))[0, names.index("date_missing")] == 1


def test_a_list_of_dicts_is_a_table() -> None:
    rows = bank_rows()
    features = TransactionFeatures().fit(rows)
    records = rows.to_dict("records")
    assert_array_equal(features.transform(records).toarray(), features.transform(rows).toarray())


def test_any_table_with_text_can_be_read() -> None:
    rng = np.random.default_rng(1)
    texts = [f"defeito {i} na peca {'abc'[i % 3]}" for i in range(120)]
    frame = pd.DataFrame({"relato": texts, "horas": rng.normal(size=120), "turno": rng.choice(["m", "t"], 120)})
    assert not is_transactions(frame)
    features = TransactionFeatures().fit(frame)
    assert features.roles_ == {"relato": "text", "horas": "number", "turno": "category"}


def test_bad_use_is_refused_with_a_sentence() -> None:
    rows = bank_rows()
    with pytest.raises(NotFittedError, match="fit"):
        TransactionFeatures().transform(rows)
    with pytest.raises(ColumnNotFoundError, match="description"):
        TransactionFeatures().fit(rows).transform(rows.drop(columns="description"))
    with pytest.raises(InvalidParameterError, match="sparse, dense"):
        TransactionFeatures(form="wide").fit(rows)
    with pytest.raises(InvalidParameterError, match="n_components"):
        TransactionFeatures(n_components=0).fit(rows)
    with pytest.raises(InvalidDataError, match="list of dicts"):
        TransactionFeatures().fit(np.zeros((3, 2)))
    with pytest.raises(InvalidDataError, match="nothing to learn"):
        TransactionFeatures().fit(rows.iloc[:0])
    with pytest.raises(InvalidParameterError, match="role is one of"):
        column_roles(rows, {"date": "moment"})
    with pytest.raises(ColumnNotFoundError, match="dia"):
        column_roles(rows, {"dia": "date"})


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20))
def test_amount_columns_are_what_a_slow_reading_says(cents: list[int]) -> None:
    found = amount_columns(np.array(cents, dtype=np.float64))
    slow = []
    for value in cents:
        size = abs(value)
        sign = (value > 0) - (value < 0)
        flags = [size % 100 == 0, size % 100 == 50, size % 100 in {90, 99}]
        flags += [size % 1_000 == 0, size % 5_000 == 0, size % 10_000 == 0, False]
        slow.append([sign, np.log1p(size / 100), *flags])
    np.testing.assert_allclose(found, np.array(slow, dtype=np.float64))
    assert found.shape[1] == len(AMOUNT_NAMES)


def test_the_calendar_knows_weekdays_and_the_end_of_february() -> None:
    days = pd.Series(pd.to_datetime(["2024-02-29", "2023-02-28", None, "2024-03-04"]))
    found = calendar_columns(days)
    assert found.tolist() == [[29, 3, 0, 1, 0], [28, 1, 0, 1, 0], [0, 0, 0, 0, 1], [4, 0, 27, 0, 0]]
    assert not calendar_flags(found)[2].any()


@given(st.lists(st.text(max_size=25), min_size=1, max_size=15))
def test_pieces_survive_being_written_down(texts: list[str]) -> None:
    column = pd.Series(texts, dtype=object)
    pieces = DescriptionPieces().fit(column)
    again = DescriptionPieces.__new__(DescriptionPieces)
    again.__setstate__(pieces.__getstate__())
    assert_array_equal(again.transform(column).toarray(), pieces.transform(column).toarray())
    assert again.names("d") == pieces.names("d")


def test_pieces_weigh_as_scikit_learn_does_on_distinct_texts() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = pd.Series(["tarifa pacote", "tarifa pacote", "pix loja", "pix loja azul"])
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    expected = vectorizer.fit(texts.unique()).transform(texts).toarray()
    found = DescriptionPieces().fit(texts).transform(texts).toarray()
    np.testing.assert_allclose(found[:, : expected.shape[1]], expected)


@pytest.mark.parametrize(
    ("description", "key"),
    [
        ("PIX ENVIADO 03/12 João da Silva 1234", "joao silva"),
        ("TED RECEBIDA LIVRARIA FOLHA AVULSA", "livraria folha avulsa"),
        ("PIX ENVIADO 77", "pix enviado"),
        ("12/03 0001", ""),
    ],
)
def test_a_payee_is_named_by_words_that_are_no_instrument(description: str, key: str) -> None:
    assert payee_key(description) == key


@pytest.mark.shared
def test_text_amount_and_day_beat_text_alone_on_a_real_year(shared_data) -> None:
    """Macro-F1 of a linear machine on the last quarter of 2021; the table behind the choices is in docs/training.md."""
    from sklearn.metrics import f1_score
    from sklearn.svm import LinearSVC

    frame = pd.read_parquet(shared_data / "mc_2021.parquet")
    amount, day = pd.to_numeric(frame["Valor"], errors="coerce"), pd.to_datetime(frame["Data"], errors="coerce")
    kind = frame["Tipo"].str.strip()
    kept = kind.notna() & amount.notna() & day.notna() & ~kind.str.lower().eq("saldo")
    rows = pd.DataFrame(
        {
            "date": day[kept],
            "amount_cents": (amount[kept] * 100).round().astype("int64"),
            "description": frame.loc[kept, "Descrição"],
        }
    )
    y = kind[kept]
    late = rows["date"] >= rows["date"].sort_values().iloc[int(len(rows) * 0.75)]
    scores = {}
    for name, roles in {"all": None, "text": {"date": "ignored", "amount_cents": "ignored"}}.items():
        features = TransactionFeatures(roles=roles)
        model = LinearSVC(random_state=0).fit(features.fit_transform(rows[~late]), y[~late])
        said = model.predict(features.transform(rows[late]))
        scores[name] = f1_score(y[late], said, labels=sorted(set(y[late])), average="macro", zero_division=0)
    assert scores["all"] > scores["text"]
