# SPDX-License-Identifier: MIT
"""Lesson 6: a batch norm of four values, forward and backward, in numbers that a hand can
check (epsilon is 0)."""
from math import sqrt

x, dy = [1, 7, 9, 15], [8, 0, -40, 20]
weight, bias, n = 10, 3, 4

mean = sum(x) / n
var = sum((v - mean) ** 2 for v in x) / n
invstd = 1 / sqrt(var)
xhat = [(v - mean) * invstd for v in x]
y = [max(0.0, weight * h + bias) for h in xhat]           # with a ReLU
print(f"mean {mean:g}, variance {var:g}; y", *(f"{v:g}" for v in y))

g = [d if v > 0 else 0 for d, v in zip(dy, y)]            # the ReLU lets these through
dbias = sum(g)
dweight = sum(a * h for a, h in zip(g, xhat))
dx = [weight * invstd * (a - dbias / n - h * dweight / n) for a, h in zip(g, xhat)]
print(f"dbias {dbias:g}, dweight {dweight:g}; dx", *(f"{v:g}" for v in dx))
print(f"sum of dx {sum(dx):g}, sum of dx xhat "
      f"{sum(a * h for a, h in zip(dx, xhat)) + 0:.3f}")

# Running statistics after this batch, from mean 0 and variance 1.
print(f"running mean {0.9 * 0 + 0.1 * mean:g}, "
      f"running variance {0.9 * 1 + 0.1 * var * n / (n - 1):.6g}")

# The same mean and variance from two halves, combined.
halves = [(2, 4, 18), (2, 12, 18)]                        # count, mean, squares
(na, ma, sa), (nb, mb, sb) = halves
delta = mb - ma
print("combined:", ma + delta * nb / (na + nb),
      sa + sb + delta * delta * na * nb / (na + nb))
