# SPDX-License-Identifier: MIT
"""Numbers that count how often two of them are multiplied, for the tests of lesson 12."""
from kit import wrong


class Number:
    products = 0

    def __init__(self, value):
        self.value = value

    def __add__(self, other):
        return Number(self.value + plain(other))

    def __sub__(self, other):
        return Number(self.value - plain(other))

    def __rsub__(self, other):
        return Number(plain(other) - self.value)

    def __neg__(self):
        return Number(-self.value)

    def __mul__(self, other):
        if isinstance(other, Number):
            Number.products += 1
        return Number(self.value * plain(other))

    def __truediv__(self, other):
        return Number(self.value / plain(other))

    __radd__, __rmul__ = __add__, __mul__


def plain(number):
    return number.value if isinstance(number, Number) else number


def values(numbers):
    return [plain(x) for x in numbers]


def counted(most, function, *arguments):
    """Calls the function, which may multiply at most `most` times."""
    Number.products = 0
    result = function(*arguments)
    if Number.products > most:
        wrong(f"{Number.products} multiplications, not {most}")
    return result
