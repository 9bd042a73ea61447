#include "COneDNN.h"

#include "Engine.h"

#include <stdlib.h>
#include <string.h>

/// A tensor in the layout that a primitive requires, with the reorder from or to the plain layout.
typedef struct {
  dnnl_memory_t plain;
  dnnl_memory_t packed;  // same as `plain` if the layouts are equal
  dnnl_primitive_t reorder;
} Operand;

struct CDnnConvolution {
  int has_bias;
  long scratch_bytes;
  dnnl_primitive_t forward, backward_weights, backward_data;
  dnnl_memory_t input, output, bias, output_gradient, bias_gradient, input_gradient;
  Operand kernel_forward, kernel_backward, kernel_gradient;
};

static dnnl_memory_t empty_memory(const dnnl_memory_desc_t *description) {
  dnnl_memory_t memory = NULL;
  dnnl_memory_create(&memory, description, conednn_engine, DNNL_MEMORY_NONE);
  return memory;
}

/// `to_plain` is the direction of the reorder: gradients are converted to the plain layout, kernels
/// from it.
static int make_operand(
    Operand *operand, const dnnl_memory_desc_t *plain, const dnnl_memory_desc_t *packed,
    int to_plain) {
  operand->plain = empty_memory(plain);
  if (operand->plain == NULL) return 0;
  if (dnnl_memory_desc_equal(plain, packed)) {
    operand->packed = operand->plain;
    return 1;
  }
  if (!is(dnnl_memory_create(&operand->packed, packed, conednn_engine, DNNL_MEMORY_ALLOCATE))) return 0;
  dnnl_primitive_desc_t description = NULL;
  if (!is(dnnl_reorder_primitive_desc_create(
          &description, to_plain ? packed : plain, conednn_engine, to_plain ? plain : packed, conednn_engine,
          NULL)))
    return 0;
  int made = is(dnnl_primitive_create(&operand->reorder, description));
  dnnl_primitive_desc_destroy(description);
  return made;
}

static void destroy_operand(Operand *operand) {
  if (operand->packed != operand->plain) dnnl_memory_destroy(operand->packed);
  dnnl_memory_destroy(operand->plain);
  dnnl_primitive_destroy(operand->reorder);
}

/// The layouts of one convolution: "plain" layouts are fixed by this interface, "free" ones are
/// chosen by oneDNN.
typedef struct {
  dnnl_memory_desc_t input, output, plain_kernel, free_kernel, free_kernel_gradient;
  dnnl_memory_desc_t bias;  // no axes if the convolution has no bias
  dnnl_dims_t strides, padding;
} Layouts;

static int describe(
    dnnl_memory_desc_t *description, int axes, const dnnl_dims_t lengths, dnnl_data_type_t type,
    dnnl_format_tag_t layout) {
  return is(dnnl_memory_desc_init_by_tag(description, axes, lengths, type, layout));
}

static int make_layouts(Layouts *layouts, CDnnConvolutionShape s) {
  dnnl_dims_t input = {s.rows, s.channels, s.height, s.width};
  int height = (s.height + 2 * s.padding - s.kernel) / s.stride + 1;
  int width = (s.width + 2 * s.padding - s.kernel) / s.stride + 1;
  dnnl_dims_t output = {s.rows, s.filters, height, width};
  dnnl_dims_t kernel = {s.filters, s.channels, s.kernel, s.kernel}, bias = {s.filters};
  layouts->strides[0] = layouts->strides[1] = s.stride;
  layouts->padding[0] = layouts->padding[1] = s.padding;
  dnnl_data_type_t narrow = s.is_bfloat16 ? dnnl_bf16 : dnnl_f32;
  memset(&layouts->bias, 0, sizeof layouts->bias);
  return describe(&layouts->input, 4, input, narrow, dnnl_nhwc) &&
         describe(&layouts->output, 4, output, narrow, dnnl_nhwc) &&
         describe(&layouts->plain_kernel, 4, kernel, dnnl_f32, dnnl_hwio) &&
         describe(&layouts->free_kernel, 4, kernel, narrow, dnnl_format_tag_any) &&
         describe(&layouts->free_kernel_gradient, 4, kernel, dnnl_f32, dnnl_format_tag_any) &&
         (!s.has_bias || describe(&layouts->bias, 1, bias, dnnl_f32, dnnl_a));
}

static const dnnl_memory_desc_t *bias(const Layouts *l) {
  return l->bias.ndims == 0 ? NULL : &l->bias;
}

