import CKernels

extension KeyValueTokens {
    /// Puts one layer's stored keys and values into an empty sequence (`count` is 0) with room for `tokens` tokens
    /// reserved.
    ///
    /// - Parameters:
    ///   - bytes: as many as `form` takes for a layer.
    ///   - codebooks: those of the layer's keys and values, for codes.
    /// - Returns: false for numbers that are not finite; the sequence must then be discarded.
    public func place(
        _ bytes: Span<UInt8>, as form: StoredStateForm, tokens: Int, layer: Int,
        codebooks: (keys: StateCodebook, values: StateCodebook)? = nil
    ) -> Bool {
        precondition(
            count == 0 && byteCount >= layout.byteCount(tokens: tokens) && layout.layers.contains(layer)
                && bytes.count == form.layerBytes(tokens: tokens, layout),
            "\(bytes.count) bytes for layer \(layer) of \(tokens) tokens have no place")
        var place = unsafe imprag_state_place(
            number: layout.number.raw, heads: layout.keyHeadCount, depth: layout.headSize, count: tokens,
            blocks: pointers, offset: (layer - layout.layers.lowerBound) * layout.layerBytes)
        defer { withExtendedLifetime(self) {} }
        return unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let from = bytes.baseAddress else { return true }
            switch form {
            case .bf16: return unsafe imprag_place_bf16(&place, from)
            case .int8: return unsafe imprag_place_int8(&place, from)
            case .codes:
                guard let codebooks else { preconditionFailure("codes mean nothing without codebooks") }
                return unsafe codebooks.keys.withRaw { keys in
                    unsafe codebooks.values.withRaw { values in
                        unsafe imprag_place_codes(&place, from, keys, values)
                    }
                }
            }
        }
    }
}

extension StateCodebook {
    fileprivate func withRaw<Value>(_ body: (UnsafePointer<imprag_codebook>) -> Value) -> Value {
        unsafe centroids.withUnsafeBufferPointer { centroids in
            unsafe basisRows.withUnsafeBufferPointer { rows in
                unsafe basisPanel.withUnsafeBufferPointer { panel in
                    unsafe offsets.withUnsafeBufferPointer { offsets in
                        unsafe scales.withUnsafeBufferPointer { scales in
                            unsafe means.withUnsafeBufferPointer { means in
                                var raw = unsafe imprag_codebook(
                                    centroids: centroids.baseAddress, basis_rows: rows.baseAddress,
                                    basis_panel: panel.baseAddress, offsets: offsets.baseAddress,
                                    scales: scales.baseAddress, means: means.baseAddress)
                                return unsafe body(&raw)
                            }
                        }
                    }
                }
            }
        }
    }
}
