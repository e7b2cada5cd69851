"""Words that anybody may print: they say how money moved and for what, never who moved it. Folded, written by us.

Four kinds, because they behave differently next to a name: structure words end a name, public words may stand inside
one, trade words tell what a firm does, legal words end a firm's name.
"""

from __future__ import annotations

from contrapeso.finance.privacy._places import PLACES

_STRUCTURE = """
    pix ted doc tec tef teds docs boleto boletos bloqueto pagto pgto pag pagamento pagar pago recebido recebida
    receb rec recebimento recebto enviado enviada envio emitido emitida remetido credito cred cr debito deb db
    dbto debitado creditado transf transferencia transfer transferencias dep deposito depositos saque saques
    sacado retirada sispag compra compras cartao cart card cheque chq cheques estorno estornado devolucao
    devolvido devol devolvida reembolso ressarcimento tarifa tarifas tar taxa taxas iof juros jur mora multa
    multas encargo encargos enc morat moratorio darf darfs das dasn gps grf grrf fgts inss irrf irpj csll pis
    pasep cofins icms iss issqn iptu ipva itbi itr dare gare dae dam gru simples dctfweb dctf csrf esocial tfe
    tributo tributos imposto impostos fatura faturas parcela parcelas parc parcelamento prestacao mensalidade
    anuidade assinatura assin cobranca cobr liq liquidacao titulo titulos tit baixa agendado agendamento
    automatico autom aut autorizado debaut convenio conv resgate resg aplicacao aplic aplicado investimento
    rendimento rend rentab poupanca poup cdb rdb lci lca cdi saldo saldos ant anterior transporte ref referente
    refer nf nfe nfs nota recibo pedido ped salario sal folha adiant adiantamento ferias rescisao prolabore
    holerite vencimento venc antecipacao antecip antecipado emprestimo emprest financiamento financ contrato ctr
    operacao oper lancamento lanc lancto ajuste ajustes acerto eletron electron eletronico eletronica internet
    mobile app caixa atm taa terminal agencia ag cc cta conta contas lote remessa movimento mov prop payment
    payments purchase purchases fee fees charge charges interest withdrawal deposit direct debit transfers refund
    reversal pos eftpos wdl wdrl standing order check invoice inv tax vat received sent online dd so bacs chaps fpi
    fpo bgc tfr ddr ach eft sepa giro refunded repaid settlement payout remittance contactless paye nic
"""
STRUCTURE = frozenset(_STRUCTURE.split())
"""How money moved, fees, taxes: a name never runs across one of these."""

_CONNECTORS = """
    a as o os e em de da do das dos di del no na nos nas ao aos para pra por pelo pela com sem sob sobre the of
    and for to from at in on by or le la les des du y el van von und der
"""
CONNECTORS = frozenset(_CONNECTORS.split())
"""Words that join others; they name nothing."""

_LEGAL = """
    ltda me mei epp eireli sa ss cia s/a slu ltd limited plc inc llc llp corp co gmbh bv sarl sl ag spa pty lt
"""
LEGAL = frozenset(_LEGAL.split())
"""Legal forms of firms."""

_BRANDS = """
    bradesco itau unibanco santander caixa nubank inter bb sicoob sicredi banrisul btg safra votorantim bmg pan c6
    original daycoval banco bco bank hsbc barclays lloyds natwest cielo stone getnet rede pagseguro pagbank visa
    mastercard elo amex hipercard paypal oi vivo claro tim net sky embratel correios detran receita federal
    estadual municipal prefeitura sefaz senac sesc sebrae serasa febraban bacen mei sus fies prouni cagece sabesp
    cemig copel enel energisa celpe coelba light eletropaulo cpfl hmrc dvla nhs
"""
BRANDS = frozenset(_BRANDS.split())
"""Banks, card networks, public bodies and utilities: known to everybody, no counterparty of one company."""

