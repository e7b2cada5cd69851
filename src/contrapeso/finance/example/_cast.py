"""Who appears in the example: the company, its accounts, people, customers and suppliers. All invented.

Surnames and firms are made-up words; bank codes 990 and 991 belong to no bank. A natural person's
CPF is shown masked only, as banks print it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

AccountName: TypeAlias = Literal["alameda", "serra", "wallet"]


@dataclass(frozen=True, slots=True)
class Account:
    """An account: bank name, COMPE code (empty for a wallet), branch, number, opening balance in centavos."""

    bank: str
    code: str
    branch: str
    number: str
    opening_cents: int


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person with the CPF as a bank prints it."""

    name: str
    masked_cpf: str


@dataclass(frozen=True, slots=True)
class Payee:
    """A firm that is paid: typical amount and spread (log scale), payments a month, how, under what category."""

    name: str
    median_cents: int
    spread: float
    per_month: float
    kind: str
    category: str


COMPANY = "Zumbarim Móveis e Reparos Ltda"
ACCOUNTS: dict[AccountName, Account] = {
    "alameda": Account("Banco Alameda", "990", "0012", "45871-3", 18_432_57),
    "serra": Account("Cooperativa Serra Azul", "991", "0307", "7203-8", 24_905_10),
    "wallet": Account("Carteira Tucunã", "", "", "zumbarim", 1_250_00),
}
ACQUIRER = "Tucunã Pagamentos"
PARTNERS = ("Dalva Brazanel", "Otto Quintarelo")
EMPLOYEES = (
    ("Jonas Verzolim", 2_684_31),
    ("Mirela Cantorelo", 2_215_78),
    ("Davi Marquezal", 1_973_44),
    ("Sueli Pintanga", 1_746_90),
)
"""Name and net monthly wage in centavos in the first year."""

SALES, SUPPLIERS, FEES = "Receita de Vendas", "Fornecedores", "Tarifas Bancárias"
OPERATING, PAYROLL, TAXES = "Despesas Operacionais", "Folha de Pagamento", "Impostos / Tributos"
PHONE, POWER, RENT, SUBSCRIPTIONS = "Telefonia", "Energia e Água", "Aluguel", "Assinaturas"
WITHDRAWAL, REFUND, INTEREST, CAPITAL = "Retirada de Sócio", "Reembolso", "Juros / Multa", "Aporte"
CATEGORIES = (
    SALES, SUPPLIERS, FEES, OPERATING, PAYROLL, TAXES, PHONE, POWER, RENT, SUBSCRIPTIONS, WITHDRAWAL, REFUND,
    INTEREST, CAPITAL,
)  # fmt: skip

PAYEES = (
    Payee("Madeireira Tarumbé", 1_280_00, 0.45, 2.4, "boleto_out", SUPPLIERS),
    Payee("Compensados Aricanga", 940_00, 0.50, 1.6, "boleto_out", SUPPLIERS),
    Payee("Ferragens Pirambóia", 310_00, 0.60, 2.6, "boleto_out", SUPPLIERS),
    Payee("Tintas Quimerim", 420_00, 0.50, 1.7, "boleto_out", SUPPLIERS),
    Payee("Vidraçaria Alvorim", 560_00, 0.65, 1.1, "pix_out", SUPPLIERS),
    Payee("Espumas Caxinguel", 380_00, 0.40, 1.0, "boleto_out", SUPPLIERS),
    Payee("Tecidos Lumarana", 510_00, 0.55, 0.9, "ted_out", SUPPLIERS),
    Payee("Depósito Jandaré", 165_00, 0.70, 1.9, "pix_out", SUPPLIERS),
    Payee("Usinagem Torvelim", 730_00, 0.50, 0.8, "pix_out", SUPPLIERS),
    Payee("Embalagens Piracaí", 145_00, 0.40, 1.0, "boleto_out", SUPPLIERS),
    Payee("Depósito Jandaré", 62_00, 0.50, 0.9, "pix_out", OPERATING),
    Payee("Ferragens Pirambóia", 88_00, 0.50, 0.7, "boleto_out", OPERATING),
    Payee("Usinagem Torvelim", 210_00, 0.45, 0.4, "pix_out", OPERATING),
    Payee("Posto Marambeia", 198_00, 0.30, 3.6, "card_out", OPERATING),
    Payee("Papelaria Traço Torto", 74_00, 0.55, 0.9, "card_out", OPERATING),
    Payee("Limpeza Espelhada", 320_00, 0.10, 1.0, "pix_out", OPERATING),
    Payee("Fretes Corredeira", 240_00, 0.45, 1.9, "pix_out", OPERATING),
    Payee("Oficina Parafuseta", 390_00, 0.60, 0.5, "pix_out", OPERATING),
    Payee("Lanchonete Pé de Moleque", 48_00, 0.50, 1.2, "card_out", OPERATING),
)
"""Irregular purchases. Some payees appear under two categories: the description alone does not decide."""

