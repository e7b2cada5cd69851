"""Documented import path of :class:`contrapeso.services.synthetic_data_generator.AdvancedSyntheticDataGenerator`."""

from contrapeso.services.synthetic_data_generator import AdvancedSyntheticDataGenerator

__all__ = ["AdvancedSyntheticDataGenerator"]
