"""A file that says what it is made of is not made again while that, and what made it, stay."""

from pathlib import Path

from egregora_core.plugin import PublishedFile
from egregora_core.publication import PublicationResult, publish_files


class Maker:
    """A publisher of one file, which counts how often it makes it."""

    def __init__(self, content: str | bytes = "words") -> None:
        self.content = content
        self.made = 0

    def __call__(self) -> str | bytes:
        self.made += 1
        return self.content

    def publish(self, directory: Path, made_of: str = "a", made_by: str = "1") -> PublicationResult:
        return publish_files(directory, [PublishedFile("page.html", self, made_of)], publisher="p", made_by=made_by)


def test_a_file_stands_while_what_it_is_made_of_does(tmp_path: Path) -> None:
    """It is made once, and counts as one of the publisher's files all the same."""
    maker = Maker()
    first, second = maker.publish(tmp_path), maker.publish(tmp_path)
    assert maker.made == 1
    assert (second.written, second.removed, second.files) == ([], [], 1)
    assert first.fingerprint == second.fingerprint


def test_other_data_code_or_settings_make_it_again(tmp_path: Path) -> None:
    """Each of the three is a reason; a file that comes out the same is not written."""
    maker = Maker()
    maker.publish(tmp_path)
    assert maker.publish(tmp_path, made_of="b").written == []
    maker.content = "other words"
    assert maker.publish(tmp_path, made_of="b", made_by="2").written == ["page.html"]
    assert maker.made == 3


def test_without_saying_what_it_is_made_of_it_is_made_each_time(tmp_path: Path) -> None:
    """Nothing stands for no reason."""
    maker = Maker()
    maker.publish(tmp_path, made_of="")
    maker.publish(tmp_path, made_of="")
    assert maker.made == 2


def test_an_edited_file_is_kept_and_a_deleted_one_made_again(tmp_path: Path) -> None:
    """What somebody did by hand is seen although the data is the same."""
    maker = Maker()
    maker.publish(tmp_path)
    (tmp_path / "page.html").write_text("by hand")
    assert maker.publish(tmp_path).kept_edited == ["page.html"]
    assert (tmp_path / "page.html").read_text() == "by hand"
    (tmp_path / "page.html").unlink()
    assert maker.publish(tmp_path).written == ["page.html"]
    assert (tmp_path / "page.html").read_text() == "words"


def test_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    """A picture is content as well."""
    Maker(b"\x89PNG\r\n\x1a\n\x00").publish(tmp_path)
    assert (tmp_path / "page.html").read_bytes() == b"\x89PNG\r\n\x1a\n\x00"
