"""New movements: learn from training rows, plan, draft by one of three methods, balance."""

from contrapeso.finance.synthesis._balance import BalanceResult, Drafted, balance, drafted
from contrapeso.finance.synthesis._draft import draft
from contrapeso.finance.synthesis._judge import Judgement, judged
from contrapeso.finance.synthesis._learn import Learned, learn
from contrapeso.finance.synthesis._options import METHODS, AskedMethod, CategoryOptions, Method
from contrapeso.finance.synthesis._plan import Plan, PlanItem, plan
from contrapeso.finance.synthesis._spellings import Grouped, Spellings, group_spellings

__all__ = [
    "METHODS",
    "AskedMethod",
    "BalanceResult",
    "CategoryOptions",
    "Drafted",
    "Grouped",
    "Judgement",
    "Learned",
    "Method",
    "Plan",
    "PlanItem",
    "Spellings",
    "balance",
    "draft",
    "drafted",
    "group_spellings",
    "judged",
    "learn",
    "plan",
]
