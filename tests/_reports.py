"""Reports with every section filled, for tests of the page: invented numbers, the true layout."""

from dataclasses import replace

import numpy as np
import pandas as pd

from contrapeso.quality import QualityReport, evaluate
from contrapeso.quality._label_readings import ATTACKS, TESTS
from contrapeso.quality._report import Privacy, RuleReport
from contrapeso.quality._sections import (
    Attack,
    ClassRecall,
    ColumnImportance,
    ColumnUse,
    Fairness,
    Giveaway,
    GroupFairness,
    Importance,
    Joint,
    MinedRule,
    Mitigation,
    ModelUse,
    Reading,
    Score,
    Sequences,
    Suspect,
    TargetUse,
    TestResult,
    Usefulness,
)


def draw(seed, n, shift=0.0):
    """A small company's ledger, simulated."""
    rng = np.random.default_rng(seed)
    amount = np.round(np.exp(rng.normal(5 + shift, 1, n)), 2)
    kind = rng.choice(["Aluguel", "Juros e multas", "Tarifas bancárias", "Vendas"], n, p=[0.4, 0.1, 0.2, 0.3])
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, n), unit="D")
    return pd.DataFrame(
        {
            "valor": amount,
            "imposto": np.round(amount * 0.1 + rng.normal(0, 2 + 20 * shift, n), 2),
            "categoria": kind,
            "data": day,
            "parcelas": rng.integers(1, 13, n),
            "atrasado": rng.random(n) < np.where(kind == "Juros e multas", 0.8, 0.1),
        }
    )


def measured(shift=0.5, seed=2):
    """A real report of simulated tables, with a holdout and a rule."""
    rules = {"valor menor que mil": lambda rows: rows["valor"] < 1000}
    return evaluate(draw(1, 900), draw(seed, 700, shift), holdout=draw(3, 400), rules=rules, depth="quick")


def filled(report: QualityReport, names: tuple[str, ...] | None = None) -> QualityReport:
    """``report`` with every section that a report can have."""
    names = names or tuple(column.name for column in report.columns)
    return replace(
        report,
        rules=report.rules or (RuleReport("total = soma das parcelas", 0.998, 0.91, 0.912, 640, (3, 18, 77, 90)),),
        joint=joint(names),
        usefulness=usefulness(names),
        diversity=diversity(),
        sequences=sequences(names),
        fairness=(fairness("sexo"), fairness("sexo x faixa de renda")),
        clean_rows=Reading("clean_rows", 0.9, None, 0.98),
        mined_rules=mined(names),
        tests=tests(names),
        privacy=privacy("no_excess_found"),
    )


def joint(names):
    """A model that tells somewhat."""
    shares = np.arange(len(names), 0, -1) / np.arange(1, len(names) + 1).sum()
    return Joint(
        score=Score(0.72, (0.68, 0.76), 0.99),
        auc=Reading("joint_auc", 0.643, (0.62, 0.664), 0.508),
        against="holdout",
        n_rows=(400, 400),
        readings=(
            Reading("pmse_ratio", 3.2, None, 1.0),
            Reading("alpha_precision", 0.93, (0.9, 0.95), 0.97),
            Reading("beta_recall", 0.88, None, 0.96),
            Reading("density", 1.12, None, 0.98),
            Reading("coverage", 0.86, None, 0.97),
            Reading("mmd", 0.013, None, 0.001),
            Reading("a_reading_without_words", None, None, None, "insufficient_data"),
        ),
        giveaways=tuple(
            Giveaway(name, float(share), 1 / len(names)) for name, share in zip(names, shares, strict=True)
        ),
        interaction=tuple(names[:3]),
        suspects=tuple(Suspect(17 * k + 3, 0.99 - 0.004 * k, tuple(names[:3])) for k in range(20)),
    )


