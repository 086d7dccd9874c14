"""The hook of Windows PowerShell 5.1 and PowerShell 7: evaluated in ``$PROFILE``.

``(& hutch shell-hook powershell | Out-String) | Invoke-Expression``. It needs no script file, so no execution
policy stands in its way. The answer is JSON, all ASCII, so the code page of a console does not matter.
"""

from __future__ import annotations

__all__ = ["TEMPLATE"]

# ruff: noqa: E501 - the text of another language

TEMPLATE = r"""# The shell hook of hutch, for PowerShell. In $PROFILE:
#   (& hutch shell-hook powershell | Out-String) | Invoke-Expression

if (-not (Test-Path variable:global:__hutch)) {
    $global:__hutch = @{
        Key = $null; Active = ''; Scripts = ''; Saved = @(); Marks = @(); Files = @(); Told = @{}
        HadPath = $true; Deactivate = $false; Shown = ''; Level = ''; Later = @()
    }
}
$global:__hutch.Program = __HUTCH__
$global:__hutch.Data = __DATA__

function global:__hutch_get([string] $Name) {
    [System.Environment]::GetEnvironmentVariable($Name, 'Process')
}

function global:__hutch_set([string] $Name, $Value) {
    # Not the .NET method: it would remove a variable that is to be empty.
    if ($null -eq $Value) {
        if (Test-Path -LiteralPath "env:$Name") { Remove-Item -LiteralPath "env:$Name" }
    }
    else {
        Set-Item -LiteralPath "env:$Name" -Value $Value
    }
}

function global:__hutch_is_file([string] $Path) { Test-Path -LiteralPath $Path -PathType Leaf }

function global:__hutch_find {
    # The nearest environment upwards, and a .python-version below it that may name one.
    $found = @{ Venv = ''; Pin = ''; Name = '' }
    if ($PWD.Provider.Name -ne 'FileSystem') { return $found }
    $at = $PWD.ProviderPath
    while ($at) {
        $venv = Join-Path $at '.venv'
        if ((__hutch_is_file (Join-Path $venv 'pyvenv.cfg')) -or (__hutch_is_file $venv) -or
            (__hutch_is_file (Join-Path $venv 'conda-meta' | Join-Path -ChildPath 'history')) -or
            (__hutch_is_file (Join-Path $at '.python-envs'))) {
            $found.Venv = $at
            return $found
        }
        $pin = Join-Path $at '.python-version'
        if (-not $found.Pin -and (__hutch_is_file $pin)) {
            $words = @()
            foreach ($line in @(Get-Content -LiteralPath $pin -TotalCount 50 -ErrorAction SilentlyContinue)) {
                $word = ([string] $line).Trim() -split '\s+' | Select-Object -First 1
                if ($word -and $word -notmatch '^(#|[0-9.]*$)') { $words += $word }
            }
            if ($words.Count) {
                $found.Pin = $pin
                $found.Name = $words -join ':'
            }
        }
        $above = [System.IO.Path]::GetDirectoryName($at)
        if ($above -eq $at) { break }
        $at = $above
    }
    return $found
}

function global:__hutch_same {
    # Whether the marks of trust are as they were, and no env file was changed.
    $state = $global:__hutch
    foreach ($mark in $state.Marks) {
        if ((__hutch_is_file $mark.path) -ne $mark.there) { return $false }
    }
    if ($state.Files.Count -and $state.Marks[-1].there) {
        $date = [System.IO.File]::GetLastWriteTimeUtc($state.Marks[-1].path)
        foreach ($file in $state.Files) {
            if ((__hutch_is_file $file) -and [System.IO.File]::GetLastWriteTimeUtc($file) -gt $date) { return $false }
        }
    }
    return $true
}

function global:__hutch_put([string] $Name, $Value) {
    $global:__hutch.Saved += @{ Name = $Name; Old = (__hutch_get $Name); New = $Value }
    __hutch_set $Name $Value
}

function global:__hutch_enter($Told) {
    $state = $global:__hutch
    $state.Active = $Told.environment
    $state.Scripts = $Told.scripts
    $state.Saved = @()
    $state.Level = $Told.level
    $state.Later = @($Told.later)
    if (-not $state.Level) {
        __hutch_put 'VIRTUAL_ENV' $Told.environment
        __hutch_put 'VIRTUAL_ENV_PROMPT' $Told.prompt
    }
    __hutch_put 'HUTCH_SHELL_STATE' $Told.state
    foreach ($each in $Told.variables) { __hutch_put $each.name $each.value }
    # With this set, Python would look for its library somewhere else.
    if (Test-Path env:PYTHONHOME) { __hutch_put 'PYTHONHOME' $null }
    $state.HadPath = Test-Path env:PATH
    $path = $Told.scripts
    if ($env:PATH) { $path += [System.IO.Path]::PathSeparator + $env:PATH }
    $env:PATH = $path
    $state.Shown = ''
    # Who makes his prompt anew each time shows environments himself.
    if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT -and -not $env:STARSHIP_SHELL -and -not $env:POSH_THEME) {
        $state.Shown = '(' + $Told.shown + ') '
    }
    if (-not (Test-Path function:deactivate)) {
        function global:deactivate([switch] $NonDestructive) { __hutch_leave }
        $state.Deactivate = $true
    }
    foreach ($script in $Told.read) { if (__hutch_is_file $script) { . $script } }
}

function global:__hutch_leave {
    $state = $global:__hutch
    if (-not $state.Active) { return }
    if ($state.Level -and $env:CONDA_PREFIX -ceq $state.Active) {
        foreach ($script in $state.Later) { if (__hutch_is_file $script) { . $script } }
        # Who came back to it from another one may have said these in other words.
        foreach ($each in $state.Saved) {
            if ($each.Name -cin 'CONDA_PREFIX', 'CONDA_SHLVL', 'CONDA_DEFAULT_ENV', 'CONDA_PROMPT_MODIFIER') {
                $each.New = __hutch_get $each.Name
            }
        }
    }
    for ($i = $state.Saved.Count - 1; $i -ge 0; $i--) {
        $each = $state.Saved[$i]
        # What somebody has changed since stays as it is.
        if ((__hutch_get $each.Name) -ceq $each.New) { __hutch_set $each.Name $each.Old }
    }
    $separator = [string] [System.IO.Path]::PathSeparator
    $kept = New-Object System.Collections.Generic.List[string]
    $ours = New-Object System.Collections.Generic.List[string]
    foreach ($each in ([string] $state.Scripts).Split($separator[0])) { $ours.Add($each) }
    $count = $ours.Count
    foreach ($each in ([string] $env:PATH).Split($separator[0])) {
        if (-not $ours.Remove($each)) { $kept.Add($each) }
    }
    if ($ours.Count -lt $count) {
        if ($kept.Count -eq 0 -and -not $state.HadPath) { __hutch_set 'PATH' $null }
        else { $env:PATH = $kept -join $separator }
    }
    if ($state.Deactivate -and (Test-Path function:deactivate)) { Remove-Item function:deactivate }
    $state.Deactivate = $false
    $state.Active = ''
    $state.Shown = ''
    $state.Saved = @()
    $state.Level = ''
    $state.Later = @()
}

function global:__hutch_adopt($Told) {
    # What another shell has activated, and whose variables this one has.
    $state = $global:__hutch
    $state.Active = $Told.environment
    $state.Scripts = $Told.scripts
    $state.HadPath = $true
    $state.Level = $Told.level
    $state.Later = @($Told.later)
    $state.Saved = @(@{ Name = 'HUTCH_SHELL_STATE'; Old = $null; New = (__hutch_get 'HUTCH_SHELL_STATE') })
    foreach ($each in $Told.before) {
        $state.Saved += @{ Name = $each.name; Old = $each.value; New = (__hutch_get $each.name) }
    }
}

function global:__hutch_ask($Found) {
    $state = $global:__hutch
    if (-not (__hutch_is_file $state.Program)) { return }
    $places = @($Found.Venv, $Found.Pin) | ForEach-Object { if ($_) { $_ } else { '-' } }
    $text = & $state.Program shell-answer --data $state.Data -- powershell enter $places[0] $places[1] | Out-String
    if (-not $text) { return }
    $answer = $text | ConvertFrom-Json
    if ($answer.adopt) {
        __hutch_adopt $answer.adopt
        __hutch_leave
    }
    foreach ($said in $answer.say) {
        if ($env:HUTCH_SHELL_HOOK -ne 'quiet' -and -not $state.Told.ContainsKey($said.about)) {
            $state.Told[$said.about] = $true
            [System.Console]::Error.WriteLine($said.text)
        }
    }
    $state.Marks = @($answer.marks)
    $state.Files = @($answer.files)
    if ($answer.enter) { __hutch_enter $answer.enter }
}

function global:__hutch_look {
    $state = $global:__hutch
    if ($env:HUTCH_SHELL_HOOK -eq 'off') {
        __hutch_leave
        $state.Key = 'off'
        return
    }
    if ($state.Level -and $env:CONDA_PREFIX -cne $state.Active) {
        # Another one of conda's is over ours, until whoever has activated it goes back; or ours was left.
        if ((__hutch_get "CONDA_PREFIX_$($state.Level)") -ceq $state.Active) { return }
        __hutch_leave
    }
    $found = __hutch_find
    if ($state.Active -and $env:VIRTUAL_ENV -and $env:VIRTUAL_ENV -cne $state.Active) {
        $state.Deactivate = $false # that of who has activated another one over ours, by hand
        __hutch_leave
    }
    $other = ''
    if ($env:VIRTUAL_ENV -and $env:VIRTUAL_ENV -cne $state.Active -and -not $env:HUTCH_SHELL_STATE) {
        $other = $env:VIRTUAL_ENV
    }
    elseif ($env:CONDA_PREFIX -and $env:CONDA_DEFAULT_ENV -and $env:CONDA_DEFAULT_ENV -ne 'base' -and -not $state.Active -and -not $env:HUTCH_SHELL_STATE) {
        $other = $env:CONDA_PREFIX
    }
    $key = $found.Venv, $found.Pin, $found.Name, $other -join '|'
    $adopts = $env:HUTCH_SHELL_STATE -and -not $state.Active
    if (-not $adopts -and $key -ceq $state.Key -and (__hutch_same)) { return }
    __hutch_leave
    $state.Marks = @()
    $state.Files = @()
    if ((-not $other -and ($found.Venv -or $found.Pin)) -or $env:HUTCH_SHELL_STATE) { __hutch_ask $found }
    $state.Key = $key
}

if (-not (Test-Path function:__hutch_prompt)) {
    Set-Item function:global:__hutch_prompt $function:prompt
    function global:prompt {
        $code = $global:LASTEXITCODE
        try { __hutch_look } catch { [System.Console]::Error.WriteLine("hutch: $_") }
        $global:LASTEXITCODE = $code
        # Of one of conda's that another was activated over, that one's name is shown.
        $state = $global:__hutch
        $shown = if ($state.Level -and $env:CONDA_PREFIX -cne $state.Active) { '' } else { $state.Shown }
        $shown + (& $function:__hutch_prompt)
    }
}
"""
