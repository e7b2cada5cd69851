"""Samplers with imbalanced-learn's names and scikit-learn's conventions, under the laws of the house.

Original rows come back first, bit for bit; counts are exact; one seed gives one result on any machine;
whole numbers, cents, dates and categories stay what they are; every new row knows its parents.
"""

from contrapeso.samplers._provenance import Provenance
from contrapeso.samplers._random import RandomOverSampler, RandomUnderSampler
from contrapeso.samplers._smote import SMOTE, SMOTENC
from contrapeso.samplers._strategy import check_sampling_strategy

__all__ = ["SMOTE", "SMOTENC", "Provenance", "RandomOverSampler", "RandomUnderSampler", "check_sampling_strategy"]