_TRADE = """
    posto auto padaria confeitaria mercado supermercado mercearia minimercado hortifruti acougue farmacia drogaria
    restaurante lanchonete churrascaria pizzaria bar cafe cafeteria hotel pousada hostel motel livraria papelaria
    grafica loja lojas magazine atacado atacadista distribuidora distribuicao comercio comercial com industria
    industrial ind servicos servico serv imobiliaria imoveis condominio edificio construtora construcoes
    incorporadora engenharia arquitetura transportes transportadora fretes logistica turismo viagens viagem aereas
    aviacao tecnologia tecnologias informatica sistemas software solucoes consultoria consultorias assessoria
    contabil contabilidade contadores advocacia advogados associados clinica hospital laboratorio odontologia
    medicina saude academia escola colegio faculdade universidade creche instituto fundacao associacao sindicato
    cooperativa igreja paroquia clube oficina mecanica pneus pecas autopecas locadora locacao aluguel
    estacionamento lavanderia limpeza seguranca vigilancia eletrica hidraulica materiais material construcao
    ferragens tintas madeireira vidracaria moveis decoracoes tecidos confeccoes calcados joalheria otica editora
    jornal radio publicidade propaganda comunicacao marketing agencia producoes eventos buffet studio estudio
    salao beleza estetica barbearia petshop veterinaria agropecuaria fazenda sitio granja energia aguas saneamento
    telecom telecomunicacoes telefonia provedor pagamentos beneficios seguros seguradora previdencia consorcio
    capital participacoes holding grupo empreendimentos administradora gestao representacoes importacao exportacao
    embalagens usinagem metalurgica plasticos quimica galpoes deposito combustiveis combustivel petroleo gas
    internet hospedagem store stores shop shops market supermarket superstore pharmacy hotels inn restaurant
    coffee bakery pub takeaway pizza kitchen garage garages motors motor tyres cars taxi taxis travel travels
    tours trains railway rail airlines air bus coach coaches parking services service solutions systems technology
    technologies supplies supply equipment tools tool hire rental rentals builders building timber plumbing
    electrical electric electronics furniture carpets carpet flooring paint paints glass hardware garden gardens
    nursery nurseries farm school college university academy training books bookshop press publishing publications
    media print printing design church charity trust foundation council court courts office centre center clinic
    medical dental health care vets veterinary sports sport leisure fitness gym club theatre cinema museum
    holidays insurance finance financial energy water mobile group holdings international retail wholesale trading
    foods food meats catering products distribution logistics transport couriers cleaning security computers
    computing outlet express
"""
TRADE = frozenset(_TRADE.split())
"""What a firm does: kept in a made-up firm's name."""

