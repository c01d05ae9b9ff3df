import CWire
import Core

extension EmbeddingRole: WireEnumeration {
    var stored: Imprag__EmbedRole {
        switch self {
        case .query: IMPRAG__EMBED_ROLE__QUERY
        case .passage: IMPRAG__EMBED_ROLE__PASSAGE
        }
    }
}
