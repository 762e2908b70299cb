"""Finds the functions of a C++ file and how long they are, by counting braces.

Good enough for code that clang-format has laid out; it expects text without comments and literals
(source_tree.cpp_code_only).
"""

import dataclasses
import re

from source_tree import line_of


@dataclasses.dataclass(frozen=True)
class Function:
    name: str
    line: int
    line_count: int


_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum)\b|\bextern\b\s*\"")
_NAME = re.compile(r"([~\w:]+|operator\s*\S+?)\s*\($")
_TEMPLATE = re.compile(r"\btemplate\s*<")
_INITIALISERS = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)")
_PARENTHESES_OF = re.compile(r"\b(?:requires|alignas|noexcept|decltype|explicit)\s*\(")


def functions(code: str) -> list[Function]:
    """Outermost functions only: a lambda counts as part of the function around it."""
    found: list[Function] = []
    code = re.sub(r"(?m)^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", _blank, code)
    statement = 0  # where the statement at the current scope starts
    position = 0
    while position < len(code):
        character = code[position]
        if character in ";}":
            statement = position + 1
        elif character == "{":
            head = code[statement:position]
            signature = _signature(head)
            if _opens_scope(signature):
                statement = position + 1
            else:
                end = _closing(code, position, "{}")
                name = _function_name(signature)
                if name and not _is_member_initialiser(signature):
                    start = statement + len(head) - len(head.lstrip())
                    lines = line_of(code, end) - line_of(code, start) + 1
                    found.append(Function(name, line_of(code, start), lines))
                    statement = end + 1
                position = end
        position += 1
    return found


def _blank(match: re.Match) -> str:
    return re.sub(r"[^\n]", " ", match.group(0))


def _signature(head: str) -> str:
    """The head of a definition without template parameters, requires clauses and the like."""
    while match := _TEMPLATE.search(head):
        head = head[:match.start()] + head[_closing(head, match.end() - 1, "<>") + 1:]
    while match := _PARENTHESES_OF.search(head):
        head = head[:match.start()] + head[_closing(head, match.end() - 1, "()") + 1:]
    return head


def _opens_scope(signature: str) -> bool:
    return bool(_SCOPE.search(signature)) and "(" not in re.split(r"(?<!:):(?!:)", signature)[0]


def _is_member_initialiser(signature: str) -> bool:
    """`X::X() : a_` before `{1}`: the body of the constructor is still to come."""
    return bool(_INITIALISERS.search(signature)) and re.search(r"[\w>]\s*$", signature) is not None


def _closing(code: str, opening: int, pair: str) -> int:
    depth = 0
    for match in re.compile(f"[{re.escape(pair)}]").finditer(code, opening):
        depth += 1 if match.group(0) == pair[0] else -1
        if depth == 0:
            return match.start()
    return len(code) - 1


def _function_name(signature: str) -> str:
    parenthesis = signature.find("(")
    if parenthesis < 0 or re.search(r"(?<![=!<>])=(?!=)", signature[:parenthesis]):
        return ""
    match = _NAME.search(signature[: parenthesis + 1])
    return match.group(1) if match else ""
