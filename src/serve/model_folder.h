/* SPDX-License-Identifier: MIT */
/*
 * The model file in a folder that a platform has mounted, such as Azure's
 * AZUREML_MODEL_DIR, and the name that a model gets from its file.
 */
#ifndef IC_SERVE_MODEL_FOLDER_H
#define IC_SERVE_MODEL_FOLDER_H

#include "base/error.h"

/* Finds the only file that ends in .safetensors in a folder or its subfolders, at most
 * five deep. The caller frees *ret_path. Refused (IC_ERR_USAGE): none, or more than
 * one. */
ic_status ic_model_folder_find(const char *folder, char **ret_path,
                               struct ic_error *error);

/* The folder that a model file is named in, and the one that it is in when links are
 * followed; the same again where there is no file. */
struct ic_model_folders {
    char *named, *real;
};

/* Finds them; the caller frees them by ic_model_folders_free, also on failure. */
ic_status ic_model_folders_find(const char *path, struct ic_model_folders *ret_folders,
                                struct ic_error *error);

void ic_model_folders_free(struct ic_model_folders *folders);

/* Gives "model" for "runs/pets/model.safetensors", with "-" for characters that a path
 * of HTTP cannot hold unescaped. The caller frees it. NULL: no memory. */
char *ic_model_name_of(const char *path);

#endif
