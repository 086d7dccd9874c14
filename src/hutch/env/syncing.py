"""Asking the disk to keep something though the power be lost, where the system has such a thing."""

from __future__ import annotations

import os

__all__ = ["sync_directory", "sync_file", "sync_tree"]


def sync_file(descriptor: int) -> None:
    """Keep the content of an open file."""
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # a file system without it: a killed process loses nothing all the same


def sync_directory(path: str) -> None:
    """Keep the names in a directory."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(path: str) -> None:
    """Keep a file, or a directory with all in it."""
    from hutch.trees import walk

    for directory, _, files in walk(path):
        for name in files:
            _sync_path(os.path.join(directory, name))
        sync_directory(directory)
    if not os.path.isdir(path):
        _sync_path(path)


def _sync_path(path: str) -> None:
    if os.path.islink(path):
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)
