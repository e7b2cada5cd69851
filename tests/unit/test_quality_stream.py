"""A report from chunks against the report from rows."""

from __future__ import annotations

import warnings
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError
from contrapeso.metrics import Jackknife, Rows, measure_column, measure_pairs
from contrapeso.metrics._replicates import jackknife_error
from contrapeso.metrics._table import ColumnCells, score_pairs
from contrapeso.quality import QualityReport, Rule, evaluate
from contrapeso.quality import _stream_counts as counts_module
from contrapeso.quality._columns import read_columns
from contrapeso.quality._details import association_matrices, correlation_matrices, describe_column, describe_pairs
from contrapeso.quality._given import Wanted, characteristics, check, read
from contrapeso.quality._measure import code_columns, measure, measure_holdout
from contrapeso.quality._reference import build_reference, row_keys
from contrapeso.quality._rules import ask, report_rule
from contrapeso.quality._stream import evaluate_chunks, frame_chunks, parquet_chunks, stream
from contrapeso.quality._stream_counts import groups_for
from contrapeso.tables import infer_schema

EXACT = 1e-9
RULES = {
    "sorted": lambda frame: frame["amount"] > frame["score"],
    "city": Rule(lambda frame: frame["city"] != "Rio", columns=("city",)),
    "never": lambda frame: pd.Series([None] * len(frame), dtype="boolean"),
}


