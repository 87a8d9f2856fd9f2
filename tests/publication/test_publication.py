"""Publication: what is written, what is left alone, and what a crash costs."""

import errno
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from egregora_core.errors import StageError, WorkspaceError
from egregora_core.plugins import PublishedFile
from egregora_core.publication import publish_files, published_intact
from egregora_core.publication._publishing import JOURNAL, MANIFEST, PublicationResult
from hypothesis import given
from hypothesis import strategies as st


def publish(directory: Path, files: dict[str, str]) -> PublicationResult:
    return publish_files(directory, (PublishedFile(*item) for item in files.items()), publisher="test")


def tree(directory: Path) -> dict[str, str]:
    """Return what a reader sees: everything but our own bookkeeping."""
    return {
        path.relative_to(directory).as_posix(): path.read_text()
        for path in directory.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


def test_a_directory_follows_its_publisher(tmp_path: Path) -> None:
    """New files come, changed ones change, and what is no longer made goes, directories too."""
    site = tmp_path / "site"
    first = publish(site, {"a.md": "1", "deep/er/b.md": "2", "c.md": "3"})
    assert (first.written, first.files) == (["a.md", "deep/er/b.md", "c.md"], 3)

    second = publish(site, {"a.md": "1", "c.md": "4"})
    assert (second.written, second.removed, second.files) == (["c.md"], ["deep/er/b.md"], 2)
    assert tree(site) == {"a.md": "1", "c.md": "4"}
    assert not (site / "deep").exists()
    assert first.fingerprint != second.fingerprint
    assert publish(site, {"a.md": "1", "c.md": "4"}).fingerprint == second.fingerprint


def test_an_edited_file_is_kept_and_reported(tmp_path: Path) -> None:
    """Neither overwritten nor removed; once it reads as before, or is gone, it is ours again."""
    publish(tmp_path, {"a.md": "1", "b.md": "1", "c.md": "1"})
    (tmp_path / "a.md").write_text("mine")
    (tmp_path / "b.md").write_text("mine")

    result = publish(tmp_path, {"a.md": "2", "c.md": "1"})
    assert sorted(result.kept_edited) == ["a.md", "b.md"]
    assert tree(tmp_path) == {"a.md": "mine", "b.md": "mine", "c.md": "1"}

    (tmp_path / "a.md").write_text("1")
    assert publish(tmp_path, {"a.md": "2", "c.md": "1"}).written == ["a.md"]
    (tmp_path / "a.md").unlink()
    assert publish(tmp_path, {"a.md": "2", "c.md": "1"}).written == ["a.md"]


def test_a_foreign_file_is_kept(tmp_path: Path) -> None:
    """What was there before us is somebody's, and so is a link, wherever it leads."""
    (tmp_path / "a.md").write_text("theirs")
    (tmp_path / "elsewhere").write_text("1")
    (tmp_path / "b.md").symlink_to(tmp_path / "elsewhere")
    assert publish(tmp_path, {"a.md": "1", "b.md": "1"}).kept_edited == ["a.md", "b.md"]
    publish(tmp_path, {})
    assert (tmp_path / "a.md").read_text() == "theirs"
    assert (tmp_path / "b.md").is_symlink()


def test_a_directory_with_a_foreign_file_stays(tmp_path: Path) -> None:
    publish(tmp_path, {"deep/a.md": "1"})
    (tmp_path / "deep" / "notes").write_text("theirs")
    publish(tmp_path, {})
    assert tree(tmp_path) == {"deep/notes": "theirs"}


@pytest.mark.parametrize(
    "path", ["../a", "/a", "a/../../b", "", ".", "a//b", "./a", "a\\b", "a\0b", MANIFEST, f"x/{JOURNAL}"]
)
def test_paths_that_lead_elsewhere_are_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(StageError, match="path"):
        publish(tmp_path / "site", {path: "1"})
    assert [item.name for item in tmp_path.iterdir()] == ["site"]


def test_a_link_out_is_not_followed(tmp_path: Path) -> None:
    """A directory that became a link is neither written through nor deleted through."""
    site, outside = tmp_path / "site", tmp_path / "outside"
    publish(site, {"deep/a.md": "1"})
    (site / "deep").rename(outside)
    (site / "deep").symlink_to(outside)
    with pytest.raises(WorkspaceError, match="link"):
        publish(site, {"deep/a.md": "2"})
    publish(site, {})
    assert (outside / "a.md").read_text() == "1"


@pytest.mark.parametrize("pair", [("a.md", "A.md"), ("é.md", "e\u0301.md")])
def test_paths_that_some_disks_confuse_are_refused(tmp_path: Path, pair: tuple[str, str]) -> None:
    with pytest.raises(StageError, match="one file on some disks"):
        publish(tmp_path, dict.fromkeys(pair, "1"))
    with pytest.raises(StageError, match="one file"):
        publish_files(tmp_path, [PublishedFile("b", "1"), PublishedFile("b", "1")], publisher="test")


def test_two_publishers_do_not_share(tmp_path: Path) -> None:
    publish(tmp_path, {"a.md": "1"})
    with pytest.raises(WorkspaceError, match="another `directory`"):
        publish_files(tmp_path, [], publisher="other")


def test_intact_means_as_we_left_it(tmp_path: Path) -> None:
    """A kept file is known; a new edit, a lost file or a publication that did not end is not."""
    assert not published_intact(tmp_path)
    (tmp_path / "b.md").write_text("theirs")
    publish(tmp_path, {"a.md": "1", "b.md": "1"})
    assert published_intact(tmp_path)
    (tmp_path / "a.md").touch()
    assert published_intact(tmp_path)
    (tmp_path / "a.md").write_text("2")
    assert not published_intact(tmp_path)
    (tmp_path / "a.md").unlink()
    assert not published_intact(tmp_path)
    publish(tmp_path, {"a.md": "1", "b.md": "1"})
    (tmp_path / JOURNAL).touch()
    assert not published_intact(tmp_path)


@given(
    first=st.dictionaries(st.sampled_from(["a", "b", "d/a", "d/e/b"]), st.sampled_from("123")),
    second=st.dictionaries(st.sampled_from(["a", "b", "d/a", "d/e/b"]), st.sampled_from("123")),
    third=st.dictionaries(st.sampled_from(["a", "b", "d/a", "d/e/b"]), st.sampled_from("123")),
    crash_after=st.integers(0, 4),
)
def test_after_a_crash_the_next_publication_converges(
    tmp_path_factory: pytest.TempPathFactory,
    first: dict[str, str],
    second: dict[str, str],
    third: dict[str, str],
    crash_after: int,
) -> None:
    """Whatever a crash left, it is not taken for somebody's edit, even if by then other files are wanted."""
    site = tmp_path_factory.mktemp("site")
    publish(site, first)

    def dying() -> Iterable[PublishedFile]:
        for number, item in enumerate(second.items()):
            if number == crash_after:
                raise KeyboardInterrupt
            yield PublishedFile(*item)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish_files(site, dying(), publisher="test")
    result = publish(site, third)

    assert result.kept_edited == []
    assert tree(site) == third
    assert {path.name for path in site.iterdir() if path.is_dir()} == {"d" for path in third if "/" in path}


def test_a_leftover_of_a_killed_process_is_cleared(tmp_path: Path) -> None:
    """Killed between writing beside and renaming: a part and a journal whose last line is cut off."""
    publish(tmp_path, {"d/a.md": "1"})
    (tmp_path / "d" / ".egregora-part").write_text("ha")
    (tmp_path / JOURNAL).write_text('{"path": "d/a.md", "sha256": "00"}\n{"path": "d/b')
    assert publish(tmp_path, {"d/a.md": "2"}).written == ["d/a.md"]
    assert tree(tmp_path) == {"d/a.md": "2"}


def test_a_full_disk_leaves_whole_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that no longer fitted is as it was, and the error says what to do."""
    publish(tmp_path, {"a.md": "1", "b.md": "1"})
    write_bytes = Path.write_bytes

    def filling(path: Path, content: bytes) -> int:
        if content == b"long":
            write_bytes(path, b"lo")
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write_bytes(path, content)

    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", filling)
        with pytest.raises(WorkspaceError, match="No space left"):
            publish(tmp_path, {"a.md": "2", "b.md": "long"})
    assert {name: text for name, text in tree(tmp_path).items() if name != JOURNAL} == {
        "a.md": "2",
        "b.md": "1",
    }
    assert publish(tmp_path, {"a.md": "2", "b.md": "long"}).written == ["b.md"]


def test_a_place_that_is_no_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("a file")
    with pytest.raises(WorkspaceError, match="cannot publish"):
        publish(tmp_path / "site", {"a.md": "1"})
    with pytest.raises(WorkspaceError, match="cannot publish"):
        publish(tmp_path / "other", {"a": "1", "a/b": "2"})


def test_a_damaged_manifest_is_not_guessed_at(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(WorkspaceError, match="damaged"):
        publish(tmp_path, {})


def test_files_are_taken_one_by_one(tmp_path: Path) -> None:
    """A site may be bigger than memory: each file is on disk before the next is asked for."""

    def files() -> Iterator[PublishedFile]:
        for number in range(3):
            assert len(tree(tmp_path)) == (number + 1 if number else 1)
            yield PublishedFile(f"{number}.md", "x")

    publish_files(tmp_path, files(), publisher="test")
