import Core
import Foundation
import Kernels
import TestSupport
import Testing

@testable import Model

/// Every family computes what `transformers` computes, and keeps the identities of DESIGN, section 2.
@Suite struct FamilyTests {
    private static let arithmetics: [Compute] = [.f32, .bf16]

    private func worst(_ computed: [Float], _ expected: [Double]) -> Double {
        guard computed.count == expected.count else { return .infinity }
        // Not `max`, which forgets what is no number.
        return zip(computed, expected).reduce(0) {
            let error = abs(Double($1.0) - $1.1)
            return error <= $0 ? $0 : error
        }
    }

    @Test(
        "1: without retrieval, logits are those of transformers, read at once or token by token",
        arguments: Family.names)
    func plainDecoder(name: String) throws {
        let (family, model) = (try Family.expected(name), try Family.load(Family.directory(name)))
        let session = try model.continueFrom(
            model.promptStates([(Array(family.tokens.prefix(3)), 0)])[0],
            passages: model.readPassages([], encoding: .independent))
        for place in 2..<family.tokens.count {
            #expect(worst(session.logits, family.logits[place]) < 2e-4, "token \(place)")
            let whole = try model.continueFrom(
                model.promptStates([(Array(family.tokens.prefix(place + 1)), 0)])[0],
                passages: model.readPassages([], encoding: .independent))
            #expect(whole.logits == session.logits)
            if place + 1 < family.tokens.count { try session.append(family.tokens[place + 1]) }
        }
    }

    @Test("embeddings are made of what enters RoPE in transformers, whatever is loaded", arguments: Family.names)
    func embeddings(name: String) throws {
        let family = try Family.expected(name)
        for layers in [LlamaModel.Layers.all, .bottom] {
            let model = try Family.load(Family.directory(name), layers: layers)
            for item in family.embeddings {
                let tokens = Array(family.tokens.prefix(item.length))
                #expect(worst(try model.embedQueries([tokens]), item.query) < 1e-4)
                #expect(worst(try model.embedPassages([tokens]), item.passage) < 1e-4)
                #expect(worst(try model.promptStates([(tokens, 0)])[0].queryEmbedding, item.query) < 1e-4)
            }
        }
    }

    @Test("2: one passage reads the same in every encoding, bit for bit", arguments: Family.names, arithmetics)
    func onePassage(name: String, compute: Compute) throws {
        let (family, model) = (try Family.expected(name), try Family.load(Family.directory(name), compute))
        let state = try model.promptStates([(Array(family.tokens.prefix(5)), 2)])[0]
        let logits = try PassageEncoding.allCases.map { encoding in
            let passages = try model.readPassages([Array(family.tokens.dropFirst(10).prefix(8))], encoding: encoding)
            return try model.continueFrom(state, passages: passages).logits
        }
        #expect(logits[0] == logits[1] && logits[0] == logits[2])
    }

    @Test("3: passages that fill their room, read in all layers, are transformers' text", arguments: Family.names)
    func fullRange(name: String) throws {
        let family = try Family.expected(name)
        let copy = try Family.copy(name, imprag: ["bottom_boundary": 0, "top_boundary": 3])
        let model = try Family.load(copy.path)
        // With a window, what was retrieved is seen whole all the same; the text is not.
        let isWhole = model.configuration.architecture.windows.allSatisfy { $0 == nil }
        let passages = [Array(family.tokens[..<8]), Array(family.tokens[8..<16])]
        let session = try model.continueFrom(
            model.promptStates([(Array(family.tokens[16..<20]), 2)])[0],
            passages: model.readPassages(passages, encoding: .concatenated))
        for place in 19..<family.tokens.count {
            #expect((worst(session.logits, family.logits[place]) < 2e-4) == isWhole, "token \(place)")
            if place + 1 < family.tokens.count { try session.append(family.tokens[place + 1]) }
        }
    }

    @Test("4: split at layer b or in one process, the logits are bit-identical", arguments: Family.names, arithmetics)
    func handingOver(name: String, compute: Compute) throws {
        let family = try Family.expected(name)
        let whole = try Family.load(Family.directory(name), compute)
        let bottom = try Family.load(Family.directory(name), compute, layers: .bottom, threads: 1)
        let (prompt, passages) = (Array(family.tokens.prefix(11)), [Array(family.tokens.suffix(8)), [0, 4, 6]])
        let (own, sent) = (try whole.promptStates([(prompt, 2)])[0], try bottom.promptStates([(prompt, 2)])[0])
        #expect(own.queryEmbedding == sent.queryEmbedding)
        let here = try whole.continueFrom(own, passages: whole.readPassages(passages, encoding: .segmented))
        let there = try whole.continueFrom(sent, passages: whole.readPassages(passages, encoding: .segmented))
        for token: Int32 in [4, 8, 15] {
            #expect(here.logits == there.logits)
            try here.append(token)
            try there.append(token)
        }
    }

