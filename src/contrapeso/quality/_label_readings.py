"""Every reading, attack and test of the report in three lines each, Portuguese and English, keyed by its code.

A catalogue, longer than most files because it holds words only. A number without words here is shown under its code.
"""

from __future__ import annotations

from contrapeso.quality._words import MetricText, Words


def _text(
    name: tuple[str, str], means: tuple[str, str], good: tuple[str, str], limits: tuple[str, str], form: str
) -> MetricText:
    return MetricText(Words(*name), Words(*means), Words(*good), Words(*limits), form)


_LIKE_REAL = ("Igual à referência.", "Equal to the reference.")
_HIGH = ("Perto da referência; mais alto é melhor.", "Close to the reference; higher is better.")
_LOW = ("Perto da referência; mais baixo é melhor.", "Close to the reference; lower is better.")
_SAMPLE = ("Medido em amostras.", "Measured on samples.")
_SENSITIVE = (
    "Depende da escala e dos vizinhos escolhidos; um só valor extremo pode mudá-la. Não decide nada sozinha.",
    "Depends on the scale and on the neighbours chosen; one outlier can move it. It decides nothing alone.",
)
_ONE_ATTACK = (
    "Só diz algo deste ataque; outro pode ter êxito.",
    "Speaks of this attack only; another may succeed.",
)

_JOINT = {
    "joint_auc": _text(
        ("Um modelo distingue? (AUC)", "Can a model tell? (AUC)"),
        (
            "Dadas uma linha real e uma sintética, com que frequência o modelo aponta a sintética.",
            "Given one real and one synthetic row, how often the model points at the synthetic one.",
        ),
        ("50%, o mesmo que uma moeda.", "50%, the same as a coin."),
        (
            "Vale para este modelo e esta quantidade de linhas; um modelo mais forte pode distinguir mais.",
            "Holds for this model and this many rows; a stronger model may tell more.",
        ),
        "auc",
    ),
    "pmse_ratio": _text(
        ("Razão pMSE", "pMSE ratio"),
        (
            "Quanto as probabilidades do modelo que distingue variam, em relação ao puro acaso.",
            "How much the probabilities of the telling model vary, relative to pure chance.",
        ),
        ("Perto de 1.", "Close to 1."),
        ("Cresce com o número de linhas.", "Grows with the number of rows."),
        "number",
    ),
    "alpha_precision": _text(
        ("Alfa-precisão", "Alpha-precision"),
        (
            "Parcela das linhas sintéticas que caem onde estão as reais típicas.",
            "Share of the synthetic rows that fall where typical real rows are.",
        ),
        _HIGH,
        _SENSITIVE,
        "number",
    ),
    "beta_recall": _text(
        ("Beta-revocação", "Beta-recall"),
        (
            "Parcela das linhas reais que têm sintéticas por perto.",
            "Share of the real rows that have synthetic ones nearby.",
        ),
        _HIGH,
        _SENSITIVE,
        "number",
    ),
    "density": _text(
        ("Densidade", "Density"),
        (
            "Em quantas vizinhanças reais cai, em média, uma linha sintética.",
            "Into how many real neighbourhoods a synthetic row falls on average.",
        ),
        ("Perto da referência; passar de 1 não é mérito.", "Close to the reference; above 1 is no merit."),
        _SENSITIVE,
        "number",
    ),
    "coverage": _text(
        ("Cobertura de vizinhanças", "Coverage of neighbourhoods"),
        (
            "Parcela das vizinhanças reais que têm ao menos uma linha sintética.",
            "Share of the real neighbourhoods that hold at least one synthetic row.",
        ),
        _HIGH,
        _SENSITIVE,
        "share",
    ),
    "mmd": _text(
        ("MMD", "MMD"),
        (
            "Distância entre as duas nuvens de linhas, por um núcleo gaussiano.",
            "Distance between the two clouds of rows under a Gaussian kernel.",
        ),
        _LOW,
        ("Cega a diferenças menores que a largura do núcleo.", "Blind to differences below the width of its kernel."),
        "small",
    ),
    "mmd_p_value": _text(
        ("Valor-p do MMD", "p-value of MMD"),
        (
            "Quão raro seria um MMD tão grande se as duas tabelas fossem iguais.",
            "How rare so large an MMD would be if both tables were alike.",
        ),
        ("Longe de 0.", "Far from 0."),
        ("Diz quão certa é uma diferença, não quão grande.", "Says how sure a difference is, not how large."),
        "small",
    ),
}

