"""Archives of fitted things: JSON and arrays, nothing that runs code."""

from contrapeso.persistence._archive import Archive, ArchiveKind, read_archive, write_archive

__all__ = ["Archive", "ArchiveKind", "read_archive", "write_archive"]
