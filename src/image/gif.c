/* SPDX-License-Identifier: MIT */
/*
 * Decodes GIF (87a and 89a) through giflib: the first frame, composed on its canvas as
 * Pillow does. The canvas grows to hold the frame. The area outside the frame shows the
 * transparent index if one is set, otherwise index 0; both in the frame's colours,
 * since the background colour is ignored.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

#include "image/decode.h"

/* The most pixels per byte: a code of 12 bits stands for up to 4096 pixels. */
#define DENSITY_MAX (4096 * 8 / 12)

#define GRAPHICS_TRANSPARENT 1 /* flag in a graphics control block of four bytes */

struct reader {
    GifFileType *gif;
    const struct ic_image_source *source;
    size_t position;
    bool cut_off;
    int transparent;  /* index, or -1 */
    uint8_t *indices; /* one row of the frame; owned */
    uint8_t colours[256][3];
};

/* giflib's callback for input. Behind the end it gives the length of a block as 0, the
 * mark behind the last block: giflib asks for it once it has all pixels, and refuses it
 * while pixels are missing. So a file that is cut behind its pixels is read, as for
 * JPEG and PNG. */
static int read_bytes(GifFileType *gif, GifByteType *bytes, int count)
{
    struct reader *reader = gif->UserData;
    const size_t left = reader->source->size - reader->position;

    if ((size_t)count > left) {
        reader->cut_off = true;
        if (count == 1) {
            bytes[0] = 0;
            return 1;
        }
        count = (int)left;
    }
    memcpy(bytes, reader->source->bytes + reader->position, (size_t)count);
    reader->position += (size_t)count;
    return count;
}

static ic_status damaged(const struct reader *reader, int code, struct ic_error *error)
{
    const char *cause = GifErrorString(code);

    if (reader->cut_off)
        return ic_fail(error, IC_ERR_FORMAT,
                       "%s is truncated: its %zu bytes end before its GIF picture does",
                       reader->source->name, reader->source->size);
    return ic_fail(error, IC_ERR_FORMAT, "%s is a damaged GIF: %s",
                   reader->source->name, cause ? cause : "unknown cause");
}

/* Skips an extension; a graphics control block gives the transparent index. */
static bool read_extension(struct reader *reader)
{
    GifByteType *block;
    int code;

    if (DGifGetExtension(reader->gif, &code, &block) == GIF_ERROR)
        return false;
    if (code == GRAPHICS_EXT_FUNC_CODE && block != NULL && block[0] >= 4 &&
        (block[1] & GRAPHICS_TRANSPARENT))
        reader->transparent = block[4];
    while (block != NULL)
        if (DGifGetExtensionNext(reader->gif, &block) == GIF_ERROR)
            return false;
    return true;
}

/* Reads up to the first frame's pixels. */
static ic_status find_frame(struct reader *reader, struct ic_error *error)
{
    GifRecordType type;
    bool fine;

    for (;;) {
        if (DGifGetRecordType(reader->gif, &type) == GIF_ERROR)
            return damaged(reader, reader->gif->Error, error);
        if (type == IMAGE_DESC_RECORD_TYPE) {
            fine = DGifGetImageDesc(reader->gif) != GIF_ERROR;
            return fine ? IC_OK : damaged(reader, reader->gif->Error, error);
        }
        if (type == TERMINATE_RECORD_TYPE)
            return ic_fail(error, IC_ERR_FORMAT, "%s is a GIF without a picture",
                           reader->source->name);
        if (type == EXTENSION_RECORD_TYPE && !read_extension(reader))
            return damaged(reader, reader->gif->Error, error);
    }
}

/* True where a palette only maps index i to grey i. */
static bool is_grey_ramp(const ColorMapObject *map)
{
    for (int i = 0; i < map->ColorCount; i++)
        if (map->Colors[i].Red != i || map->Colors[i].Green != i ||
            map->Colors[i].Blue != i)
            return false;
    return true;
}

/* Chooses the frame's colours as Pillow does: the local palette, otherwise the global
 * palette, where a grey ramp counts as no palette; an index beyond the end is black.
 * Without a palette an index is a grey. */
