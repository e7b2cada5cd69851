"""Documented import path of :class:`contrapeso.services.imbalanced_data_handler.ImbalancedDataHandler`."""

from contrapeso.services.imbalanced_data_handler import ImbalancedDataHandler

__all__ = ["ImbalancedDataHandler"]
