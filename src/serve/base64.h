/* SPDX-License-Identifier: MIT */
/*
 * Base64 (RFC 4648, section 4), strictly: its alphabet, padding, nothing else.
 */
#ifndef IC_SERVE_BASE64_H
#define IC_SERVE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes `size` characters in place: *ret_size bytes from `bytes` on. Returns false
 * where they are not Base64; the bytes are then undefined. */
bool ic_base64_decode(uint8_t *bytes, size_t size, size_t *ret_size);

#endif
