/* SPDX-License-Identifier: MIT */
/*
 * Reads labels from a CSV file, in the form that Kaggle hands out and fastai's from_csv
 * reads: each row names a picture, its class and, where there is a third column, its
 * side.
 */
#ifndef IC_DATA_LABEL_LIST_H
#define IC_DATA_LABEL_LIST_H

#include "data/dataset.h"

/* Reads the classes of a data set's samples from the CSV file at `path`, and leaves out
 * the samples that the file does not name, or names for testing. `class_of` has room
 * for one class per sample; the arena owns the classes.
 *
 * A first row is a header when its first cell has no file ending and names no picture.
 * The header's names tell the columns: the picture (path, file, filename, image,
 * image_id, id, ...), the class (label, class, category, ...), the side (split, set,
 * subset, is_valid). Without such a name the first column is the picture, the second
 * the class, the third of three the side. A picture is named as in a split's list
 * (name_index.h). Sides are train, valid and test with their synonyms (rows for testing
 * are skipped), or a truth value where the column is called is_valid. An empty cell
 * means train. Without a column of sides the split decides.
 *
 * Refused, each with file and line: a picture that the data set lacks, that matches two
 * samples or that is named twice; a row without a class; an unknown side. */
ic_status ic_label_list_read(struct ic_dataset *dataset, const char *path,
                             const char **class_of, struct ic_error *error);

#endif
