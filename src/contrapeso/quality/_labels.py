"""The page's own words, Portuguese and English: headings, grades in words, and what each number means.

One catalogue, longer than most files because it holds words only. Sentences for the codes that a
report carries (reasons, notes, recommendations) live in ``_texts``.
"""

from __future__ import annotations

from typing import NamedTuple

from contrapeso.quality._format import Language


class Words(NamedTuple):
    """The same words in both languages."""

    pt: str
    en: str

    def to(self, language: Language) -> str:
        """The words in ``language``."""
        return self.pt if language == "pt" else self.en


class MetricText(NamedTuple):
    """A metric in three lines: what it means, what is good, where it ends."""

    name: Words
    means: Words
    good: Words
    limits: Words


GRADE_WORDS = {
    "A": Words("Excelente", "Excellent"),
    "B": Words("Boa", "Good"),
    "C": Words("Regular", "Fair"),
    "D": Words("Fraca", "Weak"),
    "F": Words("Insuficiente", "Poor"),
}

GRADE_SENTENCES = {
    "A": Words(
        "Em tudo o que foi medido, as linhas sintéticas se comportam quase como as reais.",
        "In everything that was measured, the synthetic rows behave almost like the real ones.",
    ),
    "B": Words(
        "As linhas sintéticas são parecidas com as reais, com diferenças pequenas.",
        "The synthetic rows resemble the real ones, with small differences.",
    ),
    "C": Words(
        "As linhas sintéticas diferem das reais o bastante para mudar resultados; corrija o que está abaixo antes de "
        "confiar nelas.",
        "The synthetic rows differ from the real ones enough to change results; fix what is listed below before you "
        "rely on them.",
    ),
    "D": Words(
        "As linhas sintéticas diferem muito das reais; use-as só para testar sistemas, não para tirar conclusões.",
        "The synthetic rows differ a lot from the real ones; use them to test systems, not to draw conclusions.",
    ),
    "F": Words(
        "As linhas sintéticas não representam as reais; não as use para análise nem para treinar modelos.",
        "The synthetic rows do not represent the real ones; do not use them for analysis or to train models.",
    ),
}

DIMENSION_WORDS = {
    "statistical_similarity": Words("Cada coluna, sozinha", "Each column on its own"),
    "distribution_preservation": Words("Relações entre colunas", "Relations between columns"),
    "business_rule_compliance": Words("Regras de negócio", "Business rules"),
    "model_performance": Words("Utilidade para modelos", "Usefulness for models"),
}


def dimension_text(name: str, language: Language) -> str:
    """Name of a dimension of quality for people."""
    return DIMENSION_WORDS[name].to(language)


KIND_WORDS = {
    "continuous": Words("número", "number"),
    "integer": Words("número inteiro", "whole number"),
    "money": Words("dinheiro", "money"),
    "boolean": Words("sim ou não", "yes or no"),
    "categorical": Words("categoria", "category"),
    "ordinal": Words("categoria ordenada", "ordered category"),
    "datetime": Words("data", "date"),
    "text": Words("texto livre", "free text"),
    "identifier": Words("identificador", "identifier"),
}

DIRECTION_WORDS = {
    "kept": Words("mantido", "kept"),
    "lost": Words("perdido", "lost"),
    "invented": Words("inventado", "invented"),
    "changed": Words("mudou de forma", "changed in form"),
}

DIRECTION_PLURALS = {
    "kept": Words("mantidos", "kept"),
    "lost": Words("perdidos", "lost"),
    "invented": Words("inventados", "invented"),
    "changed": Words("mudaram de forma", "changed in form"),
}

ROLE_WORDS = {
    "null": Words("vazio", "empty"),
    "other": Words("outras", "others"),
    "unseen": Words("inéditas", "not in real"),
    "suppressed": Words("raras, agrupadas", "rare, merged"),
}

