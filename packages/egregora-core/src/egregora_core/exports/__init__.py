"""What people give to be read: a file, a folder, a zip or a tar, behind one face, of which nothing is ever unpacked.

Owns what every source would do again and get wrong: names inside that lead out, zips that are encrypted or bombs,
encodings, lines and JSON in bounded pieces. Promises that what is wrong is an ExportError that says where.
May import `errors`.
"""

from egregora_core.exports._export import Export
from egregora_core.exports._json_together import as_dict

__all__ = ["Export", "as_dict"]
