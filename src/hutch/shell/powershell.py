"""`activate.ps1` for Windows PowerShell and PowerShell 7: to be dot-sourced, ``. .venv/bin/activate.ps1``."""

from __future__ import annotations

__all__ = ["RELOCATABLE", "TEMPLATE"]

RELOCATABLE = "(Split-Path -Parent (Split-Path -Parent $script:MyInvocation.MyCommand.Definition))"

TEMPLATE = r"""# For PowerShell:  . bin/activate.ps1
# It can be sourced again, or with another environment active; `deactivate` puts everything back.

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
    if ($env:VIRTUAL_ENV) {
        Remove-Item env:VIRTUAL_ENV -ErrorAction SilentlyContinue
    }
    if ($env:VIRTUAL_ENV_PROMPT) {
        Remove-Item env:VIRTUAL_ENV_PROMPT -ErrorAction SilentlyContinue
    }
    if (!$NonDestructive) {
        Remove-Item function:deactivate
    }
}

# Leave the environment that may be active.
deactivate -NonDestructive

$env:VIRTUAL_ENV = __ENVIRONMENT__
$env:VIRTUAL_ENV_PROMPT = __PROMPT__

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
