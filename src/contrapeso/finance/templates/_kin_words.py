"""Families of public wordings: what banks and offices write for one and the same purpose. Written by us.

Only purposes whose wordings are few and everybody's: taxes, fees, interest, wages, telephone, light and water, rent,
insurance, yields, loans, cash. What shops sell is left out: measured on purchasing cards, *hotel* for *inn* teaches
nothing. No wording has a number (revenue codes are not invented) or years of its own (an instrument that came or went).
"""

from __future__ import annotations

FAMILIES: tuple[tuple[str, str, str], ...] = (
    (
        "taxes",
        "impost tribut tax taxes duty duties fisca",
        """
        DAS, DAS Simples Nacional, Simples Nacional, DARF, GPS, GPS INSS, INSS, FGTS, GRF, ISS, ISSQN, IPTU, IPVA,
        ICMS, IRPJ, CSLL, PIS, COFINS, IRRF, DARE, GARE, DAE, DAM, GNRE, GRU, ITR, ITBI, TFE, IPI, taxa de
        fiscalização, taxa de funcionamento, taxa de licença, taxa de lixo, alvará, licenciamento, contribuição
        sindical, dívida ativa, guia municipal, guia estadual, imposto de renda, imposto territorial, imposto predial,
        tributos federais, tributos municipais, tributos estaduais, receita federal
        """,
    ),
    (
        "taxes",
        "impost tribut tax taxes duty duties fisca",
        """
        council tax, business rates, VAT, HMRC, PAYE, corporation tax, vehicle tax, income tax, property tax, sales
        tax
        """,
    ),
    (
        "charges for delay",
        "juro multa mora encargo interest penalt overdraft",
        """
        juros, multa, mora, juros de mora, juros e multa, multa e juros, multa e mora, enc morat, encargos, encargos
        contratuais, juros contratuais, juros cheque especial, juros saldo devedor, juros limite conta, juros utiliz
        limite, juros conta garantida, juros por atraso, multa por atraso, multa contratual, encargos limite, encargos
        por atraso, juros rotativo, multa moratória, correção monetária, IOF cheque especial, IOF saldo devedor,
        acréscimos legais
        """,
    ),
    (
        "charges for delay",
        "juro multa mora encargo interest penalt overdraft",
        """
        interest charged, late fee, late payment charge, penalty charge, overdraft interest, debit interest
        """,
    ),
    (
        "bank fees",
        "tarif fee fees charge charges",
        """
        tarifa, tar, tarifas, tarifa bancária, tarifa pacote, tarifa pacote serviços, tar pacote, pacote de serviços,
        tar pacote serv, cesta de serviços, tarifa cesta, tar cesta serviços, cesta empresarial, mensalidade conta,
        mensalidade pacote, manutenção conta, tarifa manutenção conta, manut conta, tarifa TED, tar TED, tarifa TED
        internet, tarifa boleto, tar boleto, tarifa cobrança, tar cobrança, tar liq cobrança, tarifa liquidação
        boleto, tar liq boleto, tar registro boleto, tarifa registro cobrança, tarifa baixa título, tarifa saque, tar
        saque terminal, tarifa extrato, tar extrato, tarifa talão, tarifa cheque, tarifa cadastro, tarifa renovação
        cadastro, tarifa contrato, tarifa adiantamento depositante, tar adiant deposit, tarifa cartão, anuidade
        cartão, anuidade, tarifa folha pagamento, tarifa convênio, tarifa internet banking, taxa maquininha, taxa
        cartão, taxa administração, taxa de antecipação, taxa antecipação recebíveis, aluguel maquininha, mensalidade
        maquininha, comissão de venda, taxa de intermediação, taxa de serviço, taxa de saque
        """,
    ),
    (
        "bank fees",
        "tarif fee fees charge charges",
        """
        account fee, monthly fee, service charge, bank charge, bank charges, transaction fee, card fee, wire fee,
        transfer fee, ATM fee
        """,
    ),
    (
        "telephone",
        "telef telecom celular internet phone telephone mobile broadband",
        """
        telefone, telefonia, telefônica, telecom, telecomunicações, celular, móvel, fixo, fibra, internet, banda
        larga, conta telefone, conta celular, plano móvel, plano controle, recarga celular, internet fibra, linha
        fixa, vivo, claro, tim, oi, embratel, vivo móvel, vivo fixo, claro móvel, tim celular, oi fixo, claro net,
        vivo fibra
        """,
    ),
    (
        "telephone",
        "telef telecom celular internet phone telephone mobile broadband",
        """
        phone, mobile, broadband, telephone, line rental
        """,
    ),
    (
        "utilities",
        "energia agua luz eletric saneament utilit power water gas electric",
        """
        energia, luz, água, energia elétrica, conta de luz, conta de água, conta de energia, água e esgoto, águas,
        esgoto, saneamento, gás, gás natural, força e luz, eletricidade, enel, cemig, copel, light, cpfl, energisa,
        coelba, sabesp
        """,
    ),
    (
        "utilities",
        "energia agua luz eletric saneament utilit power water gas electric",
        """
        electricity, water, gas, power, energy, water rates
        """,
    ),
    (
        "wages",
        "folha salari payroll wage salar ordenad",
        """
        salário, salários, pagto salário, pagamento salário, adiant salário, adiantamento salário, pagamento de
        salário, folha pagamento, líquido folha, ordenado, férias, pagto férias, décimo terceiro, rescisão, verbas
        rescisórias, holerite, horas extras, bonificação
        """,
    ),
    (
        "wages",
        "folha salari payroll wage salar ordenad",
        """
        salary, wages, payroll, net pay, overtime, holiday pay
        """,
    ),
    (
        "rent",
        "alugue alugu locac condomin rent rents lease",
        """
        aluguel, aluguéis, locação, imobiliária, imóveis, condomínio, taxa de condomínio, galpão, galpões, sala
        comercial, escritório virtual, arrendamento
        """,
    ),
    (
        "rent",
        "alugue alugu locac condomin rent rents lease",
        """
        rent, lease, lettings, property management
        """,
    ),
    (
        "insurance",
        "segur insuranc",
        """
        seguro, seguro de vida, seguro vida, seguro auto, seguro empresarial, seguro residencial, seguro patrimonial,
        seguro prestamista, seguro cartão, seguro saúde, seguro fiança, seguros, seguradora
        """,
    ),
    (
        "insurance",
        "segur insuranc",
        """
        insurance, life insurance, car insurance, motor insurance, home insurance, liability insurance
        """,
    ),
    (
        "yields",
        "rendiment rentab yield dividend",
        """
        rendimento, rendimentos, rend aplicação, rend aplic, rend pago aplic, rend pago aplic aut, rendimento
        poupança, rentab invest, rendimento CDB, rendimento aplicação, rendimento fundo, juros sobre capital próprio,
        remuneração poupança, rendimento líquido
        """,
    ),
    (
        "yields",
        "rendiment rentab yield dividend",
        """
        interest earned, credit interest
        """,
    ),
    (
        "loans",
        "emprest financiam loan mortgag consorc",
        """
        empréstimo, emprest, financiamento, prestação empréstimo, parc empréstimo, crédito pessoal, capital de giro,
        amortização empréstimo, CDC, leasing, consórcio, parcela contrato, crédito consignado
        """,
    ),
    (
        "loans",
        "emprest financiam loan mortgag consorc",
        """
        loan repayment, loan, mortgage, finance agreement
        """,
    ),
    (
        "cash",
        "saque cash withdraw",
        """
        saque, saque terminal, saque caixa, saque cartão, saque eletrônico
        """,
    ),
    (
        "cash",
        "saque cash withdraw",
        """
        cash withdrawal, ATM withdrawal
        """,
    ),
)
"""Of each purpose in one language its name, the beginnings of words that categories are called by, and the wordings.

The Portuguese and the English wordings of a purpose are two families: no row changes its language.
"""

__all__ = ["FAMILIES"]
