import Core
import Testing

@Suite struct ByteReaderTests {
    @Test("numbers and texts come back as they were written, and stand in the order of their bytes")
    func roundTrip() {
        var writer = ByteWriter(capacity: 8)
        writer.append(UInt8(1))
        writer.append(UInt16(0x0302))
        writer.append(UInt32(0x0706_0504))
        writer.append(UInt64(0x0F0E_0D0C_0B0A_0908))
        #expect(writer.bytes == Array(1...15))
        writer.append("é".utf8)
        writer.append(Float(-1.5))
        writer.append(Double.pi)
        writer.append([UInt16.max, 1])
        writer.append([BFloat16(2), BFloat16(-3)])
        writer.append([Float.infinity, -0.0])
        writer.append(bigEndian: UInt16(0x0102))
        writer.append(bigEndian: UInt32(0x0102_0304))
        writer.append(bigEndian: UInt64(0x0102_0304_0506_0708))
        writer.append(UInt64(7))
        var reader = ByteReader(writer.bytes)
        #expect(reader.uint8() == 1 && reader.uint16() == 0x0302 && reader.uint32() == 0x0706_0504)
        #expect(reader.uint64() == 0x0F0E_0D0C_0B0A_0908 && reader.text(2) == "é")
        #expect(reader.float() == -1.5 && reader.double() == .pi && reader.uint16s(2) == [.max, 1])
        #expect(reader.bfloat16s(2) == [BFloat16(2), BFloat16(-3)])
        #expect(reader.floats(2)?.map(\.bitPattern) == [Float.infinity, -0.0].map(\.bitPattern))
        #expect(reader.bytes(2) == [1, 2] && reader.bigEndian32() == 0x0102_0304)
        #expect(reader.bigEndian64() == 0x0102_0304_0506_0708 && reader.left == 8 && reader.count() == 7)
        #expect(reader.isAtEnd && reader.rest() == [])
    }

    @Test("varints come back, below 2^35, at every length")
    func varints() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, 1 << 21 - 1, 1 << 21, 1 << 28 - 1, 1 << 28, 1 << 35 - 1]
        var writer = ByteWriter()
        for number in numbers { writer.append(varint: number) }
        var reader = ByteReader(writer.bytes)
        for number in numbers { #expect(reader.varint() == number) }
        #expect(reader.isAtEnd && reader.varint() == nil)
        for bytes: [UInt8] in [[0x80], [0xFF, 0xFF], [0x80, 0x80, 0x80, 0x80, 0x80, 0x01]] {
            var hostile = ByteReader(bytes)
            #expect(hostile.varint() == nil && hostile.left == bytes.count)
        }
    }

    @Test("a read that finds too few bytes is nil and takes none, whatever was asked for")
    func shortReads() {
        for count in 0..<8 {
            var reader = ByteReader([UInt8](repeating: 0xFF, count: count))
            #expect(reader.uint64() == nil && reader.count() == nil && reader.double() == nil)
            if count < 4 { #expect(reader.uint32() == nil && reader.float() == nil && reader.bigEndian32() == nil) }
            for asked in [count + 1, .max, .max / 2, -1, .min] {
                #expect(reader.bytes(asked) == nil && reader.text(asked) == nil && reader.floats(asked) == nil)
                #expect(reader.uint16s(asked) == nil && reader.bfloat16s(asked) == nil)
            }
            #expect(reader.left == count)
        }
        var large = ByteReader([UInt8](repeating: 0xFF, count: 8))
        #expect(large.count() == nil && large.left == 8, "no Int is so large")
        var text = ByteReader([0x61, 0xC3])
        #expect(text.text(2) == nil && text.left == 2 && text.text(1) == "a")
        for start in [-1, 3, .max, .min] { #expect(ByteReader([1, 2], from: start).left == (start < 0 ? 2 : 0)) }
    }
}
