"""The page's own words, Portuguese and English: headings, grades in words, and what each number means.

One catalogue, longer than most files because it holds words only. Sentences for the codes that a report
carries (reasons, notes, recommendations) live in ``_texts``, the readings of the models, of privacy and of
fairness in ``_label_readings``.
"""

from __future__ import annotations

from contrapeso.quality._format import Language
from contrapeso.quality._words import MetricText, Words

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
    "no_attack_found": Words("Nenhum ataque encontrado", "No attack found"),
    "excess_copies": Words("Não divulgue", "Do not release"),
    "attack_succeeded": Words("Não divulgue", "Do not release"),
}

ATTACKED_SENTENCES = {
    "no_excess_found": Words(
        "Ataques tentados: {n}. Nenhum teve êxito além do acaso. Isto não prova privacidade.",
        "Attacks tried: {n}. None succeeded beyond chance. This does not prove privacy.",
    ),
    "excess_copies": Words(
        "Há mais linhas reais copiadas do que o acaso explica: NÃO DIVULGUE estes dados.",
        "More real rows are copied than chance explains: DO NOT RELEASE these data.",
    ),
    "attack_succeeded": Words(
        (
            "Um ataque passou do que o acaso explica ({names}): NÃO DIVULGUE estes dados. "
            "Treinar modelos dentro de casa não é divulgar."
        ),
        (
            "An attack went beyond what chance explains ({names}): DO NOT RELEASE these data. "
            "Training models in the house is no release."
        ),
    ),
}

ATTACK_VERDICTS = {
    "no_excess_found": Words("nada encontrado", "nothing found"),
    "excess": Words("teve êxito", "succeeded"),
    "slight": Words("acima do controle, por pouco", "slightly above the control"),
    "cannot_be_assessed": Words("não pode ser avaliado", "cannot be assessed"),
}

MINED_KINDS = {
    "inequality": Words("uma nunca passa da outra", "one never exceeds the other"),
    "sum": Words("soma", "sum"),
    "functional_dependency": Words("uma determina a outra", "one decides the other"),
    "range": Words("limites", "limits"),
    "null_pattern": Words("vazios juntos", "empty together"),
    "combinations": Words("combinações permitidas", "allowed combinations"),
}

MITIGATIONS = {
    "reweigh_real_shares": Words("repesar para as parcelas reais", "re-weighting to the real shares"),
    "reweigh_independent": Words(
        "repesar até grupo e resultado não dependerem um do outro",
        "re-weighting until group and outcome are independent",
    ),
    "reweigh_minimum": Words("repesar até um mínimo por grupo", "re-weighting to a minimum per group"),
}