_USE = {
    "trtr": _text(
        ("Treino com reais", "Trained on real"),
        (
            "Acerto, em linhas reais novas, do modelo treinado com linhas reais: a régua.",
            "How well a model trained on real rows does on fresh real rows: the yardstick.",
        ),
        ("Quanto maior, melhor.", "The higher, the better."),
        ("O alvo pode ser difícil até com dados reais.", "The target may be hard even with real data."),
        "number",
    ),
    "tstr": _text(
        ("Treino só com sintéticas", "Trained on synthetic only"),
        (
            "Acerto, nas mesmas linhas reais novas, do modelo treinado só com linhas sintéticas.",
            "How well a model trained on synthetic rows only does on the same fresh real rows.",
        ),
        ("Perto do treino com reais.", "Close to training on real rows."),
        ("Vale para este alvo e este tipo de modelo.", "Holds for this target and this kind of model."),
        "number",
    ),
    "trts": _text(
        ("Treino com reais, prova nas sintéticas", "Trained on real, tested on synthetic"),
        (
            "Acerto do modelo de linhas reais nas linhas sintéticas.",
            "How well the model of real rows does on synthetic rows.",
        ),
        ("Perto do treino com reais; acima é sinal de dados fáceis demais.", "Close to real; above it they are easy."),
        ("Dados sem variedade tiram nota alta aqui.", "Data without variety score high here."),
        "number",
    ),
    "augmented": _text(
        ("Treino com reais e sintéticas", "Trained on real plus synthetic"),
        (
            "Acerto do modelo treinado com as duas tabelas juntas.",
            "How well a model trained on both tables together does.",
        ),
        ("Acima do treino com reais: as sintéticas acrescentam.", "Above training on real: the synthetic rows add."),
        ("Igual ao treino com reais quer dizer que nada acrescentam.", "Equal to real means that they add nothing."),
        "number",
    ),
    "dummy": _text(
        ("Chute constante", "Constant guess"),
        ("O que tira quem responde sempre o mesmo.", "What always giving the same answer scores."),
        ("Serve de piso.", "It is the floor."),
        _SAMPLE,
        "number",
    ),
    "brier_real": _text(
        ("Erro das probabilidades, treino com reais (Brier)", "Error of the probabilities, trained on real (Brier)"),
        (
            "O quanto as probabilidades do modelo erram em linhas reais novas.",
            "How far the probabilities of the model are off on fresh real rows.",
        ),
        ("Quanto menor, melhor.", "The lower, the better."),
        _SAMPLE,
        "small",
    ),
    "brier_synthetic": _text(
        (
            "Erro das probabilidades, treino com sintéticas (Brier)",
            "Error of the probabilities, trained on synthetic (Brier)",
        ),
        (
            "O mesmo erro com o modelo treinado nas sintéticas.",
            "The same error with the model trained on synthetic rows.",
        ),
        _LOW,
        _SAMPLE,
        "small",
    ),
    "brier_augmented": _text(
        ("Erro das probabilidades, treino com ambas (Brier)", "Error of the probabilities, trained on both (Brier)"),
        ("O mesmo erro com as duas tabelas no treino.", "The same error with both tables in training."),
        _LOW,
        _SAMPLE,
        "small",
    ),
    "importance_tv": _text(
        ("Mudança na importância das colunas", "Change in the importance of columns"),
        (
            "Parcela da importância que passou de umas colunas para outras.",
            "Share of the importance that moved from some columns to others.",
        ),
        _LOW,
        ("Colunas muito correlacionadas trocam importância à toa.", "Strongly correlated columns swap it for nothing."),
        "share",
    ),
    "importance_cosine": _text(
        ("Distância do cosseno das importâncias", "Cosine distance of the importances"),
        ("0 quando os dois modelos olham as mesmas colunas.", "0 when both models look at the same columns."),
        _LOW,
        ("Uma coluna forte domina o resultado.", "One strong column dominates it."),
        "small",
    ),
    "importance_spearman": _text(
        ("Ordem de importância (Spearman)", "Order of importance (Spearman)"),
        ("1 quando as colunas ficam na mesma ordem.", "1 when the columns come in the same order."),
        _HIGH,
        ("Colunas sem importância trocam de lugar por acaso.", "Unimportant columns swap places by chance."),
        "number",
    ),
    "importance_top5": _text(
        ("Cinco mais importantes em comum", "Top five in common"),
        (
            "Parcela das cinco colunas mais importantes que coincide.",
            "Share of the five most important columns that coincide.",
        ),
        _HIGH,
        ("Com poucas colunas coincide sempre.", "With few columns they always coincide."),
        "share",
    ),
    "importance_signs": _text(
        ("Mesmo sentido de efeito", "Same direction of effect"),
        (
            "Parcela das explicações em que os dois modelos empurram para o mesmo lado.",
            "Share of the explanations where both models push the same way.",
        ),
        _HIGH,
        _SAMPLE,
        "share",
    ),
    "importance_rows": _text(
        ("Explicações linha a linha", "Explanations row by row"),
        (
            "Correlação média entre as explicações dos dois modelos para a mesma linha.",
            "Mean correlation between the explanations of both models for the same row.",
        ),
        _HIGH,
        _SAMPLE,
        "number",
    ),
}

