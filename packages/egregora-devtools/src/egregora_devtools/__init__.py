"""For contributors to Egregora and authors of its plugins: a conformance kit, a template, generated files."""

__version__ = "0.1.0"
