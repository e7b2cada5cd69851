"""What was found and what to do about it, in Portuguese and English, by code; placeholders name the evidence."""

from __future__ import annotations

ADVICE: dict[str, tuple[str, str]] = {
    "numeric_shift": (
        "{columns}: deslocada em {shift_iqr:+} intervalos interquartis. Confira a transformação (log?) e os limites.",
        "{columns}: shifted by {shift_iqr:+} interquartile ranges. Check the transform (log?) and the limits.",
    ),
    "shape_differs": (
        "{columns}: a distribuição difere da real (semelhança {score}). Use um gerador mais flexível nesta coluna.",
        (
            "{columns}: the distribution differs from the real one (similarity {score}). "
            "Use a more flexible generator for this column."
        ),
    ),
    "null_gap": (
        "{columns}: {null_real%} vazios nos dados reais, {null_synthetic%} nos sintéticos. Modele os valores ausentes.",
        (
            "{columns}: {null_real%} null in the real table, {null_synthetic%} in the synthetic one. "
            "Model the missing values."
        ),
    ),
    "integers_lost": (
        (
            "{columns}: números inteiros nos dados reais, só {share_synthetic%} inteiros nos sintéticos. "
            "Arredonde como nos reais."
        ),
        (
            "{columns}: whole numbers in the real table, only {share_synthetic%} whole in the synthetic one. "
            "Round as the real data do."
        ),
    ),
    "decimals_lost": (
        (
            "{columns}: no máximo {decimals_real} casas decimais nos dados reais, "
            "mas {share_synthetic%} dos sintéticos têm mais. Arredonde como nos reais."
        ),
        (
            "{columns}: at most {decimals_real} decimals in the real table, "
            "but {share_synthetic%} of the synthetic values have more. Round as the real data do."
        ),
    ),
    "categories_missing": (
        (
            "{columns}: {n_missing} de {n_categories} categorias não aparecem ({mass%} das linhas reais). "
            "Gere por categoria ou sobreamostre as raras."
        ),
        (
            "{columns}: {n_missing} of {n_categories} categories are missing ({mass%} of the real rows). "
            "Generate by category or oversample the rare ones."
        ),
    ),
    "categories_unseen": (
        (
            "{columns}: {n_unseen} categorias inexistentes nos dados reais ({share%} das linhas sintéticas). "
            "Rejeite-as ou mapeie para as reais."
        ),
        (
            "{columns}: {n_unseen} categories that the real table does not have ({share%} of the synthetic rows). "
            "Reject them or map them to real ones."
        ),
    ),
    "out_of_range": (
        "{columns}: {share%} dos valores sintéticos estão fora do intervalo real. Limite os valores.",
        "{columns}: {share%} of the synthetic values lie outside the real range. Clip the values.",
    ),
    "column_missing": (
        "{columns}: a coluna não foi gerada ou não pôde ser convertida. Gere todas as colunas reais.",
        "{columns}: the column was not generated or could not be converted. Generate every real column.",
    ),
    "pair_lost": (
        (
            "{columns}: a dependência se perdeu (de {real} para {synthetic}). "
            "Use um gerador que trate as colunas em conjunto."
        ),
        "{columns}: the dependence is lost (from {real} to {synthetic}). Use a generator that treats them jointly.",
    ),
    "pair_invented": (
        (
            "{columns}: dependência que os dados reais não têm (de {real} para {synthetic}). "
            "Confira cópias e interpolações entre estas colunas."
        ),
        (
            "{columns}: a dependence that the real table does not have (from {real} to {synthetic}). "
            "Check copies and interpolation between these columns."
        ),
    ),
    "pair_changed": (
        "{columns}: a forma da dependência mudou (semelhança {score}). Compare as duas tabelas cruzadas.",
        "{columns}: the form of the dependence has changed (similarity {score}). Compare the two cross tables.",
    ),
    "rule_violated": (
        (
            "Regra {rule}: vale em {rate_real%} das linhas reais e {rate_synthetic%} das sintéticas "
            "(por exemplo, as linhas {rows}). Imponha a regra por rejeição ou ajuste."
        ),
        (
            "Rule {rule}: holds on {rate_real%} of the real rows and {rate_synthetic%} of the synthetic ones "
            "(for example, rows {rows}). Enforce it by rejection or repair."
        ),
    ),
    "duplicates": (
        (
            "{synthetic%} das linhas sintéticas repetem outra linha sintética; nos dados reais, {real%}. "
            "O gerador repete poucos exemplos: aumente a diversidade."
        ),
        (
            "{synthetic%} of the synthetic rows repeat another synthetic row; in the real table {real%}. "
            "The generator repeats a few examples: raise the diversity."
        ),
    ),
    "exact_copies": (
        (
            "{share%} das linhas sintéticas copiam uma linha real; entre linhas reais separadas, {holdout%}. "
            "Remova as cópias e pare o treino mais cedo."
        ),
        (
            "{share%} of the synthetic rows copy a real row; among held-out real rows {holdout%}. "
            "Drop the copies and stop training earlier."
        ),
    ),
    "interaction_broken": (
        (
            "{columns}: cada par está bem, mas juntas revelam as linhas sintéticas (AUC {auc}; entre linhas reais "
            "{auc_real}): uma regra entre várias colunas se quebrou. Gere estas colunas em conjunto ou passe a regra em "
            "rules=."
        ),
        (
            "{columns}: every pair is well, but together they give the synthetic rows away (AUC {auc}; between real "
            "rows {auc_real}): a rule among several columns is broken. Generate them jointly or pass the rule in rules=."
        ),
    ),
    "told_apart": (
        (
            "{columns}: um modelo distingue linhas sintéticas de reais (AUC {auc}; entre linhas reais {auc_real}), "
            "sobretudo por estas colunas. Comece por elas: confira forma, arredondamento e dependências."
        ),
        (
            "{columns}: a model tells synthetic rows from real ones (AUC {auc}; between real rows {auc_real}), mostly by "
            "these columns. Begin with them: check shape, rounding and dependences."
        ),
    ),
    "target_signal_lost": (
        (
            "{columns}: um modelo treinado nas linhas sintéticas prevê pior que um treinado nas reais ({synthetic} contra "
            "{real}). Gere por classe (contrapeso balance --target) ou use as linhas só junto com as reais."
        ),
        (
            "{columns}: a model trained on the synthetic rows predicts worse than one trained on real rows ({synthetic} "
            "against {real}). Generate by class (contrapeso balance --target) or use the rows only beside real ones."
        ),
    ),
    "column_signal_lost": (
        (
            "{columns}: o que as outras colunas dizem sobre ela se perdeu (modelo sintético {synthetic}, real {real}). "
            "Use um gerador que trate as colunas em conjunto."
        ),
        (
            "{columns}: what the other columns say about it is lost (synthetic model {synthetic}, real {real}). "
            "Use a generator that treats the columns jointly."
        ),
    ),
    "augmentation_hurts": (
        (
            "{columns}: somar estas linhas às reais piora o modelo ({augmented} contra {real}). Não as use para treinar; "
            "compare métodos com SMOTEImplementation.compare_smote_methods."
        ),
        (
            "{columns}: adding these rows to the real ones makes the model worse ({augmented} against {real}). Do not "
            "train on them; compare methods with SMOTEImplementation.compare_smote_methods."
        ),
    ),
    "sequence_broken": (
        (
            "{columns}: a ordem das linhas não se comporta como a real (semelhança {score}). Gere séries inteiras, não "
            "linhas soltas."
        ),
        (
            "{columns}: rows do not follow each other as the real ones do (similarity {score}). Generate whole series, "
            "not single rows."
        ),
    ),
    "mined_rule_broken": (
        (
            "{columns}: os dados reais seguem a regra {rule} em {rate_real%} das linhas, os sintéticos em "
            "{rate_synthetic%}. Se a regra for verdadeira, passe-a em rules= e imponha-a na geração."
        ),
        (
            "{columns}: real rows follow the rule {rule} in {rate_real%} of the cases, synthetic ones in "
            "{rate_synthetic%}. If the rule is meant, pass it in rules= and enforce it in generation."
        ),
    ),
    "copies_unjudged": (
        "{share%} das linhas sintéticas são iguais a uma linha real; sem linhas separadas não se sabe se é acaso. Separe algumas antes de gerar (contrapeso balance --holdout 0.2) e avalie de novo.",
        "{share%} of the synthetic rows equal a real row; without a holdout nobody knows whether that is chance. Set rows aside before generating (contrapeso balance --holdout 0.2) and assess again.",
    ),
    "near_copies": (
        (
            "{value%} das linhas sintéticas quase copiam uma linha real; entre linhas reais separadas, {control%}. "
            "Remova-as antes de divulgar e pare o treino mais cedo."
        ),
        (
            "{value%} of the synthetic rows nearly copy a real row; among held-out real rows {control%}. "
            "Drop them before release and stop training earlier."
        ),
    ),
    "overfit": (
        (
            "{value%} das linhas sintéticas estão mais perto das linhas usadas que das separadas (o acaso daria "
            "{control%}). O gerador decorou: pare o treino mais cedo, ou fique com os dados dentro de casa."
        ),
        (
            "{value%} of the synthetic rows are nearer to the rows used than to held-out ones (chance gives {control%}). "
            "The generator has memorised: stop training earlier, or keep the data in the house."
        ),
    ),
    "rare_records_exposed": (
        (
            "As linhas reais raras usadas na geração ficam mais perto das sintéticas do que as separadas ({value%}; o "
            "acaso daria {control%}). Deixe as linhas raras fora da geração ou agrupe seus valores."
        ),
        (
            "Rare real rows that were used lie nearer to synthetic ones than held-out rare rows do ({value%}; chance "
            "gives {control%}). Leave rare rows out of generation or merge their values."
        ),
    ),
    "membership_exposed": (
        (
            "Um ataque descobre quais linhas reais foram usadas (AUC {value}; o acaso daria {control}). Não divulgue: "
            "pare o treino mais cedo, ou gere com privacidade diferencial."
        ),
        (
            "An attack finds out which real rows were used (AUC {value}; chance gives {control}). Do not release: stop "
            "training earlier, or generate with differential privacy."
        ),
    ),
    "attribute_exposed": (
        (
            "{columns}: com as outras colunas, as linhas sintéticas revelam o valor (até {value%} das linhas usadas, {control%} "
            "das separadas). Deixe estas colunas fora do que divulga, ou agrupe seus valores."
        ),
        (
            "{columns}: with the other columns known, the synthetic rows reveal the value (for up to {value%} of the rows used, "
            "{control%} of held-out ones). Leave these columns out of what you release, or merge their values."
        ),
    ),
    "linkable": (
        (
            "As linhas sintéticas ligam duas metades das colunas da mesma linha real ({value%}; linhas separadas "
            "{control%}). Não divulgue as duas metades juntas."
        ),
        (
            "Synthetic rows link two halves of the columns of one real row ({value%}; held-out rows {control%}). "
            "Do not release both halves together."
        ),
    ),
    "singled_out": (
        (
            "Combinações de valores das linhas sintéticas apontam para uma só linha real ({value%}; linhas separadas "
            "{control%}). Agrupe valores raros antes de divulgar."
        ),
        (
            "Combinations of values of synthetic rows point to one real row alone ({value%}; held-out rows {control%}). "
            "Merge rare values before release."
        ),
    ),
    "group_lost": (
        (
            "{columns}: o grupo {group} ({n_real} linhas reais) sumiu. Gere linhas dele: contrapeso balance com --target "
            "nesta coluna."
        ),
        (
            "{columns}: group {group} ({n_real} real rows) is gone. Generate rows of it: contrapeso balance with "
            "--target on this column."
        ),
    ),
    "group_underrepresented": (
        "{columns}: {group} caiu de {real%} para {synthetic%}. Use contrapeso.metrics.resample(goal='real_shares').",
        "{columns}: {group} fell from {real%} to {synthetic%}. Use contrapeso.metrics.resample(goal='real_shares').",
    ),
    "group_fidelity": (
        "{columns}: {group} é o grupo menos fiel ({score}). Gere cada grupo à parte.",
        "{columns}: {group} is the least faithful group ({score}). Generate each group on its own.",
    ),
    "group_detected": (
        (
            "{columns}: um modelo reconhece as linhas sintéticas de {group} (AUC {auc}; todas: {overall}). "
            "Gere este grupo à parte."
        ),
        (
            "{columns}: a model can tell the synthetic rows of {group} (AUC {auc}; all: {overall}). "
            "Generate this group on its own."
        ),
    ),
    "bias_amplified": (
        (
            "{columns}: a diferença da taxa positiva entre grupos cresceu de {real%} para {synthetic%}. "
            "Use contrapeso.metrics.reweigh(goal='real_shares')."
        ),
        (
            "{columns}: the gap in positive rates between groups grew from {real%} to {synthetic%}. "
            "Use contrapeso.metrics.reweigh(goal='real_shares')."
        ),
    ),
    "label_rate_shifted": (
        (
            "{columns}: a taxa positiva de {group} mudou de {real%} para {synthetic%}. "
            "Use contrapeso.metrics.reweigh(goal='real_shares')."
        ),
        (
            "{columns}: the positive rate of {group} changed from {real%} to {synthetic%}. "
            "Use contrapeso.metrics.reweigh(goal='real_shares')."
        ),
    ),
    "odds_worse": (
        (
            "{columns}: modelos erram de forma mais desigual (diferença de {real%} para {synthetic%}). "
            "Compare reweigh 'real_shares' e 'independent' na tabela."
        ),
        (
            "{columns}: models err more unequally (gap from {real%} to {synthetic%}). "
            "Compare reweigh 'real_shares' and 'independent' in the table."
        ),
    ),
}

__all__ = ["ADVICE"]
