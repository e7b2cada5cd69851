"""The documented ``FinancialCategoryBalancer``: scarce categories of bank rows filled up with synthetic ones."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from contrapeso.errors import ContrapesoWarning
from contrapeso.finance.rules import builtin_rules
from contrapeso.finance.synthesis import BalanceResult, CategoryOptions, balance
from contrapeso.finance.synthesis._options import check_method
from contrapeso.services import _balancer_state as state
from contrapeso.services._balancer_config import checked_patterns, first_patterns, merged, options_of_pattern
from contrapeso.services._balancer_statistics import plain, statistics_of
from contrapeso.services._balancer_worth import measured_worth, reason_to_decline
from contrapeso.services._config import section
from contrapeso.services.smote_implementation import SMOTEImplementation

if TYPE_CHECKING:
    from contrapeso.finance.evaluation import WorthReport
    from contrapeso.services.synthetic_data_generator import AdvancedSyntheticDataGenerator

NO_STATISTICS = ("category_stats", "temporal_stats", "amount_distributions", "learned_patterns")


class FinancialCategoryBalancer:
    """Fills up scarce categories of bank rows, expense tables and card logs with synthetic rows.

    Parameters
    ----------
    config : mapping, optional
        ``target_ratio`` (rows afterwards over those of the largest category; None is the careful goal of
        :func:`contrapeso.finance.synthesis.plan`), ``balances`` ('null', 'shadow' or 'rebase'), ``mapping`` (column to
        role, where columns cannot be told), ``inner_validation`` (True: 'auto' measures the methods on earlier and
        later rows), ``decline`` (False: whether 'auto' first measures whether balancing helps, and returns the rows as
        they came, with a warning that holds the numbers, where it does not), ``random_state`` (42), ``smote_config``
        and ``synthetic_config`` (the sections of :class:`SMOTEImplementation` and
        :class:`AdvancedSyntheticDataGenerator`; ``k_neighbors`` of the first counts here too).

    Attributes
    ----------
    config : dict
    category_patterns : dict
        Category -> what was said of it by :meth:`update_category_patterns`.
    business_rules : list of dict
        Rules that hold by construction, by name and sentence.
    smote_handler : SMOTEImplementation
    synthetic_generator : AdvancedSyntheticDataGenerator
        For numeric tables; rows of a bank are made by ``contrapeso.finance.synthesis``.
    result_ : BalanceResult or None
        Of the last call: plan, report, provenance, warnings.
    balancing_history : list of dict
        One entry per call, without rows.

    Raises
    ------
    UnknownConfigKeyError, InvalidParameterError

    Examples
    --------
    >>> made = [(f"2024-{m:02d}-05", -100.0 - m, "TED CORRETORA", "investimento") for m in range(1, 5)]
    >>> made += [(f"2024-01-{d:02d}", 50.0 + d, f"PIX RECEBIDO {d}", "receita") for d in range(1, 31)]
    >>> rows = [dict(zip(("date", "amount", "description", "category"), row)) for row in made]
    >>> balancer = FinancialCategoryBalancer({"target_ratio": 0.5})
    >>> balanced = balancer.balance_financial_categories(rows, target_category="investimento", method="pattern_based")
    >>> len(balanced), sum(row.get("is_synthetic", False) for row in balanced)
    (45, 11)
    """

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        self.config = merged(config)
        self.smote_handler = SMOTEImplementation(self._section("smote"))
        self.synthetic_generator = self._generator()
        self.category_patterns = first_patterns()
        self.business_rules = [*(dict(rule) for rule in RULES), *_checked_rules()]
        self.result_: BalanceResult | None = None
        self.balancing_history: list[dict[str, Any]] = []
        self._statistics: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in NO_STATISTICS}

    def _section(self, name: str) -> dict[str, object]:
        """The settings of one class, with the seed of this one where they give none."""
        given = self.config[f"{name}_config"]
        inner = section(name, cast("Mapping[str, object] | None", given))
        said = given if isinstance(given, Mapping) else {}
        said = said.get(name, said)
        seed = (
            {}
            if isinstance(said, Mapping) and "random_state" in said
            else {"random_state": self.config["random_state"]}
        )
        return {**inner, **seed}

    def _generator(self) -> AdvancedSyntheticDataGenerator:
        from contrapeso.services.synthetic_data_generator import AdvancedSyntheticDataGenerator

        return AdvancedSyntheticDataGenerator(self._section("synthetic"))

    def balance_financial_categories(
        self, transactions: Sequence[Any], target_category: str | None = None, method: str = "auto"
    ) -> list[Any]:
        """The transactions as they came, then synthetic rows of scarce categories.

        Parameters
        ----------
        transactions : list of dict (or of objects with columns)
        target_category : str, optional
            The only category to fill up; by default every scarce one.
        method : {'auto', 'smote', 'synthetic', 'pattern_based'}, default 'auto'

        Returns
        -------
        list of dict
            The rows given, the same objects in their order; then new rows with the same keys in the same order,
            ``is_synthetic: True`` and ``provenance``. ``result_`` holds the plan and everything else there is to say.

        Warns
        -----
        ContrapesoWarning
            If ``target_category`` does not occur, or fewer rows were made than planned.

        Raises
        ------
        InvalidParameterError
            If ``method`` does not exist.
        ColumnNotFoundError, InvalidDataError
            If the rows have no date or amount that can be read.
        """
        check_method(method)
        rows = list(transactions)
        if not rows:
            return []
        if method == "auto" and self.config["decline"]:
            seed = cast(int, self.config["random_state"])
            reason = reason_to_decline(rows, self.config["mapping"], seed, target_category)
            if reason is not None:
                warnings.warn(reason, ContrapesoWarning, stacklevel=2)
                return rows
        return self.balance(rows, target_category=target_category, method=method).rows

    def is_it_worth(self, transactions: object, **options: Any) -> WorthReport:
        """Whether new rows help a classifier on later rows, beside cheaper treatments; options as of ``worth``."""
        mapping = cast("Mapping[str, str] | None", self.config["mapping"])
        return measured_worth(transactions, mapping, cast(int, self.config["random_state"]), **options)

    def balance(self, transactions: object, **asked: Any) -> BalanceResult:
        """The whole answer: rows, plan, report, provenance and warnings; options of ``synthesis.balance`` by name."""
        start = perf_counter()
        settings = {
            "target_ratio": self.config["target_ratio"],
            "mapping": self.config["mapping"],
            "balances": self.config["balances"],
            "inner_validation": self.config["inner_validation"],
            "random_state": self.config["random_state"],
            "options": self._options(),
            "defaults": CategoryOptions(k_neighbors=cast(int, self.smote_handler.config["k_neighbors"])),
        }
        result = balance(transactions, **{**settings, **asked})
        self.result_ = result
        self._remember(result, asked, perf_counter() - start)
        for _, english in result.alarms:
            warnings.warn(english, ContrapesoWarning, stacklevel=3)
        return result

    def _options(self) -> dict[str, CategoryOptions]:
        """Options of the categories whose patterns say something."""
        k_neighbors = self.smote_handler.config["k_neighbors"]
        said = {name: pattern for name, pattern in self.category_patterns.items() if any(pattern.values())}
        return {name: options_of_pattern(pattern, cast(int, k_neighbors)) for name, pattern in said.items()}

    def _remember(self, result: BalanceResult, asked: Mapping[str, Any], seconds: float) -> None:
        """An entry of the history, and the statistics of the rows."""
        if result.learned is not None:
            self._statistics = statistics_of(result.learned)
        self.balancing_history.append(
            {
                "operation": "balance_financial_categories",
                "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
                "seconds": seconds,
                "method": asked.get("method", "auto"),
                "target_category": asked.get("target_category"),
                **result.report(),
            }
        )

    def get_category_statistics(self) -> dict[str, Any]:
        """``category_patterns``, ``business_rules``, ``category_stats``, ``temporal_stats``, ``amount_distributions``.

        The last three are those of the rows of the last call, by category; empty before. ``category_patterns`` joins
        what was said of a category with what was seen of it.
        """
        seen = plain(self._statistics)
        learned = seen.pop("learned_patterns")
        patterns = {name: dict(pattern) for name, pattern in self.category_patterns.items()}
        for name, found in learned.items():
            said = {key: value for key, value in patterns.get(name, {}).items() if value}
            patterns[name] = {**found, **said}
        return {"category_patterns": patterns, "business_rules": [dict(rule) for rule in self.business_rules], **seen}

    def update_category_patterns(self, patterns: Mapping[str, Mapping[str, Any]]) -> None:
        """Say something of categories: ``typical_amount_range`` bounds the amounts of new rows, and ``method``,
        ``target_ratio``, ``rows``, ``k_neighbors``, ``new_payees`` and ``spread`` are their parameters;
        ``common_descriptions`` and ``temporal_patterns`` are kept as notes.

        Raises
        ------
        UnknownConfigKeyError, InvalidParameterError
            Nothing is changed then.
        """
        for name, pattern in checked_patterns(patterns).items():
            self.category_patterns[name] = {**self.category_patterns.get(name, {}), **pattern}

    def save_balancer_state(self, path: str | os.PathLike[str]) -> None:
        """Write config, patterns, statistics and history to the JSON file ``path``, all of it or nothing; no row.

        Raises
        ------
        FileUnwritableError, InvalidParameterError
        """
        state.write_state(
            path,
            {
                "config": self.config,
                "category_patterns": self.category_patterns,
                "business_rules": self.business_rules,
                "statistics": self._statistics,
                "history": self.balancing_history,
            },
        )

    def load_balancer_state(self, path: str | os.PathLike[str]) -> None:
        """Read what :meth:`save_balancer_state` wrote, in the place of config, patterns, statistics and history.

        Raises
        ------
        FileMissingError, CorruptArchiveError, NewerArchiveError
        """
        found = state.read_state(path)
        try:
            fresh = type(self)(found["config"])
            patterns = checked_patterns(found["category_patterns"])
        except ValueError as error:
            raise state.corrupt(Path(path), str(error)) from error
        fresh.category_patterns, fresh.business_rules = patterns, found["business_rules"]
        fresh.balancing_history = found["history"]
        fresh._statistics = {name: found["statistics"].get(name, {}) for name in NO_STATISTICS}
        self.__dict__.update(fresh.__dict__)


def _checked_rules() -> list[dict[str, str]]:
    """The rules of the house, of which those that the rows bear out are checked on every new row."""
    return [{"name": rule.id, "pt": rule.text("pt"), "en": rule.text("en")} for rule in builtin_rules()]


RULES: tuple[Mapping[str, str], ...] = (
    {"name": "sign", "pt": "O sinal é um que a categoria tem.", "en": "The sign is one that the category has."},
    {
        "name": "calendar",
        "pt": "Nenhuma linha em fim de semana ou feriado onde as reais não têm nenhuma.",
        "en": "No row on a weekend or bank holiday where the real ones have none.",
    },
    {
        "name": "window",
        "pt": "As datas ficam entre a primeira e a última das linhas reais.",
        "en": "Dates lie between the first and the last of the real rows.",
    },
    {
        "name": "unique",
        "pt": "Nenhuma linha repete dia, valor e texto de outra.",
        "en": "No row repeats the day, amount and text of another.",
    },
    {
        "name": "once_a_month",
        "pt": "Uma série mensal não vem duas vezes no mesmo mês.",
        "en": "A monthly series does not come twice in a month.",
    },
    {
        "name": "pseudonyms",
        "pt": "Nomes e identificadores são inventados.",
        "en": "Names and identifiers are invented.",
    },
)
"""Rules that every new row keeps by construction."""

__all__ = ["FinancialCategoryBalancer"]
