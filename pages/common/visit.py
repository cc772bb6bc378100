"""Where answers keep what took time: for a visit in its session, for everybody in the server's process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from ask.answer import Answer
from ask.asking import answer
from ask.cache import Key, Memory, Scope
from ask.question import Question
from governance.registry import Version
from pages.common import workspace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _PageCache:
    """A `ask.cache.Cache` of two memories: what a visitor's own input led to is never shared.

    It holds them itself: a download is made after the script has ended, where no session can be asked for.
    """

    visit: Memory
    process: Memory

    def find(self, kind: str, key: Key, scope: Scope = "visit") -> Any | None:
        return self._memory(scope).find(kind, key)

    def kept(self, kind: str, key: Key, make: Callable[[], T], scope: Scope = "visit") -> T:
        return self._memory(scope).kept(kind, key, make)

    def _memory(self, scope: Scope) -> Memory:
        return self.visit if scope == "visit" else self.process


def cache() -> _PageCache:
    """The cache of the visit that runs this script."""
    return _PageCache(st.session_state.setdefault("_memory", Memory()), _shared())


def ask(question: Question, version: Version | None = None) -> Answer:
    """The answer to a question, with this visit's cache; parameters and errors are those of `ask.asking.answer`."""
    return answer(workspace.store(), question, cache(), version)


@st.cache_resource(show_spinner=False)
def _shared() -> Memory:
    return Memory(most=400)
