"""Publishers that come with Egregora: documents in, files out."""