static void choose_colours(struct reader *reader)
{
    const ColorMapObject *maps[2] = {reader->gif->Image.ColorMap,
                                     reader->gif->SColorMap};

    for (int m = 0; m < 2; m++) {
        if (maps[m] == NULL || is_grey_ramp(maps[m]))
            continue;
        for (int i = 0; i < maps[m]->ColorCount; i++) {
            reader->colours[i][0] = maps[m]->Colors[i].Red;
            reader->colours[i][1] = maps[m]->Colors[i].Green;
            reader->colours[i][2] = maps[m]->Colors[i].Blue;
        }
        return;
    }
    for (int i = 0; i < 256; i++)
        memset(reader->colours[i], i, 3);
}

static void fill_canvas(const struct reader *reader, struct ic_image *image)
{
    const int index = reader->transparent < 0 ? 0 : reader->transparent;
    const size_t pixels = (size_t)image->width * image->height;

    for (size_t i = 0; i < pixels; i++)
        memcpy(image->rgb + 3 * i, reader->colours[index], 3);
}

/* Reads one row of indices and draws it into the row `y` of the frame. */
static bool draw_row(struct reader *reader, struct ic_image *image, int y)
{
    const GifImageDesc *frame = &reader->gif->Image;
    uint8_t *rgb = image->rgb +
                   ((size_t)(frame->Top + y) * image->width + (size_t)frame->Left) * 3;

    if (DGifGetLine(reader->gif, reader->indices, frame->Width) == GIF_ERROR)
        return false;
    for (int x = 0; x < frame->Width; x++)
        memcpy(rgb + 3 * x, reader->colours[reader->indices[x]], 3);
    return true;
}

/* Draws all rows: in order, or in the four passes of an interlaced frame. */
static bool draw_frame(struct reader *reader, struct ic_image *image)
{
    static const struct {
        int start, step;
    } passes[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}}, plain = {0, 1};
    const GifImageDesc *frame = &reader->gif->Image;

    for (int pass = 0; pass < (frame->Interlace ? 4 : 1); pass++) {
        const int start = frame->Interlace ? passes[pass].start : plain.start;
        const int step = frame->Interlace ? passes[pass].step : plain.step;
        for (int y = start; y < frame->Height; y += step)
            if (!draw_row(reader, image, y))
                return false;
    }
    return true;
}

static unsigned long at_least(int size, int end)
{
    return (unsigned long)(size > end ? size : end);
}

static ic_status decode(struct reader *reader, struct ic_image *image,
                        struct ic_error *error)
{
    const GifImageDesc *frame = &reader->gif->Image;
    ic_status status = find_frame(reader, error);

    if (status != IC_OK)
        return status;
    if (frame->Width <= 0 || frame->Height <= 0)
        return ic_fail(error, IC_ERR_FORMAT, "%s is a GIF whose frame has no pixels",
                       reader->source->name);
    status = ic_image_begin(image, reader->source,
                            at_least(reader->gif->SWidth, frame->Left + frame->Width),
                            at_least(reader->gif->SHeight, frame->Top + frame->Height),
                            DENSITY_MAX, error);
    if (status != IC_OK)
        return status;
    reader->indices = malloc((size_t)frame->Width);
    if (reader->indices == NULL)
        return ic_fail_memory(error, reader->source->name, (size_t)frame->Width);
    choose_colours(reader);
    fill_canvas(reader, image);
    if (!draw_frame(reader, image))
        return damaged(reader, reader->gif->Error, error);
    return IC_OK;
}

ic_status ic_gif_decode(struct ic_image *image, const struct ic_image_source *source,
                        struct ic_error *error)
{
    struct reader reader = {.source = source, .transparent = -1};
    ic_status status;
    int code = 0;

    reader.gif = DGifOpen(&reader, read_bytes, &code);
    if (reader.gif == NULL)
        return damaged(&reader, code, error);
    status = decode(&reader, image, error);
    DGifCloseFile(reader.gif, &code);
    free(reader.indices);
    return status;
}
