/* SPDX-License-Identifier: MIT */
/*
 * Lays out pictures in a grid. See contact_sheet.h.
 *
 * A picture is stored with its own pixels, so that the sheet can be magnified. Small
 * pictures are PNG, since they are shown enlarged and JPEG's losses would be visible; a
 * sheet of large PNG pictures would be too large a file.
 */
#include "report/contact_sheet.h"

#include <assert.h>
#include <stdlib.h>

#include "image/encode.h"
#include "report/short_name.h"

#define COLUMNS       8
#define SIDE          176 /* of a picture, as it is shown */
#define GAP           12
#define FRAME         3 /* its width */
#define MARGIN        20
#define HEADING_SIZE  15
#define LINE_SIZE     11
#define LINE_STEP     15
#define PNG_UP_TO     128 /* pixels per side */
#define JPEG_QUALITY  90
#define LINE_LIMIT    ((int)(SIDE / (LINE_SIZE * IC_SVG_LETTER))) /* characters */
#define HEADING_CELLS 3 /* the heading's width, at least */

/* The distance from one row to the next. */
static int row_step(const struct ic_contact_sheet *sheet)
{
    return SIDE + sheet->lines * LINE_STEP + GAP + 4;
}

ic_status ic_contact_sheet_open(struct ic_contact_sheet *sheet, const char *path,
                                int count, int lines, const char *heading,
                                struct ic_error *error)
{
    const int columns = count < COLUMNS ? count : COLUMNS;
    const int across = columns < HEADING_CELLS ? HEADING_CELLS : columns;
    const int top = MARGIN + 2 * HEADING_SIZE;
    ic_status status;

    assert(count >= 0 && lines >= 0 && lines <= IC_CONTACT_SHEET_LINES);
    *sheet = (struct ic_contact_sheet){
        .count = count, .lines = lines, .columns = columns > 0 ? columns : 1};
    status = ic_svg_open(
        &sheet->svg, path, 2 * MARGIN + across * (SIDE + GAP) - GAP,
        top + (count + COLUMNS - 1) / COLUMNS * row_step(sheet) + MARGIN - GAP, error);
    if (status == IC_OK)
        ic_svg_text(&sheet->svg, MARGIN, MARGIN + HEADING_SIZE, HEADING_SIZE,
                    IC_SVG_START, "#222222", heading);
    return status;
}

ic_status ic_contact_sheet_add(struct ic_contact_sheet *sheet, uint8_t *rgb, int size,
                               const char *const *lines, const char *frame,
                               struct ic_error *error)
{
    const int x = MARGIN + sheet->added % sheet->columns * (SIDE + GAP);
    const int y =
        MARGIN + 2 * HEADING_SIZE + sheet->added / sheet->columns * row_step(sheet);
    const struct ic_image image = {size, size, rgb};
    const enum ic_image_format format =
        size <= PNG_UP_TO ? IC_IMAGE_PNG : IC_IMAGE_JPEG;
    uint8_t *bytes = NULL;
    size_t length = 0;
    ic_status status;

    assert(sheet->added < sheet->count);
    status = ic_image_encode(&image, format, JPEG_QUALITY, &bytes, &length, error);
    if (status != IC_OK)
        return status;
    if (frame != NULL)
        ic_svg_rect(&sheet->svg, x - FRAME, y - FRAME, SIDE + 2 * FRAME,
                    SIDE + 2 * FRAME, frame);
    ic_svg_image(&sheet->svg, x, y, SIDE, SIDE, format, bytes, length);
    free(bytes);
    for (int i = 0; i < sheet->lines; i++) {
        char line[IC_SHORT_NAME_SIZE];

        ic_svg_text(&sheet->svg, x, y + SIDE + (i + 1) * LINE_STEP - 1, LINE_SIZE,
                    IC_SVG_START, "#222222", ic_short_name(line, lines[i], LINE_LIMIT));
    }
    sheet->added++;
    return IC_OK;
}

ic_status ic_contact_sheet_commit(struct ic_contact_sheet *sheet,
                                  struct ic_error *error)
{
    return ic_svg_commit(&sheet->svg, error);
}

void ic_contact_sheet_abort(struct ic_contact_sheet *sheet)
{
    ic_svg_abort(&sheet->svg);
}
