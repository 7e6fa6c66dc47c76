/* SPDX-License-Identifier: MIT */
/*
 * The pickle machine's globals, calls and objects: internal to pickle.c. Each function
 * takes its operands from the stack and leaves its value there.
 */
#ifndef IC_FORMAT_PICKLE_GLOBALS_H
#define IC_FORMAT_PICKLE_GLOBALS_H

#include "format/pickle_stack.h"

/* Takes a line of the pickle, without its newline. */
const char *ic_pickle_take_line(struct ic_pickle_machine *m);

/* Pushes a global by its module and name, given or taken from the stack. */
void ic_pickle_push_global(struct ic_pickle_machine *m, const char *module,
                           const char *name);
void ic_pickle_stack_global(struct ic_pickle_machine *m);

/* Push a function's result, an object of a class, and a persistent id's storage. */
void ic_pickle_reduce(struct ic_pickle_machine *m);
void ic_pickle_new_object(struct ic_pickle_machine *m);
void ic_pickle_persistent(struct ic_pickle_machine *m);

#endif
