/* SPDX-License-Identifier: MIT */
/*
 * Reads weights files of other programs: unwraps their state_dict to torchvision's
 * names, and loads a body to start training from.
 */
#ifndef IC_MODEL_PRETRAINED_H
#define IC_MODEL_PRETRAINED_H

#include "format/tensor_file.h"
#include "graph/net.h"
#include "model/arch.h"
#include "model/model.h"

/* A weights file with torchvision's names. */
struct ic_weights_file;

/* Opens a file of any format of format/tensor_file.h. A prefix that all names have
 * ("module.", "model.", both) is taken off. Where a ResNet is a part of the saved
 * module ("encoder.conv1.weight"), only the ResNet is read. fastai's Sequential of body
 * and head ("0.0.weight", "0.4.0.conv1.weight") gets the names of the network `arch`,
 * unless `arch` is NULL. */
ic_status ic_weights_file_open(const char *path, const struct ic_arch *arch,
                               struct ic_weights_file **ret_file,
                               struct ic_error *error);
void ic_weights_file_close(struct ic_weights_file *file); /* NULL is fine */
const struct ic_tensor_list *
ic_weights_file_tensors(const struct ic_weights_file *file);
const struct ic_safetensors *
ic_weights_file_safetensors(const struct ic_weights_file *file);

struct ic_pretrained_report {
    bool head_replaced; /* the head keeps the network's own weights */
    int known;          /* number of the model's classes whose rows the file had */
};

/* Loads a file's weights into the network of `model`, which ic_init_weights has filled,
 * as ic_weights_load_body does. A file that names its classes gives the last layer the
 * rows of the classes that the model has, too; a file that knows none of them, or has
 * another head, leaves the head alone. Refuses a file that names another network. */
ic_status ic_weights_load_pretrained(struct ic_net *net, const struct ic_model *model,
                                     const char *path,
                                     struct ic_pretrained_report *report,
                                     struct ic_error *error);

#endif
