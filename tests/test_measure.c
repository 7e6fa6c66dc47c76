/* SPDX-License-Identifier: MIT */
/*
 * The processor figures that bench measures: plausible on any machine, and consistent.
 */
#include <stdbool.h>

#include "backend/cpu/measure.h"
#include "check.h"

/* Sums that the compiler keeps in memory do not measure the processor: a matrix product
 * is not twice as fast as the fastest loop of sums. The two are measured one after the
 * other, so on a shared machine the first alone may be slowed down. Ten times in a row
 * that does not happen. */
static bool sums_are_in_registers(void)
{
    for (int i = 0; i < 10; i++)
        if (ic_cpu_measure_sgemm(1) < 2 * ic_cpu_measure_fma(1))
            return true;
    return false;
}

int main(void)
{
    const double fma = ic_cpu_measure_fma(1), sgemm = ic_cpu_measure_sgemm(1);
    const double memory = ic_cpu_measure_memory(1);

    /* In 1e9 operations or bytes per second, of one core. The bounds are wide enough
     * for a machine of 2005, for one of 2035, and for one shared by a hundred programs,
     * and narrow enough to catch a wrong unit. */
    CHECK(fma > 0.05 && fma < 5e3);
    CHECK(sgemm > 0.02 && sgemm < 5e3);
    CHECK(memory > 0.02 && memory < 5e3);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
    CHECK(sums_are_in_registers());
#endif
    return check_result();
}
