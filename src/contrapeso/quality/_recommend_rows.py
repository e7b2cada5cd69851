"""What to fix, from what models, attacks, sequences and mined rules found."""

from __future__ import annotations

from collections.abc import Iterator

from contrapeso.quality._attacks import succeeded
from contrapeso.quality._recommend import LOW_SCORE, Gains
from contrapeso.quality._report import JsonValue, Recommendation
from contrapeso.quality._rowlevel import RowLevel
from contrapeso.quality._score import preserved
from contrapeso.quality._sections import Attack, MinedRule, TargetUse, Usefulness

PAIRS_ARE_WELL = 0.9
MAX_NAMED = 3
MIN_SHARE = 0.1
KEPT = 0.95
MANY_COPIES = 0.05


def row_findings(found: RowLevel, gains: Gains, pairs: float | None) -> Iterator[Recommendation]:
    """Findings on the joint test, usefulness, sequences, mined rules and privacy; ``pairs`` is the pair score."""
    sequences = found.sequences.score.value if found.sequences else None
    yield from _joint(found, gains, pairs, sequences)
    if found.usefulness is not None:
        yield from _usefulness(found.usefulness, gains)
    if found.sequences is not None and sequences is not None and sequences < LOW_SCORE and pairs is not None:
        joint = found.joint.score.value if found.joint else None
        mended = float(preserved(pairs, joint, 1.0))
        columns = tuple(name for name in (found.sequences.key, found.sequences.order) if name is not None)
        gain = gains.of({"distribution_preservation": mended})
        yield Recommendation("sequence_broken", columns, {"score": sequences}, gain)
    yield from _mined(found.mined_rules)
    yield from _attacks(found.privacy.attacks)
    if found.privacy.status == "cannot_be_assessed" and found.privacy.exact_copies > MANY_COPIES:
        yield Recommendation("copies_unjudged", (), {"share": found.privacy.exact_copies})


def _joint(found: RowLevel, gains: Gains, pairs: float | None, sequences: float | None) -> Iterator[Recommendation]:
    joint = found.joint
    if joint is None or joint.score.value is None or joint.score.value >= LOW_SCORE or pairs is None:
        return
    gain = gains.of({"distribution_preservation": float(preserved(pairs, 1.0, sequences))})
    evidence: dict[str, JsonValue] = {"auc": joint.auc.value, "auc_real": joint.auc.reference}
    if pairs >= PAIRS_ARE_WELL and joint.interaction:
        yield Recommendation("interaction_broken", joint.interaction, evidence, gain)
    else:
        telling = [g.column for g in joint.giveaways if g.share > max(MIN_SHARE, 1.5 * g.share_real)]
        columns = tuple(telling[:MAX_NAMED]) or tuple(g.column for g in joint.giveaways[:1])
        yield Recommendation("told_apart", columns, evidence, gain)


def _usefulness(use: Usefulness, gains: Gains) -> Iterator[Recommendation]:
    target = use.target
    overall = use.overall.value if use.overall else None
    if target is not None and target.score.value is not None:
        if target.score.value < LOW_SCORE:
            gain = gains.of({"model_performance": _mean(1.0, overall)})
            readings = {reading.name: reading.value for reading in target.readings}
            evidence: dict[str, JsonValue] = {"synthetic": readings.get("tstr"), "real": readings.get("trtr")}
            yield Recommendation("target_signal_lost", (target.column,), evidence, gain)
        yield from _augmentation(target)
    if overall is not None and overall < LOW_SCORE:
        yield from _columns(use, gains, overall)


def _augmentation(target: TargetUse) -> Iterator[Recommendation]:
    """A warning where adding the rows makes the model worse beyond the interval."""
    readings = {reading.name: reading for reading in target.readings}
    with_both, real = readings.get("augmented"), readings.get("trtr")
    if with_both is None or real is None or with_both.interval is None or real.interval is None:
        return
    if with_both.interval[1] < real.interval[0]:
        evidence: dict[str, JsonValue] = {"augmented": with_both.value, "real": real.value}
        yield Recommendation("augmentation_hurts", (target.column,), evidence)


def _columns(use: Usefulness, gains: Gains, overall: float) -> Iterator[Recommendation]:
    """The columns whose relation to the others is lost, most costly first."""
    scored = [(column, column.real - column.dummy) for column in use.columns if column.score is not None]
    total = sum(weight * (column.score or 0.0) for column, weight in scored)
    target = use.target.score.value if use.target else None
    lost = sorted(scored, key=lambda item: -item[1] * (1 - (item[0].score or 0.0)))
    for column, weight in lost[:MAX_NAMED]:
        score = column.score or 0.0
        if score >= LOW_SCORE or total <= 0:
            continue
        mended = min(1.0, overall * (total + weight * (1 - score)) / total)
        gain = gains.of({"model_performance": _mean(target, mended)})
        evidence: dict[str, JsonValue] = {"synthetic": column.synthetic, "real": column.real}
        yield Recommendation("column_signal_lost", (column.column,), evidence, gain)


def _mean(*parts: float | None) -> float:
    known = [part for part in parts if part is not None]
    return sum(known) / len(known)


def _mined(rules: tuple[MinedRule, ...]) -> Iterator[Recommendation]:
    """Rules of the real table that synthetic rows break; not in the score until somebody accepts them."""
    broken = [rule for rule in rules if rule.rate_synthetic is not None and rule.rate_synthetic < KEPT]
    for rule in broken[:MAX_NAMED]:
        evidence: dict[str, JsonValue] = {
            "rule": rule.name,
            "rate_real": rule.support,
            "rate_synthetic": rule.rate_synthetic,
        }
        yield Recommendation("mined_rule_broken", rule.columns, evidence)


_CODES = {
    "near_copies": "near_copies",
    "dcr_share": "overfit",
    "rare_record_dcr": "rare_records_exposed",
    "membership_distance": "membership_exposed",
    "membership_density": "membership_exposed",
    "membership_local": "membership_exposed",
    "attribute_inference": "attribute_exposed",
    "linkability_1": "linkable",
    "linkability_10": "linkable",
    "singling_out_multivariate": "singled_out",
    "quasi_identifiers": "singled_out",
}


def _attacks(attacks: tuple[Attack, ...]) -> Iterator[Recommendation]:
    """One finding for each kind of attack that beats its control, with the numbers of the worst; outside the score."""
    for code in dict.fromkeys(_CODES.values()):
        found = [attack for attack in attacks if _CODES.get(attack.name) == code and succeeded(attack)]
        if found:
            shares = [attack for attack in found if attack.measure != "tpr_at_1_fpr"] or found
            worst = max(shares, key=lambda attack: attack.excess[0] if attack.excess else 0.0)
            columns = tuple(name for attack in found for name in attack.columns) if code == "attribute_exposed" else ()
            yield Recommendation(code, columns, {"value": worst.value, "control": worst.control})


__all__ = ["row_findings"]
