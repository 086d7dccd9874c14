"""An unpacked wheel of the store as the archive that it was: for whoever wants the file itself.

The members are those of the wheel, byte for byte, in a fixed order and with a fixed date: the same wheel
gives the same archive.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zipfile import ZipFile

    from hutch.store.wheels import StoredWheel

__all__ = ["repack_wheel"]

_DATE = (1980, 1, 1, 0, 0, 0)


def repack_wheel(wheel: StoredWheel, folder: str) -> str:
    """Write the archive into ``folder``; its path. Raises ``StoreProblem``."""
    import zipfile

    from hutch.store.problems import store_problem

    manifest = wheel.manifest
    path = os.path.join(folder, manifest.filename)
    record = f"{manifest.dist_info}/RECORD"
    data_folder = manifest.dist_info.removesuffix(".dist-info") + ".data"
    rows: list[str] = []
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for place, label, files in wheel.places():
                prefix = "" if label == "files/" else f"{data_folder}/{label.removeprefix('data/')}"
                for each in files:
                    _put(archive, place + each.path, prefix + each.path, each.mode)
                    rows.append(f"{_quoted(prefix + each.path)},sha256={each.hash},{each.size}\n")
            info = zipfile.ZipInfo(record, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o100644) << 16
            archive.writestr(info, "".join([*rows, f"{record},,\n"]))
    except OSError as error:
        raise store_problem(error, f"packing {manifest.filename}", path) from error
    return path


def _put(archive: ZipFile, source: str, name: str, mode: int) -> None:
    import shutil
    import zipfile

    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (0o100000 | (mode & 0o777)) << 16
    with open(source, "rb") as stream, archive.open(info, "w") as member:
        shutil.copyfileobj(stream, member)


def _quoted(path: str) -> str:
    """As a field of CSV."""
    return '"' + path.replace('"', '""') + '"' if set(path) & set(',"\n\r') else path
