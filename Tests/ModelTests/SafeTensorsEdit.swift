import Foundation
import TestSupport
import Testing

/// Changes the tensors of a model directory's only file.
enum SafeTensorsEdit {
    typealias Tensors = [String: (dtype: String, shape: [Int], bytes: Data)]

    static func apply(to directory: TemporaryDirectory, _ change: (inout Tensors) -> Void) throws {
        let path = URL(filePath: directory.file("model.safetensors"))
        let whole = try Data(contentsOf: path)
        let length = whole.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try #require(
            JSONSerialization.jsonObject(with: whole.dropFirst(8).prefix(length)) as? [String: [String: Any]])
        var tensors: Tensors = [:]
        for (name, entry) in header {
            let offsets = try #require(entry["data_offsets"] as? [Int])
            tensors[name] = (
                try #require(entry["dtype"] as? String), try #require(entry["shape"] as? [Int]),
                Data(whole[8 + length + offsets[0]..<8 + length + offsets[1]])
            )
        }
        change(&tensors)
        var (places, data) = ([String: Any](), Data())
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            places[name] = [
                "dtype": tensor.dtype, "shape": tensor.shape,
                "data_offsets": [data.count, data.count + tensor.bytes.count],
            ]
            data += tensor.bytes
        }
        try safeTensors(JSONSerialization.data(withJSONObject: places), data).write(to: path)
    }
}
