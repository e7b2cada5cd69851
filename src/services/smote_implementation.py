"""Documented import path of :class:`contrapeso.services.smote_implementation.SMOTEImplementation`."""

from contrapeso.services.smote_implementation import SMOTEImplementation

__all__ = ["SMOTEImplementation"]
