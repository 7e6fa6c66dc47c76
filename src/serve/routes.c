/* SPDX-License-Identifier: MIT */
/*
 * The table of pages, and the pages that need no pictures. See routes.h.
 */
#include "serve/routes.h"

#include <string.h>

enum { RETRY_LOADING = 1 }; /* seconds: a model loads in less */

/* --- health -------------------------------------------------------------------- */

static void tell_live(struct ic_response *response, struct ic_site *site)
{
    (void)site;
    ic_response_json(response, 200, json_pack("{s:b}", "live", 1));
}

static void tell_ready(struct ic_response *response, struct ic_site *site)
{
    struct ic_served *served = ic_service_model(site->service);
    const bool ready = served != NULL && !site->stopping;

    ic_served_leave(served);
    ic_response_json(response, ready ? 200 : 503, json_pack("{s:b}", "ready", ready));
    response->retry_after = ready ? 0 : RETRY_LOADING;
}

/* Answers MLflow, SageMaker and TorchServe; the last expects this answer. */
static void tell_ping(struct ic_response *response, struct ic_site *site)
{
    (void)site;
    ic_response_json(response, 200, json_pack("{s:s}", "status", "Healthy"));
}

/* --- the server and its model -------------------------------------------------- */

static void tell_server(struct ic_response *response, struct ic_site *site)
{
    (void)site;
    ic_response_json(response, 200,
                     json_pack("{s:s, s:s, s:[s]}", "name", "im2cat", "version",
                               PACKAGE_VERSION, "extensions", "binary_tensor_data"));
}

static json_t *tensor(const char *name, const char *datatype, json_t *shape)
{
    return json_pack("{s:s, s:s, s:o}", "name", name, "datatype", datatype, "shape",
                     shape);
}

/* Model metadata of the Open Inference Protocol. Either of the inputs is enough. */
static void tell_model(struct ic_response *response, struct ic_site *site)
{
    struct ic_served *served = ic_service_model(site->service);
    const struct ic_model *model;

    if (served == NULL) {
        ic_response_error(response, 503, "the model is being loaded");
        response->retry_after = RETRY_LOADING;
        return;
    }
    model = ic_classifier_model(served->classifier);
    ic_response_json(
        response, 200,
        json_pack("{s:s, s:s, s:[o, o], s:[o, o]}", "name", site->model_name,
                  "platform", "im2cat", "inputs",
                  tensor("image", "BYTES", json_pack("[i]", -1)),
                  tensor("pixels", "UINT8", json_pack("[i, i, i, i]", -1, -1, -1, 3)),
                  "outputs",
                  tensor("probabilities", "FP32",
                         json_pack("[i, i]", -1, model->class_count)),
                  tensor("class", "BYTES", json_pack("[i]", -1))));
    ic_served_leave(served);
}

static void tell_metrics(struct ic_response *response, struct ic_site *site)
{
    struct ic_served *served = ic_service_model(site->service);
    const struct ic_gauges gauges = {
        .ready = served != NULL,
        .waiting = ic_service_waiting(site->service),
        .connections = site->connections,
        .body_bytes = site->body_bytes,
    };

    ic_served_leave(served);
    ic_response_free(response);
    response->status = 200;
    response->type = "text/plain; version=0.0.4";
    response->body = ic_metrics_text(site->metrics, &gauges, &response->size);
}

/* --- the table ----------------------------------------------------------------- */

static const struct ic_route routes[] = {
    {"score", "/score", .protocol = &ic_predictions_protocol},
    {"predictions", "/predictions/*", .protocol = &ic_predictions_protocol},
    {"invocations", "/invocations", .protocol = &ic_predictions_protocol},
    {"infer", "/v2/models/*/infer", .protocol = &ic_open_inference_protocol},
    {"server", "/v2", .tell = tell_server},
    {"live", "/v2/health/live", .tell = tell_live},
    {"ready", "/v2/health/ready", .tell = tell_ready},
    {"model", "/v2/models/*", .tell = tell_model},
    {"model_ready", "/v2/models/*/ready", .tell = tell_ready},
    {"ping", "/ping", .tell = tell_ping},
    {"metrics", "/metrics", .tell = tell_metrics},
};

enum { ROUTES = sizeof routes / sizeof *routes };

/* Whether the path is the route's; `name` gets the part in place of "*". */
static bool matches(const struct ic_route *route, const char *path, const char **name,
                    size_t *name_length)
{
    const char *star = strchr(route->path, '*');
    const size_t before = star ? (size_t)(star - route->path) : strlen(route->path);

    *name = NULL;
    if (star == NULL)
        return strcmp(path, route->path) == 0;
    if (strncmp(path, route->path, before) != 0)
        return false;
    *name = path + before;
    *name_length = strcspn(*name, "/");
    return *name_length > 0 && strcmp(*name + *name_length, star + 1) == 0;
}

/* Whether a method is the route's. The library answers HEAD as GET without the body. */
static bool allows(const struct ic_route *route, const char *method)
{
    if (route->protocol != NULL)
        return strcmp(method, "POST") == 0;
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

const struct ic_route *ic_route_find(const char *path, const char *method,
                                     const struct ic_site *site,
                                     struct ic_response *response)
{
    for (int i = 0; i < ROUTES; i++) {
        const struct ic_route *route = &routes[i];
        const char *name;
        size_t length = 0;

        if (!matches(route, path, &name, &length))
            continue;
        if (name != NULL && (length != strlen(site->model_name) ||
                             memcmp(name, site->model_name, length) != 0)) {
            ic_response_error(response, 404,
                              "there is no model \"%.*s\" here, only \"%s\"",
                              length < 80 ? (int)length : 80, name, site->model_name);
            return NULL;
        }
        if (allows(route, method))
            return route;
        response->allow = route->protocol != NULL ? "POST" : "GET, HEAD";
        ic_response_error(response, 405, "%s takes %s, not %.20s", route->path,
                          response->allow, method);
        return NULL;
    }
    ic_response_error(response, 404,
                      "there is no page %.120s; POST /score scores pictures", path);
    return NULL;
}
