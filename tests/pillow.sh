#!/bin/sh
# SPDX-License-Identifier: MIT
# All real pictures against the Pillow of this machine. IC_PICTURES names their folder.
exec "${PYTHON:-python3}" "${srcdir:-.}/scripts/compare-pillow" ./tests/picture_crcs \
    "${IC_PICTURES:-${srcdir:-.}/../shared/data/oxford-pets/images}"
