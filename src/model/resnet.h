/* SPDX-License-Identifier: MIT */
/*
 * The family of residual networks, described in resnet.c. Only the table of networks
 * (arch.c) includes this header.
 */
#ifndef IC_MODEL_RESNET_H
#define IC_MODEL_RESNET_H

#include "model/arch.h"

/* The family's members, smallest first: ROW(resnet18) ... */
#define IC_RESNETS(ROW) \
    ROW(resnet18) ROW(resnet34) ROW(resnet50) ROW(resnet101) ROW(resnet152)

/* ic_resnet18 ... */
#define IC_RESNET_DECLARE(name) extern const struct ic_arch ic_##name;
IC_RESNETS(IC_RESNET_DECLARE)

#endif
