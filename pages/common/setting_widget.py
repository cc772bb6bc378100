"""The control for one training setting, drawn from what the setting says of itself."""

from __future__ import annotations

import streamlit as st

from models.spec import Setting

# More values than this are typed, not picked.
MOST_PICKED = 40


def setting_widget(setting: Setting, value: int | float | str, key: str) -> int | float | str:
    """A control by the setting's kind and range, which starts at a value and returns the present one.

    Parameters
    ----------
    value : int, float or str
        Where it starts; the setting's default where it is not one that the setting can have.
    key : str
        Of the widget.
    """
    if setting.kind == "choice":
        at = value if value in setting.choices else setting.default
        index = setting.choices.index(str(at))
        return st.selectbox(setting.label, setting.choices, index, key=key, help=setting.help)
    if setting.kind == "int" and setting.low is not None and setting.high is not None:
        low, high = int(setting.low), int(setting.high)
        options: list[int | str] = [*(["auto"] if setting.auto else []), *range(low, high + 1)]
        if len(options) <= MOST_PICKED:
            at = value if value in options else setting.default
            return st.select_slider(setting.label, options, at, key=key, help=setting.help)
        return st.number_input(setting.label, low, high, int(value), key=key, help=setting.help)
    step = None if setting.high is None or setting.low is None else (setting.high - setting.low) / 100
    return st.number_input(
        setting.label, setting.low, setting.high, float(value), step, key=key, format="%g", help=setting.help
    )
