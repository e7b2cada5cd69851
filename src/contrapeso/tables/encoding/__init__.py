"""The shared encoder of the generators: tables as rows of small whole numbers, and back."""

from contrapeso.tables.encoding._config import Encoding
from contrapeso.tables.encoding._encoder import TableEncoder
from contrapeso.tables.encoding._known import Clash
from contrapeso.tables.encoding._tokens import Encoded, Given, Token

__all__ = ["Clash", "Encoded", "Encoding", "Given", "TableEncoder", "Token"]
