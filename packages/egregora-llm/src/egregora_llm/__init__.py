"""Posts, profiles and judgements by language models, as a plugin: this module only registers."""

__version__ = "0.1.0"