_DIVERSITY = {
    "collision_rate": _text(
        ("Linhas iguais ao acaso", "Equal rows by chance"),
        (
            "Chance de duas linhas da mesma classe serem iguais.",
            "Chance that two rows of one class are equal.",
        ),
        _LOW,
        ("Tabelas de poucas colunas se repetem sozinhas.", "Tables of few columns repeat themselves."),
        "share",
    ),
    "category_coverage_weighted": _text(
        ("Categorias alcançadas", "Categories reached"),
        (
            "Parcela das linhas reais cujas categorias aparecem nos sintéticos.",
            "Share of the real rows whose categories the synthetic table has.",
        ),
        _HIGH,
        ("Não diz com que frequência.", "Does not say how often."),
        "share",
    ),
    "tail_coverage": _text(
        ("Valores extremos", "Extreme values"),
        (
            "Parcela dos valores sintéticos além dos 1% menores e maiores reais.",
            "Share of the synthetic values beyond the lowest and highest 1% of the real ones.",
        ),
        ("Perto de 2%.", "Close to 2%."),
        ("Não diz quão longe vão.", "Does not say how far they go."),
        "share",
    ),
    "distinct_rows": _text(
        ("Linhas distintas", "Distinct rows"),
        ("Parcela de linhas diferentes de todas as outras.", "Share of rows that differ from all others."),
        _LIKE_REAL,
        _SAMPLE,
        "share",
    ),
}

_GAP = ("0, ou perto da referência.", "0, or close to the reference.")

