/*
 * What bench measures of the processor: figures that any machine has, and that agree.
 */
#include "backend/cpu/measure.h"
#include "check.h"

int main(void)
{
    const double fma = ic_cpu_measure_fma(1), sgemm = ic_cpu_measure_sgemm(1);
    const double memory = ic_cpu_measure_memory(1);

    CHECK(fma > 0.1 && fma < 1e5);
    CHECK(sgemm > 0.01 && sgemm < 1e5);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
    /* Sums that a build keeps in memory are no measure of the processor. */
    CHECK(sgemm < 2 * fma);
#endif
    CHECK(memory > 0.01 && memory < 1e4);
    /* An operation of the triad takes 6 bytes: memory is the slower of the two. */
    CHECK(memory / 6 < fma);
    return check_result();
}