PRIVACY_WORDS = {
    "cannot_be_assessed": Words("Não pode ser avaliada", "Cannot be assessed"),
    "no_excess_found": Words("Nenhum excesso de cópias encontrado", "No excess of copies found"),
    "excess_copies": Words("Não divulgue", "Do not release"),
}

NOT_ASSESSED_WORDS = {
    "business_rule_compliance": DIMENSION_WORDS["business_rule_compliance"],
    "model_performance": DIMENSION_WORDS["model_performance"],
    "statistical_similarity": DIMENSION_WORDS["statistical_similarity"],
    "distribution_preservation": DIMENSION_WORDS["distribution_preservation"],
    "overall": Words("Pontuação geral", "Overall score"),
    "exact_copies": Words("Cópias exatas", "Exact copies"),
    "joint_test": Words("Estrutura conjunta (um modelo distingue?)", "Joint structure (can a model tell?)"),
    "privacy": Words("Privacidade", "Privacy"),
    "privacy_attacks": Words("Ataques à privacidade", "Privacy attacks"),
    "columns": Words("Colunas", "Columns"),
}

METRICS = {
    "overall": MetricText(
        Words("Pontuação geral", "Overall score"),
        Words(
            "Média geométrica das dimensões medidas, com pesos: uma dimensão perto de zero não é compensada pelas "
            "outras.",
            "Weighted geometric mean of the measured dimensions: the others cannot buy back one near zero.",
        ),
        Words("0,90 ou mais é A; abaixo de 0,60 é F.", "0.90 or more is A; below 0.60 is F."),
        Words(
            "Só fala do que foi medido; qualquer dimensão abaixo do mínimo limita a nota a C.",
            "It speaks only of what was measured; any dimension under its minimum limits the grade to C.",
        ),
    ),
    "ceiling": MetricText(
        Words("Teto", "Ceiling"),
        Words(
            "O que outras linhas reais, na mesma quantidade, tirariam na mesma prova.",
            "What other real rows, equally many, would score in the same exam.",
        ),
        Words("Chegar perto do teto; passar dele não é mérito.", "Getting close to it; passing it is no merit."),
        Words(
            "Medido em amostras: com poucas linhas, o próprio teto oscila.",
            "Measured on samples: with few rows the ceiling itself wobbles.",
        ),
    ),
    "interval": MetricText(
        Words("Intervalo de 95%", "95% interval"),
        Words(
            "A margem de erro: repetindo com outras linhas, a pontuação cairia quase sempre nessa faixa.",
            "The margin of error: with other rows the score would nearly always fall in this range.",
        ),
        Words("Quanto mais estreito, melhor.", "The narrower, the better."),
        Words("Se cruza duas notas, o relatório mostra as duas.", "Where it spans two grades the report shows both."),
    ),
    "column": MetricText(
        Words("Semelhança da coluna", "Column similarity"),
        Words(
            "Parcela das linhas que caem nas mesmas faixas ou categorias, vazios incluídos, descontado o acaso.",
            "Share of rows that fall into the same ranges or categories, empties included, chance taken off.",
        ),
        Words("Acima de 0,90.", "Above 0.90."),
        Words("Não vê relações com outras colunas.", "Blind to relations with other columns."),
    ),
    "ks": MetricText(
        Words("Distribuição acumulada (KS)", "Cumulative distribution (KS)"),
        Words(
            "1 menos a maior distância entre as curvas acumuladas, real e sintética.",
            "1 minus the largest gap between the real and the synthetic cumulative curves.",
        ),
        Words("Acima de 0,95.", "Above 0.95."),
        Words("Pouco sensível às pontas (valores extremos).", "Not very sensitive to the tails."),
    ),
    "tv": MetricText(
        Words("Frequências (variação total)", "Frequencies (total variation)"),
        Words(
            "Parcela das linhas nas mesmas categorias nas duas tabelas.",
            "Share of rows in the same categories in both tables.",
        ),
        Words("Acima de 0,95.", "Above 0.95."),
        Words(
            "Com poucas linhas, o acaso já tira alguns centésimos.",
            "With few rows chance alone takes some hundredths off.",
        ),
    ),
    "js": MetricText(
        Words("Jensen-Shannon", "Jensen-Shannon"),
        Words(
            "1 menos a distância entre as duas distribuições; categorias perdidas pesam mais.",
            "1 minus the distance between the two distributions; lost categories weigh more.",
        ),
        Words("Acima de 0,90.", "Above 0.90."),
        Words("Depende de como os números são divididos em faixas.", "Depends on how numbers are cut into ranges."),
    ),
    "wasserstein": MetricText(
        Words("Deslocamento (Wasserstein)", "Displacement (Wasserstein)"),
        Words(
            "Quanto os valores teriam de andar, em intervalos interquartis da coluna real.",
            "How far the values would have to move, in interquartile ranges of the real column.",
        ),
        Words("Abaixo de 0,05; aqui, menor é melhor.", "Below 0.05; here smaller is better."),
        Words("Poucos valores enormes podem dominar.", "A few huge values can dominate."),
    ),
    "nulls": MetricText(
        Words("Vazios", "Empty cells"),
        Words("Parcela de células vazias, real e sintética.", "Share of empty cells, real and synthetic."),
        Words("Diferença abaixo de 2 pontos.", "A difference under 2 points."),
        Words("Não diz se os vazios estão nas linhas certas.", "Does not say whether the right rows are empty."),
    ),
    "coverage": MetricText(
        Words("Cobertura", "Coverage"),
        Words(
            "Parcela das categorias (ou do intervalo) reais que aparece nos sintéticos.",
            "Share of the real categories (or of the real range) that the synthetic rows reach.",
        ),
        Words("1,00.", "1.00."),
        Words("Não diz com que frequência aparecem.", "Does not say how often they appear."),
    ),
    "unseen": MetricText(
        Words("Fora do real", "Outside the real"),
        Words(
            "Parcela das linhas sintéticas com categoria ou valor que a tabela real não tem.",
            "Share of synthetic rows with a category or value that the real table does not have.",
        ),
        Words("0%.", "0%."),
        Words("Um valor novo pode ser legítimo; confira.", "A new value can be legitimate; check it."),
    ),
    "pair": MetricText(
        Words("Dependência", "Dependence"),
        Words(
            "Quanto duas colunas andam juntas: 0 é independência, 1 é uma determinar a outra.",
            "How much two columns go together: 0 is independence, 1 is one deciding the other.",
        ),
        Words("Real e sintético iguais.", "Real and synthetic alike."),
        Words("Vê pares; regras entre três ou mais colunas escapam.", "Sees pairs; rules among three or more escape."),
    ),
    "statistical_similarity": MetricText(
        DIMENSION_WORDS["statistical_similarity"],
        Words(
            "Metade é a média das colunas, metade são as piores: uma coluna quebrada aparece.",
            "Half is the mean of the columns, half the worst ones: one broken column shows.",
        ),
        Words("O mínimo marcado na barra, ou mais.", "The minimum marked on the bar, or more."),
        Words("Não vê relações entre colunas.", "Blind to relations between columns."),
    ),
    "distribution_preservation": MetricText(
        DIMENSION_WORDS["distribution_preservation"],
        Words(
            "Compara todos os pares; dependência perdida e dependência inventada custam igual.",
            "Compares all pairs; a lost and an invented dependence cost the same.",
        ),
        Words("O mínimo marcado na barra, ou mais.", "The minimum marked on the bar, or more."),
        Words("Não vê estruturas de três ou mais colunas.", "Blind to structures of three or more columns."),
    ),
    "business_rule_compliance": MetricText(
        DIMENSION_WORDS["business_rule_compliance"],
        Words(
            "Parcela das linhas que cumprem cada regra, em relação ao que os próprios dados reais cumprem.",
            "Share of rows that satisfy each rule, relative to what the real rows themselves satisfy.",
        ),
        Words("O mínimo marcado na barra, ou mais.", "The minimum marked on the bar, or more."),
        Words("Só as regras informadas são conferidas.", "Only the rules that were given are checked."),
    ),
    "model_performance": MetricText(
        DIMENSION_WORDS["model_performance"],
        Words(
            "Um modelo treinado nos sintéticos acerta em linhas reais quanto um treinado nos reais?",
            "Does a model trained on synthetic rows do as well on real rows as one trained on real rows?",
        ),
        Words("Perto do modelo treinado nos reais.", "Close to the model trained on real rows."),
        Words("Vale para os alvos testados.", "Holds for the targets that were tried."),
    ),
    "copies": MetricText(
        Words("Cópias exatas", "Exact copies"),
        Words(
            "Parcela das linhas sintéticas iguais a uma linha real em todas as colunas, fora identificadores.",
            "Share of synthetic rows equal to a real row in every column, identifiers aside.",
        ),
        Words("Não mais do que entre linhas reais separadas.", "No more than among real rows set aside."),
        Words(
            "Procura cópias, nada mais: não é um teste de ataque e não prova privacidade.",
            "It looks for copies and nothing else: it is no attack test and proves no privacy.",
        ),
    ),
}

