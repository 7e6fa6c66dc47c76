/* SPDX-License-Identifier: MIT */
/*
 * libim2cat scores pictures with a trained model inside a program of your own.
 *
 * A model is opened once, from the file that `im2cat train` or `im2cat convert` wrote,
 * and holds the weights. A scorer is one thread's work with the model: a batch of
 * pictures and the memory for a forward pass. Several threads score at the same time,
 * each with its own scorer, over one set of weights.
 *
 *     struct im2cat_error error;
 *     struct im2cat_model *model;
 *     struct im2cat_scorer *scorer;
 *
 *     if (im2cat_model_open("model.safetensors", NULL, &model, &error) != IM2CAT_OK ||
 *         im2cat_scorer_open(model, &scorer, &error) != IM2CAT_OK ||
 *         im2cat_set_file(scorer, 0, "cat.jpg", &error) != IM2CAT_OK ||
 *         im2cat_run(scorer, 1, logits, &error) != IM2CAT_OK)
 *             puts(error.message);
 *     im2cat_softmax(probabilities, logits, im2cat_class_count(model));
 *
 * Errors are values: a function that can fail returns a status, and fills the error
 * with one sentence. The library prints nothing, installs no signal handler, and ends
 * no process. A picture's bytes may come from anyone: the worst that they cause is a
 * failure.
 *
 * The functions of a model may be called by several threads at once, those of a scorer
 * by one thread at a time. A picture gets the same logits, bit for bit, from every
 * scorer of a model, at any place in a batch and beside any other pictures. The logits
 * are those of `im2cat predict --logits`: bit for bit where the largest batch is the
 * same, else up to rounding, since a convolution's algorithm is chosen by the batch.
 *
 * Structures that a program allocates grow only at their end, and carry their size, so
 * that a program runs with later libraries of the same soname (libim2cat.so.0).
 */
#ifndef IM2CAT_H
#define IM2CAT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum im2cat_status {
    IM2CAT_OK = 0,      /* done; the error is untouched */
    IM2CAT_USAGE = 1,   /* an invalid argument; a different call can succeed */
    IM2CAT_IO = 2,      /* the operating system refused; the message says why */
    IM2CAT_FORMAT = 3,  /* a file or a picture is broken, or of an unknown format */
    IM2CAT_LIMIT = 4,   /* a size exceeds a limit, or memory is short */
    IM2CAT_NUMERIC = 5, /* the network's output is not finite */
    IM2CAT_DEVICE = 6   /* the device is absent or failed */
} im2cat_status;

struct im2cat_error {
    int status;        /* an im2cat_status */
    char message[512]; /* one sentence of UTF-8 without control characters */
};

/* The version of the library that is running, such as "0.2.0". */
const char *im2cat_version(void);

/* --- a model ------------------------------------------------------------------- */

/* How a model is opened. Begin with IM2CAT_OPTIONS and set fields by name; a field of 0
 * or NULL takes the default, given after the semicolon. The strings are the caller's
 * and are read only during the call. */
struct im2cat_options {
    size_t size;           /* of this structure, in bytes */
    int batch;             /* pictures per batch of a scorer, 1 to 4096; 1 */
    int threads;           /* threads per scorer, up to 4096; all cores */
    const char *device;    /* "cpu", "cuda", "reference"; "cpu" */
    const char *precision; /* "fp32", "bf16" (and "tf32" on cuda); "fp32" */
    const char *decode; /* "exact" or "fast" (large JPEGs at reduced scale); "exact" */
    const char *arch; /* of a file that does not name its network, such as "resnet34" */
};

#define IM2CAT_OPTIONS                                              \
    {                                                               \
        sizeof(struct im2cat_options), 0, 0, NULL, NULL, NULL, NULL \
    }

struct im2cat_model;

/* Reads the weights file `path`. `options` may be NULL. The caller closes *ret_model,
 * which is NULL on failure. */
im2cat_status im2cat_model_open(const char *path, const struct im2cat_options *options,
                                struct im2cat_model **ret_model,
                                struct im2cat_error *error);

/* Closes a model after all of its scorers; NULL is fine. */
void im2cat_model_close(struct im2cat_model *model);

/* The number of classes that the model tells apart. */
int im2cat_class_count(const struct im2cat_model *model);

/* The name of class `index`, or NULL where `index` is not 0 to im2cat_class_count - 1.
 * The name is UTF-8, belongs to the model and is valid until the model is closed. */
const char *im2cat_class_name(const struct im2cat_model *model, int index);

/* The side in pixels of the network's square input. Pictures of any size are fitted to
 * it as in validation during training. */
int im2cat_picture_size(const struct im2cat_model *model);

/* --- a scorer ------------------------------------------------------------------ */

struct im2cat_scorer;

/* Opens a scorer, which the model must outlive. The caller closes *ret_scorer, which is
 * NULL on failure. */
im2cat_status im2cat_scorer_open(const struct im2cat_model *model,
                                 struct im2cat_scorer **ret_scorer,
                                 struct im2cat_error *error);

/* Closes a scorer; NULL is fine. */
void im2cat_scorer_close(struct im2cat_scorer *scorer);

/* Each of these three functions puts a picture at index `at` of the batch, 0 to
 * options.batch - 1. After a failure the place is empty until the next success. */

/* A picture file in one of im2cat's formats, recognised by its content. */
im2cat_status im2cat_set_file(struct im2cat_scorer *scorer, int at, const char *path,
                              struct im2cat_error *error);

/* The same in memory: `size` bytes, which may be freed after the call. `name` is for
 * messages and may be NULL. */
im2cat_status im2cat_set_bytes(struct im2cat_scorer *scorer, int at, const void *bytes,
                               size_t size, const char *name,
                               struct im2cat_error *error);

/* A decoded picture: height x width x 3 bytes, red, green, blue, rows from the top
 * without padding, which may be freed after the call. */
im2cat_status im2cat_set_pixels(struct im2cat_scorer *scorer, int at,
                                const uint8_t *rgb, int height, int width,
                                struct im2cat_error *error);

/* Scores the first `count` pictures of the batch, 1 to options.batch, which must all be
 * set. Writes count x im2cat_class_count logits. The pictures stay set. */
im2cat_status im2cat_run(struct im2cat_scorer *scorer, int count, float *logits,
                         struct im2cat_error *error);

/* --- logits -------------------------------------------------------------------- */

/* The probabilities of one picture: softmax of `classes` logits, in double. */
void im2cat_softmax(double *probabilities, const float *logits, int classes);

#ifdef __cplusplus
}
#endif

#endif
