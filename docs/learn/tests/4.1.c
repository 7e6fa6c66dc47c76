/* SPDX-License-Identifier: MIT */
/* Exercise 4.1: see gradient_of_data.h. */
#include "gradient_of_data.h"

int main(void)
{
    return try_all();
}
