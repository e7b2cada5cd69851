"""Every word that the command line prints, in Portuguese and English."""

from __future__ import annotations

from typing import Final

from contrapeso.cli._output import Language

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "file": ("arquivo", "file"),
    "rows": ("linhas", "rows"),
    "imported": ("importadas", "imported"),
    "duplicates": ("duplicadas", "duplicates"),
    "set_aside": ("em quarentena", "quarantined"),
    "not_transactions": ("não são lançamentos", "not transactions"),
    "result": ("situação", "result"),
    "already": ("arquivo já importado", "file already imported"),
    "refused": ("recusado", "refused"),
    "ok": ("ok", "ok"),
    "review": (
        "Linhas que pedem revisão: {n}; `contrapeso import --json` mostra cada uma com o motivo.",
        "Rows that need a look: {n}; `contrapeso import --json` lists each with its reason.",
    ),
    "new_labels": (
        "Grafias novas de categorias: {n}; reveja com `contrapeso labels`.",
        "New spellings of categories: {n}; review them with `contrapeso labels`.",
    ),
    "table": ("Tabela", "Table"),
    "target": ("Categoria-alvo", "Target"),
    "class": ("classe", "class"),
    "before": ("antes", "before"),
    "added": ("criadas", "added"),
    "dropped": ("retiradas", "dropped"),
    "after": ("depois", "after"),
    "written": ("Gravado", "Written"),
    "provenance": ("Proveniência", "Provenance"),
    "method": ("método", "method"),
    "trained_on": ("linhas de treino", "training rows"),
    "probe": ("AUC do teste (0,5 é o melhor)", "probe AUC (0.5 is best)"),
    "cpu_seconds": ("segundos de CPU", "CPU seconds"),
    "relations": ("relações mantidas", "relations kept"),
    "classes": ("Linhas por classe", "Rows per class"),
    "card": ("Ficha do modelo", "Model card"),
    "model": ("Modelo", "Model"),
    "held_out": (
        "{n} linhas reais à parte: contrapeso assess {train} {out} --holdout {path}",
        "{n} real rows set aside: contrapeso assess {train} {out} --holdout {path}",
    ),
    "report": ("Relatório", "Report"),
    "seed": ("semente", "seed"),
    "grade": ("Nota", "Grade"),
    "score": ("pontuação", "score"),
    "ceiling": ("teto", "ceiling"),
    "no_grade": ("sem nota", "no grade"),
    "provisional": ("provisória", "provisional"),
    "do_not_release": ("NÃO DIVULGUE", "DO NOT RELEASE"),
    "interval": ("intervalo de 95 %", "95 % interval"),
    "threshold": ("limite", "threshold"),
    "not_measured": ("não medido", "not measured"),
    "advice": ("O que melhorar primeiro", "What to fix first"),
    "privacy": ("Privacidade", "Privacy"),
    "spelling": ("grafia", "spelling"),
    "count": ("vezes", "count"),
    "stands_for": ("categoria", "category"),
    "status": ("situação", "status"),
    "reason": ("motivo", "reason"),
    "no_labels": (
        "Nenhuma categoria no banco de dados. Importe um livro-caixa: contrapeso import ARQUIVO",
        "No categories in the database. Import a company book first: contrapeso import FILE",
    ),
    "measure": ("medida (* decide)", "measure (* decides)"),
    "without": ("sem tratar", "untreated"),
    "with": ("tratado", "treated"),
    "difference": ("diferença", "difference"),
    "interval_short": ("intervalo 95 %", "95 % interval"),
    "measure_average_precision": ("precisão média", "average precision"),
    "measure_macro_f1": ("F1 macro", "macro F1"),
    "measure_minority_f1": ("F1 das classes raras", "F1 of the rare classes"),
    "measure_balanced_accuracy": ("acurácia balanceada", "balanced accuracy"),
    "measure_mcc": ("correlação de Matthews", "Matthews correlation"),
    "measure_accuracy": ("acurácia", "accuracy"),
    "measure_log_loss": ("log-loss (menor é melhor)", "log loss (lower is better)"),
    "measure_brier": ("Brier (menor é melhor)", "Brier (lower is better)"),
    "model_type": ("tipo de modelo", "model type"),
    "treatment": ("tratamento", "treatment"),
    "verdict": ("Veredito", "Verdict"),
    "verdict_ajuda": ("o tratamento ajuda", "the treatment helps"),
    "verdict_ajuda_threshold": (
        "mover o limiar ajuda; não é preciso balancear",
        "moving the threshold helps; no balancing is needed",
    ),
    "verdict_ajuda_calibrated": (
        "calibrar as probabilidades ajuda; não é preciso balancear",
        "calibrating the probabilities helps; no balancing is needed",
    ),
    "verdict_empate": ("empate: tratar não muda o resultado além do acaso", "tie: no change beyond chance"),
    "verdict_prejudica": ("o tratamento prejudica", "the treatment harms"),
    "short_ajuda": ("ajuda", "helps"),
    "short_empate": ("empate", "tie"),
    "short_prejudica": ("prejudica", "harms"),
    "split_time": (
        "Treino: {train} linhas; intocadas: {test}, desde {day}",
        "Trained on {train} rows; untouched: {test}, from {day} on",
    ),
    "split_group": (
        "Treino: {train} linhas; intocadas: {test}, em grupos inteiros",
        "Trained on {train} rows; untouched: {test}, whole groups",
    ),
    "split_stratified": (
        "Treino: {train} linhas; intocadas: {test}, por classe",
        "Trained on {train} rows; untouched: {test}, by class",
    ),
    "train_rows": ("treino", "training"),
    "test_rows": ("intocadas", "untouched"),
    "precision": ("precisão", "precision"),
    "recall": ("revocação", "recall"),
    "stratum_seen": ("Acurácia em favorecidos já vistos", "Accuracy on payees seen in training"),
    "stratum_cold": ("Acurácia em favorecidos novos", "Accuracy on new payees"),
    "id": ("id", "id"),
    "stage": ("estágio", "stage"),
    "trained_at": ("treinado em", "trained on"),
    "no_models": (
        "Nenhum modelo registrado. Treine um: contrapeso train ARQUIVO --target COLUNA",
        "No model is registered. Train one: contrapeso train FILE --target COLUMN",
    ),
    "step_import": ("1. Importação dos extratos e do livro-caixa", "1. Import of statements and company book"),
    "step_analyze": ("2. Análise do desequilíbrio", "2. Analysis of the imbalance"),
    "step_balance": ("3. Balanceamento", "3. Balancing"),
    "step_assess": ("4. Avaliação das linhas sintéticas", "4. Quality of the synthetic rows"),
    "step_export": ("5. Arquivos entregues", "5. Files delivered"),
    "open": ("Abra o relatório no navegador", "Open the report in a browser"),
    "kernels": ("Núcleos de cálculo", "Kernels"),
    "kernels_native": ("nativos, {isa} (disponíveis: {isas})", "native, {isa} (available: {isas})"),
    "kernels_asked": ("Python (CONTRAPESO_KERNELS=python)", "Python (CONTRAPESO_KERNELS=python)"),
    "kernels_not_built": (
        "Python; os nativos não foram compilados nesta instalação",
        "Python; the native ones were not compiled in this installation",
    ),
    "way_out_asked": (
        "  Mesmos resultados, mais devagar. Para usar os nativos, apague a variável.",
        "  Same answers, slower. Unset the variable to use the native ones.",
    ),
    "way_out_not_built": (
        "  Mesmos resultados, mais devagar. Com um compilador C++20 (Debian: g++), instale outra vez, ou: make native.",
        "  Same answers, slower. With a C++20 compiler (Debian: g++) install again, or: make native.",
    ),
    "threads": ("Threads por padrão", "Threads by default"),
    "state_folder": ("Pasta de dados", "State folder"),
    "writable": ("gravável", "writable"),
    "not_writable": (
        "NÃO gravável; indique outra com --state-dir ou CONTRAPESO_STATE_DIR",
        "NOT writable; name another with --state-dir or CONTRAPESO_STATE_DIR",
    ),
    "database": ("Banco de dados", "Database"),
    "database_sqlite": ("SQLite", "SQLite"),
    "database_postgresql": ("PostgreSQL", "PostgreSQL"),
    "database_unknown": (
        "DATABASE_URL não é sqlite nem postgresql",
        "DATABASE_URL is neither sqlite nor postgresql",
    ),
    "extra": ("Extra", "Extra"),
    "installed": ("instalado", "installed"),
    "absent": ("não instalado ({how})", "not installed ({how})"),
    "example_company": (
        "Empresa fictícia, simulada pelo próprio Contrapeso.",
        "A fictional company, simulated by Contrapeso itself.",
    ),
}


def text(key: str, language: Language, **values: object) -> str:
    """The words under ``key``, with ``values`` filled in."""
    return _TEXTS[key][0 if language == "pt" else 1].format(**values)


def number(value: float, language: Language, decimals: int = 0) -> str:
    """``value`` with the separators of the language."""
    plain = f"{value:,.{decimals}f}"
    return plain.translate(str.maketrans(",.", ".,")) if language == "pt" else plain


__all__ = ["number", "text"]