_SEQUENCES = {
    "autocorrelation_gap": _text(
        ("Dependência do valor anterior", "Dependence on the previous value"),
        (
            "Diferença na correlação de cada valor com os anteriores.",
            "Gap in the correlation of each value with those before it.",
        ),
        _GAP,
        ("Vê relações que só sobem ou só descem.", "Sees relations that only rise or only fall."),
        "small",
    ),
    "inter_row_ks": _text(
        ("Passos de uma linha à outra", "Steps from row to row"),
        ("Diferença entre as distribuições dos passos.", "Gap between the distributions of the steps."),
        _GAP,
        _SAMPLE,
        "small",
    ),
    "sequence_mean_ks": _text(
        ("Nível de cada sequência", "Level of each sequence"),
        (
            "Diferença entre as distribuições das médias por sequência.",
            "Gap between the distributions of the means by sequence.",
        ),
        _GAP,
        ("Precisa de uma chave.", "Needs a key."),
        "small",
    ),
    "inter_event_ks": _text(
        ("Tempo entre eventos", "Time between events"),
        (
            "Diferença entre as distribuições dos intervalos entre linhas seguidas.",
            "Gap between the distributions of the time between consecutive rows.",
        ),
        _GAP,
        _SAMPLE,
        "small",
    ),
    "inter_event_wasserstein": _text(
        ("Tempo entre eventos, deslocamento", "Time between events, displacement"),
        (
            "Quanto os intervalos teriam de andar, em intervalos interquartis dos reais.",
            "How far the times would have to move, in interquartile ranges of the real ones.",
        ),
        _GAP,
        ("Poucos intervalos enormes podem dominar.", "A few huge times can dominate."),
        "small",
    ),
    "sequence_length_ks": _text(
        ("Tamanho das sequências", "Length of the sequences"),
        ("Diferença no número de linhas por chave.", "Gap in the number of rows per key."),
        _GAP,
        ("Precisa de uma chave.", "Needs a key."),
        "small",
    ),
    "sequences_per_category_gap": _text(
        ("Sequências por categoria", "Sequences by category"),
        (
            "Diferença na parcela das sequências em que cada categoria aparece.",
            "Gap in the share of sequences in which each category occurs.",
        ),
        _GAP,
        _SAMPLE,
        "small",
    ),
    "transition_tv": _text(
        ("Passagens de uma categoria a outra", "Steps from one category to another"),
        (
            "Diferença em que categoria vem depois de qual.",
            "Gap in which category follows which.",
        ),
        _GAP,
        ("Só olha o passo seguinte.", "Looks one step ahead only."),
        "small",
    ),
    "day_of_month_tv": _text(
        ("Dia do mês", "Day of the month"),
        (
            "Diferença nos dias do mês (vencimentos, salários).",
            "Gap in the days of the month (dues, payday).",
        ),
        _GAP,
        _SAMPLE,
        "small",
    ),
    "weekday_tv": _text(
        ("Dia da semana", "Day of the week"),
        ("Diferença nos dias da semana.", "Gap in the days of the week."),
        _GAP,
        _SAMPLE,
        "small",
    ),
    "rows_without_order": _text(
        ("Linhas sem ordem", "Rows without order"),
        ("Parcela das linhas sem data ou chave, deixadas de fora.", "Share of rows without date or key, left out."),
        _LIKE_REAL,
        ("Estas linhas não são julgadas.", "These rows are not judged."),
        "share",
    ),
}

