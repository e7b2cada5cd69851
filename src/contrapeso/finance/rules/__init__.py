"""Rules of bank movements: declared or learned, checked on columns, enforced on new rows, and told per rule."""

from contrapeso.finance.rules._builtin import builtin_rules
from contrapeso.finance.rules._enforce import Enforced, compare_compliance, enforce, rule_report
from contrapeso.finance.rules._functions import FUNCTIONS
from contrapeso.finance.rules._language import Expression, parse
from contrapeso.finance.rules._learn import learn_rules
from contrapeso.finance.rules._predicates import predicates, severities
from contrapeso.finance.rules._repair import Repair, repair_drafts, repair_frame
from contrapeso.finance.rules._report import Compliance, ComplianceReport, Example, RuleReport, RuleResult
from contrapeso.finance.rules._rule import LAWS, Evidence, Rule, make_rule
from contrapeso.finance.rules._ruleset import RuleSet, load_rules
from contrapeso.finance.rules._satisfiable import Contradiction, Satisfiability, Weak, check_satisfiable
from contrapeso.finance.rules._table import frame_of

__all__ = [
    "FUNCTIONS",
    "LAWS",
    "Compliance",
    "ComplianceReport",
    "Contradiction",
    "Enforced",
    "Evidence",
    "Example",
    "Expression",
    "Repair",
    "Rule",
    "RuleReport",
    "RuleResult",
    "RuleSet",
    "Satisfiability",
    "Weak",
    "builtin_rules",
    "check_satisfiable",
    "compare_compliance",
    "enforce",
    "frame_of",
    "learn_rules",
    "load_rules",
    "make_rule",
    "parse",
    "predicates",
    "repair_drafts",
    "repair_frame",
    "rule_report",
    "severities",
]
