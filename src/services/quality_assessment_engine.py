"""Documented import path of :class:`contrapeso.services.quality_assessment_engine.QualityAssessmentEngine`."""

from contrapeso.services.quality_assessment_engine import QualityAssessmentEngine

__all__ = ["QualityAssessmentEngine"]
