"""The resampling methods that :class:`SMOTEImplementation` offers, and the choice among them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import Any, TypeAlias

from contrapeso.errors import InvalidParameterError

Parameters: TypeAlias = dict[str, Any]  # parameters of a sampler, which checks them itself


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """One method: the sampler's name, what it takes, when it fits and where it is published."""

    sampler: str
    name: str
    description: str
    best_for: str
    complexity: str
    paper: str
    grid: Mapping[str, tuple[object, ...]]

    def to_dict(self, method: str) -> dict[str, object]:
        """Plain dict."""
        return {
            "name": self.name,
            "description": self.description,
            "best_for": self.best_for,
            "complexity": self.complexity,
            "paper": self.paper,
            "sampler": self.sampler,
            "hybrid": method in HYBRIDS,
            "parameters": list(parameters_of(method)),
            "param_grid": {name: list(values) for name, values in self.grid.items()},
        }


CHAWLA = "Chawla et al., JAIR 16 (2002)"
BATISTA = "Batista, Prati, Monard, SIGKDD Explorations 6 (2004)"
BY_NEIGHBORS: Mapping[str, tuple[object, ...]] = {"k_neighbors": (3, 5, 7)}
WITHIN_CLASS = "k nearest neighbours in the class: n log n rows with few columns, n^2 at worst"
AMONG_ALL = "k nearest neighbours among all rows: n log n rows with few columns, n^2 at worst"

VARIANTS: Mapping[str, MethodInfo] = {
    "random_over": MethodInfo(
        "RandomOverSampler",
        "Random over-sampling",
        "Copies rows of the smaller classes, drawn with replacement.",
        "Any column kinds, classes of a single row, classes that lie inside others, and as the baseline to beat.",
        "new rows",
        "Menardi, Torelli, Data Mining and Knowledge Discovery 28 (2014), for shrinkage",
        {"shrinkage": (None, 0.1, 0.5)},
    ),
    "random_under": MethodInfo(
        "RandomUnderSampler",
        "Random under-sampling",
        "Drops rows of the larger classes by lot; those that stay keep their order.",
        "Large tables whose rare class has hundreds of rows.",
        "rows",
        "He, Garcia, IEEE TKDE 21 (2009), Sec. 3.1",
        {"replacement": (False, True)},
    ),
    "smote": MethodInfo(
        "SMOTE",
        "SMOTE",
        "Makes points between a row and one of its nearest neighbours of the same class.",
        "Classes that are fairly apart, with more than k_neighbors rows each.",
        WITHIN_CLASS,
        CHAWLA,
        BY_NEIGHBORS,
    ),
    "smotenc": MethodInfo(
        "SMOTENC",
        "SMOTE-NC",
        "SMOTE for mixed tables: numbers are interpolated, categories are voted by the neighbours.",
        "Tables with numbers and categories, as bank transactions are.",
        WITHIN_CLASS,
        f"{CHAWLA}, Sec. 6.1",
        BY_NEIGHBORS,
    ),
    "smoten": MethodInfo(
        "SMOTEN",
        "SMOTE-N",
        "SMOTE for categories alone: neighbours by the value difference metric, every category by their vote.",
        "Tables of several categorical columns and nothing else.",
        "n^2 comparisons of rows of the class",
        f"{CHAWLA}, Sec. 6.2",
        BY_NEIGHBORS,
    ),
    "borderline": MethodInfo(
        "BorderlineSMOTE",
        "Borderline-SMOTE",
        "SMOTE whose bases are the rows in danger: half or more, not all, of the neighbours are of other classes.",
        "Classes that meet at a border without much noise.",
        AMONG_ALL,
        "Han, Wang, Mao, ICIC 2005",
        {"k_neighbors": (3, 5, 7), "kind": ("borderline-1", "borderline-2")},
    ),
    "svm_smote": MethodInfo(
        "SVMSMOTE",
        "SVM-SMOTE",
        "SMOTE whose bases are the support vectors of a support vector machine, between rows or away from the others.",
        "Small and middling tables with a smooth border.",
        "a support vector machine: n^2 to n^3 rows",
        "Nguyen, Cooper, Kamei, IJKESDP 3 (2011)",
        {"k_neighbors": (3, 5, 7), "out_step": (0.25, 0.5)},
    ),
    "kmeans_smote": MethodInfo(
        "KMeansSMOTE",
        "k-means SMOTE",
        "SMOTE inside the clusters in which the class is frequent, more in the sparse ones.",
        "A class of several groups, whose gaps are not to be filled.",
        "mini-batch k-means, and neighbours in each cluster",
        "Last, Douzas, Bacao, arXiv 1711.00837 (2017)",
        {"cluster_balance_threshold": ("auto", 0.1), "k_neighbors": (2, 5)},
    ),
    "adasyn": MethodInfo(
        "ADASYN",
        "ADASYN",
        "SMOTE that makes more rows around the rows that have more neighbours of other classes.",
        "Classes that are hard to tell apart in places, with clean labels: it gathers around mislabelled rows.",
        AMONG_ALL,
        "He et al., IJCNN 2008",
        {"n_neighbors": (3, 5, 7)},
    ),
    "geometric": MethodInfo(
        "GeometricSMOTE",
        "Geometric SMOTE",
        "Draws points from a ball, or a part of it, around a row instead of from a segment.",
        "Classes with few rows, whose segments would fill little of the space.",
        WITHIN_CLASS,
        "Douzas, Bacao, Information Sciences 501 (2019)",
        {"selection_strategy": ("combined", "minority", "majority"), "truncation_factor": (0.0, 1.0)},
    ),
    "polynom_fit": MethodInfo(
        "PolynomFitSMOTE",
        "Polynom-fit SMOTE",
        "Makes points on lines laid through the class: from every row to its mean by default. It asks no neighbours.",
        "Many columns for few rows, where neighbours mean little.",
        "new rows",
        "Gazzah, Essoukri Ben Amara, DAS 2008",
        {"topology": ("star", "bus", "mesh")},
    ),
    "prowsyn": MethodInfo(
        "ProWSyn",
        "ProWSyn",
        "Sorts the class into levels by the distance to the others and makes more rows in the levels that are near.",
        "Classes that overlap in part.",
        AMONG_ALL,
        "Barua, Islam, Murase, PAKDD 2013",
        {"n_neighbors": (3, 5, 7), "theta": (0.5, 1.0, 2.0)},
    ),
    "lee": MethodInfo(
        "Lee",
        "Lee's rejection",
        "SMOTE that throws away points whose neighbours are mostly of other classes and draws others.",
        "Classes that overlap in part, where points in foreign land are to be avoided.",
        AMONG_ALL,
        "Lee, Kim, Lee, IMCOM 2015",
        {"k_neighbors": (3, 5, 7), "rejection_level": (0.3, 0.5)},
    ),
    "smobd": MethodInfo(
        "SMOBD",
        "SMOBD",
        "SMOTE that makes more rows where the class is dense and none around its noise.",
        "A class with stray rows.",
        WITHIN_CLASS,
        "Cao, Wang, ICIII 2011",
        {"eta1": (0.25, 0.5, 0.75)},
    ),
}

