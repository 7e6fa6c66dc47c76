/*
 * From a model's description to its graph.
 */
#include "model/model.h"
#include "model/resnet.h"

ic_status ic_model_build(const struct ic_model *model, enum ic_conv_algorithm algorithm,
                         enum ic_type type, struct ic_graph *ret_graph,
                         struct ic_error *error)
{
    ic_status status;

    ic_graph_init(ret_graph, model->size, model->size, 3, algorithm);
    ic_graph_set_type(ret_graph, type);
    ic_resnet(ret_graph, model->arch, model->head, model->class_count);
    status = ic_graph_finish(ret_graph, error);
    if (status != IC_OK)
        ic_graph_free(ret_graph);
    return status;
}
