"""Hypothesis strategies for the texts of the field, odd spellings included."""

from __future__ import annotations

from hypothesis import strategies as st

NUMBERS = st.sampled_from(["0", "1", "2", "3", "10", "01", "20240101"])
SEPARATORS = st.sampled_from(["", ".", "-", "_"])


@st.composite
def releases(draw: st.DrawFn, low: int = 1) -> str:
    return ".".join(draw(st.lists(NUMBERS, min_size=low, max_size=4)))


@st.composite
def versions(draw: st.DrawFn, *, low: int = 1, local: bool = True) -> str:
    """A version in any spelling that the specification reads."""
    text = draw(st.sampled_from(["", "", "", "", "v", "1!", "0!", " "])) + draw(releases(low))
    if draw(st.integers(0, 3)) == 0:
        word = draw(st.sampled_from(["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "RC", "A"]))
        text += draw(SEPARATORS) + word + draw(SEPARATORS) + draw(NUMBERS | st.just(""))
    if draw(st.integers(0, 4)) == 0:
        if draw(st.booleans()):
            text += "-" + draw(NUMBERS)
        else:
            word = draw(st.sampled_from(["post", "rev", "r", "POST"]))
            text += draw(SEPARATORS) + word + draw(SEPARATORS) + draw(NUMBERS | st.just(""))
    if draw(st.integers(0, 4)) == 0:
        text += draw(SEPARATORS) + "dev" + draw(SEPARATORS) + draw(NUMBERS | st.just(""))
    if local and draw(st.integers(0, 4)) == 0:
        labels = draw(
            st.lists(st.sampled_from(["cpu", "cu118", "1", "01", "ABC", "0"]), min_size=1, max_size=3)
        )
        text += "+" + draw(st.sampled_from([".", "-", "_"])).join(labels)
    return text


@st.composite
def specifiers(draw: st.DrawFn) -> str:
    """One clause that is valid most of the time."""
    operator = draw(st.sampled_from(["==", "==", "!=", "!=", ">=", "<=", ">", "<", "~=", "==="]))
    if operator in ("==", "!=") and draw(st.booleans()):
        return operator + draw(st.sampled_from(["", "1!", "v"])) + draw(releases()) + ".*"
    space = draw(st.sampled_from(["", " "]))
    if operator == "~=":
        return operator + space + draw(versions(low=2, local=False)).strip()
    return operator + space + draw(versions(local=operator in ("==", "!=", "==="))).strip()
