/* SPDX-License-Identifier: MIT */
/*
 * Opens the device that the options name. See compute.h.
 */
#include "backend/compute.h"

#include "backend/registry.h"
#include "base/machine.h"
#include "base/word.h"

const struct ic_compute ic_compute_default = {
    .device = "cpu", .conv = "auto", .precision = "fp32"};

ic_status ic_compute_open(const struct ic_compute *compute,
                          const struct ic_backend **ret_backend,
                          struct ic_device **ret_device,
                          enum ic_conv_algorithm *ret_algorithm, enum ic_type *ret_type,
                          struct ic_error *error)
{
    struct ic_device_options options = {
        .threads = ic_machine_threads(compute->threads),
        .ordinal = compute->ordinal,
    };
    int algorithm = 0, precision = 0;
    ic_status status;

    *ret_backend = NULL;
    *ret_device = NULL;
    status =
        ic_word_find("conv", compute->conv, ic_conv_algorithm_names, &algorithm, error);
    if (status == IC_OK)
        status = ic_word_find("precision", compute->precision, ic_precision_names,
                              &precision, error);
    if (status == IC_OK)
        status = ic_backend_find(compute->device, ret_backend, error);
    if (status == IC_OK)
        status = ic_backend_check_conv(*ret_backend, algorithm, error);
    if (status == IC_OK) {
        *ret_algorithm = (enum ic_conv_algorithm)algorithm;
        *ret_type = precision == IC_PRECISION_BF16 ? IC_TYPE_BF16 : IC_TYPE_FP32;
        options.precision = (enum ic_precision)precision;
        status = (*ret_backend)->open(&options, ret_device, error);
    }
    if (status != IC_OK)
        *ret_backend = NULL;
    return status;
}