_FAIRNESS = {
    "demographic_parity_difference": _text(
        ("Diferença de taxa positiva entre grupos", "Gap in the positive rate between groups"),
        (
            "Maior diferença, entre grupos, na parcela de linhas com o resultado positivo.",
            "Largest gap between groups in the share of rows with the positive outcome.",
        ),
        ("Não maior que nos dados reais.", "No larger than in the real data."),
        ("Não diz se a diferença é justa.", "Does not say whether the gap is fair."),
        "share",
    ),
    "demographic_parity_ratio": _text(
        ("Razão de taxa positiva entre grupos", "Ratio of the positive rate between groups"),
        (
            "Menor taxa positiva dividida pela maior.",
            "The lowest positive rate divided by the highest.",
        ),
        ("Acima de 0,80 (regra dos quatro quintos).", "Above 0.80 (four-fifths rule)."),
        ("Instável com grupos pequenos.", "Unstable with small groups."),
        "number",
    ),
    "bias_amplification": _text(
        ("Viés ampliado", "Bias amplified"),
        (
            "Quanto a diferença entre grupos cresceu do real para o sintético.",
            "How much the gap between groups grew from real to synthetic.",
        ),
        ("0 ou menos.", "0 or less."),
        ("Grupos pequenos oscilam.", "Small groups wobble."),
        "change",
    ),
    "disparate_quality": _text(
        ("Fidelidade do pior grupo", "Fidelity of the worst group"),
        (
            "Semelhança do grupo pior servido dividida pela média dos grupos.",
            "Similarity of the worst served group over the mean of the groups.",
        ),
        _HIGH,
        ("Grupos pequenos tiram menos por acaso.", "Small groups score less by chance."),
        "number",
    ),
    "equalized_odds_difference": _text(
        ("Diferença de acertos e alarmes (equalised odds)", "Gap in hits and false alarms (equalised odds)"),
        (
            "Maior diferença entre grupos nas taxas de verdadeiros e de falsos positivos do modelo.",
            "Largest gap between groups in the true and the false positive rate of the model.",
        ),
        ("Não maior que com treino em reais.", "No larger than when trained on real rows."),
        ("Vale para este modelo e este alvo.", "Holds for this model and this target."),
        "share",
    ),
    "representation_ratio": _text(
        ("Representação do menor grupo", "Representation of the least served group"),
        ("Parcela no sintético dividida pela parcela no real.", "Share in synthetic over share in real."),
        ("Acima de 0,80.", "Above 0.80."),
        ("Um plano de balanceamento a muda de propósito.", "A balancing plan changes it on purpose."),
        "number",
    ),
    "groups_lost": _text(
        ("Grupos perdidos", "Groups lost"),
        ("Grupos reais sem nenhuma linha sintética.", "Real groups without any synthetic row."),
        ("0.", "0."),
        ("Conta grupos, não pessoas.", "Counts groups, not people."),
        "count",
    ),
    "groups_too_small": _text(
        ("Grupos pequenos demais", "Groups too small"),
        ("Grupos com poucas linhas para medir.", "Groups of too few rows to measure."),
        ("0.", "0."),
        ("Nada se sabe deles.", "Nothing is known about them."),
        "count",
    ),
    "label_rate_shift": _text(
        ("Maior mudança na taxa positiva de um grupo", "Largest shift in the positive rate of a group"),
        (
            "Quanto a parcela positiva do grupo que mais mudou subiu ou desceu.",
            "How much the positive share of the most changed group rose or fell.",
        ),
        ("0.", "0."),
        ("Grupos pequenos oscilam.", "Small groups wobble."),
        "change",
    ),
    "group_detection_auc": _text(
        ("Grupo mais reconhecível", "Most recognisable group"),
        (
            "O quanto um modelo distingue as linhas sintéticas no grupo em que mais acerta.",
            "How well a model tells the synthetic rows in the group where it does best.",
        ),
        ("Perto do valor de todos os grupos.", "Close to the value of all groups."),
        _SAMPLE,
        "auc",
    ),
    "equalized_odds_change": _text(
        ("Mudança na diferença de acertos e alarmes", "Change in the gap of hits and false alarms"),
        (
            "Quanto a diferença entre grupos cresce ao treinar com sintéticas.",
            "How much the gap between groups grows when training on synthetic rows.",
        ),
        ("0 ou menos.", "0 or less."),
        ("Vale para este modelo e este alvo.", "Holds for this model and this target."),
        "change",
    ),
    "selection_rate_difference": _text(
        ("Diferença de escolha entre grupos", "Gap in selection between groups"),
        (
            "Maior diferença entre grupos na parcela que o modelo escolhe.",
            "Largest gap between groups in the share that the model selects.",
        ),
        ("Não maior que com treino em reais.", "No larger than when trained on real rows."),
        ("Não diz se a diferença é justa.", "Does not say whether the gap is fair."),
        "share",
    ),
    "worst_group_auc": _text(
        ("Acerto no pior grupo", "Performance in the worst group"),
        ("O acerto do modelo (AUC) no grupo em que mais erra.", "The AUC of the model in the group where it is worst."),
        ("Perto do treino com reais.", "Close to training on real rows."),
        _SAMPLE,
        "number",
    ),
    "auc": _text(
        ("Acerto do modelo (AUC)", "Performance of the model (AUC)"),
        ("O acerto do modelo em todos os grupos.", "How well the model does in all groups."),
        ("Perto do treino com reais.", "Close to training on real rows."),
        _SAMPLE,
        "number",
    ),
    "fidelity": _text(
        ("Semelhança das colunas", "Similarity of the columns"),
        (
            "Pontuação média das colunas, sozinhas.",
            "Mean score of the columns on their own.",
        ),
        _HIGH,
        _SAMPLE,
        "number",
    ),
}

_RULES = {
    "clean_rows": _text(
        ("Linhas que não violam nenhuma regra", "Rows that violate no rule"),
        (
            "Parcela das linhas que cumprem todas as regras que as atingem.",
            "Share of the rows that satisfy every rule that applies to them.",
        ),
        _HIGH,
        ("Só as regras informadas são conferidas.", "Only the rules that were given are checked."),
        "share",
    ),
}

