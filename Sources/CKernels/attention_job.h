// What a call of an attention kernel is given, and where its parts lie; `ck_attention` says what they mean.
#ifndef ATTENTION_JOB_H
#define ATTENTION_JOB_H
#include "kernels.h"

typedef struct {
    const float *queries;
    size_t query_stride, rows, group;
    ck_head_cache cache;
    size_t visible;
    int causal;
    size_t dimension;
    float scale;
    float *output;
    size_t output_stride;
} attention_job;

static inline size_t seen_by(const attention_job *job, size_t query) {
    return job->causal ? job->visible + query / job->group : job->visible;
}

static inline float *output_of(const attention_job *job, size_t query) {
    return job->output + query / job->group * job->output_stride + query % job->group * job->dimension;
}

static inline const float *query_of(const attention_job *job, size_t query) {
    return job->queries + query / job->group * job->query_stride + query % job->group * job->dimension;
}

#endif
