"""`activate.ps1` for Windows PowerShell and PowerShell 7: to be dot-sourced, ``. .venv/bin/activate.ps1``.

`venv` calls it `Activate.ps1`, and where letter case counts there are both names.
"""

from __future__ import annotations

__all__ = ["OWN_PLACE", "TEMPLATE"]

OWN_PLACE = r"""
# It may have been moved or copied since it was made; the place of this file tells.
$_virtual_env_own = Split-Path -LiteralPath $PSScriptRoot
$_virtual_env_same = [System.IO.Path]::GetFullPath($_virtual_env_own) -eq $_virtual_env
if (!$_virtual_env_same -and (Test-Path -LiteralPath (Join-Path $_virtual_env_own "pyvenv.cfg"))) {
    # A link to where it was made is no other place.
    $_virtual_env_gone = !$_virtual_env -or !(Test-Path -LiteralPath $_virtual_env)
    if ($_virtual_env_gone -or !(Get-Item -LiteralPath $_virtual_env_own).LinkType) {
        $_virtual_env = [System.IO.Path]::GetFullPath($_virtual_env_own)
    }
    Remove-Variable _virtual_env_gone
}
Remove-Variable _virtual_env_own, _virtual_env_same
"""

TEMPLATE = r"""# For PowerShell:  . bin/activate.ps1
# It can be sourced again, or with another environment active; `deactivate` puts everything back.

$_virtual_env = __ENVIRONMENT__
__OWN_PLACE__
# Leave the environment that may be active, in the words of whoever activated it.
if ((Test-Path variable:_OLD_VIRTUAL_PATH) -and (Test-Path function:deactivate)) {
    deactivate -NonDestructive
}

function global:deactivate([switch] $NonDestructive) {
    if (Test-Path variable:_OLD_VIRTUAL_PATH) {
        $env:PATH = $variable:_OLD_VIRTUAL_PATH
        Remove-Variable "_OLD_VIRTUAL_PATH" -Scope global
    }
    if (Test-Path variable:_OLD_VIRTUAL_PYTHONHOME) {
        $env:PYTHONHOME = $variable:_OLD_VIRTUAL_PYTHONHOME
        Remove-Variable "_OLD_VIRTUAL_PYTHONHOME" -Scope global
    }
    if (Test-Path function:_old_virtual_prompt) {
        $function:prompt = $function:_old_virtual_prompt
        Remove-Item function:\_old_virtual_prompt
    }
    foreach ($name in "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT") {
        if (Test-Path "variable:_OLD_$name") {
            Set-Item "env:$name" (Get-Variable "_OLD_$name" -ValueOnly)
            Remove-Variable "_OLD_$name" -Scope global
        }
        elseif (Test-Path "env:$name") {
            Remove-Item "env:$name"
        }
    }
    if (!$NonDestructive) {
        Remove-Item function:deactivate
    }
}

# Whoever started this shell may have had an environment of its own active, and passed it on.
foreach ($_virtual_env_name in "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT") {
    if (Test-Path "env:$_virtual_env_name") {
        $_virtual_env_old = (Get-Item "env:$_virtual_env_name").Value
        New-Variable -Scope global -Name "_OLD_$_virtual_env_name" -Value $_virtual_env_old
        Remove-Variable _virtual_env_old
    }
}
$env:VIRTUAL_ENV = $_virtual_env
$env:VIRTUAL_ENV_PROMPT = __PROMPT__
Remove-Variable _virtual_env, _virtual_env_name

New-Variable -Scope global -Name _OLD_VIRTUAL_PATH -Value $env:PATH
$env:PATH = (Join-Path $env:VIRTUAL_ENV __SCRIPTS__) + [System.IO.Path]::PathSeparator + $env:PATH

# With this set, Python would look for its library somewhere else.
if (Test-Path env:PYTHONHOME) {
    New-Variable -Scope global -Name _OLD_VIRTUAL_PYTHONHOME -Value $env:PYTHONHOME
    Remove-Item env:PYTHONHOME
}

if (!$env:VIRTUAL_ENV_DISABLE_PROMPT) {
    function global:_old_virtual_prompt { "" }
    $function:_old_virtual_prompt = $function:prompt
    function global:prompt {
        # The prompt that was there may look at how the last command ended, so it is asked first.
        $shown = & $function:_old_virtual_prompt
        "($env:VIRTUAL_ENV_PROMPT) " + $shown
    }
}
"""
