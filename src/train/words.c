/*
 * Words to enumerations. See words.h.
 */
#include "train/words.h"

#include <stdio.h>
#include <string.h>

const char *const ic_words_labels[] = {"species", "breed", "folder", NULL};
const char *const ic_words_resize[] = {"crop", "pad", "squish", NULL};
const char *const ic_words_decode[] = {"exact", "fast", NULL};
const char *const ic_words_optimizer[] = {"adam", "sgd", NULL};
const char *const ic_words_conv[] = {"auto",     "im2col", "direct",
                                     "winograd", "cudnn",  NULL};
const char *const ic_words_precision[] = {"fp32", "tf32", "bf16", NULL};

const char *const ic_words_recipe[] = {"fine-tune", "one-cycle", NULL};
const char *const ic_words_augment[] = {"none", "flip", "fastai", NULL};
const char *const ic_words_freeze[] = {"weights", "bn", NULL};
const char *const ic_words_bad_images[] = {"fail", "skip", NULL};
const char *const ic_words_device[] = {"cpu", "cuda", NULL};

/* "crop, pad or squish" */
static void list_names(char *text, size_t size, const char *const *names)
{
    size_t used = 0;

    text[0] = '\0';
    for (int i = 0; names[i] != NULL && used < size; i++) {
        const char *comma = i == 0 ? "" : names[i + 1] == NULL ? " or " : ", ";

        used += (size_t)snprintf(text + used, size - used, "%s%s", comma, names[i]);
    }
}

ic_status ic_word_find(const char *option, const char *word, const char *const *names,
                       int *ret_index, struct ic_error *error)
{
    char list[200];

    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(word, names[i]) == 0) {
            *ret_index = i;
            return IC_OK;
        }
    }
    list_names(list, sizeof list, names);
    return ic_fail(error, IC_ERR_USAGE, "--%s is %s, must be %s", option, word, list);
}

ic_status ic_word_labels(const char *word, enum ic_labels *ret_labels,
                         struct ic_error *error)
{
    int index = 0;
    const ic_status status =
        ic_word_find("labels", word, ic_words_labels, &index, error);

    *ret_labels = (enum ic_labels)index;
    return status;
}

ic_status ic_word_fit(const char *word, enum ic_fit *ret_fit, struct ic_error *error)
{
    int index = 0;
    const ic_status status =
        ic_word_find("resize", word, ic_words_resize, &index, error);

    *ret_fit = (enum ic_fit)index;
    return status;
}

ic_status ic_word_conv(const char *word, enum ic_conv_algorithm *ret_algorithm,
                       struct ic_error *error)
{
    int index = 0;
    const ic_status status = ic_word_find("conv", word, ic_words_conv, &index, error);

    *ret_algorithm = (enum ic_conv_algorithm)index;
    return status;
}

ic_status ic_word_precision(const char *word, enum ic_precision *ret_precision,
                            struct ic_error *error)
{
    int index = 0;
    const ic_status status =
        ic_word_find("precision", word, ic_words_precision, &index, error);

    *ret_precision = (enum ic_precision)index;
    return status;
}

ic_status ic_word_augment(const char *word, enum ic_augment *ret_augment,
                          struct ic_error *error)
{
    int index = 0;
    const ic_status status =
        ic_word_find("augment", word, ic_words_augment, &index, error);

    *ret_augment = (enum ic_augment)index;
    return status;
}

ic_status ic_word_decode(const char *word, enum ic_decode *ret_decode,
                         struct ic_error *error)
{
    int index = 0;
    const ic_status status =
        ic_word_find("decode", word, ic_words_decode, &index, error);

    *ret_decode = (enum ic_decode)index;
    return status;
}