def table(n, seed, strength=1.0):
    """Every kind of column: skewed, whole, with nulls, dates, labels, booleans, constants, ids and free text."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=n)
    score = strength * hidden + rng.normal(size=n)
    score[rng.random(n) < 0.1] = np.nan
    city = np.array(["São Paulo", "Rio", "Recife", "Belém"], dtype=object)
    return pd.DataFrame(
        {
            "amount": np.round(np.exp(hidden) * 100, 2),
            "score": score,
            "visits": rng.poisson(3, n),
            "tail": np.where(rng.random(n) < 0.01, np.inf, rng.standard_cauchy(n)),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta((strength * hidden * 30).astype(int), unit="D"),
            "city": city[np.clip((strength * hidden + 1.5).astype(int), 0, 3)],
            "shop": np.array([f"shop {k}" for k in rng.zipf(1.6, n) % 300], dtype=object),
            "paid": rng.random(n) < 0.4,
            "same": 7.0,
            "gone": np.full(n, np.nan),
            "id": [f"{seed}-{k}" for k in range(n)],
            "class": np.where(hidden > 1, "rare", np.where(hidden < -1.2, "odd", "usual")),
        }
    )


def differences(left, right, path="", *, tolerance=EXACT, skipped=("timestamp",)):
    """Where two reports as JSON differ by more than the tolerance."""
    if any(part in path.split("/") for part in skipped):
        return []
    if isinstance(left, dict) and isinstance(right, dict):
        keys = {**left, **right}
        pairs = ((k, (left.get(k), right.get(k))) for k in keys)
        parts = [differences(a, b, f"{path}/{k}", tolerance=tolerance, skipped=skipped) for k, (a, b) in pairs]
        return [found for part in parts for found in part]
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = enumerate(zip(left, right, strict=True))
        parts = [differences(a, b, f"{path}/{k}", tolerance=tolerance, skipped=skipped) for k, (a, b) in pairs]
        return [found for part in parts for found in part]
    if isinstance(left, float) and isinstance(right, float):
        close = abs(left - right) <= (1e-7 if path.endswith("/js") else tolerance)  # a root of rounding
        return [] if close else [(path, left, right)]
    return [] if left == right else [(path, left, right)]


def from_rows(real, synthetic, *, holdout=None, schema=None, target=None, rules=None, seed=0):
    """What follows from counts and rules, as ``evaluate`` has it from rows; models and attacks are not here."""
    given = check(
        real, synthetic, holdout=holdout, schema=schema, target=target, rules=rules, seed=seed, thresholds=None
    )
    tables = read(given)
    reference = build_reference(tables.classes, tables.keys, seed)
    coded = code_columns(tables.columns.compared, reference.real, len(synthetic), target)
    measured, ceiling = measure(coded, reference, target), measure_holdout(coded, reference, target)
    columns = []
    for k, (item, found) in enumerate(zip(coded, measured.columns, strict=True)):
        best = float(found.halves.mean()) if ceiling is None else float(ceiling.columns[k].score[0])
        remark = "class_absent_in_real" if measured.scored[k] else "class_mix_fixed"
        own = remark if item.column.column.name == target else None
        columns.append(asdict(describe_column(item, found, best, reference.real, own)[0]))
    names = [coded[k].column.column.name for k in measured.paired]
    pairs, counts = describe_pairs(names, measured)
    left, right = ask(given.rules, real[tables.kept], "real"), ask(given.rules, synthetic, "synthetic")
    reports = [report_rule(r, s, reference.real.weights) for r, s in zip(left, right, strict=True)]
    statistical = measured.statistical()
    correlation = correlation_matrices(coded, reference.real)
    return plain(
        {
            "columns": sorted(columns, key=lambda column: column["name"]),
            "pairs": [asdict(pair) for pair in pairs],
            "pair_counts": counts,
            "dependence": asdict(association_matrices(names, measured)),
            "correlation": None if correlation is None else asdict(correlation),
            "data": asdict(characteristics(given, tables)),
            "n_effective": reference.real.n_effective,
            "statistical": {"value": statistical[0], "interval": spread(statistical)},
            "distribution": {"value": net(measured)[0], "interval": spread(net(measured))},
            "rules": [{name: getattr(rule, name) for name in RULE_FIELDS} for rule in reports],
            "copies": int(np.isin(row_keys(tables.columns.copied, "synthetic", len(synthetic)), all_keys(given)).sum()),
        }
    )


def all_keys(given):
    columns = read_columns(given.real, given.synthetic, given.holdout, given.schema)
    return row_keys(columns.copied, "real", len(given.real))


def net(measured):
    """The pair score less two standard errors of its noise."""
    total = measured.pairs.total()
    return np.minimum(1.0, total + 2 * jackknife_error(total))


def spread(replicates):
    found = Jackknife.of(replicates)
    return [found.low, found.high]


def plain(value):
    """JSON types all the way down."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def from_chunks(report):
    """The same parts of a report."""
    data = report.to_dict()
    found = {name: data[name] for name in ("pairs", "pair_counts", "dependence", "correlation", "data")}
    found["columns"] = sorted(data["columns"], key=lambda column: column["name"])  # by score, which may be level
    found["n_effective"] = data["method"]["n_effective"]
    for name, dimension in zip(("statistical", "distribution"), data["dimensions"][:2], strict=True):
        found[name] = {key: dimension["score"][key] for key in ("value", "interval")}
    found["rules"] = [{name: rule[name] for name in RULE_FIELDS} for rule in data["rules"]]
    found["copies"] = data["privacy"]["n_exact_copies"]
    return found


QUICK = Wanted("quick")
RULE_FIELDS = ("name", "rate_real", "rate_synthetic", "score", "n_applicable", "violations")


def in_chunks(real, synthetic, rows, holdout=None, depth="quick", **options):
    held = None if holdout is None else frame_chunks(holdout, rows)
    return evaluate_chunks(
        frame_chunks(real, rows), frame_chunks(synthetic, rows), holdout=held, depth=depth, **options
    )


