"""Documented import path of :class:`contrapeso.services.financial_category_balancer.FinancialCategoryBalancer`."""

from contrapeso.services.financial_category_balancer import FinancialCategoryBalancer

__all__ = ["FinancialCategoryBalancer"]