def usefulness(names):
    """Models trained on synthetic rows do somewhat worse."""
    target = TargetUse(
        column=names[-1],
        measure="auc",
        score=Score(0.81, (0.74, 0.88), 0.97),
        readings=(
            Reading("trtr", 0.884, (0.871, 0.897), 0.881),
            Reading("tstr", 0.821, (0.802, 0.84), 0.884),
            Reading("trts", 0.86, None, 0.884),
            Reading("augmented", 0.887, (0.875, 0.899), 0.884),
            Reading("brier_synthetic", 0.131, None, 0.112),
        ),
        models=tuple(
            ModelUse(name, 0.88 - 0.02 * k, 0.82 - 0.01 * k) for k, name in enumerate(("boosted_trees", "naive_bayes"))
        ),
        rank_agreement=1.0,
        recalls=(
            ClassRecall("Juros e multas", 40, 0.61, 0.35, 0.66),
            ClassRecall("Vendas", 160, 0.93, 0.94, 0.93),
            ClassRecall("Rarissima", 3, 1.0, 0.0, 1.0),
        ),
        completed=True,
    )
    columns = tuple(
        ColumnUse(name, "r2", 0.0, 0.7, 0.6 - 0.02 * k, 0.69, max(0.0, 0.86 - 0.03 * k))
        for k, name in enumerate(names[:19])
    )
    hopeless = ColumnUse(names[-1] + " (nota)", "log_loss_gain", 0.0, 0.01, 0.0, None, None, "no_dependence")
    importance = Importance(
        target=names[-1],
        readings=(
            Reading("importance_tv", 0.084, None, 0.031),
            Reading("importance_spearman", 0.95, None, 0.98),
            Reading("importance_cosine", 0.014, None, 0.004),
        ),
        columns=tuple(ColumnImportance(name, 1 / len(names), 0.8 / len(names)) for name in names),
    )
    overall = Score(0.78, (0.74, 0.81), 0.98)
    score = Score(0.79, (0.75, 0.84), 0.97)
    return Usefulness(score, "holdout", (900, 700, 400), target, overall, (*columns, hopeless), importance)


def diversity():
    """A little less varied than the real table."""
    return (
        Reading("distinct_rows", 0.97, None, 0.99),
        Reading("category_coverage_weighted", 0.94, None, 0.995),
        Reading("tail_coverage", 0.011, (0.008, 0.015), 0.02),
    )


def sequences(names):
    """Rows in order of a date."""
    readings = (Reading("autocorrelation_gap", 0.13, None, 0.02), Reading("weekday_tv", 0.08, (0.05, 0.11), 0.03))
    return Sequences(names[0], "conta", Score(0.8, (0.76, 0.84), 0.97), readings)


def fairness(column):
    """Three groups, one of them lost and one too small to show."""
    groups = (
        GroupFairness("feminino", 410, 280, 0.456, 0.4, 0.877, (0.8, 0.96), False, 0.91, 0.6, 0.3, 0.24, 0.7, 0.6),
        GroupFairness("masculino", 440, 415, 0.489, 0.593, 1.21, (1.1, 1.3), False, 0.94, 0.55, 0.4, 0.42, 0.74, 0.75),
        GroupFairness("outro", 46, 5, 0.05, 0.007, 0.14, (0.05, 0.32), False, 0.62),
        GroupFairness("não informado", 12, 0, 0.013, 0.0, 0.0, (0.0, 0.2), True),
        GroupFairness("Maria da Silva", 2, 0, 0.002, 0.0, 0.0, None, True),
    )
    before = (
        Reading("demographic_parity_difference", 0.18, (0.12, 0.24), 0.1),
        Reading("equalized_odds_difference", 0.15, None, 0.04),
        Reading("auc", 0.82, None, 0.88),
    )
    after = (
        Reading("demographic_parity_difference", 0.11, (0.05, 0.17), 0.1),
        Reading("equalized_odds_difference", 0.08, None, 0.04),
        Reading("auc", 0.81, None, 0.88),
    )
    readings = (Reading("bias_amplification", 0.08, (0.01, 0.15), 0.0), *before[:2])
    return Fairness(column, groups, readings, (Mitigation("reweigh_independent", before, after),), "pago")


def mined(names):
    """Rules that the real table keeps."""
    return tuple(
        MinedRule(f"{a} <= {b}", kind, (a, b), 0.9995, 900, 0.97 - 0.01 * k)
        for k, (a, b, kind) in enumerate(
            zip(names, names[1:], ("inequality", "functional_dependency", "range", "sum"), strict=False)
        )
    )


def tests(names):
    """Every test of every column."""
    return tuple(
        TestResult(test, name, 0.2 / (1 + k), 1e-9 if k == 0 else 0.04, 1e-8 if k == 0 else 0.11)
        for k, name in enumerate(names)
        for test in TESTS
    )


def privacy(status, attacks=True):
    """A gate with every attack, the first of which succeeds where the status says so."""
    known = ("excess", (0.1, 0.3)) if status == "attack_succeeded" else ("no_excess_found", (-0.02, 0.05))
    names = list(ATTACKS)
    tried = [
        Attack(name, "auc" if "member" in name else "share", 0.52, (0.49, 0.55), 0.5, (0.47, 0.53), (0.0, 0.06), 500,
               "no_excess_found", ("cep", "nascimento"))
        for name in names[1:-1]
    ]  # fmt: skip
    first = Attack(names[0], "share", 0.31, (0.28, 0.34), 0.02, (0.01, 0.03), known[1], 700, known[0])
    last = Attack(names[-1], "success_rate", None, reason="needs_holdout")
    return Privacy(status, 0.0143, 10, 0.0125, 6, (first, *tried, last) if attacks else ())


__all__ = ["draw", "filled", "measured", "privacy"]