_PUBLIC = """
    agua luz esgoto telefone celular movel fixo fixa banda larga plano pacote cesta mensal anual semanal diario
    trimestral semestral unico unica parcial total integral recalculado complementar adicional extra excedente
    exced excesso avulso avulsa manutencao renovacao emissao registro alteracao cadastro cadastral consulta
    extrato talao cartorio certidao custas processo judicial acordo honorarios comissao comissoes corretagem
    corretora bonus gratificacao diaria diarias passagem passagens hospedagem alimentacao refeicao vale ticket
    basica uniforme equipamento equipamentos maquina maquinas maquininha veiculo veiculos carro moto onibus
    caminhao gasolina etanol diesel oleo pedagio estacionamento seguro vida residencial empresarial empresa
    patrimonial consorciado cliente clientes fornecedor fornecedores funcionario funcionarios socio socios
    colaborador colaboradores estagiario terceiro terceiros autonomo diversos diversas outros outras venda vendas
    produto produtos mercadoria mercadorias item itens insumo insumos estoque frete entrega devido valor valores
    recebiveis recebivel duplicata duplicatas nacional especial limite sobre garantia caucao cheque poupador
    cooperado cooperada conta corrente salario pessoa fisica juridica titular beneficiario favorecido pagador
    origem destino proprio propria mesma titularidade entre interna externo externa online presencial digital
    virtual web site dominio licenca sistema aplicativo servidor nuvem suporte tecnico tecnica projeto projetos
    obra obras reforma instalacao conserto reparo reparos revisao troca compra uso consumo escritorio sede filial
    matriz loja predio sala galpao aluguel locacao arrendamento imovel imoveis condominio iluminacao publica
    fiscalizacao funcionamento alvara licenciamento vistoria lis rotativo parcelado aporte capital social
    distribuicao lucro lucros dividendo dividendos retencao retido fonte liquido bruto desconto acrescimo
    abatimento correcao monetaria atualizacao cambio moeda importacao exportacao remuneracao ganho perda provisao
    regularizacao quitacao renegociacao amortizacao principal residuo residual primeira segunda terceira primeiro
    segundo ultima ultimo janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro
    dia mes ano periodo competencia exercicio final inicial inicio fim hora horas via codigo cod numero num nr no
    doc documento guia avista prazo entrada saida sinal atividade atividades despesa despesas custo custos gasto
    gastos utilizado utilizada utilizados realizado realizada aquisicao contratacao prestacao fornecimento servico
    impressao copias correspondencia correio telefonica energia eletrica divulgacao publicacao parlamentar estado
    municipio regional local taxi aereo aerea companhia passageiros passageiro localizador debitos dinheiro
    especie moedas troco saquepague bloqueio desbloqueio compensado compensada devolvido sustado visado
    administrativo administrativa operacional bancario bancaria bancarias compe interbancario agendada programada
    recorrente eletronicos abertura encerramento tributario trabalhista fiscal simplificado previdenciario
    patronal sindical contribuicao contribuicoes anuidade conselho classe curso cursos treinamento inscricao
    evento brinde doacao presente festa decoracao higiene copa cozinha papel toner cartucho impressora computador
    notebook monitor celulares chip recarga creditos pontos milhas cashback rateio transitorio amazon marketplace
    mktp mktplace prime netflix spotify google microsoft adobe dropbox github zoom facebook meta bill bills
    account current savings monthly annual yearly weekly daily subscription membership renewal licence apoio
    tecnicos cidade comum limitada limitado sociedade emporio portal informacao informacoes pesquisa pesquisas
    palestra revenda revendedora trabalho trabalhos locomocao abastecimento gabinete senador deputado vereador
    mandato assinado assessor servidores parlamentares utilizacao destinado destinada relativo relativa conforme
    durante pessoas familia filhos amigos irmaos sra sr dr dra eng av rua travessa bairro centro zona rodovia km
    shopping cob nd assist assistencia assistencial exclusivo preferencial premium basico gold platinum black
    credenciado lojista maquineta antecipado domestica domestico eletricista pedreiro pintor encanador motorista
    diarista faxina cimento areia tijolo telha marmore granito madeira vidro ferro aco aluminio parafusos peca
    brasil brasileira brasileiro brasilia amazonas ceara bahia piaui maranhao paraiba pernambuco alagoas sergipe
    tocantins rondonia roraima amapa acre goias mato grosso parana curitiba recife fortaleza manaus goiania
    teresina maceio aracaju florianopolis cuiaba macapa df mg rj rs pr ba ce pe go mt signs sign decorator
    adventures adventure park parks zoo centre center home house kitchen bathroom bed beds toys toy games music
    art arts crafts craft flowers flower gift gifts cards card stamps stamp tickets period earned yield percentage
    through percent thank you your earnings fund funds stock shares share trade electricity heating laundry fire
    safety alarm lock locks keys key signage uniform uniforms shoes clothing clothes license rent rate
    salary salaries wages payroll pension expenses expense general goods misc miscellaneous various sundry
    statement credit balance opening closing paid electronic automatic recurring postage post delivery shipping
    freight commission discount dividend loan mortgage repayment instalment installment overdraft late penalty
    adjustment correction returned cash money personal business company employee staff customer client supplier
    vendor acrescimos administracao agreement alugueis atraso banking bonificacao cdc charged consignado contratuais
    contratual controle corporation decimo depositante devedor divida eletricidade estaduais federais fianca fibra
    giro gnre income intermediacao invest ipi lease leasing lettings liability lixo manut moratoria municipais
    ordenado overtime paye predial prestamista rendimentos rescisorias salarios territorial transaction utiliz
    vehicle verbas wire negociacao renegociacao parcelam utilizacao bimestre trimestre semestre
    unpaid returned item items usage arranged unarranged handling maintenance pension contribution
    contributions liability cover drawings wage expense reimbursement advance deduction duty duties customs levy
    council instalments deposits quarter quarterly half year years month months week weeks per annum apr
    gross unit units reading meter tariff landline handset roaming bundle data minutes lease arrears utilities
    sewerage waste recycling collection disposal refuse premium policy claim excess broker merchant acquiring
    chargeback gateway foreign currency exchange conversion non sterling converted abroad counter branch lodgement
    contr prest amortiz adicional adto recol recolhimento compl complemento apur apuracao retida faturamento fatur
    duplicata protesto protestado tributaria trabalhistas rescisorio hora noturno noturna insalubridade
    periculosidade sindicato consignacao margem portabilidade debenture fundos cotas resgatado vencido vencida
    vincendo renegociado quitado liquidado adquirente contestacao estabelecimento intercambio bobina
    bobinas locado locada franquia pontuacao intermunicipal interestadual rodoviario rodoviaria metroviario
    ligacoes ligacao chamadas dados assinante consumidor leitura hidrometro medidor tarifaria residuos coleta urbana
    contrib melhoria terreno averbacao escritura reconhecimento firma autenticacao procuracao emolumentos
    sucumbencia pericia periciais honor
    stationery computer phone telephone broadband fuel petrol meal meals lunch dinner accommodation
    conference event registration application test exam passport visa new old north south east west street road uk
    eu usa www http https org net gov co
"""
PUBLIC = frozenset(_PUBLIC.split())
"""What money was for, in words that no one owns."""

