"""Hosts on which others than their owner publish: whose page an address is, by the table ``detector/data/shared-hosts.toml``.

``shared_hosts`` reads the table, ``path_patterns`` finds accounts in paths, ``accounts`` combines both with the public suffix list.
"""

from detector.hosters.accounts import HostedAccount, account_of, is_shared, site_path, whole_account
from detector.hosters.shared_hosts import SharedHost, entry_of, is_below, shared_below, shared_hosts

__all__ = [
    "HostedAccount",
    "SharedHost",
    "account_of",
    "entry_of",
    "is_below",
    "is_shared",
    "shared_below",
    "shared_hosts",
    "site_path",
    "whole_account",
]
