"""Why something is absent or noted, in Portuguese and English, by code."""

from __future__ import annotations

REASONS: dict[str, tuple[str, str]] = {
    "insufficient_data": (
        "Dados insuficientes: a nota pede pelo menos 30 linhas sintéticas e 30 linhas reais das mesmas classes.",
        "Insufficient data: a grade needs at least 30 synthetic rows and 30 real rows of the same classes.",
    ),
    "no_shared_columns": (
        "Nenhuma coluna comparável: só há texto livre, identificadores ou colunas ausentes.",
        "No column can be compared: only free text, identifiers or missing columns.",
    ),
    "one_column": (
        "É preciso de pelo menos duas colunas comparáveis para medir dependência.",
        "At least two comparable columns are needed to measure dependence.",
    ),
    "no_dependence": (
        "Nenhum par de colunas depende um do outro além do ruído, nem nos dados reais nem nos sintéticos.",
        "No two columns depend on each other beyond noise, neither in the real nor in the synthetic table.",
    ),
    "no_rules": ("Nenhuma regra de negócio foi informada.", "No business rules were given."),
    "rules_not_applicable": (
        "Nenhuma linha sintética é atingida pelas regras informadas.",
        "The given rules apply to no synthetic row.",
    ),
    "not_measured_yet": (
        "A versão que fez este relatório não media este item.",
        "The version that made this report did not measure this.",
    ),
    "needs_holdout": (
        "É preciso de linhas reais separadas (holdout), nunca usadas para gerar os dados.",
        "Real rows set aside (a holdout), never used for generation, are needed.",
    ),
    "excluded_text": (
        "Texto livre: fica fora da comparação de distribuições.",
        "Free text: left out of the comparison of distributions.",
    ),
    "excluded_identifier": (
        "Identificador: só a unicidade é verificada.",
        "Identifier: only uniqueness is checked.",
    ),
    "duplicated_identifiers": (
        "Identificador com valores repetidos nos dados sintéticos, únicos nos reais.",
        "Identifier with repeated values in the synthetic table, unique in the real one.",
    ),
    "extra_column": (
        "A coluna existe só na tabela sintética; não há com o que comparar.",
        "The column exists in the synthetic table only; there is nothing to compare it with.",
    ),
    "missing_column": (
        "A coluna não existe na tabela sintética: nota zero.",
        "The column is missing from the synthetic table: score zero.",
    ),
    "not_castable": (
        "Os valores sintéticos não podem ser convertidos para o tipo da coluna real: nota zero.",
        "The synthetic values cannot be converted to the type of the real column: score zero.",
    ),
    "cast": (
        "O tipo difere do real; os valores foram convertidos sem perda.",
        "The type differs from the real one; the values were converted without loss.",
    ),
    "constant": (
        "Coluna constante nos dados reais: a nota é a parcela igual a essa constante.",
        "Constant in the real table: the score is the share equal to that constant.",
    ),
    "all_null_real": (
        "Coluna toda vazia nos dados reais: a nota é a parcela vazia nos sintéticos.",
        "All null in the real table: the score is the null share of the synthetic one.",
    ),
    "all_null_synthetic": (
        "Coluna toda vazia nos dados sintéticos: nota zero.",
        "All null in the synthetic table: score zero.",
    ),
    "class_absent_in_real": (
        "Há classes sintéticas que não existem nos dados reais.",
        "Some synthetic classes do not exist in the real table.",
    ),
    "class_mix_fixed": (
        "A proporção das classes é escolha do plano de balanceamento, por isso não é cobrada.",
        "The class mix is a choice of the balancing plan, so it is not scored.",
    ),
    "reference_whole_table": (
        "Referência: a tabela real inteira.",
        "Reference: the whole real table.",
    ),
    "reference_class_mix": (
        "Referência: as linhas reais, repesadas para a proporção de classes das sintéticas.",
        "Reference: the real rows, re-weighted to the class mix of the synthetic ones.",
    ),
    "ceiling_holdout": (
        "Teto: as mesmas medidas entre os dados reais e as linhas separadas (holdout).",
        "Ceiling: the same measures between the real rows and the holdout.",
    ),
    "ceiling_half_split": (
        "Teto estimado: as mesmas medidas entre metades sorteadas dos dados reais.",
        "Estimated ceiling: the same measures between random halves of the real rows.",
    ),
    "ceiling_none": (
        "Teto não medido: há poucas linhas reais.",
        "Ceiling not measured: there are too few real rows.",
    ),
    "privacy_cannot_be_assessed": (
        "Privacidade não avaliada: sem linhas separadas (holdout) não se sabe o que é vazamento e o que é coincidência.",
        "Privacy cannot be assessed: without a holdout nobody knows what is a leak and what is chance.",
    ),
    "privacy_no_excess_found": (
        "Nenhum ataque encontrado entre os testados. Isto não prova privacidade.",
        "No attack found among those tried. This does not prove privacy.",
    ),
    "privacy_excess_copies": (
        "Há mais cópias exatas de linhas reais do que o acaso explica: NÃO DIVULGUE estes dados.",
        "There are more exact copies of real rows than chance explains: DO NOT RELEASE these data.",
    ),
    "privacy_attack_succeeded": (
        "Um ataque acerta mais nas linhas usadas do que em linhas nunca usadas: NÃO DIVULGUE estes dados. Treinar modelos dentro de casa não é divulgar.",
        "An attack does better on rows that were used than on rows that never were: DO NOT RELEASE these data. Training models in the house is no release.",
    ),
    "quick": (
        "Avaliação rápida: o que precisa de modelos ficou de fora.",
        "Quick assessment: what needs models was left out.",
    ),
    "few_model_rows": (
        "Poucas linhas para treinar modelos: são precisas pelo menos 50 de cada lado.",
        "Too few rows to train models: at least 50 on each side are needed.",
    ),
    "classes_left_out": (
        "Classes sem linhas sintéticas: ficam fora da comparação.",
        "Classes without a synthetic row: left out of the comparison.",
    ),
    "no_sensitive": (
        "Nenhuma coluna sensível foi indicada.",
        "No sensitive column was named.",
    ),
    "no_sequence": (
        "Nenhuma coluna de ordem foi indicada.",
        "No column that orders the rows was named.",
    ),
    "sequence_missing": (
        "A tabela sintética não tem a coluna de ordem ou a de chave.",
        "The synthetic table lacks the column of order or the key.",
    ),
    "group_too_small": (
        "Menos de 30 linhas no grupo: nenhum número.",
        "Fewer than 30 rows in the group: no number.",
    ),
    "too_few_rows": ("Poucas linhas para medir.", "Too few rows to measure."),
    "one_group": (
        "Há um só grupo; não há com o que comparar.",
        "There is one group only; nothing to compare.",
    ),
    "no_target": ("Nenhuma coluna de classes foi indicada.", "No class column was named."),
    "single_class": ("A tabela real tem uma só classe.", "The real table has one class only."),
    "no_positive": ("Nenhum grupo tem linhas positivas.", "No group has a positive row."),
    "too_few_sequence_rows": (
        "Menos de 30 linhas com data (e chave) em uma das tabelas.",
        "Fewer than 30 rows with a date (and key) in one of the tables.",
    ),
    "order_unreadable": (
        "A coluna de ordem não tem datas nem números legíveis.",
        "The order column holds no readable dates or numbers.",
    ),
    "no_sequence_structure": (
        "As linhas não formam sequências que se possam comparar.",
        "The rows form no sequences that can be compared.",
    ),
    "too_few_rows_for_support": (
        "Menos de 30 linhas na mistura de classes sintética.",
        "Fewer than 30 rows in the synthetic class mix.",
    ),
    "too_few_rows_for_reference": (
        "Nenhuma classe em comum com linhas bastantes.",
        "No shared class with enough rows.",
    ),
    "no_categories": (
        "Não há colunas de categorias.",
        "There are no category columns.",
    ),
    "no_tails": (
        "Nenhuma coluna numérica tem caudas.",
        "No numeric column has tails.",
    ),
    "needs_two_columns": (
        "É preciso de duas colunas.",
        "Two columns are needed.",
    ),
    "column_not_compared": (
        "A coluna não entra na comparação.",
        "The column is not compared.",
    ),
    "all_rows_alike": (
        "As linhas são iguais demais para medir.",
        "The rows are too alike to measure.",
    ),
    "control_always_right": (
        "O palpite acerta sempre, mesmo em linhas nunca usadas.",
        "The guess is always right, even on rows never used.",
    ),
    "no_unique_values": (
        "Nenhuma condição isola uma linha sintética.",
        "No condition singles out a synthetic row.",
    ),
    "holdout_differs": (
        "As linhas separadas diferem das usadas; não servem de controle.",
        "The holdout differs from the rows used, so it is no control.",
    ),
    "real_rows_differ": (
        "As linhas reais novas diferem demais das de treino para servir de referência.",
        "The fresh real rows differ too much from the training rows to serve as a reference.",
    ),
    "nothing_predictable": (
        "Nem linhas reais preveem alguma coluna.",
        "Not even real rows predict any column.",
    ),
    "target_not_predictable": (
        "Nem linhas reais preveem o alvo.",
        "Not even real rows predict the target.",
    ),
    "column_not_predictable": (
        "Nem linhas reais preveem esta coluna.",
        "Not even real rows predict this column.",
    ),
    "one_class": (
        "O alvo só tem uma classe.",
        "The target has only one class.",
    ),
    "classes_missing": (
        "Faltam classes do alvo na tabela sintética.",
        "The synthetic table lacks classes of the target.",
    ),
    "nothing_varies": (
        "Nada varia nestas linhas.",
        "Nothing varies in these rows.",
    ),
    "many_classes": (
        "Só definido para duas classes.",
        "Defined for two classes only.",
    ),
    "sampled_rows": (
        "Medido em uma amostra uniforme de linhas, porque a tabela não cabe na memória.",
        "Measured on a uniform sample of rows, because the table does not fit in memory.",
    ),
    "labels_not_exact": (
        "Categorias demais: as raras foram contadas juntas.",
        "Too many categories: the rare ones were counted together.",
    ),
    "many_columns": (
        "Tabela muito larga: pares medidos entre 400 colunas sorteadas pelo nome.",
        "Very wide table: pairs measured among 400 columns drawn by their names.",
    ),
    "page_cut": (
        "Tabela muito larga: a página mostra as 400 piores colunas; as outras estão no JSON ao lado.",
        "Very wide table: the page shows the 400 worst columns; the others are in the JSON beside it.",
    ),
    "sequences_need_all_rows": (
        "Sequências só se medem com todas as linhas; aqui há uma amostra.",
        "Sequences are measured on all rows only; this is a sample.",
    ),
}

__all__ = ["REASONS"]
