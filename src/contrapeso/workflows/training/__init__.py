"""Classifiers: trained with and without a treatment of the imbalance, judged on untouched rows, kept, and used."""

from contrapeso.workflows.training._models import (
    ModelsResult,
    get_model,
    list_models,
    load_model,
    register_model,
    set_stage,
)
from contrapeso.workflows.training._predict import PredictResult, predict
from contrapeso.workflows.training._recipes import process_data_with_balancing, train_with_balancing
from contrapeso.workflows.training._result import TrainResult
from contrapeso.workflows.training._train import train

__all__ = [
    "ModelsResult",
    "PredictResult",
    "TrainResult",
    "get_model",
    "list_models",
    "load_model",
    "predict",
    "process_data_with_balancing",
    "register_model",
    "set_stage",
    "train",
    "train_with_balancing",
]