NOT_ASSESSED_WORDS = {
    "business_rule_compliance": DIMENSION_WORDS["business_rule_compliance"],
    "model_performance": DIMENSION_WORDS["model_performance"],
    "statistical_similarity": DIMENSION_WORDS["statistical_similarity"],
    "distribution_preservation": DIMENSION_WORDS["distribution_preservation"],
    "overall": Words("Pontuação geral", "Overall score"),
    "exact_copies": Words("Cópias exatas", "Exact copies"),
    "joint_test": Words("Estrutura conjunta (um modelo distingue?)", "Joint structure (can a model tell?)"),
    "joint": Words("Estrutura conjunta (um modelo distingue?)", "Joint structure (can a model tell?)"),
    "usefulness": Words("Utilidade para modelos", "Usefulness for models"),
    "importance": Words("Importância das colunas", "Importance of the columns"),
    "diversity": Words("Diversidade", "Diversity"),
    "sequences": Words("Sequências", "Sequences"),
    "fairness": Words("Equidade", "Fairness"),
    "mined_rules": Words("Regras encontradas nos dados", "Rules found in the data"),
    "tests": Words("Testes estatísticos", "Statistical tests"),
    "privacy": Words("Privacidade", "Privacy"),
    "privacy_attacks": Words("Ataques à privacidade", "Privacy attacks"),
    "columns": Words("Colunas", "Columns"),
    "classes": Words("Classes", "Classes"),
    "rows": Words("Linhas", "Rows"),
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
            "Compara todos os pares (perder e inventar custam igual) e pergunta a um modelo se distingue as linhas.",
            "Compares all pairs (losing and inventing cost the same) and asks a model whether it can tell the rows.",
        ),
        Words("O mínimo marcado na barra, ou mais.", "The minimum marked on the bar, or more."),
        Words(
            "Sem o modelo, não vê estruturas de três ou mais colunas.",
            "Without the model, blind to structures of three or more columns.",
        ),
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
            "Procura cópias, nada mais: não é um ataque e não prova privacidade.",
            "It looks for copies and nothing else: it is no attack and proves no privacy.",
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
    "dimension_parts": Words(
        "Pares {pairs} · um modelo distingue? {joint}", "Pairs {pairs} · can a model tell? {joint}"
    ),
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
        "O que isto não diz: procuramos o que está escrito aqui, e nada mais. Não encontrar um problema não torna os "
        "dados anônimos. Pessoas podem ser reconhecidas por combinações raras sem que nenhuma linha seja copiada. "
        "Trate os dados com o mesmo cuidado que os reais até que alguém responsável decida o contrário.",
        "What this does not say: we looked for what is written here and nothing else. Finding no problem does not make "
        "the data anonymous. People can be recognised by rare combinations without any row being copied. Treat the "
        "data with the same care as the real ones until someone responsible decides otherwise.",
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
    "glossary_columns": Words("O que cada medida de coluna quer dizer", "What each measure of a column means"),
    "glossary": Words("O que cada número quer dizer", "What each number means"),
    "metric": Words("Medida", "Measure"),
    "machine": Words(
        "Os mesmos números, para máquinas, estão nesta página em JSON (elemento contrapeso-report).",
        "The same numbers, for machines, are in this page as JSON (element contrapeso-report).",
    ),
    "machine_cut": Words(
        "Para manter a página leve, ele traz só as faixas mais frequentes, as colunas mostradas nos mapas e os testes "
        "de maior efeito.",
        "To keep the page light it holds the most frequent cells, the columns shown on the maps and the tests of "
        "largest effect only.",
    ),
    "offline": Words(
        "Este arquivo é completo: não busca nada na rede e não contém nenhuma linha das tabelas.",
        "This file is complete: it fetches nothing from the network and holds no row of the tables.",
    ),
    "copy_is_good": Words(
        "A nota mede semelhança: uma cópia é um dado bom e, mesmo assim, não pode sair.",
        "The grade measures likeness: a copy is good data and still must not leave.",
    ),
    "found_all_good": Words(
        "nada do que foi medido fica longe do que se espera de linhas reais",
        "nothing that was measured is far from what is expected of real rows",
    ),
    "found_columns_pairs_good": Words("colunas e pares de colunas estão bons", "columns and pairs of columns are good"),
    "found_columns_good": Words("cada coluna, sozinha, está boa", "each column on its own is good"),
    "found_pairs_good": Words("as relações entre colunas estão boas", "the relations between columns are good"),
    "found_column": Words("a coluna {names} tem a forma errada", "the column {names} has the wrong shape"),
    "found_columns": Words("colunas com a forma errada: {names}", "columns of the wrong shape: {names}"),
    "and_more": Words("e mais {n}", "and {n} more"),
    "found_lost": Words("{n} relações entre colunas se perderam", "{n} relations between columns are lost"),
    "found_lost_one": Words("uma relação entre colunas se perdeu", "one relation between columns is lost"),
    "found_invented": Words("{n} relações foram inventadas", "{n} relations were invented"),
    "found_invented_one": Words("uma relação foi inventada", "one relation was invented"),
    "found_model_tells": Words("um modelo reconhece as linhas sintéticas", "a model recognises the synthetic rows"),
    "found_joint_lost": Words(
        "a estrutura entre três ou mais colunas se perdeu", "the structure of three or more columns is lost"
    ),
    "found_joint_named": Words("a estrutura {names} se perdeu", "the structure {names} is lost"),
    "found_rules": Words("regras de negócio são quebradas", "business rules are broken"),
    "found_models": Words("modelos treinados nelas acertam menos", "models trained on them do worse"),
    "compared": Words("Comparação", "Comparison"),
    "between_real": Words("Entre reais", "Between real"),
    "between_real_short": Words("entre reais {value}", "between real {value}"),
    "column_name": Words("Coluna", "Column"),
    "legend_reference": Words("Referência (linhas reais)", "Reference (real rows)"),
    "joint": Words("Um modelo distingue?", "Can a model tell?"),
    "joint_intro": Words(
        "Treinamos um modelo para separar linhas reais de sintéticas, olhando todas as colunas ao mesmo tempo. Se ele "
        "não passa da moeda, não achou diferença.",
        "We trained a model to separate real from synthetic rows, looking at all columns at once. If it does no better "
        "than a coin, it found no difference.",
    ),
    "joint_sentence": Words(
        "Entre uma linha real e uma sintética, o modelo aponta a sintética em {value} das vezes",
        "Given one real and one synthetic row, the model points at the synthetic one {value} of the time",
    ),
    "joint_reference": Words(
        "Entre duas linhas reais, a mesma prova dá {value}.", "Between two real rows the same exam gives {value}."
    ),
    "joint_score": Words("Vale {value} na pontuação das relações", "Counts {value} in the score of the relations"),
    "coin": Words("moeda 50%", "coin 50%"),
    "always": Words("sempre 100%", "always 100%"),
    "against_holdout": Words(
        "Comparação com {real} linhas reais separadas e {synthetic} sintéticas.",
        "Compared with {real} real rows set aside and {synthetic} synthetic ones.",
    ),
    "against_real_halves": Words(
        "Comparação com {real} linhas da metade das reais e {synthetic} sintéticas; sem linhas separadas, a outra "
        "metade serve de referência.",
        "Compared with {real} rows of one half of the real ones and {synthetic} synthetic ones; without rows set aside "
        "the other half is the reference.",
    ),
    "giveaways": Words("Quem entrega as linhas sintéticas", "What gives the synthetic rows away"),
    "giveaway_share": Words("Parcela", "Share"),
    "interaction": Words(
        "A combinação que mais as entrega: {names}.", "The combination that gives them away most: {names}."
    ),
    "suspects": Words("Linhas com mais cara de sintéticas", "Rows that look most synthetic"),
    "suspects_intro": Words(
        "Posições na tabela sintética, contadas a partir de 0; os valores não são mostrados.",
        "Positions in the synthetic table, counted from 0; the values are not shown.",
    ),
    "row_position": Words("Linha", "Row"),
    "row_certainty": Words("Certeza do modelo", "Certainty of the model"),
    "row_because": Words("Por causa de", "Because of"),
    "joint_readings": Words("Outras leituras, fora da nota", "Other readings, outside the grade"),
    "joint_warning": Words(
        "Mostradas porque são pedidas, não porque decidem. A literatura avisa: mudam com a escala das colunas, com o "
        "número de linhas e com um único valor extremo, e duas delas podem aprovar dados ruins. Compare só com a "
        "referência ao lado, nunca com 1.",
        "Shown because they are asked for, not because they decide. The literature warns: they change with the scale "
        "of the columns, the number of rows and a single outlier, and can approve bad data. Compare them with the "
        "reference beside them only, never with 1.",
    ),
    "usefulness": Words("Serve para treinar modelos?", "Is it useful for training models?"),
    "use_intro": Words(
        "Um modelo treinado com linhas sintéticas acerta em linhas reais novas tanto quanto um treinado com reais?",
        "Does a model trained on synthetic rows do as well on fresh real rows as one trained on real rows?",
    ),
    "use_score": Words("Pontuação da utilidade", "Score of usefulness"),
    "use_against_holdout": Words(
        "Treino com {real} reais e {synthetic} sintéticas; prova em {test} linhas reais separadas.",
        "Trained on {real} real and {synthetic} synthetic rows; tested on {test} real rows set aside.",
    ),
    "use_against_real_halves": Words(
        "Treino com {real} reais e {synthetic} sintéticas; prova em {test} reais que ficaram de fora do treino.",
        "Trained on {real} real and {synthetic} synthetic rows; tested on {test} real rows left out of training.",
    ),
    "use_target": Words("Alvo: {name}", "Target: {name}"),
    "completed": Words(
        "Faltam classes na tabela sintética; suas linhas reais entraram nos dois treinos.",
        "The synthetic table lacks classes; their real rows were used in both trainings.",
    ),
    "rank_agreement": Words(
        "A ordem dos modelos, do melhor ao pior, concorda em {value} (1 é a mesma ordem).",
        "The order of the models, best to worst, agrees at {value} (1 is the same order).",
    ),
    "trained_on": Words("Acerto no alvo ({measure})", "Performance on the target ({measure})"),
    "with_other_real": Words("Com reais", "With real"),
    "models": Words("Por tipo de modelo", "By kind of model"),
    "model": Words("Modelo", "Model"),
    "trained_real": Words("Treino real", "Trained on real"),
    "trained_synthetic": Words("Treino sintético", "Trained on synthetic"),
    "trained_both": Words("Treino com ambas", "Trained on both"),
    "recalls": Words("Quanto de cada classe é encontrado", "How much of each class is found"),
    "test_rows": Words("Linhas na prova", "Test rows"),
    "global_use": Words("Cada coluna como alvo", "Every column as a target"),
    "global_use_intro": Words(
        "Cada coluna é prevista a partir das outras. 1 quer dizer que as sintéticas ensinam tanto quanto as reais.",
        "Each column is predicted from the others. 1 means that synthetic rows teach as much as real ones.",
    ),
    "every_target": Words("Utilidade por coluna, pior primeiro", "Usefulness by column, worst first"),
    "similarity_of_use": Words("Utilidade", "Usefulness"),
    "ceiling_word": Words("Com outras reais", "With other real"),
    "drift": Words("Os modelos olham as mesmas colunas? Alvo {name}", "Do the models look at the same columns? {name}"),
    "importances": Words("O que cada modelo olha", "What each model looks at"),
    "rules_given": Words("Regras informadas", "Rules given"),
    "all_rules": Words("Todas as regras juntas", "All rules together"),
    "over_regular": Words(
        "regular demais: as sintéticas cumprem mais do que as reais",
        "too regular: synthetic rows keep it better than real ones",
    ),
    "mined": Words("Regras encontradas nos dados reais", "Rules found in the real table"),
    "mined_intro": Words(
        "Encontradas na tabela real; não entram na nota até alguém aceitá-las.",
        "Found in the real table, not in the score until accepted.",
    ),
    "rule_kind": Words("Tipo de regra", "Kind of rule"),
    "found_in": Words("Vista em", "Seen in"),
    "sequences": Words("Sequências no tempo", "Sequences in time"),
    "sequence_readings": Words("Como as linhas se seguem", "How rows follow each other"),
    "ordered_by": Words("Linhas em ordem de {order}.", "Rows in the order of {order}."),
    "ordered_key": Words("Uma sequência por {name}.", "One sequence per {name}."),
    "diversity": Words("Diversidade", "Diversity"),
    "diversity_intro": Words(
        "Um gerador que repete poucos exemplos pode parecer bom em todo o resto.",
        "A generator that repeats a few examples can look good everywhere else.",
    ),
    "diversity_readings": Words("Variedade das linhas", "Variety of the rows"),
    "fairness": Words("Equidade entre grupos", "Fairness between groups"),
    "fairness_intro": Words(
        "Quem aparece menos, quem é pior representado, e se os modelos tratam os grupos de outro modo. Fora da nota.",
        "Who appears less, who is represented worse, and whether models treat groups differently. Outside the grade.",
    ),
    "positive_is": Words("Resultado positivo: {label}.", "Positive outcome: {label}."),
    "group_table": Words("Grupos, do menos ao mais representado", "Groups, least represented first"),
    "group": Words("Grupo", "Group"),
    "group_rows": Words("Linhas", "Rows"),
    "group_share": Words("Parcela", "Share"),
    "group_ratio": Words("Razão", "Ratio"),
    "group_fidelity": Words("Fidelidade", "Fidelity"),
    "group_auc": Words("Um modelo distingue", "A model can tell"),
    "group_positive": Words("Resultado positivo", "Positive outcome"),
    "group_tpr": Words("Acertos do modelo", "Hits of the model"),
    "group_fpr": Words("Alarmes falsos", "False alarms"),
    "group_legend": Words(
        "As setas vão do real para o sintético (nos modelos, do treino real para o sintético). Razão é a parcela "
        "sintética sobre a real; marcamos abaixo de 0,80 (regra dos quatro quintos) ou acima de 1,25 quando o "
        "intervalo exclui 1.",
        "Arrows go from real to synthetic (for models, from trained on real to trained on synthetic). Ratio is the "
        "synthetic over the real share; flagged under 0.80 (four-fifths rule) or over 1.25 when the interval excludes "
        "1.",
    ),
    "group_lost": Words("grupo perdido", "group lost"),
    "group_under": Words("sub-representado", "under-represented"),
    "group_over": Words("super-representado", "over-represented"),
    "flags": Words("Atenção", "Attention"),
    "groups_hidden": Words(
        "Grupos com menos de {least} linhas reais, não mostrados para não expor ninguém: {n}.",
        "Groups of fewer than {least} real rows, not shown to expose nobody: {n}.",
    ),
    "fairness_more": Words("Leituras e correções possíveis: {name}", "Readings and possible remedies: {name}"),
    "fairness_readings": Words("Leituras", "Readings"),
    "legend_real_data": Words("Nos reais", "In the real data"),
    "mitigation": Words("Antes e depois de {name}", "Before and after {name}"),
    "attacks": Words("Ataques tentados", "Attacks tried"),
    "attacks_intro": Words(
        "Cada ataque ao lado do controle: o mesmo ataque contra linhas reais que nunca foram usadas.",
        "Each attack beside its control: the same attack on real rows that were never used.",
    ),
    "attack": Words("Ataque", "Attack"),
    "attack_result": Words("Resultado", "Result"),
    "control": Words("Controle", "Control"),
    "attack_verdict": Words("Veredito", "Verdict"),
    "counted_as": Words("Medida: {measure}, em {n} casos.", "Measure: {measure}, in {n} cases."),
    "attacks_absent": Words("Não puderam ser avaliados: {names}. {reason}", "Could not be assessed: {names}. {reason}"),
    "null_group": Words("vazio", "empty"),
    "columns_used": Words("Colunas: {names}.", "Columns: {names}."),
    "excess": Words("acima do controle {interval}", "above the control {interval}"),
    "tests": Words("Testes estatísticos", "Statistical tests"),
    "tests_intro": Words(
        "Fora da nota. Um valor-p diz quão certa é uma diferença, não quão grande: com muitas linhas, diferenças sem "
        "importância têm valor-p quase zero. Olhe o tamanho do efeito, o número maior. Entre parênteses, o valor-p "
        "ajustado para o número de colunas (Benjamini-Hochberg).",
        "Outside the grade. A p-value says how sure a difference is, not how large: with many rows differences of no "
        "importance have a p-value near zero. Look at the size of the effect, the larger number. In brackets, the "
        "p-value adjusted for the number of columns (Benjamini-Hochberg).",
    ),
    "tests_more": Words("Mais {n} colunas, com efeitos menores.", "{n} more columns of smaller effects."),
    "joint_rows": Words("Modelo que distingue: reais / sintéticas", "Telling model: real / synthetic"),
    "use_rows": Words("Utilidade: reais / sintéticas / prova", "Usefulness: real / synthetic / test"),
    "compare_title": Words("Comparação de dados sintéticos", "Comparison of synthetic tables"),
    "compare_verdict": Words("Quem está à frente", "Who is ahead"),
    "compare_intro": Words(
        "Há lugar só onde os intervalos de 95% não se cruzam; senão, é empate.",
        "Places are given only where the 95% intervals do not overlap; otherwise it is a tie.",
    ),
    "compare_ahead": Words(
        "{name} está à frente: seu intervalo não cruza o de nenhuma outra.",
        "{name} is ahead: its interval overlaps no other.",
    ),
    "compare_tied": Words("Empate na frente: {names}.", "Tied in front: {names}."),
    "compare_few": Words(
        "Menos de duas tabelas têm intervalo e podem ser divulgadas; não há ordem entre elas.",
        "Fewer than two tables have an interval and may be released; there is no order between them.",
    ),
    "compare_refused": Words("Não divulgue: {names}.", "Do not release: {names}."),
    "compare_caution": Words(
        "Estas tabelas não foram comparadas com as mesmas linhas reais ou colunas; leia as diferenças com cuidado.",
        "These tables were not compared with the same real rows or columns; read the differences with care.",
    ),
    "compare_table": Words("Lado a lado", "Side by side"),
    "compare_columns": Words("Colunas, pior primeiro", "Columns, worst first"),
    "overall_score": Words("Pontuação geral", "Overall score"),
    "unranked": Words("sem lugar: sem intervalo", "no place: no interval"),
    "place": Words("{n}º lugar", "place {n}"),
    "tied_with": Words("empate com {names}", "tied with {names}"),
    "tied": Words("empate", "tied"),
    "to_first": Words("{change} para a primeira", "{change} to the first"),
    "pairs_bad": Words("Relações perdidas / inventadas", "Relations lost / invented"),
    "worst_columns": Words("Piores colunas", "Worst columns"),
    "yes": Words("sim", "yes"),
    "no": Words("não", "no"),
    "all_values": Words("todos os valores", "all values"),
}

__all__ = [
    "ATTACKED_SENTENCES",
    "ATTACK_VERDICTS",
    "DIMENSION_WORDS",
    "DIRECTION_PLURALS",
    "DIRECTION_WORDS",
    "GRADE_SENTENCES",
    "GRADE_WORDS",
    "KIND_WORDS",
    "LABELS",
    "METRICS",
    "MINED_KINDS",
    "MITIGATIONS",
    "NOT_ASSESSED_WORDS",
    "PRIVACY_WORDS",
    "ROLE_WORDS",
    "MetricText",
    "Words",
    "dimension_text",
]
