"""`activate.bat` and `deactivate.bat` for cmd.exe: called by name, they run in the shell itself."""

from __future__ import annotations

__all__ = ["ACTIVATE", "DEACTIVATE", "OWN_PLACE"]

OWN_PLACE = "%%~fI"

# The code page is changed while the file is read, for paths that are not ASCII, and changed back.
ACTIVATE = r"""@echo off
for /f "tokens=2 delims=:." %%a in ('"%SystemRoot%\System32\chcp.com"') do set "_OLD_CODEPAGE=%%a"
if defined _OLD_CODEPAGE "%SystemRoot%\System32\chcp.com" 65001 > nul

if defined _OLD_VIRTUAL_PROMPT set "PROMPT=%_OLD_VIRTUAL_PROMPT%"
if defined _OLD_VIRTUAL_PYTHONHOME set "PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%"
if not defined _OLD_VIRTUAL_PATH (
    set "_OLD_VIRTUAL_ENV=%VIRTUAL_ENV%"
    set "_OLD_VIRTUAL_ENV_PROMPT=%VIRTUAL_ENV_PROMPT%"
)
if defined _OLD_VIRTUAL_PATH set "PATH=%_OLD_VIRTUAL_PATH%"

rem It may have been moved or copied since it was made; the place of this file tells.
for %%I in ("%~dp0..") do set "_VIRTUAL_ENV=__PLACE__"
for %%I in ("%~dp0..") do if not exist "%_VIRTUAL_ENV%\pyvenv.cfg" set "_VIRTUAL_ENV=%%~fI"
set "VIRTUAL_ENV=%_VIRTUAL_ENV%"
set "_VIRTUAL_ENV="
set "VIRTUAL_ENV_PROMPT=__PROMPT__"

if not defined PROMPT set "PROMPT=$P$G"
set "_OLD_VIRTUAL_PROMPT=%PROMPT%"
if not defined VIRTUAL_ENV_DISABLE_PROMPT set "PROMPT=(__SHOWN__) %PROMPT%"

set "_OLD_VIRTUAL_PYTHONHOME="
if defined PYTHONHOME set "_OLD_VIRTUAL_PYTHONHOME=%PYTHONHOME%"
set "PYTHONHOME="

set "_OLD_VIRTUAL_PATH=%PATH%"
set "PATH=%VIRTUAL_ENV%\__SCRIPTS__;%PATH%"

if defined _OLD_CODEPAGE "%SystemRoot%\System32\chcp.com" %_OLD_CODEPAGE% > nul
set "_OLD_CODEPAGE="
"""

DEACTIVATE = r"""@echo off
if defined _OLD_VIRTUAL_PROMPT set "PROMPT=%_OLD_VIRTUAL_PROMPT%"
set "_OLD_VIRTUAL_PROMPT="
if defined _OLD_VIRTUAL_PYTHONHOME set "PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%"
set "_OLD_VIRTUAL_PYTHONHOME="
if defined _OLD_VIRTUAL_PATH set "PATH=%_OLD_VIRTUAL_PATH%"
set "_OLD_VIRTUAL_PATH="
set "VIRTUAL_ENV=%_OLD_VIRTUAL_ENV%"
set "_OLD_VIRTUAL_ENV="
set "VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_ENV_PROMPT%"
set "_OLD_VIRTUAL_ENV_PROMPT="
"""
