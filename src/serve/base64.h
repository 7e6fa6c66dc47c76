/* SPDX-License-Identifier: MIT */
/*
 * Base64 (RFC 4648, section 4), strictly: its alphabet, padding, nothing else.
 */
#ifndef IC_SERVE_BASE64_H
#define IC_SERVE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes `size` characters in their place: *ret_size bytes from `bytes` on. Returns
 * false, and the bytes are anything, where they are no Base64. */
bool ic_base64_decode(uint8_t *bytes, size_t size, size_t *ret_size);

#endif
