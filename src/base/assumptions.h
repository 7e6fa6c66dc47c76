/* SPDX-License-Identifier: MIT */
/*
 * Assumptions about the machine and its compiler, checked at compile time. Kernels,
 * files and random numbers rely on them; a machine that breaks one needs more than a
 * new compiler flag.
 */
#ifndef IC_BASE_ASSUMPTIONS_H
#define IC_BASE_ASSUMPTIONS_H

#include <float.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

_Static_assert(CHAR_BIT == 8 && sizeof(int) == 4,
               "bytes have 8 bits, and int 32: pixels and counts are computed in int");
_Static_assert(-1 == ~0 && (-3 >> 1) == -2,
               "negative numbers are two's complement, and shifts keep their sign");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "tensors are little-endian in files, and are used as they lie there");
_Static_assert(FLT_RADIX == 2 && FLT_MANT_DIG == 24 && FLT_MAX_EXP == 128 &&
                   sizeof(float) == 4,
               "float is IEEE 754's binary32, as it lies in files");
_Static_assert(DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024 && sizeof(double) == 8,
               "double is IEEE 754's binary64");
_Static_assert(FLT_EVAL_METHOD == 0,
               "arithmetic is done in the type that is written: the same bits again");
_Static_assert(sizeof(size_t) >= 8 && sizeof(off_t) >= 8,
               "an array may be larger than 4 GiB, and so may a file");
_Static_assert(sizeof(unsigned long) >= sizeof(size_t),
               "messages print sizes as unsigned long");

#endif
