/*
 * The second half of a scan, the same at every vector level; the including file defines sum_rest.
 *
 * Of `kept` places with their estimates from the first segment, adds the other segments and keeps those that reach
 * `least`.
 */
static size_t keep_best(const struct imprag_codes *codes, const struct imprag_code_query *query, float least, size_t kept,
                        uint32_t *places, float *estimates, float *firsts) {
    EXACT_STEPS
    size_t found = 0;
    for (size_t i = 0; i < kept; i++) {
        size_t place = places[i];
        float first = firsts[i], whole = first, scale = imprag_code_scale(codes->scales[place]);
        for (size_t s = 1; s < codes->segments; s++) {
            const uint8_t *code = codes->rest + (place * (codes->segments - 1) + s - 1) * imprag_segment_bytes;
            float more = query->step[s] * (float)sum_rest(code, query->low + 64 * s, query->high + 64 * s) -
                         query->offset[s];
            whole = scale * more + whole;
        }
        places[found] = (uint32_t)place;
        estimates[found] = whole;
        firsts[found] = first;
        found += whole >= least;
    }
    return found;
}
