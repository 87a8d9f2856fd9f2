"""Writers that come with Egregora: one unit's messages in, documents out."""