HYBRIDS: Mapping[str, MethodInfo] = {
    "smote_enn": MethodInfo(
        "SMOTEENN",
        "SMOTE and edited nearest neighbours",
        "SMOTE, then rows of any class whose neighbours are not all of their class are dropped.",
        "Classes that overlap, when fewer and clearer rows are wanted; original rows go too.",
        AMONG_ALL,
        BATISTA,
        BY_NEIGHBORS,
    ),
    "smote_tomek": MethodInfo(
        "SMOTETomek",
        "SMOTE and Tomek links",
        "SMOTE, then pairs of rows of two classes that are each other's nearest are dropped.",
        "Classes that touch; a few rows go, original ones among them.",
        AMONG_ALL,
        BATISTA,
        BY_NEIGHBORS,
    ),
    "smote_ipf": MethodInfo(
        "SMOTEIPF",
        "SMOTE-IPF",
        "SMOTE, then rows that an ensemble of trees misjudges are dropped, round after round; original ones too.",
        "Noisy labels.",
        "decision trees in every round",
        "Saez et al., Information Sciences 291 (2015)",
        {"k_neighbors": (3, 5, 7), "voting": ("majority", "consensus")},
    ),
}
"""Methods that add rows and drop rows, originals among them."""

METHODS: Mapping[str, MethodInfo] = {**VARIANTS, **HYBRIDS}
BASE_PARAMETERS = ("base", "k_neighbors")
"""What a hybrid of two samplers takes besides their parameters: the variant that adds rows, and its neighbours."""

OWN_NEIGHBORS = frozenset({"kmeans_smote"})
"""Methods whose published number of neighbours differs from SMOTE's, so that the configured one is not theirs."""


