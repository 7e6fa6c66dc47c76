/* SPDX-License-Identifier: MIT */
/*
 * Weights files of other programs: torchvision's names out of what their state_dict
 * was wrapped in, and a body to start training from.
 */
#ifndef IC_MODEL_PRETRAINED_H
#define IC_MODEL_PRETRAINED_H

#include "format/tensor_file.h"
#include "graph/net.h"
#include "model/arch.h"
#include "model/model.h"

/* A weights file with torchvision's names. */
struct ic_weights_file;

/* Opens a file of any format of format/tensor_file.h. One prefix that all names have
 * ("module.", "model.", both) is taken off; where a ResNet is a part of what was saved
 * ("encoder.conv1.weight"), it alone is taken. fastai's Sequential of body and head
 * ("0.0.weight", "0.4.0.conv1.weight") gets the names of the network `arch`, unless
 * that is NULL. */
ic_status ic_weights_file_open(const char *path, const struct ic_arch *arch,
                               struct ic_weights_file **ret_file,
                               struct ic_error *error);
void ic_weights_file_close(struct ic_weights_file *file); /* NULL is fine */
const struct ic_tensor_list *
ic_weights_file_tensors(const struct ic_weights_file *file);
const struct ic_safetensors *
ic_weights_file_safetensors(const struct ic_weights_file *file);

struct ic_pretrained_report {
    bool head_replaced; /* the head keeps the weights that the network had */
    int known;          /* of the model's classes, those whose rows the file had */
};

/* Loads a file's weights into the network of `model`, which ic_init_weights has filled,
 * as ic_weights_load_body says. A file that names its classes gives the last layer the
 * rows of those that the model has too; one that knows none of them, and one whose head
 * is another, leaves the head alone. A file that says itself that it is of another
 * network is refused for that. */
ic_status ic_weights_load_pretrained(struct ic_net *net, const struct ic_model *model,
                                     const char *path,
                                     struct ic_pretrained_report *report,
                                     struct ic_error *error);

#endif
