/* SPDX-License-Identifier: MIT */
/*
 * The breeds, and how an animal of a breed comes to its looks. See animal.h.
 */
#include "data/toy/animal.h"

/* Every coat pattern has one breed of either species, and they take turns, so that
 * neither a colour nor a count tells the species. */
/* clang-format off */
const struct ic_toy_breed ic_toy_breeds[IC_TOY_BREEDS] = {
    /* name, dog, pattern, ears,
     *   fur,   head width, depth, ear width, length, muzzle length, width, eye */
    {"Toy_Shorthair", false, IC_TOY_STRIPES, IC_TOY_EARS_PRICKED,
      0.020f,    1.00f,  1.00f,     1.00f,  1.00f,         1.00f, 1.05f, 1.00f},
    {"toy_boxer", true, IC_TOY_STRIPES, IC_TOY_EARS_BUTTON,
      0.020f,    1.00f,  1.00f,     1.00f,  1.00f,         0.60f, 1.12f, 1.05f},
    {"Toy_Persian", false, IC_TOY_PLAIN, IC_TOY_EARS_PRICKED,
      0.090f,    1.12f,  1.00f,     0.85f,  0.75f,         0.40f, 1.10f, 1.10f},
    {"toy_retriever", true, IC_TOY_PLAIN, IC_TOY_EARS_FLOPPY,
      0.070f,    1.03f,  1.00f,     0.95f,  0.95f,         1.00f, 1.00f, 1.00f},
    {"Toy_Bengal", false, IC_TOY_SPOTS, IC_TOY_EARS_PRICKED,
      0.015f,    0.95f,  1.00f,     0.95f,  0.95f,         1.10f, 1.05f, 0.95f},
    {"toy_dalmatian", true, IC_TOY_SPOTS, IC_TOY_EARS_FLOPPY,
      0.015f,    0.95f,  1.05f,     0.90f,  0.85f,         1.10f, 0.95f, 1.00f},
    {"Toy_Siamese", false, IC_TOY_POINTS, IC_TOY_EARS_PRICKED,
      0.015f,    0.90f,  1.05f,     1.15f,  1.20f,         1.30f, 0.90f, 0.95f},
    {"toy_pug", true, IC_TOY_POINTS, IC_TOY_EARS_BUTTON,
      0.015f,    1.12f,  0.95f,     0.85f,  0.75f,         0.15f, 1.20f, 1.30f},
    {"Toy_Tuxedo", false, IC_TOY_BICOLOUR, IC_TOY_EARS_PRICKED,
      0.040f,    1.00f,  1.00f,     1.00f,  0.95f,         1.00f, 1.05f, 1.00f},
    {"toy_terrier", true, IC_TOY_BICOLOUR, IC_TOY_EARS_ROUND,
      0.040f,    0.95f,  1.05f,     1.08f,  0.98f,         1.10f, 0.95f, 1.00f},
    {"Toy_Calico", false, IC_TOY_PATCHES, IC_TOY_EARS_PRICKED,
      0.030f,    1.02f,  0.98f,     1.05f,  1.00f,         0.90f, 1.00f, 1.05f},
    {"toy_beagle", true, IC_TOY_PATCHES, IC_TOY_EARS_FLOPPY,
      0.015f,    0.95f,  1.00f,     1.10f,  1.25f,         1.00f, 1.00f, 1.05f},
};
/* clang-format on */

static const struct ic_toy_colour cat_eyes[] = {{0.62f, 0.74f, 0.30f},
                                                {0.45f, 0.66f, 0.38f},
                                                {0.86f, 0.68f, 0.22f},
                                                {0.84f, 0.52f, 0.18f},
                                                {0.42f, 0.64f, 0.84f}};
static const struct ic_toy_colour dog_eyes[] = {{0.30f, 0.18f, 0.09f},
                                                {0.22f, 0.13f, 0.08f},
                                                {0.42f, 0.27f, 0.12f},
                                                {0.50f, 0.36f, 0.18f},
                                                {0.45f, 0.60f, 0.74f}};
static const struct ic_toy_colour noses[] = {
    {0.12f, 0.10f, 0.10f}, {0.34f, 0.20f, 0.17f}, {0.84f, 0.54f, 0.54f}};
static const struct ic_toy_colour collars[] = {{0.78f, 0.16f, 0.16f},
                                               {0.16f, 0.32f, 0.70f},
                                               {0.14f, 0.52f, 0.34f},
                                               {0.58f, 0.24f, 0.62f}};

static float brightness(struct ic_toy_colour c)
{
    return 0.3f * c.r + 0.6f * c.g + 0.1f * c.b;
}

void ic_toy_breed_choose(struct ic_toy_animal *animal, struct ic_random *random)
{
    static const struct ic_toy_colour pale = {0.96f, 0.95f, 0.93f};
    static const struct ic_toy_colour dark = {0.16f, 0.14f, 0.13f};
    static const struct ic_toy_colour skin = {0.80f, 0.56f, 0.53f};
    const struct ic_toy_breed *breed = animal->breed;
    const uint32_t eye = ic_random_below(random, IC_TOY_COUNT(cat_eyes));
    /* Dogs' noses are dark more often, but not always; cats' pink, but not always. */
    const uint32_t nose = ic_toy_chance(random, 0.6f)
                              ? (breed->dog ? 0 : 2)
                              : ic_random_below(random, IC_TOY_COUNT(noses));

    ic_toy_coat_init(&animal->coat, breed->pattern, breed->fur, random);
    animal->iris = breed->dog ? dog_eyes[eye] : cat_eyes[eye];
    animal->nose = noses[nose];
    animal->ear =
        ic_toy_blend(skin, animal->coat.base, ic_toy_range(random, 0.2f, 0.6f));
    animal->whiskers = brightness(animal->coat.base) < 0.75f ? pale : dark;
    animal->collar = collars[ic_random_below(random, IC_TOY_COUNT(collars))];
    animal->has_collar = ic_toy_chance(random, 0.3f);
    animal->mouth_open = ic_toy_chance(random, breed->dog ? 0.5f : 0.15f);
    animal->pupil = ic_toy_range(random, 0, 1);
    animal->gaze = ic_toy_range(random, -1, 1);
    animal->tail = ic_toy_range(random, 0, 1);
    animal->seed = ic_random_u32(random);
}
