import Core
import Foundation

/// Floating-point numbers, as Python computes with them.
extension TemplateEvaluator {
    func floatArithmetic(
        _ symbol: TemplateOperator, _ left: ChatValue, _ right: ChatValue, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        guard let a = left.number, let b = right.number, !left.isBool, !right.isBool else {
            throw unfit(symbol, left, right, line)
        }
        let result: Double
        switch symbol {
        case .add: result = a + b
        case .subtract: result = a - b
        case .multiply: result = a * b
        default:
            guard b != 0 else { throw failure(line, "\(left.kind) cannot be divided by 0") }
            switch symbol {
            case .divide: result = a / b
            case .divideDown: result = (a / b).rounded(.down)
            case .remainder:
                let rest = a.truncatingRemainder(dividingBy: b)
                result = rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
            default: throw unfit(symbol, left, right, line)
            }
        }
        guard result.isFinite else { throw failure(line, "\(a) \(symbol.rawValue) \(b) is no finite number") }
        return .float(result)
    }

    /// `abs`, and `round`, which is a floating-point number whatever it rounds.
    func number(
        _ filter: TemplateFilter, _ value: ChatValue, _ arguments: TemplateValues, _ line: Int
    ) throws(ImpRAGError) -> ChatValue {
        if filter == .abs, case .integer(let number) = value {
            return .integer(number == .min ? .max : Swift.abs(number))
        }
        guard let number = value.number else { throw failure(line, "\(value.kind) is no number") }
        guard filter == .round else { return .float(Swift.abs(number)) }
        guard arguments[1, "method"] == nil, case .integer(let digits) = arguments[0, "precision"] ?? .integer(0),
            (0...15).contains(digits)
        else { throw failure(line, "round takes a number of digits") }
        let scale = pow(10, Double(digits))
        let rounded = (number * scale).rounded(.toNearestOrEven) / scale
        return .float(rounded.isFinite ? rounded : number)
    }
}

extension ChatValue {
    fileprivate var isBool: Bool { if case .bool = self { true } else { false } }
}