REAL, SYNTHETIC, HOLDOUT = table(900, 1), table(700, 2, 0.7), table(600, 3)
DAMAGED = SYNTHETIC.assign(
    amount=SYNTHETIC["amount"] * 3 + 0.001,
    city=SYNTHETIC["city"].where(SYNTHETIC.index % 9 > 0, "Natal"),
    visits=SYNTHETIC["visits"].astype(str),
    day="soon",
    paid=SYNTHETIC["paid"].astype(int),
).drop(columns="tail")
CASES = {
    "plain": (SYNTHETIC, {}),
    "rules": (SYNTHETIC, {"rules": RULES}),
    "target": (SYNTHETIC, {"target": "class", "rules": RULES}),
    "one class": (SYNTHETIC[SYNTHETIC["class"] != "usual"], {"target": "class"}),
    "new class": (SYNTHETIC.replace({"class": {"odd": "new"}}), {"target": "class"}),
    "damaged": (DAMAGED, {"seed": 3}),
    "copies": (pd.concat([SYNTHETIC, REAL[:300], REAL[:300]], ignore_index=True), {}),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("with_holdout", [False, True])
def test_one_chunk_gives_the_very_report_of_evaluate(case, with_holdout):
    synthetic, options = CASES[case]
    options = {**options, "holdout": HOLDOUT[: len(synthetic)] if with_holdout else None}
    rows = from_rows(REAL, synthetic, **options)
    chunks = from_chunks(in_chunks(REAL, synthetic, 10_000, **options))
    assert differences(rows, chunks) == []


@pytest.mark.parametrize("case", ["rules", "target", "damaged", "copies"])
@pytest.mark.parametrize("rows", [53, 400])
def test_scores_of_many_chunks_are_those_of_all_rows(case, rows):
    synthetic, options = CASES[case]
    schema = infer_schema(REAL)
    skipped = ("interval", "ceiling", "direction", "pair_counts", "distribution")  # errors follow the row groups
    whole = from_rows(REAL, synthetic, schema=schema, **options)
    parts = from_chunks(in_chunks(REAL, synthetic, rows, schema=schema, **options))
    assert differences(whole, parts, skipped=skipped) == []


def test_scores_do_not_depend_on_the_order_of_the_chunks():
    def source(frame, order):
        parts = [frame.iloc[k * 100 : (k + 1) * 100] for k in range(-(-len(frame) // 100))]
        return lambda: iter([parts[k] for k in order(len(parts))])

    def backward(n):
        return range(n - 1, -1, -1)

    options = {"target": "class", "schema": infer_schema(REAL), "wanted": QUICK}
    first = stream(source(REAL, range), source(SYNTHETIC, range), sample_rows=250, **options)
    second = stream(source(REAL, backward), source(SYNTHETIC, backward), sample_rows=250, **options)
    skipped = ("interval", "ceiling", "direction", "pair_counts")
    assert differences(from_chunks(first.report), from_chunks(second.report), skipped=skipped) == []
    pd.testing.assert_frame_equal(first.samples.real, second.samples.real)
    assert (len(first.samples.real), first.samples.n_real) == (250, 900)


def test_the_schema_of_the_first_chunk_is_corrected_by_the_later_ones():
    real, synthetic = REAL.copy(), SYNTHETIC.copy()
    real["code"] = [str(k % 7) for k in range(400)] + ["abc"] * 500
    synthetic["code"] = [str(k % 7) for k in range(300)] + ["abc"] * 400
    real["later"] = np.where(np.arange(900) < 450, np.nan, np.arange(900) % 11)
    synthetic["later"] = np.arange(700) % 11
    report = in_chunks(real, synthetic, 100)
    kinds = {column.name: column.kind for column in report.columns}
    whole = {column["name"]: column["kind"] for column in from_rows(real, synthetic)["columns"]}
    assert kinds == whole


def test_a_declared_number_that_is_none_in_a_later_chunk_is_named():
    real = REAL.assign(visits=REAL["visits"].astype(object))
    real.loc[800, "visits"] = "many"
    schema = infer_schema(REAL)
    with pytest.raises(InvalidDataError, match="'visits'"):
        in_chunks(real, SYNTHETIC, 100, schema=schema)


def test_a_parquet_file_is_measured_as_its_frame_is(tmp_path):
    for name, frame in (("real", REAL), ("synthetic", SYNTHETIC)):
        frame.to_parquet(tmp_path / f"{name}.parquet", index=False)
    report = evaluate_chunks(
        parquet_chunks(tmp_path / "real.parquet", 10_000),
        parquet_chunks(tmp_path / "synthetic.parquet", 10_000),
        depth="quick",
    )
    frames = [pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("real", "synthetic")]
    assert differences(from_rows(*frames), from_chunks(report)) == []


def test_row_groups_and_chunks_of_a_file_need_not_agree(tmp_path):
    REAL.to_parquet(tmp_path / "real.parquet", index=False, row_group_size=70)
    REAL[:0].to_parquet(tmp_path / "empty.parquet", index=False)
    for rows in (30, 70, 200, 5000):
        chunks = list(parquet_chunks(tmp_path / "real.parquet", rows)())
        assert max(map(len, chunks)) <= rows
        assert len(chunks) <= 2 * -(-900 // min(rows, 70))
        pd.testing.assert_series_equal(pd.concat([c["amount"] for c in chunks], ignore_index=True), REAL["amount"])
    assert [len(chunk) for chunk in parquet_chunks(tmp_path / "empty.parquet")()] == [0]


def test_few_labels_among_many_rows_stay_categories_though_the_sample_is_small():
    rng = np.random.default_rng(0)
    real, synthetic = (
        pd.DataFrame({"shop": [f"shop {k}" for k in rng.integers(0, 90, 3000)], "x": rng.normal(size=3000)})
        for _ in range(2)
    )
    assert infer_schema(real[:300])["shop"].kind == "text"
    found = stream(frame_chunks(real, 300), frame_chunks(synthetic, 300), wanted=QUICK, sample_rows=200)
    assert found.samples.schema["shop"].kind == infer_schema(real)["shop"].kind == "categorical"


def test_too_few_rows_and_empty_tables_have_no_score_but_a_reason():
    for real, synthetic in ((REAL[:20], SYNTHETIC), (REAL, SYNTHETIC[:0]), (REAL[:0], SYNTHETIC[:0])):
        report = in_chunks(real, synthetic, 50, schema=infer_schema(REAL))
        assert report.overall.value is None
        assert report.overall.reason == "insufficient_data"
        assert (report.data.n_real, report.data.n_synthetic) == (len(real), len(synthetic))


def test_errors_name_what_is_wrong():
    chunks = frame_chunks(REAL, 100)
    with pytest.raises(InvalidDataError, match="real table gave no chunk"):
        evaluate_chunks(lambda: iter([]), chunks)
    with pytest.raises(ColumnNotFoundError, match="no target column 'label'"):
        evaluate_chunks(chunks, chunks, target="label")
    with pytest.raises(InvalidParameterError, match="at most 100 classes"):
        evaluate_chunks(chunks, chunks, target="id")
    with pytest.raises(InvalidParameterError, match="rows must be an int >= 1"):
        frame_chunks(REAL, 0)
    once = iter([REAL])
    with pytest.raises(InvalidDataError, match="none when it was called again"):
        evaluate_chunks(lambda: once, chunks)
    sizes = iter([900, 900, 500, 500, 500])
    with pytest.raises(InvalidDataError, match="same rows in every pass"):
        evaluate_chunks(lambda: iter([REAL[: next(sizes)]]), chunks, depth="quick")
    with pytest.raises(InvalidParameterError, match="There is no test 'z_test'"):
        evaluate_chunks(chunks, chunks, tests=["z_test"])
    with pytest.raises(ColumnNotFoundError, match="sensitive names column 'group'"):
        evaluate_chunks(chunks, chunks, sensitive=["group"])


@pytest.mark.slow
def test_the_whole_report_is_that_of_evaluate_where_the_samples_are_the_tables():
    real, synthetic, holdout = REAL[:450], pd.concat([SYNTHETIC[:400], REAL[:20]], ignore_index=True), HOLDOUT[:300]
    options = {
        "target": "class", "rules": RULES, "sensitive": ["city"], "tests": ["ks_test", "chi2"],
        "quasi_identifiers": ["city", "visits"], "sequence_index": "day", "seed": 3, "n_jobs": 2,
    }  # fmt: skip
    reports = [
        evaluate(real, synthetic, holdout=holdout, **options),
        in_chunks(real, synthetic, 10_000, holdout, "full", **options),
    ]
    whole, chunks = (report.to_dict() for report in reports)
    for report in (whole, chunks):
        report["columns"].sort(key=lambda column: column["name"])
    assert whole["clean_rows"]["value"] < whole["clean_rows"]["reference"] < 1
    assert whole["joint"]["score"]["value"] > 0
    assert whole["usefulness"]["score"]["value"] > 0
    assert whole["sequences"]["score"]["value"] > 0
    assert differences(whole, chunks) == []
    assert chunks["method"]["n_sampled"] is None


@pytest.fixture(scope="module")
def sampled():
    synthetic = pd.concat([SYNTHETIC[SYNTHETIC["class"] != "odd"], REAL[:100]], ignore_index=True)
    synthetic["score"] = synthetic["score"].where(synthetic.index % 2 > 0, 50)
    sources = (frame_chunks(frame, 90) for frame in (REAL, synthetic, HOLDOUT))
    real, made, held = sources
    wanted = Wanted(sensitive=("city",), sequence_index="day", n_jobs=2)
    options = {"schema": infer_schema(REAL), "target": "class", "rules": RULES}
    found = stream(real, made, holdout=held, wanted=wanted, sample_rows=300, **options)
    return found, synthetic, options


def test_counts_are_of_all_rows_and_models_of_the_samples(sampled):
    found, synthetic, options = sampled
    report = found.report
    assert report.method.n_sampled == (300, 300, 300)
    assert report.data.n_synthetic == len(synthetic)
    assert sum(report.joint.n_rows) <= 900
    assert report.fairness[0].column == "city"
    skipped = ("interval", "ceiling", "direction", "pair_counts", "distribution", "correlation")
    whole = from_rows(REAL, synthetic, holdout=HOLDOUT, **options)
    assert differences(whole, from_chunks(report), skipped=skipped) == []
    assert report.pair_score.value == pytest.approx(whole["distribution"]["value"], abs=0.03)  # noise by row groups
    both = 0.6 * report.pair_score.value + 0.4 * report.joint.score.value
    assert report.dimension("distribution_preservation").score.value == pytest.approx(both, abs=EXACT)
    assert report.dimension("model_performance").score.value == report.usefulness.score.value
    clean = evaluate(REAL, synthetic, depth="quick", **options).clean_rows
    assert report.clean_rows.value == pytest.approx(clean.value, abs=EXACT)
    assert report.clean_rows.reference == pytest.approx(clean.reference, abs=EXACT)


def test_exact_copies_are_those_of_whole_tables_and_decide_the_gate(sampled):
    found, synthetic, options = sampled
    privacy = found.report.privacy
    whole = evaluate(REAL, synthetic, holdout=HOLDOUT, depth="quick", **options).privacy
    assert (privacy.status, privacy.n_exact_copies) == ("excess_copies", whole.n_exact_copies)
    assert privacy.attacks[0].value == whole.exact_copies
    assert privacy.attacks[0].n == len(synthetic)
    assert {attack.name for attack in privacy.attacks} >= {"dcr_share", "membership_inference"}


def test_repeated_rows_are_those_of_whole_tables():
    synthetic = pd.concat([SYNTHETIC, SYNTHETIC[:300]], ignore_index=True)
    options = {"target": "class", "schema": infer_schema(REAL)}
    sources = frame_chunks(REAL, 100), frame_chunks(synthetic, 100)
    found = stream(*sources, wanted=QUICK, sample_rows=150, **options).report
    whole = evaluate(REAL, synthetic, depth="quick", **options)
    for one, other in zip(found.diversity[:2], whole.diversity[:2], strict=True):
        assert one.name == other.name
        assert (one.value, one.reference) == pytest.approx((other.value, other.reference))
    assert found.diversity[1].value < 0.9


def test_what_a_sample_cannot_tell_is_named(sampled):
    found, _, _ = sampled
    absent = {item.code: item for item in found.report.not_assessed}
    assert absent["rows"].reason == "sampled_rows"
    assert absent["sequences"].columns == ("day",)
    assert found.report.sequences is None
    assert absent["rows"].text("pt") != absent["rows"].text("en")
    assert QualityReport.from_dict(found.report.to_dict()) == found.report


def test_suspects_are_named_by_their_places_in_the_whole_table(sampled):
    found, synthetic, _ = sampled
    suspects = found.report.joint.suspects
    assert suspects
    assert (synthetic["score"].iloc[[suspect.row for suspect in suspects]] == 50).all()
    rows = synthetic.iloc[found.samples.positions].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.samples.synthetic, rows, check_dtype=False)


def test_a_class_that_a_sample_misses_is_not_said_to_have_no_rows():
    real, synthetic = (frame.assign(**{"class": "usual"}) for frame in (REAL, SYNTHETIC))
    real.loc[:9, "class"], real.loc[10:19, "class"], synthetic.loc[:0, "class"] = "rare", "odd", "rare"
    sources = frame_chunks(real, 100), frame_chunks(synthetic, 100)
    found = stream(*sources, schema=infer_schema(REAL), target="class", wanted=QUICK, sample_rows=200)
    assert "rare" not in set(found.samples.synthetic["class"])
    absent = {item.code: item for item in found.report.not_assessed}
    assert absent["classes"].columns == ("odd",)


def test_a_holdout_out_of_the_real_table_is_refused_though_the_samples_hardly_meet():
    sources = [frame_chunks(frame, 100) for frame in (REAL, SYNTHETIC, REAL[:300])]
    with pytest.raises(InvalidDataError, match="of the holdout rows are in the real table"):
        stream(*sources[:2], holdout=sources[2], schema=infer_schema(REAL), sample_rows=60)


def test_kinds_that_are_given_stay_and_the_others_are_inferred():
    real, synthetic = (frame.assign(code=np.arange(len(frame)) % 7) for frame in (REAL, SYNTHETIC))
    report = in_chunks(real, synthetic, 100, kinds={"code": "categorical", "day": "text"})
    kinds = {column.name: column.kind for column in report.columns}
    assert kinds["code"] == "categorical"
    assert kinds["day"] == "text"
    assert kinds["visits"] == "integer"
    later = real.assign(visits=real["visits"].astype(object))
    later.loc[800, "visits"] = "many"
    with pytest.raises(InvalidDataError, match="'visits'"):
        in_chunks(later, synthetic, 100, kinds={"visits": "integer"})


def test_reports_of_the_first_protocol_have_no_sizes_of_samples():
    data = in_chunks(REAL, SYNTHETIC, 10_000).to_dict()
    del data["method"]["n_sampled"]
    assert QualityReport.from_dict({**data, "protocol": 1}).method.n_sampled is None
    with pytest.raises(InvalidDataError, match="n_sampled"):
        QualityReport.from_dict(data)


def test_more_labels_than_there_is_room_for_stay_bounded_and_are_named(monkeypatch):
    from contrapeso.metrics import _sketch
    from contrapeso.quality import _stream_summary

    monkeypatch.setattr(_sketch.LabelCounts.merged, "__defaults__", (100,))
    rng = np.random.default_rng(0)
    frames = [
        pd.DataFrame({"shop": [f"s{k}" for k in rng.zipf(1.4, 4000) % 3000], "x": rng.normal(size=4000)})
        for _ in range(2)
    ]
    schema = infer_schema(frames[0]).override({"shop": "categorical"})
    found = stream(*(frame_chunks(frame, 500) for frame in frames), schema=schema, wanted=QUICK)
    whole = from_rows(*frames, schema=schema)
    assert found.errors.labels == ("shop",)
    rough = {column.name: column for column in found.report.columns}["shop"]
    exact = {column["name"]: column for column in whole["columns"]}["shop"]
    assert rough.score.value == pytest.approx(exact["score"]["value"], abs=0.02)
    assert rough.unseen_share is None
    assert ("columns", "labels_not_exact", ("shop",)) in {
        (item.code, item.reason, item.columns) for item in found.report.not_assessed
    }
    assert isinstance(_stream_summary.SAMPLE_ROWS, int)


def test_inexact_summaries_keep_scores_within_five_thousandths(monkeypatch):
    from contrapeso.metrics._sketch import QuantileSketch
    from contrapeso.quality import _stream_summary

    monkeypatch.setattr(_stream_summary, "QuantileSketch", lambda: QuantileSketch(size=512, trigger=2048))
    real, synthetic = table(20_000, 5).drop(columns="id"), table(20_000, 6, 0.8).drop(columns="id")
    schema = infer_schema(real)
    found = stream(frame_chunks(real, 1500), frame_chunks(synthetic, 1500), schema=schema, wanted=QUICK)
    whole = from_rows(real, synthetic, schema=schema)
    assert set(found.errors.ks) == {"amount", "score", "tail"}
    ours = {column.name: column for column in found.report.columns}
    for column in whole["columns"]:
        own = ours[column["name"]]
        assert own.score.value == pytest.approx(column["score"]["value"], abs=0.005)
        if column["ks"] is not None:
            assert own.ks == pytest.approx(column["ks"], abs=found.errors.ks.get(own.name, 1e-12))
    for k, name in enumerate(("statistical", "distribution")):
        assert found.report.dimensions[k].score.value == pytest.approx(whole[name]["value"], abs=0.005)


def test_wide_tables_take_fewer_row_groups():
    assert groups_for([9] * 30, 1) == 20
    assert groups_for([9] * 30, 1, max_bytes=4 * 435 * 81 * 12) == 10
    assert groups_for([9] * 30, 1, max_bytes=1) == 6


def test_fewer_groups_change_intervals_and_what_is_noise_alone(monkeypatch):
    monkeypatch.setattr(counts_module, "MAX_PAIR_BYTES", 1)
    monkeypatch.setattr(counts_module.groups_for, "__defaults__", (1,))
    report = in_chunks(REAL, SYNTHETIC, 10_000)
    whole = from_rows(REAL, SYNTHETIC)
    assert report.method.n_groups == 6
    skipped = ("interval", "ceiling", "direction", "pair_counts", "n_groups", "distribution")
    assert differences(whole, from_chunks(report), skipped=skipped) == []


def test_pairs_from_counts_are_the_pairs_from_rows():
    rng = np.random.default_rng(1)
    n, sizes = 400, (3, 5, 1, 4)
    rows = [Rows.of(rng.integers(0, 4, n), rng.integers(0, 2, n), 4, np.array([0.3, 0.7])) for _ in range(2)]
    codes = [[rng.integers(0, k, n).astype(np.uint16) for k in sizes] for _ in rows]

    def counter(side, own):
        def count(a, b):
            both = side.count((own[a] * sizes[b] + own[b]).astype(np.uint16), sizes[a] * sizes[b])
            return tuple(part.reshape(-1, sizes[a], sizes[b]) for part in both)

        return count

    splits = np.array([[1.0, 0, 1, 0]])
    slow = measure_pairs(*rows, list(zip(*codes, sizes, strict=True)), splits)
    fast = score_pairs(tuple(map(counter, rows, codes)), sizes, tuple(rows), splits)
    for name in ("a", "b", "real", "synthetic", "weight", "excess", "halves_excess", "v_real"):
        np.testing.assert_allclose(getattr(fast, name), getattr(slow, name), atol=1e-12)
    assert measure_column(*rows, ColumnCells(codes[0][1], codes[1][1], 5), splits).score[0] > 0


def test_no_warning_is_raised_on_columns_whose_type_changes():
    real = REAL.assign(mixed=[None] * 450 + [1.5] * 450)
    synthetic = SYNTHETIC.assign(mixed=[None] * 300 + ["x"] * 400)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = in_chunks(real, synthetic, 150)
    assert report.overall.value is not None
