public import Core
internal import Model

/// What of a model counts for a plan: its sizes, without its weights.
public struct PlanModel: Sendable {
    /// Numbers of a vector.
    public var dimension: Int
    public var compute: Compute
    /// Weights in memory: of a coordinator, layers 0…b, and of a generator, all layers.
    public var bottomWeights: ByteCount
    public var weights: ByteCount
    /// One batch's activations of a coordinator and of a generator.
    public var bottomActivations: ByteCount
    public var activations: ByteCount
    /// Multiplications for one token: in layers 0…b−1, in layers 0…t, and in all of them with the output layer.
    public var bottomProducts: Double
    public var readingProducts: Double
    public var products: Double
    /// Keys and values of layers b…t for one token of a passage, as they are stored.
    public var stateBytesPerToken: Int
    /// Keys and values of all layers for one token of an answer in progress.
    public var cacheBytesPerToken: Int
    public var topK: Int
    public var maxPassageTokens: Int
    public var maxPositions: Int
}

extension PlanModel {
    /// - Parameter compute: nil takes what fits the weights.
    /// - Throws: as loading the model does for settings and headers; no weight is read.
    public init(directory: String, compute: Compute?) throws(ImpRAGError) {
        let shape = try ModelConfiguration(directory: directory)
        let chosen = if let compute { compute } else { try Self.compute(directory, shape) }
        self.init(
            shape, chosen,
            bottomWeights: try LlamaModel.requiredBytes(directory: directory, layers: .bottom, compute: chosen),
            weights: try LlamaModel.requiredBytes(directory: directory, layers: .all, compute: chosen))
    }

    init(_ shape: ModelConfiguration, _ compute: Compute, bottomWeights: ByteCount, weights: ByteCount) {
        let queries = shape.queryHeadCount * shape.headSize
        let layer = Double(
            shape.hiddenSize * (2 * queries + 2 * shape.embeddingDimension + 3 * shape.intermediateSize))
        let number = compute == .f32 ? 4 : 2
        self.init(
            dimension: shape.embeddingDimension, compute: compute, bottomWeights: bottomWeights, weights: weights,
            bottomActivations: shape.activationBytes(),
            activations: shape.activationBytes(answers: Self.activeAnswers),
            bottomProducts: layer * Double(shape.bottomBoundary),
            readingProducts: layer * Double(shape.topBoundary + 1),
            products: layer * Double(shape.layerCount) + Double(shape.vocabularySize * shape.hiddenSize),
            stateBytesPerToken: 4 * shape.embeddingDimension * (shape.topBoundary - shape.bottomBoundary + 1),
            cacheBytesPerToken: 2 * shape.embeddingDimension * shape.layerCount * number,
            topK: shape.topK, maxPassageTokens: shape.maxPassageTokens, maxPositions: shape.maxPositions)
    }

    /// Active answers of a generator's default settings.
    static let activeAnswers = 16

    /// What a node would choose: float32 weights need more memory than bf16 ones.
    private static func compute(_ directory: String, _ shape: ModelConfiguration) throws(ImpRAGError) -> Compute {
        if shape.isQuantized { return .int8 }
        let chosen = try LlamaModel.requiredBytes(directory: directory, layers: .all)
        return try chosen > LlamaModel.requiredBytes(directory: directory, layers: .all, compute: .bf16) ? .f32 : .bf16
    }

    /// Multiplications and additions a second of one core.
    var operationsPerSecond: Double {
        let rate =
            switch compute {
            case .f32: PlanConstants.f32Rate
            case .bf16: PlanConstants.bf16Rate
            case .int8: PlanConstants.int8Rate
            }
        return rate.value * 1e9
    }
}
