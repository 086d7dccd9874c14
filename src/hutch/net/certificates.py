"""Whom to trust: the certificates that a TLS connection is checked against.

Order: what the user configured; what the environment names; the system's own store. A company's
root certificate lives in one of the three.
"""

from __future__ import annotations

import os
import sys

from hutch.net.options import NetOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["certificate_paths", "certificates_by_origin", "uses_system_store"]

# Where systems keep the bundle. libcurl and OpenSSL as shipped in wheels were built elsewhere and
# look in the directories of the machine that built them.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/usr/local/etc/ssl/cert.pem",
)


def certificate_paths(options: NetOptions) -> tuple[str | None, str | None]:
    """(bundle file, directory) to trust; (None, None) where the library's own default must do."""
    if options.ca_bundle:
        if os.path.isdir(options.ca_bundle):
            return None, options.ca_bundle
        return options.ca_bundle, None
    file, directory = options.ca_file, options.ca_directory
    if file and directory and os.path.dirname(os.path.abspath(file)) == os.path.abspath(directory):
        # The bundle is made from that directory; libcurl keeps a bundle parsed between
        # connections, but not together with a directory.
        directory = None
    if file or directory:
        return file, directory
    if uses_system_store(options):
        return None, None
    return next((path for path in _BUNDLES if os.path.isfile(path)), None), None


def certificates_by_origin(options: NetOptions) -> Mapping[str, tuple[str, str]]:
    """(authorities, certificate to show), each a file or empty, by origin: what Poetry and PDM have for
    single indexes. What the user says for all in hutch's own words comes before it."""
    if not options.tool_logins or (options.ca_bundle and options.client_cert):
        return {}
    from hutch.net.problems import InvalidAddress
    from hutch.net.tool_logins import read_tool_certificates
    from hutch.net.urls import origin_of

    found: dict[str, tuple[str, str]] = {}
    for one in read_tool_certificates(options.tool_logins):
        own = [one.url] if one.url else []
        own += [each.url for each in options.indexes if each.own and each.name == one.name]
        others = [each.url for each in options.indexes if not each.own and each.name == one.name]
        for url in (*own, *others):
            try:
                origin = origin_of(url)
            except InvalidAddress:
                continue
            # Who we are is told where the user says the address himself; whom to trust tells nobody anything.
            client = one.client if url in own and not options.client_cert else ""
            known = found.get(origin, ("", ""))
            found[origin] = (known[0] or ("" if options.ca_bundle else one.ca), known[1] or client)
    return found


def uses_system_store(options: NetOptions) -> bool:
    """Whether the operating system keeps certificates that are not files (Windows, macOS)."""
    return sys.platform in ("win32", "darwin") and not (
        options.ca_bundle or options.ca_file or options.ca_directory
    )