_AMBIGUOUS = """
    folha avulsa avulso nova novo novos novas vida vale luz nacional central social unica unico primeira primeiro
    principal classe presente festa papel estado geral real monte sol verde azul vidas pontos linha porto ponto
    car life natural property forca fundo ativa holiday pay extras garantida pessoal legais renda
    norte sul leste oeste sabor bom boa new old north south east west range point direct royal crown bell
"""
AMBIGUOUS = frozenset(_AMBIGUOUS.split())
"""Ordinary words that firms are also called by: part of a name after a trade word or beside a name."""

_CODE_WORDS = """
    darf darfs cod codigo receita gps guia gru banco bco bank compe
"""
CODE_WORDS = frozenset(_CODE_WORDS.split())
"""A short number after one of these is a public code (revenue, bank), not somebody's number."""

_PUBLIC_MIXED = """
    13o 24h 24hs 24horas 1a 2a 3a 4a 5a 6a 1o 2o 3o 4o 5o 6o s10 4g 5g 3g 13
"""
PUBLIC_MIXED = frozenset(_PUBLIC_MIXED.split())
"""Public tokens with digits in them; 13 stands in 13th salary."""

_MONTHS = (
    "jan janeiro january",
    "fev fevereiro feb february",
    "mar marco march",
    "abr abril apr april",
    "mai maio may",
    "jun junho june",
    "jul julho july",
    "ago agosto aug august",
    "set setembro sep september",
    "out outubro oct october",
    "nov novembro november",
    "dez dezembro dec december",
)
MONTHS = {word: month for month, words in enumerate(_MONTHS, start=1) for word in words.split()}
"""Month of each month name, 1 to 12."""

PLACE_HEADS = frozenset(place[0] for place in PLACES)

PUBLIC_WORDS = STRUCTURE | CONNECTORS | LEGAL | BRANDS | TRADE | PUBLIC | PUBLIC_MIXED | AMBIGUOUS | frozenset(MONTHS)
"""All words of this module that stand alone."""

__all__ = [
    "AMBIGUOUS",
    "BRANDS",
    "CODE_WORDS",
    "CONNECTORS",
    "LEGAL",
    "MONTHS",
    "PLACES",
    "PLACE_HEADS",
    "PUBLIC",
    "PUBLIC_MIXED",
    "PUBLIC_WORDS",
    "STRUCTURE",
    "TRADE",
]
