// A stored vector index is a header and blocks. Whoever stores them chooses the keys; what stands under them is written
// and read by this folder alone. Numbers are little-endian, fNN are floating-point numbers of NN bits, arrays stand one
// after the other without their lengths, which follow from what comes before.
//
//   header     what says which blocks count; replaced whole, in the same write as the blocks that it is true of
//              (VectorIndexHeader)
//     8 bytes    "IRINDEX3"
//     4 × 64     generation, indexed rows, trained rows, bytes in memory
//     3 × f64    trained error, recent error, target
//     8          source of the calibration's queries: 0 passages, 1 prompts, 2 questions, 3 searches
//     32, 8      number of those queries, number n of entries
//     n ×        f64 target, f64 measured, 32 probes, f32 margin
//
//   model      one for each generation (IndexModel)
//     8 bytes    "IRMODEL2"
//     5 × 32     dimension, width, lists, segments (of 64 bytes; 0 where a code is one of 32), head width
//     2 × f32    residual norm, tail variance
//     arrays     mean f32, projection bf16, heads bf16, tails bf16, spreads f32, residual variances f32, weights f32,
//                bits 8, steps f32, coordinates 16 (signed), factors f32, first errors f32, errors f32
//
//   chunk      up to 4096 coded vectors of one list, as they are in memory (Kernels/CodeChunk): n vectors, p = n rounded
//              up to 16, S segments, F bytes of the first of them
//     64 bytes   n (32), S (32; 0 where F is 32), zeros
//     p · F      first segments, in blocks of 16 vectors
//     n·(S−1)·64 the other segments, vector by vector
//     p × 32     rows
//     p × bf16   scales
//
//   queries    those of the last calibration, for the index that replaces this one; of no generation (SampleQueries)
//     8          source, as in the header
//     f32        the vectors, to the end
//
// A new training is a new generation: its blocks are written beside the old one's, then the header that names it, then
// the old ones are removed. Blocks of a generation that the header does not name are what an interrupted training left.

/// One block of a stored vector index.
public struct VectorIndexBlock: Sendable {
    /// What a block is. A generation's come in the order of lists and numbers.
    public enum Name: Hashable, Sendable {
        case queries
        /// Generations count from 1.
        case model(generation: Int)
        /// Chunk `number`, from 0, of list `list`, from 0.
        case chunk(generation: Int, list: Int, number: Int)
    }

    public var name: Name
    public var bytes: [UInt8]

    public init(_ name: Name, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}
