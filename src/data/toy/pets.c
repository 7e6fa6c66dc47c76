/* SPDX-License-Identifier: MIT */
/*
 * Writes the toy pictures and their lists in the layout of Parkhi, Vedaldi, Zisserman
 * and Jawahar, "Cats and Dogs", CVPR 2012 (the README in their annotations). Drawing is
 * left to draw.c.
 */
#include "data/toy/pets.h"

#include "base/file.h"
#include "base/random.h"
#include "data/toy/animal.h"
#include "image/encode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* How a picture is stored. The real set has PNG files under .jpg names, too. */
struct form {
    bool png, grey;
    int quality;
    const char *ending;
};

static struct form choose_form(const struct ic_toy_options *options, int index)
{
    struct ic_random random;
    struct form form = {.ending = "jpg"};
    uint32_t chance;

    ic_random_init(&random, options->seed, IC_RANDOM_TOY, 1, (uint32_t)index);
    chance = ic_random_below(&random, 100);
    form.quality = 80 + (int)ic_random_below(&random, 16);
    form.png = chance < 6;
    form.grey = chance >= 94;
    if (chance < 3)
        form.ending = "png";
    return form;
}

/* Pictures of breed `index % IC_TOY_BREEDS` are numbered from 1. */
static int number_of(int index)
{
    return index / IC_TOY_BREEDS + 1;
}

/* The path of a picture below the folder `images`; the caller frees it. */
static char *make_path(const char *images, const struct ic_toy_options *options,
                       int index)
{
    char name[64];

    snprintf(name, sizeof name, "%s_%d.%s", ic_toy_breeds[index % IC_TOY_BREEDS].name,
             number_of(index), choose_form(options, index).ending);
    return ic_file_join(images, name);
}

static ic_status write_picture(const char *images, const struct ic_toy_options *options,
                               int index, struct ic_error *error)
{
    const struct form form = choose_form(options, index);
    struct ic_image image = {0};
    char *path = make_path(images, options, index);
    ic_status status;

    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    status = ic_toy_draw(options, index, &image, error);
    if (status == IC_OK && form.png)
        status = ic_image_write_png(path, &image, form.grey, error);
    else if (status == IC_OK)
        status = ic_image_write_jpeg(path, &image, form.quality, form.grey, error);
    ic_image_free(&image);
    free(path);
    return status;
}

/* --- lists --------------------------------------------------------------------- */

/* In the order of writing: list.txt comes last, so that it marks a complete set. */
enum list { LIST_TRAINVAL, LIST_TEST, LIST_ALL, LISTS };

static const char *const list_names[LISTS] = {"trainval.txt", "test.txt", "list.txt"};

/* The place of a breed in the alphabet, from 1: among all, or among its species. */
static int rank_of(const struct ic_toy_breed *breed, bool same_species)
{
    int rank = 1;

    for (int i = 0; i < IC_TOY_BREEDS; i++)
        if (!same_species || ic_toy_breeds[i].dog == breed->dog)
            rank += strcasecmp(ic_toy_breeds[i].name, breed->name) < 0;
    return rank;
}

/* A line for each picture, ordered by class and number; of each breed, the first half
 * is for training, as the paper splits it. */
static void print_list(FILE *stream, enum list list, int count)
{
    if (list == LIST_ALL)
        fprintf(stream,
                "#Image CLASS-ID SPECIES BREED ID\n"
                "#ID: 1:%d Class ids\n"
                "#SPECIES: 1:Cat 2:Dog\n"
                "#BREED ID: 1-%d:Cat 1:%d:Dog\n"
                "#All images with 1st letter as capital are cat images\n"
                "#images with small first letter are dog images\n",
                IC_TOY_BREEDS, IC_TOY_BREEDS / 2, IC_TOY_BREEDS / 2);
    for (int id = 1; id <= IC_TOY_BREEDS; id++) {
        const struct ic_toy_breed *breed = ic_toy_breeds;
        int first, of_breed, half;

        while (rank_of(breed, false) != id)
            breed++;
        first = (int)(breed - ic_toy_breeds);
        of_breed = (count - first + IC_TOY_BREEDS - 1) / IC_TOY_BREEDS;
        half = (of_breed + 1) / 2;
        for (int number = 1; number <= of_breed; number++)
            if (list == LIST_ALL || (list == LIST_TRAINVAL) == (number <= half))
                fprintf(stream, "%s_%d %d %d %d\n", breed->name, number, id,
                        breed->dog ? 2 : 1, rank_of(breed, true));
    }
}

static ic_status write_list(const char *annotations, enum list list, int count,
                            struct ic_error *error)
{
    char *path = ic_file_join(annotations, list_names[list]);
    struct ic_file_writer writer;
    ic_status status;

    if (path == NULL)
        return ic_fail_memory(error, "a path", 0);
    status = ic_file_writer_open(&writer, path, error);
    if (status == IC_OK) {
        print_list(writer.stream, list, count);
        status = ic_file_writer_commit(&writer, error);
    }
    free(path);
    return status;
}

/* --- the whole ------------------------------------------------------------------ */

/* Makes the folder, unless it exists and is empty; *ret_made tells which. */
static ic_status claim_folder(const char *folder, bool *ret_made,
                              struct ic_error *error)
{
    char **names;
    size_t count;
    ic_status status;

    *ret_made = !ic_file_exists(folder);
    if (*ret_made)
        return ic_file_make_folder(folder, error);
    status = ic_file_list(folder, &names, &count, error);
    if (status != IC_OK)
        return status;
    ic_file_free_names(names, count);
    if (count > 0)
        return ic_fail(error, IC_ERR_USAGE,
                       "%s is not empty: toy pets are drawn into a new folder", folder);
    return IC_OK;
}

/* Removes the first `count` pictures and all lists. A file that does not exist is
 * ignored, since the error that led here has its own message. */
static void remove_all(const char *images, const char *annotations,
                       const struct ic_toy_options *options, int count)
{
    for (int i = 0; i < count; i++) {
        char *path = make_path(images, options, i);

        if (path != NULL)
            unlink(path);
        free(path);
    }
    for (int i = 0; i < LISTS; i++) {
        char *path = ic_file_join(annotations, list_names[i]);

        if (path != NULL)
            unlink(path);
        free(path);
    }
    rmdir(images);
    rmdir(annotations);
}

ic_status ic_toy_pets_write(const char *folder, const struct ic_toy_options *options,
                            struct ic_error *error)
{
    char *images = ic_file_join(folder, "images");
    char *annotations = ic_file_join(folder, "annotations");
    bool made = false;
    ic_status status;
    int written = 0;

    status = ic_toy_check(options, error);
    if (status != IC_OK)
        goto out;
    if (images == NULL || annotations == NULL) {
        status = ic_fail_memory(error, "a path", 0);
        goto out;
    }
    status = claim_folder(folder, &made, error);
    if (status != IC_OK)
        goto out;
    status = ic_file_make_folder(images, error);
    if (status == IC_OK)
        status = ic_file_make_folder(annotations, error);
    while (status == IC_OK && written < options->count)
        status = write_picture(images, options, written++, error);
    for (int i = 0; i < LISTS && status == IC_OK; i++)
        status = write_list(annotations, (enum list)i, options->count, error);
    if (status != IC_OK) {
        remove_all(images, annotations, options, written);
        if (made)
            rmdir(folder);
    }
out:
    free(images);
    free(annotations);
    return status;
}