READINGS = {**_JOINT, **_USE, **_RULES, **_DIVERSITY, **_SEQUENCES, **_FAIRNESS}

ATTACKS = {
    "exact_copies": _text(
        ("Cópias exatas", "Exact copies"),
        ("Linhas sintéticas iguais a uma linha real.", "Synthetic rows equal to a real row."),
        ("Não mais que o controle.", "No more than the control."),
        ("Não vê cópias retocadas.", "Blind to retouched copies."),
        "share",
    ),
    "near_copies": _text(
        ("Cópias quase exatas", "Near copies"),
        (
            "Linhas sintéticas iguais a uma real depois de arredondar.",
            "Synthetic rows equal to a real row after rounding.",
        ),
        ("Não mais que o controle.", "No more than the control."),
        ("Depende do arredondamento.", "Depends on the rounding."),
        "share",
    ),
    "dcr_share": _text(
        ("Mais perto dos reais usados", "Closer to the rows used"),
        (
            "Parcela das linhas sintéticas mais próximas das reais usadas que das separadas.",
            "Share of the synthetic rows closer to the real rows used than to those set aside.",
        ),
        ("50%.", "50%."),
        ("A distância média esconde poucas cópias.", "The mean distance hides a few copies."),
        "share",
    ),
    "nndr_ratio": _text(
        ("Razão de vizinhos (NNDR)", "Neighbour ratio (NNDR)"),
        (
            "Distância à linha real mais próxima dividida pela distância à segunda.",
            "Distance to the nearest real row over the distance to the second.",
        ),
        ("Não menor que o controle.", "No lower than the control."),
        _ONE_ATTACK,
        "number",
    ),
    "rare_record_dcr": _text(
        ("Linhas raras expostas", "Rare rows exposed"),
        (
            "O mesmo, só para as linhas reais mais incomuns.",
            "The same for the most unusual real rows only.",
        ),
        ("Igual ao controle.", "Equal to the control."),
        ("Poucas linhas, intervalo largo.", "Few rows, a wide interval."),
        "share",
    ),
    "membership_inference": _text(
        ("Quem estava na tabela? (melhor ataque)", "Who was in the table? (best attack)"),
        (
            "O melhor entre vários ataques que adivinham se uma pessoa estava nos dados usados.",
            "The best of several attacks that guess whether a person was in the data used.",
        ),
        ("50%, o mesmo que uma moeda.", "50%, the same as a coin."),
        _ONE_ATTACK,
        "auc",
    ),
    "membership_distance": _text(
        ("Quem estava na tabela? (distância)", "Who was in the table? (distance)"),
        (
            "Aposta que as linhas reais mais próximas das sintéticas foram usadas.",
            "Bets that the real rows nearest to synthetic ones were used.",
        ),
        ("50%.", "50%."),
        _ONE_ATTACK,
        "auc",
    ),
    "membership_density": _text(
        ("Quem estava na tabela? (densidade)", "Who was in the table? (density)"),
        (
            "Aposta nas linhas onde há mais sintéticas do que o comum.",
            "Bets on rows where synthetic ones are denser than usual.",
        ),
        ("50%.", "50%."),
        _ONE_ATTACK,
        "auc",
    ),
    "membership_local": _text(
        ("Quem estava na tabela? (vizinhança)", "Who was in the table? (neighbourhood)"),
        (
            "Aposta nas linhas cuja vizinhança tem mais sintéticas que reais de referência.",
            "Bets on rows whose neighbourhood holds more synthetic than reference rows.",
        ),
        ("50%.", "50%."),
        _ONE_ATTACK,
        "auc",
    ),
    "attribute_inference": _text(
        ("Adivinhar um dado de alguém", "Guessing somebody's attribute"),
        (
            "Quem conhece parte da linha adivinha o resto com os dados sintéticos?",
            "Does somebody who knows part of a row guess the rest from the synthetic data?",
        ),
        ("Não mais que o controle.", "No more than the control."),
        _ONE_ATTACK,
        "share",
    ),
    "linkability_1": _text(
        ("Ligar duas fontes à mesma pessoa", "Linking two sources to one person"),
        (
            "Dois pedaços da mesma linha apontam para a mesma linha sintética?",
            "Do two parts of a row point at the same synthetic row?",
        ),
        ("Não mais que o controle.", "No more than the control."),
        _ONE_ATTACK,
        "share",
    ),
    "linkability_10": _text(
        ("Ligar duas fontes, dez candidatas", "Linking two sources, ten candidates"),
        (
            "O mesmo, se cada pedaço pode apontar para dez linhas.",
            "The same where each part may point at ten rows.",
        ),
        ("Não mais que o controle.", "No more than the control."),
        _ONE_ATTACK,
        "share",
    ),
    "singling_out_multivariate": _text(
        ("Isolar uma pessoa (várias colunas)", "Singling somebody out (several columns)"),
        (
            "Uma descrição de várias colunas tirada dos sintéticos serve a uma só linha real?",
            "Does a description of several columns taken from the synthetic rows fit exactly one real row?",
        ),
        ("Não mais que o controle.", "No more than the control."),
        _ONE_ATTACK,
        "share",
    ),
    "singling_out_univariate": _text(
        ("Isolar uma pessoa (uma coluna)", "Singling somebody out (one column)"),
        (
            "Um só valor tirado dos sintéticos serve a uma só linha real?",
            "Does a single value taken from the synthetic rows fit exactly one real row?",
        ),
        ("Não mais que o controle.", "No more than the control."),
        (
            "Só mostrado: quem sorteia valores da tabela, coluna a coluna, também acerta.",
            "Shown only: drawing values from the table, column by column, succeeds as well.",
        ),
        "share",
    ),
    "quasi_identifiers": _text(
        ("Combinações que só uma pessoa tem", "Combinations that one person alone has"),
        (
            "Parcela das linhas sintéticas cujos quase-identificadores são os de uma só linha real.",
            "Share of the synthetic rows whose quasi-identifiers are those of one real row alone.",
        ),
        ("Não mais que o controle.", "No more than the control."),
        ("Só os quase-identificadores informados.", "The declared quasi-identifiers only."),
        "share",
    ),
    "holdout_shift": _text(
        ("As linhas separadas servem de controle?", "Do the rows set aside serve as a control?"),
        (
            "Um modelo distingue as linhas reais usadas das separadas, sem olhar as sintéticas?",
            "Does a model tell the real rows used from those set aside, without the synthetic ones?",
        ),
        ("50%, o mesmo que uma moeda.", "50%, the same as a coin."),
        ("Acima disso os ataques não podem ser julgados.", "Above it the attacks cannot be judged."),
        "auc",
    ),
}

