/*
 * The kernel's entry, the same at every vector level; the including file defines scan_segments, which is inlined once for
 * each length of the first segment.
 */
static size_t scan(const struct imprag_codes *codes, const struct imprag_code_query *query, const uint16_t *allowed,
                   const struct imprag_codes *ahead, float base, float least, float first_least, uint32_t *places,
                   float *estimates, float *firsts) {
    if (codes->segment_bytes == imprag_short_segment_bytes)
        return scan_segments(imprag_short_segment_bytes, codes, query, allowed, ahead, base, least, first_least, places,
                             estimates, firsts);
    return scan_segments(imprag_segment_bytes, codes, query, allowed, ahead, base, least, first_least, places, estimates,
                         firsts);
}
