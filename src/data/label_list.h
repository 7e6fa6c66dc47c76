/* SPDX-License-Identifier: MIT */
/*
 * Labels from a CSV file, as Kaggle hands them out and fastai's from_csv reads them: a
 * row names a picture, its class and, where there is a third column, its side.
 */
#ifndef IC_DATA_LABEL_LIST_H
#define IC_DATA_LABEL_LIST_H

#include "data/dataset.h"

/* Reads the classes of a data set's samples from the CSV file at `path`, and leaves out
 * the samples that it does not name, or names for testing. `class_of` has room for one
 * class a sample; the classes are the arena's.
 *
 * A first row whose first cell has no ending, as files have one, and names no picture
 * is a header. Its columns are told by their names:
 * the picture (path, file, filename, image, image_id, id, ...), the class (label,
 * class, category, ...), the side (split, set, subset, is_valid); without such a name
 * the first column is the picture, the second the class, the third of three the side. A
 * picture is named as in a split's list (name_index.h). Sides are train, valid and test
 * with their synonyms (rows for testing are passed over), or a truth value where the
 * column is called is_valid; an empty cell trains. Without a column of sides the split
 * decides.
 *
 * Refused, each with file and line: a picture that the data set lacks, that two samples
 * answer to or that is named twice; a row without a class; a side that is none. */
ic_status ic_label_list_read(struct ic_dataset *dataset, const char *path,
                             const char **class_of, struct ic_error *error);

#endif
