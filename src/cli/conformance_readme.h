/* SPDX-License-Identifier: MIT */
/*
 * The README.md of the conformance set: how to read it, without im2cat's documents.
 */
#ifndef IC_CLI_CONFORMANCE_README_H
#define IC_CLI_CONFORMANCE_README_H

extern const char ic_conformance_readme[];

#endif
