"""Places whose names are those of persons elsewhere: nobody is told by them."""

from __future__ import annotations

_PLACES = """
    belo horizonte, boa vista, campo grande, caxias do sul, distrito federal, duque de caxias, espirito santo,
    feira de santana, joao pessoa, juiz de fora, los angeles, mato grosso do sul, minas gerais, new york, nova
    iguacu, novo hamburgo, porto alegre, porto velho, ribeirao preto, rio branco, rio de janeiro, rio grande do
    norte, rio grande do sul, san francisco, santa catarina, santa maria, santo andre, sao bernardo, sao caetano,
    sao goncalo, sao jose, sao jose dos campos, sao luis, sao paulo, vila velha, west yorkshire
"""
PLACES = frozenset(tuple(place.split()) for place in _PLACES.split(","))
"""Places of several words, some of which are persons' names elsewhere."""

__all__ = ["PLACES"]
