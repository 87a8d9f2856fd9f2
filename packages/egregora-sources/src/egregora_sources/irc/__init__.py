"""IRC: the text logs of clients, bouncers and bots, one file or a folder of them.

Owns how lines look (`profiles.toml`, which is data: a program more is an entry there), what a file's name tells of
network, channel and day, and how times of day become times. Nicks are all that IRC knows of people: a change of nick
joins the two. May import `egregora_core.plugin` alone.
"""

from egregora_sources.irc._source import read, recognise

__all__ = ["read", "recognise"]
