/* SPDX-License-Identifier: MIT */
/*
 * A data set is a list of pictures and their classes.
 *
 * Two layouts are known (layout.h). Oxford: DIR/images/NAME_NUMBER.jpg (lists in
 * DIR/annotations). Class folders: DIR/CLASS/NAME, or DIR/train/CLASS/NAME with
 * DIR/valid/CLASS/NAME; pictures in folders of a class folder are of its class.
 * Samples stand in strcmp order of their names and the classes are sorted, so a data
 * set is the same on every machine. Hidden files and files whose names say that they
 * are not pictures (scan.h) are left out. Every other file is a sample, and its format
 * is told by its content.
 */
#ifndef IC_DATA_DATASET_H
#define IC_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum ic_labels {
    IC_LABELS_SPECIES, /* Oxford: a capital first letter is a cat, a small one a dog */
    IC_LABELS_BREED,   /* Oxford: the name up to its last '_' */
    IC_LABELS_FOLDER,  /* the class folder that the picture stands in */
    IC_LABELS_CSV      /* a CSV file that names pictures and classes (label_list.h) */
};

/* "species", "breed", "folder" and "csv", in that order; the list ends with NULL. */
extern const char *const ic_labels_names[];

/* The kind of labels that a user asks for: one of the words but "csv", or else the path
 * of a CSV file. */
enum ic_labels ic_labels_kind(const char *asked);

enum ic_sample_part {
    IC_PART_ANY,   /* the layout does not say: the split decides */
    IC_PART_TRAIN, /* stands under DIR/train, and there is a DIR/valid */
    IC_PART_VALID  /* stands under DIR/valid */
};

struct ic_sample {
    const char *name; /* path below the data set's folder, such as images/pug_3.jpg */
    size_t class_at;  /* in class folders: where in the name the class begins */
    int label;        /* 0 .. class_count-1, or -1 in an unlabelled set */
    enum ic_sample_part part;
    bool checked;      /* whether the checksum is known */
    uint32_t checksum; /* CRC-32 of the file; set by ic_check_pictures */
};

struct ic_dataset {
    const char *folder;
    struct ic_sample *samples;
    size_t count;
    const char **classes; /* sorted; class i has label i */
    int class_count;
    size_t loose;            /* files beside the class folders, which may be pictures */
    const char *first_loose; /* NULL where there are none */
    size_t decode_bytes;     /* the most that one picture takes while it is decoded; 0
                                before a check (check.h) */
    struct ic_arena arena;   /* owns all of the above */
};

/* Finds the samples of a folder by its layout; not for IC_LABELS_CSV. Refused, each
 * with its own sentence: a missing folder, no pictures, a name that does not carry the
 * asked label. */
ic_status ic_dataset_open(const char *folder, enum ic_labels labels,
                          struct ic_dataset *ret_dataset, struct ic_error *error);

/* Opens a data set with the labels that a user asks for, by word or by CSV file. With a
 * CSV file the folder may have any layout, and the pictures are those that the file
 * names. */
ic_status ic_dataset_open_asked(const char *folder, const char *labels,
                                struct ic_dataset *ret_dataset, struct ic_error *error);

/* Opens the pictures at `paths` without labels: files as they are named, readable or
 * not, and all pictures below folders, in the order of paths and names. Sample names
 * are whole paths (the data set's folder is ""). Refused: no pictures at all. */
ic_status ic_dataset_open_paths(const char *const *paths, int count,
                                struct ic_dataset *ret_dataset, struct ic_error *error);

/* Labels the samples by `classes` (those of a trained model) in place of the data set's
 * own numbering. A sample whose class the model lacks is refused by name. */
ic_status ic_dataset_use_classes(struct ic_dataset *dataset, const char *const *classes,
                                 int class_count, struct ic_error *error);

void ic_dataset_close(struct ic_dataset *dataset); /* all zero is fine */

#endif