LABELS = {
    "brand": Words("Contrapeso", "Contrapeso"),
    "title": Words("Relatório de qualidade dos dados sintéticos", "Synthetic data quality report"),
    "skip": Words("Ir para o resultado", "Skip to the result"),
    "contents": Words("Conteúdo", "Contents"),
    "made_on": Words("Emitido em", "Made on"),
    "grade": Words("Nota", "Grade"),
    "no_grade": Words("Sem nota", "No grade"),
    "insufficient": Words("Dados insuficientes", "Insufficient data"),
    "provisional": Words("Provisória", "Provisional"),
    "provisional_rows": Words(
        "Nota provisória: há menos de 200 linhas em uma das tabelas; com mais linhas ela pode mudar.",
        "Provisional grade: one of the tables has fewer than 200 rows; with more rows it may change.",
    ),
    "provisional_dimensions": Words(
        "Nota provisória: menos de duas dimensões puderam ser medidas.",
        "Provisional grade: fewer than two dimensions could be measured.",
    ),
    "provisional_other": Words(
        "Nota provisória: nem tudo o que conta para a nota pôde ser medido.",
        "Provisional grade: not everything that counts towards it could be measured.",
    ),
    "measured_of": Words("Dimensões medidas: {n} de {total}.", "Dimensions measured: {n} of {total}."),
    "two_grades": Words(
        "A margem de erro cruza duas notas, por isso as duas aparecem.",
        "The margin of error spans two grades, so both are shown.",
    ),
    "below": Words("Abaixo do mínimo:", "Under the minimum:"),
    "capped": Words("Por isso a nota não passa de {grade}.", "That is why the grade goes no higher than {grade}."),
    "do_not_release": Words("Não divulgue", "Do not release"),
    "score": Words("Pontuação", "Score"),
    "interval": Words("intervalo de 95%", "95% interval"),
    "interval_of": Words("entre {low} e {high}", "between {low} and {high}"),
    "ceiling_absent": Words("teto não medido", "ceiling not measured"),
    "ceiling_short": Words("teto {value}", "ceiling {value}"),
    "of_one": Words("de 1", "of 1"),
    "ceiling_means": Words(
        "o que outras linhas reais tirariam na mesma prova", "what other real rows would score in the same exam"
    ),
    "real_rows": Words("linhas reais", "real rows"),
    "synthetic_rows": Words("linhas sintéticas", "synthetic rows"),
    "holdout_rows": Words("linhas reais separadas (holdout)", "real rows set aside (holdout)"),
    "columns_count": Words("colunas", "columns"),
    "target": Words("alvo", "target"),
    "verdict": Words("Resultado", "Result"),
    "balance": Words("Balanceamento", "Balance"),
    "balance_intro": Words("Linhas por classe, antes e depois.", "Rows per class, before and after."),
    "class": Words("Classe", "Class"),
    "before": Words("Antes", "Before"),
    "added": Words("Acrescentadas", "Added"),
    "after": Words("Depois", "After"),
    "total": Words("Total", "Total"),
    "largest_to_smallest": Words("Maior ÷ menor classe", "Largest ÷ smallest class"),
    "method_used": Words("Método", "Method"),
    "seed": Words("Semente", "Seed"),
    "unknown": Words("não informado", "not given"),
    "more_classes": Words("Mais {n} classes", "{n} more classes"),
    "fix": Words("O que corrigir primeiro", "What to fix first"),
    "fix_intro": Words(
        "Em ordem do que mais melhora a pontuação geral.", "In order of what improves the overall score most."
    ),
    "fix_none": Words(
        "Nada a corrigir foi encontrado no que pôde ser medido.",
        "Nothing to fix was found in what could be measured.",
    ),
    "fix_more": Words("Mais {n} itens", "{n} more items"),
    "gain": Words("até {gain} na pontuação geral", "up to {gain} in the overall score"),
    "gain_unknown": Words("fora da pontuação", "outside the score"),
    "gain_small": Words("menos de 0,01 na pontuação geral", "under 0.01 in the overall score"),
    "whole_table": Words("Tabela inteira", "Whole table"),
    "dimensions": Words("As dimensões", "The dimensions"),
    "passed": Words("Acima do mínimo", "Above the minimum"),
    "failed": Words("Abaixo do mínimo", "Under the minimum"),
    "absent": Words("Não medida", "Not measured"),
    "absent_short": Words("não medida", "not measured"),
    "threshold": Words("mínimo {value}", "minimum {value}"),
    "weight": Words("peso {value}", "weight {value}"),
    "means": Words("O que é", "What it is"),
    "good": Words("Bom é", "Good is"),
    "limits": Words("Limites", "Limits"),
    "columns": Words("Colunas", "Columns"),
    "columns_intro": Words(
        "As piores primeiro. Abra uma coluna para ver o gráfico grande e as medidas.",
        "Worst first. Open a column for the large plot and the measures.",
    ),
    "columns_none": Words("A tabela não tem colunas comparáveis.", "The table has no columns to compare."),
    "legend_real": Words("Real", "Real"),
    "legend_synthetic": Words("Sintético", "Synthetic"),
    "filter": Words("Procurar coluna", "Find a column"),
    "kind": Words("Tipo", "Type"),
    "all_kinds": Words("Todos os tipos", "All types"),
    "sort": Words("Ordenar por", "Sort by"),
    "sort_score": Words("pior primeiro", "worst first"),
    "sort_name": Words("nome", "name"),
    "sort_nulls": Words("diferença de vazios", "gap in empties"),
    "shown": Words("{n} de {total} colunas", "{n} of {total} columns"),
    "name": Words("Nome", "Name"),
    "similarity": Words("Semelhança", "Similarity"),
    "shape": Words("Forma", "Shape"),
    "null_gap": Words("Vazios", "Empties"),
    "points": Words("{n} p.p.", "{n} pts"),
    "null_same": Words("iguais", "alike"),
    "measures": Words("Medidas", "Measures"),
    "value": Words("Valor", "Value"),
    "largest_gaps": Words("Onde mais difere", "Where it differs most"),
    "cell": Words("Faixa ou categoria", "Range or category"),
    "difference": Words("Diferença", "Difference"),
    "no_plot": Words("Sem gráfico: não há faixas a comparar.", "No plot: there are no ranges to compare."),
    "suppressed": Words(
        "Agrupadas por terem menos de 5 linhas reais, para não expor ninguém: {n}.",
        "Merged for having fewer than 5 real rows, to expose nobody: {n}.",
    ),
    "text_value": Words("texto {n}", "text {n}"),
    "texts_hidden": Words(
        "Os textos não são mostrados: podem conter nomes de pessoas.",
        "The texts are not shown: they may hold names of people.",
    ),
    "cells_merged": Words(
        "Categorias menos frequentes fora do gráfico: {n}.",
        "Less frequent categories left out of the plot: {n}.",
    ),
    "plot_help_range": Words(
        "Cada degrau é uma faixa de valores, da menor para a maior; a altura é a parcela das linhas. "
        "Onde a linha laranja sobe acima do azul, há linhas sintéticas demais.",
        "Each step is a range of values, low to high; the height is its share of the rows. "
        "Where the orange line rises above the blue, there are too many synthetic rows.",
    ),
    "plot_help_value": Words(
        "Parcela das linhas em cada categoria: barra cheia, real; barra listrada, sintético.",
        "Share of the rows in each category: solid bar, real; striped bar, synthetic.",
    ),
    "plot_title": Words("Distribuição de {name}", "Distribution of {name}"),
    "plot_desc": Words(
        "Maior diferença em {cell}: {real} das linhas reais, {synthetic} das sintéticas.",
        "Largest difference at {cell}: {real} of the real rows, {synthetic} of the synthetic ones.",
    ),
    "bar_title": Words("Pontuação {value}", "Score {value}"),
    "dependence": Words("Relações entre colunas", "Relations between columns"),
    "dependence_intro": Words(
        "Quadrados de cor forte são pares de colunas que andam juntos. Os dois primeiros mapas devem ser iguais; "
        "o terceiro mostra onde não são.",
        "Squares of strong colour are pairs of columns that go together. The first two maps should look alike; "
        "the third shows where they do not.",
    ),
    "dependence_none": Words("As relações não foram medidas.", "The relations were not measured."),
    "pair_counts": Words("Pares medidos", "Pairs measured"),
    "measure_cramers_v": Words(
        "Associação entre todas as colunas (V de Cramér)", "Association of all columns (Cramér's V)"
    ),
    "measure_spearman": Words(
        "Correlação entre colunas numéricas (Spearman)", "Correlation of numeric columns (Spearman)"
    ),
    "map_real": Words("Real", "Real"),
    "map_synthetic": Words("Sintético", "Synthetic"),
    "map_difference": Words("Diferença", "Difference"),
    "map_desc": Words("Mapa de {n} por {n} colunas. {worst}", "Map of {n} by {n} columns. {worst}"),
    "map_worst": Words(
        "Maior diferença: {a} e {b}, de {real} para {synthetic}.",
        "Largest difference: {a} and {b}, from {real} to {synthetic}.",
    ),
    "map_none": Words("Nenhuma diferença.", "No difference."),
    "map_cut": Words(
        "Mostradas as {n} colunas com as maiores diferenças, de {total}.",
        "Showing the {n} columns with the largest differences, of {total}.",
    ),
    "map_names": Words("Colunas dos mapas", "Columns of the maps"),
    "scale_none": Words("independentes", "independent"),
    "scale_full": Words("andam juntas", "go together"),
    "scale_less": Words("menos no sintético", "less in synthetic"),
    "scale_more": Words("mais no sintético", "more in synthetic"),
    "scale_undefined": Words("indefinido", "undefined"),
    "pairs": Words("Pares perdidos e inventados", "Lost and invented pairs"),
    "pairs_none": Words("Nenhum par perdido ou inventado.", "No pair lost or invented."),
    "pair": Words("Par", "Pair"),
    "what_happened": Words("O que houve", "What happened"),
    "dependence_bars": Words("De real para sintético", "From real to synthetic"),
    "dumbbell_title": Words("Real {real}, sintético {synthetic}", "Real {real}, synthetic {synthetic}"),
    "rules": Words("Regras de negócio", "Business rules"),
    "rule": Words("Regra", "Rule"),
    "rate_real": Words("Cumprem, reais", "Satisfied, real"),
    "rate_synthetic": Words("Cumprem, sintéticas", "Satisfied, synthetic"),
    "applicable": Words("Linhas atingidas", "Rows it applies to"),
    "examples": Words("Linhas de exemplo (posição)", "Example rows (position)"),
    "privacy": Words("Privacidade", "Privacy"),
    "privacy_gate": Words("Portão, fora da nota", "A gate, outside the grade"),
    "privacy_absent": Words("Privacidade não avaliada.", "Privacy was not assessed."),
    "privacy_limits": Words(
        "O que isto não diz: procuramos linhas copiadas, e nada mais. Não encontrar um problema não torna os dados "
        "anônimos. Pessoas podem ser reconhecidas por combinações raras sem que nenhuma linha seja copiada. Trate os "
        "dados com o mesmo cuidado que os reais até que alguém responsável decida o contrário.",
        "What this does not say: we looked for copied rows and nothing else. Finding no problem does not make the data "
        "anonymous. People can be recognised by rare combinations without any row being copied. Treat the data with "
        "the same care as the real ones until someone responsible decides otherwise.",
    ),
    "exact_copies": Words("Linhas sintéticas iguais a uma linha real", "Synthetic rows equal to a real row"),
    "holdout_copies": Words(
        "Linhas reais separadas iguais a uma linha real (coincidência)",
        "Set-aside real rows equal to a real row (coincidence)",
    ),
    "rows": Words("{n} linhas", "{n} rows"),
    "compared_columns": Words("Colunas comparadas", "Columns compared"),
    "duplicates_real": Words("Linhas reais repetidas", "Repeated real rows"),
    "duplicates_synthetic": Words("Linhas sintéticas repetidas", "Repeated synthetic rows"),
    "method": Words("Método e limites", "Method and limits"),
    "sizes": Words("Tamanhos", "Sizes"),
    "how": Words("Como foi medido", "How it was measured"),
    "bins": Words("Faixas por coluna / por par", "Cells per column / per pair"),
    "groups": Words("Grupos para o intervalo", "Groups for the interval"),
    "n_effective": Words("Linhas reais efetivas", "Effective real rows"),
    "versions": Words("Versões", "Versions"),
    "classes": Words("Classes do alvo", "Classes of the target"),
    "kinds": Words("Tipos de coluna", "Kinds of column"),
    "missing_columns": Words("Colunas que faltam nos sintéticos", "Columns missing from the synthetic table"),
    "extra_columns": Words("Colunas que só os sintéticos têm", "Columns that only the synthetic table has"),
    "not_assessed": Words("O que não foi avaliado, e por quê", "What was not assessed, and why"),
    "not_assessed_none": Words("Nada ficou sem avaliação.", "Nothing was left out."),
    "glossary": Words("O que cada número quer dizer", "What each number means"),
    "metric": Words("Medida", "Measure"),
    "machine": Words(
        "Os mesmos números, para máquinas, estão nesta página em JSON (elemento contrapeso-report).",
        "The same numbers, for machines, are in this page as JSON (element contrapeso-report).",
    ),
    "machine_cut": Words(
        "Para manter a página leve, ele traz só as faixas mais frequentes e as colunas mostradas nos mapas.",
        "To keep the page light it holds the most frequent cells and the columns shown on the maps only.",
    ),
    "offline": Words(
        "Este arquivo é completo: não busca nada na rede e não contém nenhuma linha das tabelas.",
        "This file is complete: it fetches nothing from the network and holds no row of the tables.",
    ),
    "yes": Words("sim", "yes"),
    "no": Words("não", "no"),
    "all_values": Words("todos os valores", "all values"),
}

__all__ = [
    "DIMENSION_WORDS",
    "DIRECTION_PLURALS",
    "DIRECTION_WORDS",
    "GRADE_SENTENCES",
    "GRADE_WORDS",
    "KIND_WORDS",
    "LABELS",
    "METRICS",
    "NOT_ASSESSED_WORDS",
    "PRIVACY_WORDS",
    "ROLE_WORDS",
    "MetricText",
    "Words",
]