    @Test("5: whatever else is in the batch, the bits are the same", arguments: Family.names, arithmetics)
    func batches(name: String, compute: Compute) throws {
        let (family, model) = (try Family.expected(name), try Family.load(Family.directory(name), compute))
        let prompts = [1, 2, 9, 24].map { Array(family.tokens.prefix($0)) }
        let states = try model.promptStates(prompts.map { ($0, 1) })
        let passages = try model.embedPassages(prompts)
        let width = model.configuration.embeddingDimension
        let sessions = try states.map {
            try model.continueFrom(
                $0, passages: model.readPassages([prompts[2].suffix(8)].map(Array.init), encoding: .independent))
        }
        try model.append(sessions.map { ($0, 7) })
        for (index, prompt) in prompts.enumerated() {
            let alone = try model.promptStates([(prompt, 1)])[0]
            #expect(alone.hidden == states[index].hidden && alone.keys == states[index].keys)
            #expect(try model.embedPassages([prompt]) == Array(passages[index * width..<(index + 1) * width]))
            let session = try model.continueFrom(
                alone, passages: model.readPassages([prompts[2].suffix(8)].map(Array.init), encoding: .independent))
            try session.append(7)
            #expect(session.logits == sessions[index].logits)
        }
    }

    @Test("int8 models of every family compute nearly what the original does", arguments: Family.names)
    func quantized(name: String) throws {
        let family = try Family.expected(name)
        let result = try TemporaryDirectory()
        try ModelQuantizer(directory: Family.directory(name)).write(to: result.path) { _ in }
        let model = try Family.load(result.path, nil)
        #expect(model.compute == .int8)
        let session = try model.continueFrom(
            model.promptStates([(family.tokens, 0)])[0], passages: model.readPassages([], encoding: .independent))
        let error = worst(session.logits, family.logits[family.tokens.count - 1])
        let largest = family.logits[family.tokens.count - 1].map(abs).max() ?? 0
        #expect(error < 0.15 * largest, "\(error) of \(largest)")
        for item in family.embeddings {
            let tokens = Array(family.tokens.prefix(item.length))
            let scale = item.query.map(abs).max() ?? 0
            #expect(worst(try model.embedQueries([tokens]), item.query) < 0.1 * scale)
        }
    }

    @Test("what a model will need is known before it is loaded", arguments: Family.names)
    func requiredBytes(name: String) throws {
        let int8 = try TemporaryDirectory()
        try ModelQuantizer(directory: Family.directory(name)).write(to: int8.path) { _ in }
        for (directory, compute) in [
            (Family.directory(name), Compute.f32), (Family.directory(name), .bf16), (int8.path, .int8),
        ] {
            for layers in [LlamaModel.Layers.bottom, .all] {
                let expected = try LlamaModel.requiredBytes(directory: directory, layers: layers, compute: compute)
                #expect(try Family.load(directory, compute, layers: layers).weightBytes == expected)
            }
        }
    }

    @Test("a window that no sequence fills changes nothing; a narrow one does")
    func windows() throws {
        func logits(_ window: Any) throws -> [Float] {
            let copy = try Family.copy("mistral", ["sliding_window": window])
            let model = try Family.load(copy.path)
            let tokens = try Family.expected("mistral").tokens
            return try model.continueFrom(
                model.promptStates([(tokens, 0)])[0], passages: model.readPassages([], encoding: .independent)
            ).logits
        }
        let whole = try logits(NSNull())
        #expect(try logits(24) == whole)
        #expect(try logits(23) != whole)
        #expect(try logits(5) != whole)
    }

    @Test("a tensor of a bias or a head's norm that is missing is named, and one too many is refused")
    func missingParts() throws {
        func message(_ name: String, _ changes: [String: Any]) throws -> String {
            let copy = try Family.copy(name, changes)
            return #expect(throws: ImpRAGError.self) { try Family.load(copy.path) }?.message ?? ""
        }
        #expect(try message("llama", ["attention_bias": true]).contains("self_attn.q_proj.bias is missing"))
        #expect(try message("llama-biases", ["mlp_bias": false]).contains("mlp.down_proj.bias has no place"))
        let qwen3 = try message("llama", ["model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"]])
        #expect(qwen3.contains("self_attn.q_norm.weight is missing"))
        let llama = try message("qwen2", ["model_type": "llama", "architectures": ["LlamaForCausalLM"]])
        #expect(llama.contains("self_attn.k_proj.bias has no place") && llama.contains("attention_bias"))
    }
}
