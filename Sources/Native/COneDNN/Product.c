#include "COneDNN.h"

#include "Engine.h"

#include <stdlib.h>

struct CDnnProduct {
  dnnl_primitive_t primitive;
  dnnl_memory_t a, b, c;
};

/// A matrix [rows, columns] that may be stored transposed.
static int describe(
    dnnl_memory_desc_t *matrix, long rows, long columns, dnnl_data_type_t type, int transposed) {
  dnnl_dims_t sizes = {rows, columns};
  dnnl_dims_t steps = {transposed ? 1 : columns, transposed ? rows : 1};
  return is(dnnl_memory_desc_init_by_strides(matrix, 2, sizes, type, steps));
}

/// Creates memory without an address.
static int place(dnnl_memory_t *memory, const dnnl_memory_desc_t *matrix) {
  return is(dnnl_memory_create(memory, matrix, conednn_engine, DNNL_MEMORY_NONE));
}

CDnnProduct *conednn_product_create(
    int transpose_a, int transpose_b, long m, long n, long k, int is_bfloat16) {
  conednn_sync_thread_count();
  CDnnProduct *product = calloc(1, sizeof *product);
  dnnl_data_type_t type = is_bfloat16 ? dnnl_bf16 : dnnl_f32;
  dnnl_memory_desc_t a, b, c;
  dnnl_matmul_desc_t what;
  dnnl_primitive_desc_t how = NULL;
  int made = product != NULL && describe(&a, m, k, type, transpose_a) &&
             describe(&b, k, n, type, transpose_b) && describe(&c, m, n, dnnl_f32, 0) &&
             is(dnnl_matmul_desc_init(&what, &a, &b, NULL, &c)) &&
             is(dnnl_primitive_desc_create(&how, &what, NULL, conednn_engine, NULL)) &&
             is(dnnl_primitive_create(&product->primitive, how)) && place(&product->a, &a) &&
             place(&product->b, &b) && place(&product->c, &c);
  if (how != NULL) dnnl_primitive_desc_destroy(how);
  if (made) return product;
  conednn_product_destroy(product);
  return NULL;
}

void conednn_product_destroy(CDnnProduct *product) {
  if (product == NULL) return;
  if (product->primitive != NULL) dnnl_primitive_destroy(product->primitive);
  dnnl_memory_t all[] = {product->a, product->b, product->c};
  for (int i = 0; i < 3; i++)
    if (all[i] != NULL) dnnl_memory_destroy(all[i]);
  free(product);
}

int conednn_product_run(CDnnProduct *product, const void *a, const void *b, float *c) {
  conednn_sync_thread_count();
  dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_SRC, product->a}, {DNNL_ARG_WEIGHTS, product->b}, {DNNL_ARG_DST, product->c}};
  return is(dnnl_memory_set_data_handle(product->a, (void *)a)) &&
                 is(dnnl_memory_set_data_handle(product->b, (void *)b)) &&
                 is(dnnl_memory_set_data_handle(product->c, c)) &&
                 is(dnnl_primitive_execute(product->primitive, conednn_stream, 3, arguments)) &&
                 is(dnnl_stream_wait(conednn_stream))
             ? 0
             : -1;
}