TESTS = {
    "ks_test": Words("Kolmogorov-Smirnov (maior distância)", "Kolmogorov-Smirnov (largest gap)"),
    "mann_whitney": Words("Mann-Whitney (AUC)", "Mann-Whitney (AUC)"),
    "js_divergence": Words("Jensen-Shannon (distância)", "Jensen-Shannon (distance)"),
    "wasserstein": Words("Wasserstein (intervalos interquartis)", "Wasserstein (interquartile ranges)"),
    "chi2": Words("Qui-quadrado (V de Cramér)", "Chi-squared (Cramér's V)"),
    "anderson": Words("Anderson-Darling", "Anderson-Darling"),
}

MEASURES = {
    "auc": Words("AUC", "AUC"),
    "log_loss_gain": Words("ganho em log-perda", "gain in log-loss"),
    "r2": Words("R²", "R²"),
    "share": Words("parcela das linhas", "share of the rows"),
    "tpr_at_1_fpr": Words("acertos com 1% de alarme falso", "hits at 1% false alarms"),
    "success_rate": Words("taxa de êxito", "success rate"),
    "ratio": Words("razão", "ratio"),
}

MODELS = {
    "boosted_trees": Words("árvores em sequência", "boosted trees"),
    "logistic_regression": Words("regressão logística", "logistic regression"),
    "decision_tree": Words("árvore de decisão", "decision tree"),
    "random_forest": Words("floresta aleatória", "random forest"),
    "naive_bayes": Words("Bayes ingênuo", "naive Bayes"),
}

__all__ = ["ATTACKS", "MEASURES", "MODELS", "READINGS", "TESTS"]
