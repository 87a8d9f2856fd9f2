import sys; from pathlib import Path; sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent/"platforms")]
import quill
from quill_suite import QuillConformance
class TestQuill(QuillConformance):
    plugin = quill