ACCOUNTANT = "Contábil Régua e Compasso"
POWER_COMPANY, WATER_COMPANY = "Luz do Vale Quimera", "Águas de Quimera"
MEAL_CARD, LANDLORD, SHED_OWNER = "Vale Panela Benefícios", "Imobiliária Telhado Bom", "Galpões Caraíva Velha"
PHONE_LINES = (("Celular Papagaio", 89_90, 12), ("Fibra Jandaré Net", 199_90, 18), ("Telequim Fixo", 0, 22))
"""Name, price point in centavos (0: varies) and due day."""

SUBSCRIPTION_PLANS = (
    ("Gestor Lumbre ERP", 149_90, 169_90, 3),
    ("NuvemBaú Arquivos", 34_90, 34_90, 9),
    ("Vitrine Web Loja", 59_90, 64_90, 14),
    ("Assina Já Docs", 27_00, 29_00, 25),
)
"""Name, price in the first year, price afterwards, day of the month."""

FIRMS = (
    "Pousada Vale do Quimbé", "Condomínio Jandarés", "Escola Trilhagem", "Café Turmalim", "Hotel Serranova Alta",
    "Clínica Sorrisal", "Livraria Folha Avulsa", "Restaurante Panela Torta", "Academia Fôlego Novo",
    "Buffet Açucena Rara", "Construtora Prumo Reto", "Padaria Trigueira Nova", "Studio Varanda Azul",
    "Creche Pirilampim", "Coworking Mesa Posta",
)  # fmt: skip
_FIRST = (
    "Adélia", "Bento", "Cássia", "Dirceu", "Eloá", "Fabrício", "Graça", "Heitor", "Inês", "Joaquim", "Kátia", "Lázaro",
    "Marília", "Nélio", "Odete", "Plínio", "Quitéria", "Rômulo", "Sílvia", "Túlio", "Úrsula", "Valdir", "Wanda", "Zeno",
)  # fmt: skip
_LAST = (
    "Abrunhim", "Brazanel", "Cantorelo", "Dourejo", "Espadelim", "Farrumba", "Gambetto", "Hortaliz", "Itacuruba Neves",
    "Jequitaim", "Lamparelo", "Marquezal", "Novarim", "Orvalhim", "Pintanga", "Quintarelo", "Ramalhim", "Sabugueirim",
    "Tarugo Lima", "Urucuim", "Verzolim", "Xistosa", "Zabelim",
)  # fmt: skip


def customers(rng: np.random.Generator, n: int = 160) -> tuple[Person, ...]:
    """``n`` different invented persons who buy at the shop."""
    pairs = rng.choice(len(_FIRST) * len(_LAST), size=n, replace=False)
    names = (f"{_FIRST[pair % len(_FIRST)]} {_LAST[pair // len(_FIRST)]}" for pair in pairs.tolist())
    digits = rng.integers(0, 1000, size=(n, 2)).tolist()
    return tuple(Person(name, f"***.{a:03d}.{b:03d}-**") for name, (a, b) in zip(names, digits, strict=True))


__all__ = [
    "ACCOUNTANT",
    "ACCOUNTS",
    "ACQUIRER",
    "CAPITAL",
    "CATEGORIES",
    "COMPANY",
    "EMPLOYEES",
    "FEES",
    "FIRMS",
    "INTEREST",
    "LANDLORD",
    "MEAL_CARD",
    "OPERATING",
    "PARTNERS",
    "PAYEES",
    "PAYROLL",
    "PHONE",
    "PHONE_LINES",
    "POWER",
    "POWER_COMPANY",
    "REFUND",
    "RENT",
    "SALES",
    "SHED_OWNER",
    "SUBSCRIPTIONS",
    "SUBSCRIPTION_PLANS",
    "SUPPLIERS",
    "TAXES",
    "WATER_COMPANY",
    "WITHDRAWAL",
    "Account",
    "AccountName",
    "Payee",
    "Person",
    "customers",
]