def sampler_class(method: str) -> Any:
    """Class of the sampler; loads scikit-learn."""
    return getattr(import_module("contrapeso.samplers"), METHODS[method].sampler)


@cache
def parameters_of(method: str) -> tuple[str, ...]:
    """Names of the parameters that ``method`` takes; loads scikit-learn."""
    own = tuple(inspect.signature(sampler_class(method)).parameters)
    return (*own, *BASE_PARAMETERS) if "smote" in own else own


def check_method(method: str, more: tuple[str, ...] = ("auto",), among: Mapping[str, MethodInfo] = METHODS) -> None:
    """Refuse a method that does not exist.

    Raises
    ------
    InvalidParameterError
        The message names the nearest method.
    """
    valid = (*more, *among)
    if method not in valid:
        nearest = get_close_matches(str(method), valid, n=1, cutoff=0.0)[0]
        raise InvalidParameterError(
            f"There is no method {method!r}; the nearest is {nearest!r}. Methods: {', '.join(valid)}.",
            {"method": str(method), "nearest": nearest},
        )


def check_parameters(method: str, given: Mapping[str, object]) -> None:
    """Refuse parameters that ``method`` does not take.

    Raises
    ------
    InvalidParameterError
        The message names the parameters it takes.
    """
    if not given:
        return
    valid = {name for m in ([method] if method in METHODS else VARIANTS) for name in parameters_of(m)}
    for name in given:
        if name not in valid:
            raise InvalidParameterError(
                f"{method!r} has no parameter {name!r}; it takes {', '.join(sorted(valid))}.", {"parameter": name}
            )


@dataclass(frozen=True)
class Choice:
    """A method with its parameters, and the sentences that say what was changed and why it was chosen."""

    method: str
    parameters: Parameters
    notes: tuple[str, ...] = ()

    def sampler(self) -> Any:
        """The sampler, unfitted."""
        if "base" not in parameters_of(self.method):
            return sampler_class(self.method)(**self.parameters)
        given = dict(self.parameters)
        base = given.pop("base", "smote")
        check_method(base, (), VARIANTS)
        shared = {name: given[name] for name in ("sampling_strategy", "random_state", "k_neighbors") if name in given}
        given.pop("k_neighbors", None)
        if "smote" not in given:
            given["smote"] = Choice(base, {n: v for n, v in shared.items() if n in parameters_of(base)}).sampler()
        return sampler_class(self.method)(**given)


def choose(X: Any, y: Any, wanted: str, defaults: Mapping[str, object], given: Mapping[str, object]) -> Choice:
    """The method and its parameters: ``given`` over ``defaults``, only what the method takes.

    'auto' follows the rule of :mod:`contrapeso.services._method_choice`, and lowers ``k_neighbors`` to the smallest
    class that grows. A named method is not changed.
    """
    check_parameters(wanted, given)
    parameters = {**defaults, **given}
    method, notes = wanted, []
    if wanted == "auto":
        rule = import_module("contrapeso.services._method_choice")
        method, notes = rule.suited(X, y, parameters)
    if method == "smotenc" and "categorical_features" not in given:
        parameters["categorical_features"] = categorical_columns(X)
    if method in OWN_NEIGHBORS and "k_neighbors" not in given:
        del parameters["k_neighbors"]
    if method == "adasyn":  # whose neighbours have another name
        parameters.setdefault("n_neighbors", parameters["k_neighbors"])
    kept = {name: value for name, value in parameters.items() if name in parameters_of(method)}
    notes += [f"{name} was not used: {method} has no such parameter" for name in given if name not in kept]
    return Choice(method, kept, tuple(notes))


def categorical_columns(X: Any) -> list[int]:
    """Positions of the columns that hold neither numbers nor dates."""
    views = import_module("contrapeso.samplers._views")
    containers = import_module("contrapeso.tables._containers")
    table = containers.open_table(X)
    if isinstance(table, containers.SparseTable):
        return []
    frame = table.frame()
    return [j for j, label in enumerate(frame.columns) if views.is_categorical(frame.iloc[:, j], str(label))]


__all__ = [
    "HYBRIDS",
    "METHODS",
    "VARIANTS",
    "Choice",
    "MethodInfo",
    "Parameters",
    "categorical_columns",
    "check_method",
    "check_parameters",
    "choose",
    "parameters_of",
    "sampler_class",
]