/// Records the scratch memory of a primitive; oneDNN has one such memory for all primitives.
static int count_scratch(CDnnConvolution *convolution, dnnl_primitive_desc_t description) {
  int64_t bytes = 0;
  if (!is(dnnl_primitive_desc_query(description, dnnl_query_memory_consumption_s64, 0, &bytes)))
    return 0;
  if (bytes > convolution->scratch_bytes) convolution->scratch_bytes = (long)bytes;
  return 1;
}

static int make_forward(
    CDnnConvolution *convolution, const Layouts *l, int relu, int wanted,
    dnnl_primitive_desc_t *description) {
  dnnl_convolution_desc_t operation;
  if (!is(dnnl_convolution_forward_desc_init(
          &operation, dnnl_forward_training, dnnl_convolution_direct, &l->input, &l->free_kernel,
          bias(l), &l->output, l->strides, l->padding, l->padding)))
    return 0;
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_post_ops_t after = NULL;
  int made = is(dnnl_primitive_attr_create(&attributes)) && is(dnnl_post_ops_create(&after));
  if (made && relu)
    made = is(dnnl_post_ops_append_eltwise(after, 1.0f, dnnl_eltwise_relu, 0.0f, 0.0f)) &&
           is(dnnl_primitive_attr_set_post_ops(attributes, after));
  made = made &&
         is(dnnl_primitive_desc_create(description, &operation, attributes, conednn_engine, NULL));
  // The descriptions of the other passes refer to that of the forward pass.
  if (made && wanted)
    made = is(dnnl_primitive_create(&convolution->forward, *description)) &&
           count_scratch(convolution, *description) &&
           make_operand(
               &convolution->kernel_forward, &l->plain_kernel,
               dnnl_primitive_desc_query_md(*description, dnnl_query_weights_md, 0), 0);
  dnnl_post_ops_destroy(after);
  dnnl_primitive_attr_destroy(attributes);
  return made;
}

/// Makes a primitive of the backward pass with the layout of its kernel or the kernel's gradient, which
/// `query` names.
static int make_backward(
    CDnnConvolution *convolution, const Layouts *l, const dnnl_convolution_desc_t *operation,
    dnnl_primitive_desc_t forward, dnnl_primitive_t *primitive, Operand *kernel, dnnl_query_t query,
    int to_plain) {
  dnnl_primitive_desc_t description = NULL;
  int made =
      is(dnnl_primitive_desc_create(&description, operation, NULL, conednn_engine, forward)) &&
      is(dnnl_primitive_create(primitive, description)) &&
      count_scratch(convolution, description) &&
      make_operand(
          kernel, &l->plain_kernel, dnnl_primitive_desc_query_md(description, query, 0), to_plain);
  dnnl_primitive_desc_destroy(description);
  return made;
}

static int make_backward_weights(
    CDnnConvolution *c, const Layouts *l, dnnl_primitive_desc_t forward) {
  dnnl_convolution_desc_t operation;
  return is(dnnl_convolution_backward_weights_desc_init(
             &operation, dnnl_convolution_direct, &l->input, &l->free_kernel_gradient, bias(l),
             &l->output, l->strides, l->padding, l->padding)) &&
         make_backward(
             c, l, &operation, forward, &c->backward_weights, &c->kernel_gradient,
             dnnl_query_diff_weights_md, 1);
}

static int make_backward_data(
    CDnnConvolution *c, const Layouts *l, dnnl_primitive_desc_t forward) {
  dnnl_convolution_desc_t operation;
  return is(dnnl_convolution_backward_data_desc_init(
             &operation, dnnl_convolution_direct, &l->input, &l->free_kernel, &l->output,
             l->strides, l->padding, l->padding)) &&
         make_backward(
             c, l, &operation, forward, &c->backward_data, &c->kernel_backward,
             dnnl_query_weights_md, 0);
}

CDnnConvolution *conednn_convolution_create(CDnnConvolutionShape shape, int relu, int passes) {
  conednn_sync_thread_count();
  CDnnConvolution *convolution = calloc(1, sizeof *convolution);
  Layouts layouts;
  if (convolution == NULL || !make_layouts(&layouts, shape)) {
    free(convolution);
    return NULL;
  }
  dnnl_primitive_desc_t forward = NULL;
  int made = make_forward(convolution, &layouts, relu, passes & CDNN_FORWARD, &forward) &&
             (!(passes & CDNN_BACKWARD_WEIGHTS) ||
              make_backward_weights(convolution, &layouts, forward)) &&
             (!(passes & CDNN_BACKWARD_DATA) || make_backward_data(convolution, &layouts, forward));
  dnnl_primitive_desc_destroy(forward);
  convolution->input = empty_memory(&layouts.input);
  convolution->output = empty_memory(&layouts.output);
  convolution->has_bias = shape.has_bias;
  convolution->bias = empty_memory(&layouts.bias);
  convolution->output_gradient = empty_memory(&layouts.output);
  convolution->bias_gradient = empty_memory(&layouts.bias);
  convolution->input_gradient = empty_memory(&layouts.input);
  if (!made) {
    conednn_convolution_destroy(convolution);
    return NULL;
  }
  return convolution;
}

