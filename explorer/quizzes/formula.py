"""Formulas of numeric questions: arithmetic over named parameters, and nothing else.

An author writes `n*(n-1)/2`; no name, call or operator outside the tables below is accepted, so a fixture can never run
code.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping

FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "round": round,
    "abs": abs,
    "ceil": math.ceil,
    "floor": math.floor,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "log": math.log,
}
OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
LARGEST_EXPONENT = 1000


class FormulaError(ValueError):
    """The formula cannot be read or computed; the message says which part."""


def compute(formula: str, parameters: Mapping[str, float]) -> float:
    """Value of `formula` for these parameters; raises FormulaError for anything but arithmetic."""
    try:
        return float(_value(ast.parse(formula, mode="eval").body, parameters))
    except SyntaxError as error:
        raise FormulaError(f"{formula!r} is not arithmetic") from error
    except (ZeroDivisionError, OverflowError, ValueError, TypeError) as error:
        raise FormulaError(f"{formula!r} cannot be computed for {dict(parameters)}: {error}") from error


def _value(node: ast.expr, parameters: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name):
            return _parameter(name, parameters)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, parameters)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return _combine(op, _value(left, parameters), _value(right, parameters))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*(_value(argument, parameters) for argument in arguments))
    raise FormulaError(f"{ast.unparse(node)!r} is not allowed; use + - * / // % **, {', '.join(sorted(FUNCTIONS))}")


def _parameter(name: str, parameters: Mapping[str, float]) -> float:
    if name not in parameters:
        raise FormulaError(f"there is no parameter {name!r}; the question has {', '.join(parameters) or 'none'}")
    return parameters[name]


def _combine(op: ast.operator, left: float, right: float) -> float:
    if isinstance(op, ast.Pow) and abs(right) > LARGEST_EXPONENT:
        raise FormulaError(f"the exponent {right:g} is larger than {LARGEST_EXPONENT}")
    return OPERATORS[type(op)](left, right)
