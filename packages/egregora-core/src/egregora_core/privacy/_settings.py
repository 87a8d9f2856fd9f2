"""What a user may configure of the privacy stage: the settings section `[privacy]`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class PrivacySettings(BaseModel):
    """The section `[privacy]`."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    mask_urls: bool = False
    """Replace every web address by `[url]`; otherwise addresses stay, without the names and e-mails inside them."""

    names: tuple[str, ...] = ()
    """More names to mask: people who are talked about but never write, nicknames, places."""

    keep: tuple[str, ...] = ()
    """Words never masked in ordinary text, in any case: for an author who is called Will or Hope. They are still
    masked in mentions (`@Will`) and in system lines, and a longer name that holds them (`Will Smith`) still is."""

    pseudonym_language: Literal["de", "en", "es", "pt"] = "en"
    """The language of the two words that people and chats are called by. In another one everybody has another name."""
