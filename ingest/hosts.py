"""Names and addresses of hosts, as they stand in settings."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by its name or address alone."""
    try:
        return ipaddress.ip_address(host.strip().strip("[]")).is_loopback
    except ValueError:
        return host.strip() == "localhost"


def bracketed(host: str) -> str:
    """The host as it stands before a colon and a port: an address of IPv6 in brackets."""
    name = host.strip()
    return f"[{name}]" if ":" in name and not name.startswith("[") else name
