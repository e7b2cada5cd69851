"""How alike two tables are: pure functions of columns and counts, and one pass over a whole table.

``REGISTRY`` lists every metric with its direction and range; ``docs/metrics.md`` has the formulas.

>>> import numpy as np
>>> from contrapeso.metrics import REGISTRY, ks_complement
>>> round(ks_complement(np.arange(100.0), np.arange(10.0, 110.0)), 2)
0.9
>>> REGISTRY["ks_complement"].direction
'up'
"""

from contrapeso.metrics._association import (
    contingency_similarity,
    correlation_similarity,
    cramers_v,
    pearson_matrix,
    rank_columns,
    spearman_matrix,
    spearman_of_sorted,
)
from contrapeso.metrics._cells import (
    MAX_CATEGORY_CELLS,
    CategoryCells,
    Codes,
    NumericCells,
    marginal_bins,
    pair_bins,
    pair_categories,
)
from contrapeso.metrics._counting import Rows
from contrapeso.metrics._diversity import beyond_tails, distinct_share, weighted_coverage
from contrapeso.metrics._fairness import (
    demographic_parity_difference,
    demographic_parity_ratio,
    equalized_odds_difference,
)
from contrapeso.metrics._features import Features
from contrapeso.metrics._importance import ImportanceDrift, importance_drift
from contrapeso.metrics._joint import JointTest, auc_with_error, joint_score, joint_test
from contrapeso.metrics._marginal import (
    boundary_adherence,
    category_adherence,
    category_coverage,
    joint_codes,
    js_of_shares,
    js_similarity,
    ks_complement,
    missing_similarity,
    normalize,
    range_coverage,
    tv_complement,
    tv_of_shares,
    wasserstein,
    wasserstein_normalized,
)
from contrapeso.metrics._mmd import mmd
from contrapeso.metrics._noise import (
    MIN_DEPENDENCE,
    column_floor,
    column_score,
    kish_size,
    pair_dependence,
    pair_floors,
    table_score,
)
from contrapeso.metrics._proximity import dcr_share, nndr_ratio
from contrapeso.metrics._registry import REGISTRY, Metric
from contrapeso.metrics._replicates import N_GROUPS, N_SPLITS, Jackknife, assign_groups, halves
from contrapeso.metrics._reweigh import resample, reweigh
from contrapeso.metrics._sequence import share_distance, transition_distance
from contrapeso.metrics._sorted import SortedColumn, ks_and_wasserstein
from contrapeso.metrics._table import (
    ColumnCells,
    ColumnMeasure,
    PairMeasures,
    measure_column,
    measure_pairs,
    pair_scores,
    weighted_score,
)
from contrapeso.metrics._trees import Trees, each, fit_trees
from contrapeso.metrics._usefulness import relative_score, utility

__all__ = [
    "MAX_CATEGORY_CELLS",
    "MIN_DEPENDENCE",
    "N_GROUPS",
    "N_SPLITS",
    "REGISTRY",
    "CategoryCells",
    "Codes",
    "ColumnCells",
    "ColumnMeasure",
    "Features",
    "ImportanceDrift",
    "Jackknife",
    "JointTest",
    "Metric",
    "NumericCells",
    "PairMeasures",
    "Rows",
    "SortedColumn",
    "Trees",
    "assign_groups",
    "auc_with_error",
    "beyond_tails",
    "boundary_adherence",
    "category_adherence",
    "category_coverage",
    "column_floor",
    "column_score",
    "contingency_similarity",
    "correlation_similarity",
    "cramers_v",
    "dcr_share",
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "distinct_share",
    "each",
    "equalized_odds_difference",
    "fit_trees",
    "halves",
    "importance_drift",
    "joint_codes",
    "joint_score",
    "joint_test",
    "js_of_shares",
    "js_similarity",
    "kish_size",
    "ks_and_wasserstein",
    "ks_complement",
    "marginal_bins",
    "measure_column",
    "measure_pairs",
    "missing_similarity",
    "mmd",
    "nndr_ratio",
    "normalize",
    "pair_bins",
    "pair_categories",
    "pair_dependence",
    "pair_floors",
    "pair_scores",
    "pearson_matrix",
    "range_coverage",
    "rank_columns",
    "relative_score",
    "resample",
    "reweigh",
    "share_distance",
    "spearman_matrix",
    "spearman_of_sorted",
    "table_score",
    "transition_distance",
    "tv_complement",
    "tv_of_shares",
    "utility",
    "wasserstein",
    "wasserstein_normalized",
    "weighted_coverage",
    "weighted_score",
]
