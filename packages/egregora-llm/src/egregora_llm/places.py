"""Where messages go: to a server on this machine, or off it."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def sends_to(*, model: str, base_url: str) -> str:
    """Return the host, or the provider, that messages are sent to off this machine; empty where they stay on it."""
    if not base_url:
        return model.partition(":")[0]
    parts = urlsplit(base_url)
    host = (parts.hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    mapped = getattr(address, "ipv4_mapped", None) or address
    return "" if mapped.is_loopback else host
