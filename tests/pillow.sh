#!/bin/sh
# SPDX-License-Identifier: MIT
# All real pictures, decoded by im2cat and by this machine's Pillow. IC_PICTURES names
# their folder.
exec "${PYTHON:-python3}" "${srcdir:-.}/scripts/compare-pillow" ./tests/picture_crcs \
    "${IC_PICTURES:-${srcdir:-.}/../shared/data/oxford-pets/images}"
