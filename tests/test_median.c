/* SPDX-License-Identifier: MIT */
/*
 * The median of odd and even counts.
 */
#include "base/median.h"

#include "check.h"

int main(void)
{
    CHECK_NEAR(ic_median((double[]){7}, 1), 7, 0);
    CHECK_NEAR(ic_median((double[]){9, -1, 4}, 3), 4, 0);
    CHECK_NEAR(ic_median((double[]){10, 1, 4, 2}, 4), 3, 0);
    CHECK_NEAR(ic_median((double[]){5, 5, 1, 5, 100}, 5), 5, 0);
    return check_result();
}
