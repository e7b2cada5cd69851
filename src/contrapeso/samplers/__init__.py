"""Samplers with imbalanced-learn's names and scikit-learn's conventions, under the laws of the house.

Original rows come back first, bit for bit; counts are exact; one seed gives one result on any machine;
whole numbers, cents, dates and categories stay what they are; every new row knows its parents.

The names are loaded on first use: importing this package takes next to no time, the first sampler loads scikit-learn.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contrapeso.samplers._adasyn import ADASYN
    from contrapeso.samplers._borderline import BorderlineSMOTE
    from contrapeso.samplers._centroids import ClusterCentroids
    from contrapeso.samplers._cleaning_rule import NeighbourhoodCleaningRule
    from contrapeso.samplers._combine import SMOTEENN, SMOTETomek
    from contrapeso.samplers._condensed import CondensedNearestNeighbour, OneSidedSelection
    from contrapeso.samplers._edited import AllKNN, EditedNearestNeighbours, RepeatedEditedNearestNeighbours
    from contrapeso.samplers._geometric import GeometricSMOTE
    from contrapeso.samplers._hardness import InstanceHardnessThreshold
    from contrapeso.samplers._ipf import SMOTEIPF
    from contrapeso.samplers._kmeans import KMeansSMOTE
    from contrapeso.samplers._lee import Lee
    from contrapeso.samplers._nearmiss import NearMiss
    from contrapeso.samplers._neighbors import ExactNeighbors
    from contrapeso.samplers._pipeline import Pipeline, make_pipeline
    from contrapeso.samplers._polynom import PolynomFitSMOTE
    from contrapeso.samplers._provenance import Provenance
    from contrapeso.samplers._prowsyn import ProWSyn
    from contrapeso.samplers._random import RandomOverSampler, RandomUnderSampler
    from contrapeso.samplers._smobd import SMOBD
    from contrapeso.samplers._smote import SMOTE, SMOTENC
    from contrapeso.samplers._smoten import SMOTEN
    from contrapeso.samplers._strategy import check_sampling_strategy
    from contrapeso.samplers._svm import SVMSMOTE
    from contrapeso.samplers._tomek import TomekLinks

_HOME = {
    "ADASYN": "_adasyn",
    "SMOBD": "_smobd",
    "SMOTE": "_smote",
    "SMOTEENN": "_combine",
    "SMOTEIPF": "_ipf",
    "SMOTEN": "_smoten",
    "SMOTENC": "_smote",
    "SVMSMOTE": "_svm",
    "AllKNN": "_edited",
    "BorderlineSMOTE": "_borderline",
    "ClusterCentroids": "_centroids",
    "CondensedNearestNeighbour": "_condensed",
    "EditedNearestNeighbours": "_edited",
    "ExactNeighbors": "_neighbors",
    "GeometricSMOTE": "_geometric",
    "InstanceHardnessThreshold": "_hardness",
    "KMeansSMOTE": "_kmeans",
    "Lee": "_lee",
    "NearMiss": "_nearmiss",
    "NeighbourhoodCleaningRule": "_cleaning_rule",
    "OneSidedSelection": "_condensed",
    "Pipeline": "_pipeline",
    "PolynomFitSMOTE": "_polynom",
    "ProWSyn": "_prowsyn",
    "Provenance": "_provenance",
    "RandomOverSampler": "_random",
    "RandomUnderSampler": "_random",
    "RepeatedEditedNearestNeighbours": "_edited",
    "SMOTETomek": "_combine",
    "TomekLinks": "_tomek",
    "check_sampling_strategy": "_strategy",
    "make_pipeline": "_pipeline",
}

__all__ = [
    "ADASYN",
    "SMOBD",
    "SMOTE",
    "SMOTEENN",
    "SMOTEIPF",
    "SMOTEN",
    "SMOTENC",
    "SVMSMOTE",
    "AllKNN",
    "BorderlineSMOTE",
    "ClusterCentroids",
    "CondensedNearestNeighbour",
    "EditedNearestNeighbours",
    "ExactNeighbors",
    "GeometricSMOTE",
    "InstanceHardnessThreshold",
    "KMeansSMOTE",
    "Lee",
    "NearMiss",
    "NeighbourhoodCleaningRule",
    "OneSidedSelection",
    "Pipeline",
    "PolynomFitSMOTE",
    "ProWSyn",
    "Provenance",
    "RandomOverSampler",
    "RandomUnderSampler",
    "RepeatedEditedNearestNeighbours",
    "SMOTETomek",
    "TomekLinks",
    "check_sampling_strategy",
    "make_pipeline",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
