"""Common Brazilian given names and surnames, written down for this project from what everybody knows.

The lists serve two ends: words of a description that are a person's name are found by them, and pseudonyms are drawn
from them. They are neither complete nor ranked; what they miss is what the k-support of literals is for.
"""

from __future__ import annotations

from functools import cache

from contrapeso.finance._text import normalize_description

_WOMEN = """
Adelaide Adriana Adriane Agatha Alana Alessandra Alexandra Alice Alícia Aline Amanda Amélia Ana Anabela Anderlúcia
Andréa Andreia Andressa Angela Ângela Angélica Anita Antônia Aparecida Ariane Arlete Aurora Bárbara Beatriz Benedita
Berenice Bernadete Bianca Brenda Bruna Camila Carina Carla Carmem Carolina Caroline Catarina Cecília Célia Cibele Clara
Clarice Cláudia Cleide Cleonice Cleusa Cristiane Cristina Daiane Daniela Daniele Débora Denise Diana Dirce Djanira
Dulce Edilene Edna Eduarda Elaine Eleonora Eliana Eliane Elisa Elisabete Elisângela Eloá Elza Emanuele Emília Érica
Esmeralda Ester Eunice Eva Evelin Fabiana Fabíola Fátima Fernanda Flávia Francisca Franciele Gabriela Geni Geovana
Geralda Gilda Giovana Gisele Giselle Glória Graça Graziela Helena Helenice Heloísa Hilda Iara Ilda Inês Ingrid Iolanda
Iracema Irene Isabel Isabela Isabele Isadora Ivete Ivone Ivonete Jacira Jacqueline Jade Janaína Jandira Jaqueline
Jéssica Joana Jordana Josefa Josefina Josiane Júlia Juliana Jurema Jussara Karen Karina Karine Kátia Kelly Laís Lara
Larissa Laura Lavínia Leda Leila Lenita Letícia Lia Lídia Lidiane Lígia Liliana Liliane Lívia Lorena Lorraine Lourdes
Lúcia Luana Luciana Luciene Ludmila Luísa Luiza Luzia Magali Magda Maísa Malu Manuela Mara Marcela Márcia Margarete
Margarida Maria Mariana Marilda Marilene Marília Marina Mariza Marlene Marli Marta Mayara Melissa Michele Milena Mirela
Mirian Míriam Mônica Nádia Nair Natália Natasha Neide Neusa Nicole Nilza Nívea Noêmia Norma Odete Olga Olívia Ondina
Palmira Paloma Pâmela Patrícia Paula Penélope Pietra Poliana Priscila Quitéria Rafaela Raimunda Raquel Rebeca Regiane
Regina Renata Rita Roberta Rosa Rosana Rosane Rosângela Rose Roseli Rosilene Rosimeire Rute Sabrina Samanta Samara
Sandra Sara Selma Sheila Silvana Sílvia Simone Solange Sônia Sophia Sofia Stefany Stela Sueli Suely Susana Suzana
Tainá Taís Talita Tamara Tânia Tarsila Tatiana Tatiane Telma Tereza Teresa Teresinha Terezinha Thaís Úrsula Valentina
Valéria Vanda Vanessa Vânia Vera Verônica Vilma Virgínia Vitória Viviane Wanda Yara Yasmin Zélia Zenaide Zilda Zuleica
"""
_MEN = """
Abel Abílio Abraão Adalberto Adão Adauto Ademar Ademir Adilson Afonso Agnaldo Agostinho Airton Alan Alberto Alcides
Aldo Alessandro Alex Alexandre Alfredo Aloísio Altair Álvaro Amadeu Amauri Amílcar Anderson André Ângelo Anselmo
Antônio Ari Aristides Armando Arnaldo Arthur Artur Ataíde Augusto Aurélio Ayrton Baltazar Bartolomeu Benedito Benício
Benjamim Bento Bernardo Brás Breno Bruno Caetano Caio Camilo Carlos Cássio Cauã Celso César Cícero Cláudio Claudemir
Cléber Cleiton Clóvis Cristiano Cristóvão Custódio Daniel Danilo Dario Davi David Décio Deivid Dejair Diego Dimas
Dinarte Diogo Dionísio Dirceu Djalma Domingos Douglas Durval Eder Edgar Edilson Edimar Edivaldo Edmilson Edmundo Édson
Eduardo Elias Eliseu Élton Emanuel Emerson Emílio Enrico Enzo Erasmo Erick Ernesto Estêvão Euclides Eugênio Eurico
Evaldo Evandro Everaldo Everton Ezequiel Fabiano Fábio Fabrício Felipe Fernando Filipe Flávio Francisco Frederico
Gabriel Genaro Genésio Geovani Geraldo Gérson Getúlio Gilberto Gílson Gilmar Giovani Gonçalo Guilherme Gustavo Haroldo
Heitor Hélio Henrique Hermes Hernani Hilário Horácio Hugo Humberto Iago Igor Inácio Irineu Isaac Isaías Ismael Itamar
Ivan Ivo Jackson Jacó Jaime Jair Jairo Januário Jean Jeferson Jefferson Jeremias Jerônimo Jesus João Joaquim Joel
Jonas Jonatas Jonathan Jorge José Josias Josué Juarez Júlio Juliano Júnior Juvenal Kauã Kevin Kléber Laércio Lauro
Lázaro Leandro Leonardo Leonel Leopoldo Levi Lincoln Lindomar Lourenço Lourival Lucas Luciano Lúcio Luís Luiz Manoel
Manuel Marcelo Márcio Marco Marcos Mariano Mário Marlon Martim Mateus Matheus Maurício Mauro Maxwell Miguel Milton
Misael Moacir Moisés Murilo Narciso Natan Natanael Nélson Nestor Newton Nicolas Nicolau Nilo Nilson Nilton Noé Norberto
Odair Olavo Olímpio Orestes Orlando Oscar Osmar Osvaldo Otacílio Otávio Otto Ovídio Pablo Patrick Paulo Pedro Péricles
Plínio Quirino Rafael Raimundo Ramiro Ramon Raul Reginaldo Reinaldo Renan Renato Ricardo Roberto Robson Rodolfo Rodrigo
Rogério Roger Roland Romário Romeu Rômulo Ronaldo Ronan Roque Rosalvo Rubens Rui Ruan Salomão Salvador Samuel Sandro
Saulo Sebastião Sérgio Severino Sidnei Silas Silvano Silvério Sílvio Simão Tadeu Tarcísio Teodoro Thales Thiago Tiago
Tibério Tobias Tomás Tomé Túlio Ubirajara Ulisses Urbano Vagner Valdemar Valdir Valdomiro Valentim Válter Vanderlei
Vicente Vílson Vinícius Virgílio Vítor Victor Wagner Walace Walter Wanderley Washington Wellington Wesley William
Wilson Xavier Yago Yuri Zacarias Zenildo Zeno
"""
_SURNAMES = """
Abrantes Abreu Aguiar Albuquerque Alcântara Alencar Almeida Alvarenga Álvares Alves Alvim Amaral Amâncio Amorim Andrade
Anjos Antunes Aquino Aragão Arantes Araújo Arruda Assis Assunção Ávila Azevedo Bacelar Bandeira Barbosa Barcelos Barros
Barreto Barroso Bastos Batista Becker Belmonte Beltrão Benevides Benites Bernardes Bezerra Bicalho Bispo Bittencourt
Boaventura Bonfim Borba Borges Botelho Braga Bragança Brandão Brito Bueno Cabral Caldas Caldeira Calixto Câmara
Camargo Caminha Campos Cândido Canuto Cardoso Cardozo Carneiro Carrasco Carvalho Cascais Castanho Castilho Castro
Cavalcante Cavalcanti Cerqueira Chagas Chaves Coelho Colaço Conceição Cordeiro Correia Corrêa Costa Couto Coutinho
Cruz Cunha Damasceno Dantas Dias Diniz Domingues Dornelles Drummond Duarte Dutra Esteves Fagundes Falcão Faria Farias
Feitosa Félix Fernandes Ferraz Ferreira Figueira Figueiredo Fischer Flores Florêncio Fogaça Fonseca Fontana Fontes
Fortes Fraga França Franco Freire Freitas Frota Furtado Galdino Galvão Gama Garcia Gaspar Godinho Godoy Góes Gomes
Gonçalves Gonzaga Gouveia Gouvêa Graciano Guedes Guerra Guimarães Gusmão Hoffmann Holanda Honorato Jardim Jesus Klein
Lacerda Lago Laranjeira Leal Leão Leite Leitão Lemos Lessa Lima Lins Lira Lisboa Lobato Lobo Lopes Loureiro Lourenço
Lucena Luz Macedo Machado Maciel Madeira Madureira Magalhães Maia Malheiros Maranhão Marinho Marques Martins Mascarenhas
Mattos Matos Medeiros Meireles Mello Melo Mendes Mendonça Menezes Mesquita Meyer Miranda Moraes Morais Morato Moreira
Moreno Mota Motta Moura Müller Muniz Murta Nascimento Navarro Neves Nobre Nóbrega Nogueira Noronha Novaes Novais Nunes
Oliveira Ornelas Ortiz Pacheco Padilha Paes Paiva Palhares Palma Parente Passos Patrício Peçanha Pedrosa Peixoto
Penteado Pereira Peres Pessoa Pimenta Pimentel Pinheiro Pinho Pinto Pires Pontes Porto Portela Prado Prates Proença
Queiroz Quadros Quaresma Quintana Quintão Ramalho Ramos Rangel Rebouças Rego Reis Resende Rezende Ribas Ribeiro Rios
Rocha Rodrigues Rosário Rossi Sá Saldanha Sales Salgado Salles Sampaio Sanches Santana Santiago Santos Saraiva Sardinha
Sarmento Schmidt Schneider Schulz Seabra Seixas Sequeira Serpa Serra Serrano Severo Silva Silveira Siqueira Soares
Sobral Sodré Solano Souto Souza Sousa Tavares Taveira Teixeira Teles Telles Tenório Toledo Torquato Torres Tourinho
Trindade Uchoa Valadares Valença Valente Valle Varela Vargas Vasconcelos Vasques Vaz Veiga Veloso Ventura Veras Viana
Vidal Vieira Vilela Vilas Vilaça Weber Werneck Ximenes Zago Zanetti Zanotti
"""
_LINKS = "da das de do dos e di del du von van"

WOMEN: tuple[str, ...] = tuple(dict.fromkeys(_WOMEN.split()))
MEN: tuple[str, ...] = tuple(dict.fromkeys(_MEN.split()))
GIVEN_NAMES: tuple[str, ...] = tuple(dict.fromkeys((*WOMEN, *MEN)))
"""Given names with their accents."""
SURNAMES: tuple[str, ...] = tuple(dict.fromkeys(_SURNAMES.split()))
"""Surnames with their accents."""
LINKING_WORDS: frozenset[str] = frozenset(_LINKS.split())
"""Words inside a name that name nobody (``da``, ``dos``)."""


@cache
def name_words() -> frozenset[str]:
    """Every given name and surname of the gazetteer, normalised.

    >>> {"joao", "goncalves"} <= name_words(), "pix" in name_words()
    (True, False)
    """
    return given_words() | frozenset(normalize_description(word) for word in SURNAMES)


@cache
def given_words() -> frozenset[str]:
    """The given names of the gazetteer, normalised."""
    return frozenset(normalize_description(word) for word in GIVEN_NAMES)


__all__ = ["GIVEN_NAMES", "LINKING_WORDS", "MEN", "SURNAMES", "WOMEN", "given_words", "name_words"]