long conednn_convolution_scratch(const CDnnConvolution *convolution) {
  return convolution->scratch_bytes;
}

void conednn_convolution_destroy(CDnnConvolution *convolution) {
  if (convolution == NULL) return;
  dnnl_primitive_destroy(convolution->forward);
  dnnl_primitive_destroy(convolution->backward_weights);
  dnnl_primitive_destroy(convolution->backward_data);
  dnnl_memory_destroy(convolution->input);
  dnnl_memory_destroy(convolution->output);
  dnnl_memory_destroy(convolution->bias);
  dnnl_memory_destroy(convolution->output_gradient);
  dnnl_memory_destroy(convolution->bias_gradient);
  dnnl_memory_destroy(convolution->input_gradient);
  destroy_operand(&convolution->kernel_forward);
  destroy_operand(&convolution->kernel_backward);
  destroy_operand(&convolution->kernel_gradient);
  free(convolution);
}

static void lend(dnnl_memory_t memory, const void *values) {
  dnnl_memory_set_data_handle(memory, (void *)values);
}

static int reorder(const Operand *operand, int to_plain) {
  if (operand->reorder == NULL) return 1;
  dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_FROM, to_plain ? operand->packed : operand->plain},
      {DNNL_ARG_TO, to_plain ? operand->plain : operand->packed}};
  return is(dnnl_primitive_execute(operand->reorder, conednn_stream, 2, arguments));
}

int conednn_convolution_forward(
    CDnnConvolution *c, const void *input, const float *kernel, const float *bias, void *output) {
  conednn_sync_thread_count();
  lend(c->input, input);
  if (kernel != NULL) lend(c->kernel_forward.plain, kernel);
  if (c->has_bias) lend(c->bias, bias);
  lend(c->output, output);
  dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_SRC, c->input},
      {DNNL_ARG_WEIGHTS, c->kernel_forward.packed},
      {DNNL_ARG_DST, c->output},
      {DNNL_ARG_BIAS, c->bias}};
  int done = (kernel == NULL || reorder(&c->kernel_forward, 0)) &&
             is(dnnl_primitive_execute(c->forward, conednn_stream, c->has_bias ? 4 : 3, arguments)) &&
             is(dnnl_stream_wait(conednn_stream));
  return done ? 0 : -1;
}

int conednn_convolution_backward_weights(
    CDnnConvolution *c, const void *input, const void *output_gradient, float *kernel_gradient,
    float *bias_gradient) {
  conednn_sync_thread_count();
  lend(c->input, input);
  lend(c->output_gradient, output_gradient);
  lend(c->kernel_gradient.plain, kernel_gradient);
  if (c->has_bias) lend(c->bias_gradient, bias_gradient);
  dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_SRC, c->input},
      {DNNL_ARG_DIFF_DST, c->output_gradient},
      {DNNL_ARG_DIFF_WEIGHTS, c->kernel_gradient.packed},
      {DNNL_ARG_DIFF_BIAS, c->bias_gradient}};
  int done =
      is(dnnl_primitive_execute(
          c->backward_weights, conednn_stream, c->has_bias ? 4 : 3, arguments)) &&
      reorder(&c->kernel_gradient, 1);
  return done && is(dnnl_stream_wait(conednn_stream)) ? 0 : -1;
}

int conednn_convolution_backward_data(
    CDnnConvolution *c, const float *kernel, const void *output_gradient, void *input_gradient) {
  conednn_sync_thread_count();
  lend(c->output_gradient, output_gradient);
  lend(c->kernel_backward.plain, kernel);
  lend(c->input_gradient, input_gradient);
  dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_DIFF_DST, c->output_gradient},
      {DNNL_ARG_WEIGHTS, c->kernel_backward.packed},
      {DNNL_ARG_DIFF_SRC, c->input_gradient}};
  int done = reorder(&c->kernel_backward, 0) &&
             is(dnnl_primitive_execute(c->backward_data, conednn_stream, 3, arguments));
  return done && is(dnnl_stream_wait(conednn_stream)) ? 0 : -1;
}
